// SPDX-License-Identifier: Apache-2.0
#include "rpc/client.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "base/number.hpp"
#include "rpc/json.hpp"

namespace rpc {

namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using Tcp = net::ip::tcp;
using SystemError = beast::error_code;

constexpr std::size_t answer_bytes_max = std::size_t{64} << 20;

class HttpClient final : public Client {
 public:
  HttpClient(std::string host, std::string port, std::uint64_t timeout_ms)
      : host_(std::move(host)), port_(std::move(port)), timeout_ms_(timeout_ms) {}

  base::Result<Answer> send(std::string const& method, std::string const& target, std::string body,
                            std::vector<std::pair<std::string, std::string>> const& headers) override {
    http::request<http::string_body> request;
    request.method_string(method);
    request.target(target);
    request.version(11);
    request.set(http::field::host, host_ + ":" + port_);
    request.set(http::field::content_type, "application/json");
    for (auto const& [name, value] : headers) request.set(name, value);
    request.body() = std::move(body);
    request.prepare_payload();
    bool const reused = stream_.has_value();
    auto answer = exchange(request);
    // A server may have closed a kept connection; nothing of this request was read by it then.
    if (!answer && reused && answer.error().detail == closed) answer = exchange(request);
    return answer;
  }

 private:
  static constexpr char const* closed = "the connection was closed";

  base::Error failure(SystemError const& error) {
    stream_.reset();
    bool const gone = error == http::error::end_of_stream || error == net::error::broken_pipe ||
                      error == net::error::connection_reset;
    return {base::Code::E_UNREACHABLE, "http://" + host_ + ":" + port_, gone ? closed : error.message()};
  }

  /// Runs one asynchronous step to its end; the stream's own timer ends it in time.
  template <class Start>
  SystemError run(Start start) {
    SystemError result;
    stream_->expires_after(std::chrono::milliseconds(timeout_ms_));
    start([&](SystemError error, auto const&...) { result = error; });
    context_.restart();
    context_.run();
    return result;
  }

  base::Result<Answer> exchange(http::request<http::string_body> const& request) {
    if (!stream_) {
      SystemError error;
      Tcp::resolver resolver(context_);
      auto const found = resolver.resolve(host_, port_, error);
      if (error) return failure(error);
      stream_.emplace(context_);
      if (auto const failed = run([&](auto done) { stream_->async_connect(found, done); })) return failure(failed);
    }
    if (auto const error = run([&](auto done) { http::async_write(*stream_, request, done); })) return failure(error);
    http::response_parser<http::string_body> parser;
    parser.body_limit(answer_bytes_max);
    beast::flat_buffer buffer;
    if (auto const error = run([&](auto done) { http::async_read(*stream_, buffer, parser, done); }))
      return failure(error);
    auto response = parser.release();
    Answer answer;
    answer.status = response.result_int();
    for (auto const& field : response)
      answer.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
    answer.body = std::move(response.body());
    if (!response.keep_alive()) stream_.reset();
    return answer;
  }

  std::string host_;
  std::string port_;
  std::uint64_t timeout_ms_;
  net::io_context context_;
  std::optional<beast::tcp_stream> stream_;
};

}  // namespace

base::Result<std::unique_ptr<Client>> connect(std::string const& url, std::uint64_t timeout_ms) {
  std::string_view rest = url;
  std::string_view const scheme = "http://";
  if (!rest.starts_with(scheme)) return base::Error{base::Code::E_FORM, url, "expected http://host:port"};
  rest.remove_prefix(scheme.size());
  if (rest.ends_with('/')) rest.remove_suffix(1);
  auto const colon = rest.rfind(':');
  if (rest.empty() || rest.find('/') != std::string_view::npos) {
    return base::Error{base::Code::E_FORM, url, "expected http://host:port"};
  }
  std::string const host(rest.substr(0, colon));
  std::string const port(colon == std::string_view::npos ? "80" : rest.substr(colon + 1));
  return std::unique_ptr<Client>(std::make_unique<HttpClient>(host, port, timeout_ms));
}

base::Result<base::Value> Client::call(std::string const& method, base::Value params) {
  auto request = base::Value::object();
  request.add("jsonrpc", base::Value::of("2.0"));
  request.add("id", base::Value::of(std::uint64_t{1}));
  request.add("method", base::Value::of(method));
  request.add("params", std::move(params));
  TRY_ASSIGN(auto const answer, send("POST", "/", to_text(request)));
  TRY_ASSIGN(auto const value, from_answer(answer.body));
  if (auto const* result = value.find("result")) return *result;
  auto const* error = value.find("error");
  if (error == nullptr) return base::Error{base::Code::E_ENCODING, method, "the answer is no JSON-RPC"};
  auto const* number = error->find("code");
  auto const* data = error->find("data");
  constexpr std::uint16_t unknown = 65535;
  auto const code =
      static_cast<std::uint16_t>(base::from_decimal(number == nullptr ? "" : number->text, unknown).value_or(unknown));
  if (base::known(code) && data != nullptr) {
    return base::Error{static_cast<base::Code>(code), std::string(data->string_of("field")),
                       std::string(data->string_of("hint"))};
  }
  return base::Error{base::Code::E_ENCODING, method, std::string(error->string_of("message"))};
}

}  // namespace rpc
