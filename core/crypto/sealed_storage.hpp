// SPDX-License-Identifier: Apache-2.0
// Bytes that a device stores while it sleeps, "encrypted and integrity-protected" (SMS session-key CR, clause 7.2.2.1):
// docs/formats/session-keys.md. IV (16) | AES-128-CBC(content, padded with FF to whole blocks) | HMAC-SHA-256 (32) over both.
#pragma once

#include <optional>
#include <string_view>

#include "core/crypto/wiped_bytes.hpp"
#include "core/environment.hpp"

namespace uicclab::crypto {

/// `label` keeps what is sealed for one purpose from being opened for another: "session keys".
Bytes seal(BytesView content, std::string_view label, const SecretBytes& storage_key, Random& random);
/// The content with its padding; it must contain its own length. Nothing after any error.
std::optional<WipedBytes> open_sealed(BytesView sealed, std::string_view label, const SecretBytes& storage_key);

}  // namespace uicclab::crypto
