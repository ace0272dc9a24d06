// SPDX-License-Identifier: Apache-2.0
#pragma once

// Members of an object in a journey file: whoever reads one that is missing or of another form is told its place.

#include "base/result.hpp"
#include "base/value.hpp"
#include "ledger/tx.hpp"

namespace testnet {

class Fields {
 public:
  Fields(base::Value const& value, std::string path) : value_(&value), path_(std::move(path)) {}

  bool has(std::string_view name) const { return value_->find(name) != nullptr; }
  /// A string; E_FORM when there is none or it is empty.
  base::Result<std::string> text(std::string_view name) const;
  std::string text_or(std::string_view name, std::string_view otherwise = {}) const;
  /// A decimal that is not negative, in millionths.
  base::Result<ledger::Micro> amount(std::string_view name) const;
  base::Result<std::uint64_t> whole(std::string_view name) const;
  /// "2026-05-20T02:00Z" or RFC 3339.
  base::Result<ledger::TimeMs> time(std::string_view name) const;
  /// A list of strings, with one at least.
  base::Result<std::vector<std::string>> texts(std::string_view name) const;
  /// The elements of a list; none where it is absent.
  base::Result<std::vector<Fields>> list(std::string_view name) const;
  base::Result<Fields> object(std::string_view name) const;
  /// The members of an object by name.
  std::vector<std::pair<std::string, Fields>> members() const;
  base::Error error(std::string_view name, std::string detail) const;
  base::Value const& value() const { return *value_; }

 private:
  base::Value const* value_;
  std::string path_;
};

/// "2026-05-20T02:00Z" as the files write it, or RFC 3339.
std::optional<ledger::TimeMs> file_time(std::string_view text);
/// "S000001..S002000" as its serials; E_FORM for a range that is none or has more than 100,000.
base::Result<std::vector<std::string>> serials_of(std::string_view range, std::string const& field);
/// The shortest decimal of millionths.
std::string decimal(ledger::Micro micro);

}  // namespace testnet
