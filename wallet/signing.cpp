// SPDX-License-Identifier: Apache-2.0
#include "wallet/signing.hpp"

#include <algorithm>

#include "base/time.hpp"
#include "rpc/json.hpp"
#include "wallet/contract_view.hpp"
#include "wallet/memory.hpp"
#include "wallet/proposal.hpp"
#include "wallet/reading.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

constexpr char const* payee_next = "tally member list shows who can be named; tally contacts add NAME GLN keeps it";

/// The key files of those who sign, or may approve the draft.
std::vector<std::string> const& names_of(Signing const& signing) {
  return signing.draft.empty() || signing.approvers.empty() ? signing.keys : signing.approvers;
}

/// The keys by the names of their files, without their secrets.
base::Result<std::vector<ledger::Signer>> signers_of(Options const& options, std::vector<std::string> const& names) {
  std::vector<ledger::Signer> out;
  for (auto const& name : names) {
    TRY_ASSIGN(auto const text, read_text_file(options.keys / (name + ".key"), 65536));
    TRY_ASSIGN(auto const info, read_key_info(text));
    out.push_back({info.gln.empty() ? base::PartyId{} : ledger::party_id(info.gln), info.key});
  }
  return out;
}

/// The id of the contract, hold or netting set that the first operation opens.
std::string opened_by(ledger::Body const& body) {
  bool const opens = std::visit(
      []<class T>(T const&) {
        return std::is_same_v<T, ledger::EscrowOpen> || std::is_same_v<T, ledger::OpenHold> ||
               std::is_same_v<T, ledger::OpenNetting>;
      },
      body.operations.front());
  return opens ? ledger::contract_id(body.id(), 0).hex() : "";
}

int write_draft(Provider const& provider, Options const& options, Signing const& signing, Draft draft,
                ChainInfo const& chain, std::vector<ledger::Signer> const& signers) {
  auto const needed = signing.approvals == 0 ? signers.size() : signing.approvals;
  auto proposal = propose(std::move(draft), chain, signers, needed);
  if (!proposal) return code(report(proposal.error()));
  // For approvers without a network.
  auto const members = members_in(provider, base::encode(proposal->body));
  if (!members && members.error().code == Code::E_SIGNATURE) return distrust(members.error());
  if (members) {
    for (auto const& one : *members) {
      if (proposal->names.size() < draft_names_max) proposal->names.insert(one);
    }
  }
  auto const names = known_names(provider, options, proposal->body);
  if (!names) return distrust(names.error());
  auto const written = write_text_file(signing.draft, to_text(*proposal));
  if (!written) return code(report(written.error()));
  print_reading(proposal->body, *names);
  std::printf("draft   %s   needs %zu of %zu\n", signing.draft.c_str(), proposal->needed, proposal->candidates.size());
  return code(Exit::done);
}

int tell(Options const& options, Outcome const& outcome, ledger::Body const& body) {
  auto const opened = opened_by(body);
  if (options.json) {
    auto out = view_of(outcome);
    if (!opened.empty()) out.add("opened", Value::of(opened));
    std::printf("%s\n", rpc::to_text(out).c_str());
  } else {
    std::printf("%s\n", outcome.id.hex().c_str());
    if (!opened.empty() && outcome.state == "done") std::printf("opened  %s\n", opened.c_str());
    print(outcome);
  }
  if (auto const next = next_of(outcome, &body); !next.empty())
    std::fprintf(stderr, "       next   %s\n", next.c_str());
  return exit_of(outcome);
}

int send(Provider const& provider, Options const& options, Signing const& signing, Draft draft, ChainInfo const& chain,
         std::vector<ledger::Signer> const& signers) {
  // What will be signed is shown before the passphrase is asked for.
  auto const body = sign(draft, chain, {}).body;
  auto& client = provider.client();
  auto const names = known_names(provider, options, body);
  if (!names) return distrust(names.error());
  print_reading(body, *names);
  if (auto const found = obstacle(client, body, chain)) return code(report(found->error, found->next));
  auto const outlay = outlay_of(body, signers, *names);
  auto const allowed = signing.over_limit ? base::Result<void>{} : check_spending(options.keys, outlay, chain.time_ms);
  if (!allowed) return code(report(allowed.error(), "pay less, wait, or say --over-limit"));
  std::vector<Identity> identities;
  for (auto const& name : signing.keys) {
    auto identity = unlock(options, name);
    if (!identity) return code(report(identity.error(), "tally key list"));
    identities.push_back(*std::move(identity));
  }
  auto const transaction = sign(std::move(draft), chain, identities);
  auto const id = submit(client, transaction);
  if (!id) return code(report(id.error()));
  auto const noted = note_spending(options.keys, outlay, chain.time_ms);
  if (!noted) report(noted.error());
  auto const outcome = wait(client, *id, 20'000);
  if (!outcome) return code(report(outcome.error(), "tally tx wait " + id->hex()));
  return tell(options, *outcome, transaction.body);
}

}  // namespace

base::Result<std::vector<base::PartyId>> signing_parties(Options const& options, Signing const& signing) {
  TRY_ASSIGN(auto const signers, signers_of(options, names_of(signing)));
  std::vector<base::PartyId> out;
  for (auto const& one : signers) out.push_back(one.party);
  return out;
}

