// SPDX-License-Identifier: Apache-2.0
// Short messages and cell broadcasts on their way into and out of the card: 3GPP TS 31.111 clauses 7.1.1 (SMS-PP download), 7.1.2
// (cell broadcast download), 8.1 and 8.5 (data objects); ETSI TS 102 223 clauses 6.4.10 and 6.6.9 (SEND SHORT MESSAGE), 8.7 (devices).
#pragma once

#include <optional>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::ota {

// The data field of ENVELOPE or of the answer to FETCH. In all three: data objects in any order; `others` keeps those that are not named
// here, as they came, and is written after the named ones. Errors, with the offset into the input: kMalformed for another template or a
// data object of a wrong length or twice; kTruncated; kTrailing after the template; kNotFound for a mandatory object; kRange for other
// devices; kUnsupported for an unknown object that requires comprehension (ETSI TS 102 223 clause 6.10).

/// D1: an SMS-DELIVER for the card.
struct SmsPpDownload {
  std::optional<Bytes> service_centre;  ///< value of the Address data object: RP originating address
  Bytes tpdu;
  Bytes others;

  static Result<SmsPpDownload> parse(BytesView envelope);
  Bytes build() const;
  bool operator==(const SmsPpDownload&) const = default;
};

/// D2: one page of a cell broadcast (88 octets).
struct CellBroadcastDownload {
  Bytes page;
  Bytes others;

  static Result<CellBroadcastDownload> parse(BytesView envelope);
  /// Throws SystemError for a page of another length.
  Bytes build() const;
  bool operator==(const CellBroadcastDownload&) const = default;
};

/// A parsed page (3GPP TS 23.041 clause 9.4.1.2).
struct CellBroadcastPage {
  static constexpr std::size_t kSize = 88;
  static constexpr std::size_t kContentSize = 82;
  std::uint16_t serial_number = 0;
  std::uint16_t message_identifier = 0;
  std::uint8_t dcs = 0;
  std::uint8_t page = 1;  ///< of `total`, 1 to 15
  std::uint8_t total = 1;
  Bytes content;  ///< 82 octets

  /// Errors: kRange for another length. A page parameter of 0 in either half reads as page 1 of 1, as the clause wants it.
  static Result<CellBroadcastPage> parse(BytesView page);
  /// Errors: kRange for content of more than 82 octets (less is padded with zeros) or pages that are not 1 to 15.
  Result<Bytes> build() const;
  bool operator==(const CellBroadcastPage&) const = default;
};

/// D0 with command 13: the card asks the terminal to send a short message.
struct SendShortMessage {
  std::uint8_t number = 1;                ///< of the command
  bool packing_required = false;          ///< the terminal packs the text into 7 bits
  std::optional<Bytes> alpha_identifier;  ///< text for the user; empty: nothing is shown
  std::optional<Bytes> service_centre;    ///< value of the Address data object
  Bytes tpdu;                             ///< an SMS-SUBMIT or SMS-COMMAND
  Bytes others;

  static Result<SendShortMessage> parse(BytesView proactive_command);
  Bytes build() const;
  bool operator==(const SendShortMessage&) const = default;
};

}  // namespace uicclab::ota
