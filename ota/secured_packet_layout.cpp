// SPDX-License-Identifier: Apache-2.0
#include "ota/secured_packet_layout.hpp"

namespace uicclab::ota {
namespace {

PacketCheck::Value compute(const Bytes& packet, const PacketLayout& layout, const PacketProtection& protection) {
  const BytesView bytes(packet);
  return protection.check->compute(
      {layout.check_prefix, bytes.first(layout.check()), bytes.subspan(layout.check() + protection.check_size)});
}

}  // namespace

Result<Bytes> frame(const PacketLayout& layout, const PacketProtection& protection, BytesView data, std::uint8_t first_padding) {
  const std::size_t head = layout.check() + protection.check_size;
  std::size_t padding = 0;
  if (protection.cipher != nullptr) {
    const std::size_t block = protection.cipher->block_size();
    padding = (block - (head - layout.clear + data.size()) % block) % block;
  }
  const std::size_t size = head + data.size() + padding;
  if (size - 2 > 0xFFFF) return fail(ErrorCode::kRange, "a packet of more than 65535 octets");
  Bytes packet(size);
  packet[0] = static_cast<std::uint8_t>((size - 2) >> 8);
  packet[1] = static_cast<std::uint8_t>(size - 2);
  packet[layout.pcntr()] = static_cast<std::uint8_t>(padding);
  std::ranges::copy(data, packet.begin() + static_cast<std::ptrdiff_t>(head));
  if (padding != 0) packet[head + data.size()] = first_padding;
  return packet;
}

void seal(Bytes& packet, const PacketLayout& layout, const PacketProtection& protection) {
  if (protection.check != nullptr) {
    const PacketCheck::Value value = compute(packet, layout, protection);
    std::copy_n(value.begin(), protection.check_size, packet.begin() + static_cast<std::ptrdiff_t>(layout.check()));
  }
  if (protection.cipher != nullptr) protection.cipher->encrypt(std::span(packet).subspan(layout.clear));
}

Opened open(Bytes& packet, const PacketLayout& layout, const PacketProtection& protection) {
  if (protection.cipher != nullptr) {
    const std::span<std::uint8_t> ciphered = std::span(packet).subspan(layout.clear);
    if (ciphered.size() % protection.cipher->block_size() != 0) return Opened::kPartOfBlock;
    protection.cipher->decrypt(ciphered);
  }
  if (protection.check != nullptr) {
    const PacketCheck::Value value = compute(packet, layout, protection);
    const BytesView there = BytesView(packet).subspan(layout.check(), protection.check_size);
    if (!crypto::constant_time_equal(BytesView(value).first(protection.check_size), there)) return Opened::kCheckFailed;
  }
  const std::size_t head = layout.check() + protection.check_size;
  return packet[layout.pcntr()] > packet.size() - head ? Opened::kPaddingTooLong : Opened::kOk;
}

BytesView data_of(const Bytes& packet, const PacketLayout& layout, std::size_t check_size) {
  const BytesView padded = BytesView(packet).subspan(layout.check() + check_size);
  return padded.first(padded.size() - packet[layout.pcntr()]);
}

void write_cntr(Bytes& packet, const PacketLayout& layout, Cntr cntr) {
  for (std::size_t i = 0; i < Cntr::kSize; ++i) {
    packet[layout.clear + i] = static_cast<std::uint8_t>(cntr.value >> (8 * (Cntr::kSize - 1 - i)));
  }
}

Cntr read_cntr(BytesView packet, const PacketLayout& layout) {
  Cntr cntr;
  for (std::size_t i = 0; i < Cntr::kSize; ++i) cntr.value = (cntr.value << 8) | packet[layout.clear + i];
  return cntr;
}

}  // namespace uicclab::ota
