// SPDX-License-Identifier: Apache-2.0
#include "contracts/goods/leaves.hpp"

#include "contracts/goods/rules.hpp"

namespace contracts::goods {

namespace {

using gs1::Action;
using gs1::EventType;
using gs1::Key;
using gs1::KeyKind;
using ledger::Link;
using ledger::LinkRole;

class Leaves {
 public:
  Leaves(Job& job, ledger::ActLeaf const& act) : job_(job), act_(act) {}

  /// Writes the subject's leaf unless this event has one already, and returns a link to it.
  Link add(Key const& key, std::vector<Link> links = {}) {
    auto const stored = subject_key(job_.state, key);
    auto known = written_.find(stored);
    if (known == written_.end()) {
      constexpr std::size_t links_max = decltype(ledger::HistoryLeaf::links)::max;
      if (links.size() > links_max) links.resize(links_max);
      auto const sequence = ledger::append_history(job_.state, stored, act_, std::move(links));
      known = written_.emplace(stored, sequence).first;
    }
    return {LinkRole::lot, ledger::tree_key(stored), known->second};
  }
  Link add(LinkRole role, Key const& key, std::vector<Link> links = {}) {
    auto link = add(key, std::move(links));
    link.role = role;
    return link;
  }
  /// A thing that was used or sold, out of its unit if it was in one.
  Link add_used(Key const& key) {
    auto const left = job_.left.find(key.uri);
    if (left == job_.left.end()) return add(key);
    auto const unit = gs1::read_key(left->second);
    CHECK(unit.has_value());
    return add(key, {add(LinkRole::out_of, *unit)});
  }
  bool empty() const { return written_.empty(); }

 private:
  Job& job_;
  ledger::ActLeaf const& act_;
  std::map<Bytes, std::uint64_t> written_;
};

template <class Each>
void each_class(std::vector<gs1::QuantityElement> const& elements, Each const& each) {
  for (auto const& element : elements) {
    if (element.key.kind != KeyKind::product) each(element.key);
  }
}

/// All that the event names. A product without lot is a subject only where nothing narrower is named: else each
/// handover of a serial would grow the history of its product.
void named(Leaves& leaves, gs1::Event const& event) {
  if (event.parent) leaves.add(*event.parent);
  for (auto const* keys : {&event.epcs, &event.child_epcs, &event.input_epcs, &event.output_epcs}) {
    for (auto const& key : *keys) leaves.add(key);
  }
  auto const lists = {&event.quantities, &event.child_quantities, &event.input_quantities, &event.output_quantities};
  for (auto const* list : lists) each_class(*list, [&](Key const& key) { leaves.add(key); });
  if (!leaves.empty()) return;
  for (auto const* list : lists) {
    for (auto const& element : *list) leaves.add(element.key);
  }
}

std::optional<Key> lot_named(Job const& job, std::vector<Key> const& serials) {
  if (serials.empty() || job.event.tally.lot.empty()) return std::nullopt;
  auto lot = lot_of_serials(job, serials.front());
  return lot ? std::optional(std::move(lot).value()) : std::nullopt;
}

void commissioned(Leaves& leaves, Job const& job) {
  std::vector<Link> links;
  if (auto const lot = lot_named(job, job.event.epcs)) links.push_back(leaves.add(LinkRole::lot, *lot));
  for (auto const& key : job.event.epcs) leaves.add(key, links);
}

void used(Leaves& leaves, gs1::Event const& event) {
  for (auto const& key : event.epcs) leaves.add_used(key);
  each_class(event.quantities, [&](Key const& key) { leaves.add_used(key); });
}

void packed(Leaves& leaves, Job const& job) {
  auto const& event = job.event;
  auto const role = event.action == Action::add ? LinkRole::into : LinkRole::out_of;
  std::vector<Link> links;
  if (event.parent) links.push_back(leaves.add(role, *event.parent));
  for (auto const& key : event.child_epcs) leaves.add(key, links);
  each_class(event.child_quantities, [&](Key const& key) { leaves.add(key, links); });
  for (auto const& key : job.emptied) leaves.add(key, links);
}

void transformed(Leaves& leaves, Job const& job) {
  auto const& event = job.event;
  std::set<std::string_view> bound;
  for (auto const& binding : event.tally.bind) bound.insert(binding.component.uri);
  std::map<std::string_view, Link> inputs;
  std::vector<Link> made_from;
  auto const input = [&](Key const& key) {
    auto link = leaves.add_used(key);
    link.role = LinkRole::made_from;
    inputs.emplace(key.uri, link);
    if (!bound.contains(key.uri)) made_from.push_back(link);
  };
  for (auto const& key : event.input_epcs) input(key);
  each_class(event.input_quantities, input);
  each_class(event.output_quantities, [&](Key const& key) { leaves.add(key, made_from); });

  std::map<std::string_view, std::vector<Link>> parts;
  for (auto const& binding : event.tally.bind) {
    auto const component = inputs.find(binding.component.uri);
    if (component != inputs.end()) parts[binding.product.uri].push_back(component->second);
  }
  auto const lot = lot_named(job, event.output_epcs);
  std::vector<Link> common = made_from;
  if (lot) common = {leaves.add(LinkRole::lot, *lot, made_from)};
  for (auto const& key : event.output_epcs) {
    auto links = common;
    if (auto const own = parts.find(key.uri); own != parts.end()) {
      links.insert(links.end(), own->second.begin(), own->second.end());
    }
    leaves.add(key, std::move(links));
  }
}

}  // namespace

void write_leaves(Job& job, ledger::ActLeaf const& act) {
  Leaves leaves(job, act);
  auto const& event = job.event;
  bool const moves = event.action == Action::add || event.action == Action::remove;
  bool const sold = event.tally.handover == gs1::Handover::sale;
  if (event.is_error()) return named(leaves, event);
  if (event.type == EventType::transformation) {
    transformed(leaves, job);
  } else if (event.type == EventType::aggregation && moves) {
    packed(leaves, job);
  } else if (event.type == EventType::object && event.action == Action::add) {
    commissioned(leaves, job);
  } else if (event.type == EventType::object && (event.action == Action::remove || sold)) {
    used(leaves, event);
  }
  named(leaves, event);
}

}  // namespace contracts::goods
