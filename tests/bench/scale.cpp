// SPDX-License-Identifier: Apache-2.0
#include "bench/scale.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>

#include "base/time.hpp"
#include "bench/load.hpp"
#include "bench/usage.hpp"
#include "crypto/party.hpp"
#include "gs1/identifier.hpp"
#include "ledger/proof.hpp"
#include "ledger/record.hpp"
#include "node/execution.hpp"
#include "storage/database.hpp"

namespace bench {

namespace {

namespace fs = std::filesystem;
using base::Code;
using base::Error;
using base::Result;
using Steady = std::chrono::steady_clock;

constexpr std::uint64_t events_a_transaction = 100;
constexpr std::uint64_t transactions_a_block = 20;
constexpr std::uint64_t events_a_block = events_a_transaction * transactions_a_block;
/// A rate is that of the last events before it is told.
constexpr std::uint64_t measured_events = 50'000;
constexpr std::uint64_t items_a_lot = 5'000;
constexpr std::size_t traces = 2'000;
constexpr double rate_aim = 80;
constexpr double memory_aim_mib = 1024;
constexpr double trace_aim_ms = 5;
constexpr base::TimeMs start_ms = 1'780'000'000'000;
constexpr base::TimeMs block_ms = 1'000;
constexpr char const* gln = "9521001000000";
constexpr char const* site = "9521001000024";
constexpr char const* gtin = "09521001000109";
constexpr std::string_view context =
    R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld", {"tally": "https://tallystick.example/ns/"}])";

crypto::PartySecret secret() { return {crypto::sha256(base::bytes_of("brand")).bytes}; }
crypto::ValidatorSecret validator() { return {crypto::sha256(base::bytes_of("validator")).bytes}; }

ledger::Genesis genesis() {
  ledger::Genesis out;
  out.chain_name = "scale";
  out.time_ms = start_ms;
  auto const party = ledger::party_id(gln);
  ledger::AddMember member;
  member.gln = gln;
  member.short_name = "BRAND";
  member.country = "DE";
  member.roles = static_cast<std::uint32_t>(ledger::Role::brand);
  member.accounting = true;
  out.operations.emplace_back(member);
  out.operations.emplace_back(ledger::GrantPrefix{"9521001", party});
  ledger::AddSite place;
  place.gln = site;
  place.party = party;
  place.country = "DE";
  out.operations.emplace_back(place);
  ledger::AddProduct product;
  product.gtin = gtin;
  product.unit = "EA";
  out.operations.emplace_back(product);
  auto const all = ledger::Scope{15, {}, {}};
  out.operations.emplace_back(
      ledger::KeyAdd{party, crypto::party_key(secret()).value(), ledger::KeyKind::staff, all, 0});
  out.validators.validators.push_back({party, crypto::validator_key(validator()), {}});
  return out;
}

std::string item_name(std::uint64_t number) { return gs1::make_item(gtin, "H" + std::to_string(number)).uri; }

/// Goods that come to be at the one site.
std::string event_of(std::string const& goods, base::TimeMs time_ms) {
  return R"({"type":"ObjectEvent","eventTime":")" + base::to_rfc3339(time_ms) + R"(","eventTimeZoneOffset":"+00:00",)" +
         goods +
         R"(,"action":"ADD","bizStep":"commissioning","disposition":"active",)"
         R"("readPoint":{"id":"https://id.gs1.org/414/9521001000024"},)"
         R"("bizLocation":{"id":"https://id.gs1.org/414/9521001000024"},)"
         R"("bizTransactionList":[{"type":"prodorder","bizTransaction":"https://id.gs1.org/253/9521001000000PO"}],)"
         R"("sourceList":[{"type":"owning_party","source":"https://id.gs1.org/417/9521001000000"}]})";
}

std::string lot_number(std::uint64_t item) { return "L" + std::to_string(item / items_a_lot); }

std::string event_of_lot(std::uint64_t first, base::TimeMs time_ms) {
  auto const lot = gs1::make_lot(gtin, lot_number(first)).uri;
  return event_of(R"("quantityList":[{"epcClass":")" + lot + R"(","quantity":)" + std::to_string(items_a_lot) + "}]",
                  time_ms);
}

std::string event_of_item(std::uint64_t number, base::TimeMs time_ms) {
  return event_of(R"("epcList":[")" + item_name(number) + R"("],"ilmd":{"tally:lot":")" + lot_number(number) + R"("})",
                  time_ms);
}

class Scale {
 public:
  Scale(Report& report, storage::Database& database, fs::path folder)
      : report_(report), database_(database), folder_(std::move(folder)), chain_(genesis_.chain()) {}

