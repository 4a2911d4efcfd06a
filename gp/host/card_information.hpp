// SPDX-License-Identifier: Apache-2.0
// The data of a card that need no keys: FCI of the security domain (GP clause 11.9.3.1) and the data objects of GET DATA (GP clause
// 11.3, ETSI TS 102 226 clause 8.2.1.7.2).
#pragma once

#include "core/card_port.hpp"
#include "gp/card_data.hpp"
#include "gp/key.hpp"

namespace uicclab::gp::host {

/// The FCI in the answer to SELECT. Cards of the field leave most of it out.
struct SelectedDomain {
  Aid aid;                                 ///< empty: not reported
  std::size_t longest_command_data = 255;  ///< 9F65
  bool locked = false;                     ///< 6283: the card is CARD_LOCKED
  Bytes management_data;                   ///< 73 in A5, the whole object (table 11-83): as card recognition data, of this domain

  /// Errors: kMalformed (no FCI), kRange (AID).
  static Result<SelectedDomain> parse(BytesView fci);
};

struct CardInformation {
  SelectedDomain domain;
  Bytes cplc;                                    ///< 9F7F, the value
  Bytes issuer_identification;                   ///< 42, the value
  Bytes card_image;                              ///< 45, the value
  Bytes diversification;                         ///< CF, the value
  Bytes recognition;                             ///< 66, the whole object
  Bytes capabilities;                            ///< 67, the whole object
  std::vector<std::string> oids;                 ///< all object identifiers in 66 and in 73 of the FCI, dotted, with what they are told for
  std::vector<SecureChannelProtocol> protocols;  ///< of 66; of 73 in the FCI or of 67 if that has none
  std::vector<KeyInformation> keys;              ///< E0
  std::optional<std::uint32_t> sequence_counter;  ///< C1
  std::optional<CardResources> resources;         ///< FF21
  std::vector<std::string> oddities;              ///< objects that were there and could not be read

  /// The "i" that the card reports for this protocol, of several the last.
  std::optional<std::uint8_t> mode_of(std::uint8_t protocol) const;
};

/// Asks for everything above; what the card does not have stays empty. The domain is selected already.
/// Errors: those of the port.
Result<CardInformation> read_information(CardPort& port, const SelectedDomain& domain);

/// The fields of CPLC with their names: "IC fabricator", "4790". Nothing for a value that does not have 42 bytes.
std::vector<std::pair<std::string_view, BytesView>> cplc_fields(BytesView cplc);

/// One line for each statement in card capability information (GP clause H.4): "SCP03 i=70, AES-128 AES-192 AES-256".
std::vector<std::string> capability_lines(BytesView object);

/// "1.2.840.114283.4.3.112"; empty if it is invalid.
std::string dotted(BytesView oid);

}  // namespace uicclab::gp::host
