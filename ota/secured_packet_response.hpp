// SPDX-License-Identifier: Apache-2.0
// Response packets (proofs of receipt), both ends: ETSI TS 102 225 clause 5.2; 3GPP TS 31.115 clause 4.4.
//
// A packet begins with its RPL; in a short message the user data header 02 71 00 comes before it.
#pragma once

#include "ota/secured_packet_command.hpp"

namespace uicclab::ota {

/// A response without its protection.
struct ResponsePacket {
  Tar tar;    ///< of the command
  Cntr cntr;  ///< of the command
  ResponseStatus status = ResponseStatus::kOk;
  Bytes data;

  bool operator==(const ResponsePacket&) const = default;
};

/// Secures a response as the SPI2 in `spi` says (OpenedCommand::response_spi), under the keys of the command. `keys` may be nullptr if
/// it asks for nothing. `cc_size`: octets of a CC, 8 or 4. Errors: as build_command().
Result<Bytes> build_response(const ResponsePacket& response, const Spi& spi, PacketKeys* keys, std::size_t cc_size = PacketCheck::kMaxSize,
                             const Quirks& quirks = {});

/// The response that an opened command gets, protected as it is due. Errors: as build_response().
Result<Bytes> answer_command(const ClearCommand& command, const OpenedCommand& opened, ResponseStatus status, BytesView data,
                             PacketKeys* keys, const Quirks& quirks = {});

/// What the sender of a command makes of the response.
struct ReceivedResponse {
  ResponsePacket packet;
  /// It is protected as the command asked. If not, it is a bare error status that anybody can have sent.
  bool protected_as_asked = false;
};

/// Deciphers and checks the response to a command sent with `spi`. TAR and CNTR are not compared: that is up to the caller, since cards
/// differ. Errors, with the offset: kTruncated, kTrailing, kMalformed (RHL, a part of a block, padding); kMismatch for a wrong check;
/// kRefused for a success that lacks the protection asked for; those of the keys.
Result<ReceivedResponse> parse_response(BytesView packet, const Spi& spi, PacketKeys& keys, const Quirks& quirks = {});

}  // namespace uicclab::ota
