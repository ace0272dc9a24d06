// SPDX-License-Identifier: Apache-2.0
#include "bench/import.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "bench/network.hpp"
#include "bench/usage.hpp"

namespace bench {

using base::Code;
using base::Error;
using base::Result;

namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

constexpr double patience_s = 300;
constexpr double alone_aim_per_s = 5'000;
constexpr double aim_per_s = 20'000;
constexpr double floor_per_s = 10'000;
/// From so many keys on the floor is meant.
constexpr std::uint64_t many_keys = 10'000'000;
constexpr double memory_aim_mib = 1024;

/// Events of a file: an import keeps a document in memory.
constexpr std::size_t events_a_file = 250'000;
constexpr std::size_t events_of_old_items = 100'000;
/// What the first event of an item adds to the state tree: the event, and its subject.
constexpr std::uint64_t keys_an_item = 2;

/// A firm's history: its own serials seen at its own sites. `first` is the first event's number, `item_of` tells the
/// serial of an event.
template <class ItemOf>
void write_history(fs::path const& file, std::size_t first, std::size_t events, ItemOf const& item_of) {
  std::ofstream out(file, std::ios::binary);
  out << R"({"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"EPCISDocument",)"
         R"("schemaVersion":"2.0","creationDate":"2026-05-31T12:00:00Z","epcisBody":{"eventList":[)";
  for (auto i = first; i < first + events; ++i) {
    auto const seconds = i / 1000;
    char time[40];
    std::snprintf(time, sizeof time, "2026-05-31T%02zu:%02zu:%02zu.%03zuZ", seconds / 3600 % 24, seconds / 60 % 60,
                  seconds % 60, i % 1000);
    out << (i == first ? "" : ",\n") << R"({"type":"ObjectEvent","eventTime":")" << time
        << R"(","eventTimeZoneOffset":"+08:00","epcList":["https://id.gs1.org/01/09521001000109/21/H)" << item_of(i)
        << R"("],"action":"OBSERVE","bizStep":"storing","disposition":"in_progress",)"
           R"("readPoint":{"id":"https://id.gs1.org/414/9521001000024"},)"
           R"("bizLocation":{"id":"https://id.gs1.org/414/9521001000024"},)"
           R"("bizTransactionList":[{"type":"po","bizTransaction":"https://id.gs1.org/253/9521001000000PO)"
        << i / 50 << R"("}],"sourceList":[{"type":"owning_party","source":"https://id.gs1.org/417/9521001000000"}]})";
  }
  out << "]}}\n";
}

struct Cost {
  double took_s = 0;
  double importer_cpu_s = 0;
  /// Of all nodes.
  double nodes_cpu_s = 0;
};

/// Records the events of a file through one node of a network and waits until all are final.
Result<Cost> import_into(testnet::Network const& network, std::size_t validators, fs::path const& file,
                         std::size_t events) {
  auto const nodes_cpu = [&] {
    double out = 0;
    for (std::size_t node = 0; node < validators; ++node) out += usage_of(network.pid(node)).cpu_seconds;
    return out;
  };
  auto const log = fs::path(file).replace_extension(".log");
  auto const before = nodes_cpu();
  auto const begin = Steady::now();
  testnet::Process importer({(testnet::own_binary().parent_path() / "tally").string(), "import", file.string(), "--key",
                             "SERICA", "--node", network.member_url(0), "--keys", network.keys_folder().string(),
                             "--passphrase-file", (network.keys_folder() / "passphrase").string()},
                            log);
  Cost out;
  while (importer.running() && seconds_since(begin) < patience_s) {
    out.importer_cpu_s = std::max(out.importer_cpu_s, usage_of(importer.pid()).cpu_seconds);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  out.took_s = seconds_since(begin);
  TRY_ASSIGN(auto const told, wallet::read_text_file(log));
  auto const expected = std::to_string(events) + " recorded, 0 recorded before, 0 refused";
  if (told.find(expected) == told.npos) return Error{Code::E_BUSY, "import", told.substr(0, 2'000)};
  out.nodes_cpu_s = nodes_cpu() - before;
  return out;
}

void tell(Report& report, std::string const& where, Cost const& cost, std::size_t validators, std::size_t events,
          Aim const& aim) {
  auto const micros = [&](double cpu_s) { return 1e6 * cpu_s / static_cast<double>(events); };
  report.add("EPCIS events " + where, static_cast<double>(events) / cost.took_s, "/s", aim);
  report.add("CPU of an event, each node, " + where, micros(cost.nodes_cpu_s) / static_cast<double>(validators), "us");
  report.add("CPU of an event, tally import, " + where, micros(cost.importer_cpu_s), "us");
}

/// A folder of its own, gone when the measuring is over.
struct Home {
  fs::path folder = fs::temp_directory_path() / ("tally-import-bench-" + std::to_string(getpid()));
  Home() = default;
  Home(Home const&) = delete;
  Home& operator=(Home const&) = delete;
  ~Home() {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }
};

Result<void> measure_new_items(Report& report, std::size_t validators, std::size_t events) {
  Home const home;
  TRY_ASSIGN(auto const started, start_network(home.folder, "simplex", {}, validators));
  auto const file = home.folder / "history.json";
  write_history(file, 0, events, std::identity{});
  TRY_ASSIGN(auto const cost, import_into(*started.network, validators, file, events));
  bool const alone = validators == 1;
  tell(report, alone ? "through one node that decides alone" : "through one of four nodes", cost, validators, events,
       at_least(alone ? alone_aim_per_s : aim_per_s));
  return {};
}

}  // namespace

Result<void> measure_import(Report& report, std::size_t events) {
  TRY(measure_new_items(report, 1, events));
  return measure_new_items(report, testnet::nodes, events);
}

Result<void> measure_old_items(Report& report, std::uint64_t keys, unsigned runs) {
  auto const items = keys / keys_an_item;
  if (items == 0) return Error{Code::E_FORM, "KEYS", "2 or more: an item has two"};
  Home const home;
  TRY_ASSIGN(auto const started, start_network(home.folder, "simplex", {}));
  auto const& network = *started.network;
  auto const file = home.folder / "history.json";
  for (std::size_t done = 0; done < items;) {
    auto const events = std::min<std::size_t>(events_a_file, items - done);
    write_history(file, done, events, std::identity{});
    TRY_ASSIGN(auto const cost, import_into(network, testnet::nodes, file, events));
    done += events;
    std::printf("  %zu of %zu items: %.0f events/s, %.1f us a node\n", done, static_cast<std::size_t>(items),
                static_cast<double>(events) / cost.took_s,
                1e6 * cost.nodes_cpu_s / static_cast<double>(events * testnet::nodes));
    std::fflush(stdout);
  }
  std::mt19937_64 random(keys);
  for (unsigned run = 0; run < runs; ++run) {
    write_history(file, items + run * events_of_old_items, events_of_old_items,
                  [&](std::size_t) { return random() % items; });
    TRY_ASSIGN(auto const cost, import_into(network, testnet::nodes, file, events_of_old_items));
    auto const name = "of old items among " + std::to_string(keys) + " keys";
    tell(report, name, cost, testnet::nodes, events_of_old_items, at_least(keys < many_keys ? aim_per_s : floor_per_s));
    double memory = 0;
    for (std::size_t node = 0; node < testnet::nodes; ++node)
      memory = std::max(memory, usage_of(network.pid(node)).memory_at_most_mib);
    report.add("memory of a node at most, " + name, memory, "MiB", at_most(memory_aim_mib));
  }
  return {};
}

}  // namespace bench
