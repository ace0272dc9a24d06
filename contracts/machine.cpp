// SPDX-License-Identifier: Apache-2.0
#include "contracts/machine.hpp"

#include "contracts/escrow/escrow.hpp"
#include "contracts/form.hpp"
#include "contracts/goods/customs.hpp"
#include "contracts/goods/device.hpp"
#include "contracts/goods/goods.hpp"
#include "contracts/goods/statement.hpp"
#include "contracts/members/governance.hpp"
#include "contracts/members/mandate.hpp"
#include "contracts/members/members.hpp"
#include "contracts/meter.hpp"
#include "contracts/money/money.hpp"
#include "contracts/replay.hpp"

namespace contracts {

namespace {

using ledger::Body;
using ledger::Bytes;
using ledger::BytesView;
using ledger::Overlay;
using ledger::Parameters;
using ledger::ParametersRecord;
using ledger::Receipt;
using ledger::Space;
using ledger::StateView;
using ledger::Transaction;

/// The index that leaves of block 0 and of deadlines carry in place of a transaction's.
constexpr std::uint16_t no_transaction = 65535;

std::string at(std::string_view list, std::size_t i) { return std::string(list) + "[" + std::to_string(i) + "]"; }

/// Runs the operations of one body. One function a kind: a new kind without a rule does not compile.
class Rules {
 public:
  Rules(Context& context, base::List<base::Blob<ledger::event_bytes_max>, 512> const& payloads, ReadRecords const& read)
      : context_(context), payloads_(payloads), read_(read) {}

  Result<void> run(ledger::Operation const& operation, std::size_t index) {
    context_.operation_index = static_cast<std::uint16_t>(index);
    field_ = at("operations", index);
    return std::visit(*this, operation);
  }
  std::vector<Code> take_event_codes() && { return std::move(event_codes_); }

