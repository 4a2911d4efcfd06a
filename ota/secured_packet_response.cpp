// SPDX-License-Identifier: Apache-2.0
#include "ota/secured_packet_response.hpp"

#include "core/reader.hpp"
#include "ota/secured_packet_layout.hpp"

namespace uicclab::ota {
namespace {

/// RHL without a check: TAR, CNTR, PCNTR and status.
constexpr std::size_t kBareRhl = 10;
constexpr std::size_t kStatusOffset = 12;
/// RPL, RHL and the header itself.
constexpr std::size_t kBareSize = 13;

PacketLayout layout_of(const Quirks& quirks) {
  PacketLayout layout = kResponseLayout;
  if (quirks.response_check_without_udh) layout.check_prefix = {};
  return layout;
}

/// Errors: those of the keys; kNotFound where keys are needed and there are none.
Result<PacketProtection> protection_of(const Spi& spi, PacketKeys* keys) {
  PacketProtection protection;
  if (spi.por_check() == Check::kNone && !spi.por_ciphered()) return protection;
  if (keys == nullptr) return fail(ErrorCode::kNotFound, "a protected response without keys");
  if (spi.por_ciphered()) {
    const auto cipher = keys->cipher();
    if (!cipher) return tl::unexpected(cipher.error());
    protection.cipher = *cipher;
  }
  if (spi.por_check() != Check::kNone) {
    const auto check = keys->check(spi.por_check());
    if (!check) return tl::unexpected(check.error());
    protection.check = *check;
    protection.check_size = (*check)->size();
  }
  return protection;
}

ResponsePacket fields_of(const Bytes& packet, const PacketLayout& layout, std::size_t check_size) {
  ResponsePacket response;
  std::copy_n(packet.begin() + 3, 3, response.tar.value.begin());
  response.cntr = read_cntr(packet, layout);
  response.status = static_cast<ResponseStatus>(packet[kStatusOffset]);
  response.data = to_bytes(data_of(packet, layout, check_size));
  return response;
}

}  // namespace

Result<Bytes> build_response(const ResponsePacket& response, const Spi& spi, PacketKeys* keys, std::size_t cc_size, const Quirks& quirks) {
  if (response.cntr.value > Cntr::kMax) return fail(ErrorCode::kRange, "a counter of more than five octets");
  auto protection = protection_of(spi, keys);
  if (!protection) return tl::unexpected(protection.error());
  if (spi.por_check() == Check::kCc) {
    if (!protection->check->has_size(cc_size)) return fail(ErrorCode::kRange, "a CC of another size");
    protection->check_size = cc_size;
  }
  const PacketLayout layout = layout_of(quirks);
  auto packet = frame(layout, *protection, response.data, quirks.first_padding);
  if (!packet) return packet;
  Bytes& bytes = *packet;
  bytes[2] = static_cast<std::uint8_t>(kBareRhl + protection->check_size);
  std::ranges::copy(response.tar.value, bytes.begin() + 3);
  write_cntr(bytes, layout, response.cntr);
  bytes[kStatusOffset] = static_cast<std::uint8_t>(response.status);
  seal(bytes, layout, *protection);
  return packet;
}

Result<Bytes> answer_command(const ClearCommand& command, const OpenedCommand& opened, ResponseStatus status, BytesView data,
                             PacketKeys* keys, const Quirks& quirks) {
  const ResponsePacket response{command.header.tar, opened.cntr, status, to_bytes(data)};
  const std::size_t cc_size = command.header.spi.check() == Check::kCc ? opened.check_size : PacketCheck::kMaxSize;
  return build_response(response, opened.response_spi, keys, cc_size, quirks);
}

Result<ReceivedResponse> parse_response(BytesView bytes, const Spi& spi, PacketKeys& keys, const Quirks& quirks) {
  ByteReader reader(bytes);
  const auto rpl = reader.u16();
  if (!rpl) return fail(ErrorCode::kTruncated, "no RPL");
  if (*rpl > reader.remaining()) return fail(ErrorCode::kTruncated, "the packet ends before RPL does");
  if (*rpl < reader.remaining()) return fail(ErrorCode::kTrailing, "octets after the packet", 2U + *rpl);
  const auto rhl = reader.u8();
  if (!rhl || *rhl < kBareRhl || *rhl > reader.remaining()) return fail(ErrorCode::kMalformed, "an RHL that does not fit", 2);

  const PacketLayout layout = layout_of(quirks);
  const std::size_t check_size = *rhl - kBareRhl;
  Bytes packet = to_bytes(bytes);
  // The bare status: too short for any block, and without a check (table 5, status 06; OpenedCommand::response_spi). It needs no keys.
  const bool asked = spi.por_ciphered() || spi.por_check() != Check::kNone;
  if (asked && packet.size() == kBareSize && check_size == 0) {
    if (packet[layout.pcntr()] != 0) return fail(ErrorCode::kMalformed, "more padding than data", layout.pcntr());
    ReceivedResponse bare{fields_of(packet, layout, 0), false};
    if (bare.packet.status == ResponseStatus::kOk) return fail(ErrorCode::kRefused, "a success without the protection asked for");
    return bare;
  }
  auto protection = protection_of(spi, &keys);
  if (!protection) return tl::unexpected(protection.error());
  if (protection->check == nullptr ? check_size != 0 : !protection->check->has_size(check_size)) {
    return fail(ErrorCode::kMalformed, "a check that was not requested, or of another size", 2);
  }
  protection->check_size = check_size;
  switch (open(packet, layout, *protection)) {
    case Opened::kOk:
      break;
    case Opened::kPartOfBlock:
      return fail(ErrorCode::kMalformed, "a part of a block", layout.clear);
    case Opened::kCheckFailed:
      return fail(ErrorCode::kMismatch, "the check is wrong", layout.check());
    case Opened::kPaddingTooLong:
      return fail(ErrorCode::kMalformed, "more padding than data", layout.pcntr());
  }
  return ReceivedResponse{fields_of(packet, layout, check_size), true};
}

}  // namespace uicclab::ota
