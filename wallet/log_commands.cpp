// SPDX-License-Identifier: Apache-2.0
// Receipts from the log of all events.
#include "wallet/commands.hpp"

namespace wallet {

using base::Code;
using base::Error;

namespace {

base::Result<std::string> bytes_of(base::Value const& answer, std::string_view name) {
  auto const text = answer.string_of(name);
  auto const bytes = text.starts_with("0x") ? base::from_hex(text.substr(2)) : std::nullopt;
  if (!bytes) return Error{Code::E_ENCODING, "log_receipt." + std::string(name), "no bytes"};
  return std::string(base::text_of(*bytes));
}

base::Result<void> save(base::Value const& answer, std::string_view name, std::filesystem::path const& file) {
  TRY_ASSIGN(auto const bytes, bytes_of(answer, name));
  return write_text_file(file, bytes);
}

}  // namespace

int get_receipt(Options const& options, std::string const& event, std::filesystem::path const& file) {
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto params = base::Value::object();
  params.add("event", base::Value::of(event));
  auto const answer = (*client)->call("log_receipt", std::move(params));
  if (!answer) return code(report(answer.error()));
  auto leaf_file = file;
  leaf_file += ".leaf";
  auto saved = save(*answer, "receipt", file);
  if (saved) saved = save(*answer, "leaf", leaf_file);
  if (!saved) return code(report(saved.error()));
  std::printf("%s  event %s of %s in the log, leaf in %s\n", file.c_str(),
              shown(std::string(answer->string_of("index"))).c_str(),
              shown(std::string(answer->string_of("size"))).c_str(), leaf_file.c_str());
  return code(Exit::done);
}

}  // namespace wallet