  /// Facts fire contracts at once, before the next operation: each operation finds the ledger as the one before left
  /// it.
  Result<void> operator()(ledger::Record const& operation) {
    CHECK(next_payload_ + operation.count <= payloads_.size());
    auto const begin = payloads_.begin() + static_cast<std::ptrdiff_t>(next_payload_);
    std::vector<BytesView> const payloads(begin, begin + operation.count);
    context_.first_event = static_cast<std::uint16_t>(next_payload_);
    next_payload_ += operation.count;
    auto const read = next_record_ < read_.size() ? read_[next_record_] : nullptr;
    ++next_record_;
    TRY_ASSIGN(auto const recorded, goods::record(context_, operation, payloads, field_, read));
    event_codes_.insert(event_codes_.end(), recorded.codes.begin(), recorded.codes.end());
    escrow::observe(context_, recorded.facts);
    return {};
  }
  Result<void> operator()(ledger::AddMember const& operation) {
    return members::add_member(context_, operation, field_);
  }
  Result<void> operator()(ledger::GrantPrefix const& operation) {
    return members::grant_prefix(context_, operation, field_);
  }
  Result<void> operator()(ledger::KeyAdd const& operation) { return members::add_key(context_, operation, field_); }
  Result<void> operator()(ledger::KeyRevoke const& operation) {
    return members::revoke_key(context_, operation, field_);
  }
  Result<void> operator()(ledger::AddSite const& operation) { return members::add_site(context_, operation, field_); }
  Result<void> operator()(ledger::AddProduct const& operation) {
    return members::add_product(context_, operation, field_);
  }
  Result<void> operator()(ledger::AddRecipe const& operation) {
    return members::add_recipe(context_, operation, field_);
  }
  Result<void> operator()(ledger::IssueCertificate const& operation) {
    TRY(members::issue_certificate(context_, operation, field_));
    // What does not hold when it is issued certifies nothing that a contract could wait for.
    if (context_.time_ms < operation.valid_from_ms || operation.valid_until_ms < context_.time_ms) return {};
    escrow::observe(context_, {members::certificate_fact(context_, operation.number)});
    return {};
  }
  Result<void> operator()(ledger::RevokeCertificate const& operation) {
    TRY(members::revoke_certificate(context_, operation, field_));
    escrow::observe(context_, {members::certificate_fact(context_, operation.number)});
    return {};
  }
  Result<void> operator()(ledger::SetQuota const& operation) { return members::set_quota(context_, operation, field_); }
  Result<void> operator()(ledger::SetClaimCode const& operation) {
    return goods::set_claim_code(context_, operation, field_);
  }
  Result<void> operator()(ledger::ClaimItem const& operation) { return goods::claim(context_, operation, field_); }
  Result<void> operator()(ledger::CreateAsset const& operation) {
    return money::create_asset(context_, operation, field_);
  }
  Result<void> operator()(ledger::Mint const& operation) { return money::mint(context_, operation, field_); }
  Result<void> operator()(ledger::Burn const& operation) {
    TRY(charge(operation.from, operation.amount, std::nullopt));
    return money::burn(context_, operation, field_);
  }
  Result<void> operator()(ledger::Transfer const& operation) {
    TRY(charge(operation.from, operation.amount, operation.to));
    return money::transfer(context_, operation, field_);
  }
  Result<void> operator()(ledger::EscrowOpen const& operation) {
    return escrow::open(context_, operation, context_.operation_index, field_);
  }
  Result<void> operator()(ledger::EscrowAct const& operation) { return escrow::act(context_, operation, field_); }
  Result<void> operator()(ledger::EscrowAssign const& operation) { return escrow::assign(context_, operation, field_); }
  Result<void> operator()(ledger::AdvanceTime const& operation) {
    return members::advance_time(context_, operation, field_);
  }
  Result<void> operator()(ledger::RegisterDevice const& operation) {
    return goods::register_device(context_, operation, field_);
  }
  Result<void> operator()(ledger::RetireDevice const& operation) {
    return goods::retire_device(context_, operation, field_);
  }
  Result<void> operator()(ledger::GiveMandate const& operation) {
    return members::give_mandate(context_, operation, field_);
  }
  Result<void> operator()(ledger::EndMandate const& operation) {
    return members::end_mandate(context_, operation, field_);
  }
  Result<void> operator()(ledger::LimitKey const& operation) { return members::limit_key(context_, operation, field_); }
  Result<void> operator()(ledger::ReportKey const& operation) {
    return members::report_key(context_, operation, field_);
  }
  Result<void> operator()(ledger::AddScheme const& operation) { return goods::add_scheme(context_, operation, field_); }
  Result<void> operator()(ledger::SetProductRule const& operation) {
    return goods::set_product_rule(context_, operation, field_);
  }
  Result<void> operator()(ledger::RegisterMark const& operation) {
    return goods::register_mark(context_, operation, field_);
  }
  Result<void> operator()(ledger::WatchMark const& operation) { return goods::watch_mark(context_, operation, field_); }
  Result<void> operator()(ledger::StateOrigin const& operation) {
    return goods::state_origin(context_, operation, field_);
  }
  Result<void> operator()(ledger::StateCarbon const& operation) {
    return goods::state_carbon(context_, operation, field_);
  }
  Result<void> operator()(ledger::SetGate const& operation) { return goods::set_gate(context_, operation, field_); }
  Result<void> operator()(ledger::SetWarranty const& operation) {
    return goods::set_warranty(context_, operation, field_);
  }
  Result<void> operator()(ledger::ReportScan const& operation) {
    return goods::report_scan(context_, operation, field_);
  }
  Result<void> operator()(ledger::Authorise const& operation) { return money::authorise(context_, operation, field_); }
  Result<void> operator()(ledger::Freeze const& operation) { return money::freeze(context_, operation, field_); }
  Result<void> operator()(ledger::Clawback const& operation) { return money::claw_back(context_, operation, field_); }
  Result<void> operator()(ledger::SetLimits const& operation) { return money::set_limits(context_, operation, field_); }
  Result<void> operator()(ledger::OpenHold const& operation) {
    TRY(charge(operation.from, operation.amount, operation.to));
    return money::open_hold(context_, operation, field_);
  }
  Result<void> operator()(ledger::PostHold const& operation) { return money::post_hold(context_, operation, field_); }
  Result<void> operator()(ledger::VoidHold const& operation) { return money::void_hold(context_, operation, field_); }
  Result<void> operator()(ledger::OpenNetting const& operation) {
    return money::open_netting(context_, operation, field_);
  }
  Result<void> operator()(ledger::JoinNetting const& operation) {
    return money::join_netting(context_, operation, field_);
  }
  Result<void> operator()(ledger::RegisterReceivable const& operation) {
    return money::register_receivable(context_, operation, field_);
  }
  Result<void> operator()(ledger::AssignReceivable const& operation) {
    return money::assign_receivable(context_, operation, field_);
  }
  Result<void> operator()(ledger::ProposeChange const& operation) {
    return members::propose(context_, operation, field_);
  }
  Result<void> operator()(ledger::VoteChange const& operation) { return members::vote(context_, operation, field_); }
  Result<void> operator()(ledger::ReportEvidence const& operation) {
    return members::report_evidence(context_, operation, field_);
  }
  Result<void> operator()(ledger::Rejoin const& operation) { return members::rejoin(context_, operation, field_); }

