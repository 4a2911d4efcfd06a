// SPDX-License-Identifier: Apache-2.0
#include "script/guard_port.hpp"

#include <algorithm>
#include <array>

#include "core/apdu.hpp"
#include "core/hex.hpp"
#include "script/explain.hpp"

namespace uicclab::script {
namespace {

// ETSI TS 102 221 clauses 11.1.9 to 11.1.13.
constexpr std::uint8_t kVerify = 0x20;
constexpr std::uint8_t kUnblock = 0x2C;
constexpr std::array<std::uint8_t, 5> kWithPin{kVerify, 0x24, 0x26, 0x28, kUnblock};
constexpr std::uint8_t kExternalAuthenticate = 0x82;
/// Tries that cards give: fewer than that many and somebody was wrong before (TS 102 221 clause 9.5.1: three, and ten for a PUK).
constexpr unsigned kAllTries = 3;
constexpr unsigned kAllPukTries = 10;

struct Danger {
  std::uint8_t ins;
  bool global_platform;  ///< in the classes 80 to FF
};
constexpr std::array<Danger, 11> kDangers{{
    {0xE6, false},
    {0xE8, false},
    {0xFE, false},
    {0xE4, false},  // ETSI TS 102 222: TERMINATE DF, EF, CARD USAGE; DELETE FILE
    {0xD8, true},
    {0xE4, true},
    {0xE6, true},
    {0xE8, true},
    {0xF0, true},
    {0xE2, true},  // GlobalPlatform clause 11
    {0xFE, true},
}};

bool is_global_platform(BytesView command) {
  return (command[0] & 0x80) != 0;
}

std::string because(BytesView command, std::string_view text) {
  return describe_command(command) + " was not sent to a card in a reader: " + std::string(text) + " (--yes-i-know sends it)";
}

/// Tries as 63Cx reports them.
std::optional<unsigned> tries_of(const Result<Bytes>& answer) {
  if (!answer || answer->size() < 2) return std::nullopt;
  const std::uint8_t sw1 = (*answer)[answer->size() - 2];
  const std::uint8_t sw2 = answer->back();
  if (sw1 == 0x69 && sw2 == 0x83) return 0;
  if (sw1 != 0x63 || (sw2 & 0xF0) != 0xC0) return std::nullopt;
  return sw2 & 0x0FU;
}

}  // namespace

Result<void> GuardPort::check_tries(BytesView command) {
  const bool puk = command[1] == kUnblock;
  const auto key = static_cast<std::uint16_t>((puk ? 0x100 : 0) | command[3]);
  if (m_wrong[key]) return fail(ErrorCode::kRefused, because(command, "the card already rejected a value for this key"));
  // Without data it is a question, and costs nothing.
  const Bytes question{command[0], puk ? kUnblock : kVerify, 0x00, command[3]};
  const auto tries = tries_of(m_card.transmit(question));
  if (tries && *tries < (puk ? kAllPukTries : kAllTries)) {
    return fail(ErrorCode::kRefused, because(command, "it has " + std::to_string(*tries) + " tries left"));
  }
  return {};
}

std::optional<std::string> danger_of(BytesView command) {
  if (command.size() < 4) return std::nullopt;
  const bool global_platform = is_global_platform(command);
  const bool found =
      std::ranges::any_of(kDangers, [&](const Danger& one) { return one.ins == command[1] && one.global_platform == global_platform; });
  if (!found) return std::nullopt;
  return because(command, "it can permanently block the card");
}

bool carries_pin(BytesView command) {
  return command.size() > 5 && std::ranges::find(kWithPin, command[1]) != kWithPin.end();
}

Result<Bytes> GuardPort::transmit(BytesView command) {
  if (command.size() < 4) return m_card.transmit(command);
  const std::uint8_t ins = command[1];
  const auto danger = danger_of(command);
  if (danger && !(m_management && is_global_platform(command))) return fail(ErrorCode::kRefused, *danger);
  if (ins == kExternalAuthenticate && !m_authentication) {
    return fail(ErrorCode::kRefused, because(command, "a wrong cryptogram may block the keys; a block 'in scp03' checks them first"));
  }
  const bool has_pin = carries_pin(command);
  if (has_pin) {
    if (auto safe = check_tries(command); !safe) return tl::unexpected(safe.error());
  }
  auto answer = m_card.transmit(command);
  if (has_pin && tries_of(answer)) m_wrong[static_cast<std::uint16_t>((ins == kUnblock ? 0x100 : 0) | command[3])] = true;
  return answer;
}

}  // namespace uicclab::script
