// SPDX-License-Identifier: Apache-2.0
// make FILE BLOCKS SEED: a long random run, written as blocks: money, goods and sales as the simulations draw them,
// contracts with random terms and acts on them, a vote for the next version of the law in the middle, time that jumps
// by hours and days now and then. Prints what came of it.
#include <cstdio>
#include <cstdlib>
#include <set>

#include "base/time.hpp"
#include "contracts/escrow/interpreter.hpp"
#include "contracts/escrow/terms.hpp"
#include "contracts/machine.hpp"
#include "crypto/validator.hpp"
#include "determinism/chain.hpp"
#include "escrow/generate.hpp"
#include "ledger/contract.hpp"
#include "sim/firms.hpp"
#include "sim/workload.hpp"

namespace {

using namespace determinism;
using base::Bytes;
using base::Hash;
using base::TimeMs;
namespace escrow = contracts::escrow;

constexpr std::size_t contracts_remembered = 40;

crypto::PartySecret admin_secret() { return {crypto::sha256(base::bytes_of("admin")).bytes}; }

ledger::Genesis make_genesis() {
  auto const seed = crypto::ValidatorSecret{crypto::sha256(base::bytes_of("validator")).bytes};
  auto out = sim::make_genesis({crypto::validator_key(seed)}, {}, false);
  ledger::KeyAdd admin;
  admin.party = sim::party(0);
  admin.key = crypto::party_key(admin_secret()).value();
  admin.kind = ledger::KeyKind::admin;
  out.operations.emplace_back(admin);
  return out;
}

/// What of the transactions needs to know the state.
class Maker {
 public:
  Maker(std::string const& file, std::uint64_t seed)
      : genesis_(make_genesis()), workload_(genesis_, seed), random_(seed), chance_(seed), writer_(file) {
    auto first = node::execute_genesis(genesis_);
    CHECK(first.has_value());
    writer_.write(base::encode(genesis_));
    adopt(*first);
    time_ms_ = genesis_.time_ms;
  }

  void run(ledger::Height blocks) {
    for (ledger::Height height = 1; height <= blocks; ++height) {
      pass_time();
      if (height == 2) draw(own({ledger::CreateAsset{"USD", 2, 100'000'000}}, {0}));
      if (height == blocks / 3) vote(blocks / 2);
      for (auto wanted = random_.below(24); wanted > 0; --wanted) {
        draw(random_.percent(25) ? contract() : workload_.next(time_ms_).bytes);
      }
      close(height);
    }
    CHECK(writer_.good());
  }

  void print() const {
    std::printf("%llu blocks, %llu transactions, %llu deadlines;", static_cast<unsigned long long>(blocks_),
                static_cast<unsigned long long>(transactions_), static_cast<unsigned long long>(deadlines_));
    for (auto const& [code, count] : outcomes_) {
      std::printf(" %s %llu", std::string(base::name(code)).c_str(), static_cast<unsigned long long>(count));
    }
    std::printf("; version %u of the law\n", contracts::version_at(state_, tip_.header.height));
  }

 private:
  void pass_time() {
    auto const kind = random_.below(100);
    auto const most = kind < 80   ? 2 * base::second_ms
                      : kind < 92 ? 10 * base::minute_ms
                      : kind < 98 ? 6 * base::hour_ms
                                  : 4 * base::day_ms;
    time_ms_ += 1 + random_.below(most);
  }

  Bytes signed_by(ledger::Body body, std::vector<std::pair<base::PartyId, crypto::PartySecret>> const& keys) {
    for (auto const& [party, secret] : keys) body.signers.push_back({party, crypto::party_key(secret).value()});
    std::sort(body.signers.begin(), body.signers.end());
    ledger::Transaction out;
    out.body = std::move(body);
    auto const id = out.body.id();
    for (auto const& signer : out.body.signers) {
      for (auto const& [party, secret] : keys) {
        if (crypto::party_key(secret).value() != signer.key) continue;
        out.signatures.push_back(crypto::party_sign(secret, id, {}));
      }
    }
    return base::encode(out);
  }
  ledger::Body body(std::size_t firm, std::vector<ledger::Operation> operations) {
    ledger::Body out;
    out.chain = tip_.header.chain;
    out.actor = sim::party(firm);
    out.valid_from_ms = time_ms_;
    out.valid_until_ms = time_ms_ + base::hour_ms + ++made_;
    out.operations = std::move(operations);
    return out;
  }
  Bytes own(std::vector<ledger::Operation> operations, std::vector<std::size_t> const& firms) {
    std::vector<std::pair<base::PartyId, crypto::PartySecret>> keys;
    for (auto const firm : firms) keys.emplace_back(sim::party(firm), sim::secret(firm));
    return signed_by(body(firms.front(), std::move(operations)), keys);
  }
  Bytes by_admin(ledger::Operation operation) {
    return signed_by(body(0, {std::move(operation)}), {{sim::party(0), admin_secret()}});
  }
  void vote(ledger::Height from) {
    auto const proposal = by_admin(ledger::ProposeChange{ledger::SetVersion{2, from}});
    draw(proposal);
    auto const id = ledger::contract_id(base::decode<ledger::Transaction>(proposal)->body.id(), 0);
    draw(by_admin(ledger::VoteChange{id, true}));
  }