 private:
  /// Against the daily limits of the party's keys that signed.
  Result<void> charge(PartyId const& party, base::Amount value, std::optional<PartyId> const& counterparty) {
    members::Spending spending;
    spending.value = value;
    if (counterparty) spending.counterparties = {*counterparty};
    return members::charge_limits(context_, context_.state, party, spending, field_);
  }

  Context& context_;
  base::List<base::Blob<ledger::event_bytes_max>, 512> const& payloads_;
  ReadRecords const& read_;
  std::size_t next_payload_ = 0;
  std::size_t next_record_ = 0;
  std::string field_;
  std::vector<Code> event_codes_;
};

/// The field's path cut to what a receipt holds; a path may repeat names that a stranger chose.
decltype(Receipt::field) receipt_field(std::string_view path) {
  std::size_t size = std::min(path.size(), decltype(Receipt::field)::max);
  while (size < path.size() && size > 0 && (static_cast<unsigned char>(path[size]) & 0xc0) == 0x80) --size;
  auto const cut = path.substr(0, size);
  return base::is_utf8(cut) ? decltype(Receipt::field)(cut) : decltype(Receipt::field)();
}

Hash entries_root(std::vector<ledger::Entry> const& entries) {
  std::vector<Hash> leaves;
  for (auto const& entry : entries) leaves.push_back(crypto::log_leaf_hash(base::encode(entry)));
  return crypto::log_root(leaves);
}

/// The actor pays with his meter and his name, so a valid key of his must have signed. Party zero stands for nobody: a
/// consumer with a claim code, the keeper of a test clock.
Result<void> require_actor(Context const& context, Body const& body) {
  if (!body.actor.is_zero()) {
    if (!members::is_member(context.state, body.actor)) {
      return Error{Code::E_MEMBER_UNKNOWN, "actor", "no member " + body.actor.hex()};
    }
    return require_any_key(context, body.actor, "actor");
  }
  for (std::size_t i = 0; i < body.operations.size(); ++i) {
    auto const& operation = body.operations[i];
    bool const needs_nobody =
        std::holds_alternative<ledger::ClaimItem>(operation) || std::holds_alternative<ledger::AdvanceTime>(operation);
    if (!needs_nobody) return Error{Code::E_MISSING_SIGNER, "actor", at("operations", i) + " needs a member"};
  }
  return {};
}

ledger::VersionRecord version_of(StateView const& state) {
  return ledger::load<ledger::VersionRecord>(state, Space::version, "").value_or(ledger::VersionRecord{});
}

/// Twenty times the dearest terms, twenty thousand times a template: less than a second. The meter alone would let one
/// member's burst take ten.
constexpr std::uint64_t judging_a_block_max = 4'000'000;

/// One block while it runs.
class BlockRun {
 public:
  BlockRun(StateView const& before, Parameters const& parameters, ledger::Height height, ledger::TimeMs time_ms)
      : before_(before),
        state_(before),
        parameters_(parameters),
        height_(height),
        time_ms_(time_ms),
        turns_left_(parameters.transitions_a_block_max),
        act_turns_left_(parameters.transitions_a_block_max - parameters.transitions_a_block_max / 4) {}

