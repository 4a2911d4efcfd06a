// SPDX-License-Identifier: Apache-2.0
// Owners of GnuTLS's objects, and the suites and times that both roles share: inside this folder only.
#pragma once

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "core/bytes.hpp"
#include "lwm2m/transport/dtls_link.hpp"
#include "lwm2m/transport/gnutls_api.hpp"

namespace uicclab::lwm2m::gnutls {

struct Free {
  void operator()(gnutls_session_t p) const { api().deinit(p); }
  void operator()(gnutls_certificate_credentials_t p) const { api().certificate_free_credentials(p); }
  void operator()(gnutls_psk_server_credentials_t p) const { api().psk_free_server_credentials(p); }
};
using Session = std::unique_ptr<std::remove_pointer_t<gnutls_session_t>, Free>;
using Certificates = std::unique_ptr<std::remove_pointer_t<gnutls_certificate_credentials_t>, Free>;
using PskServer = std::unique_ptr<std::remove_pointer_t<gnutls_psk_server_credentials_t>, Free>;

/// The bytes stay where they are: GnuTLS takes them as not constant and does not change them.
inline gnutls_datum_t datum(BytesView bytes) {
  return {const_cast<unsigned char*>(bytes.data()), static_cast<unsigned>(bytes.size())};  // NOLINT(cppcoreguidelines-pro-type-const-cast)
}
inline BytesView view(const gnutls_datum_t& bytes) {
  return {bytes.data, bytes.size};
}

/// Throws SystemError: memory, wrong use.
void check(int code, const char* what);

inline constexpr std::size_t kRecord = 16384;  ///< bytes of plain data at most, without a fragment length
inline constexpr unsigned kMtu = 1280;         ///< what every path of IPv6 takes

/// DTLS 1.2 alone, suites with ECDHE-ECDSA: SHA-256 and P-256, no compression (RFC 7925 clause 4.4).
inline constexpr const char* kCommon = "NONE:+VERS-DTLS1.2:+COMP-NULL:+SIGN-ECDSA-SHA256:+GROUP-SECP256R1";

/// The suite's name in the registry, from what GnuTLS calls it.
std::string suite_name(gnutls_session_t session);
/// Suite, resumption, extended master secret and fragment length of a finished handshake.
DtlsSummary summary_of(gnutls_session_t session);
/// Certificates, or the raw public key, that the peer showed; empty: none.
std::vector<Bytes> shown_by_peer(gnutls_session_t session);

}  // namespace uicclab::lwm2m::gnutls
