// SPDX-License-Identifier: Apache-2.0
#include "wallet/witness.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <thread>

#include "base/time.hpp"
#include "crypto/merkle.hpp"
#include "crypto/party.hpp"
#include "wallet/commands.hpp"
#include "wallet/memory.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

base::Result<std::optional<Signed>> read_signed(std::filesystem::path const& file) {
  if (!std::filesystem::exists(file)) return std::optional<Signed>();
  TRY_ASSIGN(auto const text, read_text_file(file));
  auto last = base::decode<Signed>(base::bytes_of(text));
  if (last && last->version == 1) return std::optional(*std::move(last));
  return Error{Code::E_ENCODING, file.string(), "not what a witness signed last; without it two might be signed"};
}

base::Result<void> write_signed(std::filesystem::path const& file, Signed const& last) {
  return write_text_file(file, std::string(base::text_of(base::encode(last))));
}

base::Result<WitnessStep> judge_offer(std::optional<Signed> const& last, ledger::TraceProof const& proof,
                                      std::vector<ledger::Hash> const& path, ledger::PartyKey const& key,
                                      ledger::Anchor const& anchor) {
  TRY(ledger::verify_record(proof, ledger::state_key(ledger::Space::key, key.view()), anchor));
  if (!last) return WitnessStep::sign;
  auto const& before = last->proof.header;
  auto const& header = proof.header;
  if (header.height < before.height) return WitnessStep::wait;
  if (header.height == before.height) return header == before ? WitnessStep::repeat : WitnessStep::conflict;
  bool const grew =
      before.event_log_size == 0 || (before.event_log_size <= header.event_log_size &&
                                     crypto::is_consistent(before.event_log_size, before.event_log_root,
                                                           header.event_log_size, header.event_log_root, path));
  if (grew && header.time_ms >= before.time_ms) return WitnessStep::sign;
  return Error{Code::E_FORM, "height " + std::to_string(header.height),
               "does not extend height " + std::to_string(before.height) + ", which was signed"};
}

