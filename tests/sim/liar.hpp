// SPDX-License-Identifier: Apache-2.0
#pragma once

// A leader that proposes on an older block than it should: it hears what everybody does, and signs with its own key.

#include <map>

#include "consensus/core.hpp"

namespace sim {

class Liar {
 public:
  Liar(consensus::Identity identity, bool cheap) : identity_(std::move(identity)), cheap_(cheap) {}

  void hear(consensus::Envelope const& envelope);
  /// The same proposal on the grandparent, without what would excuse the skipped view; nothing when it knows too little.
  std::optional<consensus::Envelope> twist(consensus::Envelope const& envelope) const;

 private:
  void hear(crypto::Certificate const& certificate);

  consensus::Identity identity_;
  bool cheap_;
  /// Of the newest views only.
  std::map<consensus::View, crypto::Certificate> notarizations_;
  std::map<consensus::View, consensus::Header> proposals_;
};

}  // namespace sim
