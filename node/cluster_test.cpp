// SPDX-License-Identifier: Apache-2.0
#include "node/cluster_test.hpp"

#include <gtest/gtest.h>

namespace node::test {

namespace {

constexpr TimeMs genesis_ms = 1'780'000'000'000;

crypto::PartySecret secret_of(std::string_view name) { return {crypto::sha256(base::bytes_of(name)).bytes}; }
base::PartyKey key_of(std::string_view name) { return crypto::party_key(secret_of(name)).value(); }

void admit(ledger::Genesis& genesis, std::string const& name, std::string const& gln, ledger::Role role) {
  ledger::AddMember member;
  member.gln = gln;
  member.short_name = name;
  member.names = {{"en", name}};
  member.country = "DE";
  member.roles = static_cast<std::uint32_t>(role);
  genesis.operations.emplace_back(member);
  ledger::Scope const all{15, {}, {}};
  genesis.operations.emplace_back(
      ledger::KeyAdd{ledger::party_id(gln), key_of(name + ".admin"), ledger::KeyKind::admin, all, 0});
  genesis.operations.emplace_back(ledger::KeyAdd{ledger::party_id(gln), key_of(name), ledger::KeyKind::staff, all, 0});
}

constexpr char const* bank_gln = "9521020000005";
constexpr char const* alfa_gln = "9521001000000";
constexpr char const* beta_gln = "9521002000009";

/// A folder on a disk that outlives it.
class FolderOf final : public storage::Folder {
 public:
  explicit FolderOf(storage::test::MemoryFolder& disk) : disk_(disk) {}
  std::map<std::string, std::uint64_t> list() const override { return disk_.list(); }
  Bytes read(std::string const& name, std::uint64_t offset, std::uint64_t size) const override {
    return disk_.read(name, offset, size);
  }
  void append(std::string const& name, BytesView bytes) override { disk_.append(name, bytes); }
  void sync(std::string const& name) override { disk_.sync(name); }
  void truncate(std::string const& name, std::uint64_t size) override { disk_.truncate(name, size); }
  void remove(std::string const& name) override { disk_.remove(name); }

 private:
  storage::test::MemoryFolder& disk_;
};

class DatabaseOf final : public storage::Database {
 public:
  explicit DatabaseOf(Disk& disk, std::function<base::Amount()> too_much = {})
      : disk_(disk), too_much_(std::move(too_much)) {}
  std::optional<Height> applied() const override { return disk_.applied; }
  void apply(ledger::StateDiffs diffs, Height height) override {
    for (auto const* diff : diffs) {
      for (auto const& [key, record] : *diff) {
        Bytes name(key.begin(), key.end());
        if (record) {
          disk_.records[std::move(name)].assign(record->begin(), record->end());
        } else {
          disk_.records.erase(name);
        }
      }
    }
    disk_.applied = height;
  }
  void settle() override {}
  std::shared_ptr<ledger::StateView const> snapshot() const override {
    auto out = std::make_shared<ledger::MemoryState>();
    ledger::StateDiff all;
    for (auto const& [key, record] : disk_.records) all[key] = record;
    auto const key = ledger::balance_key(ledger::party_id(alfa_gln), "EUR.BANK");
    if (auto const more = too_much_ ? too_much_() : 0; more > 0 && disk_.records.contains(key)) {
      auto balance = base::decode<ledger::BalanceRecord>(disk_.records.at(key)).value();
      balance.posted += more;
      all[key] = base::encode(balance);
    }
    out->apply(all);
    return out;
  }

 private:
  Disk& disk_;
  std::function<base::Amount()> too_much_;
};

}  // namespace

struct Cluster::Seams final : Clock, Transport, Workers {
  Seams(Cluster& cluster, Place place) : cluster_(cluster), place_(place) {}
  std::uint64_t steady_ms() const override { return cluster_.now_ms_; }
  TimeMs wall_ms() const override { return genesis_ms + cluster_.now_ms_; }
  void wake_at(std::uint64_t at_ms) override {
    auto& node = cluster_.nodes_[place_];
    node.wake_ms = at_ms;
    auto const delay = at_ms > cluster_.now_ms_ ? at_ms - cluster_.now_ms_ : 0;
    cluster_.after(delay, place_, [&node, at_ms] {
      if (node.wake_ms == at_ms) node.replica->wake();
    });
  }
  void send(Place to, SharedBytes frame) override { cluster_.transmit(place_, order_.at(to), std::move(frame)); }
  void broadcast(SharedBytes frame) override {
    for (Place to = 0; to < cluster_.nodes_.size(); ++to) {
      if (to != place_) cluster_.transmit(place_, to, frame);
    }
  }
  void members(std::vector<Member> const& validators, std::optional<Place>) override {
    order_.clear();
    for (auto const& [validator, endpoint] : validators) order_.push_back(cluster_.machine_of(validator.key));
    for (Place machine = 0; machine < cluster_.nodes_.size(); ++machine) {
      if (std::ranges::count(order_, machine) == 0) order_.push_back(machine);
    }
  }
  bool is_connected(Place place) const override {
    auto const machine = order_.at(place);
    return cluster_.is_up(machine) && cluster_.passes(place_, machine);
  }
  /// In the epoch of this node.
  Place place_of(Place machine) const {
    return static_cast<Place>(std::ranges::find(order_, machine) - order_.begin());
  }
  void run(Rank, std::function<void()> job, std::function<void()> done) override {
    cluster_.after(1, place_, [job = std::move(job), done = std::move(done)] {
      job();
      done();
    });
  }

