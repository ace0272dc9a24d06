// SPDX-License-Identifier: Apache-2.0
// Statements and the messages of ISO 20022.
#include <algorithm>

#include "base/time.hpp"
#include "rpc/json.hpp"
#include "wallet/commands.hpp"
#include "wallet/contract_view.hpp"
#include "wallet/iso20022.hpp"
#include "wallet/signing.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

base::Result<ledger::TimeMs> date(std::string const& text, char const* field) {
  auto const time = base::from_rfc3339(text.size() == 10 ? text + "T00:00:00Z" : text);
  if (time) return *time;
  return Error{Code::E_ENCODING, field, "a day as 2026-08-13, or a time of RFC 3339"};
}

base::Result<std::string> rendered(Statement const& statement, std::string const& format) {
  if (format == "camt053") return to_camt053(statement);
  if (format == "camt054") return to_camt054(statement);
  if (format == "csv") return to_csv(statement);
  return rpc::to_pretty_text(to_json(statement)) + "\n";
}

}  // namespace

int show_statement(Options const& options, std::string const& party, std::string const& asset, std::string const& from,
                   std::string const& to, std::string const& format) {
  auto const from_ms = date(from, "--from");
  auto const to_ms = date(to, "--to");
  for (auto const* time : {&from_ms, &to_ms}) {
    if (!*time) return report(time->error(), "write a day, like --from 2026-08-01 --to 2026-09-01"), code(Exit::usage);
  }
  if (*from_ms > *to_ms) {
    report({Code::E_FORM, "--from", from + " is after --to, " + to}, "name the earlier day with --from");
    return code(Exit::usage);
  }
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const anchor = anchor_of(options, client->get());
  if (!anchor) return code(report(anchor.error(), "name the chain's genesis.json with --genesis"));
  auto const statement = fetch_statement(**client, *anchor, party, asset, *from_ms, *to_ms);
  if (!statement) {
    if (statement.error().code != Code::E_SIGNATURE) return code(report(statement.error()));
    report(statement.error(), "do not trust this node's statement; ask another");
    return code(Exit::check_failed);
  }
  auto const text = rendered(*statement, format);
  if (!text) return code(report(text.error()));
  std::fwrite(text->data(), 1, text->size(), stdout);
  std::fprintf(stderr, "%zu of %lu lines, opening %s, closing %s %s, checked at height %lu%s\n",
               statement->lines.size(), statement->lines_total, decimal(statement->opening, statement->scale).c_str(),
               decimal(statement->closing, statement->scale).c_str(), asset.c_str(), statement->proof.header.height,
               options.genesis.empty() ? "; the chain is taken from this node's word" : "");
  return code(Exit::done);
}