int sign_and_send(Options const& options, Signing const& signing, Build const& build) {
  bool const drafts = !signing.draft.empty();
  auto const& names = names_of(signing);
  if (names.empty()) {
    report({Code::E_MISSING_SIGNER, "--key", "nobody signs"}, "name a key of tally key list with --key");
    return code(Exit::usage);
  }
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const chain = chain_to_sign_for(**client, options);
  if (!chain) return code(report(chain.error(), chain_next(chain.error())));
  auto const signers = signers_of(options, names);
  if (!signers) return code(report(signers.error(), "tally key list"));
  Draft draft;
  draft.actor = signers->front().party;
  auto const provider = provider_of(**client, options);
  if (!provider) return code(report(provider.error(), chain_next(provider.error())));
  auto operations = build(*provider, *chain, draft.actor);
  if (!operations) {
    auto const& error = operations.error();
    auto const exit = report(error, error.code == Code::E_MEMBER_UNKNOWN ? payee_next : contract_next(error));
    return code(error.code == Code::E_SIGNATURE ? Exit::check_failed : exit);
  }
  draft.operations = *std::move(operations);
  draft.idempotency_key = ledger::IdempotencyKey::from(random_bytes().view().first(16));
  return drafts ? write_draft(*provider, options, signing, std::move(draft), *chain, *signers)
                : send(*provider, options, signing, std::move(draft), *chain, *signers);
}

base::Result<void> check_chain(ledger::Hash const& chain, Options const& options) {
  if (options.genesis.empty()) return {};
  auto const anchor = anchor_of(options, nullptr);
  if (!anchor) return Error{Code::E_CHAIN, "--genesis", base::to_string(anchor.error())};
  if (anchor->chain == chain) return {};
  return Error{Code::E_CHAIN, "--genesis",
               "the file is of chain " + anchor->chain.hex() + ", this is for chain " + chain.hex()};
}

base::Result<ChainInfo> chain_to_sign_for(rpc::Client& client, Options const& options) {
  TRY_ASSIGN(auto chain, chain_info(client));
  TRY(check_chain(chain.chain, options));
  return chain;
}

std::string chain_next(base::Error const& error) {
  if (error.code != Code::E_CHAIN) return "";
  return "name a node of your chain with --node, or your chain's genesis.json with --genesis; nothing was signed";
}

base::Result<base::PartyId> party_named(Provider const& provider, Options const& options, std::string const& name,
                                        char const* field) {
  TRY_ASSIGN(auto const contacts, read_contacts(options.keys));
  auto const contact = contacts.find(name);
  auto const& meant = contact == contacts.end() ? name : contact->second;
  auto ask = Value::object();
  ask.add("party", Value::of(meant));
  auto const found = provider.call("member_get", std::move(ask));
  if (!found && found.error().code == Code::E_MEMBER_UNKNOWN) {
    return Error{Code::E_MEMBER_UNKNOWN, field, "neither a contact nor a member is called " + name};
  }
  if (!found) return found.error();
  return party_called(provider, meant, *found, field);
}

base::Result<base::Amount> minor_units(std::string const& amount, unsigned scale, char const* field) {
  auto const minor = base::from_decimal_literal(amount, scale);
  if (minor && *minor > 0) return static_cast<base::Amount>(*minor);
  auto const most = std::to_string(scale);
  return Error{Code::E_AMOUNT, field,
               "a positive amount with at most " + most + " decimals; only zeros may stand behind them"};
}

base::Result<ledger::TimeMs> moment(std::string const& text, ChainInfo const& chain, char const* field) {
  if (auto const after = base::from_duration(text)) return chain.time_ms + *after;
  if (auto const time = base::from_rfc3339(text)) return *time;
  return Error{Code::E_FORM, field, "a time like 2026-08-20T00:00:00Z, or a duration from now on like P3D"};
}

base::Result<std::optional<ledger::Travel>> travel_in(std::filesystem::path const& file) {
  if (file.empty()) return std::optional<ledger::Travel>();
  TRY_ASSIGN(auto text, read_text_file(file, 4096));
  while (text.ends_with('\n')) text.pop_back();
  auto const bytes = base::from_hex(text);
  auto travel = bytes ? base::decode<ledger::Travel>(*bytes) : Error{Code::E_ENCODING, "", ""};
  if (travel) return std::optional(*std::move(travel));
  return Error{Code::E_FORM, file.string(), "no statement of tally travel sign"};
}

base::Result<ledger::Hash> hash_named(std::string const& text, char const* field) {
  if (auto const hash = ledger::Hash::from_text(text); hash && text.starts_with("0x")) return *hash;
  auto const bytes = read_text_file(text);
  if (bytes) return crypto::sha256(base::bytes_of(*bytes));
  return Error{Code::E_FORM, field, "0x and 64 hexadecimal digits, or a file whose hash it is: " + text};
}

base::Result<Names> known_names(Provider const& provider, Options const& options, ledger::Body const& body) {
  auto const contacts = read_contacts(options.keys);
  auto names = names_of(provider, body, contacts ? *contacts : Contacts{});
  if (names || names.error().code == Code::E_SIGNATURE) return names;
  return Names{};
}

int distrust(base::Error const& error) {
  auto const exit = report(error, contract_next(error));
  return code(error.code == Code::E_SIGNATURE ? Exit::check_failed : exit);
}

void print_reading(ledger::Body const& body, Names const& names) {
  for (auto const& line : reading(body, names)) std::fprintf(stderr, "  %s\n", line.c_str());
}

Outlay outlay_of(ledger::Body const& body, std::vector<ledger::Signer> const& signers, Names const& names) {
  std::set<base::PartyId> parties;
  for (auto const& one : signers) parties.insert(one.party);
  return {spending_of(body, parties, names), body.idempotency_key, names.scales};
}

}  // namespace wallet
