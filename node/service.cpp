// SPDX-License-Identifier: Apache-2.0
#include "node/service.hpp"

#include <algorithm>
#include <chrono>
#include <future>

#include "crypto/hash.hpp"
#include "crypto/party.hpp"

namespace node {

namespace {

constexpr char const* version = "0.1.0";
constexpr std::uint64_t status_period_ms = 250;
constexpr TimeMs own_window_ms = 3'600'000;
constexpr TimeMs clock_slack_ms = 60'000;

/// The short name of a member, by the state; its id where there is none.
std::string name_of(ledger::StateView const& state, base::PartyId const& party) {
  auto const gln = state.get(ledger::state_key(ledger::Space::name_index, party.view()));
  auto const member = gln ? ledger::load<ledger::MemberRecord>(state, ledger::Space::member, base::text_of(*gln)) : std::nullopt;
  return member ? static_cast<std::string const&>(member->short_name) : party.hex();
}

}  // namespace

Service::Service(Home const& home, Loop& loop, Store const& store)
    : home_(home), loop_(loop), store_(store), started_ms_(loop.steady_ms()) {}

void Service::follow(Replica& replica) {
  replica_ = &replica;
  publish(replica.certified());
  refresh();
  loop_.every(status_period_ms, [this] { refresh(); });
}

void Service::publish(std::shared_ptr<ledger::Certified const> certified) {
  {
    std::lock_guard const lock(mutex_);
    certified_ = std::move(certified);
  }
  grown_.notify_all();
  if (notify_) notify_();
}

void Service::refresh() {
  auto const replica = replica_->status();
  rpc::NodeStatus out;
  out.chain_name = home_.genesis.chain_name;
  out.version = version;
  out.phase = !replica.halted.empty() ? "halted" : replica.syncing ? "syncing" : "running";
  out.not_ready = replica.not_ready;
  out.view = replica.view;
  out.uptime_ms = loop_.steady_ms() - started_ms_;
  out.mempool_transactions = replica_->pool().size();
  out.mempool_bytes = replica_->pool().bytes();
  out.test_clock = std::holds_alternative<ledger::TestClock>(home_.genesis.clock);
  auto const at = certified();
  auto const& validators = home_.genesis.validators.validators;
  out.validator = name_of(*at->state, validators[home_.place].party);
  for (std::size_t place = 0; place < validators.size(); ++place) {
    if (place == home_.place) continue;
    rpc::PeerStatus peer;
    peer.name = name_of(*at->state, validators[place].party);
    peer.connected = place < replica.connected.size() && replica.connected[place];
    out.peers.push_back(std::move(peer));
  }
  std::lock_guard const lock(mutex_);
  status_ = std::move(out);
}

std::shared_ptr<ledger::Certified const> Service::certified() const {
  std::lock_guard const lock(mutex_);
  return certified_;
}

base::Result<ledger::Hash> Service::submit(ledger::Bytes transaction) {
  auto const verdict = std::make_shared<std::promise<base::Result<ledger::Hash>>>();
  auto answer = verdict->get_future();
  loop_.post([this, verdict, transaction = std::move(transaction)]() mutable {
    replica_->submit(std::move(transaction), [verdict](base::Result<Hash> const& result) { verdict->set_value(result); });
  });
  if (answer.wait_for(std::chrono::milliseconds(verdict_ms_max)) != std::future_status::ready) {
    return base::Error{base::Code::E_BUSY, "node", "no verdict in time; ask for its outcome, or send the same bytes again"};
  }
  return answer.get();
}

base::Result<ledger::Hash> Service::submit_own(std::vector<ledger::Operation> operations,
                                               std::vector<ledger::Bytes> payloads) {
  auto const& secret = home_.organisation_secret;
  if (!secret) {
    return base::Error{base::Code::E_NOT_ALLOWED_HERE, "organisation", "this node has no key of its organisation"};
  }
  auto const key = crypto::party_key(*secret);
  CHECK(key.has_value());
  auto const at = certified();
  ledger::Transaction out;
  out.body.chain = at->chain;
  out.body.actor = ledger::party_id(home_.config.organisation_gln);
  out.body.signers.push_back({out.body.actor, *key});
  out.body.valid_from_ms = at->header.time_ms - std::min(at->header.time_ms, clock_slack_ms);
  out.body.valid_until_ms = at->header.time_ms + own_window_ms;
  out.body.operations = std::move(operations);
  auto const id = out.body.id();
  // BIP-340 asks for auxiliary bytes that nobody else knows; those of the secret and the message are such.
  out.signatures.push_back(crypto::party_sign(*secret, id, crypto::sha256({secret->view(), id.view()})));
  for (auto& payload : payloads) out.payloads.emplace_back(std::move(payload));
  return submit(base::encode(out));
}

bool Service::is_pending(ledger::Hash const& id) const { return replica_ != nullptr && replica_->pool().contains(id); }

rpc::NodeStatus Service::status() const {
  std::lock_guard const lock(mutex_);
  return status_;
}

std::optional<rpc::DecidedBlock> Service::block(ledger::Height height) const {
  auto const decision = store_.decision(height);
  // Damage of an old block shows when it is read; the node itself does not need it.
  if (!decision || !*decision) return std::nullopt;
  auto const& logged = (*decision)->blocks[static_cast<std::size_t>(height - (*decision)->first)];
  auto const block = base::decode<consensus::Block>(logged.block);
  auto const parameters = block ? decode_payload(block->payload, home_.genesis.parameters) : base::Result<Payload>(block.error());
  if (!parameters) return std::nullopt;
  rpc::DecidedBlock out;
  out.height = height;
  out.time_ms = block->header.time_ms;
  out.hash = block->header.hash();
  out.proposer = block->header.proposer;
  for (auto const& transaction : parameters->transactions) out.transactions.push_back(base::encode(transaction));
  return out;
}

void Service::wait_beyond(ledger::Height height, std::uint64_t timeout_ms) const {
  std::unique_lock lock(mutex_);
  grown_.wait_for(lock, std::chrono::milliseconds(timeout_ms), [&] { return certified_->header.height > height; });
}

}  // namespace node
