// SPDX-License-Identifier: Apache-2.0
#include "book.hpp"

#include <utility>

#include "ledger/records.hpp"

namespace sim {

using base::Code;

Book::Book(ledger::Genesis const& genesis) {
  for (auto const& operation : genesis.operations) {
    if (auto const* member = std::get_if<ledger::AddMember>(&operation)) {
      short_names_[ledger::party_id(member->gln)] = member->short_name;
    }
  }
}

Code Book::debit(Accounts& accounts, std::string const& asset, PartyId const& from, Amount amount) {
  auto& balance = accounts.balances[{asset, from}];
  if (balance < amount) return Code::E_INSUFFICIENT_FUNDS;
  balance -= amount;
  return Code::done;
}

std::size_t Book::begin(base::TimeMs time_ms) {
  block_ms_ = accounts_.clock_ms = time_ms;
  std::size_t fired = 0;
  for (auto& [id, sale] : accounts_.sales) {
    if (sale.state == "closed" || sale.due_ms > time_ms) continue;
    if (sale.state == "held") accounts_.balances[{std::string(sale_asset), sale.buyer}] += sale_price;
    sale.state = "closed";
    ++fired;
  }
  return fired;
}

Code Book::open(Accounts& accounts, ledger::Transaction const& transaction, ledger::EscrowOpen const& open) const {
  if (!accounts.assets.contains(std::string(sale_asset))) return Code::E_ASSET_UNKNOWN;
  Sale sale;
  sale.buyer = open.parties[0].party;
  sale.seller = open.parties[1].party;
  sale.due_ms = block_ms_ + sale_open_ms;
  accounts.sales[ledger::contract_id(transaction.body.id(), 0)] = sale;
  return Code::done;
}

Code Book::act(Accounts& accounts, PartyId const& actor, ledger::EscrowAct const& act) const {
  auto const found = accounts.sales.find(act.contract);
  if (found == accounts.sales.end() || found->second.state == "closed") return Code::E_CONTRACT_UNKNOWN;
  auto& sale = found->second;
  if (sale.state != act.state) return Code::E_NO_CASE;
  if (actor != sale.buyer) return Code::E_NOT_PARTY;
  std::string const asset(sale_asset);
  if (sale.state == "open") {
    auto const code = debit(accounts, asset, sale.buyer, sale_price);
    if (code != Code::done) return code;
    sale.state = "held";
    sale.due_ms = block_ms_ + sale_held_ms;
  } else {
    accounts.balances[{asset, sale.seller}] += sale_price;
    sale.state = "closed";
  }
  return Code::done;
}

Code Book::operate(Accounts& accounts, ledger::Transaction const& transaction,
                   ledger::Operation const& operation) const {
  auto const& actor = transaction.body.actor;
  if (std::holds_alternative<ledger::Record>(operation)) {
    auto const context = gs1::read_context(event_context);
    auto const payload = ledger::BytesView(transaction.payloads.front());
    auto const event = gs1::read_event(payload, *context);
    return accounts.goods.apply(actor, *event, crypto::sha256(payload));
  }
  if (std::holds_alternative<ledger::IssueCertificate>(operation)) return accounts.goods.certify();
  if (auto const* sale = std::get_if<ledger::EscrowOpen>(&operation)) return open(accounts, transaction, *sale);
  if (auto const* step = std::get_if<ledger::EscrowAct>(&operation)) return act(accounts, actor, *step);
  if (auto const* report = std::get_if<ledger::ReportEvidence>(&operation))
    return accounts.accused.insert(report->evidence.key).second ? Code::done : Code::exists;
  if (auto const* rejoin = std::get_if<ledger::Rejoin>(&operation))
    return std::exchange(accounts.losses[rejoin->key], rejoin->loss) == rejoin->loss ? Code::exists : Code::done;
  if (auto const* proposal = std::get_if<ledger::ProposeChange>(&operation)) {
    accounts.proposals.emplace(ledger::contract_id(transaction.body.id(), 0), proposal->change);
    return Code::done;
  }
  // All validators are one firm's, so its vote decides.
  if (auto const* vote = std::get_if<ledger::VoteChange>(&operation)) {
    auto const proposal = accounts.proposals.extract(vote->proposal);
    if (proposal.empty()) return Code::E_NO_CASE;
    accounts.accepted.push_back(proposal.mapped());
    return Code::done;
  }
  return money(accounts, actor, operation);
}

Code Book::money(Accounts& accounts, PartyId const& actor, ledger::Operation const& operation) const {
  if (auto const* create = std::get_if<ledger::CreateAsset>(&operation)) {
    Asset const made{actor, create->max_supply, 0};
    bool const is_new = accounts.assets.emplace(create->code + "." + short_names_.at(actor), made).second;
    return is_new ? Code::done : Code::E_ALREADY_REGISTERED;
  }
  if (auto const* advance = std::get_if<ledger::AdvanceTime>(&operation)) {
    if (advance->to_ms <= accounts.clock_ms) return Code::E_TIME_WINDOW;
    accounts.clock_ms = advance->to_ms;
    return Code::done;
  }
  auto const* mint = std::get_if<ledger::Mint>(&operation);
  auto const* burn = std::get_if<ledger::Burn>(&operation);
  auto const* transfer = std::get_if<ledger::Transfer>(&operation);
  CHECK(mint != nullptr || burn != nullptr || transfer != nullptr);
  std::string const name = mint != nullptr ? mint->asset : burn != nullptr ? burn->asset : transfer->asset;
  auto const found = accounts.assets.find(name);
  if (found == accounts.assets.end()) return Code::E_ASSET_UNKNOWN;
  auto& asset = found->second;
  if (mint != nullptr) {
    if (asset.issued + mint->amount > asset.max_supply) return Code::E_SUPPLY;
    asset.issued += mint->amount;
    accounts.balances[{name, mint->to}] += mint->amount;
    return Code::done;
  }
  auto const code = burn != nullptr ? debit(accounts, name, burn->from, burn->amount)
                                    : debit(accounts, name, transfer->from, transfer->amount);
  if (code != Code::done) return code;
  if (burn != nullptr) {
    asset.issued -= burn->amount;
  } else if (transfer->to == asset.issuer) {
    asset.issued -= transfer->amount;
  } else {
    accounts.balances[{name, transfer->to}] += transfer->amount;
  }
  return Code::done;
}

Code Book::apply(ledger::Transaction const& transaction) {
  auto const& body = transaction.body;
  if (!recorded_.insert(body.id()).second) return Code::exists;
  Used* used = nullptr;
  if (body.idempotency_key) {
    auto const [at, is_new] = used_keys_.try_emplace({body.actor, *body.idempotency_key});
    used = &at->second;
    auto const operations = base::encode(body.operations);
    if (!is_new && used->code != Code::done) return Code::id_already_failed;
    // The workload varies nothing but the amount of a key's transfer.
    if (!is_new) return used->operations == operations ? Code::exists : Code::exists_with_different_amount;
    used->operations = operations;
  }
  auto after = accounts_;
  auto code = body.after && !recorded_.contains(*body.after) ? Code::E_AFTER : Code::done;
  for (auto const& operation : body.operations) {
    if (code == Code::done) code = operate(after, transaction, operation);
  }
  if (code == Code::done) accounts_ = std::move(after);
  if (used != nullptr) used->code = code;
  return code;
}

std::optional<std::string> Book::mismatch(ledger::StateView const& state) const {
  std::optional<std::string> out = accounts_.goods.mismatch(state);
  Amount pots = 0;
  for (auto const& [id, sale] : accounts_.sales) pots += sale.state == "held" ? sale_price : 0;
  std::map<std::string, Amount> posted;
  state.scan(ledger::state_key(ledger::Space::balance, base::BytesView()), [&](auto key, auto value) {
    auto const party = PartyId::from(key.subspan(1, PartyId::size));
    std::string const asset(base::text_of(key.subspan(1 + PartyId::size)));
    auto const record = base::decode<ledger::BalanceRecord>(value);
    auto const mine = accounts_.balances.find({asset, *party});
    if (record->posted != (mine == accounts_.balances.end() ? 0 : mine->second))
      out = asset + ": balance of " + party->hex();
    posted[asset] += record->posted;
    return true;
  });
  std::size_t assets = 0;
  state.scan(ledger::state_key(ledger::Space::asset, base::BytesView()), [&](auto key, auto value) {
    std::string const asset(base::text_of(key.subspan(1)));
    auto const record = base::decode<ledger::AssetRecord>(value);
    auto const mine = accounts_.assets.find(asset);
    ++assets;
    if (mine == accounts_.assets.end() || mine->second.issued != record->issued) out = asset + ": issued";
    if (record->pots != (asset == sale_asset ? pots : 0)) out = asset + ": pots";
    if (posted[asset] + record->pots != record->issued) out = asset + ": accounts + pots = issued";
    return true;
  });
  if (assets != accounts_.assets.size()) out = "an asset is missing";
  for (auto const& [key, amount] : accounts_.balances) {
    if (amount > 0 && !state.get(ledger::balance_key(key.second, key.first)))
      out = key.first + ": an account is missing";
  }
  return out;
}

}  // namespace sim
