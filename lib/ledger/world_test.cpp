// SPDX-License-Identifier: Apache-2.0
#include "ledger/world_test.hpp"

#include "gs1/view.hpp"

namespace ledger::test {

namespace {

constexpr base::TimeMs start_ms = 1'780'000'000'000;

Bytes item(std::string_view name) { return state_key(Space::item, name); }
Bytes lot(std::string_view name) { return state_key(Space::lot, name); }
Bytes unit(std::string_view name) { return state_key(Space::unit, name); }

std::string quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }
std::string quantity(std::string_view list, std::string_view name, std::string_view amount) {
  return quoted(list) + ": [{\"epcClass\": " + quoted(name) + ", \"quantity\": " + std::string(amount) +
         ", \"uom\": \"KGM\"}]";
}
std::string list(std::string_view name, std::vector<std::string_view> const& links) {
  std::string out = quoted(name) + ": [";
  for (auto const link : links) out += (out.back() == '[' ? "" : ", ") + quoted(link);
  return out + "]";
}
std::string event_json(std::string_view type, std::string_view step, std::string_view site, std::string const& rest) {
  return "{\"type\": " + quoted(type) + ", \"bizStep\": " + quoted(step) +
         ", \"readPoint\": {\"id\": \"https://id.gs1.org/414/" + std::string(site) + "\"}, " + rest + "}";
}

constexpr std::string_view farm = "9521002000009", mill = "9521001000000", carrier = "9521003000008",
                           shop = "9521004000007";

}  // namespace

crypto::ValidatorSecret validator_secret(std::uint8_t number) {
  crypto::ValidatorSecret out;
  out.bytes.fill(number);
  return out;
}

crypto::ValidatorSet validators(std::size_t size, std::uint8_t from) {
  crypto::ValidatorSet set;
  for (std::size_t i = 0; i < size; ++i) {
    auto const key = crypto::validator_key(validator_secret(static_cast<std::uint8_t>(from + i)));
    set.validators.push_back({party_id(farm), key, crypto::sha256(key.view())});
  }
  return set;
}

Finality finality_of(ResultHeader const& header, std::size_t set_size, std::size_t signers, std::uint8_t from,
                     crypto::VoteKind kind) {
  crypto::Ballot ballot{kind, header.chain, header.epoch, header.view, header.height, header.block_hash, header.hash()};
  if (kind != crypto::VoteKind::finalize) {
    ballot.height = 0;
    ballot.result = {};
  }
  std::vector<std::pair<std::size_t, base::ValidatorSignature>> votes;
  for (std::size_t i = 0; i < signers; ++i) {
    auto const secret = validator_secret(static_cast<std::uint8_t>(from + i));
    votes.emplace_back(i, crypto::validator_sign(secret, ballot.digest()));
  }
  return SimplexFinality{crypto::make_certificate(ballot, set_size, votes)};
}

World::World()
    : chain_(crypto::sha256(base::bytes_of("a small world"))),
      state_(std::make_shared<MemoryState>()),
      block_(std::make_unique<Overlay>(*state_)) {
  add_names();
  end_block();
  make();
  end_block();
  ship();
  box();
  end_block();
}

void World::event(std::string_view actor, std::string const& json, std::vector<Touch> const& touches, LeafKind kind) {
  auto const payload = base::to_bytes(json);
  auto const view = gs1::view_root(gs1::view_of(payload).value());
  act(actor, payload, kind, view.root, view.size, touches);
}

void World::operation(std::string_view actor, Bytes const& payload, LeafKind kind, std::vector<Touch> const& touches) {
  auto const view = gs1::view_root_of_bytes(payload);
  act(actor, payload, kind, view.root, view.size, touches);
}

void World::act(std::string_view actor, Bytes const& payload, LeafKind kind, Hash const& view_root,
                std::uint32_t view_size, std::vector<Touch> const& touches) {
  ActLeaf shared;
  shared.height = height_;
  shared.transaction_index = acts_++;
  shared.kind = kind;
  if (kind != LeafKind::deadline) shared.actor = party_id(actor);
  shared.event_time_ms = start_ms + height_ * 1000 + acts_;
  shared.payload_hash = crypto::sha256(payload);
  shared.view_root = view_root;
  shared.view_size = view_size;
  StoredEvent stored;
  stored.height = height_;
  stored.payload = payload;
  stored.view_root = view_root;
  stored.view_size = view_size;
  shared.log_index = append_log(*block_, stored);
  for (auto const& touch : touches) append_history(*block_, touch.subject, shared, touch.links);
}

void World::end_block() {
  fold_histories(*block_);
  auto diff = std::move(*block_).take();
  tree_ = tree_.with(*state_, diff);
  state_->apply(diff);
  block_ = std::make_unique<Overlay>(*state_);
  ++height_;
  acts_ = 0;
}