  Overlay& state() { return state_; }

  Context context(Overlay& state) {
    Context out{state, parameters_};
    out.height = height_;
    out.time_ms = time_ms_;
    out.transaction_index = no_transaction;
    out.turns_left = &turns_left_;
    out.act_turns_left = &act_turns_left_;
    out.act_turns_taken = &act_turns_taken_;
    out.judging_left = &judging_left_;
    return out;
  }

  /// From here on the clock shows the block's time; what the window has passed is forgotten.
  void begin() {
    set_clock();
    replay::prune(state_, time_ms_, begin_version());
  }

  void fire_deadlines() {
    auto const prototype = context(state_);
    auto next_log_index = ledger::log_size(state_);
    std::vector<ledger::Entry> entries;
    Overlay acts(state_);
    auto const fired = [&](ledger::DeadlineCause const& cause, Context& after) {
      Receipt receipt;
      receipt.cause = cause;
      receipt.work = after.work;
      receipt.first_log_index = next_log_index;
      next_log_index = ledger::log_size(after.state);
      receipt.log_count = static_cast<std::uint32_t>(next_log_index - receipt.first_log_index);
      entries.insert(entries.end(), after.entries.begin(), after.entries.end());
      auto const key = ledger::deadline_receipt_key(cause.contract, height_, receipt_index());
      close(acts, std::move(receipt), key, std::nullopt, after);
    };
    escrow::fire_deadlines(acts, prototype, parameters_.deadlines_a_block_max, fired);
    money::fire_expiries(acts, prototype, parameters_.deadlines_a_block_max, fired);
    auto const broken = money::broken_invariant({state_, acts.diff(), entries, {}});
    if (broken) alarms_.push_back("deadlines of block " + std::to_string(height_) + ": " + *broken);
    state_.merge(std::move(acts));
  }

  void include(Transaction const& transaction, Hash const& id, std::uint16_t index, ReadRecords const& read) {
    auto const& body = transaction.body;
    Receipt receipt;
    receipt.cause = ledger::TransactionCause{id};
    receipt.first_log_index = ledger::log_size(state_);
    if (replay::consumed(state_, id)) {
      receipt.code = Code::exists;
      receipt.entries_root = entries_root({});
      receipts_.push_back(std::move(receipt));  // the record of the first time stays
      return;
    }
    // What stays of a failed transaction too stands on one overlay, what its operations do on another above it.
    Overlay books(state_);
    auto const minute = consumed_.add(books, id, body.valid_until_ms);

    Overlay acts(books);
    auto run = context(acts);
    run.transaction_index = index;
    run.chain = body.chain;
    run.transaction = id;
    run.actor = body.actor;
    run.signers = body.signers;
    auto const result = judge(run, transaction, read, receipt);
    if (result) {
      books.merge(std::move(acts));
      postings_.merge(std::move(run.postings));
      receipt.log_count = static_cast<std::uint32_t>(ledger::log_size(books) - receipt.first_log_index);
    } else {
      receipt.code = result.error().code;
      receipt.field = receipt_field(result.error().field);
      run.entries.clear();
      // What it did for contracts is undone, and was work all the same.
      if (burns_key_) run.work += run.spared;
    }
    receipt.work = run.work;
    if (run.work > 0) meter::charge(books, parameters_, body.actor, time_ms_, run.work);
    if (burns_key_) replay::keep(books, body, id, receipt.code);
    close(books, std::move(receipt), ledger::receipt_key(id), minute, run);
    if (!result) {
      auto const trace = money::leaves_no_trace(books.diff());
      if (trace) alarms_.push_back("transaction " + id.hex() + ": " + *trace);
    }
    state_.merge(std::move(books));
  }

