// SPDX-License-Identifier: Apache-2.0
// Datagrams to one peer and back, plain or protected.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "core/bytes.hpp"
#include "core/net/fd.hpp"
#include "core/result.hpp"

namespace uicclab::lwm2m {

class DatagramLink {
 public:
  virtual ~DatagramLink() = default;
  /// Errors: kIo.
  virtual Result<void> send(BytesView datagram) = 0;
  /// The next one; nothing if none comes within that time. Errors: kIo, also if the peer ended the connection.
  virtual Result<std::optional<Bytes>> receive(std::chrono::milliseconds within) = 0;
  /// The largest message that one datagram takes: what fits an IPv6 path of 1280 bytes (RFC 7252 clause 4.6), less where a record is
  /// smaller.
  virtual std::size_t room() const { return kUdpRoom; }

  static constexpr std::size_t kUdpRoom = 1152;
};

/// UDP (RFC 768), IPv4 or IPv6, to one address: what comes from others is not seen.
class UdpLink final : public DatagramLink {
 public:
  /// `local_port`: where a peer that begins by itself finds this end; 0: any. Errors: kNotFound for a name without an address, kIo.
  static Result<std::unique_ptr<UdpLink>> connect(const std::string& host, std::uint16_t port, std::uint16_t local_port = 0);

  Result<void> send(BytesView datagram) override;
  Result<std::optional<Bytes>> receive(std::chrono::milliseconds within) override;

  int descriptor() const { return m_socket.get(); }
  /// Something to read within that time. Errors: kIo.
  Result<bool> wait(std::chrono::milliseconds within) const;

 private:
  explicit UdpLink(net::Fd socket) : m_socket(std::move(socket)) {}
  net::Fd m_socket;
};

}  // namespace uicclab::lwm2m
