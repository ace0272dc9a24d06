// SPDX-License-Identifier: Apache-2.0
#include "wallet/reading.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "base/view.hpp"
#include "ledger/state.hpp"
#include "rpc/json.hpp"
#include "wallet/contract_view.hpp"
#include "wallet/statement.hpp"
#include "wallet/terminal.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

class Reader {
 public:
  Reader(Names const& names, ledger::Body const& body)
      : names_(names), actor_(body.actor), from_ms_(body.valid_from_ms) {}

  std::string operator()(ledger::Transfer const& operation) const {
    auto const amount = money(operation.amount, operation.asset);
    auto const sweep = operation.up_to == ledger::UpTo::exact ? "" : "at most ";
    return party(operation.from) + " pays " + sweep + amount + " to " + party(operation.to) + details(operation) +
           travel(operation.travel);
  }
  std::string operator()(ledger::OpenHold const& operation) const {
    return party(operation.from) + " sets aside " + money(operation.amount, operation.asset) + " for " +
           party(operation.to) + " until " + base::to_rfc3339(operation.expires_ms) + "; " + party(operation.by) +
           " may pay it out in parts" + details(operation) + travel(operation.travel);
  }
  std::string operator()(ledger::PostHold const& operation) const {
    auto const rest = operation.final ? " and gives the rest free" : "";
    auto const found = names_.holds.find(operation.hold);
    if (found == names_.holds.end()) {
      return "pays " + base::to_decimal(operation.amount) + " minor units out of hold " + operation.hold.hex() + rest;
    }
    auto const& hold = found->second;
    return "pays " + money(operation.amount, hold.asset) + " to " + party(hold.to) + " out of hold " +
           operation.hold.hex() + " of " + party(hold.from) + rest +
           (names_.proved ? "" : "; whose hold it is, the node says");
  }
  std::string operator()(ledger::VoidHold const& operation) const {
    return "gives hold " + operation.hold.hex() + " free";
  }
  std::string operator()(ledger::Mint const& operation) const {
    return "issues " + money(operation.amount, operation.asset) + " to " + party(operation.to) + ", reserve " +
           operation.reserve.hex();
  }
  std::string operator()(ledger::Burn const& operation) const {
    return "redeems " + money(operation.amount, operation.asset) + " of " + party(operation.from);
  }
  std::string operator()(ledger::CreateAsset const& operation) const {
    auto out = "creates the asset " + operation.code + " with " + std::to_string(operation.scale) +
               " decimals, at most " + decimal(operation.max_supply, operation.scale);
    auto const flag = [&](ledger::AssetFlag bit, char const* text) {
      if ((operation.flags & static_cast<std::uint32_t>(bit)) != 0) out += std::string(", ") + text;
    };
    using enum ledger::AssetFlag;
    flag(transferable, "holders pay each other");
    flag(can_escrow, "contracts may hold it");
    flag(require_auth, "held by authorised accounts only");
    flag(can_freeze, "can be frozen");
    flag(can_clawback, "can be taken back");
    if (operation.approval) {
      out += ", above " + decimal(operation.approval->above, operation.scale) + " a day issued with " +
             party(operation.approval->approver);
    }
    if (operation.travel_above) out += ", travel rule above " + decimal(*operation.travel_above, operation.scale);
    return out;
  }
  std::string operator()(ledger::Authorise const& operation) const {
    return std::string(operation.authorised ? "lets " : "no longer lets ") + party(operation.party) + " hold " +
           operation.asset + ", tier " + std::to_string(operation.tier) +
           (operation.institution ? ", its institution is " + party(*operation.institution) : "");
  }
  std::string operator()(ledger::Freeze const& operation) const {
    return (operation.frozen ? "stops all debits of " : "lets debits go on of ") + party(operation.party) + " in " +
           operation.asset + ": " + operation.reason;
  }
  std::string operator()(ledger::Clawback const& operation) const {
    return "takes " + money(operation.amount, operation.asset) + " back from " + party(operation.from) + ": " +
           operation.reason;
  }
  std::string operator()(ledger::OpenNetting const& operation) const {
    debts(operation);
    return "nets " + std::to_string(operation.obligations.size()) + " obligations at " +
           base::to_rfc3339(operation.settles_ms) + ":";
  }
  std::string operator()(ledger::AssignReceivable const& operation) const {
    auto const how = enum_names(operation.how)[static_cast<std::size_t>(operation.how)];
    return "claim " + operation.document.hex() + " is " + std::string(how) +
           (operation.to.is_zero() ? "" : " to " + party(operation.to));
  }
  std::string operator()(ledger::ProposeChange const& operation) const {
    return "proposes to the validators: " +
           std::visit([this](auto const& one) { return change(one); }, operation.change);
  }
  std::string operator()(ledger::VoteChange const& operation) const {
    return std::string("votes ") + (operation.yes ? "YES to" : "NO to") + " proposal " + operation.proposal.hex();
  }
  std::string operator()(ledger::ReportEvidence const& operation) const {
    return "accuses the validator with the key " + operation.evidence.key.hex() + ": it signed two things in view " +
           std::to_string(operation.evidence.first.ballot.view) + " of epoch " +
           std::to_string(operation.evidence.epoch());
  }
  std::string operator()(ledger::Rejoin const& operation) const {
    return "tells that the validator with the key " + operation.key.hex() +
           " lost its vote journal, and votes only above what it may have forgotten";
  }
  std::string operator()(ledger::JoinNetting const& operation) const {
    auto const said = "joins the netting set " + operation.netting.hex();
    auto const found = names_.nettings.find(operation.netting);
    if (found == names_.nettings.end()) return said + "; what it says is not known here";
    debts(found->second);
    return said + (names_.proved ? ", " : ", by the node's word ") + found->second.label + ", settled by " +
           base::to_rfc3339(found->second.settles_ms) + ":";
  }
  std::string operator()(ledger::SetLimits const& operation) const {
    auto out = "accounts of tier " + std::to_string(operation.tier) + " in " + operation.asset;
    auto const limit = [&](char const* what, std::optional<base::Amount> const& most) {
      out += std::string(", ") + what + " " + (most ? "at most " + money(*most, operation.asset) : "without limit");
    };
    limit("hold", operation.balance_max);
    limit("pay at once", operation.transfer_max);
    limit("in 24 hours", operation.day_max);
    limit("in 30 days", operation.month_max);
    return out;
  }
  std::string operator()(ledger::KeyAdd const& operation) const {
    std::string acts;
    for (auto const& [act, word] : {std::pair{ledger::Act::record, "record"},
                                    {ledger::Act::money, "money"},
                                    {ledger::Act::escrow, "escrow"},
                                    {ledger::Act::certify, "certify"},
                                    {ledger::Act::admin, "admin"}}) {
      if ((operation.scope.acts & static_cast<std::uint32_t>(act)) != 0)
        acts += (acts.empty() ? "" : ", ") + std::string(word);
    }
    auto const kind = enum_names(operation.kind)[static_cast<std::size_t>(operation.kind)];
    auto out = "lets the key " + operation.key.hex() + " sign for " + party(operation.party) + " as " +
               std::string(kind) + " key, acts: " + (acts.empty() ? "those of its kind" : acts);
    for (auto const& prefix : operation.scope.prefixes) out += ", prefix " + prefix;
    for (auto const& site : operation.scope.sites) out += ", site " + site;
    return out + (operation.until_ms == 0 ? ", without end" : ", until " + base::to_rfc3339(operation.until_ms));
  }
  std::string operator()(ledger::KeyRevoke const& operation) const {
    return "the key " + operation.key.hex() + " signs nothing any more";
  }
  std::string operator()(ledger::RegisterReceivable const& operation) const {
    return "registers the claim " + operation.number + " on " + party(operation.debtor) + ": " +
           money(operation.amount, operation.asset) + " due " + base::to_rfc3339(operation.due_ms) + ", document " +
           operation.document.hex();
  }
  std::string operator()(ledger::EscrowOpen const& operation) const {
    auto const terms = contracts::escrow::read_terms(operation.terms);
    if (!terms) return "opens a contract over terms that nobody can read: " + base::to_string(terms.error());
    auto const out = "opens the contract " + operation.label + " \"" + terms->title + "\", terms " + terms->hash.hex();
    for (auto const& one : operation.parties) part(one.role + " is " + party(one.party));
    auto const told = contracts::escrow::report(*terms, from_ms_);
    if (!told) {
      part("REFUSED " + base::to_string(told.error()));
      return out;
    }
    part("ends by " + base::to_rfc3339(told->ends_ms));
    for (auto const& one : told->prospects) {
      auto const& asset = terms->assets[one.asset].id;
      auto const range = [&](contracts::escrow::Interval interval) {
        auto const least = money(static_cast<base::Amount>(std::max(interval.low, base::i128{0})), asset);
        auto const most = money(static_cast<base::Amount>(std::max(interval.high, base::i128{0})), asset);
        return least == most ? most : least + " to " + most;
      };
      part(terms->roles[one.role].name + " pays " + range(one.paid_in) + ", gets " + range(one.paid_out));
    }
    return out;
  }
  std::string operator()(ledger::EscrowAct const& operation) const {
    auto const found = names_.contracts.find(operation.contract);
    if (operation.state.empty()) {
      return "in contract " + (found == names_.contracts.end() ? operation.contract.hex() : found->second.label) +
             " makes what is overdue" + ids(operation) + word();
    }
    auto const place = operation.state + " case " + std::to_string(operation.case_index) +
                       (operation.value == 0 ? "" : ", value " + std::to_string(operation.value));
    if (found == names_.contracts.end()) return "in contract " + operation.contract.hex() + ": " + place;
    auto const act = found->second.acts.find({operation.state, operation.case_index});
    auto const text = act == found->second.acts.end() ? "UNKNOWN" : act->second;
    return "in contract " + found->second.label + " takes \"" + text + "\" (" + place + ")" + ids(operation) + word();
  }
  std::string operator()(ledger::EscrowAssign const& operation) const {
    auto const found = names_.contracts.find(operation.contract);
    auto const name = found == names_.contracts.end() ? operation.contract.hex() : found->second.label;
    return "in contract " + name + " turns over what " + operation.role + " is paid to " + party(operation.to) + word();
  }
  /// Everything else: its name and its fields as they are.
  template <class Operation>
  std::string operator()(Operation const& operation) const {
    return std::string(Operation::name) + " " + rpc::to_text(base::view(operation));
  }

