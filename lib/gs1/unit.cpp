// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>

#include "gs1/vocabulary.hpp"

namespace gs1 {

namespace {

/// Packages that Recommendation 20 once had without their X and that partners still write.
constexpr std::string_view old_packages = " BG BX CA CS CT PK PX ";

/// The common codes of UN/ECE Recommendation 20 that are a letter and digits: alone, or the first and the last of a
/// run.
constexpr std::string_view numbered =
    " "
    "A2-A9 A10-A24 A26-A45 A47-A49 A53-A56 A59 A68-A71 A73-A76 A84-A91 A93-A99 B1 B3-B4 B7-B8 B10-B35 B41-B50 "
    "B52-B64 B66-B99 C0 C3 C7-C9 C10-C76 C78-C97 C99 D1-D2 D5-D6 D03-D04 D10-D13 D15-D27 D29-D34 D36 D41-D63 D65 "
    "D68-D69 D73-D74 D77-D78 D80-D83 D85-D89 D91 D93-D95 E4 E01 E07-E10 E12 E14-E23 E25 E27-E28 E30-E99 F01-F08 "
    "F10-F99 G2-G3 G01 G04-G06 G08-G21 G23-G99 H03-H16 H18-H77 H79-H85 H87-H96 H98-H99 J2 J10 J12-J36 J38-J76 "
    "J78-J79 J81-J85 J87 J90-J93 J95-J99 K1-K3 K6 K10-K23 K26-K28 K30-K43 K45-K55 K58-K71 K73-K99 L2 L10-L21 "
    "L23-L60 L63-L96 L98-L99 M1 M4-M5 M7 M9 M10-M27 M29-M53 M55-M99 N1 N3 N10-N99 P1-P2 P5 P10-P99 Q3 Q10-Q42 R1 "
    "R9 S3-S4 T0 T3 U1-U2 W2 X1 Z9 Z11 ";

/// Its other codes, and four that earlier revisions had (76, 78, 84, GT).
constexpr std::string_view codes =
    " "
    "10 11 13 14 15 1I 20 21 22 23 24 25 27 28 2A 2B 2C 2G 2H 2I 2J 2K 2L 2M 2N 2P 2Q 2R 2U 2X 2Y 2Z 33 34 35 37 "
    "38 3B 3C 40 41 4C 4G 4H 4K 4L 4M 4N 4O 4P 4Q 4R 4T 4U 4W 4X 56 57 58 59 5A 5B 5E 5J 60 61 74 76 77 78 80 81 "
    "84 85 87 89 91 AA AB ACR ACT AD AE AH AI AK AL AMH AMP ANN APZ AQ AS ASM ASU ATM AWG AY AZ BAR BB BFT BHP "
    "BIL BLD BLL BP BPM BQL BTU BUA BUI CCT CDL CEL CEN CG CGM CKG CLF CLT CMK CMQ CMT CNP CNT COU CTG CTM CTN "
    "CUR CWA CWI DAA DAD DAY DB DBM DBW DD DEC DG DJ DLT DMA DMK DMO DMQ DMT DN DPC DPR DPT DRA DRI DRL DT DTN "
    "DWT DZN DZP EA EB EQ FAH FAR FBM FC FF FH FIT FL FNU FOT FP FR FS FTK FTQ GB GBQ GDW GE GF GFI GGR GIA GIC "
    "GII GIP GJ GL GLD GLI GLL GM GO GP GQ GRM GRN GRO GT GV GWH HA HAD HBA HBX HC HDW HEA HGM HH HIU HKM HLT HM "
    "HMO HMQ HMT HPA HTZ HUR HWE IA IE INH INK INQ ISD IU IUG IV JE JK JM JNT JOU JPS JWL KA KAT KB KBA KCC KDW "
    "KEL KGM KGS KHY KHZ KI KIC KIP KJ KJO KL KLK KLX KMA KMH KMK KMQ KMT KNI KNM KNS KNT KO KPA KPH KPO KPP KR "
    "KSD KSH KT KTN KUR KVA KVR KVT KW KWH KWN KWO KWS KWT KWY KX LA LAC LBR LBT LD LEF LF LH LK LM LN LO LP LPA "
    "LR LS LTN LTR LUB LUM LUX LY MAH MAL MAM MAR MAW MBE MBF MBR MC MCU MD MGM MHZ MIK MIL MIN MIO MIU MKD MKM "
    "MKW MLD MLT MMK MMQ MMT MND MNJ MON MPA MQD MQH MQM MQS MQW MRD MRM MRW MSK MTK MTQ MTR MTS MTZ MVA MWH NA "
    "NAR NCL NEW NF NIL NIU NL NM3 NMI NMP NPT NT NTU NU NX OA ODE ODG ODK ODM OHM ON ONZ OPM OT OZA OZI PAL PD "
    "PFL PGL PI PLA PO PQ PR PS PTD PTI PTL PTN QA QAN QB QR QTD QTI QTL QTR RH RM ROM RP RPM RPS RT SAN SCO SCR "
    "SEC SET SG SIE SM3 SMI SQ SQR SR STC STI STK STL STN STW SW SX SYR TAH TAN TI TIC TIP TKM TMS TNE TP TPI TPR "
    "TQD TRL TST TTS UB UC VA VLT VP WA WB WCD WE WEB WEE WG WHR WM WSD WTT YDK YDQ YRD ZP ZZ ";

/// The packages of Recommendation 21, which stand behind an X.
constexpr std::string_view packages =
    " "
    "1A 1B 1D 1F 1G 1W 2C 3A 3H 43 44 4A 4B 4C 4D 4F 4G 4H 5H 5L 5M 6H 6P 7A 7B 8A 8B 8C AA AB AC AD AE AF AG AH "
    "AI AJ AL AM AP AT AV B4 BA BB BC BD BE BF BG BH BI BJ BK BL BM BN BO BP BQ BR BS BT BU BV BW BX BY BZ CA CB "
    "CC CD CE CF CG CH CI CJ CK CL CM CN CO CP CQ CR CS CT CU CV CW CX CY CZ DA DB DC DG DH DI DJ DK DL DM DN DP "
    "DR DS DT DU DV DW DX DY EC ED EE EF EG EH EI EN FB FC FD FE FI FL FO FP FR FT FW FX GB GI GL GR GU GY GZ HA "
    "HB HC HG HN HR IA IB IC ID IE IF IG IH IK IL IN IZ JB JC JG JR JT JY KG KI LE LG LT LU LV LZ MA MB MC ME MR "
    "MS MT MW MX NA NE NF NG NS NT NU NV O1 O2 O3 O4 O5 O6 O7 O8 O9 OA OB OC OD OE OF OG OH OI OJ OK OL OM ON OP "
    "OQ OR OS OT OU OV OW OX OY OZ P1 P2 P3 P4 PA PB PC PD PE PF PG PH PI PJ PK PL PN PO PP PR PT PU PV PX PY PZ "
    "QA QB QC QD QF QG QH QJ QK QL QM QN QP QQ QR QS RD RG RJ RK RL RO RT RZ SA SB SC SD SE SH SI SK SL SM SO SP "
    "SS ST SU SV SW SX SY SZ T1 TB TC TD TE TG TI TK TL TN TO TR TS TT TU TV TW TY TZ UC UN VA VG VI VK VL VN VO "
    "VP VQ VR VS VY WA WB WC WD WF WG WH WJ WK WL WM WN WP WQ WR WS WT WU WV WW WX WY WZ XA XB XC XD XF XG XH XJ "
    "XK YA YB YC YD YF YG YH YJ YK YL YM YN YP YQ YR YS YT YV YW YX YY YZ ZA ZB ZC ZD ZF ZG ZH ZJ ZK ZL ZM ZN ZP "
    "ZQ ZR ZS ZT ZU ZV ZW ZX ZY ZZ ";

bool has_code(std::string_view list, std::string_view code) {
  return list.find(" " + std::string(code) + " ") != list.npos;
}

bool is_numbered(std::string_view code) {
  if (code.substr(1).find_first_not_of("0123456789") != code.npos) return false;
  for (auto rest = numbered.substr(1); !rest.empty(); rest.remove_prefix(rest.find(' ') + 1)) {
    auto const entry = rest.substr(0, rest.find(' '));
    auto const first = entry.substr(0, entry.find('-'));
    auto const last = entry.substr(entry.size() - first.size());
    if (first.size() == code.size() && first <= code && code <= last) return true;
  }
  return false;
}

/// Units of one kind of quantity, and the measurement types that are told in it. Temperature has no others; what is not
/// here is not judged: Recommendation 20 does not say which unit goes with which type of GS1's vocabulary.
struct Kind {
  std::string_view units;
  std::string_view types;
};
constexpr Kind kinds[] = {
    {" A48 CEL FAH KEL ", " Temperature "},
    {" CGM DTN GRM KGM KTN LBR LTN MC MGM ONZ STN TNE ", " Mass "},
    {" 4H CMT DMT FOT HMT INH KMT MMT MTR NMI SMI YRD ", " Altitude Length "},
    {" DAY HUR MIN SEC WEE ", " Time "},
    {" CMQ DMQ GLI GLL HLT LTR MLT MTQ ", " Volume "},
    {" KMH KNT ", " Speed "},
};

}  // namespace

bool is_unit(std::string_view code) {
  if (code.size() < 2 || code.size() > 3 || code.find(' ') != code.npos) return false;
  if (code.size() == 3 && code[0] == 'X' && has_code(packages, code.substr(1))) return true;
  return has_code(codes, code) || is_numbered(code) || has_code(old_packages, code);
}

bool fits_measurement(std::string_view unit, std::string_view type) {
  if (type.empty()) return true;
  for (auto const& kind : kinds) {
    bool const of_kind = has_code(kind.types, type);
    if (has_code(kind.units, unit)) return of_kind || type.find(':') != type.npos;
    if (of_kind && type == "Temperature") return false;
  }
  return true;
}

}  // namespace gs1
