// SPDX-License-Identifier: Apache-2.0
#include "bench/clone.hpp"

#include <map>
#include <set>

#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "emulator/card.hpp"
#include "emulator/security/pin.hpp"
#include "profile/body.hpp"
#include "profile/build.hpp"
#include "profile/complete.hpp"
#include "profile/default.hpp"
#include "profile/default_card/default_card.hpp"
#include "profile/toml.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using bench::clone_card;
using bench::CloneOptions;

namespace {

Bytes pin(std::string_view text) {
  Bytes out = to_bytes(as_bytes(text));
  out.resize(8, 0xFF);
  return out;
}

CloneOptions all_pins() {
  CloneOptions options;
  options.pins = {{0x01, pin("1234")}, {0x0A, pin("88888888")}, {0x81, pin("5678")}};
  return options;
}

/// The built-in card, and what went to it.
struct Original {
  SeededRandom random{1};
  ManualClock clock;
  Card card{profile::default_card(), random, clock};
  unsigned tries(std::uint8_t reference) { return decode_pin(card.nvm().read(pin_object(KeyReference{reference}, kMfId)).value())->tries; }
  std::string send(std::string_view command) { return to_hex(card.transmit(from_hex(command).value()).value()); }
};

bench::Clone clone_of(CardPort& card, const CloneOptions& options) {
  auto clone = clone_card(card, options);
  REQUIRE_MESSAGE(clone, clone.error().text);
  return *std::move(clone);
}

bool was_read(const profile::FileSpec& file) {
  return !file.name.ends_with("not read");
}

}  // namespace

TEST_CASE("The clone of the built-in card is the built-in card: every file, its FCP, its access rule, its content if it can be read") {
  Original original;
  const bench::Clone clone = clone_of(original.card, all_pins());
  const auto again = profile::parse_profile(to_toml(clone.profile), "clone.toml");
  REQUIRE_MESSAGE(again, again.error().text);
  const profile::Profile wanted = complete(*profile::default_profile());
  const profile::Profile got = complete(*again);
  CHECK(got.atr == wanted.atr);
  CHECK(got.logical_channels == wanted.logical_channels);
  CHECK(got.gsm_class == wanted.gsm_class);
  CHECK(got.files.size() == wanted.files.size());
  std::set<std::string> unread;
  for (const profile::FileSpec& file : wanted.files) {
    CAPTURE(file.path);
    const auto found = std::ranges::find(got.files, file.path, &profile::FileSpec::path);
    CHECK(found != got.files.end());
    if (found == got.files.end()) continue;
    CHECK(found->header == file.header);
    if (was_read(*found)) {
      CHECK(to_hex(make_body(*found)) == to_hex(make_body(file)));
    } else {
      unread.insert(file.path);
    }
  }
  CHECK(unread == std::set<std::string>{"ADF.PKCS15/6433"});
  REQUIRE(got.pins.size() == wanted.pins.size());
  for (const profile::PinSpec& one : wanted.pins) {
    const auto found =
        std::ranges::find_if(got.pins, [&](const profile::PinSpec& other) { return other.key == one.key && other.scope == one.scope; });
    REQUIRE(found != got.pins.end());
    CHECK(found->value == one.value);
    CHECK(found->enabled == one.enabled);
    CHECK(found->max_tries == one.max_tries);
  }
  CHECK(build_image(*again, applet::builtin_modules()).has_value());
}

TEST_CASE("Phonebook files of a clone have the names of EF_PBR (TS 31.102 clause 4.4.2.1)") {
  Original original;
  const bench::Clone clone = clone_of(original.card, all_pins());
  std::map<std::string, std::string> names;
  for (const profile::FileSpec& file : clone.profile.files) names[file.path] = file.name;
  for (const auto& [fid, name] : std::map<std::string, std::string>{
           {"4F3A", "EF.ADN"}, {"4F3D", "EF.CCP1"}, {"4F4B", "EF.AAS"}, {"4F4C", "EF.GRP"}, {"4F4D", "EF.GAS"}, {"4F51", "EF.EMAIL"}}) {
    CAPTURE(fid);
    CHECK(names["3F00/7F10/5F3A/" + fid] == name);
    CHECK(names["ADF.USIM/5F3A/" + fid] == name);
  }
}