  std::string party(base::PartyId const& id) const {
    auto const found = names_.parties.find(id);
    return found == names_.parties.end() ? "UNKNOWN " + id.hex() : found->second;
  }

  /// The lines of an operation's parts, told since this was asked last.
  std::vector<std::string> take_parts() const { return std::exchange(parts_, {}); }

 private:
  /// Behind what a contract's record says.
  std::string word() const { return names_.proved ? "" : ", by the node's word"; }
  void part(std::string text) const { parts_.push_back("    " + std::move(text)); }
  /// Every debt, and what the actor owes and gets in all.
  void debts(ledger::OpenNetting const& set) const {
    std::map<std::string, std::pair<base::Amount, base::Amount>> sums;
    for (auto const& one : set.obligations) {
      part(party(one.debtor) + " owes " + party(one.creditor) + " " + money(one.amount, one.asset));
      auto& [owes, gets] = sums[one.asset];
      if (one.debtor == actor_) owes = base::add(owes, one.amount).value_or(~base::Amount{0});
      if (one.creditor == actor_) gets = base::add(gets, one.amount).value_or(~base::Amount{0});
    }
    for (auto const& [asset, sum] : sums) {
      part("in all " + party(actor_) + " owes " + money(sum.first, asset) + " and gets " + money(sum.second, asset));
    }
  }
  std::string change(ledger::AddValidator const& change) const {
    return party(change.validator.party) + " validates with the key " + change.validator.key.hex() + " at " +
           change.address + ", TLS key " + change.validator.tls_key.hex();
  }
  static std::string change(ledger::RemoveValidator const& change) {
    return "the validator with the key " + change.key.hex() + " leaves";
  }
  static std::string change(ledger::RotateKey const& change) {
    return "the validator with the key " + change.key.hex() + " takes the key " + change.next.hex();
  }
  static std::string change(ledger::SetTlsKey const& change) {
    return "the validator with the key " + change.key.hex() + " takes the TLS key " + change.tls_key.hex();
  }
  static std::string change(ledger::SetParameters const& change) {
    return "these parameters: " + rpc::to_text(base::view(change.parameters));
  }
  static std::string change(ledger::SetVersion const& change) {
    return "version " + std::to_string(change.version) + " of the law from height " + std::to_string(change.height) +
           " on";
  }
  std::string money(base::Amount amount, std::string const& asset) const {
    auto const scale = names_.scales.find(asset);
    if (scale == names_.scales.end()) return base::to_decimal(amount) + " minor units of " + asset;
    return decimal(amount, scale->second) + " " + asset;
  }
  template <class Payment>
  static std::string details(Payment const& operation) {
    return (operation.purpose.empty() ? "" : ", purpose " + operation.purpose) + ids(operation);
  }
  template <class Payment>
  static std::string ids(Payment const& operation) {
    std::string out;
    if (operation.end_to_end) out += ", end-to-end id " + *operation.end_to_end;
    if (operation.uetr) out += ", UETR " + *operation.uetr;
    return out;
  }

