// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/peer.hpp"

#include "core/crypto/hash.hpp"

namespace uicclab::lwm2m {

Bytes psk_digest(const crypto::SecretBytes& key) {
  const auto digest = crypto::sha256({as_bytes("pre-shared key"), key.expose(crypto::ExposeSecret{"whether it was replaced"})});
  return {digest.begin(), digest.end()};
}

}  // namespace uicclab::lwm2m