  Execution finish(ledger::StateTree const& tree) && {
    set_clock();
    std::move(consumed_).write(state_);
    ledger::fold_histories(state_);
    std::move(lines_).write(state_);
    std::move(postings_).write(state_);
    Execution out;
    out.event_log_root = ledger::log_root(state_);
    out.event_log_size = ledger::log_size(state_);
    out.receipts_root = ledger::receipts_root(receipts_);
    out.next_deadline_ms = contracts::next_deadline(state_);
    out.clock_offset_ms = parameters_record().clock_offset_ms;
    out.receipts = std::move(receipts_);
    out.alarms = std::move(alarms_);
    out.diff = std::move(state_).take();
    out.tree = tree.with(before_, out.diff);
    out.state_root = out.tree.root();
    return out;
  }

 private:
  /// What holds from this block on.
  std::uint32_t begin_version() {
    auto record = version_of(state_);
    auto const version = record.at(height_);
    CHECK(version <= newest_version);
    if (version != record.version)
      ledger::store(state_, Space::version, "", ledger::VersionRecord{version, std::nullopt});
    return version;
  }
  std::uint32_t receipt_index() const { return static_cast<std::uint32_t>(receipts_.size()); }

  ParametersRecord parameters_record() const {
    auto record = ledger::load<ParametersRecord>(state_, Space::parameters, "");
    CHECK(record.has_value());
    return std::move(*record);
  }

  void set_clock() {
    auto record = parameters_record();
    record.time_ms = time_ms_;
    ledger::store(state_, Space::parameters, "", record);
  }

  /// Everything between the id and the receipt. Sets the work that the actor pays for, and whether his idempotency key
  /// is used up; a code that is no error goes into the receipt.
  Result<void> judge(Context& run, Transaction const& transaction, ReadRecords const& read, Receipt& receipt) {
    auto const& body = transaction.body;
    burns_key_ = false;
    TRY(require_actor(run, body));
    run.work = static_cast<std::uint32_t>(body.signers.size());
    if (auto const earlier = replay::earlier(run.state, body)) {
      if (!base::is_success(earlier->code)) return Error{earlier->code, earlier->field, ""};
      receipt.code = earlier->code;
      return {};
    }
    burns_key_ = true;
    auto const work = meter::work_of(transaction);
    TRY(meter::require(run.state, parameters_, body.actor, time_ms_, work));
    run.work = work;
    if (body.after && !replay::consumed(state_, *body.after)) return Error{Code::E_AFTER, "after", "not recorded"};
    return operate(run, transaction, read, receipt);
  }

  Result<void> operate(Context& run, Transaction const& transaction, ReadRecords const& read, Receipt& receipt) {
    Rules rules(run, transaction.payloads, read);
    auto const& operations = transaction.body.operations;
    for (std::size_t i = 0; i < operations.size(); ++i) TRY(rules.run(operations[i], i));
    auto const broken = money::broken_invariant({state_, run.state.diff(), run.entries, run.signers});
    if (broken) {
      alarms_.push_back("transaction " + run.transaction.hex() + ": " + *broken);
      return Error{Code::E_INVARIANT, "operations", *broken};
    }
    receipt.event_codes = std::move(rules).take_event_codes();
    return {};
  }

