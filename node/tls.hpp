// SPDX-License-Identifier: Apache-2.0
#pragma once

// The keys by which peers know each other: self-signed certificates whose public keys the genesis names. There is no
// certificate authority and no name to check.

#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"

struct x509_st;

namespace node {

struct TlsIdentity {
  std::string key_pem;
  std::string certificate_pem;
  /// SHA-256 of the certificate's SubjectPublicKeyInfo (DER): Validator.tls_key.
  base::Hash pin;
};

/// A fresh P-256 key and a certificate that it signs itself.
TlsIdentity make_tls_identity();
/// The pin of a PEM certificate; E_FORM when it is none.
base::Result<base::Hash> tls_pin(std::string const& certificate_pem);
/// The same of a certificate as OpenSSL holds it.
base::Hash pin_of(x509_st* certificate);
/// 32 bytes from the system's random source.
base::Hash random_bytes();

}  // namespace node
