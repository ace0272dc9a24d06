// SPDX-License-Identifier: Apache-2.0
#pragma once

// EPCIS XML at the edge: versions 1.0 to 2.0 become the JSON-LD that everything behind it reads. The reader judges the
// result (gs1/event.hpp); here only what has no JSON form is refused. Nothing outside the text is read: no entities, no
// schemas.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace rpc {

/// True for a text that begins as XML does.
bool is_xml(std::string_view text);

/// An EPCISDocument, an EPCISQueryDocument with results, or one event becomes the same in JSON-LD; a Poll becomes its
/// query's parameters (gs1/query.hpp). Namespaces of extensions become prefixes of "@context". E_EVENT_FORM with the
/// element at fault; E_TOO_LARGE.
base::Result<std::string> json_of_xml(std::string_view xml);

}  // namespace rpc
