// SPDX-License-Identifier: Apache-2.0
#include "rows.hpp"

#include <fstream>
#include <sstream>

#include "gs1/json.hpp"

namespace tigerbeetle {

Amount number(base::Value const& object, std::string_view name) {
  auto const* value = object.find(name);
  if (value == nullptr || value->is(base::Value::Kind::null)) return 0;
  auto const read = base::from_decimal(value->text);
  CHECK(read.has_value());
  return *read;
}

Row read_row(base::Value const& event) {
  Row row;
  row.is_account = event.string_of("op") == "create_account";
  row.id = number(event, "id");
  row.debit_account = number(event, "debit_account_id");
  row.credit_account = number(event, "credit_account_id");
  row.amount = number(event, "amount");
  row.pending = number(event, "pending_id");
  row.user_128 = number(event, "user_data_128");
  row.user_64 = number(event, "user_data_64");
  row.user_32 = number(event, "user_data_32");
  row.timeout = number(event, "timeout");
  row.ledger = number(event, "ledger");
  row.code = number(event, "code");
  row.timestamp = number(event, "timestamp");
  for (char const* const name :
       {"reserved", "flags_padding", "debits_pending", "debits_posted", "credits_pending", "credits_posted"}) {
    row.has_reserved = row.has_reserved || number(event, name) != 0;
  }
  if (auto const* flags = event.find("flags")) {
    for (auto const& flag : flags->items) row.flags.insert(flag.text);
  }
  row.status = event.string_of("status");
  return row;
}

base::Result<base::Value> read_tables(std::string const& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return base::Error{base::Code::E_ENCODING, path, "cannot be read"};
  std::stringstream text;
  text << file.rdbuf();
  gs1::JsonLimits limits;
  limits.bytes_max = std::size_t{16} << 20;
  limits.code = base::Code::E_ENCODING;
  return gs1::parse_json(text.str(), limits);
}

}  // namespace tigerbeetle
