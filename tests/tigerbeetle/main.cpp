// SPDX-License-Identifier: Apache-2.0
// tigerbeetle_cases FILE…: plays published table tests of accounts and transfers through this ledger's double entry,
// idempotency keys and transaction form. Prints what differs by design with its reason, and passed, failed, differs;
// exits with 1 when a row fails or one in ten differs.
#include <cstdio>

#include "expect.hpp"

namespace tigerbeetle {

namespace {

using base::Value;

class Tables {
 public:
  void play(Value const& table) {
    table_ = table.string_of("name");
    machine_ = Machine();
    auto const* steps = table.find("steps");
    for (std::size_t i = 0; steps != nullptr && i < steps->items.size(); ++i) step(steps->items[i]);
  }
  int report() const {
    for (auto const& [reason, rows] : reasons_) {
      std::printf("differs %3zu  %s\n", rows.size(), reason.c_str());
      for (auto const& row : rows) std::printf("             %s\n", row.c_str());
    }
    auto const rows = passed_ + failed_ + differs_;
    std::printf("passed %zu  failed %zu  differs %zu\n", passed_, failed_, differs_);
    return failed_ == 0 && rows > 0 && differs_ * 10 < rows ? 0 : 1;
  }

 private:
  void step(Value const& step) {
    auto const op = step.string_of("op");
    if (op == "tick") return tick(step);
    if (op == "setup_balance") {
      contracts::money::Counters counters;
      counters.debits_pending = number(step, "debits_pending");
      counters.debits_posted = number(step, "debits_posted");
      counters.credits_pending = number(step, "credits_pending");
      counters.credits_posted = number(step, "credits_posted");
      return machine_.set_balance(number(step, "account"), counters);
    }
    std::vector<Row> rows;
    for (auto const& event : step.find("events")->items) {
      auto const kind = event.string_of("op");
      if (kind == "lookup_account") {
        look_up_account(event);
      } else if (kind == "lookup_transfer") {
        look_up_transfer(event);
      } else {
        rows.push_back(read_row(event));
      }
    }
    for (std::size_t begin = 0; begin < rows.size();) {
      auto end = begin;
      while (end < rows.size() && rows[end].is("linked")) ++end;
      bool const open = end == rows.size();
      end = open ? end : end + 1;
      chain({rows.begin() + static_cast<std::ptrdiff_t>(begin), rows.begin() + static_cast<std::ptrdiff_t>(end)}, open);
      begin = end;
    }
  }

