// SPDX-License-Identifier: Apache-2.0
#include "node/abci/snapshots.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "ledger/beside.hpp"
#include "node/shelf.hpp"

namespace node::comet {

namespace fs = std::filesystem;

namespace {

constexpr char const* description_name = "description";
constexpr char const* unfinished = "unfinished";

bool write_file(fs::path const& path, base::BytesView bytes) {
  std::ofstream out(path, std::ios::binary);
  out.write(reinterpret_cast<char const*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  out.close();
  return out.good();
}

base::Bytes read_file(fs::path const& path) {
  std::ifstream in(path, std::ios::binary);
  std::string const text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  return base::to_bytes(text);
}

/// Heights of the finished snapshots, ascending.
std::vector<base::Height> heights(fs::path const& folder) {
  std::vector<base::Height> out;
  std::error_code error;
  for (auto const& entry : fs::directory_iterator(folder, error)) {
    auto const height = base::from_decimal(entry.path().filename().string(), ~base::Height{0});
    if (height) out.push_back(static_cast<base::Height>(*height));
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

Snapshots::Snapshots(fs::path folder, Log log) : folder_(std::move(folder)), log_(std::move(log)) {
  std::error_code error;
  fs::remove_all(folder_ / unfinished, error);
}

Snapshots::~Snapshots() { wait(); }

void Snapshots::wait() {
  if (maker_.joinable()) maker_.join();
}

void Snapshots::make(Description description, std::shared_ptr<ledger::StateView const> state) {
  {
    std::lock_guard const lock(mutex_);
    if (making_) return;
    making_ = true;
  }
  wait();
  maker_ = std::thread([this, description = std::move(description), state = std::move(state)]() mutable {
    write(std::move(description), *state);
    std::lock_guard const lock(mutex_);
    making_ = false;
  });
}

/// A snapshot is nobody's only copy: one that cannot be written is given up, with a word to the operator.
void Snapshots::write(Description description, ledger::StateView const& state) {
  auto const height = description.header.height;
  auto const folder = folder_ / unfinished;
  std::error_code error;
  fs::remove_all(folder, error);
  fs::create_directories(folder, error);
  // A window of which a part is forgotten, or damage here, is nothing to hand on; the next one may be whole.
  auto const whole = ledger::verify_beside(state, description.header);
  if (!whole)
    return log_("warn", "no snapshot of height " + std::to_string(height) + ": " + base::to_string(whole.error()));
  bool good = !error;
  std::size_t chunks = 0;
  auto const cut = cut_snapshot(state, description.header, description.statement, [&](base::BytesView chunk) {
    good = good && write_file(folder / std::to_string(chunks++), chunk);
  });
  if (!cut)
    return log_("error", "no snapshot of height " + std::to_string(height) + ": " + base::to_string(cut.error()));
  good = good && write_file(folder / description_name, base::encode(description));
  if (good) fs::rename(folder, folder_ / std::to_string(height), error);
  if (!good || error) {
    log_("warn", "no snapshot of height " + std::to_string(height) + ": " + folder.string() + " cannot be written");
    return;
  }
  log_("info", "snapshot of height " + std::to_string(height) + ", " + std::to_string(chunks) + " chunks");
  remove_old();
}

void Snapshots::remove_old() const {
  auto const all = heights(folder_);
  std::error_code error;
  for (std::size_t i = 0; i + snapshots_kept < all.size(); ++i) fs::remove_all(folder_ / std::to_string(all[i]), error);
}

std::vector<Description> Snapshots::list() const {
  std::vector<Description> out;
  for (auto const height : heights(folder_)) {
    auto description = base::decode<Description>(read_file(folder_ / std::to_string(height) / description_name));
    if (description) out.push_back(std::move(description).value());
  }
  return out;
}

base::Bytes Snapshots::chunk(base::Height height, std::uint32_t index) const {
  return read_file(folder_ / std::to_string(height) / std::to_string(index));
}

}  // namespace node::comet
