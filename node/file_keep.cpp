// SPDX-License-Identifier: Apache-2.0
#include "node/file_keep.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <mutex>

namespace node {

namespace {

namespace fs = std::filesystem;
using base::Code;
using base::Error;
using base::Result;

constexpr std::string_view unfinished = ".new";

class FileKeep final : public rpc::Keep {
 public:
  FileKeep(fs::path folder, int handle) : folder_(std::move(folder)), handle_(handle) {}
  ~FileKeep() override { ::close(handle_); }
  FileKeep(FileKeep const&) = delete;
  FileKeep& operator=(FileKeep const&) = delete;

  std::map<std::string, std::string> all() const override {
    std::lock_guard const lock(mutex_);
    std::map<std::string, std::string> out;
    std::error_code error;
    for (auto const& entry : fs::directory_iterator(folder_, error)) {
      auto const name = entry.path().filename().string();
      if (name.ends_with(unfinished)) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      out[name] = std::string(std::istreambuf_iterator<char>(file), {});
    }
    return out;
  }

  /// Another file takes its place, so that a crash leaves the old text or the new.
  Result<void> put(std::string const& name, std::string_view text) override {
    std::lock_guard const lock(mutex_);
    auto const fresh = name + std::string(unfinished);
    int const file = ::openat(handle_, fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return failed(fresh);
    bool good = true;
    while (good && !text.empty()) {
      auto const written = ::write(file, text.data(), text.size());
      good = written > 0;
      if (good) text.remove_prefix(static_cast<std::size_t>(written));
    }
    good = good && ::fdatasync(file) == 0;
    good = ::close(file) == 0 && good;
    good = good && ::renameat(handle_, fresh.c_str(), handle_, name.c_str()) == 0 && ::fsync(handle_) == 0;
    return good ? Result<void>() : failed(name);
  }

  Result<void> erase(std::string const& name) override {
    std::lock_guard const lock(mutex_);
    bool const gone = ::unlinkat(handle_, name.c_str(), 0) == 0 || errno == ENOENT;
    return gone && ::fsync(handle_) == 0 ? Result<void>() : failed(name);
  }

 private:
  Error failed(std::string const& name) const {
    return {Code::E_DISK, (folder_ / name).string(), std::strerror(errno)};
  }

  fs::path folder_;
  int handle_;
  mutable std::mutex mutex_;
};

}  // namespace

Result<std::unique_ptr<rpc::Keep>> open_keep(fs::path const& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  int const handle = error ? -1 : ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return Error{Code::E_DISK, folder.string(), error ? error.message() : std::strerror(errno)};
  return std::unique_ptr<rpc::Keep>(std::make_unique<FileKeep>(folder, handle));
}

}  // namespace node
