// SPDX-License-Identifier: Apache-2.0
// CoAP in secured packets under session keys, either end of the SMS binding: the SMS session-key CR, clause 7.2.2.1 (device end-point), and
// OMA-TS-LightweightM2M 1.0 clauses 7.2.2.2 and 7.2.2.3 (smartcard end-point, and the packet: ciphered, a cryptographic checksum, a counter
// that must be higher). Both directions are command packets; their data is one BER-TLV object with the CoAP message.
#pragma once

#include "core/types.hpp"
#include "lwm2m/session_key_file.hpp"

namespace uicclab::lwm2m {

/// Tag of a CoAP message in a secured packet. The text leaves it open ("e.g. 05"): ours.
inline constexpr std::uint8_t kCoapTag = 0x05;

/// Of packets that end in the device: one of BFFF00 to BFFFFF until there is an assigned one (SMS session-key CR, clause 7.2.2.1).
inline constexpr Tar kToDevice{{0xBF, 0xFF, 0x01}};
/// Of packets that end in the card (clause 7.2.2.3).
inline constexpr Tar kToCard{{0xB2, 0x02, 0x03}};
/// To the server each end-point has the TAR of the other one, as both directions have the same keys, and what one end sent shall not come
/// back to it as the other's: ours.
inline constexpr Tar kToServer = kToCard;            ///< from the device
inline constexpr Tar kToServerFromCard = kToDevice;  ///< from the card

/// The CoAP message as a command packet, from CPL; the counter in `record` is used up. Errors: kRange if there is none left; those of
/// ota::build_command().
Result<Bytes> protect_sms(BytesView message, SessionKeyRecord& record, const Tar& tar);

/// The CoAP message of a packet; the counter in `record` moves. Errors: kMismatch (other keys, another TAR, weaker protection), kRefused
/// (its counter was there before), kMalformed (no packet; or, the counter having moved, one that holds something else than a CoAP message).
Result<Bytes> open_sms(BytesView packet, SessionKeyRecord& record, const Tar& tar);

}  // namespace uicclab::lwm2m
