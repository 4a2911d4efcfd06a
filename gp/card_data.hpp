// SPDX-License-Identifier: Apache-2.0
// Data about a security domain and the card from GET DATA: card recognition data (GP clause H.2, tag 66), card capability
// information (clause H.4, tag 67), list of applications (tag 2F00), extended card resources (ETSI TS 102 226 clause 8.2.1.7.2, tag
// FF21), and the FCI of SELECT (clause 11.9.3.1).
#pragma once

#include <vector>

#include "core/ber_tlv.hpp"
#include "core/result.hpp"
#include "core/types.hpp"
#include "gp/registry_entry.hpp"

namespace uicclab::gp {

/// A secure channel protocol that a domain speaks.
struct SecureChannelProtocol {
  std::uint8_t number = 0x03;
  std::uint8_t i = 0x70;
  bool operator==(const SecureChannelProtocol&) const = default;
};

/// The whole object 66, with the OIDs of GP v2.3 and each protocol's in a 64 of its own.
Bytes encode_recognition_data(const std::vector<SecureChannelProtocol>& protocols);
/// The protocols in an object 66. Errors: kMalformed, kTruncated.
Result<std::vector<SecureChannelProtocol>> parse_recognition_data(BytesView object);

/// The whole object 67: the protocols with their options, AES key sizes, the privileges that domains and applications can have, the hashes
/// of load files.
Bytes encode_capabilities(const std::vector<SecureChannelProtocol>& protocols, Privileges of_domains, Privileges of_applications);

/// A template 61 with 4F for each application.
Bytes encode_application_list(const std::vector<RegistryEntry>& entries);

/// What is left on the card.
struct CardResources {
  std::uint16_t applications = 0;       ///< installed
  std::uint32_t non_volatile_free = 0;  ///< bytes
  std::uint32_t volatile_free = 0;
  bool operator==(const CardResources&) const = default;
};
/// The whole object FF21. Errors: kMalformed, kTruncated.
Bytes encode_resources(const CardResources& resources);
Result<CardResources> parse_resources(BytesView object);

inline constexpr ber::Tag kFci = 0x6F;      ///< the answer to SELECT (GP clause 11.9.3.1)
inline constexpr ber::Tag kFciName = 0x84;  ///< in it: the AID
/// FCI of a security domain: 6F {84 AID, A5 {9F65 longest command data}}.
Bytes encode_fci(const Aid& aid, std::uint8_t longest_command_data);

/// Card production life cycle data: 42 bytes, whose fields the industry agreed on, not a specification.
inline constexpr std::size_t kCplcSize = 42;

}  // namespace uicclab::gp
