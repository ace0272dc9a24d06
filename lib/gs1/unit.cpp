// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "gs1/vocabulary.hpp"

namespace gs1 {

namespace {

/// Packages that Recommendation 20 once had without their X and that partners still write.
constexpr std::string_view old_packages = " BG BX CA CS CT PK PX ";

/// Common codes of UN/ECE Recommendation 20, revision 17, that are not a letter and digits; each between two blanks.
constexpr std::string_view codes =
    " 10 11 13 14 15 1I 20 21 22 23 24 25 27 28 2A 2B 2C 2G 2H 2I 2J 2K 2L 2M 2N 2P 2Q 2R 2U 2X 2Y 2Z 33 34 35 37 38 3B"
    " 3C 40 41 4C 4G 4H 4K 4L 4M 4N 4O 4P 4Q 4R 4T 4U 4W 4X 56 57 58 59 5A 5B 5E 5J 60 61 74 76 77 78 80 81 84 85 87 89"
    " 91 ACR ACT AD AE AH AI AK AL AMH AMP ANN APZ AQ AS ASM ASU ATM AWG AY AZ BAR BB BFT BHP BIL BLD BLL BP BPM BQL "
    "BTU"
    " BUA BUI CCT CDL CEL CEN CG CGM CKG CLF CLT CMK CMQ CMT CNP CNT COU CTG CTM CTN CUR CWA CWI DAA DAD DAY DB DBM DBW"
    " DD DEC DG DJ DLT DMA DMK DMO DMQ DMT DN DPC DPR DPT DRA DRI DRL DT DTN DWT DZN DZP EA EB EQ FAH FAR FBM FC FF FH"
    " FIT FL FNU FOT FP FR FS FTK FTQ GB GBQ GDW GE GF GFI GGR GIA GIC GII GIP GJ GL GLD GLI GLL GM GO GP GQ GRM GRN "
    "GRO"
    " GT GV GWH HA HAD HBA HBX HC HDW HEA HGM HH HIU HKM HLT HM HMO HMQ HMT HPA HTZ HUR HWE IA IE INH INK INQ ISD IU "
    "IUG"
    " IV JE JK JM JNT JOU JPS JWL KA KAT KB KBA KCC KDW KEL KGM KGS KHY KHZ KI KIC KIP KJ KJO KL KLK KLX KMA KMH KMK "
    "KMQ"
    " KMT KNI KNM KNS KNT KO KPA KPH KPO KPP KR KSD KSH KT KTN KUR KVA KVR KVT KW KWH KWN KWO KWS KWT KWY KX LA LAC LBR"
    " LBT LD LEF LF LH LK LM LN LO LP LPA LR LS LTN LTR LUB LUM LUX LY MAH MAL MAM MAR MAW MBE MBF MBR MC MCU MD MGM "
    "MHZ"
    " MIK MIL MIN MIO MIU MKD MKM MKW MLD MLT MMK MMQ MMT MND MNJ MON MPA MQD MQH MQM MQS MQW MRD MRM MRW MSK MTK MTQ "
    "MTR"
    " MTS MTZ MVA MWH NA NAR NCL NEW NF NIL NIU NL NM3 NMI NMP NPT NT NTU NU NX OA ODE ODG ODK ODM OHM ON ONZ OPM OT "
    "OZA"
    " OZI PAL PD PFL PGL PI PLA PO PQ PR PS PTD PTI PTL PTN QA QAN QB QR QTD QTI QTL QTR RH RM ROM RP RPM RPS RT SAN "
    "SCO"
    " SCR SEC SET SG SIE SM3 SMI SQ SQR SR STC STI STK STL STN STW SW SX SYR TAH TAN TI TIC TIP TKM TMS TNE TP TPI TPR"
    " TQD TRL TST TTS UB UC VA VLT VP WA WB WCD WE WEB WEE WG WHR WM WSD WTT YDK YDQ YRD ZP ZZ ";

}  // namespace

bool is_unit(std::string_view code) {
  if (code.size() < 2 || code.size() > 3) return false;
  auto const digit = [](char c) { return c >= '0' && c <= '9'; };
  auto const capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (!std::ranges::all_of(code, [&](char c) { return digit(c) || capital(c); })) return false;
  if (capital(code[0]) && std::ranges::all_of(code.substr(1), digit)) return true;
  if (code[0] == 'X' && code.size() == 3) return true;
  auto const between = " " + std::string(code) + " ";
  return codes.find(between) != codes.npos || old_packages.find(between) != old_packages.npos;
}

}  // namespace gs1
