// SPDX-License-Identifier: Apache-2.0
#include "join/doctor.hpp"

#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "ledger/governance.hpp"
#include "ledger/state.hpp"
#include "node/config.hpp"
#include "storage/database.hpp"
#include "testnet/process.hpp"
#include "wallet/keystore.hpp"

namespace join {
namespace {

constexpr std::size_t patient = 3;
/// Of a file that is damaged and kept.
constexpr std::size_t kept_bytes_max = std::size_t{64} << 20;

class Visit : public Validators {
 public:
  using Validators::Validators;

  Result<void> play() {
    TRY(make());
    TRY_ASSIGN(auto const toml, wallet::read_text_file(home(patient) / "node.toml"));
    TRY_ASSIGN(auto config, node::read_config(toml, "node.toml"));
    config.snapshot_behind = options_.blocks / 5;
    TRY(wallet::write_text_file(home(patient) / "node.toml", node::to_toml(config)));
    TRY(start_all());
    TRY(end_epoch());
    TRY(wait_for_snapshots(options_.blocks));
    network_->stop(patient, false);
    auto const healthy = doctor("--deep");
    if (healthy.exit != 0) return failure("doctor", healthy.text);
    TRY(find_each_flip());
    TRY(find_what_checksums_do_not());
    std::string const replayed = "replaying heights 1 to";
    std::string const taken = "the state of the snapshot is taken over";
    auto const parts = [&] { return files("snapshots", "-part-"); };
    auto const state = [&] { return files("state", ".sst").front(); };
    TRY(mend({"a state, from its own snapshot and the block log", {{state(), 0.5}}, taken}));
    // One part of each snapshot: the block log is there from the genesis on, so nobody is asked.
    TRY(mend({"a state, from the block log alone",
              {{state(), 0.5}, {parts().front(), 0.5}, {parts().back(), 0.5}},
              replayed}));
    TRY(mend(
        {"the end of a block log, from peers", {{files("log", "blocks-").back(), 0.9}}, "votes again above view"}));
    TRY(mend(
        {"a block log from its begin on, by its own snapshot", {{files("log", "blocks-").front(), 0}}, taken, false}));
    TRY(mend({"a state whose log begins with a snapshot, by its own", {{state(), 0.5}}, taken, false}));
    return mend({"a state and parts of its own snapshots, by these parts from peers",
                 {{state(), 0.5}, {parts().front(), 0.5}, {parts().back(), 0.5}},
                 "parts are here, 1 from validator",
                 false});
  }

 private:
  // What tally doctor says of the folder of a stopped node.
  struct Said {
    int exit = 0;
    std::string text;
  };
  Said doctor(std::string const& options) const {
    auto const out = network_options_.home / "doctor.txt";
    auto const command = (testnet::own_binary().parent_path() / "tally").string() + " doctor " + options + " " +
                         home(patient).string() + " >" + out.string() + " 2>&1";
    int const status = std::system(command.c_str());
    auto const text = wallet::read_text_file(out);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128, text ? *text : ""};
  }

  /// Of what a node keeps; not what RocksDB tells of itself.
  std::vector<fs::path> kept_files() const {
    std::vector<fs::path> out;
    for (auto const& entry : fs::recursive_directory_iterator(home(patient) / "data")) {
      auto const name = entry.path().filename().string();
      bool const told = name.starts_with("LOG") || name.starts_with("OPTIONS") || name == "LOCK" || name == "IDENTITY";
      if (entry.is_regular_file() && !told && entry.file_size() > 0) out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  /// Of this folder, with this in their names.
  std::vector<fs::path> files(char const* folder, char const* words) const {
    auto out = kept_files();
    std::erase_if(out, [&](fs::path const& file) {
      return file.parent_path() != home(patient) / "data" / folder ||
             file.filename().string().find(words) == std::string::npos;
    });
    CHECK(!out.empty());
    return out;
  }
  static Result<void> flip(fs::path const& file, std::uint64_t offset) {
    std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(offset));
    auto const byte = static_cast<char>(stream.get() ^ 0x10);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(byte);
    if (!stream.flush()) return failure(file.string(), "cannot be altered");
    return {};
  }

  Result<void> find_each_flip() {
    std::size_t found = 0;
    std::uint64_t random = 7;
    auto const files = kept_files();
    for (auto const& file : files) {
      auto const size = fs::file_size(file);
      for (int i = 0; i < 3; ++i) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        auto const offset = (random >> 20) % size;
        TRY(flip(file, offset));
        auto const said = doctor("--deep");
        TRY(flip(file, offset));
        auto const place = file.string() + " byte " + std::to_string(offset);
        if (said.exit != 1) return failure(place, "was altered, and the doctor says:\n" + said.text);
        // RocksDB does not always say in which of its files.
        bool const of_state = file.parent_path().filename() == "state";
        if (said.text.find(of_state ? "bad  state" : file.filename().string()) == std::string::npos) {
          return failure(place, "is not named:\n" + said.text);
        }
        ++found;
      }
    }
    std::printf("flips       %zu bytes in %zu files, one after the other: each found and its place named\n", found,
                files.size());
    return {};
  }

