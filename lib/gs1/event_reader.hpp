// SPDX-License-Identifier: Apache-2.0
#pragma once

// Inside this room only: the parts of event.cpp that read values and lists. Errors carry the field relative to the
// value that was given; `inside` puts the outer name in front on the way up, so that reading a good event builds no
// paths.

#include <initializer_list>

#include "base/value.hpp"
#include "gs1/event.hpp"
#include "gs1/vocabulary.hpp"

namespace gs1::detail {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

Error inside(std::string_view outer, Error error);
Error form(std::string_view field, std::string detail);
std::string at(std::string_view list, std::size_t index);

/// TRY with the outer name put in front of the error's field.
#define TRY_INSIDE(outer, expression)                                                 \
  do {                                                                                \
    auto inside_result_ = (expression);                                               \
    if (!inside_result_) return ::gs1::detail::inside(outer, inside_result_.error()); \
  } while (false)

Result<void> read_text(Value const& value, std::string& out, std::size_t max = 1024);
Result<void> read_uri(Value const& value, std::string& out);
Result<void> read_key_into(Value const& value, Key& out);
Result<void> read_key_into(Value const& value, std::optional<Key>& out);
Result<void> read_keys(Value const& value, std::vector<Key>& out);
Result<void> read_time(Value const& value, base::TimeMs& out);
Result<void> read_time(Value const& value, std::optional<base::TimeMs>& out);
/// A decimal literal as micro-units, at least 0 when `natural`.
Result<std::int64_t> read_micro(Value const& value, bool natural);
Result<void> read_quantity(Value const& value, base::Micro& out);
Result<void> read_uom(Value const& value, std::string& out);
Result<void> read_quantities(Value const& value, std::vector<QuantityElement>& out);
Result<void> read_sensors(Value const& value, Context const& context, std::vector<SensorElement>& out);

/// Every member must be one of `known`, or an extension key that the context resolves outside our namespace;
/// `terms_allowed`: those of "tally:" that may stand here.
Result<void> check_members(Value const& object, Context const& context, std::initializer_list<std::string_view> known,
                           std::initializer_list<std::string_view> terms_allowed = {});
/// An object of exactly these members, without extensions.
Result<void> check_closed(Value const& object, std::initializer_list<std::string_view> known);
/// An extension key: declared, and not one of ours at any depth.
Result<void> check_extension(std::string_view key, Value const& value, Context const& context);

/// What is kept untouched hides, at any depth, none of our terms, and names no context that stands elsewhere.
Result<void> check_kept(Value const& value);

/// The terms of "tally:" at the top of an event and in its ilmd.
Result<void> read_term(std::string_view key, Value const& value, TallyTerms& out);
Result<void> read_ilmd(Value const& value, Context const& context, TallyTerms& out);

}  // namespace gs1::detail
