// SPDX-License-Identifier: Apache-2.0
#include "join/history.hpp"

#include "base/time.hpp"
#include "consensus/message.hpp"
#include "ledger/record.hpp"
#include "node/disk_store.hpp"
#include "node/execution.hpp"

namespace join {

namespace {

using base::Bytes;
using base::Hash;
using ledger::Height;

constexpr std::string_view context =
    R"(["https://ref.gs1.org/standards/epcis/epcis-context.jsonld",{"ex":"https://example.com/ns/"}])";
/// Blocks that one certificate proves: as nodes decide them that were a little behind.
constexpr Height decided_together = 8;

class Chronicle {
 public:
  Chronicle(Past const& past, node::DiskStore& store) : past_(past), store_(store), chain_(past.genesis.chain()) {}

  base::Result<void> write() {
    (void)store_.recover();  // begins the journal
    TRY_ASSIGN(auto first, node::execute_genesis(past_.genesis));
    ledger::StateDiff const* const diff = &first.diff;
    store_.apply({&diff, 1}, 0);
    adopt(first, chain_);
    read_epoch();
    while (header_.height < past_.blocks) TRY(append(header_.height + 1));
    return {};
  }

 private:
  std::shared_ptr<Bytes const> transaction(Height height, ledger::TimeMs time_ms) const {
    auto event = R"({"type":"ObjectEvent","eventTime":")" + base::to_rfc3339(time_ms) +
                 R"(","eventTimeZoneOffset":"+00:00","epcList":["https://example.com/thing/)" + std::to_string(height) +
                 R"("],"action":"OBSERVE","bizStep":"inspecting","ex:note":")";
    // Nothing that packs well, because real events do not either.
    for (Hash word = crypto::sha256(ledger::big_endian(height)); event.size() + 2 < past_.event_bytes;
         word = crypto::sha256(word.view())) {
      event += word.hex().substr(2);
    }
    event += "\"}";
    auto const bytes = base::to_bytes(event);
    auto record = ledger::make_record(ledger::RecordMode::rollback, context, {ledger::BytesView(bytes)});
    CHECK(record.has_value());
    ledger::Transaction out;
    out.body.chain = chain_;
    out.body.actor = past_.author.party;
    out.body.signers = {{past_.author.party, past_.author.key}};
    out.body.valid_from_ms = time_ms - 1;
    out.body.valid_until_ms = time_ms + base::minute_ms;
    out.body.operations = {*std::move(record)};
    out.payloads.emplace_back(bytes);
    out.signatures.push_back(crypto::party_sign(past_.author.secret, out.body.id(), {}));
    return std::make_shared<Bytes const>(base::encode(out));
  }

  /// A decision of some blocks, which ends with its epoch.
  base::Result<void> append(Height first) {
    storage::Decision decision;
    decision.first = first;
    auto const last =
        std::min({first + decided_together - 1, past_.blocks, epoch_.first + parameters_.epoch_blocks - 1});
    std::vector<ledger::StateDiff> diffs;
    for (Height height = first; height <= last; ++height) TRY(append_block(decision, diffs, height));
    auto const view = header_.view;
    crypto::Ballot const ballot{crypto::VoteKind::finalize, chain_, epoch_.epoch, view, last, tip_, header_.hash()};
    std::vector<std::pair<std::size_t, base::ValidatorSignature>> votes;
    for (std::size_t place = 0; place < epoch_.validators.quorum(); ++place) {
      votes.emplace_back(place, crypto::validator_sign(past_.validators[place], ballot.digest()));
    }
    decision.epoch = epoch_.epoch;
    decision.view = view;
    decision.finality = base::encode(crypto::make_certificate(ballot, epoch_.validators.size(), votes));
    store_.decide(std::move(decision));
    std::vector<ledger::StateDiff const*> all;
    for (auto const& diff : diffs) all.push_back(&diff);
    store_.apply(all, last);
    read_epoch();
    return {};
  }

  base::Result<void> append_block(storage::Decision& decision, std::vector<ledger::StateDiff>& diffs, Height height) {
    consensus::Block block;
    auto& header = block.header;
    header.chain = chain_;
    header.epoch = epoch_.epoch;
    header.view = height - epoch_.first + 1;
    header.height = height;
    header.parent_hash = tip_;
    header.time_ms = past_.genesis.time_ms + height * past_.spacing_ms;
    block.payload = node::encode_payload({transaction(height, header.time_ms)});
    TRY_ASSIGN(auto payload, node::decode_payload(block.payload, parameters_));
    header.tx_root = payload.root;
    header.tx_count = 1;
    header.size = static_cast<std::uint32_t>(block.payload.size());
    auto const hash = header.hash();
    node::BlockPlace const place{chain_,         epoch_.epoch, header.view,    height,
                                 header.time_ms, hash,         header_.hash(), is_last(height)};
    auto executed = node::execute_block(state_, tree_, place, std::move(payload.transactions), payload.ids);
    decision.blocks.push_back({base::encode(block), base::encode(executed.header)});
    adopt(executed, hash);
    diffs.push_back(std::move(executed.diff));
    return {};
  }

  bool is_last(Height height) const { return height == epoch_.first + parameters_.epoch_blocks - 1; }
  void adopt(node::Executed const& executed, Hash const& block) {
    state_.apply(executed.diff);
    tree_ = executed.tree;
    header_ = executed.header;
    tip_ = block;
  }
  void read_epoch() {
    auto const parameters = ledger::load<ledger::ParametersRecord>(state_, ledger::Space::parameters, "");
    auto epoch = ledger::load<ledger::EpochRecord>(state_, ledger::Space::epoch, "");
    CHECK(parameters && epoch);
    parameters_ = parameters->parameters;
    epoch_ = *std::move(epoch);
  }

  Past const& past_;
  node::DiskStore& store_;
  Hash chain_;
  ledger::MemoryState state_;
  ledger::StateTree tree_;
  ledger::ResultHeader header_;
  Hash tip_;
  ledger::Parameters parameters_;
  ledger::EpochRecord epoch_;
};

}  // namespace

base::Result<void> write_past(Past const& past, std::filesystem::path const& data) {
  std::filesystem::create_directories(data);
  TRY_ASSIGN(auto const store, node::open_disk_store(data));
  return Chronicle(past, *store).write();
}

}  // namespace join