  static std::string travel(std::optional<ledger::Travel> const& statement) {
    return statement ? ", travel rule " + statement->reference : "";
  }

  Names const& names_;
  base::PartyId actor_;
  /// When the body can be recorded first.
  ledger::TimeMs from_ms_;
  mutable std::vector<std::string> parts_;
};

/// Accounts that a body debits with its signers' consent.
struct Payment {
  base::PartyId from;
  base::PartyId to;
  std::string asset;
  base::Amount amount = 0;
};

std::vector<Payment> payments_of(ledger::Body const& body) {
  std::vector<Payment> out;
  for (auto const& operation : body.operations) {
    if (auto const* one = std::get_if<ledger::Transfer>(&operation)) {
      out.push_back({one->from, one->to, one->asset, one->amount});
    }
    if (auto const* one = std::get_if<ledger::OpenHold>(&operation)) {
      out.push_back({one->from, one->to, one->asset, one->amount});
    }
  }
  return out;
}

std::set<std::string> assets_of(ledger::Body const& body) {
  std::set<std::string> out;
  for (auto const& operation : body.operations) {
    std::visit(
        [&]<class T>(T const& one) {
          if constexpr (requires { one.asset; }) out.insert(one.asset);
          if constexpr (std::is_same_v<T, ledger::OpenNetting>) {
            for (auto const& debt : one.obligations) out.insert(debt.asset);
          }
          if constexpr (std::is_same_v<T, ledger::EscrowOpen>) {
            auto const terms = contracts::escrow::read_terms(one.terms);
            if (!terms) return;
            for (auto const& asset : terms->assets) out.insert(asset.id);
          }
        },
        operation);
  }
  return out;
}

