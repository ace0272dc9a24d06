// SPDX-License-Identifier: Apache-2.0
#include "node/tls.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <memory>

namespace node {

namespace {

template <class T, void (*release)(T*)>
struct Release {
  void operator()(T* object) const { release(object); }
};
void free_bio(BIO* bio) { BIO_free(bio); }
using Bio = std::unique_ptr<BIO, Release<BIO, free_bio>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY, EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Release<X509, X509_free>>;

std::string text_of(BIO* bio) {
  char* data = nullptr;
  auto const size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

/// Peers look at the key alone; the times only keep strict readers of certificates content.
constexpr long a_century_s = 100L * 365 * 24 * 3600;

}  // namespace

TlsIdentity make_tls_identity() {
  Key const key(EVP_EC_gen("P-256"));
  Certificate const certificate(X509_new());
  CHECK(key && certificate);
  bool good = X509_set_version(certificate.get(), X509_VERSION_3) == 1;
  good = good && ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1) == 1;
  good = good && ASN1_TIME_set_string(X509_getm_notBefore(certificate.get()), "20200101000000Z") == 1;
  good = good && X509_gmtime_adj(X509_getm_notAfter(certificate.get()), a_century_s) != nullptr;
  auto* const name = X509_get_subject_name(certificate.get());
  auto const* const text = reinterpret_cast<unsigned char const*>("tally validator");
  good = good && X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1;
  good = good && X509_set_issuer_name(certificate.get(), name) == 1;
  good = good && X509_set_pubkey(certificate.get(), key.get()) == 1;
  good = good && X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0;
  Bio const key_text(BIO_new(BIO_s_mem()));
  Bio const certificate_text(BIO_new(BIO_s_mem()));
  good = good && PEM_write_bio_PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1;
  good = good && PEM_write_bio_X509(certificate_text.get(), certificate.get()) == 1;
  CHECK(good);
  return {text_of(key_text.get()), text_of(certificate_text.get()), pin_of(certificate.get())};
}

base::Result<base::Hash> tls_pin(std::string const& certificate_pem) {
  Bio const text(BIO_new_mem_buf(certificate_pem.data(), static_cast<int>(certificate_pem.size())));
  Certificate const certificate(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
  if (!certificate) return base::Error{base::Code::E_FORM, "", "not a certificate in PEM form"};
  return pin_of(certificate.get());
}

base::Hash pin_of(X509* certificate) {
  base::Hash out;
  // Not X509_pubkey_digest: that one leaves out the algorithm, and pins are over the whole SubjectPublicKeyInfo.
  unsigned char* der = nullptr;
  int const size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  CHECK(size > 0);
  unsigned int length = 0;
  CHECK(EVP_Digest(der, static_cast<std::size_t>(size), out.bytes.data(), &length, EVP_sha256(), nullptr) == 1);
  OPENSSL_free(der);
  return out;
}

base::Hash random_bytes() {
  base::Hash out;
  CHECK(RAND_bytes(out.bytes.data(), static_cast<int>(out.bytes.size())) == 1);
  return out;
}

}  // namespace node
