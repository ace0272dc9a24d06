// SPDX-License-Identifier: Apache-2.0
#include "bench/import.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
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

/// A firm's history: its own serials seen at its own sites.
void write_history(fs::path const& file, std::size_t events) {
  std::ofstream out(file, std::ios::binary);
  out << R"({"@context":["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],"type":"EPCISDocument",)"
         R"("schemaVersion":"2.0","creationDate":"2026-05-31T12:00:00Z","epcisBody":{"eventList":[)";
  for (std::size_t i = 0; i < events; ++i) {
    char time[32];
    std::snprintf(time, sizeof time, "2026-05-31T%02zu:%02zu:%02zu.%03zuZ", i / 1000 / 3600 % 24, i / 1000 / 60 % 60,
                  i / 1000 % 60, i % 1000);
    out << (i == 0 ? "" : ",\n") << R"({"type":"ObjectEvent","eventTime":")" << time
        << R"(","eventTimeZoneOffset":"+08:00","epcList":["https://id.gs1.org/01/09521001000109/21/H)" << i
        << R"("],"action":"OBSERVE","bizStep":"storing","disposition":"in_progress",)"
           R"("readPoint":{"id":"https://id.gs1.org/414/9521001000024"},)"
           R"("bizLocation":{"id":"https://id.gs1.org/414/9521001000024"},)"
           R"("bizTransactionList":[{"type":"po","bizTransaction":"https://id.gs1.org/253/9521001000000PO)"
        << i / 50 << R"("}],"sourceList":[{"type":"owning_party","source":"https://id.gs1.org/417/9521001000000"}]})";
  }
  out << "]}}\n";
}

Result<void> import_into(Report& report, std::size_t validators, std::size_t events) {
  auto const home = fs::temp_directory_path() / ("tally-import-bench-" + std::to_string(getpid()));
  TRY_ASSIGN(auto const started, start_network(home, "simplex", {}, validators));
  auto& network = *started.network;
  auto const file = home / "history.json";
  write_history(file, events);
  std::vector<Usage> before;
  for (std::size_t node = 0; node < validators; ++node) before.push_back(usage_of(network.pid(node)));
  auto const begin = Steady::now();
  auto const seconds = [&] { return std::chrono::duration<double>(Steady::now() - begin).count(); };
  testnet::Process importer({(testnet::own_binary().parent_path() / "tally").string(), "import", file.string(), "--key",
                             "SERICA", "--node", network.member_url(0), "--keys", network.keys_folder().string(),
                             "--passphrase-file", (network.keys_folder() / "passphrase").string()},
                            home / "import.log");
  double importer_cpu = 0;
  while (importer.running() && seconds() < patience_s) {
    importer_cpu = std::max(importer_cpu, usage_of(importer.pid()).cpu_seconds);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  auto const took = seconds();
  TRY_ASSIGN(auto const told, wallet::read_text_file(home / "import.log"));
  auto const expected = std::to_string(events) + " recorded, 0 recorded before, 0 refused";
  if (told.find(expected) == told.npos) return Error{Code::E_BUSY, "import", told.substr(0, 2'000)};
  double nodes_cpu = 0;
  for (std::size_t node = 0; node < validators; ++node)
    nodes_cpu += usage_of(network.pid(node)).cpu_seconds - before[node].cpu_seconds;
  auto const micros = [&](double cpu) { return 1e6 * cpu / static_cast<double>(events); };
  auto const where = validators == 1 ? std::string("one node that decides alone") : std::string("one of four nodes");
  auto const aim = validators == 1 ? std::optional(at_least(alone_aim_per_s)) : std::optional(at_least(aim_per_s));
  report.add("EPCIS events through " + where, static_cast<double>(events) / took, "/s", aim);
  report.add("CPU of an event, each node, through " + where, micros(nodes_cpu) / static_cast<double>(validators), "us");
  report.add("CPU of an event, tally import, through " + where, micros(importer_cpu), "us");
  std::error_code ignored;
  fs::remove_all(home, ignored);
  return {};
}

}  // namespace

Result<void> measure_import(Report& report, std::size_t events) {
  TRY(import_into(report, 1, events));
  return import_into(report, testnet::nodes, events);
}

}  // namespace bench
