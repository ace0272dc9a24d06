// SPDX-License-Identifier: Apache-2.0
#pragma once

// A file of blocks, and what executes them: the same sources at every level of optimisation.

#include <fstream>
#include <string>

#include "ledger/genesis.hpp"
#include "node/execution.hpp"

namespace determinism {

struct LoggedBlock {
  base::Height height = 0;
  base::TimeMs time_ms = 0;
  base::Hash block;
  /// Beside what its transactions say.
  bool ends_epoch = false;
  base::Blob<(std::size_t{16} << 20)> payload;
  template <class Self, class Visit>
  static void fields(Self& self, Visit& visit) {
    visit("height", self.height);
    visit("time_ms", self.time_ms);
    visit("block", self.block);
    visit("ends_epoch", self.ends_epoch);
    visit("payload", self.payload);
  }
};

/// The genesis, then block after block, each behind its length (4 bytes, big endian).
class Reader {
 public:
  explicit Reader(std::string const& file) : in_(file, std::ios::binary) {}
  ledger::Genesis genesis();
  std::optional<LoggedBlock> next();

 private:
  std::optional<base::Bytes> record();
  std::ifstream in_;
};

class Writer {
 public:
  explicit Writer(std::string const& file) : out_(file, std::ios::binary) {}
  void write(base::BytesView record);
  bool good() { return out_.flush().good(); }

 private:
  std::ofstream out_;
};

/// What the next block needs of the one before.
struct Tip {
  ledger::ResultHeader header;
  ledger::StateTree tree;
};

/// On any thread; the state is that after the tip.
node::Executed execute(ledger::StateView const& state, Tip const& tip, LoggedBlock const& block,
                       ledger::Parameters const& parameters, node::Verified& verified);

/// HEIGHT HASH, as every program prints it.
void tell(ledger::ResultHeader const& header);

}  // namespace determinism