Certified World::certified() const {
  Certified out;
  out.chain = chain_;
  out.validators = validators(4);
  out.header.chain = chain_;
  out.header.epoch = 1;
  out.header.view = height_ + 2;
  out.header.height = height_ - 1;
  out.header.time_ms = start_ms + height_ * 1000;
  out.header.block_hash = crypto::sha256(big_endian(height_));
  out.header.state_root = tree_.root();
  out.header.event_log_root = log_root(*state_);
  out.header.event_log_size = log_size(*state_);
  out.header.validators_hash = out.header.next_validators_hash = out.validators.hash();
  out.finality = finality_of(out.header, 4, 4);
  out.state = std::make_shared<MemoryState>(*state_);
  out.tree = tree_;
  return out;
}

void World::add_names() {
  constexpr std::pair<std::string_view, std::string_view> members[] = {
      {farm, "COCOON"}, {mill, "SERICA"}, {carrier, "TRANSA"}, {shop, "BOTTEGA"}};
  for (auto const& [gln, name] : members) {
    MemberRecord member;
    member.gln = gln;
    member.short_name = name;
    member.names = {{"en", std::string(name) + " Ltd"}};
    member.country = "IT";
    store(*block_, Space::member, gln, member);
    block_->put(state_key(Space::name_index, party_id(gln).view()), base::to_bytes(gln));
    SiteRecord site;
    site.gln = gln;
    site.party = party_id(gln);
    site.places = {{"en", "Place of " + std::string(name)}};
    store(*block_, Space::site, gln, site);
  }
  for (std::string_view const gtin : {"09521002000016", "09521001000017", "09521001000024", "09521001000109"}) {
    ProductRecord product;
    product.product.gtin = gtin;
    product.product.names = {{"en", "Product " + std::string(gtin)}};
    product.party = party_id(mill);
    store(*block_, Space::product, gtin, product);
  }
  CertificateRecord certificate;
  certificate.certificate.number = "ORG-1";
  store(*block_, Space::certificate, "ORG-1", certificate);
}

/// A lot is made of another: 2 leaves, one event.
void World::make() {
  for (auto const name : {cocoons_name, raw_name, fabric_name, scarves_name}) {
    LotRecord record;
    record.gtin = std::string(name.substr(22, 14));
    record.maker = party_id(name == cocoons_name ? farm : mill);
    store(*block_, lot(name), record);
  }
  auto const made_from = [&](std::string_view name) {
    return Link{LinkRole::made_from, tree_key(lot(name)), next(lot(name))};
  };
  event(farm,
        event_json("ObjectEvent", "creating_class_instance", farm,
                   quantity("quantityList", cocoons_name, "1200") +
                       ", \"certificationInfo\": [\"https://certa.example/ORG-1\"]"),
        {{lot(cocoons_name)}});
  for (std::string_view const step : {"shipping", "receiving"}) {
    event(step == "shipping" ? farm : mill,
          event_json("ObjectEvent", step, farm, quantity("quantityList", cocoons_name, "1200")), {{lot(cocoons_name)}});
  }
  event(mill,
        event_json("TransformationEvent", "creating_class_instance", mill,
                   quantity("inputQuantityList", cocoons_name, "1200") + ", " +
                       quantity("outputQuantityList", raw_name, "168")),
        {{lot(cocoons_name)}, {lot(raw_name), {made_from(cocoons_name)}}});
  event(mill,
        event_json("TransformationEvent", "creating_class_instance", mill,
                   quantity("inputQuantityList", raw_name, "168") + ", " +
                       quantity("outputQuantityList", fabric_name, "150.5")),
        {{lot(raw_name)}, {lot(fabric_name), {made_from(raw_name)}}});
  for (std::string_view const step : {"departing", "arriving"}) {
    event(mill, event_json("ObjectEvent", step, mill, quantity("quantityList", fabric_name, "150.5")),
          {{lot(fabric_name)}});
  }
  std::vector<std::string_view> const scarves = {item_name, sister_name,
                                                 "https://id.gs1.org/01/09521001000109/21/S000044"};
  std::vector<Touch> touches = {{lot(fabric_name)}, {lot(scarves_name), {made_from(fabric_name)}}};
  for (auto const name : scarves) {
    ItemRecord record;
    record.gtin = "09521001000109";
    record.lot = std::string(scarves_name);
    record.owner = party_id(shop);
    record.holder = AtSite{party_id(shop), shop};
    store(*block_, item(name), record);
    touches.push_back({item(name), {{LinkRole::lot, tree_key(lot(scarves_name)), 0}}});
  }
  event(mill,
        event_json("TransformationEvent", "commissioning", mill,
                   quantity("inputQuantityList", fabric_name, "150.5") + ", " + list("outputEPCList", scarves)),
        touches);
  event(farm,
        event_json("ObjectEvent", "inspecting", mill,
                   quantity("quantityList", scarves_name, "3") + ", \"disposition\": \"conformant\""),
        {{lot(scarves_name)}});
}

