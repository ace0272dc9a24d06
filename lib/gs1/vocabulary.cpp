// SPDX-License-Identifier: Apache-2.0
#include "gs1/vocabulary.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "gs1/digital_link.hpp"

namespace gs1 {

namespace {

using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view biz_steps[] = {"accepting",
                                          "arriving",
                                          "assembling",
                                          "collecting",
                                          "commissioning",
                                          "consigning",
                                          "creating_class_instance",
                                          "cycle_counting",
                                          "decommissioning",
                                          "departing",
                                          "destroying",
                                          "disassembling",
                                          "dispensing",
                                          "encoding",
                                          "entering_exiting",
                                          "holding",
                                          "inspecting",
                                          "installing",
                                          "killing",
                                          "loading",
                                          "other",
                                          "packing",
                                          "picking",
                                          "receiving",
                                          "removing",
                                          "repackaging",
                                          "repairing",
                                          "replacing",
                                          "reserving",
                                          "retail_selling",
                                          "sampling",
                                          "sensor_reporting",
                                          "shipping",
                                          "staging_outbound",
                                          "stock_taking",
                                          "stocking",
                                          "storing",
                                          "transporting",
                                          "unloading",
                                          "unpacking",
                                          "void_shipping"};
constexpr std::string_view dispositions[] = {"active",
                                             "available",
                                             "completeness_verified",
                                             "completeness_inferred",
                                             "conformant",
                                             "container_closed",
                                             "container_open",
                                             "damaged",
                                             "destroyed",
                                             "dispensed",
                                             "disposed",
                                             "encoded",
                                             "expired",
                                             "in_progress",
                                             "in_transit",
                                             "inactive",
                                             "mismatch_instance",
                                             "mismatch_class",
                                             "mismatch_quantity",
                                             "needs_replacement",
                                             "no_pedigree_match",
                                             "non_conformant",
                                             "non_sellable_other",
                                             "partially_dispensed",
                                             "recalled",
                                             "reserved",
                                             "retail_sold",
                                             "returned",
                                             "sellable_accessible",
                                             "sellable_not_accessible",
                                             "stolen",
                                             "unavailable",
                                             "unknown"};
constexpr std::string_view transactions[] = {"bol",       "cert",   "desadv", "inv",     "pedigree", "po",   "poc",
                                             "prodorder", "recadv", "rma",    "testprd", "testres",  "upevt"};
constexpr std::string_view endpoints[] = {"owning_party", "possessing_party", "location"};
constexpr std::string_view reasons[] = {"did_not_occur", "incorrect_data"};
constexpr std::string_view measurements[] = {"AbsoluteHumidity",
                                             "AbsorbedDose",
                                             "AbsorbedDoseRate",
                                             "Acceleration",
                                             "Radioactivity",
                                             "Altitude",
                                             "AmountOfSubstance",
                                             "AmountOfSubstancePerUnitVolume",
                                             "Angle",
                                             "AngularAcceleration",
                                             "AngularMomentum",
                                             "AngularVelocity",
                                             "Area",
                                             "Capacitance",
                                             "Conductance",
                                             "Conductivity",
                                             "Count",
                                             "Density",
                                             "Dimensionless",
                                             "DoseEquivalent",
                                             "DoseEquivalentRate",
                                             "DynamicViscosity",
                                             "ElectricCharge",
                                             "ElectricCurrent",
                                             "ElectricCurrentDensity",
                                             "ElectricFieldStrength",
                                             "Energy",
                                             "Exposure",
                                             "Force",
                                             "Frequency",
                                             "Illuminance",
                                             "Inductance",
                                             "Irradiance",
                                             "KinematicViscosity",
                                             "Length",
                                             "LinearMomentum",
                                             "Luminance",
                                             "LuminousFlux",
                                             "LuminousIntensity",
                                             "MagneticFlux",
                                             "MagneticFluxDensity",
                                             "MagneticVectorPotential",
                                             "Mass",
                                             "MassConcentration",
                                             "MassFlowRate",
                                             "MassPerAreaTime",
                                             "MemoryCapacity",
                                             "MolalityOfSolute",
                                             "MolarEnergy",
                                             "MolarMass",
                                             "MolarVolume",
                                             "Power",
                                             "Pressure",
                                             "RadiantFlux",
                                             "RadiantIntensity",
                                             "RelativeHumidity",
                                             "Resistance",
                                             "Resistivity",
                                             "SolidAngle",
                                             "SpecificVolume",
                                             "Speed",
                                             "SurfaceDensity",
                                             "SurfaceTension",
                                             "Temperature",
                                             "Time",
                                             "Torque",
                                             "Voltage",
                                             "Volume",
                                             "VolumeFlowRate",
                                             "VolumeFraction",
                                             "VolumetricFlux",
                                             "Wavenumber"};
constexpr std::string_view alerts[] = {"ALARM_CONDITION", "ERROR_CONDITION"};
constexpr std::string_view components[] = {"x",
                                           "y",
                                           "z",
                                           "axial_distance",
                                           "azimuth",
                                           "height",
                                           "spherical_radius",
                                           "polar_angle",
                                           "elevation_angle",
                                           "easting",
                                           "northing",
                                           "latitude",
                                           "longitude",
                                           "altitude"};
/// Our own words (events.md), where CBV has none.
constexpr std::string_view our_biz_steps[] = {"customs_export", "customs_import", "customs_hold", "customs_release"};
constexpr std::string_view our_transactions[] = {"mrn"};

struct Family {
  std::span<std::string_view const> words;
  std::span<std::string_view const> ours;
  /// In front of a word: in its Web URI, and in its URN ("" when it has none).
  std::string_view web;
  std::string_view urn;
};

constexpr std::string_view cbv_web = "https://ref.gs1.org/cbv/";
constexpr std::string_view gs1_web = "https://gs1.org/voc/";
constexpr std::string_view cbv_urn = "urn:epcglobal:cbv:";

Family family_of(Vocabulary vocabulary) {
  switch (vocabulary) {
    case Vocabulary::biz_step:
      return {biz_steps, our_biz_steps, "BizStep-", "bizstep:"};
    case Vocabulary::disposition:
      return {dispositions, {}, "Disp-", "disp:"};
    case Vocabulary::biz_transaction:
      return {transactions, our_transactions, "BTT-", "btt:"};
    case Vocabulary::source_destination:
      return {endpoints, {}, "SDT-", "sdt:"};
    case Vocabulary::error_reason:
      return {reasons, {}, "ER-", "er:"};
    case Vocabulary::component:
      return {components, {}, "Comp-", "comp:"};
    case Vocabulary::measurement:
      return {measurements, {}, "", ""};
    case Vocabulary::sensor_alert:
      return {alerts, {}, "", ""};
  }
  CHECK(false);
  return {};
}

bool has(std::span<std::string_view const> words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

bool take(std::string_view& text, std::string_view front) {
  if (!text.starts_with(front)) return false;
  text.remove_prefix(front.size());
  return true;
}

/// The bare word of a URI of CBV or the GS1 Web Vocabulary, "?" for one of another vocabulary; nothing for any other
/// URI.
std::optional<std::string_view> word_of(Family const& family, std::string_view uri) {
  for (std::string_view const web :
       {cbv_web, std::string_view("http://ref.gs1.org/cbv/"), std::string_view("https://ns.gs1.org/cbv/"),
        std::string_view("http://ns.gs1.org/cbv/")}) {
    if (take(uri, web)) return !family.web.empty() && take(uri, family.web) ? uri : "?";
  }
  for (std::string_view const web :
       {gs1_web, std::string_view("http://gs1.org/voc/"), std::string_view("https://www.gs1.org/voc/"),
        std::string_view("http://www.gs1.org/voc/")}) {
    if (take(uri, web)) return family.web.empty() ? uri : "?";
  }
  if (take(uri, cbv_urn)) return !family.urn.empty() && take(uri, family.urn) ? uri : "?";
  return std::nullopt;
}

}  // namespace

Result<std::string> read_word(Vocabulary vocabulary, std::string_view text, Context const& context,
                              std::string_view field) {
  auto const fail = [&](Code code, std::string detail) { return Error{code, std::string(field), std::move(detail)}; };
  auto const family = family_of(vocabulary);
  auto const colon = text.find(':');
  if (colon == text.npos) {
    if (has(family.words, text)) return std::string(text);
    return fail(Code::E_VOCABULARY, "\"" + std::string(text.substr(0, 64)) + "\" is no word of CBV 2.0");
  }
  if (!is_uri_text(text) || text.size() > 256 || colon == 0 || colon + 1 == text.size()) {
    return fail(Code::E_VOCABULARY, "neither a word nor a URI");
  }
  if (text.starts_with("tally:") && context.find("tally").empty())
    return fail(Code::E_CONTEXT, "tally is not declared");
  auto expanded = context.expand(text);
  // What looks like a CURIE of an undeclared prefix is a URI of that scheme.
  std::string_view uri = expanded.empty() ? text : std::string_view(expanded);
  if (take(uri, tally_namespace)) {
    if (has(family.ours, uri)) return "tally:" + std::string(uri);
    return fail(Code::E_VOCABULARY, "\"tally:" + std::string(uri) + "\" is no word of this ledger here");
  }
  if (auto const word = word_of(family, uri)) {
    if (has(family.words, *word)) return std::string(*word);
    return fail(Code::E_VOCABULARY, "\"" + std::string(text) + "\" is no word of CBV 2.0 here");
  }
  return std::string(uri);
}

std::string word_uri(Vocabulary vocabulary, std::string_view word) {
  auto const family = family_of(vocabulary);
  if (take(word, "tally:")) return std::string(tally_namespace) + std::string(word);
  if (word.find(':') != word.npos) return std::string(word);
  return std::string(family.web.empty() ? gs1_web : cbv_web) + std::string(family.web) + std::string(word);
}

}  // namespace gs1
