// SPDX-License-Identifier: Apache-2.0
// Sequences of APDUs to the USIM and the ISIM on a fake card (tests/support/fake_context.hpp). First byte: which application, which
// services; then commands behind a one-byte length, FF: power-off and on, FE: the next byte names a file to overwrite with what follows
// (LV). What must hold: no exception, data only with success, the sequence numbers never back.
#include <cstdlib>

#include "applet/aka/slots.hpp"
#include "applet/builtin.hpp"
#include "core/crypto/milenage.hpp"
#include "core/reader.hpp"
#include "tests/support/fake_context.hpp"

using namespace uicclab;

namespace {

constexpr auto kFiles = std::to_array<std::array<std::uint8_t, 2>>({{0x6F, 0x07}, {0x6F, 0x38}, {0x6F, 0xAD}, {0x6F, 0xD6}, {0x6F, 0xD5}});
constexpr auto kCalcInfo = "5FD04F01"_h;
constexpr auto kRouting = "5FC04F0A"_h;

void require(bool condition) {
  if (!condition) std::abort();
}

applet::Parameters parameters(std::uint8_t choice) {
  applet::Parameters out;
  out.set("k", "000102030405060708090A0B0C0D0E0F");
  out.set("sqn.delta", std::int64_t{0});
  if ((choice & 0x02) != 0) {
    out.set("algorithm", "xor");  // the fuzzer can find a good MAC
  } else {
    out.set("algorithm", "milenage");
    out.set("opc", "000102030405060708090A0B0C0D0E0F");
  }
  return out;
}

void set_up(test::FakeContext& context, std::uint8_t choice) {
  context.satisfy(0x01);
  const Bytes table(17, (choice & 0x04) != 0 ? std::uint8_t{0x00} : std::uint8_t{0xFF});
  context.tree().add("6F07"_h, (choice & 0x01) != 0 ? table : to_bytes("082947100210000268"_h));
  context.tree().add("6F38"_h, table);
  context.tree().add("6FAD"_h, to_bytes("00000003"_h));
  context.tree().add("6FD6"_h, Bytes(40, 0xFF));
  context.tree().add("6FD5"_h, Bytes(40, 0xFF));
  context.tree().add_records("6FDA"_h, {2, Bytes(40, 0xFF)});
  context.tree().add_records("6FD7"_h, {2, Bytes(40, 0xFF)});
  context.tree().add(kCalcInfo, to_bytes("A0020000"_h));
}

/// SQN_MS and every SEQ of the array.
std::vector<std::uint64_t> sequence_numbers(const test::FakeContext& context) {
  std::vector<std::uint64_t> numbers;
  ByteReader in(context.objects().at(applet::aka::kSqnSlot));
  while (const auto number = in.number(6)) numbers.push_back(*number);
  return numbers;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const applet::ModuleCatalogue modules = applet::builtin_modules();
  ByteReader in({data, size});
  const std::uint8_t choice = in.u8().value_or(0);
  const auto& module = *std::ranges::find(modules, (choice & 0x01) != 0 ? "isim" : "usim", [](const auto& m) { return m->name(); });
  test::FakeContext context(module->personalise(parameters(choice)).value());
  set_up(context, choice);
  auto applet = module->make();
  for (int steps = 0; steps < 64 && !in.empty(); ++steps) {
    const std::uint8_t length = *in.u8();
    if (length == 0xFF) {
      applet = module->make();
      continue;
    }
    if (length == 0xFE) {
      const std::uint8_t which = in.u8().value_or(0);
      const Bytes content = to_bytes(in.lv().value_or(BytesView()));
      if (which < kFiles.size()) {
        context.tree().add(kFiles[which], content);
      } else {
        context.tree().add(which % 2 == 0 ? BytesView(kCalcInfo) : BytesView(kRouting), content);
      }
      continue;
    }
    const auto bytes = in.bytes(std::min<std::size_t>(length, in.remaining()));
    if (!apdu::parse(*bytes)) continue;
    const auto before = sequence_numbers(context);
    const unsigned stored = context.counters_stored();
    const auto answer = context.run(*applet, *bytes);
    const auto after = sequence_numbers(context);
    require(answer.status.is_success() || answer.data.empty());
    require(before.size() == after.size());
    for (std::size_t i = 0; i < before.size(); ++i) require(after[i] >= before[i]);
    require((before != after) == (context.counters_stored() != stored));
  }
  return 0;
}
