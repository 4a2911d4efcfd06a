// SPDX-License-Identifier: Apache-2.0
// Who is at the other end of a server's socket, and what it proved.
#pragma once

#include <compare>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "lwm2m/object_model.hpp"

namespace uicclab::lwm2m {

/// Address and port; `bytes` is what the operating system calls it (a sockaddr), and means nothing here.
struct PeerAddress {
  Bytes bytes;
  auto operator<=>(const PeerAddress&) const = default;
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