  /// Keeps the receipt and its lines in the accounts' statements.
  void close(Overlay& state, Receipt receipt, Bytes const& key, std::optional<std::uint64_t> minute,
             Context const& run) {
    receipt.entries_count = static_cast<std::uint32_t>(run.entries.size());
    receipt.entries_root = entries_root(run.entries);
    for (std::size_t i = 0; i < run.entries.size(); ++i) {
      auto const ids = run.payment_ids.find(i);
      lines_.add({height_, time_ms_, receipt.cause, run.entries[i],
                  ids == run.payment_ids.end() ? ledger::PaymentIds{} : ids->second});
    }
    ledger::store(state, key, ledger::ReceiptRecord{height_, receipt_index(), minute, receipt});
    receipts_.push_back(std::move(receipt));
  }

  StateView const& before_;
  Overlay state_;
  Parameters const& parameters_;
  ledger::Height height_;
  ledger::TimeMs time_ms_;
  std::uint32_t turns_left_;
  std::uint32_t act_turns_left_;
  std::map<PartyId, std::uint32_t> act_turns_taken_;
  std::uint64_t judging_left_ = judging_a_block_max;
  std::vector<Receipt> receipts_;
  /// What is written at the end of the block, many to a row.
  replay::Consumed consumed_;
  ledger::Lines lines_;
  ledger::Postings postings_;
  std::vector<std::string> alarms_;
  bool burns_key_ = false;
};

/// What a genesis may do by its own authority; all else needs somebody's signature.
bool is_founding(ledger::Operation const& operation) {
  return std::visit(
      []<class T>(T const&) {
        return std::is_same_v<T, ledger::AddMember> || std::is_same_v<T, ledger::GrantPrefix> ||
               std::is_same_v<T, ledger::KeyAdd> || std::is_same_v<T, ledger::AddSite> ||
               std::is_same_v<T, ledger::AddProduct> || std::is_same_v<T, ledger::AddRecipe>;
      },
      operation);
}

Result<void> check_genesis(ledger::Genesis const& genesis) {
  auto const& parameters = genesis.parameters;
  if (genesis.format != 1) return Error{Code::E_FORM, "format", "this program reads format 1"};
  if (!is_plain_name(genesis.chain_name)) return Error{Code::E_FORM, "chain_name", "letters, digits, hyphens"};
  if (genesis.time_ms == 0) return Error{Code::E_FORM, "time_ms", "is missing"};
  if (parameters.transaction_bytes_max > ledger::transaction_bytes_max ||
      parameters.event_bytes_max > ledger::event_bytes_max || parameters.block_bytes_max > ledger::block_bytes_max) {
    return Error{Code::E_FORM, "parameters", "a limit of bytes above what the formats hold"};
  }
  if (parameters.facts_a_subject_max == 0)
    return Error{Code::E_FORM, "parameters.facts_a_subject_max", "must be positive"};
  if (genesis.validators.validators.empty()) return Error{Code::E_FORM, "validators", "nobody validates"};
  for (std::size_t i = 0; i < genesis.operations.size(); ++i) {
    auto const field = at("operations", i);
    if (!is_founding(genesis.operations[i])) return Error{Code::E_NOT_ALLOWED_HERE, field, "needs a signature"};
    ReadRecords no_records;
    TRY(check_form(genesis.operations[i], {}, parameters, field, no_records));
  }
  return {};
}

/// Each validator is a member, with a key that no other validator has.
Result<void> check_validators(StateView const& state, crypto::ValidatorSet const& set) {
  for (std::size_t i = 0; i < set.validators.size(); ++i) {
    auto const& validator = set.validators[i];
    auto const field = at("validators.validators", i);
    if (!members::is_member(state, validator.party)) {
      return Error{Code::E_MEMBER_UNKNOWN, field + ".party", "no member " + validator.party.hex()};
    }
    if (!crypto::is_validator_key(validator.key)) {
      return Error{Code::E_FORM, field + ".key", "no Ed25519 key of prime order"};
    }
    auto const same = [&](crypto::Validator const& other) { return other.key == validator.key; };
    auto const here = set.validators.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(set.validators.begin(), here, same)) return Error{Code::E_FORM, field + ".key", "named twice"};
  }
  return {};
}

}  // namespace