  Result<void> run(std::uint64_t items) {
    TRY_ASSIGN(auto first, node::execute_genesis(genesis_));
    adopt(first);
    for (std::uint64_t tell_at = 100'000; items_ < items;) {
      TRY(append());
      bool const due = items_ >= tell_at || items_ >= items;
      if (!due) continue;
      TRY(tell());
      tell_at *= 10;
    }
    return {};
  }

 private:
  std::shared_ptr<base::Bytes const> transaction(base::TimeMs time_ms) {
    std::vector<std::string> events;
    std::vector<ledger::BytesView> views;
    for (std::uint64_t i = 0; i < events_a_transaction; ++i, ++items_) {
      if (items_ % items_a_lot == 0) events.push_back(event_of_lot(items_, time_ms - 2));
      events.push_back(event_of_item(items_, time_ms - 1));
    }
    for (auto const& event : events) views.push_back(base::bytes_of(event));
    auto record = ledger::make_record(ledger::RecordMode::rollback, context, views);
    CHECK(record.has_value());
    ledger::Transaction out;
    out.body.chain = chain_;
    out.body.actor = ledger::party_id(gln);
    out.body.signers = {{out.body.actor, crypto::party_key(secret()).value()}};
    out.body.valid_from_ms = time_ms - 1;
    out.body.valid_until_ms = time_ms + base::minute_ms;
    out.body.operations = {*std::move(record)};
    for (auto const& event : events) out.payloads.emplace_back(base::to_bytes(event));
    out.signatures.push_back(crypto::party_sign(secret(), out.body.id(), {}));
    return std::make_shared<base::Bytes const>(base::encode(out));
  }

  Result<void> append() {
    auto const height = header_.height + 1;
    auto const time_ms = start_ms + height * block_ms;
    std::vector<std::shared_ptr<base::Bytes const>> transactions;
    for (std::uint64_t i = 0; i < transactions_a_block; ++i) transactions.push_back(transaction(time_ms));
    auto const bytes = node::encode_payload(transactions);
    node::BlockPlace const place{chain_,        1, height, height, time_ms, crypto::sha256(ledger::big_endian(height)),
                                 header_.hash()};
    auto const cpu = usage_of(getpid()).cpu_seconds;
    auto const begin = Steady::now();
    TRY_ASSIGN(auto payload, node::decode_payload(bytes, genesis_.parameters));
    TRY(node::check_payload(payload, chain_, genesis_.parameters, time_ms, verified_));
    auto const read = verified_.take(payload.leaves);
    auto executed = node::execute_block(*state_, tree_, place, std::move(payload.transactions), payload.ids, read);
    if (!executed.alarms.empty()) return Error{Code::E_FORM, "alarm", executed.alarms.front()};
    adopt(executed);
    auto const spent = std::chrono::duration<double>(Steady::now() - begin).count();
    blocks_.push_back({spent, usage_of(getpid()).cpu_seconds - cpu});
    for (auto const& id : payload.ids) {
      auto const key = ledger::receipt_key(id);
      auto const receipt = ledger::load<ledger::ReceiptRecord>(*state_, key)->receipt;
      if (receipt.code != Code::done) return Error{receipt.code, receipt.field, "was not recorded"};
    }
    if (blocks_.size() > measured_events / events_a_block) blocks_.erase(blocks_.begin());
    return {};
  }

