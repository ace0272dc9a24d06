// SPDX-License-Identifier: Apache-2.0
#include "node/doctor.hpp"

#include <algorithm>
#include <cstdio>

#include "ledger/beside.hpp"
#include "node/disk_store.hpp"
#include "node/execution.hpp"
#include "node/joiner.hpp"
#include "node/shelf.hpp"
#include "storage/block_log.hpp"
#include "storage/database.hpp"
#include "storage/journal.hpp"

namespace node {

using base::Code;
using base::Error;
using base::Height;
using base::Result;

namespace {

namespace fs = std::filesystem;

/// Logs cut off what a crash tore when they are opened; here they only seem to.
class Unchanged final : public storage::Folder {
 public:
  explicit Unchanged(storage::Folder const& folder) : folder_(folder) {}
  std::map<std::string, std::uint64_t> list() const override {
    auto out = folder_.list();
    for (auto const& [name, size] : cut_) out[name] = size;
    return out;
  }
  storage::Bytes read(std::string const& name, std::uint64_t offset, std::uint64_t size) const override {
    auto const cut = cut_.find(name);
    if (cut != cut_.end()) size = offset < cut->second ? std::min(size, cut->second - offset) : 0;
    return folder_.read(name, offset, size);
  }
  void append(std::string const&, storage::BytesView) override {}
  void sync(std::string const&) override {}
  void truncate(std::string const& name, std::uint64_t size) override { cut_[name] = size; }
  void remove(std::string const&) override {}
  std::map<std::string, std::uint64_t> const& cut() const { return cut_; }

 private:
  storage::Folder const& folder_;
  std::map<std::string, std::uint64_t> cut_;
};

std::string at_height(Height height) { return "height " + std::to_string(height); }
std::string heights(Height first, Height last) {
  return last < first ? "no blocks" : "heights " + std::to_string(first) + " to " + std::to_string(last);
}

using Sets = std::map<std::uint64_t, crypto::ValidatorSet>;

/// Decisions from the first that is here on, each against the one before and the validators of its epoch.
class Blocks {
 public:
  Blocks(storage::BlockLog const& log, base::Hash const& chain, Sets sets)
      : log_(log), chain_(chain), sets_(std::move(sets)) {}

  /// Up to where all decisions are good.
  Height good_to() const { return good_to_; }

  Result<void> check() {
    std::optional<base::Hash> before;
    good_to_ = log_.base().height;
    if (log_.base().height == 0) before = chain_;
    for (auto height = log_.base().height + 1; height <= log_.height();) {
      TRY_ASSIGN(auto const decision, log_.read(height));
      if (!decision) return Error{Code::E_FORM, at_height(height), "is missing"};
      for (std::size_t i = 0; i < decision->blocks.size(); ++i) {
        auto const checked = check_block(decision->blocks[i], height + i, before);
        if (!checked) return Error{Code::E_FORM, at_height(height + i), base::to_string(checked.error())};
      }
      auto const certified = check_certificate(*decision);
      if (!certified) return Error{Code::E_FORM, at_height(decision->last()), base::to_string(certified.error())};
      good_to_ = decision->last();
      height = good_to_ + 1;
    }
    return {};
  }

 private:
  Result<void> check_block(storage::LoggedBlock const& logged, Height height, std::optional<base::Hash>& before) {
    TRY_ASSIGN(auto const block, base::decode<consensus::Block>(logged.block));
    TRY_ASSIGN(result_, base::decode<ledger::ResultHeader>(logged.result));
    auto const& header = block.header;
    if (header.height != height || result_.height != height) return Error{Code::E_FORM, "height", "of another block"};
    if (header.chain != chain_ || result_.chain != chain_) return Error{Code::E_FORM, "chain", "another one"};
    if (before && header.parent_hash != *before) return Error{Code::E_FORM, "parent_hash", "not the block before"};
    if (result_.block_hash != header.hash()) return Error{Code::E_FORM, "block_hash", "the result is of another block"};
    TRY_ASSIGN(auto const transactions, transactions_of(block.payload));
    std::vector<base::Hash> leaves;
    for (auto const& bytes : transactions) leaves.push_back(crypto::log_leaf_hash(bytes));
    if (crypto::log_root(leaves) != header.tx_root) return Error{Code::E_FORM, "tx_root", "not of its transactions"};
    before = header.hash();
    return {};
  }

