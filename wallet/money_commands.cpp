// SPDX-License-Identifier: Apache-2.0
// Payments: made, drafted, approved by several, limited, and told in statements.
#include <algorithm>
#include <iostream>
#include <sstream>

#include "base/time.hpp"
#include "base/view.hpp"
#include "gs1/identifier.hpp"
#include "rpc/json.hpp"
#include "wallet/commands.hpp"
#include "wallet/contract_view.hpp"
#include "wallet/iso20022.hpp"
#include "wallet/memory.hpp"
#include "wallet/phrase.hpp"
#include "wallet/proposal.hpp"
#include "wallet/reading.hpp"
#include "wallet/signing.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

int refuse(Obstacle const& obstacle) { return code(report(obstacle.error, obstacle.next)); }

base::Result<std::vector<ledger::Operation>> payment_of(Provider const& provider, Options const& options,
                                                        PaymentOptions const& payment, base::PartyId const& from) {
  TRY_ASSIGN(auto const scale, scale_of(provider, payment.asset));
  ledger::Transfer operation;
  operation.from = from;
  TRY_ASSIGN(operation.to, party_named(provider, options, payment.to, "--to"));
  operation.asset = payment.asset;
  TRY_ASSIGN(operation.amount, minor_units(payment.amount, scale, "AMOUNT"));
  operation.purpose = payment.purpose;
  if (!payment.uetr.empty()) operation.uetr = payment.uetr;
  if (!payment.end_to_end.empty()) operation.end_to_end = payment.end_to_end;
  TRY_ASSIGN(operation.travel, travel_in(payment.travel));
  return std::vector<ledger::Operation>{operation};
}

}  // namespace

int transfer(Options const& options, PaymentOptions const& payment) {
  return sign_and_send(options, payment.signing,
                       [&](Provider const& provider, ChainInfo const&, base::PartyId const& from) {
                         return payment_of(provider, options, payment, from);
                       });
}

namespace {

base::Result<Proposal> load_draft(std::filesystem::path const& file) {
  TRY_ASSIGN(auto const text, read_text_file(file));
  return read_proposal(text);
}

/// What the node tells of the draft; without one, what the draft tells itself.
base::Result<Names> names_for(base::Result<Provider> const& provider, Options const& options,
                              Proposal const& proposal) {
  if (provider) return known_names(*provider, options, proposal.body);
  auto const contacts = read_contacts(options.keys);
  return names_of(proposal, contacts ? *contacts : Contacts{});
}

void print_approvals(Proposal const& proposal) {
  auto const done = approved(proposal);
  std::printf("approved %zu of the %zu needed\n", std::min(done.size(), proposal.needed), proposal.needed);
  for (std::size_t i = 0; i < proposal.candidates.size(); ++i) {
    bool const has = std::find(done.begin(), done.end(), i) != done.end();
    std::printf("  %s  %s\n", has ? "signed" : "      ", proposal.candidates[i].key.hex().c_str());
  }
}

}  // namespace

int show_draft(Options const& options, std::filesystem::path const& file) {
  auto const proposal = load_draft(file);
  if (!proposal) return code(report(proposal.error()));
  if (auto const right = check_chain(proposal->body.chain, options); !right) {
    return code(report(right.error(), chain_next(right.error())));
  }
  auto client = rpc::connect(options.node);
  auto const chain = client ? chain_info(**client) : base::Result<ChainInfo>(client.error());
  auto const provider = chain ? provider_of(**client, options) : base::Result<Provider>(chain.error());
  if (chain && !provider) return code(report(provider.error(), "name the chain's genesis.json with --genesis"));
  auto const names = names_for(provider, options, *proposal);
  if (!names) return distrust(names.error());
  print_reading(proposal->body, *names);
  print_approvals(*proposal);
  if (!chain) return code(Exit::done);
  auto const found = obstacle(**client, proposal->body, *chain);
  return found ? refuse(*found) : code(Exit::done);
}

int approve_draft(Options const& options, std::filesystem::path const& file, std::string const& key_name,
                  bool over_limit) {
  auto proposal = load_draft(file);
  if (!proposal) return code(report(proposal.error()));
  auto const& body = proposal->body;
  if (auto const right = check_chain(body.chain, options); !right) {
    return code(report(right.error(), chain_next(right.error())));
  }
  // A node is asked where one answers and serves the draft's chain; nothing needs it.
  auto client = rpc::connect(options.node);
  auto const chain = client ? chain_info(**client) : base::Result<ChainInfo>(client.error());
  bool const has_node = chain && chain->chain == body.chain;
  auto const provider =
      has_node ? provider_of(**client, options) : base::Result<Provider>(Error{Code::E_CHAIN, "", ""});
  auto const names = names_for(provider, options, *proposal);
  if (!names) return distrust(names.error());
  print_reading(body, *names);
  if (!has_node) std::fprintf(stderr, "  no node of this chain was asked\n");
  auto const outlay = outlay_of(body, proposal->candidates, *names);
  auto const allowed = over_limit ? base::Result<void>{} : check_spending(options.keys, outlay, body.valid_from_ms);
  if (!allowed) return code(report(allowed.error(), "say --over-limit if this is meant"));
  auto const identity = unlock(options, key_name);
  if (!identity) return code(report(identity.error(), "tally key list"));
  auto const done = approve(*proposal, *identity);
  if (!done) return code(report(done.error(), "tally draft show " + file.string()));
  auto const written = write_text_file(file, to_text(*proposal));
  if (!written) return code(report(written.error()));
  auto const noted = note_spending(options.keys, outlay, body.valid_from_ms);
  if (!noted) report(noted.error());
  print_approvals(*proposal);
  return code(Exit::done);
}