/// Into the carton and onto the pallet, over the border, off, and sold.
void World::ship() {
  UnitRecord record;
  record.holder = AtSite{party_id(shop), shop};
  store(*block_, unit(carton_name), record);
  store(*block_, unit(pallet_name), record);
  auto const link = [&](LinkRole role, std::string_view name) {
    return Link{role, tree_key(unit(name)), next(unit(name))};
  };
  auto const see = [&](std::string_view actor, std::string_view step, std::string_view name) {
    event(actor, event_json("ObjectEvent", step, carrier, list("epcList", {name})), {{unit(name)}});
  };
  auto const parent = [&](std::string_view step, std::string_view name, std::vector<std::string_view> const& children) {
    return event_json("AggregationEvent", step, mill,
                      "\"parentID\": " + quoted(name) + ", " + list("childEPCs", children));
  };
  event(mill, parent("packing", carton_name, {item_name, sister_name}),
        {{unit(carton_name)},
         {item(item_name), {link(LinkRole::into, carton_name)}},
         {item(sister_name), {link(LinkRole::into, carton_name)}}});
  event(mill, parent("packing", pallet_name, {carton_name}),
        {{unit(pallet_name)}, {unit(carton_name), {link(LinkRole::into, pallet_name)}}});
  see(mill, "shipping", pallet_name);
  see(carrier, "receiving", pallet_name);
  for (int i = 0; i < 2; ++i) see(carrier, "https://tallystick.example/ns/customs_export", pallet_name);
  see(carrier, "arriving", pallet_name);
  for (int i = 0; i < 2; ++i) see(carrier, "https://tallystick.example/ns/customs_import", pallet_name);
  see(carrier, "shipping", pallet_name);
  see(shop, "receiving", pallet_name);
  operation(shop, base::encode(DeadlinePayload{chain_, 0, "wait", "paid", 1}), LeafKind::deadline,
            {{unit(pallet_name), {{LinkRole::contract, tree_key(Space::contract, "c"), 0}}}});
  see(shop, "inspecting", pallet_name);
  event(shop, parent("unpacking", pallet_name, {carton_name}),
        {{unit(pallet_name)}, {unit(carton_name), {link(LinkRole::out_of, pallet_name)}}});
  see(carrier, "shipping", carton_name);
  see(shop, "receiving", carton_name);
  event(shop,
        event_json("ObjectEvent", "retail_selling", shop,
                   list("epcList", {item_name}) + ", \"sourceList\": [{\"type\": \"possessing_party\", \"source\": "
                                                  "\"https://id.gs1.org/417/9521004000007\"}]"),
        {{unit(carton_name)}, {item(item_name), {link(LinkRole::out_of, carton_name)}}});
  // What happens in these units later is not the sold scarf's story.
  see(shop, "storing", carton_name);
  see(shop, "storing", pallet_name);
}

void World::box() {
  LotRecord made;
  made.gtin = "09521001000017";
  store(*block_, lot(bobbins_name), made);
  ItemRecord bobbin;
  bobbin.gtin = "09521001000017";
  bobbin.lot = std::string(bobbins_name);
  bobbin.owner = party_id(mill);
  store(*block_, item(bobbin_name), bobbin);
  store(*block_, unit(box_name), UnitRecord{});
  auto const into = next(unit(box_name));
  auto const spindle = "https://id.gs1.org/01/09521001000017/21/SPINDLE";
  event(mill,
        "{\"type\": \"TransformationEvent\", " + list("outputEPCList", {bobbin_name, spindle}) +
            ", \"tally:bind\": [[" + quoted(spindle) + ", " + quoted(bobbin_name) +
            "]], \"bizStep\": \"commissioning\"}",
        {{lot(bobbins_name)}, {item(bobbin_name), {{LinkRole::lot, tree_key(lot(bobbins_name)), 0}}}});
  auto const box_event = [&](std::string_view action) {
    return "{\"type\": \"AggregationEvent\", \"action\": " + quoted(action) + ", \"parentID\": " + quoted(box_name) +
           ", " + list("childEPCs", {spindle, bobbin_name}) + "}";
  };
  event(mill, box_event("ADD"),
        {{unit(box_name)}, {item(bobbin_name), {{LinkRole::into, tree_key(unit(box_name)), into}}}});
  operation(mill, base::encode(DeadlinePayload{chain_, 0, "wait", "paid", 1}), LeafKind::deadline, {{unit(box_name)}});
  event(mill, box_event("DELETE"),
        {{unit(box_name)}, {item(bobbin_name), {{LinkRole::out_of, tree_key(unit(box_name)), into + 2}}}});
  event(mill, "{\"type\": \"ObjectEvent\", " + list("epcList", {box_name}) + "}", {{unit(box_name)}});
}

}  // namespace ledger::test