  /// Records and leaves of the tree that do not fit, as a fault of our own would leave them: the store's files are
  /// whole.
  Result<void> find_what_checksums_do_not() {
    auto const record = ledger::state_key(ledger::Space::thing, "https://example.com/thing/1");
    auto const leaf = [](std::string_view name) {
      return ledger::state_key(ledger::Space::tree_leaf, ledger::tree_key(ledger::Space::thing, name).view());
    };
    struct Fault {
      ledger::Bytes key;
      std::optional<ledger::Bytes> value;
      /// Also without reading each record.
      bool at_once;
    };
    ledger::Bytes const other(32, 7);
    for (auto const& fault : std::vector<Fault>{{record, other, false},
                                                {record, std::nullopt, false},
                                                {leaf("https://example.com/thing/1"), other, true},
                                                {leaf("https://example.com/thing/1"), std::nullopt, true},
                                                {leaf("of nothing"), other, true}}) {
      auto const change = [&](std::optional<ledger::Bytes> const& value) -> Result<std::optional<ledger::Bytes>> {
        TRY_ASSIGN(auto const database, storage::open_database(home(patient) / "data" / "state"));
        auto before = database->snapshot()->get(fault.key);
        database->apply({{fault.key, value}}, *database->applied());
        database->settle();
        return before;
      };
      TRY_ASSIGN(auto const before, change(fault.value));
      auto const start = doctor("");
      auto const deep = doctor("--deep");
      TRY(change(before));
      auto const names = [](Said const& said) {
        return said.exit == 1 && said.text.find("bad  state") != said.text.npos;
      };
      if (!names(deep)) return failure("0x" + base::to_hex(fault.key), "does not fit, and is not found:\n" + deep.text);
      if (fault.at_once && !names(start)) {
        return failure("0x" + base::to_hex(fault.key), "is not found at the start:\n" + start.text);
      }
    }
    auto const after = doctor("--deep");
    if (after.exit != 0) return failure("doctor", "all is as it was:\n" + after.text);
    std::printf("faults      records and leaves of the tree that do not fit: each found\n");
    return {};
  }

  struct Cure {
    std::string what;
    /// Files, and at which part of each.
    std::vector<std::pair<fs::path, double>> damaged;
    /// The node says so in its log.
    std::string words;
    bool keeps_the_past = true;
  };
  /// Damaged, put aside, whole again beside the others, and needed for decisions.
  Result<void> mend(Cure const& cure) {
    auto const& what = cure.what;
    std::vector<std::string> altered;
    for (auto const& [file, at] : cure.damaged) {
      TRY(flip(file, static_cast<std::uint64_t>(static_cast<double>(fs::file_size(file)) * at)));
      TRY_ASSIGN(altered.emplace_back(), wallet::read_text_file(file, kept_bytes_max));
    }
    if (doctor("--deep").exit != 1) return failure(what, "was altered, and the doctor sees nothing");
    auto const said = doctor("--deep --repair");
    if (said.exit != 0) return failure(what, said.text);
    auto const data = home(patient) / "data";
    for (std::size_t i = 0; i < altered.size(); ++i) {
      auto const aside = data / "damaged" / fs::relative(cure.damaged[i].first, data);
      auto const kept = wallet::read_text_file(aside, kept_bytes_max);
      if (!kept || *kept != altered[i]) return failure(what, "what was damaged is not kept as it was");
    }
    auto const logged = fs::file_size(log(patient));
    TRY(start_all());
    auto const tells = [&](std::string const& words) {
      auto const text = wallet::read_text_file(log(patient));
      return text && text->find(words, logged) != std::string::npos;
    };
    if (!until(more_ms, [&] { return tells(cure.words); }))
      return failure(what, "the node does not say: " + cure.words);
    if (!until(more_ms, [&] { return height(patient) + 2 >= height(0); })) return failure(what, "it does not follow");
    auto first = base::Value::object();
    first.add("height", base::Value::of(std::string("1")));
    if (ask(patient, "chain_header", first).has_value() != cure.keeps_the_past) {
      return failure(what, cure.keeps_the_past ? "the first block is gone" : "the first block is still there");
    }
    TRY(end_epoch());
    // With its journal given up, it has to hear from all three others first, and to come past where they were: the
    // floor is one view beyond that, and a block takes a view.
    bool const forgot = tells("the vote journal is gone");
    auto const knows = [&] { return tells("votes again above view") || tells("loss of the vote journal is over"); };
    if (forgot && !until(more_ms, knows)) return failure(what, "it does not learn from where on it may vote");
    auto const known = height(0);
    auto const votes = [&] {
      (void)decide_one();
      auto const answer = ask(patient, "node_status");
      return height(patient) > known + 3 && answer && answer->string_of("not_ready").empty();
    };
    if (!until(more_ms, votes)) return failure(what, "it does not vote");
    network_->stop(1, false);
    auto const before = height(0);
    auto const decides = [&] {
      (void)decide_one();
      return height(0) > before + 3;
    };
    if (!until(more_ms, decides)) return failure(what, "its vote does not count");
    TRY(start_all());
    network_->stop(patient, false);
    auto const after = doctor("--deep");
    if (after.exit != 0) return failure(what, "is not whole again:\n" + after.text);
    std::printf("mended      %s\n", what.c_str());
    return {};
  }
};

}  // namespace

Result<void> visit(Options options) {
  Visit doctors(options);
  TRY(doctors.play());
  doctors.passed();
  return {};
}

}  // namespace join
