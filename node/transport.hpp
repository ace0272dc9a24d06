// SPDX-License-Identifier: Apache-2.0
#pragma once

// TLS 1.3 between validators that know each other's keys from the genesis and from the epochs since. The validator with
// the smaller place calls the other; each pair has one connection.

#include "node/budget.hpp"
#include "node/loop.hpp"
#include "node/seats.hpp"
#include "node/tls.hpp"

namespace node {

struct TransportSetup {
  Hash chain;
  /// Of the genesis.
  crypto::ValidatorSet validators;
  /// My own among them; nothing: the genesis does not name this node.
  std::optional<Place> place;
  Address listener;
  /// Of the genesis's validators, by place.
  std::vector<Address> peers;
  /// My own keys, the one in use first, then one that an epoch may ask for; asked anew at each epoch, never empty.
  std::function<std::vector<TlsIdentity>()> identities;
  std::function<void(std::string_view level, std::string const& text)> log;
  /// A frame of a validator; an error drops the connection.
  std::function<Result<void>(Place from, BytesView frame)> receive;
  /// This validator's key speaks from another place too, as more than f peers say: two would vote twice. The owner has
  /// to stop.
  std::function<void(std::string const& what)> doubled;
  PeerLimits limits;
};

/// Connections of callers who have not proven a key yet. One more takes the place of an older one: if the newcomer were
/// turned away instead, anybody could keep validators out by holding the places.
constexpr std::size_t strangers_max = 64;

/// Nothing is sent, and nobody counts as connected, before a quorum with this node has accepted its key once. A second
/// process with the same key is refused by whoever hears the first, and any two quorums share one that does: so it
/// never votes, whatever its copy of the journal says.
class PeerTransport : public Transport {
 public:
  /// Begins to listen and to call. E_BUSY: the address cannot be bound; E_FORM: key or certificate cannot be used.
  static Result<std::unique_ptr<PeerTransport>> open(Loop& loop, TransportSetup setup);
};

}  // namespace node
