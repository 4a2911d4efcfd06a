// SPDX-License-Identifier: Apache-2.0
#include "core/atr.hpp"

#include "core/reader.hpp"

namespace uicclab {

Result<AtrInfo> parse_atr(BytesView atr) {
  constexpr std::uint8_t kGlobal = 15;  // T=15 in TDi marks global interface bytes; it is no protocol (clause 8.2.3)
  if (atr.size() > kMaxAtrSize) return fail(ErrorCode::kRange, "an ATR has at most 33 bytes", kMaxAtrSize);
  ByteReader in(atr);
  const auto ts = in.u8();
  if (!ts) return fail(ErrorCode::kTruncated, "no TS", 0);
  if (*ts != 0x3B && *ts != 0x3F) return fail(ErrorCode::kMalformed, "TS is neither 3B nor 3F", 0);
  const auto t0 = in.u8();
  if (!t0) return fail(ErrorCode::kTruncated, "no T0", 1);

  AtrInfo info;
  bool needs_tck = false;
  auto indicator = static_cast<std::uint8_t>(*t0 >> 4);
  std::uint8_t announced = 0;  // T of the TD before
  for (unsigned group = 1; indicator != 0; ++group) {
    std::uint8_t next = 0;
    for (std::uint8_t bit = 1; bit <= 8; bit = static_cast<std::uint8_t>(bit << 1)) {
      if ((indicator & bit) == 0) continue;
      const auto byte = in.u8();
      if (!byte) return fail(ErrorCode::kTruncated, "interface byte announced but missing", in.offset());
      if (bit == 1 && group == 2) {
        info.specific_mode = true;
        info.first_protocol = *byte & 0x0F;
        info.offered = static_cast<std::uint16_t>(1U << info.first_protocol);
      }
      if (bit == 1 && group > 2 && announced == kGlobal && !info.clock_and_class) info.clock_and_class = *byte;
      if (bit != 8) continue;
      next = static_cast<std::uint8_t>(*byte >> 4);
      const std::uint8_t protocol = announced = *byte & 0x0F;
      if (protocol != 0) needs_tck = true;
      if (group == 1) {
        info.first_protocol = protocol;
        info.offered = static_cast<std::uint16_t>(1U << protocol);
      } else if (protocol != kGlobal && !info.specific_mode) {
        info.offered = static_cast<std::uint16_t>(info.offered | 1U << protocol);
      }
    }
    indicator = next;
  }
  const auto historical = in.bytes(*t0 & 0x0F);
  if (!historical) return fail(ErrorCode::kTruncated, "historical bytes announced but missing", in.offset());
  info.historical = *historical;

  if (needs_tck) {  // clause 8.2.5: absent if only T=0 is indicated, else the exclusive-or of T0 to TCK is 00
    if (!in.u8()) return fail(ErrorCode::kTruncated, "no TCK", in.offset());
    std::uint8_t sum = 0;
    for (std::uint8_t byte : atr.subspan(1, in.offset() - 1)) sum ^= byte;
    if (sum != 0) return fail(ErrorCode::kMismatch, "TCK is wrong", in.offset() - 1);
  }
  if (!in.empty()) return fail(ErrorCode::kTrailing, "bytes after the ATR", in.offset());
  return info;
}

Result<Bytes> with_historical_bytes(BytesView atr, BytesView historical) {
  constexpr std::size_t kMost = 15;
  if (historical.size() > kMost) return fail(ErrorCode::kRange, "an ATR has at most 15 historical bytes", kMost);
  const auto info = parse_atr(atr);
  if (!info) return tl::unexpected(info.error());
  const auto begin = static_cast<std::size_t>(info->historical.data() - atr.data());
  const bool has_tck = begin + info->historical.size() < atr.size();
  Bytes out = to_bytes(atr.first(begin));
  out[1] = static_cast<std::uint8_t>((out[1] & 0xF0) | historical.size());
  append(out, historical);
  if (has_tck) {
    std::uint8_t sum = 0;
    for (const std::uint8_t byte : BytesView(out).subspan(1)) sum ^= byte;
    out.push_back(sum);
  }
  if (out.size() > kMaxAtrSize) return fail(ErrorCode::kRange, "an ATR has at most 33 bytes", kMaxAtrSize);
  return out;
}

}  // namespace uicclab
