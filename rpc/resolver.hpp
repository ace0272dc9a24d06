// SPDX-License-Identifier: Apache-2.0
#pragma once

// The GS1 Digital Link resolver: which links this server has about an identifier (RFC 9264), found by walking up from
// the serial over the lot to the product; and what it says of itself.

#include <optional>

#include "rpc/backend.hpp"
#include "rpc/http.hpp"

namespace rpc {

/// True for a path that begins with a primary key of Digital Links, by number or name.
bool is_link_path(std::string_view path);

/// A GET of such a path: the linkset, or the redirect of one link type. Nothing when the page itself is asked for,
/// which the caller serves, with the headers of `link_headers`.
std::optional<Response> resolve_link(ledger::Certified const& at, Request const& request);
/// A compressed link leads to the written-out one; nothing for any other path.
std::optional<Response> resolve_compressed(Request const& request);
/// Where the linkset of a path is, and what it is the same as.
std::vector<std::pair<std::string, std::string>> link_headers(Request const& request);

/// /.well-known/gs1resolver
Response resolver_description(std::string_view chain_name, Request const& request);

}  // namespace rpc