TEST_CASE("Cloning takes nothing from the card: its memory is as before, with PINs and without") {
  Original original;
  for (const CloneOptions& options : {CloneOptions{}, all_pins()}) {
    const auto before = original.card.clone(original.random);
    (void)clone_of(original.card, options);
    for (const auto& change : original.card.nvm().overlay()) {
      const auto was = before->nvm().read(change.id);
      const auto now = original.card.nvm().read(change.id);
      REQUIRE(was.has_value() == now.has_value());
      if (was) CHECK(equal(*was, *now));
    }
  }
}

TEST_CASE("What is not readable is named and marked, in the report and in the profile") {
  Original original;
  REQUIRE(original.card.reset());
  REQUIRE(original.send("002800010831323334FFFFFFFF") == "9000");  // PIN1 is asked for from now on
  const bench::Clone clone = clone_of(original.card, {});
  const auto imsi = std::ranges::find(clone.profile.files, "ADF.USIM/6F07", &profile::FileSpec::path);
  REQUIRE(imsi != clone.profile.files.end());
  CHECK(imsi->name == "EF.IMSI, not read");
  CHECK(imsi->content.empty());
  const auto remark = std::ranges::find(
      clone.remarks, "ADF.USIM/6F07 EF.IMSI: not read, READ BINARY answers 6982 (security status not satisfied); the clone has FF");
  CHECK(remark != clone.remarks.end());
  CHECK(std::ranges::find(clone.remarks, "PIN1: its value is not known; the clone's is 00000000, without a PUK") != clone.remarks.end());
}

TEST_CASE("A wrong value costs the try that was given away, and no other; with a try missing nothing is sent") {
  Original original;
  CloneOptions options;
  options.pins = {{0x0A, pin("11111111")}};
  const auto refused = clone_card(original.card, options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == ErrorCode::kMismatch);
  CHECK(original.tries(0x0A) == 2);
  for (const std::string_view value : {"11111111", "88888888"}) {
    options.pins = {{0x0A, pin(value)}};
    const auto again = clone_card(original.card, options);
    REQUIRE_FALSE(again);
    CHECK(again.error().code == ErrorCode::kRefused);
    CHECK(original.tries(0x0A) == 2);
  }
  const bench::Clone clone = clone_of(original.card, {});
  CHECK(std::ranges::find(clone.remarks, "ADM1: 2 tries left; the clone has 3") != clone.remarks.end());
}

namespace {

/// A card that answers every SELECT with the same, or not at all.
class Odd final : public CardPort {
 public:
  explicit Odd(std::string_view answer) : m_answer(answer) {}
  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  Result<Bytes> transmit(BytesView) override {
    if (m_answer.empty()) return fail(ErrorCode::kIo, "gone");
    return from_hex(m_answer);
  }
  void power_off() override {}

 private:
  std::string m_answer;
};

}  // namespace

TEST_CASE("A card without FCPs, a removed card and a card that accepts every SELECT are refused or end") {
  Odd gsm("9F17");
  CHECK_FALSE(clone_card(gsm, {}));
  Odd nothing("6A82");
  const auto none = clone_card(nothing, {});
  REQUIRE_FALSE(none);
  CHECK(none.error().code == ErrorCode::kMalformed);
  Odd gone("");
  const auto io = clone_card(gone, {});
  REQUIRE_FALSE(io);
  CHECK(io.error().code == ErrorCode::kIo);
  Odd always("6210820278218302 3F008A01058B032F06019000");
  const auto same = clone_card(always, {});
  REQUIRE(same);
  CHECK(same->profile.files.size() == 1);
}
