// CoAP in secured packets under session keys, either end of the SMS binding: OMA-TS-LightweightM2M 1.0 clauses 7.2.2 (device end-point) and
// 7.2.3 (the packet: ciphered, a cryptographic checksum, a counter that must be higher), both directions command packets.
#pragma once

#include "core/types.hpp"
#include "lwm2m/session_key_file.hpp"

namespace uicclab::lwm2m::device {

/// To the device: one of BFFF00 to BFFFFF until there is an assigned one (clause 7.2.2).
inline constexpr Tar kToDevice{{0xBF, 0xFF, 0x01}};
/// To the server: another one, as both directions have the same keys, and what the device sent shall not come back to it as the server's.
inline constexpr Tar kToServer{{0xB2, 0x02, 0x03}};

/// The CoAP message as a command packet, from CPL; the counter in `record` is used up. Errors: kRange if there is none left; those of
/// ota::build_command().
Result<Bytes> protect_sms(BytesView message, SessionKeyRecord& record, const Tar& tar);

/// The CoAP message of a packet; the counter in `record` moves. Errors: kMismatch (other keys, another TAR, weaker protection), kRefused (its
/// counter was there before), kMalformed.
Result<Bytes> open_sms(BytesView packet, SessionKeyRecord& record, const Tar& tar);

}  // namespace uicclab::lwm2m::device
