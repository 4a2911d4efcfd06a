// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of a server's socket, and what it proved.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "lwm2m/object_model.hpp"

namespace uicclab::lwm2m {

/// Address and port; `bytes` is what the operating system calls it (a sockaddr), and means nothing here.
struct PeerAddress {
  Bytes bytes;
  bool operator==(const PeerAddress&) const = default;
  /// Byte for byte. The order that std::vector has by itself makes g++ 12 warn of a memcmp() that cannot happen.
  bool operator<(const PeerAddress& other) const {
    return std::ranges::lexicographical_compare(bytes, other.bytes, [](std::uint8_t a, std::uint8_t b) { return a < b; });
  }
};

/// What a handshake proved. Without one the mode is NoSec.
struct PeerProof {
  SecurityMode mode = SecurityMode::kNoSec;
  Bytes psk_identity;
  std::vector<Bytes> certificates;  ///< DER, the peer's own first
  Bytes public_key;                 ///< SubjectPublicKeyInfo; of raw public keys
  bool operator==(const PeerProof&) const = default;
};

}  // namespace uicclab::lwm2m
