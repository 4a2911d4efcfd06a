// SPDX-License-Identifier: Apache-2.0
// A sequence of exchanges: whatever was recorded, it is decoded, with keys and without, and can be written in every form.
#include <sstream>

#include "core/reader.hpp"
#include "trace/decoder.hpp"
#include "trace/report.hpp"

using namespace uicclab;
using namespace uicclab::trace;

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

ota::PacketKeys packet_keys(std::uint8_t kic, std::uint8_t kid) {
  const auto key = [](std::uint8_t indicator) -> ota::OtaKey {
    const Bytes bytes(16, 0x11);
    if ((indicator & 0x0F) == 0x02) return crypto::AesKey::from(crypto::SecretBytes(bytes)).value();
    return crypto::DesKey::from(crypto::SecretBytes(bytes)).value();
  };
  return {kic, kid, {key(kic), key(kid)}, {true, true}};
}

}  // namespace

/// Events: kind and card (1), length of the command (2), command, length of the answer (2), answer.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Keys keys;
  keys.packets = packet_keys;
  keys.channels = [](KeyVersion) { return gp::host::default_keys(); };
  Decoder with(keys);
  Decoder without;
  Statistics statistics;
  std::ostringstream page;
  HtmlReport report(page, "fuzz");
  ByteReader reader(BytesView(data, size));
  while (!reader.empty()) {
    const std::uint8_t first = *reader.u8();
    RecordedEvent event;
    event.kind = static_cast<TraceEvent::Kind>(first % 4);
    event.card = first >> 7;
    const auto command_size = reader.u16().value_or(0);
    event.command = to_bytes(reader.bytes(std::min<std::size_t>(command_size, reader.remaining())).value_or(BytesView()));
    const auto answer_size = reader.u16().value_or(0);
    event.answer = to_bytes(reader.bytes(std::min<std::size_t>(answer_size, reader.remaining())).value_or(BytesView()));
    for (Decoder* decoder : {&with, &without}) {
      Exchange one = decoder->decode(event);
      require(!one.name.empty() && !one.title.empty());
      require(one.kind != TraceEvent::Kind::kExchange || one.command == event.command);
      statistics.add(one);
      std::ostringstream out;
      write_text(out, one, {false, true, 0});
      write_json(out, one);
      require(out.str().find('\0') == std::string::npos);
      report.add(one);
      redact(one);
      report.add(one);
    }
  }
  report.finish(statistics);
  std::ostringstream out;
  write_text(out, statistics);
  write_json(out, statistics);
  require(page.str().ends_with("</html>\n"));
  return 0;
}
