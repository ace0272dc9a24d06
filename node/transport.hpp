// SPDX-License-Identifier: Apache-2.0
#pragma once

// TLS 1.3 between validators that know each other's keys from the genesis and from the epochs since. The validator with
// the smaller place calls the other; each pair has one connection.

#include "node/loop.hpp"
#include "node/seats.hpp"
#include "node/tls.hpp"

namespace node {

/// What one peer may send. Beyond the rates it is read more slowly; who keeps sending beyond them is a flood: it is
/// dropped and not taken back for a while.
struct PeerLimits {
  std::uint64_t bytes_per_s = std::uint64_t{64} << 20;
  /// Each may cost a signature's check on the core thread; validators send a few hundred at the most.
  std::uint64_t frames_per_s = 2'000;
  /// So much at once of either, in time at the full rate: what waits for a peer behind a partition comes in one go.
  std::uint64_t burst_ms = 4'000;
  std::uint64_t patience_ms = 10'000;
  std::uint64_t exile_ms = 30'000;
};

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

/// What waits for one peer is at most this much and so many frames; when there is more, the oldest is dropped.
constexpr std::size_t waiting_bytes_max = std::size_t{64} << 20;
constexpr std::size_t waiting_frames_max = 4'096;
/// Connections whose owner is not proven yet.
constexpr std::size_t strangers_max = 32;

/// Nothing is sent, and nobody counts as connected, before a quorum with this node has accepted its key once. A second
/// process with the same key is refused by whoever hears the first, and any two quorums share one that does: so it
/// never votes, whatever its copy of the journal says.
class PeerTransport : public Transport {
 public:
  /// Begins to listen and to call. E_BUSY: the address cannot be bound; E_FORM: key or certificate cannot be used.
  static Result<std::unique_ptr<PeerTransport>> open(Loop& loop, TransportSetup setup);
};

}  // namespace node