  Result<void> check_certificate(storage::Decision const& decision) const {
    TRY_ASSIGN(auto const certificate, base::decode<crypto::Certificate>(decision.finality));
    auto const& ballot = certificate.ballot;
    if (ballot.result != result_.hash() || ballot.block != result_.block_hash)
      return Error{Code::E_FORM, "finality", "of another result"};
    auto const set = sets_.find(result_.epoch);
    if (set == sets_.end() || set->second.hash() != result_.validators_hash)
      return Error{Code::E_FORM, "validators_hash", "not the validators of its epoch"};
    if (!crypto::verify(certificate, set->second, chain_)) return Error{Code::E_SIGNATURE, "finality", "does not hold"};
    return {};
  }

  storage::BlockLog const& log_;
  base::Hash chain_;
  Sets sets_;
  ledger::ResultHeader result_;
  Height good_to_ = 0;
};

/// One after the other; what rests on something damaged is not looked at.
class Doctor {
 public:
  Doctor(fs::path data, ledger::Genesis const& genesis, bool deep)
      : data_(std::move(data)), genesis_(genesis), deep_(deep) {}

  Result<std::vector<Finding>> run() {
    TRY_ASSIGN(auto const log_folder, storage::open_folder(data_ / "log"));
    TRY_ASSIGN(auto const journal_folder, storage::open_folder(data_ / "journal"));
    Unchanged log_files(*log_folder);
    Unchanged journal_files(*journal_folder);
    // First, because its lock tells whether the node runs.
    TRY(look_at_store());
    auto opened = storage::BlockLog::open(log_files);
    if (opened) {
      log_ = opened->get();
      good(Part::log, heights(log_->base().height + 1, log_->height()));
    } else {
      bad(Part::log, "log/" + base::to_string(opened.error()));
    }
    auto const journal = storage::Journal::open(journal_files);
    if (!journal) {
      bad(Part::journal, "journal/" + base::to_string(journal.error()));
    } else if ((*journal)->was_absent() && log_ != nullptr && log_->height() > 0) {
      bad(Part::journal, "journal/ is empty although blocks were decided");
    } else {
      good(Part::journal, "votes");
    }
    if (deep_) tell_torn(Part::log, "log/", log_files);
    if (deep_) tell_torn(Part::journal, "journal/", journal_files);
    if (database_ && log_ != nullptr) look_at_state();
    if (deep_ && log_ != nullptr && !sets_.empty()) {
      Blocks blocks(*log_, genesis_.chain(), sets_);
      auto const checked = blocks.check();
      if (!checked) bad(Part::log, "log/ " + base::to_string(checked.error()), blocks.good_to());
    }
    if (deep_) TRY(look_at_snapshots());
    return std::move(findings_);
  }

 private:
  void good(Part part, std::string text) { findings_.push_back({part, true, false, std::move(text), {}}); }
  void bad(Part part, std::string text, std::optional<Height> whole_to = {}) {
    findings_.push_back({part, false, false, std::move(text), whole_to});
  }
  /// A last record that a crash tore cannot be told from one that was altered.
  void tell_torn(Part part, std::string const& folder, Unchanged const& files) {
    for (auto const& [name, size] : files.cut()) {
      findings_.push_back({part,
                           false,
                           true,
                           folder + name + " is torn or altered from byte " + std::to_string(size) +
                               " on, its end; the next start cuts it off",
                           {}});
    }
  }

  Result<void> look_at_store() {
    auto const path = data_ / "state";
    if (!fs::exists(path)) return {};  // made again at the next start
    auto opened = storage::open_database_to_read(path);
    if (!opened && opened.error().code == base::Code::E_BUSY) return opened.error();
    if (deep_) {
      if (auto const whole = storage::verify_database(path); !whole) {
        bad(Part::state, base::to_string(whole.error()));
        return {};
      }
    }
    if (opened) {
      database_ = std::move(opened).value();
      return {};
    }
    bad(Part::state, base::to_string(opened.error()));
    return {};
  }

  void look_at_state() {
    auto const applied = database_->applied();
    if (!applied || *applied == 0 || *applied > log_->height())
      return good(Part::state, "none; the next start makes it");
    auto const decision = log_->read(*applied);
    if (!decision || !*decision || (*decision)->last() != *applied) {
      return bad(Part::state, "state/ is of " + at_height(*applied) + ", where no decision of the log ends");
    }
    auto const header = base::decode<ledger::ResultHeader>((*decision)->blocks.back().result);
    if (!header) return bad(Part::log, "log/ " + at_height(*applied) + ": " + base::to_string(header.error()));
    auto const state = database_->snapshot();
    auto const root = ledger::StateTree::of(*state).root();
    if (root != header->state_root) {
      return bad(Part::state, "state/ has the root " + root.hex() + " at " + at_height(*applied) + ", certified is " +
                                  header->state_root.hex());
    }
    if (auto const rows = deep_ ? ledger::verify_rows(*state) : Result<void>(); !rows) {
      return bad(Part::state, "state/ and its tree: " + base::to_string(rows.error()));
    }
    if (auto const beside = ledger::verify_beside(*state, *header); !beside) {
      return bad(Part::state, "state/ beside its tree: " + base::to_string(beside.error()));
    }
    read_sets(*state);
    good(Part::state, "of " + at_height(*applied) + ", its root is the certified one");
  }