  Cluster& cluster_;
  Place place_;
  /// Machines by their place in the epoch.
  std::vector<Place> order_;
};

Cluster::Cluster() : nodes_(nodes + 1) {
  genesis.chain_name = "test";
  genesis.time_ms = genesis_ms;
  genesis.parameters.idle_block_ms = 2'000;
  genesis.parameters.view_timeout_ms = 150;
  admit(genesis, "BANK", bank_gln, ledger::Role::issuer);
  admit(genesis, "ALFA", alfa_gln, ledger::Role::brand);
  admit(genesis, "BETA", beta_gln, ledger::Role::brand);
  for (std::size_t i = 0; i <= nodes; ++i) {
    secrets_.push_back({crypto::sha256(base::bytes_of("validator " + std::to_string(i))).bytes});
    if (i == newcomer) continue;
    genesis.validators.validators.push_back(
        {ledger::party_id(bank_gln), crypto::validator_key(secrets_.back()), Hash{{static_cast<std::uint8_t>(i + 1)}}});
  }
}

Cluster::~Cluster() = default;

crypto::PartySecret Cluster::secret_of_alfa() { return secret_of("ALFA"); }
base::PartyKey Cluster::key_of_alfa() { return key_of("ALFA"); }

Result<void> Cluster::start(Place place) {
  auto& node = nodes_[place];
  node.seams = std::make_unique<Seams>(*this, place);
  DiskStore::Parts parts;
  parts.log_folder = std::make_unique<FolderOf>(node.disk.log);
  parts.journal_folder = std::make_unique<FolderOf>(node.disk.journal);
  parts.database = std::make_unique<DatabaseOf>(
      node.disk, [this, place]() -> base::Amount { return miscounts.contains(place) ? 1 : 0; });
  parts.free_bytes = [&node] { return node.disk.free_bytes; };
  TRY_ASSIGN(node.store, DiskStore::open(std::move(parts)));
  ReplicaSetup setup;
  setup.genesis = genesis;
  setup.secrets = [this, place] {
    std::vector<crypto::ValidatorSecret> out;
    if (!observes.contains(place)) out.push_back(secrets_[place]);
    if (second_secrets.contains(place)) out.push_back(second_secrets.at(place));
    return out;
  };
  setup.log = [&node](std::string_view level, std::string const& text) {
    node.log.push_back(std::string(level) + " " + text);
  };
  setup.accuse = [this, place](crypto::Evidence const& evidence) {
    if (!reports) return;
    after(1, place, [this, place, evidence] {
      nodes_[place].replica->submit(by_bank({ledger::ReportEvidence{evidence}}), [](Result<Hash> const&) {});
    });
  };
  setup.draw = [this] {
    auto const drawn = chance(~std::uint64_t{0} >> 1) + now_ms_;
    return crypto::sha256(base::encode(drawn));
  };
  setup.rejoin = [this, place](base::ValidatorKey const& key, Hash const& loss) {
    if (!reports) return;
    after(1, place, [this, place, key, loss] {
      nodes_[place].replica->submit(by_bank({ledger::Rejoin{key, loss}}), [](Result<Hash> const&) {});
    });
  };
  setup.recoveries = recoveries[place];
  if (knows.contains(place)) setup.knows_version = knows[place];
  setup.keep_ms = keep_ms;
  setup.short_payload_bytes_min = short_payload_bytes_min;
  if (snapshot_behind) open_snapshots(place, setup);
  TRY_ASSIGN(node.replica, Replica::open(std::move(setup), {*node.seams, *node.seams, *node.seams, *node.store}));
  node.replica->start();
  return {};
}

void Cluster::open_snapshots(Place place, ReplicaSetup& setup) {
  auto& node = nodes_[place];
  node.shelf_folder = std::make_unique<FolderOf>(node.disk.shelf);
  node.incoming = std::make_unique<FolderOf>(node.disk.incoming);
  node.shelf = std::make_unique<Shelf>(*node.shelf_folder, setup.log);
  node.joiner = std::make_unique<Joiner>(JoinerSetup{genesis.chain(), genesis.validators, *snapshot_behind, setup.log},
                                         *node.seams, *node.seams, *node.incoming);
  setup.epoch_ended = [&node](SnapshotProof proof, Bytes const& block,
                              std::shared_ptr<ledger::StateView const> const& state) {
    node.shelf->make(std::move(proof), block, *state);
  };
  setup.on_snapshot = [this, &node](Place from, SnapshotMessage&& message) {
    auto answers = node.shelf->answer(from, message, node.replica->status().epoch, now_ms_);
    for (auto& answer : answers) node.seams->send(from, encode_frame(SnapshotFrame{std::move(answer)}));
    if (answers.empty()) node.joiner->receive(from, std::move(message));
  };
  after(1'000, place, [this, place] { tick(place); });
}

void Cluster::tick(Place place) {
  auto const status = node(place).status();
  joiner(place).tick({status.height, status.epoch, status.validators});
  after(1'000, place, [this, place] { tick(place); });
}

Result<void> Cluster::install(Place place) {
  crash(place);
  auto& disk = nodes_[place].disk;
  disk.log = {};
  disk.records.clear();
  disk.applied.reset();
  FolderOf const incoming(disk.incoming);
  FolderOf log(disk.log);
  DatabaseOf database(disk);
  TRY(install_state(incoming, database));
  TRY(begin_log(incoming, log));
  disk.incoming = {};
  disk.log.lose_unsynced();
  return start(place);
}

Place Cluster::machine_of(base::ValidatorKey const& key) const {
  for (Place machine = 0; machine < nodes_.size(); ++machine) {
    auto const second = second_secrets.find(machine);
    if (crypto::validator_key(secrets_[machine]) == key ||
        (second != second_secrets.end() && crypto::validator_key(second->second) == key))
      return machine;
  }
  CHECK(false);
  return 0;
}

void Cluster::start_all() {
  for (Place place = 0; place < nodes; ++place) {
    auto const started = start(place);
    ASSERT_TRUE(started) << base::to_string(started.error());
  }
}

void Cluster::crash(Place place) {
  auto& node = nodes_[place];
  ++node.life;
  node.replica.reset();
  node.joiner.reset();
  node.shelf.reset();
  node.store.reset();
  node.disk.shelf.lose_unsynced();
  node.disk.incoming.lose_unsynced();
  node.disk.log.lose_unsynced();
  node.disk.journal.lose_unsynced();
}

void Cluster::after(std::uint64_t delay_ms, Place place, std::function<void()> act) {
  auto guarded = [this, place, life = nodes_[place].life, act = std::move(act)] {
    if (nodes_[place].life == life && nodes_[place].replica) act();
  };
  events_.push({now_ms_ + delay_ms, made_++, std::move(guarded)});
}

std::uint64_t Cluster::chance(std::uint64_t bound) {
  random_ = random_ * 6364136223846793005u + 1442695040888963407u;
  return (random_ >> 33) % bound;
}

void Cluster::transmit(Place from, Place to, SharedBytes frame) {
  if (!is_up(to) || !passes(from, to)) return;
  if (alters) {
    auto altered = decode_frame(*frame);
    ASSERT_TRUE(altered.has_value());
    if (!alters(from, to, *altered)) return;
    frame = encode_frame(*altered);
  }
  after(1 + chance(5), to, [this, from, to, frame] {
    auto const received = nodes_[to].replica->receive(nodes_[to].seams->place_of(from), *frame);
    EXPECT_TRUE(received) << base::to_string(received.error());
  });
}

void Cluster::lies(Place liar) {
  alters = [this, liar](Place from, Place, Frame& frame) {
    auto* consensus = std::get_if<ConsensusFrame>(&frame);
    if (from != liar || consensus == nullptr) return true;
    auto& message = consensus->envelope.message;
    if (auto* answer = std::get_if<consensus::Blocks>(&message); answer != nullptr && !answer->blocks.empty()) {
      auto& block = answer->blocks[lies_told % answer->blocks.size()];
      switch (lies_told++ % 4) {
        case 0:
          block.payload.push_back(0);
          break;
        case 1:
          block.header.time_ms += 1;
          break;
        case 2:
          answer->finalization.signatures[0].bytes[0] ^= 1;
          break;
        default:
          answer->finalization.ballot.result.bytes[0] ^= 1;
      }
    } else if (auto* one = std::get_if<consensus::BlockAnswer>(&message)) {
      ++lies_told;
      one->block.payload.push_back(0);
    } else if (auto* certificates = std::get_if<consensus::Certificates>(&message)) {
      ++lies_told;
      for (auto& certificate : certificates->certificates) certificate.signatures[0].bytes[0] ^= 1;
    }
    return true;
  };
}

void Cluster::run(std::uint64_t ms) {
  auto const end = now_ms_ + ms;
  while (!events_.empty() && events_.top().at_ms <= end) {
    auto const act = events_.top().act;
    now_ms_ = std::max(now_ms_, events_.top().at_ms);
    events_.pop();
    act();
  }
  now_ms_ = end;
}

bool Cluster::run_to(Height height) {
  for (int step = 0; step < 6'000; ++step) {
    bool reached = true;
    for (auto const& node : nodes_) {
      if (!node.replica) continue;
      reached = reached && node.replica->certified()->header.height >= height && node.replica->pool().size() == 0;
    }
    if (reached) return true;
    run(10);
  }
  return false;
}

Bytes Cluster::payment(std::uint64_t number, std::optional<Hash> after) const {
  ledger::Transaction out;
  auto& body = out.body;
  bool const is_mint = number == 0;
  auto const* actor = is_mint ? "BANK" : "ALFA";
  auto const gln = is_mint ? bank_gln : alfa_gln;
  body.chain = genesis.chain();
  body.after = after;
  body.actor = ledger::party_id(gln);
  body.signers = {{body.actor, key_of(actor)}};
  body.valid_from_ms = genesis_ms;
  body.valid_until_ms = genesis_ms + 600'000 + number;
  if (is_mint) {
    body.operations = {ledger::CreateAsset{"EUR", 2, 1'000'000'000},
                       ledger::Mint{"EUR.BANK", ledger::party_id(alfa_gln), 1'000'000, Hash{{1}}}};
  } else {
    ledger::Transfer transfer;
    transfer.from = body.actor;
    transfer.to = ledger::party_id(beta_gln);
    transfer.asset = "EUR.BANK";
    transfer.amount = 1;
    transfer.purpose = "GDDS";
    body.operations = {transfer};
  }
  out.signatures.push_back(crypto::party_sign(secret_of(actor), body.id(), {}));
  return base::encode(out);
}

Bytes Cluster::hold(TimeMs expires_ms) const {
  ledger::Transaction out;
  auto& body = out.body;
  body.chain = genesis.chain();
  body.actor = ledger::party_id(alfa_gln);
  body.signers = {{body.actor, key_of("ALFA")}};
  body.valid_from_ms = genesis_ms;
  body.valid_until_ms = genesis_ms + 600'000;
  ledger::OpenHold hold;
  hold.from = body.actor;
  hold.to = ledger::party_id(beta_gln);
  hold.asset = "EUR.BANK";
  hold.amount = 1;
  hold.purpose = "GDDS";
  hold.expires_ms = expires_ms;
  hold.by = body.actor;
  body.operations = {hold};
  out.signatures.push_back(crypto::party_sign(secret_of("ALFA"), body.id(), {}));
  return base::encode(out);
}

ledger::BalanceRecord Cluster::balance_of_alfa(ledger::StateView const& state) const {
  auto const key = ledger::balance_key(ledger::party_id(alfa_gln), "EUR.BANK");
  return ledger::load<ledger::BalanceRecord>(state, key).value_or(ledger::BalanceRecord{});
}

Bytes Cluster::by_bank(std::vector<ledger::Operation> operations) const {
  ledger::Transaction out;
  out.body.chain = genesis.chain();
  out.body.actor = ledger::party_id(bank_gln);
  out.body.signers = {{out.body.actor, key_of("BANK.admin")}};
  out.body.valid_from_ms = genesis_ms;
  out.body.valid_until_ms = genesis_ms + 600'000;
  out.body.operations = std::move(operations);
  out.signatures.push_back(crypto::party_sign(secret_of("BANK.admin"), out.body.id(), {}));
  return base::encode(out);
}

Hash Cluster::id_of(BytesView transaction) const {
  auto const read = base::decode<ledger::Transaction>(transaction);
  CHECK(read.has_value());
  return read->body.id();
}

std::optional<Result<Hash>> Cluster::submit(Place place, Bytes transaction) {
  auto const answer = std::make_shared<std::optional<Result<Hash>>>();
  node(place).submit(std::move(transaction), [answer](Result<Hash> const& reply) { *answer = reply; });
  for (int step = 0; step < 10 && !*answer; ++step) run(1);
  return *answer;
}

base::Amount Cluster::paid(Place place) const {
  auto const& state = *nodes_[place].replica->certified()->state;
  auto const key = ledger::balance_key(ledger::party_id(beta_gln), "EUR.BANK");
  auto const record = ledger::load<ledger::BalanceRecord>(state, key);
  return record ? record->posted : 0;
}

}  // namespace node::test
