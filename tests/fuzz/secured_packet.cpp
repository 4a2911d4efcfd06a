// SPDX-License-Identifier: Apache-2.0
// Secured packets opened at either end: nothing is executed unless its header allows it, and what is opened can be built again.
// The input: a control byte (keys, quirks), a byte for the minimum security level, five bytes of counter, the packet.
#include "core/reader.hpp"
#include "ota/secured_packet_response.hpp"

using namespace uicclab;
using namespace uicclab::ota;

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

OtaKey key(unsigned kind, std::uint8_t fill) {
  static constexpr std::size_t kSizes[] = {8, 16, 24, 16, 24, 32};
  if (kind >= 6) return {};
  crypto::SecretBytes bytes(Bytes(kSizes[kind], fill));
  if (kind < 3) return crypto::DesKey::from(std::move(bytes)).value();
  return crypto::AesKey::from(std::move(bytes)).value();
}

void check_command(const ClearCommand& clear, PacketKeys& keys, const ReceiverRules& rules) {
  const auto opened = open_command(clear, keys, rules);
  const Spi& spi = clear.header.spi;
  const bool counts = spi.counter_mode() >= CounterMode::kHigher;
  require((opened.status == ResponseStatus::kOk) || (opened.data.empty() && !opened.commit));
  require(!opened.commit || *opened.commit > rules.last);
  require(!opened.answer || is_answer_due(spi, opened.status));
  if (opened.status == ResponseStatus::kOk) {
    require(opened.commit.has_value() == counts);
    require(opened.authenticated == (spi.check() == Check::kCc));
    require(meets_minimum_security(spi.first, rules.minimum_spi1));
    const auto again = build_command({clear.header, opened.cntr, opened.data}, keys, opened.check_size, rules.quirks);
    require(again && open_command(ClearCommand::parse(*again).value(), keys, rules).data == opened.data);
  }
  if (!opened.answer) return;
  const auto answer = answer_command(clear, opened, opened.status, opened.data, &keys, rules.quirks);
  require(answer.has_value());
  const auto response = parse_response(*answer, spi, keys, rules.quirks);
  require(response && response->packet.status == opened.status && response->packet.data == opened.data);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  ByteReader reader({data, size});
  const auto control = reader.u8();
  const auto minimum = reader.u8();
  const auto last = reader.number(Cntr::kSize);
  if (!last) return 0;
  ReceiverRules rules{{*last}, *minimum, {}};
  const unsigned kind = *control & 0x07;
  const bool quirky = (*control & 0x08) != 0;
  rules.quirks = {static_cast<std::uint8_t>(quirky ? 0x80 : 0x00), quirky, false, quirky, quirky, quirky};
  const AlgorithmPolicy policy{(*control & 0x10) != 0, (*control & 0x20) != 0};
  const BytesView packet = reader.rest();
  if (const auto clear = ClearCommand::parse(packet)) {
    PacketKeys keys(clear->header.kic, clear->header.kid, {key(kind, 0x11), key(kind, 0x22)}, policy);
    check_command(*clear, keys, rules);
  }
  // The same bytes as a response to a command that asked for CC and ciphering, and for nothing.
  const auto kic = static_cast<std::uint8_t>(kind >= 3 ? 0x12 : 0x10);
  PacketKeys keys(kic, kic, {key(kind, 0x11), key(kind, 0x22)}, policy);
  for (const Spi& spi : {Spi{0x16, 0x19}, Spi{0x16, 0x09}, Spi{0x16, 0x11}, Spi{0x00, 0x01}}) {
    const auto response = parse_response(packet, spi, keys, rules.quirks);
    if (!response || !response->protected_as_asked) continue;
    const auto again = build_response(response->packet, spi, &keys, 8, rules.quirks);
    require(again && parse_response(*again, spi, keys, rules.quirks)->packet == response->packet);
  }
  return 0;
}