std::optional<ledger::Hash> contract_of(ledger::Operation const& operation) {
  return std::visit(
      [](auto const& one) -> std::optional<ledger::Hash> {
        if constexpr (requires { one.contract; }) return one.contract;
        return std::nullopt;
      },
      operation);
}

base::Result<Value> ask(rpc::Client& client, char const* method,
                        std::vector<std::pair<char const*, std::string>> const& parameters) {
  auto params = Value::object();
  for (auto const& [name, value] : parameters) params.add(name, Value::of(value));
  return client.call(method, std::move(params));
}

/// A node may not know what it is asked for; a proof that does not hold is an error.
template <class Known>
base::Result<std::optional<Known>> unless_false(base::Result<Known> answer) {
  if (answer) return std::optional(*std::move(answer));
  if (answer.error().code == Code::E_SIGNATURE) return answer.error();
  return std::optional<Known>();
}

/// What a hold or a netting set was opened with.
template <class Record>
base::Result<std::optional<decltype(Record::terms)>> terms_of(Provider const& provider, char const* method,
                                                              ledger::Hash const& id, ledger::Bytes const& key) {
  using Terms = std::optional<decltype(Record::terms)>;
  if (provider.proves()) {
    TRY_ASSIGN(auto record, unless_false(provider.proved<Record>(key)));
    return record ? Terms(std::move(record->terms)) : Terms();
  }
  auto const answer = ask(provider.client(), method, {{"id", id.hex()}});
  auto const* terms = answer ? answer->find("terms") : nullptr;
  if (terms == nullptr) return Terms();
  auto read = base::read_view<decltype(Record::terms)>(*terms);
  return read ? Terms(*std::move(read)) : Terms();
}

