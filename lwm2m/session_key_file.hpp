// SPDX-License-Identifier: Apache-2.0
// The session-key file of the PKCS #15 application and the sealed form of its content: docs/formats/session-keys.md. Both are ours:
// LwM2M names no file for keys that change with each registration.
#pragma once

#include <chrono>

#include "core/environment.hpp"
#include "lwm2m/session_keys.hpp"

namespace uicclab::lwm2m {

/// One generation of session keys with the counters that belong to it.
struct SessionKeyRecord {
  std::uint32_t generation = 0;  ///< higher than that of the keys before
  std::uint8_t kic = 0x12;       ///< algorithm and key version, as in secured packets
  std::uint8_t kid = 0x12;
  std::chrono::seconds lifetime{0};  ///< 0: that of the registration
  SmsKeys keys;
  std::uint64_t sent = 0;      ///< the last counter that went out, 5 bytes
  std::uint64_t received = 0;  ///< the last one that was accepted
};

/// The file; ends in a CRC-32, so that a partly written one is invalid. Errors: kRange for keys of other sizes than 16 and 24 bytes, or a
/// counter or lifetime that does not fit.
Result<Bytes> encode_session_keys(const SessionKeyRecord& record);
/// Takes FF padding. Errors: kNotFound for a blank file; kTruncated, kMalformed, kUnsupported for another format number, kMismatch for a
/// wrong CRC, kTrailing, kRefused for equal keys inside a triple DES key.
Result<SessionKeyRecord> parse_session_keys(BytesView bytes);

/// The same, enciphered (AES-128-CBC) and with an HMAC-SHA-256 over all of it, for a device that sleeps: "encrypted and
/// integrity-protected storage" (SMS session-key CR, clause 7.2.2.1). Errors: as encode_session_keys(). An old one opens as well as a new
/// one: where an attacker can put it back, the store has to refuse generations and counters below those it remembers.
Result<Bytes> seal_session_keys(const SessionKeyRecord& record, const crypto::SecretBytes& storage_key, Random& random);
/// Errors: kMismatch for every error in it.
Result<SessionKeyRecord> open_session_keys(BytesView sealed, const crypto::SecretBytes& storage_key);

}  // namespace uicclab::lwm2m
