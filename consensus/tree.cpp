// SPDX-License-Identifier: Apache-2.0
#include "consensus/tree.hpp"

#include <algorithm>

namespace consensus {

Node* Tree::find(Hash const& hash) {
  auto const found = nodes_.find(hash);
  return found == nodes_.end() ? nullptr : &found->second;
}

Node const* Tree::find(Hash const& hash) const {
  auto const found = nodes_.find(hash);
  return found == nodes_.end() ? nullptr : &found->second;
}

Node const* Tree::linked(Hash const& hash) const {
  auto const* node = find(hash);
  return node != nullptr && node->linked ? node : nullptr;
}

bool Tree::fits(Block const& block) const {
  auto const& header = block.header;
  if (header.parent_hash == tip_) return header.height == height_ + 1;
  auto const* parent = linked(header.parent_hash);
  return parent != nullptr && header.height == parent->block->header.height + 1;
}

void Tree::link(Hash const& hash) {
  std::vector<Hash> pending{hash};
  while (!pending.empty()) {
    auto const next = pending.back();
    pending.pop_back();
    auto& node = nodes_.at(next);
    if (node.linked || node.block == nullptr || !fits(*node.block)) continue;
    node.linked = true;
    for (auto const& [child, below] : nodes_) {
      if (below.block != nullptr && below.block->header.parent_hash == next) pending.push_back(child);
    }
  }
}

Node& Tree::put(SharedBlock block, Hash const& hash) {
  auto& node = nodes_[hash];
  if (node.block == nullptr) {
    node.block = std::move(block);
    if (node.certified) {
      node.certified = false;
      certify(hash);
    }
    link(hash);
  }
  return node;
}

void Tree::certify(Hash const& hash) {
  for (Hash next = hash; next != tip_;) {
    auto& node = nodes_[next];
    if (node.certified) return;
    node.certified = true;
    // Nothing at or below the tip's height can become part of the chain, so it is not wanted either.
    if (node.block == nullptr || node.block->header.height <= height_ + 1) return;
    next = node.block->header.parent_hash;
  }
}

void Tree::discard(Hash const& hash) {
  auto& node = nodes_.at(hash);
  bool const certified = node.certified;
  node = Node{};
  node.certified = certified;
  if (!certified) nodes_.erase(hash);
  relink();
}

void Tree::relink() {
  for (auto& [hash, node] : nodes_) node.linked = false;
  for (auto const& [hash, node] : nodes_) link(hash);
}

std::vector<Hash> Tree::wanted(std::size_t max) const {
  std::vector<Hash> out;
  for (auto const& [hash, node] : nodes_) {
    if (node.block == nullptr && out.size() < max) out.push_back(hash);
  }
  return out;
}

std::vector<Hash> Tree::path(Hash const& hash) const {
  std::vector<Hash> out;
  for (Hash next = hash; next != tip_;) {
    auto const* node = linked(next);
    CHECK(node != nullptr);
    out.push_back(next);
    next = node->block->header.parent_hash;
  }
  std::reverse(out.begin(), out.end());
  return out;
}

std::size_t Tree::bytes() const {
  std::size_t sum = 0;
  for (auto const& [hash, node] : nodes_) {
    if (node.block != nullptr) sum += node.block->payload.size();
  }
  return sum;
}

std::vector<Hash> Tree::advance(Hash tip) {
  auto const header = find(tip)->block->header;
  for (auto const& decided : path(tip)) nodes_.erase(decided);
  tip_ = tip;
  height_ = header.height;
  std::vector<Hash> dropped;
  for (auto const& [hash, node] : nodes_) {
    bool const wanted = node.block == nullptr;
    if (wanted || node.block->header.height <= height_ || node.block->header.view <= header.view)
      dropped.push_back(hash);
  }
  for (auto const& hash : dropped) nodes_.erase(hash);
  std::vector<Hash> certified;
  for (auto& [hash, node] : nodes_) {
    if (node.certified) certified.push_back(hash);
    node.certified = false;
  }
  for (auto const& hash : certified) certify(hash);
  relink();
  return dropped;
}

}  // namespace consensus