  void read_sets(ledger::StateView const& state) {
    state.scan(ledger::state_key(ledger::Space::epoch, ledger::BytesView{}),
               [&](ledger::BytesView, ledger::BytesView bytes) {
                 auto const record = base::decode<ledger::EpochRecord>(bytes);
                 if (record) sets_[record->epoch] = record->validators;
                 return true;
               });
  }

  Result<void> look_at_snapshots() {
    if (!fs::exists(data_ / "snapshots")) return {};
    TRY_ASSIGN(auto const folder, storage::open_folder(data_ / "snapshots"));
    std::size_t parts = 0;
    auto const wrong = check_shelf(*folder, genesis_.chain(), genesis_.validators, parts);
    for (auto const& text : wrong) bad(Part::snapshots, "snapshots/" + text);
    if (wrong.empty()) good(Part::snapshots, std::to_string(parts) + " parts");
    return {};
  }

  fs::path data_;
  ledger::Genesis const& genesis_;
  bool deep_;
  std::vector<Finding> findings_;
  std::unique_ptr<storage::Database> database_;
  storage::BlockLog const* log_ = nullptr;
  Sets sets_;
};

char const* name_of(Part part) {
  switch (part) {
    case Part::log:
      return "block log";
    case Part::journal:
      return "journal";
    case Part::state:
      return "state";
    case Part::snapshots:
      return "snapshots";
  }
  return "";
}

bool is_bad(std::vector<Finding> const& findings, Part part) {
  return std::ranges::any_of(findings, [&](Finding const& one) { return one.part == part && !one.good && !one.torn; });
}

/// Also of a damaged log: the file that says otherwise is there or not.
bool begins_at_genesis(storage::Folder const& log) {
  return std::ranges::none_of(log.list(), [](auto const& file) { return file.first.starts_with("base-"); });
}

Result<void> move_aside(fs::path const& data, char const* name) {
  std::error_code error;
  if (!fs::exists(data / name, error)) return {};
  auto const aside = data / "damaged";
  fs::create_directories(aside, error);
  fs::remove_all(aside / name, error);
  fs::rename(data / name, aside / name, error);
  if (error) return Error{Code::E_DISK, (data / name).string(), error.message()};
  return {};
}

/// The next start begins with this node's newest snapshot. `log`: what stays of the block log; a snapshot that it goes
/// on from must be whole where the log has all from the genesis on, because then it can do without. Nothing is begun
/// where a snapshot of peers was, nor for an archive without its log.
Result<std::optional<JoinProgress>> begin_with_own(fs::path const& data, ledger::Genesis const& genesis,
                                                   storage::Folder* log_files, bool archive) {
  if (!fs::exists(data / "snapshots") || fs::exists(data / "incoming" / "plan")) return std::optional<JoinProgress>();
  TRY_ASSIGN(auto const shelf, storage::open_folder(data / "snapshots"));
  std::vector<std::string> wrong;
  auto offers = read_offers(*shelf, genesis.chain(), genesis.validators, wrong);
  std::unique_ptr<storage::BlockLog> log;
  if (log_files != nullptr) {
    TRY_ASSIGN(log, storage::BlockLog::open(*log_files));
  }
  bool const whole_past = log && log->base().height == 0;
  if (log) {
    auto const beyond = [&](SnapshotOffer const& offer) {
      return offer.statement.height <= log->base().height || offer.statement.height > log->height();
    };
    std::erase_if(offers, beyond);
  }
  if (offers.empty() || (archive && !whole_past)) return std::optional<JoinProgress>();
  std::error_code error;
  fs::remove_all(data / "incoming", error);
  TRY_ASSIGN(auto const incoming, storage::open_folder(data / "incoming"));
  auto const begun = begin_with(*shelf, offers.back(), log != nullptr, *incoming);
  if (!whole_past || begun.here == begun.parts) return std::optional(begun);
  fs::remove_all(data / "incoming", error);
  return std::optional<JoinProgress>();
}

/// Leaves the decisions before the damage where they are, and a copy of all aside. Returns up to where they go; 0: none
/// is left.
Result<Height> cut_log(fs::path const& data, storage::Folder& log, Height whole_to) {
  std::error_code error;
  auto const aside = data / "damaged";
  fs::create_directories(aside, error);
  fs::remove_all(aside / "log", error);
  fs::copy(data / "log", aside / "log", fs::copy_options::recursive, error);
  if (error) return Error{Code::E_DISK, (aside / "log").string(), error.message()};
  auto const kept = storage::BlockLog::cut(log, whole_to);
  if (kept == 0) fs::remove_all(data / "log", error);
  if (error) return Error{Code::E_DISK, (data / "log").string(), error.message()};
  return kept;
}

}  // namespace

Result<std::vector<Finding>> examine(fs::path const& data, ledger::Genesis const& genesis, bool deep) {
  return Doctor(data, genesis, deep).run();
}

Result<std::vector<std::string>> put_aside(fs::path const& data, ledger::Genesis const& genesis, bool archive,
                                           std::vector<Finding> const& findings) {
  std::vector<std::string> out;
  bool const log = is_bad(findings, Part::log);
  bool const state = is_bad(findings, Part::state);
  bool const shelf = is_bad(findings, Part::snapshots);
  TRY_ASSIGN(auto const log_folder, storage::open_folder(data / "log"));
  bool const whole_past = begins_at_genesis(*log_folder);
  Height kept = 0;
  if (log && whole_past) {
    auto whole_to = ~Height{0};
    for (auto const& finding : findings) whole_to = std::min(whole_to, finding.whole_to.value_or(whole_to));
    TRY_ASSIGN(kept, cut_log(data, *log_folder, whole_to));
  }
  bool log_stays = !log || kept > 0;
  std::optional<JoinProgress> own;
  if (log || state) {
    TRY(move_aside(data, "state"));
    TRY_ASSIGN(own, begin_with_own(data, genesis, log_stays ? log_folder.get() : nullptr, archive));
    log_stays = log_stays && (whole_past || (own && own->here == own->parts));
    if (!log_stays) TRY(move_aside(data, "log"));
  }
  if (kept > 0) {
    out.push_back("the block log is whole to " + at_height(kept) +
                  " and stays so far; peers give the other blocks, or a snapshot if they are too many");
  }
  if (own) {
    out.push_back("the next start takes the state of this node's own snapshot of " + at_height(own->height) + ", " +
                  std::to_string(own->here) + " of its " + std::to_string(own->parts) +
                  " parts are whole, each checked against the certified root" +
                  (own->here < own->parts ? "; peers give the others" : ""));
  } else if ((log || state) && log_stays) {
    out.push_back("the next start makes the state again from the block log");
  } else if (log || state) {
    out.push_back(
        "the next start takes a snapshot from peers, each part checked against the certified root, or all "
        "blocks where the chain is short");
  }
  if (!log_stays) out.push_back("the node votes from the next epoch on");
  // The journal forgets what the log holds, so without that it does not know all that was signed.
  if (is_bad(findings, Part::journal) || log || !log_stays) {
    // It is not moved: without journal and log this would look like a node that never voted.
    TRY_ASSIGN(auto const journal_folder, storage::open_folder(data / "journal"));
    give_up_journal(*journal_folder, "tally doctor --repair");
    out.push_back("the next start gives the journal up, and votes again only above what was in it");
  }
  if (shelf) {
    TRY(move_aside(data, "snapshots"));
    out.push_back("snapshots are made again at the ends of epochs");
  }
  return out;
}

int run_doctor(fs::path const& path, Examination const& wanted) {
  auto const fail = [](Error const& error) {
    std::fprintf(stderr, "error  %s\n", base::to_string(error).c_str());
    return 1;
  };
  auto const home = open_home(path);
  if (!home) return fail(home.error());
  auto const data = path / "data";
  if (!fs::exists(data / "log")) return fail({Code::E_FORM, data.string(), "has no block log: the node never ran"});
  auto const findings = examine(data, home->genesis, wanted.deep);
  if (!findings) return fail(findings.error());
  bool sick = false;
  for (auto const& [part, good, torn, text, whole_to] : *findings) {
    std::printf("%-4s %-10s %s\n", good ? "ok" : "bad", name_of(part), text.c_str());
    sick = sick || !good;
  }
  if (!sick) return 0;
  if (!wanted.repair) {
    std::fprintf(stderr, "next   tally doctor --repair %s puts aside what is damaged; then start the node\n",
                 path.string().c_str());
    return 1;
  }
  auto const done = put_aside(data, home->genesis, home->config.archive, *findings);
  if (!done) return fail(done.error());
  std::printf("aside      to %s\n", (data / "damaged").string().c_str());
  for (auto const& line : *done) std::printf("next       %s\n", line.c_str());
  return 0;
}

}  // namespace node
