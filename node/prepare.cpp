// SPDX-License-Identifier: Apache-2.0
#include "node/prepare.hpp"

#include <cstdio>

#include "base/view.hpp"
#include "ledger/governance.hpp"
#include "ledger/state.hpp"
#include "node/home.hpp"
#include "node/listeners.hpp"
#include "rpc/json.hpp"

namespace node {

using base::Code;
using base::Error;
using base::Result;

namespace {

int tell(Result<ledger::NetworkChange> const& change) {
  if (!change) return fail_to_start(change.error());
  return std::printf("%s\n", rpc::to_text(base::view(*change)).c_str()) < 0 ? 1 : 0;
}

Result<ledger::NetworkChange> make(NewHome const& wanted) {
  NodeConfig config;
  auto const address = read_address(wanted.address);
  if (!address) return Error{Code::E_FORM, "--address", "is no HOST:PORT"};
  config.peer_listener.port = address->port;
  for (auto const& text : wanted.peers) {
    auto const peer = read_address(text);
    if (!peer) return Error{Code::E_FORM, "--peer", text + " is no HOST:PORT"};
    config.peers.push_back(*peer);
  }
  TRY_ASSIGN(auto const validator, make_home(wanted.home, ledger::party_id(wanted.gln), config));
  std::error_code failed;
  std::filesystem::copy_file(wanted.genesis, wanted.home / "genesis.json", failed);
  if (failed) return Error{Code::E_FORM, wanted.genesis.string(), failed.message()};
  return ledger::NetworkChange(ledger::AddValidator{validator, wanted.address});
}

Result<ledger::NetworkChange> make_key(std::filesystem::path const& home) {
  TRY_ASSIGN(auto const secret, read_validator_secret(home));
  TRY_ASSIGN(auto const next, make_next_validator_key(home));
  return ledger::NetworkChange(ledger::RotateKey{crypto::validator_key(secret), next});
}

Result<ledger::NetworkChange> make_tls_key(std::filesystem::path const& home) {
  TRY_ASSIGN(auto const secret, read_validator_secret(home));
  TRY_ASSIGN(auto const next, make_next_tls_key(home));
  return ledger::NetworkChange(ledger::SetTlsKey{crypto::validator_key(secret), next});
}

}  // namespace

int init_home(NewHome const& wanted) { return tell(make(wanted)); }
int prepare_validator_key(std::filesystem::path const& home) { return tell(make_key(home)); }
int prepare_tls_key(std::filesystem::path const& home) { return tell(make_tls_key(home)); }

}  // namespace node
