// SPDX-License-Identifier: Apache-2.0
#include "rpc/lookup.hpp"

#include <arpa/inet.h>
#include <netdb.h>

#include <array>
#include <future>
#include <system_error>
#include <thread>

namespace rpc {

namespace {

base::Error unreachable(std::string const& host, std::string why) {
  return {base::Code::E_UNREACHABLE, host, std::move(why)};
}

bool is_numeric(std::string const& host) {
  in6_addr address;
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 || ::inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

}  // namespace

base::Result<Addresses> system_addresses(std::string const& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (auto const error = ::getaddrinfo(host.c_str(), nullptr, &hints, &found); error != 0)
    return unreachable(host, ::gai_strerror(error));
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> const list(found, ::freeaddrinfo);
  Addresses out;
  for (auto const* one = found; one != nullptr; one = one->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    auto const error =
        ::getnameinfo(one->ai_addr, one->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
    if (error != 0) return unreachable(host, ::gai_strerror(error));
    out.emplace_back(text.data());
  }
  return out;
}

base::Result<Addresses> Lookup::operator()(std::string const& host,
                                           std::chrono::steady_clock::time_point deadline) const {
  if (is_numeric(host)) return Addresses{host};
  if (running_->fetch_add(1) >= running_max) {
    --*running_;
    return unreachable(host, std::to_string(running_max) + " look-ups of names hang already");
  }
  std::packaged_task<base::Result<Addresses>()> task([resolve = resolve_, running = running_, host] {
    auto out = resolve(host);
    --*running;
    return out;
  });
  auto answer = task.get_future();
  try {
    std::thread(std::move(task)).detach();
  } catch (std::system_error const& error) {
    --*running_;
    return unreachable(host, std::string("no thread looks it up: ") + error.what());
  }
  if (answer.wait_until(deadline) != std::future_status::ready)
    return unreachable(host, "no name server told its address in time");
  return answer.get();
}

}  // namespace rpc
