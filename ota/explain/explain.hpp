// SPDX-License-Identifier: Apache-2.0
// Messages between an OTA platform and a card, decoded field by field: ENVELOPE, SEND SHORT MESSAGE, TPDUs, user data, command and
// response packets, scripts and their responses. With keys also deciphered and checked.
#pragma once

#include <functional>

#include "ota/explain/field.hpp"
#include "ota/secured_packet_keys.hpp"
#include "ota/sms_reassembler.hpp"

namespace uicclab::ota {

/// What the bytes are.
enum class MessageKind {
  kGuess,             ///< found out from the bytes
  kEnvelope,          ///< D1 (SMS-PP download), as template or as ENVELOPE command
  kProactiveCommand,  ///< D0 (SEND SHORT MESSAGE), also with the status word of FETCH
  kDeliver,
  kSubmit,
  kModemPdu,        ///< the address of the service centre, then a TPDU: AT+CMGS, +CMGL (3GPP TS 27.005 clause 3.1)
  kUserData,        ///< with a header, also with the status word of ENVELOPE after it
  kCommandPacket,   ///< from CPL
  kResponsePacket,  ///< from RPL
  kCommandScript,   ///< application data for the card, compact or expanded
  kResponseScript,  ///< application data from the card
};

/// Keys for a KIc and KID; a pair without any if the key sets are unknown.
using KeySource = std::function<PacketKeys(std::uint8_t kic, std::uint8_t kid)>;

/// What a response packet does not say of itself: how its command was sent.
struct SentWith {
  Spi spi;
  std::uint8_t kic = 0;
  std::uint8_t kid = 0;
  Tar tar;
};

/// Takes messages apart, one after the other: parts of a concatenated message are put together, and a response is read with what the
/// latest command said.
class Explainer {
 public:
  /// Without keys nothing is deciphered, and only redundancy checks are checked. `known`: for responses whose command is not seen.
  explicit Explainer(KeySource keys = {}, std::optional<SentWith> known = std::nullopt);

  Explanation explain(BytesView message, MessageKind kind = MessageKind::kGuess);
  /// Parts of messages that wait for others.
  std::size_t pending() const { return m_parts.pending(); }

 private:
  friend struct Explaining;

  KeySource m_keys;
  std::optional<SentWith> m_sent;
  ManualClock m_clock;  // time does not advance: parts may come at any time
  Reassembler m_parts{m_clock};
};

/// "SELECT 6F07", "READ BINARY 9 bytes at 0", "UPDATE RECORD 1": a command of a script in plain words, with its clause.
struct CommandName {
  std::string text;
  std::string clause;
  std::string name = {};  ///< the first words alone: "READ BINARY", "INSTALL [for load]"
};
enum class CommandSet;
CommandName name_of_command(BytesView command, CommandSet set);
/// The same of what a terminal or a card manager sends, by its class and instruction; class A0 is 3GPP TS 51.011's.
CommandName name_of_command(BytesView command);

/// The SPI in plain words: "CC, ciphered, counter must be higher".
std::string meaning_of_spi1(std::uint8_t spi1);
std::string meaning_of_spi2(std::uint8_t spi2);
/// KIc or KID: "AES-128/192/256 CBC, key version 2". `check`: of a KID, which names an RC without keys.
std::string meaning_of_kic(std::uint8_t kic);
std::string meaning_of_kid(std::uint8_t kid, Check check);

}  // namespace uicclab::ota
