// SPDX-License-Identifier: Apache-2.0
#pragma once

// TLS 1.3 between validators that know each other's keys from the genesis. The validator with the smaller place calls
// the other; each pair has one connection.

#include "node/config.hpp"
#include "node/loop.hpp"

namespace node {

struct TransportSetup {
  Hash chain;
  crypto::ValidatorSet validators;
  /// My own.
  Place place = 0;
  Address listener;
  /// Of all validators, by place.
  std::vector<Address> peers;
  std::string key_pem;
  std::string certificate_pem;
  std::function<void(std::string_view level, std::string const& text)> log;
  /// A frame of a validator; an error drops the connection.
  std::function<Result<void>(Place from, BytesView frame)> receive;
};

/// What waits for one peer is at most this much; when there is more, the oldest is dropped.
constexpr std::size_t waiting_bytes_max = std::size_t{64} << 20;
/// Connections whose owner is not proven yet.
constexpr std::size_t strangers_max = 32;

class PeerTransport : public Transport {
 public:
  /// Begins to listen and to call. E_BUSY: the address cannot be bound; E_FORM: key or certificate cannot be used.
  static Result<std::unique_ptr<PeerTransport>> open(Loop& loop, TransportSetup setup);
};

}  // namespace node
