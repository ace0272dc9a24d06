// SPDX-License-Identifier: Apache-2.0
#include "node/shelf.hpp"

#include <algorithm>
#include <ranges>

#include "ledger/beside.hpp"

namespace node {

namespace {

constexpr std::string_view offer_suffix = "-offer";

std::string file_name(Height height, std::string_view what) { return std::to_string(height) + std::string(what); }

/// Of which height a file is; 0 for a file of something else.
Height height_of(std::string const& name) {
  auto const number = base::from_decimal(std::string_view(name).substr(0, name.find('-')), ~std::uint64_t{0});
  return number ? static_cast<Height>(*number) : 0;
}

bool is_cut(BytesView key, bool proved, ledger::ReplayWaste const& waste) {
  // What a node notes of its own engine is its own matter.
  return ledger::is_proved(key) == proved && key[0] < static_cast<std::uint8_t>(ledger::Space::engine) &&
         !waste.holds(key);
}

std::size_t size_of(BytesView key, BytesView record) { return key.size() + record.size() + 8; }

}  // namespace

void cut_state(ledger::StateView const& state, bool proved, std::function<void(ledger::Chunk)> const& take,
               std::size_t chunk_bytes, std::size_t pass_bytes) {
  ledger::ReplayWaste const waste(state);
  std::uint64_t total = 0;
  std::uint64_t held = 0;
  state.scan({}, [&](BytesView key, BytesView record) {
    if (!is_cut(key, proved, waste)) return true;
    total += size_of(key, record);
    held += size_of(key, record) + cut_record_bytes;
    return true;
  });
  std::uint8_t depth = 0;
  while (depth < 16 && (total >> depth) > chunk_bytes / 2) ++depth;
  auto const ranges = std::size_t{1} << depth;
  auto const window = std::max<std::size_t>(1, ranges * pass_bytes / std::max<std::uint64_t>(held, pass_bytes));
  for (std::size_t first = 0; first < ranges; first += window) {
    std::vector<std::vector<ledger::ChunkRecord>> parts(std::min(window, ranges - first));
    state.scan({}, [&](BytesView key, BytesView record) {
      if (!is_cut(key, proved, waste)) return true;
      auto const place = ledger::place_of(ledger::tree_key(key), depth);
      if (place < first || place - first >= parts.size()) return true;
      parts[place - first].push_back({Bytes(key.begin(), key.end()), Bytes(record.begin(), record.end())});
      return true;
    });
    for (std::size_t i = 0; i < parts.size(); ++i) {
      for (auto& chunk : cut(ledger::range_at(first + i, depth), std::move(parts[i]), chunk_bytes)) {
        take(std::move(chunk));
      }
    }
  }
}

Shelf::Shelf(storage::Folder& folder, Log log) : folder_(folder), log_(std::move(log)) {
  auto const files = folder_.list();
  for (auto const& [name, size] : files) {
    if (!name.ends_with(offer_suffix)) continue;
    auto offer = base::decode<SnapshotOffer>(folder_.read(name, 0, size));
    if (offer && offer->statement.is_of_this_program() && offer->statement.height == height_of(name)) {
      offers_[offer->statement.height] = std::move(offer).value();
    }
  }
  for (auto const& [name, size] : files) {
    if (!offers_.contains(height_of(name))) folder_.remove(name);
  }
}

/// The tops first, because a chunk's path needs those of all others; then the chunks once more, with their paths.
base::Result<void> cut_snapshot(ledger::StateView const& state, ledger::ResultHeader const& header,
                                SnapshotStatement& statement, std::function<void(BytesView chunk)> const& put) {
  statement.chain = header.chain;
  statement.height = header.height;
  statement.result = header.hash();
  for (bool const proved : {true, false}) {
    std::vector<ledger::ChunkTop> tops;
    cut_state(state, proved, [&](ledger::Chunk const& chunk) { tops.push_back(top_of(chunk)); });
    if (tops.size() > ledger::chunks_max) return base::Error{base::Code::E_FORM, "state", "is too large"};
    auto const paths = ledger::paths_of(tops);
    if (proved && paths.root != header.state_root) {
      return base::Error{base::Code::E_FORM, "state_root", "the records do not give it"};
    }
    if (!proved) statement.beside_root = paths.root;
    for (auto const& top : tops) (proved ? statement.proved : statement.beside).push_back(top.range.depth);
    std::size_t next = 0;
    cut_state(state, proved, [&](ledger::Chunk chunk) {
      chunk.siblings = paths.paths[next].siblings;
      chunk.neighbour = paths.paths[next++].neighbour;
      put(base::encode(chunk));
    });
  }
  return {};
}

void Shelf::make(SnapshotProof proof, BytesView block, ledger::StateView const& state) {
  auto const height = proof.header.height;
  {
    std::lock_guard const lock(mutex_);
    if (offers_.contains(height)) return;
  }
  // A window of which a part is forgotten, or damage here, is nothing to hand on.
  auto const whole = ledger::verify_beside(state, proof.header);
  if (!whole) {
    return log_("warn", "no snapshot of height " + std::to_string(height) + ": " + base::to_string(whole.error()));
  }
  SnapshotOffer offer;
  for (auto const& [name, size] : folder_.list()) {
    if (height_of(name) == height) folder_.remove(name);
  }
  std::uint32_t index = 0;
  auto const put = [&](BytesView bytes) {
    auto const name = file_name(height, "-" + part_name(index++));
    folder_.append(name, bytes);
    folder_.sync(name);
  };
  put(block);
  if (auto const cut = cut_snapshot(state, proof.header, offer.statement, put); !cut) {
    return log_("error", "no snapshot of height " + std::to_string(height) + ": " + base::to_string(cut.error()));
  }
  offer.proof = std::move(proof);
  auto const name = file_name(height, offer_suffix);
  folder_.append(name, base::encode(offer));
  folder_.sync(name);
  log_("info",
       "snapshot of height " + std::to_string(height) + ", " + std::to_string(offer.statement.parts()) + " parts");
  std::lock_guard const lock(mutex_);
  offers_[height] = std::move(offer);
  while (offers_.size() > shelf_max) remove(offers_.begin()->first);
}

void Shelf::remove(Height height) {
  offers_.erase(height);
  // Its offer first: without it the parts are what a crash left.
  folder_.remove(file_name(height, offer_suffix));
  for (auto const& [name, size] : folder_.list()) {
    if (height_of(name) == height) folder_.remove(name);
  }
}

std::vector<SnapshotMessage> Shelf::answer(Place from, SnapshotMessage const& question, std::uint64_t epoch,
                                           std::uint64_t now_ms) {
  std::vector<SnapshotMessage> out;
  if (std::holds_alternative<GetOffer>(question)) {
    // The older one too: who has begun with it goes on with it. Who has not takes the first that enough of us tell.
    std::lock_guard const lock(mutex_);
    for (auto const& [height, offer] : std::views::reverse(offers_)) {
      auto& said = std::get<SnapshotOffer>(out.emplace_back(offer));
      said.epoch = epoch;
    }
    return out;
  }
  auto const* get = std::get_if<GetPart>(&question);
  if (get == nullptr) return out;
  auto& served = served_[from];
  if (served.second != now_ms / 1000) served = {now_ms / 1000, 0};
  std::lock_guard const lock(mutex_);
  auto const offer = offers_.find(get->height);
  if (offer == offers_.end() || get->index >= offer->second.statement.parts()) return out;
  auto& part = std::get<SnapshotPart>(out.emplace_back(SnapshotPart{get->height, get->index, {}}));
  if (served.bytes >= served_bytes_per_s_max) return out;
  auto const bytes = folder_.read(file_name(get->height, "-" + part_name(get->index)), 0, part.bytes.max);
  served.bytes += bytes.size();
  part.bytes.assign(bytes.begin(), bytes.end());
  return out;
}

std::vector<SnapshotOffer> read_offers(storage::Folder const& folder, base::Hash const& chain,
                                       crypto::ValidatorSet const& genesis, std::vector<std::string>& wrong) {
  std::vector<SnapshotOffer> out;
  for (auto const& [name, size] : folder.list()) {
    if (!name.ends_with(offer_suffix)) continue;
    auto offer = base::decode<SnapshotOffer>(folder.read(name, 0, size));
    auto const certified = offer ? verify_proof(offer->proof, chain, genesis) : base::Result<void>(offer.error());
    if (!certified) {
      wrong.push_back(name + ": " + base::to_string(certified.error()));
    } else if (!offer->statement.is_of_this_program()) {
      wrong.push_back(name + ": another version of this program made it");
    } else if (offer->statement.height != height_of(name) || offer->statement.result != offer->proof.header.hash()) {
      wrong.push_back(name + ": of another snapshot");
    } else {
      out.push_back(std::move(offer).value());
    }
  }
  std::ranges::sort(out, {}, [](SnapshotOffer const& one) { return one.statement.height; });
  return out;
}

void each_part(storage::Folder const& folder, SnapshotOffer const& offer,
               std::function<void(std::uint32_t index, BytesView bytes)> const& take) {
  auto const files = folder.list();
  for (std::uint32_t index = 0; index < offer.statement.parts(); ++index) {
    auto const name = file_name(offer.statement.height, "-" + part_name(index));
    take(index, files.contains(name) ? folder.read(name, 0, consensus::frame_bytes_max) : Bytes{});
  }
}

std::vector<std::string> check_shelf(storage::Folder const& folder, base::Hash const& chain,
                                     crypto::ValidatorSet const& genesis, std::size_t& parts) {
  std::vector<std::string> out;
  for (auto const& offer : read_offers(folder, chain, genesis, out)) {
    each_part(folder, offer, [&](std::uint32_t index, BytesView bytes) {
      ++parts;
      auto const whole = verify_part(offer.statement, offer.proof.header, index, bytes);
      auto const name = file_name(offer.statement.height, "-" + part_name(index));
      if (!whole) out.push_back(name + ": " + base::to_string(whole.error()));
    });
  }
  return out;
}

}  // namespace node
