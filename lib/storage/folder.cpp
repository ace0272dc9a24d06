// SPDX-License-Identifier: Apache-2.0
#include "storage/folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <set>
#include <system_error>

namespace storage {

namespace {

/// One file that is open for appending. A folder has few: the newest segment of a log.
constexpr std::size_t open_files_max = 4;

class DiskFolder final : public Folder {
 public:
  DiskFolder(std::filesystem::path path, int handle) : path_(std::move(path)), handle_(handle) {}
  ~DiskFolder() override {
    for (auto const& [name, file] : files_) ::close(file);
    ::close(handle_);
  }
  DiskFolder(DiskFolder const&) = delete;
  DiskFolder& operator=(DiskFolder const&) = delete;

  std::map<std::string, std::uint64_t> list() const override {
    std::map<std::string, std::uint64_t> out;
    std::error_code error;
    for (auto next = std::filesystem::directory_iterator(path_, error); !error && next != std::filesystem::end(next);
         next.increment(error)) {
      if (next->is_regular_file(error)) out[next->path().filename().string()] = next->file_size(error);
      if (error) break;
    }
    if (error) fail("list", "", error.value());
    return out;
  }

  Bytes read(std::string const& name, std::uint64_t offset, std::uint64_t size) const override {
    int const file = ::openat(handle_, name.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) fail("open", name, errno);
    Bytes out(size);
    std::size_t done = 0;
    while (done < size) {
      auto const got = ::pread(file, out.data() + done, size - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail("read", name, errno);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    ::close(file);
    out.resize(done);
    return out;
  }

  void append(std::string const& name, BytesView bytes) override {
    int const file = open_for_append(name);
    while (!bytes.empty()) {
      auto const written = ::write(file, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) fail("write", name, written < 0 ? errno : ENOSPC);
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
  }

  void sync(std::string const& name) override {
    if (::fdatasync(open_for_append(name)) != 0) fail("sync", name, errno);
    if (unnamed_.erase(name) > 0 && ::fsync(handle_) != 0) fail("sync", "", errno);
  }

  void truncate(std::string const& name, std::uint64_t size) override {
    if (::ftruncate(open_for_append(name), static_cast<off_t>(size)) != 0) fail("truncate", name, errno);
  }

  void remove(std::string const& name) override {
    close_file(name);
    if (::unlinkat(handle_, name.c_str(), 0) != 0 && errno != ENOENT) fail("remove", name, errno);
  }

 private:
  [[noreturn]] void fail(char const* what, std::string const& name, int error) const {
    stop_process("cannot " + std::string(what) + " " + (path_ / name).string() + ": " + std::strerror(error));
  }

  int open_for_append(std::string const& name) {
    auto const known = files_.find(name);
    if (known != files_.end()) return known->second;
    while (files_.size() >= open_files_max) close_file(files_.begin()->first);
    int const file = ::openat(handle_, name.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (file < 0) fail("open", name, errno);
    // A file that is here already may have been made by a process that was killed before it synced the folder.
    unnamed_.insert(name);
    files_[name] = file;
    return file;
  }

  void close_file(std::string const& name) {
    auto const known = files_.find(name);
    if (known == files_.end()) return;
    ::close(known->second);
    files_.erase(known);
  }

  std::filesystem::path path_;
  int handle_;
  std::map<std::string, int> files_;
  /// Files whose entry in the folder is not durable yet.
  std::set<std::string> unnamed_;
};

}  // namespace

Result<std::unique_ptr<Folder>> open_folder(std::filesystem::path const& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return base::Error{base::Code::E_DISK, path.string(), error.message()};
  int const handle = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return base::Error{base::Code::E_DISK, path.string(), std::strerror(errno)};
  return std::unique_ptr<Folder>(std::make_unique<DiskFolder>(path, handle));
}

void stop_process(std::string const& message) {
  std::fprintf(stderr, "tally stops: %s\n", message.c_str());
  std::fflush(stderr);
  std::_Exit(74);
}

}  // namespace storage
