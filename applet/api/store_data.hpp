// SPDX-License-Identifier: Apache-2.0
// A message that comes in blocks of STORE DATA: GlobalPlatform Card Specification v2.3.1 clause 11.11. P2 counts the blocks from 00, bit 8
// of P1 marks the last one; the first block starts again, whatever came before.
#pragma once

#include <optional>

#include "core/apdu.hpp"
#include "core/result.hpp"
#include "core/status_word.hpp"

namespace uicclab::applet {

class StoreDataBlocks {
 public:
  /// `limit`: bytes of a whole message.
  explicit StoreDataBlocks(std::size_t limit) : m_limit(limit) {}

  struct Message {
    std::uint8_t kind = 0;  ///< P1 without bit 8, the same in all blocks
    Bytes data;
  };
  /// The whole message with its last block, nothing before. Status: 6A80 for a block out of order, of another kind, or too much of them;
  /// 6A86 for a bit in P1 that is neither bit 8 nor in `kinds`. What came so far is then forgotten.
  tl::expected<std::optional<Message>, StatusWord> add(const apdu::Command& command, std::uint8_t kinds = 0);
  void clear();

 private:
  std::size_t m_limit;
  Message m_message;
  std::uint8_t m_next = 0;
};

}  // namespace uicclab::applet
