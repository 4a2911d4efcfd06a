// SPDX-License-Identifier: Apache-2.0
// The peer of a server's socket, and the identity that it proved.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/crypto/secret.hpp"
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
  Bytes psk_digest = {};            ///< of the key that proved the identity
  /// The same peer. A key that was replaced does not make it another.
  bool operator==(const PeerProof& other) const {
    return mode == other.mode && psk_identity == other.psk_identity && certificates == other.certificates && public_key == other.public_key;
  }
};

/// For PeerProof: by which a handshake's key and the one that an account has now are compared.
Bytes psk_digest(const crypto::SecretBytes& key);

}  // namespace uicclab::lwm2m
