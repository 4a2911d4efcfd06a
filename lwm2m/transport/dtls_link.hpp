// SPDX-License-Identifier: Apache-2.0
// DTLS 1.2 (RFC 6347) as a constrained device speaks it: RFC 7925, with the suites of LwM2M 1.0 clause 7.1. On OpenSSL; raw public keys
// (RFC 7250), which OpenSSL 3.0 does not have, on GnuTLS (docs/decisions/024-gnutls.md).
//
// Maximum fragment length (RFC 6066 clause 4), extended master secret (RFC 7627), resumption by session identifier or ticket (RFC 5077),
// retransmission from 9 s doubling to 60 s (RFC 7925 clause 11), no compression, no renegotiation. Neither library has connection
// identifiers (RFC 9146).
#pragma once

#include "core/crypto/wiped_bytes.hpp"
#include "lwm2m/transport/datagram_link.hpp"
#include "lwm2m/transport/server_trust.hpp"

namespace uicclab::lwm2m {

struct DtlsTimes {
  std::chrono::milliseconds first{9000};
  std::chrono::milliseconds longest{60000};
  std::chrono::milliseconds give_up{150000};  ///< of a handshake

  /// What follows a wait of `before`; the first one after 0.
  std::chrono::milliseconds next(std::chrono::milliseconds before) const {
    return before.count() == 0 ? first : std::min(before * 2, longest);
  }
};

struct DtlsOptions {
  std::vector<std::uint16_t> suites;  ///< numbers of the TLS registry, the best first; what OpenSSL does not have is left out
  std::string psk_identity;
  crypto::SecretBytes psk;
  Bytes certificate;                 ///< DER; empty: none
  Bytes public_key;                  ///< SubjectPublicKeyInfo: raw public keys; empty: none
  Bytes server_public_key;           ///< there with raw public keys: the expected one, whole or its x coordinate (raw_key.hpp)
  crypto::WipedBytes private_key;    ///< DER
  std::optional<ServerTrust> trust;  ///< there with certificates
  std::string server_name;           ///< SNI (RFC 6066 clause 3); empty: none, as with pre-shared keys
  std::uint16_t max_fragment = 512;  ///< 512, 1024, 2048, 4096; 0: not asked for
  crypto::WipedBytes session;        ///< of DtlsLink::session(); empty, or of other credentials: a full handshake
  bool tickets = false;              ///< offered: a session identifier costs less, where the server keeps sessions
  DtlsTimes times;
};

/// What the handshake led to.
struct DtlsSummary {
  std::string suite;  ///< its name in the registry
  bool resumed = false;
  bool extended_master_secret = false;
  std::uint16_t max_fragment = 0;  ///< what the server agreed to; 0: nothing
};

class DtlsLink : public DatagramLink {
 public:
  /// Runs the handshake. Errors: kUnsupported (no suite left, an identity that OpenSSL cannot send), kMalformed (certificate, key),
  /// kRefused (the server's alert, its certificate or key), kIo (no answer in time, the network). No secret is in a message. The destructor
  /// says goodbye to the server (close_notify), without waiting for its answer.
  static Result<std::unique_ptr<DtlsLink>> connect(std::unique_ptr<UdpLink> socket, DtlsOptions options);

  virtual const DtlsSummary& summary() const = 0;
  /// What a later handshake is abbreviated with: as secret as the keys themselves. Empty if the session must not be resumed: without an
  /// extended master secret (RFC 7627 clause 5.3), or the server keeps none.
  virtual crypto::WipedBytes session() const = 0;
};

}  // namespace uicclab::lwm2m