/// By state and case: a fixed amount, else the most that the role ever pays in.
std::map<std::pair<std::string, std::size_t>, Names::Contract::Deposit> deposits_of(ContractView const& contract) {
  std::map<std::pair<std::string, std::size_t>, Names::Contract::Deposit> out;
  auto const& terms = contract.terms;
  std::optional<base::Result<contracts::escrow::Report>> told;
  auto const most = [&](std::size_t role, std::size_t asset) {
    if (!told) told = contracts::escrow::report(terms, contract.record.opened.time_ms);
    for (std::size_t i = 0; *told && i < (*told)->prospects.size(); ++i) {
      auto const& one = (*told)->prospects[i];
      if (one.role == role && one.asset == asset)
        return static_cast<base::Amount>(std::max(one.paid_in.high, base::i128{0}));
    }
    return base::amount_max;
  };
  for (auto const& state : terms.states) {
    for (std::size_t i = 0; i < state.cases.size(); ++i) {
      auto const* deposit = std::get_if<contracts::escrow::DepositEvent>(&state.cases[i].event);
      if (deposit == nullptr) continue;
      auto const asset = terms.pots[deposit->pot].asset;
      auto const fixed = fixed_amount(*deposit);
      auto const amount = fixed ? *fixed : most(deposit->role, asset);
      out[{state.name, i}] = {contract.record.parties[deposit->role].party, terms.assets[asset].id, amount};
    }
  }
  return out;
}

std::optional<Obstacle> payee_obstacle(rpc::Client& client, base::PartyId const& to) {
  auto const payee = ask(client, "member_get", {{"party", to.hex()}});
  if (payee || payee.error().code != Code::E_MEMBER_UNKNOWN) return std::nullopt;
  return Obstacle{{Code::E_MEMBER_UNKNOWN, "to", "nobody of this network is " + to.hex()},
                  "tally member list shows who can be paid; tally contacts add NAME GLN keeps it"};
}

}  // namespace

std::vector<std::string> reading(ledger::Body const& body, Names const& names) {
  Reader const reader(names, body);
  std::vector<std::string> out;
  out.push_back("as " + reader.party(body.actor) + ", on chain " + body.chain.hex());
  out.push_back("between " + base::to_rfc3339(body.valid_from_ms) + " and " + base::to_rfc3339(body.valid_until_ms));
  for (auto const& operation : body.operations) {
    out.push_back(std::visit(reader, operation));
    for (auto& part : reader.take_parts()) out.push_back(std::move(part));
  }
  for (auto const& [asset, scale] : names.scales) {
    if (names.proved || has_iso_scale(asset)) continue;
    out.push_back("that " + asset + " has " + std::to_string(scale) + " decimals is the node's word");
  }
  for (auto& line : out) line = shown(line);
  return out;
}

base::Result<std::optional<ledger::OpenHold>> hold_terms(Provider const& provider, ledger::Hash const& hold) {
  return terms_of<ledger::HoldRecord>(provider, "hold_get", hold, ledger::hold_key(hold));
}

base::Result<std::map<std::string, std::string>> members_in(Provider const& provider, ledger::Bytes const& bytes) {
  std::map<std::string, std::string> out;
  TRY_ASSIGN(auto const answer, provider.call("member_list", Value::object()));
  auto const* members = answer.find("members");
  for (std::size_t i = 0; members != nullptr && i < members->items.size(); ++i) {
    std::string const gln(members->items[i].string_of("gln"));
    // The id follows from the GLN, so a node cannot give one member's name to another's account.
    if (std::ranges::search(bytes, ledger::party_id(gln).view()).empty()) continue;
    std::string name(members->items[i].string_of("short_name"));
    if (provider.proves()) {
      auto const key = ledger::state_key(ledger::Space::member, gln);
      TRY_ASSIGN(auto const member, unless_false(provider.proved<ledger::MemberRecord>(key)));
      if (!member) continue;
      name = member->short_name;
    }
    out[gln] = std::move(name);
  }
  return out;
}

