// SPDX-License-Identifier: Apache-2.0
#pragma once

// The few things that the logs of this room do with files. The real folder stops the process when a write or a sync
// fails: what the disk holds then is not known, so nothing may be said or voted after it. Simulations bring a folder of
// their own that loses what was not synced.

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "ledger/state.hpp"

namespace storage {

using base::Bytes;
using base::BytesView;
using base::Hash;
using base::Height;
using base::Result;

/// Files that only grow at their end. One thread writes; any thread may read what was appended before.
class Folder {
 public:
  virtual ~Folder() = default;
  /// Names and sizes in bytes.
  virtual std::map<std::string, std::uint64_t> list() const = 0;
  /// The bytes from `offset` on, at most `size` of them.
  virtual Bytes read(std::string const& name, std::uint64_t offset, std::uint64_t size) const = 0;
  /// Makes the file if there is none. Durable only after sync.
  virtual void append(std::string const& name, BytesView bytes) = 0;
  /// Makes everything appended to the file durable, its name and size too.
  virtual void sync(std::string const& name) = 0;
  /// Cuts the file to `size` bytes.
  virtual void truncate(std::string const& name, std::uint64_t size) = 0;
  /// Durable some time later.
  virtual void remove(std::string const& name) = 0;
};

/// The folder at a path, made when it is not there. E_DISK with the system's words.
Result<std::unique_ptr<Folder>> open_folder(std::filesystem::path const& path);

/// Says what is broken and ends the process with status 74, without running any destructor.
[[noreturn]] void stop_process(std::string const& message);

}  // namespace storage
