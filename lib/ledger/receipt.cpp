// SPDX-License-Identifier: Apache-2.0
#include "ledger/receipt.hpp"

namespace ledger {

namespace {

crypto::NodeSource nodes_of(Certified const& at) {
  return [state = at.state](unsigned level, std::uint64_t index) { return *log_node(*state, level, index); };
}

/// Deterministic CBOR (RFC 8949, section 4.2.1), as much as a receipt has.
class Cbor {
 public:
  Cbor& number(std::int64_t value) {
    return value < 0 ? head(1, static_cast<std::uint64_t>(-1 - value)) : head(0, static_cast<std::uint64_t>(value));
  }
  Cbor& bytes(BytesView value) {
    head(2, value.size());
    base::append(out_, value);
    return *this;
  }
  Cbor& text(std::string_view value) {
    head(3, value.size());
    base::append(out_, base::bytes_of(value));
    return *this;
  }
  Cbor& list(std::size_t size) { return head(4, size); }
  Cbor& map(std::size_t size) { return head(5, size); }
  Cbor& tag(std::uint64_t value) { return head(6, value); }
  Cbor& nil() {
    out_.push_back(0xf6);
    return *this;
  }
  Bytes const& get() const { return out_; }

 private:
  Cbor& head(unsigned major, std::uint64_t value) {
    auto const first = static_cast<std::uint8_t>(major << 5);
    unsigned const wide = value < 24 ? 0 : value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x100000000 ? 4 : 8;
    if (wide == 0) {
      out_.push_back(static_cast<std::uint8_t>(first | value));
      return *this;
    }
    auto const code = wide == 1 ? 24 : wide == 2 ? 25 : wide == 4 ? 26 : 27;
    out_.push_back(static_cast<std::uint8_t>(first | code));
    base::append(out_, BytesView(big_endian(value)).last(wide));
    return *this;
  }

  Bytes out_;
};

// Labels of RFC 9052, 9597 (claims, RFC 8392) and 9942.
constexpr std::int64_t label_alg = 1;
constexpr std::int64_t label_key_id = 4;
constexpr std::int64_t label_claims = 15;
constexpr std::int64_t label_structure = 395;
constexpr std::int64_t label_proofs = 396;
constexpr std::int64_t claim_issuer = 1;
constexpr std::int64_t claim_subject = 2;
constexpr std::int64_t claim_issued_at = 6;
constexpr std::int64_t alg_eddsa = -8;
constexpr std::int64_t rfc9162_sha256 = 1;
constexpr std::int64_t inclusion_proofs = -1;
constexpr std::uint64_t tag_sign1 = 18;

Bytes protected_header(LogInclusion const& inclusion, base::ValidatorKey const& key) {
  auto const leaf = base::decode<LogLeaf>(inclusion.leaf);
  CHECK(leaf.has_value());
  Cbor out;
  out.map(4).number(label_alg).number(alg_eddsa).number(label_key_id).bytes(key.view());
  out.number(label_claims).map(3).number(claim_issuer).text(inclusion.chain.hex());
  out.number(claim_subject).text(leaf->transaction.hex() + "/" + std::to_string(leaf->event_index));
  out.number(claim_issued_at).number(static_cast<std::int64_t>(inclusion.time_ms / 1000));
  return out.number(label_structure).number(rfc9162_sha256).get();
}

}  // namespace

std::optional<LogInclusion> log_inclusion(Certified const& at, std::uint64_t index) {
  auto const size = at.header.event_log_size;
  if (index >= size) return std::nullopt;
  LogInclusion out;
  out.chain = at.chain;
  out.height = at.header.height;
  out.time_ms = at.header.time_ms;
  out.size = size;
  out.root = at.header.event_log_root;
  out.index = index;
  out.leaf = base::encode(log_leaf(*stored_event(*at.state, index)));
  out.path = crypto::audit_path(size, index, nodes_of(at));
  return out;
}

std::optional<std::vector<Hash>> log_consistency(Certified const& at, std::uint64_t first) {
  if (first == 0 || first > at.header.event_log_size) return std::nullopt;
  return crypto::consistency_proof(first, at.header.event_log_size, nodes_of(at));
}

std::optional<Hash> log_root_of(Certified const& at, std::uint64_t size) {
  if (size > at.header.event_log_size) return std::nullopt;
  // The proof of an empty range is the root itself.
  return size == 0 ? crypto::log_root({}) : crypto::range_proof(size, 0, 0, nodes_of(at)).front();
}

Bytes cose_receipt(LogInclusion const& inclusion, crypto::ValidatorSecret const& secret) {
  auto const head = protected_header(inclusion, crypto::validator_key(secret));
  Cbor to_sign;
  to_sign.list(4).text("Signature1").bytes(head).bytes({}).bytes(inclusion.root.view());
  auto const signature = crypto::validator_sign_bytes(secret, to_sign.get());

  Cbor proof;
  proof.list(3).number(static_cast<std::int64_t>(inclusion.size)).number(static_cast<std::int64_t>(inclusion.index));
  proof.list(inclusion.path.size());
  for (auto const& hash : inclusion.path) proof.bytes(hash.view());
  Cbor out;
  out.tag(tag_sign1).list(4).bytes(head);
  out.map(1).number(label_proofs).map(1).number(inclusion_proofs).list(1).bytes(proof.get());
  return out.nil().bytes(signature.view()).get();
}

}  // namespace ledger
