// SPDX-License-Identifier: Apache-2.0
// The purpose of a short message and the coding of its text: TP-PID, 3GPP TS 23.040 clause 9.2.3.9; TP-DCS, 3GPP TS 23.038 clause 4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace uicclab::ota {

/// Protocol identifiers of messages for the card or the terminal.
namespace pid {
inline constexpr std::uint8_t kShortMessage = 0x00;
inline constexpr std::uint8_t kAnsi136 = 0x7C;
inline constexpr std::uint8_t kMeDataDownload = 0x7D;
inline constexpr std::uint8_t kMeDepersonalisation = 0x7E;
inline constexpr std::uint8_t kSimDataDownload = 0x7F;
}  // namespace pid

/// 8 bit data, class 2: the coding of messages for the card.
inline constexpr std::uint8_t kDcsForCard = 0xF6;

enum class Alphabet { kGsm7, k8Bit, kUcs2 };

/// Message classes (3GPP TS 23.038 clause 4).
enum class MessageClass : std::uint8_t { kDisplay = 0, kTerminal = 1, kSim = 2, kEquipment = 3 };

/// A parsed TP-DCS. Reserved alphabets read as the GSM 7 bit alphabet, as the clause wants it.
struct DataCoding {
  Alphabet alphabet = Alphabet::kGsm7;
  bool compressed = false;
  std::optional<MessageClass> message_class;
};

DataCoding data_coding(std::uint8_t dcs);

/// Octets that a TP-UDL of this value means: it counts septets in the uncompressed 7 bit alphabet, octets otherwise.
std::size_t user_data_octets(std::uint8_t dcs, std::uint8_t udl);

/// The terminal hands such a message to the card in an ENVELOPE: (U)SIM data download or ANSI-136, 8 bit, class 2
/// (3GPP TS 31.111 clause 7.1.1.1).
bool is_sim_data_download(std::uint8_t pid, std::uint8_t dcs);

}  // namespace uicclab::ota
