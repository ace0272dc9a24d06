// SPDX-License-Identifier: Apache-2.0
// Contracts, told from their record and terms by the same code that validators run.
#include <algorithm>

#include "base/time.hpp"
#include "wallet/commands.hpp"
#include "wallet/contract_view.hpp"
#include "wallet/signing.hpp"

namespace wallet {

namespace {

using contracts::escrow::Explanation;

/// What escrow_get takes.
constexpr std::size_t preferred_parties_max = 64;

std::string minute(ledger::TimeMs time) {
  auto text = base::to_rfc3339(time).substr(0, 16);
  text[10] = ' ';
  return text;
}

/// A text in columns: two spaces in front, the name, then the words.
void print_row(char const* mark, std::string const& name, std::string const& text, ledger::TimeMs time) {
  std::printf("  %-5s %-24s %s%s\n", mark, name.c_str(), shown(text).c_str(),
              time == 0 ? "" : ("  " + minute(time)).c_str());
}

void print(Explanation const& told, std::string const& as_of, bool chinese) {
  using When = Explanation::When;
  std::printf("%s   %s\n", painted("1", told.label).c_str(), shown(told.title).c_str());
  std::printf("%s  %s\n\n", told.ended ? (chinese ? "已结束" : "ended") : (chinese ? "进行中" : "open"),
              shown(as_of).c_str());
  for (auto const& row : told.rows) {
    auto const word = row.when == When::done  ? (chinese ? "完成" : "done")
                      : row.when == When::now ? (chinese ? "当前" : "now")
                                              : (chinese ? "之后" : "later");
    print_row(word, row.state, row.text, row.time_ms);
  }
  if (!told.ahead.empty()) std::printf("\n%s\n", chinese ? "接下来" : "What happens next");
  for (auto const& ahead : told.ahead) {
    std::printf("  %-18s %s%s\n", ahead.state.c_str(), ahead.due_ms ? (minute(*ahead.due_ms) + "  ").c_str() : "",
                shown(ahead.text).c_str());
    for (auto const& result : ahead.results) std::printf("      %s\n", shown(result).c_str());
  }
  if (!told.acts.empty()) std::printf("\n%s\n", chinese ? "现在谁可以做什么" : "Who can do what now");
  for (auto const& act : told.acts) std::printf("  %-10s %s\n", act.party.c_str(), shown(act.text).c_str());
  std::printf("\n%s\n", chinese ? "款项" : "Money so far");
  for (auto const& total : told.totals) {
    std::printf("  %-10s %-12s %14s %s %14s %s\n", total.party.c_str(), total.asset.c_str(), total.paid_in.c_str(),
                chinese ? "付入" : "in", total.paid_out.c_str(), chinese ? "收到" : "out");
  }
  for (auto const& sum : told.sums) {
    std::printf("  %s  %s = %s + %s\n", sum.asset.c_str(), sum.paid_in.c_str(), sum.paid_out.c_str(), sum.held.c_str());
  }
}

}  // namespace

int explain_escrow(Options const& options, std::string const& id, std::string const& language) {
  auto client = rpc::connect(options.node);
  if (!client) return code(report(client.error()));
  auto const provider = provider_of(**client, options);
  if (!provider) return code(report(provider.error(), "name the chain's genesis.json with --genesis"));
  // Of several contracts with a label that is meant in which this wallet has a role.
  std::vector<base::PartyId> parties;
  for (auto const& info : list_keys(options.keys)) {
    if (!info.gln.empty()) parties.push_back(ledger::party_id(info.gln));
  }
  std::sort(parties.begin(), parties.end());
  parties.erase(std::unique(parties.begin(), parties.end()), parties.end());
  if (parties.size() > preferred_parties_max) parties.resize(preferred_parties_max);
  auto const found = fetch_contract(*provider, id, parties);
  if (!found) return distrust(found.error());
  bool const chinese = language == "zh";
  auto const told =
      contracts::escrow::explain(found->terms, found->record, found->naming,
                                 chinese ? contracts::escrow::Language::zh : contracts::escrow::Language::en);
  print(told, found->as_of, chinese);
  return code(Exit::done);
}

}  // namespace wallet