  void adopt(node::Executed const& executed) {
    database_.apply(executed.diff, executed.header.height);
    state_ = database_.snapshot();
    tree_ = executed.tree;
    header_ = executed.header;
  }

  /// A certificate of the one validator.
  ledger::Certified certified() const {
    ledger::Certified out;
    out.chain = chain_;
    out.validators = genesis_.validators;
    out.header = header_;
    out.state = state_;
    out.tree = tree_;
    crypto::Ballot ballot;
    ballot.kind = crypto::VoteKind::finalize;
    ballot.chain = chain_;
    ballot.epoch = header_.epoch;
    ballot.view = header_.view;
    ballot.height = header_.height;
    ballot.block = header_.block_hash;
    ballot.result = header_.hash();
    out.finality = ledger::SimplexFinality{
        crypto::make_certificate(ballot, 1, {{0, crypto::validator_sign(validator(), ballot.digest())}})};
    return out;
  }

  Result<void> tell() {
    double wall = 0, cpu = 0;
    for (auto const& block : blocks_) wall += block.wall_s, cpu += block.cpu_s;
    auto const events = static_cast<double>(blocks_.size() * events_a_block);
    auto const at = certified();
    std::mt19937_64 random(items_);
    std::vector<double> took;
    std::size_t proof_bytes = 0;
    for (std::size_t i = 0; i < traces; ++i) {
      auto const name = item_name(random() % items_);
      auto const begin = Steady::now();
      TRY_ASSIGN(auto const proof, ledger::prove_trace(at, name, 20));
      auto const bytes = base::encode(proof);
      took.push_back(1e3 * std::chrono::duration<double>(Steady::now() - begin).count());
      proof_bytes += bytes.size();
      if (proof.histories.empty()) return Error{Code::E_UNKNOWN_GOODS, name, "was not recorded"};
    }
    std::sort(took.begin(), took.end());
    std::uintmax_t disk = 0;
    for (auto const& file : fs::recursive_directory_iterator(folder_)) {
      if (file.is_regular_file()) disk += file.file_size();
    }
    auto const name = [&](char const* what) { return std::to_string(items_) + " items: " + what; };
    auto const cost = 1e6 * cpu / events;
    report_.add(name("events recorded"), events / wall, "/s");
    if (first_cost_ > 0) {
      report_.add(name("capture rate by CPU, of that at 100000"), 100 * first_cost_ / cost, "%", at_least(rate_aim));
    } else {
      first_cost_ = cost;
    }
    report_.add(name("CPU of an event"), cost, "us");
    report_.add(name("memory at most"), usage_of(getpid()).memory_at_most_mib, "MiB", at_most(memory_aim_mib));
    report_.add(name("disk an event"), static_cast<double>(disk) / static_cast<double>(items_), "bytes");
    report_.add(name("trace with proof, p50"), quantile(took, 0.5), "ms");
    report_.add(name("trace with proof, p99"), quantile(took, 0.99), "ms", at_most(trace_aim_ms));
    report_.add(name("proof"), static_cast<double>(proof_bytes) / traces, "bytes");
    return {};
  }

  struct Block {
    double wall_s = 0;
    double cpu_s = 0;
  };
  Report& report_;
  storage::Database& database_;
  fs::path folder_;
  ledger::Genesis genesis_ = genesis();
  base::Hash chain_;
  node::Verified verified_;
  std::shared_ptr<ledger::StateView const> state_;
  ledger::StateTree tree_;
  ledger::ResultHeader header_;
  std::vector<Block> blocks_;
  std::uint64_t items_ = 0;
  double first_cost_ = 0;
};

}  // namespace

Result<void> measure_scale(Report& report, std::uint64_t items) {
  auto const folder = fs::temp_directory_path() / ("tally-scale-bench-" + std::to_string(getpid()));
  TRY_ASSIGN(auto const database, storage::open_database(folder));
  TRY(Scale(report, *database, folder).run(items));
  std::error_code ignored;
  fs::remove_all(folder, ignored);
  return {};
}

}  // namespace bench
