// SPDX-License-Identifier: Apache-2.0
// tally import: many events into one node, in signed transactions of up to 250, several under way at a time. The next
// are made while those before are sent, one after the other in the file's order. Beside the file stands how far it is
// (FILE.import) and what was refused so far (FILE.refused); both survive a kill at any time.
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <deque>
#include <fstream>
#include <future>
#include <thread>

#include "crypto/hash.hpp"
#include "gs1/event_value.hpp"
#include "ledger/record.hpp"
#include "rpc/json.hpp"
#include "rpc/xml.hpp"
#include "wallet/commands.hpp"
#include "wallet/event_file.hpp"
#include "wallet/signing.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

/// A node answers each when it has checked it; with few events in each, an import would mostly wait for answers.
constexpr std::size_t events_a_transaction_max = 250;
/// Of the events' bytes; the node takes a transaction of 2 MiB.
constexpr std::size_t transaction_payload_max = std::size_t{1} << 20;
constexpr std::size_t shown_errors_max = 20;
constexpr std::uint64_t outcome_ms_max = 60'000;
constexpr auto busy_pause = std::chrono::milliseconds(100);

double seconds_since(std::chrono::steady_clock::time_point begun) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
}

/// How far an import is: on a terminal a line that changes, elsewhere a plain line every five seconds.
class Progress {
 public:
  explicit Progress(std::size_t total, std::size_t already) : total_(total), already_(already), done_(already) {}

  void show(std::size_t done, bool last = false) {
    done_ = done;
    bool const terminal = isatty(STDERR_FILENO) != 0;
    auto const now = seconds_since(begun_);
    if (!last && now - shown_ < (terminal ? 0.2 : 5.0)) return;
    shown_ = now;
    auto const rate = now > 0 ? static_cast<double>(done_ - already_) / now : 0.0;
    auto const left = rate > 0 ? static_cast<double>(total_ - done_) / rate : 0.0;
    // Never 100 % before it is done.
    auto const percent =
        done_ == total_ ? 100.0 : std::min(99.9, 100.0 * static_cast<double>(done_) / static_cast<double>(total_));
    std::fprintf(stderr, "%simport  %5.1f %%  %zu of %zu events  %.0f/s  %.0f s left%s", terminal ? "\r" : "", percent,
                 done_, total_, rate, left, terminal && !last ? "\x1b[K" : "\n");
  }
  double rate() const { return static_cast<double>(done_ - already_) / std::max(0.001, seconds_since(begun_)); }

 private:
  std::size_t total_;
  std::size_t already_;
  std::size_t done_;
  double shown_ = 0;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

struct Counts {
  std::size_t recorded = 0;
  std::size_t known = 0;
  std::size_t refused = 0;
};

/// What is kept beside the file, so that an import goes on where it stopped. All of it speaks of the events before
/// `done`; what was refused behind that is judged again.
class Place {
 public:
  /// Begins anew when there is none, or that of another file.
  static base::Result<Place> read(std::filesystem::path const& file, std::string_view text) {
    Place out;
    out.path_ = file;
    out.path_ += ".import";
    out.refused_path_ = file;
    out.refused_path_ += ".refused";
    out.file_hash_ = crypto::sha256(base::bytes_of(text)).hex();
    auto const kept = read_text_file(out.path_);
    auto const value = kept ? rpc::from_text(*kept) : base::Result<Value>(kept.error());
    if (value && value->string_of("file") == out.file_hash_) {
      auto const number = [&](char const* name) {
        return static_cast<std::size_t>(base::from_decimal(value->string_of(name)).value_or(0));
      };
      out.done = number("done");
      out.counts = {number("recorded"), number("known"), number("refused")};
      out.refused_bytes_ = number("refused_bytes");
    }
    std::error_code error;
    auto const size = std::filesystem::file_size(out.refused_path_, error);
    if (!error && size > out.refused_bytes_) std::filesystem::resize_file(out.refused_path_, out.refused_bytes_, error);
    if (out.refused_bytes_ > 0 && (error || size < out.refused_bytes_)) {
      return Error{Code::E_FORM, out.refused_path_.string(),
                   "is not as the import left it; remove " + out.path_.string() + " to begin anew"};
    }
    return out;
  }
  /// The next events are done; those refused among them stand in the list before the place says so.
  base::Result<void> advance(std::size_t end, std::vector<std::string> const& refused) {
    done = end;
    if (!refused.empty()) {
      std::ofstream list(refused_path_, std::ios::app | std::ios::binary);
      for (auto const& line : refused) {
        list << line << '\n';
        refused_bytes_ += line.size() + 1;
      }
      list.flush();
      if (!list) return Error{Code::E_DISK, refused_path_.string(), "cannot be written"};
    }
    auto value = Value::object();
    value.add("file", Value::of(file_hash_));
    value.add("done", Value::of(std::to_string(done)));
    value.add("recorded", Value::of(std::to_string(counts.recorded)));
    value.add("known", Value::of(std::to_string(counts.known)));
    value.add("refused", Value::of(std::to_string(counts.refused)));
    value.add("refused_bytes", Value::of(std::to_string(refused_bytes_)));
    return write_text_file(path_, rpc::to_text(value) + "\n");
  }
  std::filesystem::path const& path() const { return path_; }
  std::filesystem::path const& refused_path() const { return refused_path_; }