namespace {

base::Result<ledger::Operation> operation_of(Provider const& provider, Options const& options,
                                             PaymentOrder const& order, Identity const& payer) {
  TRY_ASSIGN(auto const scale, scale_of(provider, order.asset));
  TRY_ASSIGN(auto const amount, minor_units(order.amount, scale, "InstdAmt"));
  TRY_ASSIGN(auto const debtor, party_named(provider, options, order.debtor, "DbtrAcct"));
  if (debtor != payer.party) return Error{Code::E_MISSING_SIGNER, "DbtrAcct", "the key is not of " + order.debtor};
  if (!order.contract.empty()) {
    TRY_ASSIGN(auto const contract, fetch_own_contract(provider, order.contract, {payer.party}));
    TRY_ASSIGN(auto act, deposit_into(contract, payer.party, order.asset, amount));
    act.end_to_end = order.end_to_end;
    if (!order.uetr.empty()) act.uetr = order.uetr;
    return ledger::Operation(act);
  }
  ledger::Transfer out;
  out.from = payer.party;
  TRY_ASSIGN(out.to, party_named(provider, options, order.creditor, "CdtrAcct"));
  out.asset = order.asset;
  out.amount = amount;
  out.purpose = order.purpose;
  out.end_to_end = order.end_to_end;
  if (!order.uetr.empty()) out.uetr = order.uetr;
  return ledger::Operation(out);
}

/// The key follows from the message, the payment and its place, so that a file that is imported twice pays once, and
/// each of two equal orders.
ledger::IdempotencyKey key_of(std::string const& message_id, std::size_t place, PaymentOrder const& order) {
  auto const text = message_id + "\n" + std::to_string(place) + "\n" + order.order + "\n" + order.instruction + "\n" +
                    order.end_to_end;
  return *ledger::IdempotencyKey::from(crypto::sha256(base::bytes_of(text)).view().first(16));
}

PaymentStatus status_of(PaymentOrder const& order) {
  PaymentStatus out;
  out.end_to_end = order.end_to_end;
  out.uetr = order.uetr;
  out.instruction = order.instruction;
  out.order = order.order;
  return out;
}

void fail(PaymentStatus& status, Error const& error) {
  status.state = "failed";
  status.code = base::name(error.code);
  status.hint = error.detail.empty() ? std::string(base::hint(error.code)) : error.detail;
}

/// How a file is paid.
struct Import {
  Provider const& provider;
  Options const& options;
  std::string const& message_id;
  Identity const& identity;
  bool over_limit = false;
};

PaymentStatus pay(Import const& import, std::size_t place, PaymentOrder const& order) {
  auto const& [provider, options, message_id, identity, over_limit] = import;
  auto& client = provider.client();
  auto status = status_of(order);
  auto const chain = chain_to_sign_for(client, options);
  if (!chain) return fail(status, chain.error()), status;
  if (order.execution_ms && *order.execution_ms > chain->time_ms) {
    auto const day = base::to_rfc3339(*order.execution_ms).substr(0, 10);
    Error const early{Code::E_NOT_YET_VALID, "ReqdExctnDt", "ordered for " + day + ": import the file on that day"};
    return fail(status, early), status;
  }
  auto const operation = operation_of(provider, options, order, identity);
  if (!operation) return fail(status, operation.error()), status;
  Draft draft;
  draft.actor = identity.party;
  draft.operations = {*operation};
  draft.idempotency_key = key_of(message_id, place, order);
  auto const transaction = sign(std::move(draft), *chain, {identity});
  auto const names = known_names(provider, options, transaction.body);
  if (!names) return fail(status, names.error()), status;
  print_reading(transaction.body, *names);
  if (auto const found = obstacle(client, transaction.body, *chain)) return fail(status, found->error), status;
  auto const outlay = outlay_of(transaction.body, transaction.body.signers, *names);
  auto const allowed = over_limit ? base::Result<void>{} : check_spending(options.keys, outlay, chain->time_ms);
  if (!allowed) return fail(status, allowed.error()), status;
  auto const id = submit(client, transaction);
  if (!id) return fail(status, id.error()), status;
  auto const noted = note_spending(options.keys, outlay, chain->time_ms);
  if (!noted) report(noted.error());
  status.transaction = id->hex();
  auto const outcome = wait(client, *id, 20'000);
  status.state = outcome && outcome->state == "done"     ? "done"
                 : outcome && outcome->state == "failed" ? "failed"
                                                         : "pending";
  if (status.state == "failed") {
    status.code = outcome->code;
    status.hint = outcome->field;
  }
  return status;
}

}  // namespace

int import_payments(Options const& options, std::filesystem::path const& file, std::string const& key_name,
                    std::filesystem::path const& status_file, bool over_limit) {
  auto const text = read_text_file(file);
  if (!text) return code(report(text.error()));
  auto const payments = read_pain001(*text);
  if (!payments) return code(report(payments.error(), "nothing was paid; correct the file"));
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const right = chain_to_sign_for(**client, options);
  if (!right) return code(report(right.error(), chain_next(right.error())));
  auto const identity = unlock(options, key_name);
  if (!identity) return code(report(identity.error(), "tally key list"));
  std::vector<PaymentStatus> statuses;
  bool all = true;
  auto const provider = provider_of(**client, options);
  if (!provider) return code(report(provider.error(), chain_next(provider.error())));
  Import const import{*provider, options, payments->message_id, *identity, over_limit};
  for (std::size_t place = 0; place < payments->orders.size(); ++place) {
    auto const& order = payments->orders[place];
    statuses.push_back(pay(import, place, order));
    auto const& one = statuses.back();
    all = all && one.state == "done";
    std::printf("%-8s %-35s %14s %-20s %s\n", one.state.c_str(), one.end_to_end.c_str(), order.amount.c_str(),
                order.asset.c_str(), one.code.empty() ? one.transaction.c_str() : (one.code + " " + one.hint).c_str());
  }
  if (!status_file.empty()) {
    auto const chain = chain_info(**client);
    auto const now_ms = chain ? chain->time_ms : 0;
    auto const written =
        write_text_file(status_file, to_pain002("S-" + payments->message_id, payments->message_id, now_ms, statuses));
    if (!written) return code(report(written.error()));
  }
  return code(all ? Exit::done : Exit::refused);
}

int show_payment_status(Options const& options, std::string const& id) {
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto ask = Value::object();
  ask.add("id", Value::of(id));
  auto const found = (*client)->call("tx_get", std::move(ask));
  if (!found) return code(report(found.error()));
  PaymentStatus status;
  status.transaction = id;
  status.state = found->string_of("state") == "done"     ? "done"
                 : found->string_of("state") == "failed" ? "failed"
                                                         : "pending";
  if (status.state == "failed") {
    status.code = found->string_of("code");
    status.hint = found->string_of("hint");
  }
  std::vector<PaymentStatus> statuses;
  auto const* body = found->find("body");
  auto const* operations = body == nullptr ? nullptr : body->find("operations");
  for (std::size_t i = 0; operations != nullptr && i < operations->items.size(); ++i) {
    auto const& one = operations->items[i];
    auto const kind = one.string_of("type");
    if (kind != "transfer" && kind != "hold" && kind != "hold_post" && kind != "escrow_act") continue;
    // Of acts only deposits have these.
    if (kind == "escrow_act" && one.string_of("end_to_end").empty() && one.string_of("uetr").empty()) continue;
    status.end_to_end = one.string_of("end_to_end");
    status.uetr = one.string_of("uetr");
    statuses.push_back(status);
  }
  auto const chain = chain_info(**client);
  if (!chain) return code(report(chain.error()));
  auto const message_id = "P-" + (id.size() > 2 ? id.substr(2, 32) : id);
  auto const text = to_pacs002(message_id, chain->time_ms, statuses);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return code(Exit::done);
}

}  // namespace wallet
