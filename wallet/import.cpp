// SPDX-License-Identifier: Apache-2.0
// tally import: many events into one node, in signed transactions of up to 512, several under way at a time.
#include <unistd.h>

#include <chrono>
#include <deque>
#include <thread>

#include "crypto/hash.hpp"
#include "gs1/event.hpp"
#include "ledger/record.hpp"
#include "rpc/json.hpp"
#include "rpc/xml.hpp"
#include "wallet/commands.hpp"
#include "wallet/event_file.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

constexpr std::size_t events_a_transaction_max = 512;
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

/// What is kept beside the file, so that an import goes on where it stopped.
struct Place {
  std::filesystem::path path;
  std::string file_hash;
  std::size_t done = 0;

  static Place read(std::filesystem::path path, std::string_view text) {
    Place out{std::move(path), crypto::sha256(base::bytes_of(text)).hex(), 0};
    auto const kept = read_text_file(out.path);
    auto const value = kept ? rpc::from_text(*kept) : base::Result<Value>(kept.error());
    if (!value || value->string_of("file") != out.file_hash) return out;
    auto const done = base::from_decimal(value->string_of("done"));
    if (done) out.done = static_cast<std::size_t>(*done);
    return out;
  }
  base::Result<void> write() const {
    auto value = Value::object();
    value.add("file", Value::of(file_hash));
    value.add("done", Value::of(std::to_string(done)));
    return write_text_file(path, rpc::to_text(value) + "\n");
  }
};

struct Counts {
  std::size_t recorded = 0;
  std::size_t known = 0;
  std::size_t refused = 0;
};

class Import {
 public:
  Import(Options const& options, EventFile const& file, Place place, Identity identity, unsigned window)
      : options_(options), file_(file), place_(std::move(place)), identity_(std::move(identity)), window_(window) {}

  base::Result<Counts> run() {
    TRY_ASSIGN(client_, rpc::connect(options_.node, 30'000));
    TRY_ASSIGN(chain_, chain_info(*client_));
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
    return counts_;
  }
  double rate() const { return rate_; }

 private:
  struct UnderWay {
    ledger::Hash id;
    /// The places of its events, and the first place behind them.
    std::vector<std::size_t> places;
    std::size_t end = 0;
  };

  void refuse(std::size_t place, std::string const& why) {
    if (++counts_.refused <= shown_errors_max)
      std::fprintf(stderr, "%sevent %zu  %s\n", isatty(STDERR_FILENO) != 0 ? "\r\x1b[K" : "", place + 1, why.c_str());
  }

  /// Judges, signs and submits events from `first` on, all of one context; the place behind them.
  base::Result<std::size_t> send(std::size_t first) {
    UnderWay batch;
    std::vector<ledger::BytesView> good;
    Draft draft;
    std::size_t bytes = 0;
    auto place = first;
    auto const context = file_.events[first].context;
    for (; place < file_.events.size() && good.size() < events_a_transaction_max; ++place) {
      auto const& event = file_.events[place];
      auto const view = base::bytes_of(event.bytes);
      if (event.context != context || (bytes + view.size() > transaction_payload_max && !good.empty())) break;
      auto const read = gs1::read_event(view, contexts_[context]);
      if (!read) {
        refuse(place, to_string(read.error()));
        continue;
      }
      bytes += view.size();
      good.push_back(view);
      draft.payloads.emplace_back(view.begin(), view.end());
      batch.places.push_back(place);
    }
    batch.end = place;
    if (!good.empty()) {
      TRY_ASSIGN(auto record, ledger::make_record(ledger::RecordMode::proceed, file_.contexts[context], good));
      draft.actor = identity_.party;
      draft.operations.emplace_back(std::move(record));
      TRY_ASSIGN(batch.id, submit_patiently(sign(std::move(draft), chain_, {identity_})));
    }
    under_way_.push_back(std::move(batch));
    return place;
  }

  /// A full queue or a used-up allowance is waited for.
  base::Result<ledger::Hash> submit_patiently(ledger::Transaction const& transaction) {
    while (true) {
      auto id = submit(*client_, transaction);
      bool const busy = !id && (id.error().code == Code::E_METER || id.error().code == Code::E_BUSY);
      if (!busy) return id;
      if (!under_way_.empty()) TRY(settle());
      std::this_thread::sleep_for(busy_pause);
    }
  }

  /// Waits for the oldest transaction and notes that it is done.
  base::Result<void> settle() {
    if (under_way_.empty()) return {};
    auto const batch = std::move(under_way_.front());
    under_way_.pop_front();
    if (!batch.places.empty()) {
      TRY_ASSIGN(auto const outcome, wait(*client_, batch.id, outcome_ms_max));
      if (outcome.state != "done" && outcome.state != "failed")
        return Error{Code::E_BUSY, batch.id.hex(), "was not recorded in a minute; run the same command again to go on"};
      for (std::size_t i = 0; i < batch.places.size(); ++i) {
        auto const code = i < outcome.event_codes.size() ? outcome.event_codes[i] : outcome.code;
        if (code == "done") {
          ++counts_.recorded;
        } else if (code == "exists") {
          ++counts_.known;
        } else {
          refuse(batch.places[i], code + (outcome.field.empty() ? "" : "  " + outcome.field));
        }
      }
    }
    place_.done = batch.end;
    // A signature is good for an hour of block time; the chain's own time moves on meanwhile.
    if (++settled_ % 64 == 0) {
      TRY_ASSIGN(chain_, chain_info(*client_));
    }
    return place_.write();
  }

  Options const& options_;
  EventFile const& file_;
  Place place_;
  Identity identity_;
  unsigned window_;
  std::unique_ptr<rpc::Client> client_;
  ChainInfo chain_;
  std::vector<gs1::Context> contexts_;
  std::deque<UnderWay> under_way_;
  Counts counts_;
  std::size_t settled_ = 0;
  double rate_ = 0;
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
  auto place_path = file;
  place_path += ".import";
  auto const place = Place::read(place_path, *text);
  if (place.done > 0) std::fprintf(stderr, "goes on behind event %zu, as %s says\n", place.done, place_path.c_str());
  constexpr unsigned window = 8;
  Import import(options, *events, place, *identity, in_order ? 1 : window);
  auto const counts = import.run();
  if (!counts) return code(report(counts.error(), "run the same command again: it goes on where it stopped"));
  std::printf("%zu recorded, %zu recorded before, %zu refused, %.0f events/s\n", counts->recorded, counts->known,
              counts->refused, import.rate());
  return code(counts->refused == 0 ? Exit::done : Exit::refused);
}

}  // namespace wallet
