// SPDX-License-Identifier: Apache-2.0
// Contracts, told from their record and terms.
#include "rpc/json.hpp"
#include "wallet/commands.hpp"

namespace wallet {

int explain_escrow(Options const& options, std::string const& id, std::string const& language) {
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto ask = base::Value::object();
  ask.add("id", base::Value::of(id));
  auto const answer = (*client)->call("escrow_get", std::move(ask));
  if (!answer) return code(report(answer.error()));
  static_cast<void>(language);
  std::printf("%s\n", rpc::to_pretty_text(*answer->find("contract")).c_str());
  return code(Exit::done);
}

}  // namespace wallet
