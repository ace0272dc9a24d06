// SPDX-License-Identifier: Apache-2.0
#include "testnet/rehearsal.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <set>

#include "base/time.hpp"
#include "crypto/hash.hpp"
#include "gs1/json.hpp"
#include "ledger/contract.hpp"
#include "testnet/embedded.hpp"
#include "testnet/script.hpp"
#include "wallet/terminal.hpp"

namespace testnet {

using base::Code;
using base::Error;
using base::Result;
using base::Value;

namespace {

constexpr std::size_t file_bytes_max = std::size_t{16} << 20;
/// Operations of one transaction.
constexpr std::size_t operations_max = 64;
/// Each act is played a minute less late than the one before it: a block comes after the clock was set, and what the
/// files count in whole days must not become a second more.
constexpr ledger::TimeMs lead_ms = base::minute_ms;
/// Where a scenario does not say when its contract is opened.
constexpr char const* start_default = "2026-06-01T00:00:00Z";
/// After the last act all that waits ends by silence.
constexpr ledger::TimeMs silence_ms = 400 * base::day_ms;

Result<Value> read_json(std::string const& file) {
  TRY_ASSIGN(auto const text, wallet::read_text_file(file, file_bytes_max));
  gs1::JsonLimits limits;
  limits.bytes_max = file_bytes_max;
  auto read = gs1::parse_json(text, limits);
  if (!read) return Error{read.error().code, file, base::to_string(read.error())};
  return read;
}

Result<std::vector<Cast>> read_casts(World const& world, RehearsalSettings const& settings) {
  std::map<std::string, Value> terms;
  for (auto const& file : settings.terms) {
    TRY_ASSIGN(auto read, read_json(file));
    terms.insert_or_assign(std::filesystem::path(file).stem().string(), std::move(read));
  }
  std::vector<Cast> out;
  for (auto const& file : settings.scenarios) {
    TRY_ASSIGN(auto list, read_json(file));
    for (auto& scenario : list.items) {
      auto name = std::string(scenario.string_of("contract"));
      if (name.empty()) name = scenario.string_of("template");
      auto const found = terms.find(name);
      if (found == terms.end()) return Error{Code::E_FORM, file, "no terms named '" + name + "' were given"};
      auto const number = static_cast<unsigned>(out.size() + 1);
      auto one = cast(world, found->second, std::move(scenario), number, *base::from_rfc3339(start_default));
      if (!one) return Error{one.error().code, file + ", " + name, base::to_string(one.error())};
      out.push_back(std::move(*one));
    }
  }
  return out;
}

/// Makers of goods from which more could be claimed than they have material for need a recipe to be judged by.
void add_recipes(World& world, std::vector<Cast> const& casts) {
  for (auto const& cast : casts) {
    for (auto const& goods : cast.freight) {
      auto const makes = [&](ledger::AddRecipe const& one) {
        return std::ranges::find(one.outputs, goods.gtin) != one.outputs.end();
      };
      if (std::ranges::any_of(world.recipes, makes)) continue;
      auto const& maker = world.organisation(goods.maker);
      auto const material = [&](ledger::AddProduct const& one) {
        return one.unit == "KGM" && std::string_view(one.gtin).substr(1).starts_with(maker.prefix);
      };
      auto const input = std::ranges::find_if(world.products, material);
      if (input == world.products.end() || goods.uom == "KGM") continue;
      ledger::AddRecipe recipe;
      recipe.site = maker.places.front().site.gln;
      recipe.recipe = std::string("make");
      recipe.inputs.push_back(input->gtin);
      recipe.outputs.push_back(goods.gtin);
      recipe.yield_ppm = 900'000;
      world.recipes.push_back(std::move(recipe));
    }
  }
}

/// An entry that only names a moment: what was waited for comes then, and is late.
bool names_a_moment(Value const& entry) {
  auto const* index = entry.find("case");
  bool const silent = index == nullptr || index->is(Value::Kind::null);
  return silent && entry.find("facts") == nullptr && entry.find("assign") == nullptr &&
         entry.find("refused") == nullptr && entry.find("reading") == nullptr;
}

/// An entry of a scenario and when it is played.
struct Moment {
  ledger::TimeMs time_ms = 0;
  std::size_t entry = 0;
};

Result<std::vector<Moment>> moments_of(Cast const& cast) {
  auto const& trace = cast.scenario.find("trace")->items;
  std::vector<Moment> out;
  std::set<std::uint64_t> times;
  for (std::size_t i = 0; i < trace.size(); ++i) {
    auto const seconds = whole(trace[i].find("t"));
    if (!seconds) return Error{Code::E_FORM, "trace[" + std::to_string(i) + "].t", "expected seconds"};
    times.insert(*seconds);
    out.push_back({*seconds, i});
  }
  for (auto& one : out) {
    auto later = static_cast<ledger::TimeMs>(std::distance(times.upper_bound(one.time_ms), times.end()));
    if (names_a_moment(trace[one.entry])) later = times.size();
    one.time_ms = cast.start_ms + one.time_ms * base::second_ms + later * lead_ms;
  }
  for (std::size_t i = 1; i < out.size(); ++i) {
    bool const same = whole(trace[i].find("t")) == whole(trace[i - 1].find("t"));
    if (same) out[i].time_ms = out[i - 1].time_ms;
    if (!same) out[i].time_ms = std::max(out[i].time_ms, out[i - 1].time_ms + base::second_ms);
  }
  return out;
}

/// One contract on its way.
struct Play {
  Script script;
  std::vector<Moment> moments;
  std::size_t next = 0;
  bool opened = false;
  std::deque<Sending> steps;
  /// The state that its last transition left.
  std::string left;
  std::string difference;
};

class Rehearsal {
 public:
  Rehearsal(World const& world, std::vector<Cast> const& casts, Sender& sender, Signers const& signers)
      : world_(world), sender_(sender), signers_(signers) {
    for (auto const& cast : casts) plays_.push_back({Script(world_, signers_, cast), {}, 0, false, {}, {}, {}});
  }

