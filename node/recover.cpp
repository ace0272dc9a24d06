// SPDX-License-Identifier: Apache-2.0
#include "node/recover.hpp"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "base/view.hpp"
#include "node/disk_store.hpp"
#include "node/home.hpp"
#include "node/listeners.hpp"
#include "node/loop.hpp"
#include "node/replica.hpp"
#include "rpc/json.hpp"

namespace node {

namespace fs = std::filesystem;
using base::Code;
using base::Error;

namespace {

constexpr std::uintmax_t file_bytes_max = std::uintmax_t{64} << 20;

class NoTransport final : public Transport {
 public:
  void send(Place, SharedBytes) override {}
  void broadcast(SharedBytes) override {}
  bool is_connected(Place) const override { return false; }
  void members(std::vector<Member> const&, std::optional<Place>) override {}
};

/// Where a node stands that does not run.
struct Standing {
  Home home;
  Hash chain;
  std::uint64_t epoch = 0;
  crypto::ValidatorSet validators;
  Height height = 0;
  Hash result;
  std::optional<crypto::ValidatorSecret> secret;
  Place place = 0;
};

Result<Recovery> read_recovery(fs::path const& file) {
  std::error_code failed;
  auto const size = fs::file_size(file, failed);
  if (failed) return Error{Code::E_FORM, file.string(), failed.message()};
  if (size > file_bytes_max) return Error{Code::E_TOO_LARGE, file.string(), "is no recovery"};
  std::ifstream in(file, std::ios::binary);
  std::string const text{std::istreambuf_iterator<char>(in), {}};
  auto const value = rpc::from_answer(text);
  auto recovery = value ? base::read_view<Recovery>(*value) : Result<Recovery>(value.error());
  if (!recovery) {
    auto const& [what, field, detail] = recovery.error();
    return Error{what, file.string() + ": " + field, detail};
  }
  return recovery;
}

Result<void> write_recovery(fs::path const& file, Recovery const& recovery) {
  auto const fresh = fs::path(file).concat(".new");
  {
    std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
    out << rpc::to_text(base::view(recovery)) << '\n';
    out.flush();
    if (!out) return Error{Code::E_DISK, fresh.string(), "cannot be written"};
  }
  std::error_code failed;
  fs::rename(fresh, file, failed);
  if (failed) return Error{Code::E_DISK, file.string(), failed.message()};
  return {};
}

Result<Standing> stand(fs::path const& path) {
  if (fs::exists(path / "data" / "cometbft")) {
    return Error{Code::E_FORM, path.string(), "is of a node whose engine is CometBFT, which recovers by its own means"};
  }
  TRY_ASSIGN(auto home, open_home(path));
  TRY_ASSIGN(auto const secrets, read_validator_secrets(path));
  TRY_ASSIGN(auto recoveries, read_recoveries(path));
  TRY_ASSIGN(auto const store, open_disk_store(path / "data"));
  Loop loop(1);
  NoTransport nobody;
  ReplicaSetup setup;
  setup.genesis = home.genesis;
  setup.log = [](std::string_view, std::string const&) {};
  setup.secrets = [&secrets] { return secrets; };
  setup.draw = random_bytes;
  setup.recoveries = std::move(recoveries);
  TRY_ASSIGN(auto const replica, Replica::open(std::move(setup), {loop, nobody, loop, *store}));
  auto const& header = replica->certified()->header;
  Standing out{std::move(home),
               home.genesis.chain(),
               replica->status().epoch,
               replica->validators(),
               header.height,
               header.hash(),
               std::nullopt,
               0};
  out.chain = out.home.genesis.chain();
  for (auto const& secret : secrets) {
    auto const& validators = out.validators.validators;
    auto const found = std::ranges::find(validators, crypto::validator_key(secret), &crypto::Validator::key);
    if (found == validators.end()) continue;
    out.secret = secret;
    out.place = static_cast<Place>(found - validators.begin());
  }
  return out;
}

Error other_block(Recovery const& recovery, Standing const& standing) {
  auto const here = "the last block that is final here is of height " + std::to_string(standing.height);
  if (recovery.height < standing.height) {
    return {Code::E_FORM, "height",
            here + ", above " + std::to_string(recovery.height) + ". Fix: draft anew from here"};
  }
  if (recovery.height > standing.height) {
    return {Code::E_FORM, "height",
            here + ", below " + std::to_string(recovery.height) + ". Fix: start this node until it has fetched it"};
  }
  return {Code::E_FORM, "result",
          "is not the one of height " + std::to_string(standing.height) + " here, " + standing.result.hex()};
}

Result<void> check_epoch(Recovery const& recovery, Standing const& standing) {
  if (recovery.chain != standing.chain) {
    return Error{Code::E_CHAIN, "chain", "is not this node's, " + standing.chain.hex()};
  }
  if (recovery.epoch != standing.epoch) {
    return Error{Code::E_FORM, "epoch", "this node is in epoch " + std::to_string(standing.epoch)};
  }
  return {};
}

fs::path folder_of(fs::path const& home) { return home / "data" / "recovery"; }

int tell(Result<std::string> const& done) {
  if (!done) return fail_to_start(done.error());
  return std::printf("%s\n", done->c_str()) < 0 ? 1 : 0;
}

Result<std::string> draft(fs::path const& home, fs::path const& file) {
  if (fs::exists(file)) return Error{Code::E_ALREADY_REGISTERED, file.string(), "is there already"};
  TRY_ASSIGN(auto const drafted, draft_recovery(home));
  TRY(write_recovery(file, drafted));
  return "epoch " + std::to_string(drafted.epoch) + " is to end after height " + std::to_string(drafted.height) + ", " +
         std::to_string(drafted.validators.quorum()) + " of " + std::to_string(drafted.validators.size()) +
         " validators have to sign:\n  tally recover sign " + file.string() + " --home DIR";
}

Result<std::string> sign_file(fs::path const& home, fs::path const& file) {
  TRY_ASSIGN(auto recovery, read_recovery(file));
  TRY_ASSIGN(auto const signed_one, sign_recovery(home, std::move(recovery)));
  TRY(write_recovery(file, signed_one));
  return std::to_string(signed_one.statements.size()) + " have signed; this validator votes no more in epoch " +
         std::to_string(signed_one.epoch);
}

Result<std::string> apply_file(fs::path const& home, fs::path const& file) {
  TRY_ASSIGN(auto const recovery, read_recovery(file));
  return apply_recovery(home, recovery);
}

}  // namespace

Result<Statement> give_up(storage::Journal& journal, consensus::Place place, std::uint64_t epoch, Height height) {
  Statement out{place, true, {}, {}};
  for (auto const& note : journal.take_notes()) {
    if (note.kind == note_loss) out.remembers = false;
    if (note.kind != note_record || note.epoch != epoch) continue;
    TRY_ASSIGN(auto const record, base::decode<consensus::Record>(note.bytes));
    auto const* vote = std::get_if<consensus::Vote>(&record.body);
    if (vote == nullptr || vote->ballot.kind != consensus::VoteKind::finalize) continue;
    auto const& ballot = vote->ballot;
    if (ballot.height <= height) continue;
    if (out.voted.size() == out.voted.max) return Error{Code::E_LIMIT, "data/journal", "holds too many votes"};
    out.voted.push_back({ballot.view, ballot.height, ballot.block, ballot.result});
  }
  std::ranges::sort(out.voted);
  auto const [first, last] = std::ranges::unique(out.voted);
  out.voted.erase(first, last);
  journal.append({{note_given_up, epoch, storage::note_pinned, base::encode(epoch)}});
  return out;
}

Result<std::vector<Recovery>> read_recoveries(fs::path const& home) {
  std::vector<Recovery> out;
  std::error_code none;
  for (auto const& entry : fs::directory_iterator(folder_of(home), none)) {
    if (entry.path().extension() != ".json") continue;
    TRY_ASSIGN(auto recovery, read_recovery(entry.path()));
    out.push_back(std::move(recovery));
  }
  std::ranges::sort(out, {}, &Recovery::epoch);
  return out;
}

Result<Recovery> draft_recovery(fs::path const& home) {
  TRY_ASSIGN(auto const standing, stand(home));
  return Recovery{1, standing.chain, standing.epoch, standing.height, standing.result, standing.validators, {}};
}

Result<Recovery> sign_recovery(fs::path const& home, Recovery recovery) {
  TRY_ASSIGN(auto const standing, stand(home));
  TRY(check_epoch(recovery, standing));
  TRY(check_set(recovery.validators));
  if (recovery.height != standing.height || recovery.result != standing.result) return other_block(recovery, standing);
  if (!standing.secret) {
    return Error{Code::E_SCOPE, "validator.key", "is of no validator of epoch " + std::to_string(standing.epoch)};
  }
  TRY_ASSIGN(auto const folder, storage::open_folder(standing.home.path / "data" / "journal"));
  TRY_ASSIGN(auto const journal, storage::Journal::open(*folder));
  TRY_ASSIGN(auto statement, give_up(*journal, standing.place, standing.epoch, standing.height));
  sign(recovery, std::move(statement), *standing.secret);
  return recovery;
}

Result<std::string> apply_recovery(fs::path const& home, Recovery const& recovery) {
  TRY_ASSIGN(auto const standing, stand(home));
  auto const number = std::to_string(recovery.epoch);
  std::string told = "the node begins epoch " + std::to_string(recovery.epoch + 1) + " when it starts";
  if (recovery.epoch < standing.epoch) return Error{Code::E_FORM, "epoch", number + " is over on this node"};
  if (recovery.epoch == standing.epoch) {
    TRY(verify(recovery, standing.chain, standing.validators));
    bool const same = recovery.height == standing.height && recovery.result == standing.result;
    if (recovery.height <= standing.height && !same) return other_block(recovery, standing);
  } else if (recovery.chain != standing.chain) {
    return check_epoch(recovery, standing).error();
  }
  if (recovery.epoch > standing.epoch || recovery.height > standing.height) {
    told = "the node is at height " + std::to_string(standing.height) + " and begins epoch " +
           std::to_string(recovery.epoch + 1) + " when it has fetched height " + std::to_string(recovery.height);
  }
  std::error_code failed;
  fs::create_directories(folder_of(home), failed);
  TRY(write_recovery(folder_of(home) / (number + ".json"), recovery));
  return told;
}

int run_recover_draft(fs::path const& home, fs::path const& file) { return tell(draft(home, file)); }
int run_recover_sign(fs::path const& home, fs::path const& file) { return tell(sign_file(home, file)); }
int run_recover_apply(fs::path const& home, fs::path const& file) { return tell(apply_file(home, file)); }

}  // namespace node