  /// Opens one, or acts on one.
  Bytes contract() {
    if (contracts_.empty() || random_.percent(20)) return open();
    auto const id = contracts_[random_.below(contracts_.size())];
    auto const record = ledger::load<ledger::ContractRecord>(state_, ledger::contract_key(id));
    if (!record || record->closed_ms) return open();
    auto const text = state_.get(ledger::state_key(ledger::Space::terms, record->terms.view()));
    auto const kept =
        text ? base::decode<ledger::TermsRecord>(*text) : base::Result<ledger::TermsRecord>(base::Error{});
    auto const terms = kept ? escrow::read_terms(kept->json) : base::Result<escrow::Terms>(base::Error{});
    if (!terms) return open();
    auto const& lane = record->lanes[random_.below(record->lanes.size())];
    auto const number = terms->state(lane.state);
    if (!number || terms->states[*number].cases.empty()) return open();
    auto const& cases = terms->states[*number].cases;
    auto const index = random_.below(cases.size());
    ledger::EscrowAct act;
    act.contract = id;
    act.state = lane.state;
    act.case_index = static_cast<std::uint8_t>(index);
    bool const pays = std::holds_alternative<escrow::DepositEvent>(cases[index].event);
    act.value = pays ? 0 : random_.below(10);
    std::set<std::size_t> firms;
    for (auto const role : escrow::roles_of(cases[index].event)) {
      for (std::size_t firm = 0; firm < sim::firms.size(); ++firm) {
        auto const& name = terms->roles[role].name;
        for (auto const& binding : record->parties) {
          if (binding.role == name && binding.party == sim::party(firm)) firms.insert(firm);
        }
      }
    }
    if (firms.empty()) firms.insert(1);
    return own({act}, {firms.begin(), firms.end()});
  }
  Bytes open() {
    ledger::EscrowOpen open;
    do open.terms = storm::random_terms(chance_);
    while (!escrow::read_terms(open.terms));
    open.label = "by chance " + std::to_string(made_);
    std::size_t firm = random_.below(3);
    for (auto const* role : {"buyer", "carrier", "expert", "judge", "jury", "seller"}) {
      open.parties.push_back({std::string(role), sim::party(1 + firm++ % 3)});
    }
    auto out = own({open}, {1, 2, 3});
    if (contracts_.size() >= contracts_remembered) contracts_.erase(contracts_.begin());
    contracts_.push_back(ledger::contract_id(base::decode<ledger::Transaction>(out)->body.id(), 0));
    return out;
  }

  /// Into the next block if it may stand in one.
  void draw(Bytes bytes) {
    auto const shared = std::make_shared<Bytes const>(std::move(bytes));
    auto const payload = node::decode_payload(node::encode_payload({shared}), genesis_.parameters);
    node::Verified verified;
    if (!payload || !check_payload(*payload, tip_.header.chain, genesis_.parameters, time_ms_, verified)) return;
    drawn_.push_back(shared);
  }

  void close(ledger::Height height) {
    LoggedBlock block;
    block.height = height;
    block.time_ms = time_ms_;
    block.block = crypto::sha256(ledger::big_endian(height));
    block.ends_epoch = random_.percent(2);
    auto const payload = node::encode_payload(drawn_);
    block.payload.assign(payload.begin(), payload.end());
    writer_.write(base::encode(block));
    ++blocks_;
    transactions_ += drawn_.size();
    drawn_.clear();
    node::Verified verified;
    auto executed = execute(state_, tip_, block, genesis_.parameters, verified);
    CHECK(executed.alarms.empty());
    for (auto const& [key, value] : executed.diff) {
      if (key[0] != static_cast<std::uint8_t>(ledger::Space::receipt) || !value) continue;
      auto const record = base::decode<ledger::ReceiptRecord>(*value);
      CHECK(record.has_value());
      ++outcomes_[record->receipt.code];
      deadlines_ += std::holds_alternative<ledger::DeadlineCause>(record->receipt.cause) ? 1 : 0;
    }
    adopt(executed);
  }
  void adopt(node::Executed const& executed) {
    state_.apply(executed.diff);
    tip_ = {executed.header, executed.tree};
  }

  ledger::Genesis genesis_;
  sim::Workload workload_;
  sim::Random random_;
  storm::Chance chance_;
  Writer writer_;
  ledger::MemoryState state_;
  Tip tip_;
  TimeMs time_ms_ = 0;
  std::uint64_t made_ = 0;
  std::vector<std::shared_ptr<Bytes const>> drawn_;
  std::vector<Hash> contracts_;
  std::uint64_t blocks_ = 0;
  std::uint64_t transactions_ = 0;
  std::uint64_t deadlines_ = 0;
  std::map<base::Code, std::uint64_t> outcomes_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: %s FILE BLOCKS SEED\n", argv[0]);
    return 2;
  }
  Maker maker(argv[1], std::strtoull(argv[3], nullptr, 10));
  maker.run(std::strtoull(argv[2], nullptr, 10));
  maker.print();
  return 0;
}