namespace {

/// One process signs by one file.
class Lock {
 public:
  explicit Lock(std::filesystem::path const& file)
      : descriptor_(::open((file.string() + ".lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    held_ = descriptor_ >= 0 && ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0;
  }
  ~Lock() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Lock(Lock const&) = delete;
  Lock& operator=(Lock const&) = delete;
  bool held() const { return held_; }

 private:
  int descriptor_;
  bool held_ = false;
};

struct Offer {
  ledger::TraceProof proof;
  std::vector<ledger::Hash> path;
};

base::Result<Offer> ask(rpc::Client& client, ledger::PartyKey const& key, std::optional<Signed> const& last) {
  auto params = Value::object();
  params.add("key", Value::of(key.hex()));
  if (last) params.add("first", Value::of(std::to_string(last->proof.header.event_log_size)));
  TRY_ASSIGN(auto const answer, client.call("witness_next", std::move(params)));
  auto const text = answer.string_of("proof");
  auto const bytes = text.starts_with("0x") ? base::from_hex(text) : std::nullopt;
  auto const* path = answer.find("path");
  if (!bytes || path == nullptr) return Error{Code::E_ENCODING, "witness_next", "the answer lacks proof or path"};
  Offer out;
  TRY_ASSIGN(out.proof, base::decode<ledger::TraceProof>(*bytes));
  for (auto const& one : path->items) {
    auto const hash = ledger::Hash::from_text(one.text);
    if (!hash) return Error{Code::E_ENCODING, "witness_next.path", "no hash"};
    out.path.push_back(*hash);
  }
  return out;
}

base::Result<void> send(rpc::Client& client, Signed const& last) {
  auto params = Value::object();
  params.add("result", Value::of(last.proof.header.hash().hex()));
  params.add("key", Value::of(last.cosignature.key.hex()));
  params.add("time_ms", Value::of(std::to_string(last.cosignature.time_ms)));
  params.add("signature", Value::of(last.cosignature.signature.hex()));
  TRY(client.call("witness_sign", std::move(params)));
  return {};
}

Signed signed_by(Identity const& identity, ledger::TraceProof proof) {
  Signed out;
  auto const time_ms = wall_time_ms();
  auto const digest = ledger::cosignature_digest(proof.header, time_ms);
  out.cosignature = {identity.key, time_ms, crypto::party_sign(identity.secret, digest, random_bytes())};
  out.proof = std::move(proof);
  return out;
}

class Witness {
 public:
  Witness(Options const& options, WitnessOptions const& told, Identity identity, ledger::Anchor anchor)
      : options_(options), told_(told), identity_(std::move(identity)), anchor_(anchor) {}

  base::Result<void> open() {
    TRY_ASSIGN(last_, read_signed(told_.file));
    if (!last_ || last_->cosignature.key == identity_.key) return {};
    return Error{Code::E_FORM, told_.file.string(), "keeps what another key signed"};
  }

  /// One result of one node; nothing when all is well, else the exit code.
  std::optional<int> round(std::string const& node) {
    auto client = rpc::connect(node);
    if (!client) return code(report(client.error()));
    auto offer = ask(**client, identity_.key, last_);
    if (!offer) return code(report(offer.error(), "tally key add registers a key; an auditor's, certifier's, …"));
    auto const step = judge_offer(last_, offer->proof, offer->path, identity_.key, anchor_);
    if (!step) {
      report(step.error(), "nothing was signed; compare with another node");
      return code(Exit::check_failed);
    }
    if (*step == WitnessStep::wait) return std::nullopt;
    if (*step == WitnessStep::conflict) return accuse(offer->proof);
    if (*step == WitnessStep::sign) {
      auto next = signed_by(identity_, std::move(offer->proof));
      // On disk before anybody sees it.
      auto const written = write_signed(told_.file, next);
      if (!written) return code(report(written.error()));
      last_ = std::move(next);
    }
    auto const sent = send(**client, *last_);
    if (!sent) return code(report(sent.error()));
    if (*step == WitnessStep::sign) tell(last_->proof);
    return std::nullopt;
  }

 private:
  static void tell(ledger::TraceProof const& proof) {
    std::printf("signed  height %lu, %s, %zu of %zu validators\n", proof.header.height,
                base::to_rfc3339(proof.header.time_ms).c_str(), ledger::signature_count(proof.finality),
                proof.validators.size());
    std::fflush(stdout);
  }
  /// Keeps both results and names who signed both.
  int accuse(ledger::TraceProof const& other) const {
    auto const save = [&](char const* name, ledger::TraceProof const& proof) {
      auto file = told_.file;
      file += name;
      auto const written = write_text_file(file, std::string(base::text_of(base::encode(proof))));
      if (!written) report(written.error());
      return file;
    };
    auto const first = save(".first.proof", last_->proof);
    return accuse_signers(options_, first, save(".second.proof", other));
  }

  Options const& options_;
  WitnessOptions const& told_;
  Identity identity_;
  ledger::Anchor anchor_;
  std::optional<Signed> last_;
};

}  // namespace

int witness(Options const& options, WitnessOptions const& told) {
  auto const anchor = anchor_of(options, nullptr);
  if (!anchor) return code(report(anchor.error(), "tally witness --key NAME --genesis genesis.json"));
  auto const identity = unlock(options, told.key);
  if (!identity) return code(report(identity.error(), "tally key list"));
  Lock const lock(told.file);
  if (!lock.held()) {
    Error const busy{Code::E_BUSY, told.file.string(), "another witness signs by this file"};
    return code(report(busy, "stop it, or name another file for another key with --file"));
  }
  Witness one(options, told, *identity, *anchor);
  auto const opened = one.open();
  if (!opened) return code(report(opened.error()));
  auto nodes = told.also;
  nodes.insert(nodes.begin(), options.node);
  while (true) {
    int worst = code(Exit::done);
    for (auto const& node : nodes) {
      auto const exit = one.round(node);
      if (exit == code(Exit::check_failed)) return *exit;
      worst = std::max(worst, exit.value_or(worst));
    }
    if (told.once) return worst;
    std::this_thread::sleep_for(std::chrono::milliseconds(told.every_ms));
  }
}

}  // namespace wallet
