// SPDX-License-Identifier: Apache-2.0
// Files of a card as a terminal reads and writes them, on a logical channel of its own: ETSI TS 102 221 clauses 11.1.1 (SELECT), 11.1.9
// (VERIFY PIN) and 11.1.17 (MANAGE CHANNEL); their content by uicc::FileExchange.
#pragma once

#include <optional>

#include "core/apdu.hpp"
#include "core/card_port.hpp"
#include "core/crypto/secret.hpp"
#include "core/types.hpp"
#include "uicc/file_exchange.hpp"

namespace uicclab::lwm2m::device {

/// The card says in its historical bytes that it takes commands of extended length (ISO/IEC 7816-4 clause 12.1.1.9, card capabilities);
/// under T=1, that is, as T=0 has no such commands.
bool takes_extended_length(BytesView atr);

/// The answer to SELECT. `status` is the card's answer; the rest is present after a success if the card reported it.
struct SelectedFile {
  StatusWord status;
  Bytes aid;                          ///< of an ADF, tag 84
  std::optional<std::size_t> size;    ///< tag 80
  std::optional<std::size_t> record;  ///< size of one record
};

/// Errors of every function: those of the port; a refusal of the card is a status. Of SELECT also kRange for records that cannot be.
class CardFiles {
 public:
  explicit CardFiles(CardPort& port) : m_port(port), m_content(port) { m_content.set_longest(255, 256); }
  /// Closes the channel it opened.
  ~CardFiles();
  CardFiles(const CardFiles&) = delete;
  CardFiles& operator=(const CardFiles&) = delete;

  /// Another logical channel than the basic one; where the card grants none, the basic one serves.
  Result<void> open_channel();
  Channel channel() const { return m_channel; }

  Result<SelectedFile> select_application(BytesView aid);
  /// `path` begins below the MF; 7FFF in it is the current application. Empty: the MF.
  Result<SelectedFile> select(BytesView path);
  /// All of a transparent EF that is selected, in as many commands as it takes. Without a size it ends where the card says so.
  Result<uicc::ReadContent> read(std::optional<std::size_t> size) { return m_content.read_binary(size); }
  /// A record by its number.
  Result<uicc::ReadContent> read_record(std::uint8_t number, std::size_t size) { return m_content.read_record(number, size); }
  /// Writes `content` at the begin of the selected EF. One that needs several commands has its first two bytes set to FF FF before
  /// anything else and gets them last, so that what was torn off in the middle reads as no content, not as a wrong one.
  Result<StatusWord> write(BytesView content);
  /// What `content` has other than `now`, the file's content, in one command, so that a power cut leaves either of them; nothing if it
  /// does not fit into one. An empty `now` is not known.
  Result<std::optional<StatusWord>> write_in_one(BytesView content, BytesView now);
  /// What a key reference says without a value: 9000 if it needs none (verified or disabled).
  Result<StatusWord> ask_pin(std::uint8_t reference);
  /// `pin`: its characters, up to eight.
  Result<StatusWord> verify_pin(std::uint8_t reference, const crypto::SecretBytes& pin);

  /// The longest data of one command and of one answer. 255 and 256 unless something in between needs room, or
  /// the way to the card takes extended length.
  void set_longest(std::size_t command, std::size_t answer) { m_content.set_longest(command, answer); }
  std::size_t longest_command() const { return m_content.longest_command(); }

 private:
  Result<apdu::Response> send(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, BytesView data, std::optional<std::uint32_t> le = {});
  Result<SelectedFile> selected(const Result<apdu::Response>& answer) const;

  CardPort& m_port;
  Channel m_channel{0};
  uicc::FileExchange m_content;
};

}  // namespace uicclab::lwm2m::device
