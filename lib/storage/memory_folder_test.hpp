// SPDX-License-Identifier: Apache-2.0
#pragma once

// A folder in memory that knows what was synced: a copy of it is the disk after a crash.

#include "storage/folder.hpp"

namespace storage::test {

class MemoryFolder final : public Folder {
 public:
  struct File {
    Bytes bytes;
    std::size_t synced = 0;
  };

  std::map<std::string, std::uint64_t> list() const override {
    std::map<std::string, std::uint64_t> out;
    for (auto const& [name, file] : files) out[name] = file.bytes.size();
    return out;
  }
  Bytes read(std::string const& name, std::uint64_t offset, std::uint64_t size) const override {
    auto const& bytes = files.at(name).bytes;
    auto const begin = std::min<std::size_t>(offset, bytes.size());
    auto const end = std::min<std::size_t>(begin + size, bytes.size());
    return Bytes(bytes.begin() + static_cast<std::ptrdiff_t>(begin), bytes.begin() + static_cast<std::ptrdiff_t>(end));
  }
  void append(std::string const& name, BytesView bytes) override { base::append(files[name].bytes, bytes); }
  void sync(std::string const& name) override {
    files[name].synced = files[name].bytes.size();
    ++syncs;
  }
  void truncate(std::string const& name, std::uint64_t size) override {
    auto& file = files[name];
    file.bytes.resize(size);
    file.synced = std::min(file.synced, file.bytes.size());
  }
  void remove(std::string const& name) override { files.erase(name); }

  /// A power failure: what was not synced is gone.
  void lose_unsynced() {
    for (auto& [name, file] : files) file.bytes.resize(file.synced);
  }

  std::map<std::string, File> files;
  std::size_t syncs = 0;
};

}  // namespace storage::test
