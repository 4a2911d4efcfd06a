// SPDX-License-Identifier: Apache-2.0
#include "applet/api/store_data.hpp"

#include <utility>

namespace uicclab::applet {
namespace {

constexpr std::uint8_t kLastBlock = 0x80;

}  // namespace

tl::expected<std::optional<StoreDataBlocks::Message>, StatusWord> StoreDataBlocks::add(const apdu::Command& command, std::uint8_t kinds) {
  const auto kind = static_cast<std::uint8_t>(command.p1 & ~kLastBlock);
  if (command.p2 == 0) {
    clear();
    m_message.kind = kind;
  }
  const bool fits = command.p2 == m_next && kind == m_message.kind && m_message.data.size() + command.data.size() <= m_limit;
  if (!fits || (kind & ~kinds) != 0) {
    clear();
    return tl::unexpected(fits ? sw::kIncorrectP1P2 : sw::kIncorrectData);
  }
  append(m_message.data, command.data);
  ++m_next;
  if ((command.p1 & kLastBlock) == 0) return std::nullopt;
  Message whole = std::move(m_message);
  clear();
  return whole;
}

void StoreDataBlocks::clear() {
  m_message = {};
  m_next = 0;
}

}  // namespace uicclab::applet
