// SPDX-License-Identifier: Apache-2.0
#include "soak/clients.hpp"

#include <chrono>

#include "ledger/record.hpp"
#include "rpc/json.hpp"
#include "testnet/events.hpp"

namespace soak {

using base::Code;
using base::Error;
using base::Value;

namespace {

constexpr std::array<char const*, accounts> owners = {"SPREE", "SERICA", "COCOON", "HALDEN", "MAASHUB", "SOKE"};
constexpr char const* recorder = "HALDEN";
constexpr Amount payment_max = 5'000'00;
constexpr std::uint64_t call_ms_max = 3'000;
constexpr std::uint64_t patience_ms = 8'000;
constexpr unsigned write_pause_ms = 40;
constexpr unsigned read_pause_ms = 60;
/// A subject's proof shows all of it, so nobody's history grows for ever.
constexpr std::uint64_t events_max = 60;
constexpr ledger::TimeMs chain_info_holds_ms = 10'000;

std::uint64_t steady_ms() {
  using namespace std::chrono;
  return static_cast<std::uint64_t>(duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count());
}

Height height_of(Value const& answer, char const* name = "height") {
  return static_cast<Height>(base::from_decimal(answer.string_of(name)).value_or(0));
}

bool is_unreachable(Error const& error) { return error.field.starts_with("http://"); }

}  // namespace

/// Signs, submits and waits at one node.
class Clients::Teller {
 public:
  Teller(Clients& all, std::size_t node, std::uint64_t seed, rpc::Client& client)
      : all_(all), node_(node), random_(seed), name_("S" + std::to_string(seed % 100'000)), client_(client) {}

  void pay() {
    Payment payment;
    payment.from = random_.below(accounts);
    payment.to = (payment.from + 1 + random_.below(accounts - 1)) % accounts;
    payment.amount = random_.between(1, payment_max);
    ledger::Transfer transfer;
    transfer.from = party(payment.from);
    transfer.to = party(payment.to);
    transfer.asset = asset_name;
    transfer.amount = payment.amount;
    wallet::Draft draft;
    draft.actor = transfer.from;
    draft.operations.emplace_back(transfer);
    perform({{}, payment}, std::move(draft), owners[payment.from]);
  }

  void record() {
    if (!info_ && !ask_chain()) return;
    auto const& organisation = all_.world_.organisation(recorder);
    auto const number = events_++;
    auto const subject = "https://id.gs1.org/8003/0" + organisation.prefix + "00005" +
                         check_digit(organisation.prefix) + name_ + "N" + std::to_string(number / events_max);
    event_ms_ = std::max(info_->time_ms, event_ms_ + 1);
    testnet::EventWriter event("ObjectEvent", event_ms_, "+00:00");
    event.texts("epcList", {subject}).text("action", "OBSERVE").step("inspecting", "conformant");
    event.at(organisation.places.front().site.gln, "");
    auto const text = event.json();
    auto operation = ledger::make_record(ledger::RecordMode::rollback, testnet::event_context(),
                                         std::vector<ledger::BytesView>{base::bytes_of(text)});
    CHECK(operation.has_value());
    wallet::Draft draft;
    draft.actor = organisation.party();
    draft.operations.emplace_back(std::move(operation).value());
    draft.payloads.push_back(base::to_bytes(text));
    perform({{}, Recording{subject, crypto::sha256(base::bytes_of(text))}}, std::move(draft), recorder);
  }

  /// Sends it, again or for the first time, and tells the book what came of it.
  void settle(Deed const& deed, ledger::Transaction const& transaction) {
    auto const id = wallet::submit(client_, transaction);
    if (!id && is_unreachable(id.error())) return all_.book_.unresolved(deed, transaction);
    if (!id) {
      ++all_.refused_;
      if (id.error().code == Code::E_DISK) ++all_.refused_for_disk_;
      return;
    }
    auto const outcome = wallet::wait(client_, deed.id, patience_ms);
    if (!outcome || (outcome->state != "done" && outcome->state != "failed"))
      return all_.book_.unresolved(deed, transaction);
    bool const known_failure = outcome->code == "E_INSUFFICIENT_FUNDS";
    if (outcome->state == "failed" && !known_failure)
      all_.book_.violation("a good transaction failed: " + outcome->code + " " + outcome->field);
    all_.book_.acknowledged(node_, deed, outcome->height, outcome->state == "done");
  }

 private:
  ledger::PartyId party(std::size_t account) const { return all_.world_.organisation(owners[account]).party(); }

  bool ask_chain() {
    if (info_ && steady_ms() < info_until_ms_) return true;
    auto info = wallet::chain_info(client_);
    if (!info) return info_.has_value();
    info_ = std::move(info).value();
    info_until_ms_ = steady_ms() + chain_info_holds_ms;
    return true;
  }

  void perform(Deed deed, wallet::Draft draft, char const* signer) {
    if (!ask_chain()) return;
    draft.idempotency_key = ledger::IdempotencyKey::from(wallet::random_bytes().view().first(16));
    auto const transaction = wallet::sign(std::move(draft), *info_, {all_.network_.keyring().at(signer)});
    deed.id = transaction.body.id();
    settle(deed, transaction);
  }

  static std::string check_digit(std::string const& prefix) {
    unsigned sum = 0;
    auto const digits = prefix + "00005";
    for (std::size_t i = 0; i < digits.size(); ++i)
      sum += static_cast<unsigned>(digits[digits.size() - 1 - i] - '0') * (i % 2 == 0 ? 3 : 1);
    return std::to_string((10 - sum % 10) % 10);
  }

  Clients& all_;
  std::size_t node_;
  sim::Random random_;
  std::string name_;
  rpc::Client& client_;
  std::optional<wallet::ChainInfo> info_;
  std::uint64_t info_until_ms_ = 0;
  std::uint64_t events_ = 0;
  ledger::TimeMs event_ms_ = 0;
};

/// Asks one node and tells the book.
class Clients::Reader {
 public:
  Reader(Clients& all, std::size_t node, rpc::Client& client) : all_(all), node_(node), client_(client) {}

  Result<void> accounts_once() {
    auto batch = Value::array();
    for (auto const* owner : owners) {
      auto params = Value::object();
      params.add("party", Value::of(all_.world_.organisation(owner).member.gln));
      params.add("asset", Value::of(asset_name));
      auto request = Value::object();
      request.add("jsonrpc", Value::of("2.0"));
      request.add("id", Value::of(std::uint64_t{batch.items.size()}));
      request.add("method", Value::of("account_get"));
      request.add("params", std::move(params));
      batch.items.push_back(std::move(request));
    }
    auto const floor = all_.book_.floor(node_);
    TRY_ASSIGN(auto const answer, client_.send("POST", "/", rpc::to_text(batch)));
    TRY_ASSIGN(auto const answers, rpc::from_answer(answer.body));
    Balances seen{};
    if (answers.items.size() != seen.size()) return wrong("a batch was answered in part: " + answer.body);
    for (std::size_t account = 0; account < seen.size(); ++account) {
      auto const* result = answers.items[account].find("result");
      if (result == nullptr) return wrong("account_get: " + rpc::to_text(answers.items[account]));
      auto const amount = base::from_decimal(result->string_of("posted"));
      if (!amount) return wrong("account_get: " + rpc::to_text(*result));
      seen[account] = {height_of(*result), static_cast<Amount>(*amount)};
      all_.book_.answered(node_, floor, seen[account].first);
    }
    all_.book_.balances(node_, seen);
    return {};
  }

  Result<void> status_once() {
    auto const floor = all_.book_.floor(node_);
    TRY_ASSIGN(auto const answer, client_.call("chain_status", Value::object()));
    all_.book_.answered(node_, floor, height_of(answer));
    all_.book_.root(node_, height_of(answer), std::string(answer.string_of("state_root")));
    return {};
  }

  Result<void> receipt_once(Hash const& id, Height recorded) {
    auto const floor = all_.book_.floor(node_);
    auto params = Value::object();
    params.add("id", Value::of(id.hex()));
    TRY_ASSIGN(auto const answer, client_.call("tx_get", std::move(params)));
    all_.book_.answered(node_, floor, height_of(answer));
    all_.book_.receipt(node_, id, recorded, height_of(answer), std::string(answer.string_of("state")),
                       height_of(answer, "recorded_height"));
    return {};
  }

  Result<void> history_once(std::string const& subject) {
    auto const floor = all_.book_.floor(node_);
    auto params = Value::object();
    params.add("id", Value::of(subject));
    auto const answer = client_.call("trace_proof", std::move(params));
    if (!answer) return answer.error();
    auto const bytes = base::from_hex(answer->string_of("proof"));
    auto const proof = base::decode<ledger::TraceProof>(bytes.value_or(base::Bytes{}));
    if (!proof) return wrong("trace_proof: " + base::to_string(proof.error()));
    auto const verdict = ledger::verify_trace(*proof, subject, all_.anchor_);
    if (verdict.failed || !verdict.partial.empty()) {
      return wrong("the proof of " + subject + " does not hold: " + verdict.detail +
                   (verdict.partial.empty() ? "" : verdict.partial.front()));
    }
    // Nothing about it is recorded yet at this node; the book compares when all is over.
    if (verdict.absent) return {};
    auto const height = proof->header.height;
    all_.book_.answered(node_, floor, height);
    all_.book_.root(node_, height, proof->header.state_root.hex());
    std::vector<Hash> payloads;
    for (auto const& leaf : proof->histories.front().leaves) payloads.push_back(leaf.leaf.payload_hash);
    all_.book_.history(node_, subject, height, payloads);
    return {};
  }

 private:
  Result<void> wrong(std::string const& what) {
    all_.book_.violation("node " + std::to_string(node_) + ": " + what);
    return {};
  }

  Clients& all_;
  std::size_t node_;
  rpc::Client& client_;
};

Clients::Clients(Lab const& lab, testnet::World const& world, testnet::Network const& network, Book& book,
                 std::uint64_t seed)
    : lab_(lab), world_(world), network_(network), book_(book), seed_(seed) {
  auto const genesis = testnet::read_genesis(network.genesis_path());
  CHECK(genesis.has_value());
  anchor_ = {genesis->chain(), genesis->validators.hash()};
}

Result<void> Clients::found_bank() {
  Inside const inside(lab_, 0);
  testnet::Player player(network_.keyring(), network_.clock(), {network_.member_url(0)});
  ledger::CreateAsset asset;
  asset.code = "EUR";
  asset.scale = 2;
  asset.max_supply = bank_total;
  ledger::Mint mint;
  mint.asset = asset_name;
  mint.to = world_.organisation(owners.front()).party();
  mint.amount = bank_total;
  mint.reserve = crypto::sha256(base::bytes_of("reserve statement of the soak's bank"));
  for (ledger::Operation const& operation : {ledger::Operation(asset), ledger::Operation(mint)}) {
    TRY_ASSIGN(auto const outcome, player.play({"EUBANK"}, operation));
    if (outcome.state != "done") return Error{Code::E_NOT_ALLOWED_HERE, outcome.field, outcome.code};
    book_.answered(0, 0, outcome.height);
  }
  return {};
}

void Clients::start() {
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    for (unsigned kind = 0; kind < 3; ++kind) threads_.emplace_back([this, node, kind] { run(node, kind); });
  }
}

void Clients::stop() {
  stopped_ = true;
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

bool Clients::pause(unsigned milliseconds) const {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  return !stopped_;
}

void Clients::run(std::size_t node, unsigned kind) {
  lab_.enter(node);
  auto const client = rpc::connect(network_.member_url(node), call_ms_max);
  CHECK(client.has_value());
  auto const seed = seed_ * 100 + node * 10 + kind;
  Teller teller(*this, node, seed, **client);
  if (kind == 0) {
    while (pause(write_pause_ms)) teller.pay();
  } else if (kind == 1) {
    while (pause(write_pause_ms)) teller.record();
  } else {
    Reader reader(*this, node, **client);
    sim::Random random(seed);
    while (pause(read_pause_ms)) {
      // Whoever cannot be reached says nothing wrong.
      (void)reader.accounts_once();
      (void)reader.status_once();
      if (auto const one = book_.some(random)) (void)reader.receipt_once(one->first, one->second);
      auto const subjects = book_.subjects();
      if (!subjects.empty()) (void)reader.history_once(subjects[random.below(subjects.size())]);
    }
  }
}

Result<void> Clients::resolve() {
  Inside const inside(lab_, 0);
  TRY_ASSIGN(auto const client, rpc::connect(network_.member_url(0), call_ms_max));
  Teller teller(*this, 0, seed_, *client);
  auto const all = book_.take_unresolved();
  // All first, so that they share blocks; what is refused now is refused again below.
  for (auto const& [deed, transaction] : all) (void)wallet::submit(*client, transaction);
  for (auto const& [deed, transaction] : all) teller.settle(deed, transaction);
  auto const left = book_.take_unresolved().size();
  if (left == 0) return {};
  return Error{Code::E_BUSY, "the first node", std::to_string(left) + " transactions have no outcome"};
}

Result<void> Clients::read_everything() {
  auto const all = book_.all();
  auto const subjects = book_.subjects();
  for (std::size_t node = 0; node < testnet::nodes; ++node) {
    Inside const inside(lab_, node);
    TRY_ASSIGN(auto const client, rpc::connect(network_.member_url(node), call_ms_max));
    Reader reader(*this, node, *client);
    TRY(reader.accounts_once());
    TRY(reader.status_once());
    for (auto const& subject : subjects) TRY(reader.history_once(subject));
    for (std::size_t i = node; i < all.size(); i += testnet::nodes)
      TRY(reader.receipt_once(all[i].first, all[i].second));
  }
  return {};
}

}  // namespace soak