  void tick(Value const& step) {
    bool const seconds = step.string_of("unit") == "seconds";
    auto const& text = step.find("value")->text;
    bool const before_end = text.starts_with('-');
    auto const value = base::from_decimal(before_end ? text.substr(1) : text);
    auto const by = static_cast<TimeMs>(value.value_or(0)) * (seconds ? 1'000'000'000 : 1);
    before_end ? machine_.tick_to_end(by) : machine_.tick(by);
  }

  /// One row, or several of which all or none are kept.
  void chain(std::vector<Row> const& rows, bool open) {
    auto const before = machine_;
    bool failed = open;
    std::size_t at = 0;
    std::optional<Result> stopped;
    std::vector<Result> results;
    for (; at < rows.size() && !stopped; ++at) {
      if (auto const reason = differs_before(rows[at], machine_)) {
        if (rows.size() == 1) return differ(rows[at], *reason);
        failed = true;
        break;
      }
      results.push_back(machine_.create(rows[at]));
      if (results.back().code != base::Code::done && rows.size() > 1) stopped = results.back();
    }
    if (stopped || failed) {
      machine_ = before;
      // What failed is undone too, but its key stays burnt, as that of a transaction that was included.
      bool const repeats = stopped && (stopped->code == base::Code::id_already_failed ||
                                       base::name(stopped->code).starts_with("exists"));
      bool const included = stopped && !repeats && !base::is_excluded(stopped->code);
      if (included) machine_.burn(rows[at - 1], *stopped);
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
      bool const last_of_open = open && i + 1 == rows.size();
      bool const is_undone = (stopped && i + 1 != at) || failed;
      if (last_of_open) {
        judge(rows[i], machine_.create_truncated(rows[i]));
      } else if (stopped && i + 1 == at) {
        judge(rows[i], *stopped);
      } else if (is_undone) {
        count(rows[i].status == "linked_event_failed", rows[i], "undone with its chain");
      } else {
        judge(rows[i], results[i]);
      }
    }
  }

  void judge(Row const& row, Result const& result) {
    if (agrees(row, result)) return count(true, row, "");
    if (auto const reason = differs(row, result)) return differ(row, *reason);
    count(false, row, std::string(base::name(result.code)) + " " + result.field);
  }
  void count(bool passes, Row const& row, std::string const& got) {
    ++(passes ? passed_ : failed_);
    if (passes) return;
    std::printf("failed  %s: %s %s: %s, here %s\n", table_.c_str(), row.is_account ? "account" : "transfer",
                base::to_decimal(row.id).c_str(), row.status.c_str(), got.c_str());
  }
  void differ(Row const& row, std::string const& reason) {
    differ((row.is_account ? "account " : "transfer ") + base::to_decimal(row.id) + " " + row.status, reason);
  }
  void differ(std::string const& row, std::string const& reason) {
    ++differs_;
    reasons_[reason].push_back(table_ + ": " + row);
  }

  void look_up_account(Value const& event) {
    auto const* account = machine_.account(number(event, "id"));
    auto const* expect = event.find("expect");
    bool const is_expected = expect != nullptr && expect->is(Value::Kind::object);
    if (is_expected && expect->find("closed")->boolean)
      return differ("account " + std::string(event.string_of("id")), "accounts are never closed: credits go on");
    bool holds = is_expected == (account != nullptr);
    if (holds && is_expected) {
      auto const& counters = account->counters;
      holds = counters.debits_pending == number(*expect, "debits_pending") &&
              counters.debits_posted == number(*expect, "debits_posted") &&
              counters.credits_pending == number(*expect, "credits_pending") &&
              counters.credits_posted == number(*expect, "credits_posted");
    }
    looked_up(holds, "account", event);
  }
  void look_up_transfer(Value const& event) {
    auto const* transfer = machine_.transfer(number(event, "id"));
    auto const field = event.string_of("field");
    auto const* expect = event.find("expect");
    bool holds = false;
    if (field == "exists") {
      holds = (expect != nullptr && expect->boolean) == (transfer != nullptr);
    } else if (transfer != nullptr) {
      holds = number(event, "expect") == (field == "amount" ? transfer->amount : Amount{transfer->time_ms});
    }
    looked_up(holds, "transfer", event);
  }
  void looked_up(bool holds, char const* what, Value const& event) {
    ++(holds ? passed_ : failed_);
    if (holds) return;
    auto const id = base::to_decimal(number(event, "id"));
    std::printf("failed  %s: %s %s is not what the table expects\n", table_.c_str(), what, id.c_str());
  }

  std::string table_;
  Machine machine_;
  std::size_t passed_ = 0;
  std::size_t failed_ = 0;
  std::size_t differs_ = 0;
  std::map<std::string, std::vector<std::string>> reasons_;
};

}  // namespace

}  // namespace tigerbeetle

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: tigerbeetle_cases FILE…   tables of accounts and transfers as JSON\n");
    return 2;
  }
  tigerbeetle::Tables tables;
  for (int i = 1; i < argc; ++i) {
    auto const read = tigerbeetle::read_tables(argv[i]);
    if (!read) {
      std::fprintf(stderr, "error  %s\n", base::to_string(read.error()).c_str());
      return 1;
    }
    for (auto const& table : read->items) tables.play(table);
  }
  return tables.report();
}
