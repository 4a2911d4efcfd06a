// SPDX-License-Identifier: Apache-2.0
#include "trace/wire.hpp"

#include <algorithm>

#include "ota/remote_apdu_compact.hpp"

namespace uicclab::trace {
namespace {

/// Case 2 commands that remote management does not have: FETCH, GET CHALLENGE, MANAGE CHANNEL.
bool asks_a_terminal(BytesView header) {
  constexpr std::array<std::uint8_t, 3> kAsking{0x12, 0x84, 0x70};
  return std::ranges::find(kAsking, header[1]) != kAsking.end();
}

/// GET STATUS shares its instruction with STATUS; P1 distinguishes them (GPCS 11.4.2.1, ETSI TS 102 221 11.1.2.1).
bool is_get_status(BytesView header) {
  return header[1] == 0xF2 && (header[0] & 0x80) != 0 && (header[2] & 0xF0) != 0;
}

}  // namespace

bool brings_data(BytesView header) {
  if (asks_a_terminal(header)) return false;
  if (is_get_status(header)) return true;
  return !ota::is_outgoing(header, ota::CommandSet::kFiles) && !ota::is_outgoing(header, ota::CommandSet::kApplications);
}

std::optional<std::size_t> command_size(BytesView exchange) {
  constexpr std::size_t kHeader = 5;
  constexpr std::size_t kStatus = 2;
  if (exchange.size() < kHeader - 1 + kStatus) return std::nullopt;
  if (exchange.size() == kHeader - 1 + kStatus) return kHeader - 1;
  const std::size_t p3 = exchange[4];
  const std::size_t behind = exchange.size() - kHeader - kStatus;
  const auto extended = [&] { return static_cast<std::size_t>((exchange[5] << 8) | exchange[6]); };
  if (!brings_data(exchange)) return p3 == 0 && behind > 256 ? kHeader + 2 : kHeader;
  if (p3 == 0) {
    if (behind < 2 || extended() == 0 || behind < 2 + extended()) return kHeader;
    const std::size_t more = behind - 2 - extended();
    return kHeader + 2 + extended() + (more >= 2 ? 2 : 0);
  }
  if (behind < p3) return kHeader;  // no data after all: P3 is Le
  // SELECT without an AID asks for the default application: no AID looks like the FCI that comes back.
  const bool answer = exchange[1] == 0xA4 && behind > 2 && (exchange[5] == 0x6F || exchange[5] == 0x62) && exchange[6] == p3 - 2;
  if (behind == p3) return answer ? kHeader : kHeader + p3;
  // One byte more is Le, unless more comes behind it than it asks for: then the answer came without having been asked for.
  const std::size_t le = exchange[kHeader + p3];
  return kHeader + p3 + (le == 0 || behind - p3 - 1 <= le ? 1 : 0);
}

}  // namespace uicclab::trace