base::Result<Names> names_of(Provider const& provider, ledger::Body const& body,
                             std::map<std::string, std::string> const& contacts) {
  Names out;
  out.proved = provider.proves();
  auto assets = assets_of(body);
  auto texts = base::encode(body);
  for (auto const& operation : body.operations) {
    if (auto const* post = std::get_if<ledger::PostHold>(&operation)) {
      TRY_ASSIGN(auto const hold, hold_terms(provider, post->hold));
      if (!hold) continue;
      assets.insert(hold->asset);
      out.holds[post->hold] = *hold;
      base::append(texts, base::encode(*hold));
    }
    if (auto const* join = std::get_if<ledger::JoinNetting>(&operation)) {
      TRY_ASSIGN(auto const set, terms_of<ledger::NettingRecord>(provider, "netting_get", join->netting,
                                                                 ledger::netting_key(join->netting)));
      if (!set) continue;
      for (auto const& debt : set->obligations) assets.insert(debt.asset);
      out.nettings[join->netting] = *set;
      base::append(texts, base::encode(*set));
    }
    auto const contract = contract_of(operation);
    if (!contract || out.contracts.contains(*contract)) continue;
    TRY_ASSIGN(auto const found, unless_false(fetch_contract(provider, contract->hex())));
    if (!found) continue;
    auto& known = out.contracts[*contract];
    known.label = found->record.label;
    known.label += " (" + contract->hex();
    for (std::size_t i = 0; i < found->terms.roles.size(); ++i) {
      known.label += ", " + found->terms.roles[i].name + " " + found->naming.parties[i];
    }
    known.label += ")";
    auto const told =
        contracts::escrow::explain(found->terms, found->record, found->naming, contracts::escrow::Language::en);
    for (auto const& act : told.acts) {
      if (act.case_index) known.acts[{act.state, *act.case_index}] = act.text;
    }
    known.deposits = deposits_of(*found);
    for (auto const& [place, deposit] : known.deposits) assets.insert(deposit.asset);
  }
  for (auto const& asset : assets) {
    TRY_ASSIGN(auto const scale, unless_false(scale_of(provider, asset)));
    if (scale) out.scales[asset] = *scale;
  }
  TRY_ASSIGN(auto const named, members_in(provider, texts));
  for (auto const& [gln, name] : named) out.parties[ledger::party_id(gln)] = name + " (" + gln + ")";
  for (auto const& [name, gln] : contacts) out.parties[ledger::party_id(gln)] = name + " (" + gln + ")";
  return out;
}

std::optional<Obstacle> obstacle(rpc::Client& client, ledger::Body const& body, ChainInfo const& chain) {
  if (body.chain != chain.chain) {
    return Obstacle{
        {Code::E_CHAIN, "chain",
         "this is for chain " + body.chain.hex() + ", the node serves " + chain.chain.hex() + " (" + chain.name + ")"},
        "name a node of that chain with --node, or make the draft again here"};
  }
  if (chain.time_ms > body.valid_until_ms) {
    return Obstacle{
        {Code::E_EXPIRED, "valid_until_ms", "it could be sent until " + base::to_rfc3339(body.valid_until_ms)},
        "make the draft again and collect the approvals anew; nothing of this one can be done any more"};
  }
  // What one body asks of an account counts together.
  std::map<std::pair<base::PartyId, std::string>, base::Amount> asked;
  for (auto const& payment : payments_of(body)) {
    auto& sum = asked[{payment.from, payment.asset}];
    sum += payment.amount;
    if (auto found = payee_obstacle(client, payment.to)) return found;
    auto const account = ask(client, "account_get", {{"party", payment.from.hex()}, {"asset", payment.asset}});
    if (!account) return Obstacle{account.error(), "tally member list; the asset is written CODE.ISSUER"};
    auto const* frozen = account->find("frozen");
    if (frozen != nullptr && frozen->boolean) {
      auto const issuer = payment.asset.substr(payment.asset.find('.') + 1);
      return Obstacle{{Code::E_FROZEN, "from", payment.asset + " of this account is frozen for debits"},
                      "ask its issuer " + issuer + " for the reason; what is paid to you still arrives"};
    }
    auto const available = base::from_decimal(account->string_of("available"));
    auto const* scale = account->find("scale");
    auto const decimals = scale == nullptr ? base::u128{0} : base::from_decimal(scale->text, 9).value_or(0);
    if (available && *available < sum) {
      auto const text = decimal(*available, static_cast<unsigned>(decimals));
      return Obstacle{{Code::E_INSUFFICIENT_FUNDS, "amount", "available are " + text + " " + payment.asset},
                      "pay at most " + text + ", or void a hold first (tally statement shows them)"};
    }
  }
  return std::nullopt;
}

}  // namespace wallet
