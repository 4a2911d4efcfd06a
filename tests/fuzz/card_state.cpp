// SPDX-License-Identifier: Apache-2.0
// What the card reads back from its own memory or from CREATE FILE: file control parameters, access rules, PINs, a suspended session.
#include "emulator/suspension.hpp"
#include "tests/support/fuzz.hpp"
#include "tests/support/small_card.hpp"
#include "uicc/access_rule.hpp"
#include "uicc/fcp.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes{data, size};
  if (const auto header = parse_fcp(bytes)) {
    const auto again = decode_header(encode_header(*header));
    require(again.has_value(), "a header is read back");
    require(encode_header(*again) == encode_header(*header), "a header has one coding");
  }
  (void)decode_header(bytes);
  for (const auto& rule : {AccessRule::from_expanded(bytes), AccessRule::from_compact(bytes)}) {
    if (!rule) continue;
    for (unsigned bit = 1; bit < 0x100; bit <<= 1) (void)rule->find(Access::of_mode(static_cast<std::uint8_t>(bit)));
    (void)rule->find(Access::of_command(0x80, 0x32));
  }
  if (const auto pin = decode_pin(bytes)) require(decode_pin(encode_pin(*pin)) == pin, "a PIN is read back");
  static const auto image = test::small_image();
  SeededRandom random{1};
  ManualClock clock;
  Card card(image, random, clock);
  (void)card.reset();
  if (size >= 9) (void)resume(*card.session(), bytes, bytes.subspan(1, kResumeTokenSize));
  return 0;
}
