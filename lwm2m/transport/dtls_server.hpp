// SPDX-License-Identifier: Apache-2.0
// The server's role in DTLS 1.2 for many peers: cookies (RFC 6347 clause 4.2.1), pre-shared keys, raw public keys and certificates on one
// port, with the suites that a LwM2M server must have (LwM2M 1.0 clauses 7.1.3, 7.1.7 to 7.1.9). No socket in it: datagrams come in and go
// out.
//
// Resumption by session identifier, and by ticket for who asks, as long as the credentials are what they were; extended master secret;
// maximum fragment length as the client asks for; retransmission after 9 s, doubling to 60 s; no compression, no renegotiation (RFC 7925).
// On GnuTLS.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "core/crypto/wiped_bytes.hpp"
#include "lwm2m/transport/dtls_link.hpp"
#include "lwm2m/transport/peer.hpp"

namespace uicclab::lwm2m {

/// Whom the server knows. Nothing may be thrown.
class PeerAccounts {
 public:
  virtual ~PeerAccounts() = default;
  /// The key of an identity; nothing: unknown. A handshake with an unknown one fails as one with a wrong key does.
  virtual std::optional<crypto::SecretBytes> psk(BytesView identity) = 0;
  /// May a peer that proved this speak? Asked within the handshake, and again when a session is resumed. Errors: kRefused with the reason.
  virtual Result<void> judge(const PeerProof& proof) = 0;
  /// Another number whenever a key may have been replaced.
  virtual std::uint64_t generation() = 0;
};

struct DtlsServerOptions {
  Bytes public_key;                ///< SubjectPublicKeyInfo: raw public keys; empty: none
  crypto::WipedBytes raw_private;  ///< PKCS #8
  std::vector<Bytes> chain;        ///< DER, the server's own certificate first; empty: no certificates
  crypto::WipedBytes private_key;  ///< PKCS #8, of the certificate
  DtlsTimes times;
  std::size_t most_peers = 100'000;        ///< beyond, the one that was silent longest goes
  std::size_t most_handshakes = 2000;      ///< unfinished at one time; beyond, the one begun first goes
  std::size_t most_sessions = 20'000;      ///< kept for resumption
  std::chrono::hours longest_session{24};  ///< kept for resumption
  bool tickets = true;
};

class DtlsServer {
 public:
  struct Events {
    std::function<void(const PeerAddress& to, BytesView datagram)> send;
    std::function<void(const PeerAddress& from, const PeerProof& proof, BytesView message)> message;
    std::function<void(const PeerAddress& peer, const PeerProof& proof, const DtlsSummary& summary)> connected;
    std::function<void(const PeerAddress& peer)> closed;
    std::function<void(const PeerAddress& peer, const std::string& reason)> refused;  ///< a handshake failed
  };

  /// `accounts` outlives this object. Throws SystemError for keys that cannot be used.
  DtlsServer(DtlsServerOptions options, PeerAccounts& accounts, Events events);
  ~DtlsServer();
  DtlsServer(const DtlsServer&) = delete;
  DtlsServer& operator=(const DtlsServer&) = delete;

  void receive(const PeerAddress& from, BytesView datagram);
  /// Errors: kNotFound for a peer without a connection.
  Result<void> send(const PeerAddress& to, BytesView message);
  /// The largest message that one record to this peer takes; 0 without a connection.
  std::size_t room(const PeerAddress& peer) const;
  void close(const PeerAddress& peer);
  /// Retransmits what is due, drops what is over. To be called about each second, or when wake_up() has come.
  void on_time();
  /// How long nothing is due.
  std::chrono::milliseconds wake_up() const;

  std::size_t peers() const;

  struct State;

 private:
  std::unique_ptr<State> m_state;
};

}  // namespace uicclab::lwm2m