int merge_drafts(std::filesystem::path const& file, std::filesystem::path const& other) {
  auto proposal = load_draft(file);
  if (!proposal) return code(report(proposal.error()));
  auto const more = load_draft(other);
  if (!more) return code(report(more.error()));
  auto const merged = merge(*proposal, *more);
  if (!merged) return code(report(merged.error()));
  auto const written = write_text_file(file, to_text(*proposal));
  if (!written) return code(report(written.error()));
  print_approvals(*proposal);
  return code(Exit::done);
}

int send_draft(Options const& options, std::filesystem::path const& file) {
  auto const proposal = load_draft(file);
  if (!proposal) return code(report(proposal.error()));
  auto const transaction = complete(*proposal);
  if (!transaction) {
    print_approvals(*proposal);
    return code(report({Code::E_MISSING_SIGNER, file.string(), "approvals are missing"},
                       "tally draft approve " + file.string() + " --key NAME"));
  }
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const chain = chain_to_sign_for(**client, options);
  if (!chain) return code(report(chain.error(), chain_next(chain.error())));
  if (auto const found = obstacle(**client, transaction->body, *chain)) return refuse(*found);
  auto const id = submit(**client, *transaction);
  if (!id) return code(report(id.error()));
  std::printf("%s\n", id->hex().c_str());
  return wait_for(options, id->hex(), 20'000);
}

int add_to_contacts(Options const& options, std::string const& name, std::string const& gln) {
  // A contact's name goes before members' short names, so it must not quietly stand for another one.
  auto client = rpc::connect(options.node);
  auto ask = Value::object();
  ask.add("party", Value::of(name));
  auto const member = client ? (*client)->call("member_get", std::move(ask)) : base::Result<Value>(client.error());
  if (member && member->string_of("short_name") == name && member->string_of("gln") != gln) {
    auto const other = std::string(member->string_of("gln"));
    return code(report({Code::E_ALREADY_REGISTERED, "NAME", "a member of the network is called so, GLN " + other},
                       "choose a name of your own"));
  }
  if (!member && member.error().code != Code::E_MEMBER_UNKNOWN) {
    std::fprintf(stderr, "no node answers: whether a member is called %s was not looked up\n", shown(name).c_str());
  }
  auto const added = add_contact(options.keys, name, gln);
  return added ? code(Exit::done) : code(report(added.error()));
}

int show_contacts(Options const& options) {
  auto const contacts = read_contacts(options.keys);
  if (!contacts) return code(report(contacts.error()));
  for (auto const& [name, gln] : *contacts) std::printf("%-24s %s\n", name.c_str(), gln.c_str());
  return code(Exit::done);
}

int limit_spending(Options const& options, std::string const& asset, std::string const& transfer,
                   std::string const& day) {
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const provider = provider_of(**client, options);
  if (!provider) return code(report(provider.error(), "name the chain's genesis.json with --genesis"));
  auto const scale = scale_of(*provider, asset);
  if (!scale) return code(report(scale.error(), contract_next(scale.error())));
  SpendingLimit limit;
  for (auto const& [text, member, field] :
       {std::tuple{&transfer, &limit.transfer, "--transfer"}, std::tuple{&day, &limit.day, "--day"}}) {
    if (text->empty()) continue;
    auto const amount = minor_units(*text, *scale, field);
    if (!amount) return code(report(amount.error()));
    *member = *amount;
  }
  auto const written = set_limit(options.keys, asset, limit);
  return written ? code(Exit::done) : code(report(written.error()));
}

int new_phrase(std::size_t words) {
  auto const entropy = random_bytes();
  std::printf("%s\n", phrase_of(entropy.view().first(words * 4 / 3)).c_str());
  std::fprintf(stderr, "Write these words down. Whoever has them has all keys that are made of them.\n");
  return code(Exit::done);
}

int restore_key(Options const& options, std::string const& name, std::string const& gln,
                std::filesystem::path const& phrase_file, std::uint32_t index) {
  if (!gln.empty() && !gs1::read_key("https://id.gs1.org/417/" + gln)) {
    return code(report({Code::E_CHECK_DIGIT, "--gln", "not a GLN: 13 digits with their check digit"}));
  }
  std::string phrase;
  if (phrase_file.empty()) {
    std::fprintf(stderr, "phrase: ");
    std::getline(std::cin, phrase);
  } else {
    auto const text = read_text_file(phrase_file, 4096);
    if (!text) return code(report(text.error()));
    phrase = *text;
  }
  auto const seed = seed_of(phrase, "");
  if (!seed) return code(report(seed.error(), "compare each word with what was written down"));
  auto const root = root_of(*seed);
  auto const key = root ? follow(*root, path_of(index)) : root;
  if (!key) return code(report(key.error()));
  KeyInfo const info{name, gln, *crypto::party_key(key->secret)};
  auto const secret = passphrase(options, name);
  if (!secret) return code(report(secret.error()));
  if (secret->size() < 8) return code(report({Code::E_ENCODING, "passphrase", "at least 8 characters"}));
  auto const written = write_key(options.keys, info, seal_key(info, key->secret, *secret));
  if (!written) return code(report(written.error()));
  std::printf("%s\n", info.key.hex().c_str());
  std::fflush(stdout);
  std::fprintf(
      stderr,
      "The ledger must know this key before it can sign; if it does not yet:\n  tally key add %s --key ADMIN-KEY\n",
      shown(name).c_str());
  return code(Exit::done);
}

}  // namespace wallet
