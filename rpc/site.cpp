// SPDX-License-Identifier: Apache-2.0
#include "rpc/site.hpp"

#include "base/time.hpp"
#include "rpc/dispatch.hpp"
#include "rpc/follower.hpp"
#include "rpc/json.hpp"
#include "rpc/resolver.hpp"

namespace rpc {

namespace {

using base::Value;

/// Nothing from elsewhere, no inline script, no framing. Data may come from a second member's server, which a person
/// names to compare.
constexpr char const* page_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' https: http:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Of proofs and headers, which pages of other members' servers may read as well.
std::vector<std::pair<std::string, std::string>> open_headers() {
  return {{"Cache-Control", "no-store"}, {"Access-Control-Allow-Origin", "*"}};
}

Response not_found(std::string_view path) { return problem(404, "about:blank", "not found", std::string(path)); }

}  // namespace

Response Site::asset(std::string_view name) {
  auto const found = assets_(name);
  if (!found) return not_found(name);
  return {200,
          std::string(found->type),
          std::string(found->bytes),
          {{"Content-Security-Policy", page_policy}, {"Referrer-Policy", "no-referrer"}}};
}

Response Site::anchor() {
  auto const at = backend_.certified();
  auto const status = backend_.status();
  auto body = Value::object();
  body.add("chain", Value::of(at->chain.hex()));
  body.add("name", Value::of(status.chain_name));
  body.add("validators_hash", Value::of(at->validators.hash().hex()));
  body.add("test_clock", Value::of(status.test_clock));
  return {200, "application/json", to_text(body), {{"Cache-Control", "no-store"}}};
}

Response Site::proof(Request const& request) {
  auto const subject = subject_of(percent_decoded(request.path().substr(6)));
  if (!subject) return problem(400, "about:blank", base::name(subject.error().code), to_string(subject.error()));
  auto const said = request.query("last");
  auto const most = ledger::trace_leaves_max;
  auto const last = said.empty() ? std::optional<base::u128>(most) : base::from_decimal(said.front(), most);
  if (!last) return problem(400, "about:blank", "E_FORM", "last: a number of leaves up to 4096");
  auto const behind = request.query("witnessed");
  constexpr auto behind_max = Witnesses::kept_ms / 1000;
  auto const seconds = behind.empty() ? std::optional<base::u128>(0) : base::from_decimal(behind.front(), behind_max);
  if (!seconds) return problem(400, "about:blank", "E_FORM", "witnessed: seconds, up to 60");
  auto const at = backend_.witnesses().seen(backend_.certified(), static_cast<ledger::TimeMs>(*seconds) * 1000);
  auto const built = ledger::prove_trace(*at, *subject, static_cast<std::size_t>(*last));
  if (!built) return problem(404, "about:blank", base::name(built.error().code), to_string(built.error()));
  auto const bytes = base::encode(*built);
  // Of what is not recorded the answer says so and proves it.
  return {built->histories.empty() ? 404u : 200u, "application/octet-stream", std::string(base::text_of(bytes)),
          open_headers()};
}

/// A result header with its finality, one after the other.
Response Site::header(std::string_view text) {
  auto const height = base::from_decimal(text, ~std::uint64_t{0});
  if (!height) return problem(400, "about:blank", "E_FORM", "/header/HEIGHT: a number");
  auto const at = backend_.certified();
  std::optional result(at->header);
  auto finality = at->finality;
  if (*height != at->header.height) {
    auto const block = backend_.block(static_cast<ledger::Height>(*height));
    result = block ? block->result : std::nullopt;
    finality = block ? block->finality : std::nullopt;
  }
  if (!result || !finality) return not_found("/header/" + std::string(text));
  auto bytes = base::encode(*result);
  auto const more = base::encode(*finality);
  bytes.insert(bytes.end(), more.begin(), more.end());
  return {200, "application/octet-stream", std::string(base::text_of(bytes)), open_headers()};
}

Response Site::digital_link(Request const& request) {
  if (auto resolved = resolve_link(*backend_.certified(), request)) return *std::move(resolved);
  auto out = asset("trace.html");
  for (auto& header : link_headers(request)) out.headers.push_back(std::move(header));
  return out;
}

Response Site::page(Request const& request) {
  auto const path = request.path();
  if (path == "/") return asset("index.html");
  if (path == "/anchor.json") return anchor();
  if (path == "/.well-known/gs1resolver") return resolver_description(backend_.status().chain_name, request);
  if (path.starts_with("/proof/")) return proof(request);
  if (path.starts_with("/header/")) return header(path.substr(8));
  if (path.starts_with("/assets/")) return asset(path.substr(8));
  if (is_link_path(path)) return digital_link(request);
  if (auto link = resolve_compressed(request)) return *std::move(link);
  return not_found(path);
}

Response Site::call(Request const& request, bool as_member) {
  auto body = dispatch(backend_, as_member ? Access::member : Access::everybody, request.body);
  return {body.empty() ? 204u : 200u, "application/json", std::move(body), {}};
}

Response Site::everybody(Request const& request) {
  if (request.method == "POST" && request.path() == "/") return call(request, false);
  if (request.method == "GET" || request.method == "HEAD") return page(request);
  return problem(405, "about:blank", "method not allowed", request.method);
}

Response Site::member(Request const& request) {
  if (request.path().starts_with("/epcis")) return epcis_.handle(request);
  if (request.path().starts_with("/alarms")) return alarms_.handle(request);
  if (request.method == "POST" && request.path() == "/") return call(request, true);
  return everybody(request);
}

Response Site::admin(Request const& request) {
  auto const status = backend_.status();
  auto const path = request.path();
  if (path == "/livez") return {200, "text/plain", "ok\n", {}};
  if (path == "/readyz") {
    if (status.not_ready.empty()) return {200, "text/plain", "ready: " + status.phase + "\n", {}};
    return {503, "text/plain", "not ready: " + status.not_ready + "\n", {}};
  }
  if (path == "/metrics") {
    auto const at = backend_.certified();
    std::size_t connected = 0;
    for (auto const& peer : status.peers) connected += peer.connected ? 1u : 0u;
    std::string text;
    auto const gauge = [&](char const* name, char const* help, std::uint64_t value) {
      text += std::string("# HELP ") + name + " " + help + "\n# TYPE " + name + " gauge\n" + name + " " +
              std::to_string(value) + "\n";
    };
    gauge("tally_consensus_height", "Newest certified height.", at->header.height);
    gauge("tally_consensus_view", "Current view.", status.view);
    gauge("tally_mempool_txs", "Transactions that wait.", status.mempool_transactions);
    gauge("tally_mempool_bytes", "Their bytes.", status.mempool_bytes);
    gauge("tally_peers_connected", "Validators connected.", connected);
    gauge("tally_ready", "1 when the node takes part and answers.", status.not_ready.empty() ? 1 : 0);
    return {200, "text/plain; version=0.0.4", text, {}};
  }
  return not_found(path);
}

std::unique_ptr<Session> Site::open_session(Request const& request) {
  if (request.path().starts_with("/epcis")) return epcis_.open_session(request);
  return open_follower(backend_);
}

}  // namespace rpc
