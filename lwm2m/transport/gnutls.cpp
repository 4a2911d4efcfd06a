// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/gnutls.hpp"

#include <array>

#include "lwm2m/cipher_suites.hpp"

namespace uicclab::lwm2m::gnutls {

void check(int code, const char* what) {
  if (code < 0) throw SystemError(std::string("GnuTLS, ") + what + ": " + api().strerror(code));
}

std::string suite_name(gnutls_session_t session) {
  std::array<unsigned char, 2> bytes{};
  for (std::size_t i = 0;; ++i) {
    gnutls_kx_algorithm_t key_exchange{};
    gnutls_cipher_algorithm_t cipher{};
    gnutls_mac_algorithm_t mac{};
    gnutls_protocol_t least{};
    const char* name = api().cipher_suite_info(i, bytes.data(), &key_exchange, &cipher, &mac, &least);
    if (name == nullptr) return "unknown";
    if (key_exchange != api().kx_get(session) || cipher != api().cipher_get(session) || mac != api().mac_get(session)) continue;
    const auto id = static_cast<std::uint64_t>(bytes[0]) << 8 | bytes[1];
    const CipherSuite* known = find_cipher_suite(id);
    return known != nullptr ? std::string(known->name) : name;
  }
}

DtlsSummary summary_of(gnutls_session_t session) {
  DtlsSummary out;
  out.suite = suite_name(session);
  out.resumed = api().session_is_resumed(session) != 0;
  out.extended_master_secret = (api().session_get_flags(session) & GNUTLS_SFLAGS_EXT_MASTER_SECRET) != 0;
  const std::size_t fragment = api().record_get_max_size(session);
  out.max_fragment = fragment <= 4096 ? static_cast<std::uint16_t>(fragment) : std::uint16_t{0};
  return out;
}

std::vector<Bytes> shown_by_peer(gnutls_session_t session) {
  unsigned count = 0;
  const gnutls_datum_t* first = api().certificate_get_peers(session, &count);
  std::vector<Bytes> out;
  for (unsigned i = 0; first != nullptr && i < count; ++i) out.push_back(to_bytes(view(first[i])));
  return out;
}

}  // namespace uicclab::lwm2m::gnutls
