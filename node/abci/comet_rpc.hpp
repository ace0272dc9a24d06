// SPDX-License-Identifier: Apache-2.0
#pragma once

// What is asked of CometBFT through its own RPC: commits for proofs, blocks, its mempool, how it is. Any thread.

#include <mutex>
#include <set>

#include "ledger/block.hpp"
#include "rpc/backend.hpp"
#include "rpc/client.hpp"

namespace node::comet {

struct CometStatus {
  base::Height height = 0;
  bool catching_up = false;
  /// CometBFT's ids of the connected peers.
  std::set<std::string> peers;
};

class CometRpc {
 public:
  explicit CometRpc(std::string url) : url_(std::move(url)) {}

  /// The finality of a result from the header and commit of the next height. E_SYNCING while there is none.
  base::Result<ledger::CometFinality> finality(ledger::ResultHeader const& header, crypto::ValidatorSet const& set);
  /// The block's proposer is its place in the set.
  base::Result<rpc::DecidedBlock> block(base::Height height, crypto::ValidatorSet const& set);
  /// Into the mempool; one that is there already is no error. E_BUSY: the mempool is full. Other refusals carry the
  /// ledger's code.
  base::Result<void> submit(base::BytesView transaction);
  base::Result<CometStatus> status();
  /// The highest block that a connected peer has decided, as its votes tell; 0 when none told yet.
  base::Result<base::Height> peers_height();

 private:
  base::Result<base::Value> get(std::string const& target);
  std::unique_ptr<rpc::Client> take();
  void give_back(std::unique_ptr<rpc::Client> client);

  std::string url_;
  std::mutex mutex_;
  /// Open connections that nobody uses.
  std::vector<std::unique_ptr<rpc::Client>> idle_;
};

/// Reads the answer of /commit; votes whose signature our rule does not take count as absent. Errors: E_ENCODING names
/// the member.
base::Result<ledger::CometFinality> read_commit(base::Value const& result, ledger::ResultHeader const& header,
                                                crypto::ValidatorSet const& set);
std::string to_base64(base::BytesView bytes);
std::optional<base::Bytes> from_base64(std::string_view text);

}  // namespace node::comet
