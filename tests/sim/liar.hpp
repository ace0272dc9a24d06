// SPDX-License-Identifier: Apache-2.0
#pragma once

// A validator whose messages are not always what its own code says: it hears what everybody does, proposes on older
// blocks than it should, and answers with other blocks than were asked for.

#include <map>

#include "consensus/core.hpp"
#include "node/wire.hpp"

namespace sim {

class Liar {
 public:
  Liar(consensus::Identity identity, bool cheap) : identity_(std::move(identity)), cheap_(cheap) {}

  void hear(consensus::Envelope const& envelope);
  /// The lie that may stand for this message of its own; nothing where it has none.
  std::optional<node::Frame> twist(node::Frame frame) const;

 private:
  std::optional<consensus::Envelope> twist(consensus::Envelope envelope) const;
  void hear(crypto::Certificate const& certificate);
  bool twist(consensus::Propose& propose) const;

  consensus::Identity identity_;
  bool cheap_;
  /// Of the newest views only.
  std::map<consensus::View, crypto::Certificate> notarizations_;
  std::map<consensus::View, consensus::Header> proposals_;
};

}  // namespace sim
