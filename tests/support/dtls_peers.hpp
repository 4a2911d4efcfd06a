// SPDX-License-Identifier: Apache-2.0
// A DTLS server on a loopback port, in a thread of its own, which says back what it gets; and key pairs for it.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include <poll.h>

#include "core/environment.hpp"
#include "lwm2m/raw_key.hpp"
#include "lwm2m/transport/dtls_server.hpp"
#include "lwm2m/transport/udp_socket.hpp"

namespace uicclab::test {

struct KeyPair {
  crypto::PrivateKey secret = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
  Bytes public_key() const { return secret.public_key().der(); }
};

/// Accounts in memory.
class KnownPeers final : public lwm2m::PeerAccounts {
 public:
  std::map<Bytes, Bytes> keys;
  std::set<Bytes> raw_keys;
  std::atomic<std::uint64_t> changes{0};

  std::optional<crypto::SecretBytes> psk(BytesView identity) override {
    const auto found = keys.find(to_bytes(identity));
    if (found == keys.end()) return std::nullopt;
    return crypto::SecretBytes(found->second);
  }
  Result<void> judge(const lwm2m::PeerProof& proof) override {
    const auto key = psk(proof.psk_identity);
    const bool known = proof.mode == lwm2m::SecurityMode::kPsk            ? key && lwm2m::psk_digest(*key) == proof.psk_digest
                       : proof.mode == lwm2m::SecurityMode::kRawPublicKey ? raw_keys.contains(proof.public_key)
                                                                          : false;
    if (known) return {};
    return fail(ErrorCode::kRefused, "nobody's");
  }
  std::uint64_t generation() override { return changes; }
};

class EchoServer {
 public:
  EchoServer(lwm2m::DtlsServerOptions options, lwm2m::PeerAccounts& accounts)
      : m_socket(*lwm2m::UdpSocket::bind("127.0.0.1", 0)),
        m_server(std::move(options), accounts,
                 {.send = [this](const auto& to, BytesView bytes) { m_socket.send(to, bytes); },
                  .message = [this](const auto& from, const auto&, BytesView bytes) { (void)m_server.send(from, bytes); },
                  .connected = [this](const auto&, const auto& proof, const auto&) { tell(proof, {}); },
                  .closed = [](const auto&) {},
                  .refused = [this](const auto&, const std::string& reason) { tell({}, reason); }}),
        m_thread([this] { run(); }) {}
  ~EchoServer() {
    m_stop.set();
    m_thread.join();
  }
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  std::uint16_t port() const { return m_socket.port(); }
  lwm2m::PeerProof proof() {
    const std::lock_guard lock(m_mutex);
    return m_proof;
  }
  std::string refusal() {
    const std::lock_guard lock(m_mutex);
    return m_refusal;
  }

 private:
  void tell(const lwm2m::PeerProof& proof, const std::string& refusal) {
    const std::lock_guard lock(m_mutex);
    m_proof = proof;
    m_refusal = refusal;
  }
  void run() {
    while (true) {
      std::array<pollfd, 2> wait{pollfd{m_socket.descriptor(), POLLIN, 0}, pollfd{m_stop.fd(), POLLIN, 0}};
      ::poll(wait.data(), wait.size(), static_cast<int>(m_server.wake_up().count()));
      if (wait[1].revents != 0) return;
      while (const auto datagram = m_socket.receive()) m_server.receive(datagram->from, datagram->bytes);
      m_server.on_time();
    }
  }

  net::Event m_stop;
  std::mutex m_mutex;
  lwm2m::PeerProof m_proof;
  std::string m_refusal;
  lwm2m::UdpSocket m_socket;
  lwm2m::DtlsServer m_server;
  std::thread m_thread;
};

}  // namespace uicclab::test
