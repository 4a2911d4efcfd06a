// SPDX-License-Identifier: Apache-2.0
// The content of the selected EF, read and written over any CardPort: ETSI TS 102 221 clauses 11.1.3 (READ BINARY), 11.1.4 (UPDATE BINARY),
// 11.1.5 (READ RECORD), 11.1.6 (UPDATE RECORD) and 11.3.1 (RETRIEVE DATA). The one place where these commands are made.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "core/apdu.hpp"
#include "core/card_port.hpp"
#include "core/crypto/wiped_bytes.hpp"
#include "uicc/file.hpp"

namespace uicclab::uicc {

/// What a card gave. A refusal in the middle leaves what came before it.
struct ReadContent {
  StatusWord status = sw::kOk;  ///< of the last command; a success if nothing was refused
  crypto::WipedBytes bytes;

  bool is_refused() const { return !status.is_success(); }
};

/// Selecting the file is the caller's. Errors of every function: those of the port; a refusal of the card is a status.
class FileExchange {
 public:
  /// READ BINARY and UPDATE BINARY reach this far: 15 bits in P1 and P2.
  static constexpr std::size_t kReach = 0x8000;

  /// `port` outlives this object.
  explicit FileExchange(CardPort& port, Channel channel = Channel{0}) : m_port(port), m_channel(channel) {}

  void set_channel(Channel channel) { m_channel = channel; }
  /// The longest data of one command and of one answer: 255 unless something between needs room of its own, or the way to the card takes
  /// extended length.
  void set_longest(std::size_t command, std::size_t answer) {
    m_longest_command = command;
    m_longest_answer = answer;
  }
  std::size_t longest_command() const { return m_longest_command; }

  /// A transparent EF of `size` bytes, or as far as the card goes (6282, 6B00, a short answer) and READ BINARY reaches.
  Result<ReadContent> read_binary(std::optional<std::size_t> size = {});
  /// A record by its number.
  Result<ReadContent> read_record(std::uint8_t number, std::size_t length);
  /// All data objects of a BER-TLV structured EF, one after the other.
  Result<ReadContent> read_objects();
  /// One data object in as many blocks as it takes (clause 11.3.1.2). 6A88: there is none of this tag.
  /// Errors: also kMalformed for an object that does not end.
  Result<ReadContent> retrieve(BytesView tag);

  /// In as many commands as it takes; the first refusal ends it.
  Result<StatusWord> update_binary(std::size_t offset, BytesView content);
  /// A cyclic EF takes its new record as number 1, whatever `number` is (clause 11.1.6.1: PREVIOUS alone).
  Result<StatusWord> update_record(FileKind kind, std::uint8_t number, BytesView content);

 private:
  Result<apdu::Response> send(apdu::Command command);

  CardPort& m_port;
  Channel m_channel;
  std::size_t m_longest_command = 255;
  std::size_t m_longest_answer = 255;
};

/// The tags that RETRIEVE DATA with tag 5C lists (clause 11.3.1.1), each as its bytes. Nothing after one that is cut off.
std::vector<BytesView> listed_tags(BytesView answer);

}  // namespace uicclab::uicc
