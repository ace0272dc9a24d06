// SPDX-License-Identifier: Apache-2.0
// Events, traces and proofs.
#include <algorithm>

#include "base/time.hpp"
#include "base/view.hpp"
#include "gs1/document.hpp"
#include "gs1/event.hpp"
#include "gs1/event_hash.hpp"
#include "ledger/accuse.hpp"
#include "ledger/genesis.hpp"
#include "ledger/proof.hpp"
#include "ledger/record.hpp"
#include "rpc/json.hpp"
#include "wallet/capsule.hpp"
#include "wallet/signing.hpp"
#include "wallet/trace.hpp"

namespace wallet {

using base::Code;
using base::Error;
using base::Value;

namespace {

struct Judged {
  std::vector<ledger::BytesView> good;
  std::vector<std::pair<std::size_t, Error>> bad;
};

Judged judge(gs1::Document const& document, gs1::Context const& context) {
  Judged out;
  for (std::size_t i = 0; i < document.events.size(); ++i) {
    auto const bytes = base::bytes_of(document.events[i]);
    auto const event = gs1::read_event(bytes, context);
    if (event) {
      out.good.push_back(bytes);
    } else {
      out.bad.emplace_back(i, event.error());
    }
  }
  return out;
}

void print_refused(Judged const& judged, std::size_t all, bool proceed) {
  std::fprintf(stderr, "%s  %zu of %zu events refused, %s\n", painted("31", "error").c_str(), judged.bad.size(), all,
               proceed ? "the others are recorded (proceed)" : "none recorded (rollback)");
  for (auto const& [index, error] : judged.bad) {
    std::fprintf(stderr, "       event %zu    %s  %s %s\n", index + 1, std::string(base::name(error.code)).c_str(),
                 error.field.c_str(), error.detail.c_str());
  }
  if (!proceed && judged.bad.size() < all) {
    std::fprintf(stderr, "       next        fix these, or capture --proceed to keep the other %zu\n",
                 all - judged.bad.size());
  }
}

std::string link_of(std::string const& id) {
  auto const key =
      gs1::read_key(id.starts_with("http") || id.starts_with("urn:") ? id : "https://id.gs1.org/" + id, "ID");
  return key ? key->uri : std::string{};
}

char const* source_word(Source source) {
  switch (source) {
    case Source::both_parties:
      return "both";
    case Source::independent:
      return "indep.";
    case Source::customs:
      return "gov.";
    case Source::one_party:
      break;
  }
  return "self";
}

std::string short_date(ledger::TimeMs time) {
  constexpr char const* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  auto const date = base::date_of(time);
  return (date.day < 10 ? " " : "") + std::to_string(date.day) + " " + months[date.month - 1];
}

/// How wide a UTF-8 text is in columns; our places and names are one column a letter.
std::string column(std::string_view words, std::size_t width) {
  auto text = shown(words);
  std::size_t letters = 0;
  for (char const c : text) letters += (c & 0xc0) != 0x80 ? 1u : 0u;
  if (letters < width) text.append(width - letters, ' ');
  return text;
}

void print_reading(TraceReading const& reading, ledger::Verdict const& verdict, std::string const& link,
                   ledger::Height height) {
  std::printf("%s   %s\n", painted("1", reading.name).c_str(),
              shown(link.substr(std::string_view("https://id.gs1.org/").size())).c_str());
  auto const word = verdict.partial.empty() ? "complete" : "partial";
  std::printf("%s   %zu of %zu events, %zu of %zu validators, checked here, height %lu\n", painted("32", word).c_str(),
              reading.events, verdict.events, verdict.signatures, verdict.validators, height);
  for (auto const& gap : verdict.partial) std::printf("missing    %s\n", shown(gap).c_str());
  if (!reading.status.empty()) std::printf("status     %s\n", shown(reading.status).c_str());
  for (auto const& lot : reading.unrooted) {
    std::printf("%s   lot %s was made without a certified source\n", painted("33", "unrooted").c_str(),
                shown(lot).c_str());
  }
  std::printf("\n  #  date    what                                place                signed\n");
  std::size_t number = 0;
  for (auto const& step : reading.steps) {
    std::string signers;
    for (auto const& signer : step.signers) signers += (signers.empty() ? "" : " ") + signer;
    auto const mark = step.balanced ? std::string() : "   " + painted("33", "not balanced");
    std::printf("%3zu %s  %c %s %s %-6s %s%s\n", ++number, column(short_date(step.time_ms), 6).c_str(), step.mark,
                column(step.what, 33).c_str(), column(step.place, 20).c_str(), source_word(step.source),
                shown(signers).c_str(), mark.c_str());
  }
  if (!reading.steps.empty()) {
    std::printf("\n> transformed   [ packed   | inside the parent   ] unpacked   dates %d UTC\n",
                base::date_of(reading.steps.back().time_ms).year);
  }
}

ledger::Verdict bad_form(Error const& error) {
  ledger::Verdict out;
  out.failed = ledger::ProofCheck::form;
  out.detail = to_string(error);
  return out;
}

int print_failure(ledger::Verdict const& verdict, std::string const& link) {
  std::printf("%s\n", shown(link).c_str());
  std::printf("%s   %s: %s\n", painted("31", "CHECK FAILED").c_str(),
              std::string(enum_names(*verdict.failed)[static_cast<std::size_t>(*verdict.failed)]).c_str(),
              shown(verdict.detail).c_str());
  std::printf("  meaning      what was sent is not what the validators signed for. The product itself may be fine.\n");
  std::printf("  next         ask another node with --node\n");
  return code(Exit::check_failed);
}

int print_absence(ledger::Verdict const& verdict, std::string const& link, ledger::ResultHeader const& header) {
  std::printf("%s     %s\n", painted("33", "absent").c_str(), shown(link).c_str());
  std::printf("  meaning      No record under this number, checked here\n");
  std::printf("  signatures   %zu of %zu validators, %zu needed\n", verdict.signatures, verdict.validators,
              verdict.quorum);
  std::printf("  as of        %s, height %lu\n", base::to_rfc3339(header.time_ms).c_str(), header.height);
  return code(Exit::refused);
}

/// The proof that a node sends of a subject, or of its absence.
base::Result<ledger::Bytes> fetch_proof(rpc::Client& client, std::string const& link, std::string const& query = "") {
  auto const path =
      link.starts_with("https://id.gs1.org/") ? link.substr(std::string_view("https://id.gs1.org").size()) : "/" + link;
  TRY_ASSIGN(auto const answer, client.send("GET", "/proof" + path + (query.empty() ? "" : "?" + query), ""));
  bool const absent = answer.status == 404 && !answer.body.starts_with('{');
  if (answer.status != 200 && !absent) {
    auto const problem = rpc::from_answer(answer.body);
    auto const why = problem ? std::string(problem->string_of("detail")) : std::string();
    return Error{Code::E_FORM, link,
                 "the node answered " + std::to_string(answer.status) + (why.empty() ? "" : ": " + why)};
  }
  return base::to_bytes(answer.body);
}

}  // namespace

base::Result<ledger::Anchor> anchor_of(Options const& options, rpc::Client* client) {
  if (!options.genesis.empty()) {
    TRY_ASSIGN(auto const text, read_text_file(options.genesis));
    TRY_ASSIGN(auto const value, rpc::from_answer(text));
    TRY_ASSIGN(auto const genesis, base::read_view<ledger::Genesis>(value));
    return ledger::Anchor{genesis.chain(), genesis.validators.hash()};
  }
  if (client == nullptr) return Error{Code::E_CHAIN, "--genesis", "a genesis.json is needed to check without a node"};
  TRY_ASSIGN(auto const answer, client->send("GET", "/anchor.json", ""));
  TRY_ASSIGN(auto const value, rpc::from_text(answer.body));
  auto const chain = ledger::Hash::from_text(value.string_of("chain"));
  auto const validators = ledger::Hash::from_text(value.string_of("validators_hash"));
  if (!chain || !validators) return Error{Code::E_ENCODING, "/anchor.json", "the node names no chain"};
  return ledger::Anchor{*chain, *validators};
}

int capture(Options const& options, std::filesystem::path const& file, std::string const& key_name, bool proceed) {
  auto const text = read_epcis_file(file);
  if (!text) return code(report(text.error()));
  auto const document = gs1::read_document(*text);
  if (!document) return code(report(document.error()));
  auto const context = gs1::read_context(document->context);
  if (!context) return code(report(context.error()));
  auto const judged = judge(*document, *context);
  if (!judged.bad.empty()) print_refused(judged, document->events.size(), proceed);
  if ((!judged.bad.empty() && !proceed) || judged.good.empty()) return code(Exit::refused);
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const chain = chain_to_sign_for(**client, options);
  if (!chain) return code(report(chain.error(), chain_next(chain.error())));
  auto const identity = unlock(options, key_name);
  if (!identity) return code(report(identity.error(), "tally key list"));
  auto const mode = proceed ? ledger::RecordMode::proceed : ledger::RecordMode::rollback;
  auto record = ledger::make_record(mode, document->context, judged.good);
  if (!record) return code(report(record.error()));
  Draft draft;
  draft.actor = identity->party;
  draft.operations.emplace_back(*std::move(record));
  for (auto const bytes : judged.good) draft.payloads.emplace_back(bytes.begin(), bytes.end());
  auto const id = submit(**client, sign(std::move(draft), *chain, {*identity}));
  if (!id) return code(report(id.error()));
  auto const outcome = wait(**client, *id, 20'000);
  if (!outcome) return code(report(outcome.error()));
  std::printf("%s  %s  %s\n", outcome->state.c_str(), outcome->code.c_str(), id->hex().c_str());
  for (std::size_t i = 0; i < outcome->event_codes.size(); ++i) {
    auto const event = gs1::read_event(judged.good[i], *context);
    std::printf("  event %zu  %s  %s\n", i + 1, outcome->event_codes[i].c_str(),
                gs1::to_event_id(event->event_hash).c_str());
  }
  if (outcome->state == "done") return code(judged.bad.empty() ? Exit::done : Exit::refused);
  if (!outcome->field.empty()) std::fprintf(stderr, "       at  %s\n", outcome->field.c_str());
  return code(outcome->state == "failed" ? Exit::refused : Exit::fault);
}

int show_trace(Options const& options, std::string const& id) {
  auto const link = link_of(id);
  if (link.empty()) {
    report({Code::E_CHECK_DIGIT, "ID", "expected a Digital Link, its path (01/…/21/…), or an EPC URN"});
    return code(Exit::usage);
  }
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const bytes = fetch_proof(**client, link);
  if (!bytes) return code(report(bytes.error(), "check the number on the label"));
  auto const anchor = anchor_of(options, client->get());
  if (!anchor) return code(report(anchor.error()));
  auto const proof = base::decode<ledger::TraceProof>(*bytes);
  if (!proof) return print_failure(bad_form(proof.error()), link);
  auto const verdict = ledger::verify_trace(*proof, link, *anchor);
  if (verdict.failed) return print_failure(verdict, link);
  if (verdict.absent) return print_absence(verdict, link, proof->header);
  auto const reading = read_trace(*proof);
  print_reading(reading, verdict, link, proof->header.height);
  if (options.genesis.empty()) std::printf("The chain is taken from this node's word; --genesis FILE pins it.\n");
  return code(reading.recalled ? Exit::refused : Exit::done);
}

int get_proof(Options const& options, std::string const& id, std::filesystem::path const& file,
              std::string const& query) {
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const bytes = fetch_proof(**client, link_of(id), query);
  if (!bytes) return code(report(bytes.error()));
  auto const written = write_text_file(file, std::string(base::text_of(*bytes)));
  if (!written) return code(report(written.error()));
  std::printf("%s  %zu bytes\n", file.c_str(), bytes->size());
  auto const proof = base::decode<ledger::TraceProof>(*bytes);
  if (!proof || !proof->histories.empty()) return code(Exit::done);
  return code(report({Code::E_UNKNOWN_GOODS, id, "No record under this number; the file proves it"}));
}

int verify_proof(Options const& options, std::filesystem::path const& file, std::string const& id) {
  auto const text = read_text_file(file, std::size_t{64} << 20);
  if (!text) return code(report(text.error()));
  auto const anchor = anchor_of(options, nullptr);
  if (!anchor) return code(report(anchor.error(), "tally proof verify FILE --genesis genesis.json"));
  auto const proof = base::decode<ledger::TraceProof>(base::bytes_of(*text));
  if (!proof) return print_failure(bad_form(proof.error()), file.string());
  std::string link = link_of(id);
  if (id.empty() && !proof->histories.empty() && !proof->histories.front().key.empty()) {
    link = ledger::subject_name(proof->histories.front().key);
  } else if (id.empty() && !proof->absent.empty() && !proof->absent.front().key.empty()) {
    link = ledger::subject_name(proof->absent.front().key);
  }
  auto const verdict = ledger::verify_trace(*proof, link, *anchor);
  if (verdict.failed) return print_failure(verdict, link);
  if (verdict.absent) return print_absence(verdict, link, proof->header);
  std::printf("%s   %s\n", painted("32", std::string(word(verdict))).c_str(), shown(link).c_str());
  for (auto const& gap : verdict.partial) std::printf("  missing      %s\n", shown(gap).c_str());
  std::printf("  signatures   %zu of %zu validators, %zu needed\n", verdict.signatures, verdict.validators,
              verdict.quorum);
  for (auto const& one : verdict.witnesses) {
    std::printf("  witness      %s, %s by its clock, key %s\n", shown(one.short_name).c_str(),
                base::to_rfc3339(one.time_ms).c_str(), one.key.hex().c_str());
  }
  std::printf("  recorded     %zu events, %zu leaves in %zu histories\n", verdict.events, verdict.leaves,
              proof->histories.size());
  std::printf("  as of        %s, height %lu\n", base::to_rfc3339(proof->header.time_ms).c_str(), proof->header.height);
  std::printf("  bytes        %zu\n", text->size());
  return code(Exit::done);
}

int write_capsule(Options const& options, std::string const& id, std::filesystem::path const& file) {
  auto const link = link_of(id);
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const anchor = anchor_of(options, client->get());
  if (!anchor) return code(report(anchor.error()));
  // Rather a state that is some seconds old and that witnesses signed.
  auto const bytes = fetch_proof(**client, link, "witnessed=60");
  if (!bytes) return code(report(bytes.error(), "check the number on the label"));
  auto const proof = base::decode<ledger::TraceProof>(*bytes);
  if (!proof) return print_failure(bad_form(proof.error()), link);
  auto const verdict = ledger::verify_trace(*proof, link, *anchor);
  if (verdict.failed) return print_failure(verdict, link);
  auto const page = make_capsule(*bytes, link, *anchor);
  auto const written = write_text_file(file, page);
  if (!written) return code(report(written.error()));
  std::printf("%s  %zu bytes, %s, %zu events up to height %lu\n", file.c_str(), page.size(),
              std::string(word(verdict)).c_str(), verdict.events, proof->header.height);
  if (options.genesis.empty()) std::printf("The chain is taken from this node's word; --genesis FILE pins it.\n");
  return code(Exit::done);
}

int accuse_signers(Options const& options, std::filesystem::path const& first, std::filesystem::path const& second) {
  auto const anchor = anchor_of(options, nullptr);
  if (!anchor) return code(report(anchor.error(), "tally proof accuse FILE FILE --genesis genesis.json"));
  std::vector<ledger::TraceProof> proofs;
  for (auto const& file : {first, second}) {
    auto const text = read_text_file(file, std::size_t{64} << 20);
    if (!text) return code(report(text.error()));
    auto proof = base::decode<ledger::TraceProof>(base::bytes_of(*text));
    if (!proof) return code(report(proof.error()));
    proofs.push_back(std::move(proof).value());
  }
  auto const found = ledger::accuse(proofs[0], proofs[1], *anchor);
  if (!found) return code(report(found.error()));
  std::printf("%s   height %lu has two final results\n", painted("31", "CONFLICT").c_str(), found->height);
  std::printf("  results      %s\n               %s\n", found->first.hex().c_str(), found->second.hex().c_str());
  std::printf("  guilty       %zu keys signed both; at most %zu may be faulty\n", found->guilty.size(),
              found->faulty_max);
  for (auto const& key : found->guilty) std::printf("               %s\n", key.hex().c_str());
  return code(Exit::check_failed);
}

}  // namespace wallet