  Result<void> run() {
    for (auto& play : plays_) {
      TRY_ASSIGN(play.moments, moments_of(play.script.cast()));
    }
    TRY(issue_money());
    TRY(admit_loggers());
    TRY(make_goods());
    while (auto const time_ms = next_moment()) {
      TRY(sender_.advance(*time_ms));
      TRY(play_moment(*time_ms));
    }
    TRY(sender_.advance(sender_.time_ms() + silence_ms));
    // Valid only in a block of that time, at whose beginning the deadlines fire.
    return sender_.advance(sender_.time_ms() + base::day_ms);
  }

  /// Asks one node about every contract and every account.
  Result<void> ask(std::size_t node) {
    TRY(sender_.wait_height(node, sender_.height()));
    std::map<std::pair<std::string, std::string>, base::i128> accounts;
    for (auto const& [holder, amount] : minted_) accounts[holder] += static_cast<base::i128>(amount);
    for (auto& play : plays_) TRY(ask_contract(node, play, accounts));
    for (auto const& [holder, amount] : accounts) {
      auto params = Value::object();
      params.add("party", Value::of(holder.first));
      params.add("asset", Value::of(holder.second));
      TRY_ASSIGN(auto const answer, sender_.ask(node, "account_get", std::move(params)));
      auto const posted = base::from_decimal(answer.string_of("posted")).value_or(0);
      if (static_cast<base::i128>(posted) == amount && answer.string_of("held") == "0") continue;
      return Error{Code::E_INVARIANT, holder.first + " " + holder.second,
                   "node " + std::to_string(node) + " says " + base::to_decimal(posted) + ", the contracts " +
                       base::to_decimal(amount)};
    }
    return {};
  }

  std::vector<Play> const& plays() const { return plays_; }

