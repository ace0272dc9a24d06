// SPDX-License-Identifier: Apache-2.0
#pragma once

// A node, and what its word is held against. What a wallet shows of a contract, a hold, an asset or a member before it
// signs, a node tells; where the chain is pinned, every such record is proved to be what validators signed.

#include "ledger/proof.hpp"
#include "ledger/state.hpp"
#include "rpc/client.hpp"

namespace wallet {

struct Options;

class Provider {
 public:
  /// Without an anchor the node's word is all there is. The client outlives it.
  explicit Provider(rpc::Client& client, std::optional<ledger::Anchor> anchor = {})
      : client_(&client), anchor_(std::move(anchor)) {}

  base::Result<base::Value> call(std::string const& method, base::Value params) const {
    return client_->call(method, std::move(params));
  }
  rpc::Client& client() const { return *client_; }
  bool proves() const { return anchor_.has_value(); }

  /// The record under a stored key, checked against the anchor, which there must be. Errors: E_SIGNATURE with the check
  /// that failed; E_SYNCING while the chain has no block; what the node says when it has no such record.
  template <class Record>
  base::Result<Record> proved(ledger::Bytes const& key) const {
    TRY_ASSIGN(auto const bytes, proved_bytes(key));
    return base::decode<Record>(bytes);
  }

 private:
  base::Result<ledger::Bytes> proved_bytes(ledger::Bytes const& key) const;

  rpc::Client* client_;
  std::optional<ledger::Anchor> anchor_;
};

/// Pinned where the options name a genesis: the errors of reading it.
base::Result<Provider> provider_of(rpc::Client& client, Options const& options);

/// The party that a node answers with (members: gln, short_name) when it is asked for one by GLN, id or short name. A
/// GLN tells the party's id; whose a short name is, its record tells. E_SIGNATURE with the field when it is not called
/// so.
base::Result<base::PartyId> party_called(Provider const& provider, std::string const& name, base::Value const& answer,
                                         char const* field);

/// An asset's decimals: a currency's are those of ISO 4217, another's are proved or the node's word. E_SIGNATURE when
/// the node says others.
base::Result<unsigned> scale_of(Provider const& provider, std::string const& asset);
/// True when the decimals need nobody's word, because ISO 4217 gives them.
bool has_iso_scale(std::string const& asset);

}  // namespace wallet
