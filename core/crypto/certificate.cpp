// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/certificate.hpp"

#include <memory>

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"

namespace uicclab::crypto {
namespace {

tl::unexpected<Error> malformed(const char* what) {
  ERR_clear_error();
  return fail(ErrorCode::kMalformed, what);
}

/// A string of a name as UTF-8. Nothing if it holds a 00, which has fooled many a comparison.
bool read_text(const ASN1_STRING* string, std::string& out) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, string);
  if (size < 0) return false;
  const Owned<unsigned char> owner(utf8);
  out.assign(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  return out.find('\0') == std::string::npos;
}

bool read_common_name(const X509* certificate, std::string& out) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  int last = -1;
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) last = at;
  return last < 0 || read_text(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, last)), out);
}

bool read_alternative_names(X509* certificate, CertificateFacts& facts) {
  int critical = -1;
  const Owned<GENERAL_NAMES> names(static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, &critical, nullptr)));
  if (!names) return critical == -1;  // -1: absent; else it is there and broken, or there twice
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const auto* value = static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type == GEN_DNS) {
      if (!read_text(value, facts.dns_names.emplace_back())) return false;
    } else if (type == GEN_IPADD) {
      const auto* data = ASN1_STRING_get0_data(value);
      facts.ip_addresses.emplace_back(data, data + ASN1_STRING_length(value));
    }
  }
  return true;
}

bool read_time(const ASN1_TIME* time, std::chrono::sys_seconds& out) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return false;
  const std::chrono::year_month_day day{std::chrono::year(parts.tm_year + 1900),
                                        std::chrono::month(static_cast<unsigned>(parts.tm_mon) + 1),
                                        std::chrono::day(static_cast<unsigned>(parts.tm_mday))};
  out = std::chrono::sys_days(day) + std::chrono::hours(parts.tm_hour) + std::chrono::minutes(parts.tm_min) +
        std::chrono::seconds(parts.tm_sec);
  return true;
}

}  // namespace

Result<CertificateFacts> read_certificate(BytesView der) {
  auto key = PublicKey::from_certificate(der);
  if (!key) return tl::unexpected(key.error());
  const unsigned char* at = der.data();
  const Owned<X509> certificate(d2i_X509(nullptr, &at, static_cast<long>(der.size())));
  if (!certificate) throw_openssl_error("d2i_X509");
  CertificateFacts facts(*std::move(key));
  if (!read_common_name(certificate.get(), facts.common_name)) return malformed("a common name that is no text");
  if (!read_alternative_names(certificate.get(), facts)) return malformed("a subjectAltName that cannot be read");
  if (!read_time(X509_get0_notBefore(certificate.get()), facts.not_before) ||
      !read_time(X509_get0_notAfter(certificate.get()), facts.not_after)) {
    return malformed("a validity that is no time");
  }
  facts.is_ca = X509_check_ca(certificate.get()) != 0;
  const std::uint32_t usage = X509_get_key_usage(certificate.get());
  facts.enciphers_keys = (usage & KU_KEY_ENCIPHERMENT) != 0;
  facts.agrees_keys = (usage & KU_KEY_AGREEMENT) != 0;
  facts.signs = (usage & KU_DIGITAL_SIGNATURE) != 0;
  facts.has_key_identifier = X509_get0_subject_key_id(certificate.get()) != nullptr;
  int hash = NID_undef;
  if (X509_get_signature_info(certificate.get(), &hash, nullptr, nullptr, nullptr) == 1 && hash != NID_undef) {
    facts.signature_hash = OBJ_nid2sn(hash);
    facts.weak_signature = hash == NID_sha1 || hash == NID_md5 || hash == NID_md5_sha1 || hash == NID_md4 || hash == NID_md2;
  }
  ERR_clear_error();
  return facts;
}

}  // namespace uicclab::crypto
