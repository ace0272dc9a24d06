// SPDX-License-Identifier: Apache-2.0
#include "node/snapshot.hpp"

#include "node/execution.hpp"

namespace node {

using base::Code;
using base::Error;
using base::Result;

Result<void> verify_proof(SnapshotProof const& proof, base::Hash const& chain, crypto::ValidatorSet const& genesis) {
  auto set = genesis.hash();
  base::Height before = 0;
  auto const holds = [&](ledger::ResultHeader const& header, ledger::Finality const& finality,
                         crypto::SignerSet const& validators) {
    bool const fits = header.chain == chain && header.height > before && validators.hash() == set &&
                      header.validators_hash == set && std::holds_alternative<ledger::SimplexFinality>(finality) &&
                      verify(finality, header, validators);
    before = header.height;
    set = header.next_validators_hash;
    return fits;
  };
  for (std::size_t i = 0; i < proof.ends.size(); ++i) {
    auto const& end = proof.ends[i];
    if (!holds(end.header, end.finality, end.validators)) {
      return Error{Code::E_FORM, "ends[" + std::to_string(i) + "]", "not certified by the validators before it"};
    }
  }
  if (!holds(proof.header, ledger::SimplexFinality{proof.finality}, proof.validators)) {
    return Error{Code::E_FORM, "header", "not certified by its validators"};
  }
  return {};
}

namespace {

Result<void> verify_block(ledger::ResultHeader const& header, base::BytesView bytes) {
  TRY_ASSIGN(auto const block, base::decode<consensus::Block>(bytes));
  if (block.header.hash() != header.block_hash) return Error{Code::E_FORM, "header", "of another block"};
  if (block.payload.size() != block.header.size)
    return Error{Code::E_FORM, "payload", "not as long as its header says"};
  TRY_ASSIGN(auto const transactions, transactions_of(block.payload));
  std::vector<base::Hash> leaves;
  for (auto const& transaction : transactions) leaves.push_back(crypto::log_leaf_hash(transaction));
  if (crypto::log_root(leaves) != block.header.tx_root)
    return Error{Code::E_FORM, "payload", "not the transactions that its header says"};
  return {};
}

}  // namespace

Result<void> verify_part(SnapshotStatement const& statement, ledger::ResultHeader const& header, std::uint32_t index,
                         base::BytesView bytes) {
  if (index == 0) return verify_block(header, bytes);
  std::size_t place = index - 1;
  bool const proved = place < statement.proved.size();
  auto const& depths = proved ? statement.proved : statement.beside;
  if (!proved) place -= statement.proved.size();
  TRY_ASSIGN(auto const ranges, ledger::ranges_of(depths));
  if (place >= ranges.size()) return Error{Code::E_FORM, "index", "there is no such part"};
  TRY_ASSIGN(auto const chunk, base::decode<ledger::Chunk>(bytes));
  if (chunk.range != ranges[place]) return Error{Code::E_FORM, "range", "another was asked for"};
  for (auto const& record : chunk.records) {
    if (record.key.empty() || ledger::is_proved(record.key) != proved) {
      return Error{Code::E_FORM, "records", "of the other tree"};
    }
  }
  return verify_chunk(chunk, proved ? header.state_root : statement.beside_root);
}

std::string part_name(std::uint32_t index) { return "part-" + std::to_string(index); }

}  // namespace node