std::uint32_t version_at(StateView const& state, ledger::Height height) { return version_of(state).at(height); }

Result<Execution> execute_genesis(ledger::Genesis const& genesis) {
  TRY(check_genesis(genesis));
  ledger::MemoryState const nothing;
  BlockRun run(nothing, genesis.parameters, 0, genesis.time_ms);
  // A test clock stands at the genesis's time when wall time is what it names; modulo 2^64, so that it may lie behind.
  auto const* const test_clock = std::get_if<ledger::TestClock>(&genesis.clock);
  auto const clock_offset_ms = test_clock == nullptr ? 0 : genesis.time_ms - test_clock->wall_ms;
  ledger::store(run.state(), Space::parameters, "",
                ParametersRecord{genesis.parameters, genesis.clock, clock_offset_ms, genesis.time_ms});
  ledger::store(run.state(), Space::epoch, "", ledger::EpochRecord{1, 1, genesis.validators});
  auto context = run.context(run.state());
  context.genesis = true;
  context.transaction = genesis.chain();
  base::List<base::Blob<ledger::event_bytes_max>, 512> const no_payloads;
  ReadRecords const no_records;
  Rules rules(context, no_payloads, no_records);
  for (std::size_t i = 0; i < genesis.operations.size(); ++i) TRY(rules.run(genesis.operations[i], i));
  TRY(check_validators(run.state(), genesis.validators));
  return std::move(run).finish(ledger::StateTree());
}

Result<void> check_admission(StateView const& state, Transaction const& transaction, Parameters const& parameters,
                             ledger::TimeMs time_ms) {
  auto const& body = transaction.body;
  if (body.after && !replay::consumed(state, *body.after)) {
    return Error{Code::E_AFTER, "after", body.after->hex() + " is not recorded yet"};
  }
  Overlay unchanged(state);
  Context context{unchanged, parameters};
  context.time_ms = time_ms;
  context.actor = body.actor;
  context.signers = body.signers;
  TRY(require_actor(context, body));
  // What ends the epoch is tried first, so that nobody ends epochs by votes that fail.
  for (std::size_t i = 0; i < body.operations.size(); ++i) {
    auto const& operation = body.operations[i];
    if (auto const* vote = std::get_if<ledger::VoteChange>(&operation)) {
      TRY(members::vote(context, *vote, at("operations", i)));
    } else if (auto const* report = std::get_if<ledger::ReportEvidence>(&operation)) {
      TRY(members::report_evidence(context, *report, at("operations", i)));
    }
  }
  return meter::require(state, parameters, body.actor, time_ms, meter::work_of(transaction));
}

Execution execute(StateView const& state, ledger::StateTree const& tree, ledger::Block const& block,
                  std::vector<ReadRecords> const& read, std::vector<Hash> const& ids) {
  CHECK(ids.empty() || ids.size() == block.transactions.size());
  auto const record = ledger::load<ParametersRecord>(state, Space::parameters, "");
  CHECK(record.has_value());
  ledger::RememberedState const remembered(state);
  BlockRun run(remembered, record->parameters, block.height, block.time_ms);
  run.begin();
  run.fire_deadlines();
  ReadRecords const unread;
  for (std::size_t i = 0; i < block.transactions.size(); ++i) {
    auto const& transaction = block.transactions[i];
    run.include(transaction, ids.empty() ? transaction.body.id() : ids[i], static_cast<std::uint16_t>(i),
                i < read.size() ? read[i] : unread);
  }
  if (block.ends_epoch) members::begin_epoch(run.state(), block.height + 1, block.time_ms);
  return std::move(run).finish(tree);
}

std::optional<ledger::TimeMs> next_deadline(StateView const& state) {
  auto const contracts = escrow::next_deadline(state);
  auto const money = money::next_expiry(state);
  return contracts && money ? std::min(*contracts, *money) : contracts ? contracts : money;
}

}  // namespace contracts
