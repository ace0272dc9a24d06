// SPDX-License-Identifier: Apache-2.0
#pragma once

// A capsule: one HTML file with a proof and the verifier that judges it (web/capsule), for when every server is gone.

#include <string>

#include "ledger/proof.hpp"

namespace wallet {

/// The file for the proof of a subject, pinned to this anchor.
std::string make_capsule(ledger::BytesView proof, std::string const& subject, ledger::Anchor const& anchor);

}  // namespace wallet
