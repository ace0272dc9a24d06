// SPDX-License-Identifier: Apache-2.0
#include "rpc/poster.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

namespace rpc {

namespace {

namespace net = boost::asio;
namespace ssl = net::ssl;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = net::ip::tcp;
using SystemError = beast::error_code;
using base::Code;
using base::Error;

/// Only the status is of interest.
constexpr std::size_t answer_bytes_max = std::size_t{64} << 10;

/// One request on a context of its own; each step ends in time.
class Exchange {
 public:
  Exchange(Destination const& to, PostLimits const& limits)
      : to_(to), deadline_(std::chrono::steady_clock::now() + std::chrono::milliseconds(limits.timeout_ms)) {}

  net::io_context& context() { return context_; }
  std::chrono::steady_clock::time_point deadline() const { return deadline_; }

  template <class Start>
  SystemError run(beast::tcp_stream& stream, Start start) {
    SystemError result;
    stream.expires_at(deadline_);
    start([&](SystemError error, auto const&...) { result = error; });
    context_.restart();
    context_.run();
    return result;
  }

  base::Result<void> connect(beast::tcp_stream& stream, std::vector<Tcp::endpoint> const& endpoints) {
    SystemError error;
    for (auto const& endpoint : endpoints) {
      error = run(stream, [&](auto done) { stream.async_connect(endpoint, done); });
      if (!error) return {};
      stream.close();
    }
    return failed(error);
  }

  template <class Stream>
  base::Result<unsigned> send(Stream& stream, beast::tcp_stream& lowest,
                              http::request<http::string_body> const& request) {
    if (auto const error = run(lowest, [&](auto done) { http::async_write(stream, request, done); }))
      return failed(error);
    http::response_parser<http::string_body> parser;
    parser.body_limit(answer_bytes_max);
    beast::flat_buffer buffer;
    auto const error = run(lowest, [&](auto done) { http::async_read_header(stream, buffer, parser, done); });
    if (error) return failed(error);
    return parser.get().result_int();
  }

  Error failed(SystemError const& error) const { return {Code::E_UNREACHABLE, to_.authority(), error.message()}; }

 private:
  Destination const& to_;
  std::chrono::steady_clock::time_point deadline_;
  net::io_context context_;
};

class HttpPoster final : public Poster {
 public:
  HttpPoster(PostLimits limits, ssl::context tls)
      : look_up_(limits.resolve), limits_(std::move(limits)), tls_(std::move(tls)) {}

  base::Result<unsigned> post(Destination const& to, std::string body,
                              std::vector<std::pair<std::string, std::string>> const& headers) override {
    http::request<http::string_body> request(http::verb::post, to.path, 11);
    request.set(http::field::host, to.authority());
    request.set(http::field::user_agent, "tally");
    request.set(http::field::content_type, "application/json");
    request.set(http::field::connection, "close");
    for (auto const& [name, value] : headers) request.set(name, value);
    request.body() = std::move(body);
    request.prepare_payload();
    Exchange exchange(to, limits_);
    TRY_ASSIGN(auto const endpoints, addresses(exchange, to));
    if (!to.secure) {
      beast::tcp_stream stream(exchange.context());
      TRY(exchange.connect(stream, endpoints));
      return exchange.send(stream, stream, request);
    }
    ssl::stream<beast::tcp_stream> stream(exchange.context(), tls_);
    auto& lowest = stream.next_layer();
    stream.set_verify_callback(ssl::host_name_verification(to.host));
    // SSL_set_tlsext_host_name, which is a macro with a cast of C.
    auto name = to.host;
    if (SSL_ctrl(stream.native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data()) != 1)
      return Error{Code::E_UNREACHABLE, to.authority(), "no name for TLS"};
    TRY(exchange.connect(lowest, endpoints));
    auto const error = exchange.run(lowest, [&](auto done) { stream.async_handshake(ssl::stream_base::client, done); });
    if (error) return exchange.failed(error);
    return exchange.send(stream, lowest, request);
  }

 private:
  /// Those of the name, all of which must be allowed: a name that has also others is made to mislead.
  base::Result<std::vector<Tcp::endpoint>> addresses(Exchange const& exchange, Destination const& to) {
    TRY_ASSIGN(auto const found, look_up_(to.host, exchange.deadline()));
    auto const port = static_cast<std::uint16_t>(std::stoul(to.port));
    std::vector<Tcp::endpoint> out;
    for (auto const& address : found) {
      bool const open = is_public_address(address);
      if (!open && !limits_.allow_private) {
        return Error{Code::E_NOT_ALLOWED_HERE, "dest",
                     to.host + " is " + address + ", no public address; [webhooks] allow_private in node.toml"};
      }
      if (open && !to.secure)
        return Error{Code::E_NOT_ALLOWED_HERE, "dest", "plain http stays in private networks; use https://"};
      SystemError error;
      auto const numeric = net::ip::make_address(address, error);
      if (error) return exchange.failed(error);
      out.emplace_back(numeric, port);
    }
    return out;
  }

  Lookup look_up_;
  PostLimits limits_;
  ssl::context tls_;
};

}  // namespace

base::Result<std::unique_ptr<Poster>> open_poster(PostLimits limits) {
  ssl::context tls(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
  tls.set_verify_mode(ssl::verify_peer);
  SystemError error;
  if (limits.ca_file.empty()) {
    tls.set_default_verify_paths(error);
  } else {
    tls.load_verify_file(limits.ca_file, error);
  }
  if (error) return Error{Code::E_FORM, limits.ca_file, "cannot be read as certificates: " + error.message()};
  return std::unique_ptr<Poster>(std::make_unique<HttpPoster>(std::move(limits), std::move(tls)));
}

}  // namespace rpc
