// SPDX-License-Identifier: Apache-2.0
#pragma once

// The EPCIS 2.0 event query (section 8.2.7.1): its parameters read strictly from JSON or from a URL, and whether an
// event answers them. Keys and words are compared in their canonical form, numbers as decimals, never as floating
// point.

#include <functional>

#include "gs1/event.hpp"

namespace gs1 {

constexpr std::size_t query_parameters_max = 64;
constexpr std::size_t query_values_max = 1024;

/// An EPC or class that a MATCH_ parameter names, or a pattern of them.
struct KeyPattern {
  Key key;
  /// Any serial or lot of the key's class (urn:epc:idpat:sgtin:….….*).
  bool any_qualifier = false;
  /// With `any_qualifier` and no key: any reference under this company prefix.
  std::string ai;
  std::string company_prefix;

  bool matches(Key const& other) const;
};

enum class Compare : std::uint8_t { eq, gt, ge, lt, le, exists, match, with_descendants, has_attribute, eq_attribute };

/// Which part of an event a criterion reads.
enum class QueryPart : std::uint8_t {
  event_type,
  event_time,
  record_time,
  action,
  biz_step,
  disposition,
  disposition_set,
  disposition_unset,
  read_point,
  biz_location,
  biz_transaction,
  source,
  destination,
  transformation_id,
  epc,
  parent,
  input_epc,
  output_epc,
  any_epc,
  epc_class,
  input_class,
  output_class,
  any_class,
  quantity,
  event_id,
  error_declaration,
  error_time,
  error_reason,
  corrective_id,
  sensor_elements,
  sensor_member,
  extension,
};

/// Where an extension field stands.
enum class ExtensionPlace : std::uint8_t {
  event,
  ilmd,
  error_declaration,
  sensor_element,
  sensor_metadata,
  sensor_report,
  read_point,
  biz_location,
};

struct Operand {
  std::string text;
  /// Micro-units, of a decimal.
  std::optional<base::i128> number;
  std::optional<base::TimeMs> time_ms;
};

struct Criterion {
  /// The parameter as it was given.
  std::string name;
  QueryPart part = QueryPart::extension;
  Compare compare = Compare::eq;
  /// A unit, a type of transaction, source or destination, the sensor's member, or an extension's name.
  std::string detail;
  /// Of an eq_attribute: the attribute.
  std::string attribute;
  std::string unit;
  ExtensionPlace place = ExtensionPlace::event;
  /// Only below the top level of that place.
  bool inner = false;
  std::vector<Operand> operands;
  std::vector<KeyPattern> patterns;
};

struct Query {
  std::vector<Criterion> criteria;
  /// eventTime, recordTime, an extension's name, or empty.
  std::string order_by;
  bool ascending = false;
  std::optional<std::uint64_t> event_count_limit;
  std::optional<std::uint64_t> max_event_count;

  Criterion const* find(std::string_view name) const;
};

/// Reads a query's JSON object, "@context" included, whose prefixes resolve names of extensions. E_EVENT_FORM,
/// E_VOCABULARY, E_CHECK_DIGIT, E_CONTEXT or E_TOO_LARGE with the parameter as the field.
base::Result<Query> read_query(base::Value const& object, Context const& context = {});
/// Of a URL: the decoded names and values; lists are separated by "|".
base::Result<Query> read_query(std::vector<std::pair<std::string, std::string>> const& parameters,
                               Context const& context = {});
/// True for an object that is a query and no document: what `tally epcis check` judges as one.
bool is_query(base::Value const& object);

/// An event with what a query looks at.
struct QueriedEvent {
  Event const& event;
  base::Value const& value;
  Context const& context;
  base::TimeMs recorded_ms = 0;
};

/// What is known of a place, party or product (CBV master data): the attribute's value, if any.
using MasterData = std::function<std::optional<std::string>(Key const& key, std::string_view attribute)>;

bool matches(Query const& query, QueriedEvent const& event, MasterData const& master_data = {});
/// What `order_by` sorts by; nothing for an event without that field.
std::optional<Operand> order_value(Query const& query, QueriedEvent const& event);

}  // namespace gs1
