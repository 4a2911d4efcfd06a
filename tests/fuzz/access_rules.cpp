// SPDX-License-Identifier: Apache-2.0
// Access rules: as bytes that somebody wrote, and as STORE DATA and GET DATA at the application. What must hold: what is parsed is written
// and read again as the same; whatever was sent, the card answers rules that SEAC's tables allow, up to the end of the list.
#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "core/reader.hpp"
#include "emulator/card.hpp"
#include "gp/host/access_rule_client.hpp"
#include "profile/build.hpp"
#include "profile/toml.hpp"
#include "tests/support/fuzz.hpp"

using namespace uicclab;
using test::require;

namespace {

std::shared_ptr<const emulator::CardImage> open_card() {
  const auto profile = profile::parse_profile(R"(
atr = "3B9F968091FE1F878031E073FE215F67756963636C6162C8"
applications = [ { module = "ara-m", aid = "A00000015141434C00", in_dir = false, parameters.secure_channel = false } ]
[files."3F00"]
expanded = "80015E9000"
)",
                                              "fuzz");
  return profile::build_image(profile.value(), applet::builtin_modules()).value();
}

void parse(BytesView bytes) {
  const auto rules = gp::parse_rules(bytes);
  if (!rules) return;
  const auto again = gp::parse_rules(gp::encode(*rules));
  require(again && *again == *rules, "rules are written and read again");
  for (const gp::AccessRule& rule : *rules) {
    const auto text = gp::text_of(rule);
    const auto read = gp::rule_of(text);
    require(!gp::check_rule(rule) || (read && *read == rule), "a right rule in words is that rule");
  }
}

void send(BytesView bytes) {
  static const auto image = open_card();
  SeededRandom random{1};
  ManualClock clock;
  emulator::Card card(image, random, clock);
  const auto ok = [&](const Bytes& command) {
    const auto answer = card.transmit(command);
    require(answer && answer->size() >= 2, "a powered card answers");
    return apdu::parse_response(*answer).value();
  };
  require(card.reset() && card.select_protocol(Protocol::kT1), "a reset answers");
  require(ok(*from_hex("00A4040009A00000015141434C0000")).status == sw::kOk, "the application is there");
  ByteReader in(bytes);
  for (int steps = 0; !in.empty() && steps < 40; ++steps) {
    const std::uint8_t what = in.u8().value_or(0);
    const BytesView data = in.lv().value_or(in.rest());
    if (what % 4 == 3) {
      ok(apdu::encode({0x80, 0xCA, static_cast<std::uint8_t>(what % 8 == 3 ? 0xFF : 0xDF), in.u8().value_or(0),
                       data.first(std::min<std::size_t>(data.size(), 255)), 256, false}));
    } else {
      const auto p1 = static_cast<std::uint8_t>(what % 4 == 2 ? 0x10 : 0x90);
      ok(apdu::encode({0x80, 0xE2, p1, static_cast<std::uint8_t>(what % 4 == 1 ? 1 : 0),
                       data.first(std::min<std::size_t>(data.size(), 255)), std::nullopt, false}));
    }
    if (data.size() > 255) break;
  }
  const auto list = gp::host::read_rules(card);
  require(list.has_value() && list->refresh_tag.has_value(), "the card tells its rules");
  for (const auto& one : list->rules) require(one.odd.empty(), "and they are right");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  parse({data, size});
  send({data, size});
  return 0;
}