 private:
  std::optional<ledger::TimeMs> next_moment() const {
    std::optional<ledger::TimeMs> out;
    for (auto const& play : plays_) {
      if (play.next == play.moments.size()) continue;
      auto const time_ms = play.moments[play.next].time_ms;
      out = out ? std::min(*out, time_ms) : time_ms;
    }
    return out;
  }

  /// What all buyers and others pay in, from the banks that the terms name.
  Result<void> issue_money() {
    std::map<std::string, std::vector<ledger::Operation>> by_bank;
    std::set<std::string> known;
    for (auto const& play : plays_) {
      auto const& cast = play.script.cast();
      for (auto const& asset : cast.terms.assets) {
        if (!known.insert(asset.id).second) continue;
        ledger::CreateAsset create;
        create.code = asset.id.substr(0, asset.id.find('.'));
        create.scale = 2;
        create.max_supply = ledger::Amount{1'000'000'000'000'000};
        by_bank[asset.id.substr(asset.id.find('.') + 1)].emplace_back(create);
      }
      auto const* deposits = cast.scenario.find("deposits");
      if (deposits == nullptr) continue;
      for (auto const& [name, amount] : deposits->members) {
        auto const [role, asset] = holder_of(cast, name);
        minted_[{cast.players[role], asset}] += whole(&amount).value_or(0);
      }
    }
    for (auto const& [holder, amount] : minted_) {
      ledger::Mint mint;
      mint.asset = holder.second;
      mint.to = world_.organisation(holder.first).party();
      mint.amount = amount;
      mint.reserve = crypto::sha256(base::bytes_of("reserve statement"));
      by_bank[holder.second.substr(holder.second.find('.') + 1)].emplace_back(mint);
    }
    std::vector<Sending> batch;
    for (auto& [bank, operations] : by_bank) {
      CHECK(operations.size() <= operations_max);
      Sending one;
      one.what = "money of " + bank;
      one.signers = {signers_.staff->at(bank)};
      one.operations = std::move(operations);
      batch.push_back(std::move(one));
    }
    return sender_.send(batch);
  }

  /// Of "role:SYMBOL" the role's number and the asset.
  static std::pair<std::size_t, std::string> holder_of(Cast const& cast, std::string const& name) {
    auto const colon = name.find(':');
    auto const role = std::ranges::find(cast.terms.roles, name.substr(0, colon), &contracts::escrow::Role::name);
    auto const asset = std::ranges::find(cast.terms.assets, name.substr(colon + 1), &contracts::escrow::Asset::symbol);
    CHECK(role != cast.terms.roles.end() && asset != cast.terms.assets.end());
    return {static_cast<std::size_t>(role - cast.terms.roles.begin()), asset->id};
  }

  /// Loggers are registered by an admin key of their owner.
  Result<void> admit_loggers() {
    ledger::KeyAdd add;
    add.party = signers_.logger_admin.party;
    add.key = signers_.logger_admin.key;
    add.kind = ledger::KeyKind::admin;
    add.until_ms = sender_.time_ms() + 2000 * base::day_ms;
    Sending one;
    one.what = "admin key of " + signers_.logger_owner;
    one.signers = {signers_.logger_root};
    one.operations.emplace_back(add);
    return sender_.send({one});
  }

  Result<void> make_goods() {
    std::vector<std::deque<Sending>> waiting;
    for (auto& play : plays_) {
      auto const steps = play.script.prepare(sender_.time_ms());
      waiting.emplace_back(steps.begin(), steps.end());
    }
    while (true) {
      std::vector<Sending> batch;
      for (auto& one : waiting) {
        if (one.empty()) continue;
        batch.push_back(std::move(one.front()));
        one.pop_front();
      }
      if (batch.empty()) return {};
      TRY(sender_.send(batch));
    }
  }

  /// All acts of this moment: of each contract one after the other, of different contracts together.
  Result<void> play_moment(ledger::TimeMs time_ms) {
    while (true) {
      std::vector<Sending> batch;
      for (auto& play : plays_) {
        TRY(fill(play, time_ms));
        if (play.steps.empty()) continue;
        batch.push_back(std::move(play.steps.front()));
        play.steps.pop_front();
      }
      if (batch.empty()) return {};
      TRY(sender_.send(batch));
    }
  }

  /// The steps of the next entry that is due, once those of the one before are done.
  Result<void> fill(Play& play, ledger::TimeMs time_ms) {
    auto const due = [&] { return play.next < play.moments.size() && play.moments[play.next].time_ms <= time_ms; };
    while (play.steps.empty() && due()) {
      if (!play.opened) {
        play.opened = true;
        play.steps.push_back(play.script.open());
        return {};
      }
      auto const& entry = play.script.cast().scenario.find("trace")->items[play.moments[play.next].entry];
      ++play.next;
      TRY_ASSIGN(auto const state, state_of(play));
      // Its deadline fires in this block or the next one.
      auto const& waited = state.empty() ? play.left : state;
      auto steps =
          names_a_moment(entry) ? play.script.too_late(waited, time_ms) : play.script.entry(entry, time_ms, state);
      if (!steps) return Error{steps.error().code, play.script.cast().name, base::to_string(steps.error())};
      play.steps.assign(steps->begin(), steps->end());
    }
    return {};
  }

  Result<ledger::ContractRecord> record_of(std::size_t node, Play const& play) {
    auto params = Value::object();
    params.add("id", Value::of(play.script.contract().hex()));
    TRY_ASSIGN(auto const answer, sender_.ask(node, "escrow_get", std::move(params)));
    auto const bytes = base::from_hex(answer.string_of("record").substr(2));
    if (!bytes) return Error{Code::E_ENCODING, "escrow_get", "the answer lacks the record"};
    return base::decode<ledger::ContractRecord>(*bytes);
  }

  /// Where the only lane stands; empty for several.
  Result<std::string> state_of(Play& play) {
    TRY(sender_.wait_height(0, sender_.height()));
    TRY_ASSIGN(auto const record, record_of(0, play));
    if (!record.past.empty()) play.left = record.past.back().from;
    std::string out;
    for (auto const& lane : record.lanes) {
      if (lane.closed()) continue;
      if (!out.empty()) return std::string();
      out = lane.state;
    }
    return out;
  }

  Result<void> ask_contract(std::size_t node, Play& play,
                            std::map<std::pair<std::string, std::string>, base::i128>& accounts) {
    auto const& cast = play.script.cast();
    TRY_ASSIGN(auto const record, record_of(node, play));
    std::map<std::string, ledger::Amount> in;
    std::map<std::string, ledger::Amount> out;
    for (auto const& total : record.totals) {
      auto const asset = std::ranges::find(cast.terms.assets, std::string_view(total.asset),
                                           [](auto const& one) { return std::string_view(one.id); });
      auto const name = std::string(total.role) + ":" + asset->symbol;
      if (total.paid_in > 0) in[name] = total.paid_in;
      if (total.paid_out > 0) out[name] = total.paid_out;
      auto const role = holder_of(cast, name).first;
      accounts[{cast.players[role], asset->id}] -= static_cast<base::i128>(total.paid_in);
      accounts[{play.script.payee(role), asset->id}] += static_cast<base::i128>(total.paid_out);
    }
    if (!play.difference.empty()) return {};
    auto const where = "node " + std::to_string(node) + ": ";
    if (!record.closed_ms) play.difference = where + "it has not ended";
    auto const wrong_in = difference(cast, "deposits", in);
    auto const wrong_out = difference(cast, "payouts", out);
    if (!wrong_in.empty()) play.difference = where + wrong_in;
    if (!wrong_out.empty()) play.difference = where + wrong_out;
    return {};
  }

  static std::string difference(Cast const& cast, char const* member, std::map<std::string, ledger::Amount> paid) {
    std::string out;
    auto const note = [&](std::string const& name, ledger::Amount is, ledger::Amount expected) {
      out += (out.empty() ? std::string(member) + ": " : ", ") + name + " " + base::to_decimal(is) + ", expected " +
             base::to_decimal(expected);
    };
    if (auto const* wanted = cast.scenario.find(member)) {
      for (auto const& [name, amount] : wanted->members) {
        auto const expected = whole(&amount).value_or(0);
        auto const is = paid.extract(name);
        if ((is ? is.mapped() : 0) != expected) note(name, is ? is.mapped() : 0, expected);
      }
    }
    for (auto const& [name, amount] : paid) note(name, amount, 0);
    return out;
  }

  World const& world_;
  Sender& sender_;
  Signers const& signers_;
  std::vector<Play> plays_;
  /// By organisation and asset.
  std::map<std::pair<std::string, std::string>, ledger::Amount> minted_;
};

Result<Signers> signers_of(Network const& network) {
  Signers out;
  out.staff = &network.keyring();
  out.logger_owner = "LABX";
  TRY_ASSIGN(auto const sealed, wallet::read_text_file(network.keys_folder() / "LABX-root.key"));
  TRY_ASSIGN(auto passphrase, wallet::read_text_file(network.keys_folder() / "passphrase"));
  while (passphrase.ends_with('\n')) passphrase.pop_back();
  TRY_ASSIGN(out.logger_root, wallet::open_key(sealed, passphrase));
  auto const secret = wallet::new_secret();
  out.logger_admin = {out.logger_root.party, *crypto::party_key(secret), secret};
  return out;
}

ledger::TimeMs earliest(std::vector<Cast> const& casts) {
  auto out = ~ledger::TimeMs{0};
  for (auto const& cast : casts) out = std::min(out, cast.start_ms);
  return out;
}

/// True when every node says of every contract what its scenario says.
Result<bool> run(RehearsalSettings const& settings) {
  auto const begin = std::chrono::steady_clock::now();
  TRY_ASSIGN(auto world, read_world(*embedded("network.json")));
  TRY_ASSIGN(auto const casts, read_casts(world, settings));
  if (casts.empty()) return Error{Code::E_FORM, "--scenarios", "no scenario to play"};
  add_recipes(world, casts);
  NetworkOptions options;
  options.home = settings.home;
  options.ports = settings.ports;
  options.time_ms = earliest(casts) - base::day_ms;
  TRY(clear_network(options.home));
  TRY(make_network(world, options));
  TRY_ASSIGN(auto network, Network::open(world, options));
  for (std::size_t node = 0; node < testnet::nodes; ++node) network.start(node);
  for (std::size_t node = 0; node < testnet::nodes; ++node) TRY(network.wait_ready(node, 30'000));
  TRY_ASSIGN(auto sender, Sender::connect(network.member_urls(), network.clock()));
  TRY_ASSIGN(auto const signers, signers_of(network));
  Rehearsal rehearsal(world, casts, sender, signers);
  TRY(rehearsal.run());
  for (std::size_t node = 0; node < testnet::nodes; ++node) TRY(rehearsal.ask(node));
  std::size_t agreed = 0;
  for (auto const& play : rehearsal.plays()) {
    bool const good = play.difference.empty();
    agreed += good ? 1 : 0;
    std::printf("%s  %s  %s%s%s\n", good ? "ok     " : wallet::painted("31", "DIFFERS").c_str(),
                play.script.cast().contract.c_str(), play.script.cast().name.c_str(), good ? "" : "\n         ",
                play.difference.c_str());
  }
  auto const seconds =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%zu of %zu as agreed, on 4 validators: %zu transactions, %zu events, %lu blocks, %ld s\n", agreed,
              casts.size(), sender.transactions(), sender.events(), static_cast<unsigned long>(sender.height()),
              static_cast<long>(seconds));
  return agreed == casts.size();
}

}  // namespace

int rehearse(RehearsalSettings const& settings) {
  auto const agreed = run(settings);
  if (!agreed) {
    wallet::report(agreed.error(), where_logs_are(settings.home));
    return wallet::code(wallet::Exit::fault);
  }
  return wallet::code(*agreed ? wallet::Exit::done : wallet::Exit::fault);
}

}  // namespace testnet