  std::size_t done = 0;
  Counts counts;

 private:
  std::filesystem::path path_;
  std::filesystem::path refused_path_;
  std::string file_hash_;
  std::size_t refused_bytes_ = 0;
};

class Import {
 public:
  Import(Options const& options, EventFile const& file, Place place, Identity identity, unsigned window)
      : options_(options), file_(file), place_(std::move(place)), identity_(std::move(identity)), window_(window) {}

  ~Import() { stopped_ = true; }
  Import(Import const&) = delete;
  Import& operator=(Import const&) = delete;

  base::Result<Counts> run() {
    TRY_ASSIGN(client_, rpc::connect(options_.node, 30'000));
    TRY_ASSIGN(sender_, rpc::connect(options_.node, 30'000));
    TRY_ASSIGN(chain_, chain_to_sign_for(*client_, options_));
    for (auto const& text : file_.contexts) {
      TRY_ASSIGN(auto context, gs1::read_context(text));
      contexts_.push_back(std::move(context));
    }
    Progress progress(file_.events.size(), place_.done);
    auto next = place_.done;
    while (next < file_.events.size() || !under_way_.empty()) {
      while (next < file_.events.size() && under_way_.size() < window_) {
        TRY_ASSIGN(next, send(next));
      }
      TRY(settle());
      progress.show(place_.done);
    }
    progress.show(place_.done, true);
    rate_ = progress.rate();
    return place_.counts;
  }
  double rate() const { return rate_; }

 private:
  using Sent = std::shared_future<base::Result<ledger::Hash>>;

  struct UnderWay {
    /// Its transaction's id; not valid when there is none.
    Sent sent;
    /// The places of its events, and the first place behind them.
    std::vector<std::size_t> places;
    std::size_t end = 0;
    /// Places that could not be read, or were refused by the ledger, and why.
    std::vector<std::pair<std::size_t, std::string>> refused;
  };

  /// The lines of what was refused; the first of a run are shown.
  std::vector<std::string> told(UnderWay& batch) {
    std::sort(batch.refused.begin(), batch.refused.end());
    std::vector<std::string> out;
    for (auto const& [place, why] : batch.refused) {
      out.push_back("event " + std::to_string(place + 1) + "  " + why);
      if (++shown_ <= shown_errors_max)
        std::fprintf(stderr, "%s%s\n", isatty(STDERR_FILENO) != 0 ? "\r\x1b[K" : "", out.back().c_str());
    }
    return out;
  }

  static base::Result<ledger::EventCommitment> judge(ledger::BytesView event, gs1::Context const& context) {
    TRY_ASSIGN(auto const parsed, gs1::parse_event(event));
    TRY(gs1::read_event(parsed, context));
    return ledger::commitment_of(event, parsed);
  }

  /// Judges, signs and submits events from `first` on, all of one context; the place behind them.
  base::Result<std::size_t> send(std::size_t first) {
    UnderWay batch;
    std::vector<ledger::EventCommitment> good;
    Draft draft;
    std::size_t bytes = 0;
    auto place = first;
    auto const context = file_.events[first].context;
    for (; place < file_.events.size() && good.size() < events_a_transaction_max; ++place) {
      auto const& event = file_.events[place];
      auto const view = base::bytes_of(event.bytes);
      if (event.context != context || (bytes + view.size() > transaction_payload_max && !good.empty())) break;
      auto const commitment = judge(view, contexts_[context]);
      if (!commitment) {
        batch.refused.emplace_back(place, to_string(commitment.error()));
        continue;
      }
      bytes += view.size();
      good.push_back(*commitment);
      draft.payloads.emplace_back(view.begin(), view.end());
      batch.places.push_back(place);
    }
    batch.end = place;
    if (!good.empty()) {
      TRY_ASSIGN(auto record, ledger::make_record(ledger::RecordMode::proceed, file_.contexts[context], good));
      draft.actor = identity_.party;
      draft.operations.emplace_back(std::move(record));
      auto whole = sign(std::move(draft), chain_, {identity_});
      // What it holds goes with its end, not with its answer.
      auto send_it = [this, last = last_, made = std::move(whole)]() mutable -> base::Result<ledger::Hash> {
        auto const before = std::move(last);
        auto const transaction = std::move(made);
        if (before.valid() && !before.get()) return before.get();
        return submit_patiently(transaction);
      };
      last_ = batch.sent = std::async(std::launch::async, std::move(send_it)).share();
    }
    under_way_.push_back(std::move(batch));
    return place;
  }

  /// A full queue or a used-up allowance is waited for. One thread after the other.
  base::Result<ledger::Hash> submit_patiently(ledger::Transaction const& transaction) {
    while (true) {
      auto id = submit(*sender_, transaction);
      bool const busy = !id && (id.error().code == Code::E_METER || id.error().code == Code::E_BUSY);
      if (!busy || stopped_) return id;
      std::this_thread::sleep_for(busy_pause);
    }
  }

  /// Waits for the oldest transaction and notes that it is done.
  base::Result<void> settle() {
    if (under_way_.empty()) return {};
    auto batch = std::move(under_way_.front());
    under_way_.pop_front();
    if (!batch.places.empty()) {
      TRY_ASSIGN(auto const id, batch.sent.get());
      TRY_ASSIGN(auto const outcome, wait(*client_, id, outcome_ms_max));
      if (outcome.state != "done" && outcome.state != "failed")
        return Error{Code::E_BUSY, id.hex(), "was not recorded in a minute; run the same command again to go on"};
      for (std::size_t i = 0; i < batch.places.size(); ++i) {
        auto const code = i < outcome.event_codes.size() ? outcome.event_codes[i] : outcome.code;
        if (code == "done") {
          ++place_.counts.recorded;
        } else if (code == "exists") {
          ++place_.counts.known;
        } else {
          batch.refused.emplace_back(batch.places[i], code + (outcome.field.empty() ? "" : "  " + outcome.field));
        }
      }
    }
    place_.counts.refused += batch.refused.size();
    // A signature is good for an hour of block time; the chain's own time moves on meanwhile.
    if (++settled_ % 64 == 0) {
      TRY_ASSIGN(chain_, chain_to_sign_for(*client_, options_));
    }
    return place_.advance(batch.end, told(batch));
  }

  Options const& options_;
  EventFile const& file_;
  Place place_;
  Identity identity_;
  unsigned window_;
  std::unique_ptr<rpc::Client> client_;
  /// Of the threads that send.
  std::unique_ptr<rpc::Client> sender_;
  ChainInfo chain_;
  std::vector<gs1::Context> contexts_;
  std::size_t shown_ = 0;
  std::size_t settled_ = 0;
  double rate_ = 0;
  std::atomic<bool> stopped_ = false;
  /// Their ends are waited for before what they use goes.
  Sent last_;
  std::deque<UnderWay> under_way_;
};

}  // namespace

int import_events(Options const& options, std::filesystem::path const& file, std::string const& key_name,
                  bool in_order) {
  auto text = read_text_file(file, import_bytes_max);
  if (text && rpc::is_xml(*text)) text = rpc::json_of_xml(*text);
  if (!text) return code(report(text.error()));
  auto const events = split_events(*text);
  if (!events) return code(report(events.error()));
  auto const identity = unlock(options, key_name);
  if (!identity) return code(report(identity.error(), "tally key list"));
  auto const place = Place::read(file, *text);
  if (!place) return code(report(place.error()));
  if (place->done > 0) {
    std::fprintf(stderr, "goes on behind event %zu, as %s says; %zu were refused\n", place->done, place->path().c_str(),
                 place->counts.refused);
  }
  constexpr unsigned window = 16;
  Import import(options, *events, *place, *identity, in_order ? 1 : window);
  auto const counts = import.run();
  if (!counts) {
    auto const next = chain_next(counts.error());
    return code(
        report(counts.error(), next.empty() ? "run the same command again: it goes on where it stopped" : next));
  }
  std::printf("%zu recorded, %zu recorded before, %zu refused, %.0f events/s\n", counts->recorded, counts->known,
              counts->refused, import.rate());
  if (counts->refused > 0) std::printf("refused: %s\n", place->refused_path().c_str());
  return code(counts->refused == 0 ? Exit::done : Exit::refused);
}

}  // namespace wallet
