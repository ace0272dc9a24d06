// SPDX-License-Identifier: Apache-2.0
#include "wallet/reading.hpp"

#include "base/time.hpp"
#include "base/view.hpp"
#include "ledger/state.hpp"
#include "rpc/json.hpp"
#include "wallet/statement.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

class Reader {
 public:
  explicit Reader(Names const& names) : names_(names) {}

  std::string operator()(ledger::Transfer const& operation) const {
    auto const amount = money(operation.amount, operation.asset);
    auto const sweep = operation.up_to == ledger::UpTo::exact ? "" : "at most ";
    return party(operation.from) + " pays " + sweep + amount + " to " + party(operation.to) + details(operation) +
           (operation.travel ? ", travel rule " + operation.travel->reference : "");
  }
  std::string operator()(ledger::OpenHold const& operation) const {
    return party(operation.from) + " sets aside " + money(operation.amount, operation.asset) + " for " +
           party(operation.to) + " until " + base::to_rfc3339(operation.expires_ms) + "; " + party(operation.by) +
           " may pay it out in parts" + details(operation);
  }
  std::string operator()(ledger::PostHold const& operation) const {
    return "pays " + base::to_decimal(operation.amount) + " minor units out of hold " + operation.hold.hex() +
           (operation.final ? " and gives the rest free" : "");
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
    return "creates the asset " + operation.code + " with " + std::to_string(operation.scale) + " decimals, at most " +
           decimal(operation.max_supply, operation.scale);
  }
  std::string operator()(ledger::Authorise const& operation) const {
    return std::string(operation.authorised ? "lets " : "no longer lets ") + party(operation.party) + " hold " +
           operation.asset + ", tier " + std::to_string(operation.tier);
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
    std::string out = "nets " + std::to_string(operation.obligations.size()) + " obligations at " +
                      base::to_rfc3339(operation.settles_ms) + ":";
    for (auto const& one : operation.obligations) {
      out += "\n    " + party(one.debtor) + " owes " + party(one.creditor) + " " + money(one.amount, one.asset);
    }
    return out;
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
  /// Everything else: its name and its fields as they are.
  template <class Operation>
  std::string operator()(Operation const& operation) const {
    return std::string(Operation::name) + " " + rpc::to_text(base::view(operation));
  }

  std::string party(base::PartyId const& id) const {
    auto const found = names_.parties.find(id);
    return found == names_.parties.end() ? "UNKNOWN " + id.hex() : found->second;
  }

 private:
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
  std::string money(base::Amount amount, std::string const& asset) const {
    auto const scale = names_.scales.find(asset);
    if (scale == names_.scales.end()) return base::to_decimal(amount) + " minor units of " + asset;
    return decimal(amount, scale->second) + " " + asset;
  }
  template <class Payment>
  static std::string details(Payment const& operation) {
    std::string out;
    if (!operation.purpose.empty()) out += ", purpose " + operation.purpose;
    if (operation.end_to_end) out += ", end-to-end id " + *operation.end_to_end;
    if (operation.uetr) out += ", UETR " + *operation.uetr;
    return out;
  }

  Names const& names_;
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

base::Result<Value> ask(rpc::Client& client, char const* method,
                        std::vector<std::pair<char const*, std::string>> const& parameters) {
  auto params = Value::object();
  for (auto const& [name, value] : parameters) params.add(name, Value::of(value));
  return client.call(method, std::move(params));
}

std::optional<Obstacle> payee_obstacle(rpc::Client& client, base::PartyId const& to) {
  auto const payee = ask(client, "member_get", {{"party", to.hex()}});
  if (payee || payee.error().code != Code::E_MEMBER_UNKNOWN) return std::nullopt;
  return Obstacle{{Code::E_MEMBER_UNKNOWN, "to", "nobody of this network is " + to.hex()},
                  "tally member list shows who can be paid; tally contacts add NAME GLN keeps it"};
}

}  // namespace

std::vector<std::string> reading(ledger::Body const& body, Names const& names) {
  Reader const reader(names);
  std::vector<std::string> out;
  out.push_back("as " + reader.party(body.actor) + ", on chain " + body.chain.hex());
  out.push_back("between " + base::to_rfc3339(body.valid_from_ms) + " and " + base::to_rfc3339(body.valid_until_ms));
  for (auto const& operation : body.operations) out.push_back(std::visit(reader, operation));
  return out;
}

base::Result<Names> names_of(rpc::Client& client, ledger::Body const& body,
                             std::map<std::string, std::string> const& contacts) {
  Names out;
  TRY_ASSIGN(auto const answer, client.call("member_list", Value::object()));
  auto const* members = answer.find("members");
  for (std::size_t i = 0; members != nullptr && i < members->items.size(); ++i) {
    std::string const gln(members->items[i].string_of("gln"));
    // The id follows from the GLN, so a node cannot give one member's name to another's account.
    out.parties[ledger::party_id(gln)] = std::string(members->items[i].string_of("short_name")) + " (" + gln + ")";
  }
  for (auto const& [name, gln] : contacts) out.parties[ledger::party_id(gln)] = name + " (" + gln + ")";
  for (auto const& payment : payments_of(body)) {
    auto const asset = ask(client, "asset_get", {{"asset", payment.asset}});
    auto const* scale = asset ? asset->find("scale") : nullptr;
    auto const decimals = scale == nullptr ? std::nullopt : base::from_decimal(scale->text, 9);
    if (decimals) out.scales[payment.asset] = static_cast<unsigned>(*decimals);
  }
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
