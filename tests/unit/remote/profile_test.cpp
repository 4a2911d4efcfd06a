// SPDX-License-Identifier: Apache-2.0
// What a profile says of remote management: TARs, minimum security, access domains (ETSI TS 102 226 clause 8.2.1.3.2.2), and the ways of
// other implementations.
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using namespace uicclab::emulator;
using ota::ResponseStatus;

namespace {

profile::ApplicationSpec& rfm_of_usim(profile::Profile& profile) {
  const auto it = std::ranges::find_if(profile.applications, [](const profile::ApplicationSpec& a) { return a.label == "RFM USIM"; });
  REQUIRE(it != profile.applications.end());
  return *it;
}

profile::Profile with(std::initializer_list<std::pair<const char*, const char*>> parameters) {
  profile::Profile profile = profile::default_profile().value();
  for (const auto& [key, value] : parameters) rfm_of_usim(profile).parameters.set(key, std::string(value));
  return profile;
}

/// Reading EF_SPN (always), EF_IMSI (PIN1), updating EF_SPN (ADM1), creating a file (ADM1), reading EF_ICCID outside the ADF.
std::string rights(const profile::Profile& profile) {
  Platform p(image_of(profile));
  const auto last = [&](const char* script) { return p.answer(script).substr(2, 4); };
  std::string out = last(
                        "00A4000C026F46"
                        "00B0000001") +
                    " " +
                    last(
                        "00A4000C026F07"
                        "00B0000001") +
                    " " +
                    last(
                        "00A4000C026F46"
                        "00D600000101");
  out += " " + last(
                   "00E000001A621882024121830242018A01058B036F060380020001"
                   "880100"
                   "00");
  return out + " " +
         last(
             "00A4000C023F00"
             "00A4000C022FE2"
             "00B0000001");
}

}  // namespace

TEST_CASE("access domains: all, none, as if keys were verified, and what is always allowed apart from them") {
  profile::Profile on = with({});
  for (profile::PinSpec& pin : on.pins) pin.enabled = true;
  const auto changed = [&](const char* key, const char* value) {
    profile::Profile profile = on;
    rfm_of_usim(profile).parameters.set(key, std::string(value));
    return rights(profile);
  };
  const std::string all = rights(on);
  CHECK(all.substr(0, 14) == "9000 9000 9000");
  CHECK(all.ends_with("9000"));
  CHECK(changed("adf_access", "FF").substr(0, 14) == "6982 6982 6982");
  CHECK(changed("adf_access", "02000004").substr(0, 14) == "9000 6982 6982");
  CHECK(changed("adf_access", "02010000").substr(0, 14) == "6982 9000 6982");
  CHECK(changed("adf_access", "02000104").substr(0, 14) == "9000 6982 9000");
  CHECK(changed("adf_access", "02000204").substr(0, 14) == "9000 6982 6982");  // ADM2 is no help
  CHECK(changed("access", "FF").ends_with("6982"));
  CHECK(changed("access", "FF").substr(0, 14) == "9000 9000 9000");
}

TEST_CASE("a PIN that a script verifies counts for that script, not for the terminal nor the next one (clause 7)") {
  profile::Profile profile = with({{"adf_access", "02000004"}});
  for (profile::PinSpec& pin : profile.pins) pin.enabled = true;
  Platform p(image_of(profile));
  const std::string verify =
      "0020000108"
      "31323334FFFFFFFF";
  CHECK(p.answer(verify + "00A4000C026F07"
                          "00B0000001")
            .substr(0, 6) == "039000");
  CHECK(p.answer("00A4000C026F07"
                 "00B0000001") == "026982");
  p.transmit("00A4040C07A0000000871002");
  p.transmit("00A4000C026F07");
  CHECK(p.transmit("00B0000001") == "6982");
  // And the other way round.
  CHECK(p.transmit(verify) == "9000");
  CHECK(p.answer("00A4000C026F07"
                 "00B0000001") == "026982");
  // A wrong one costs a try, and ends the script.
  CHECK(p.answer("0020000108"
                 "39393939FFFFFFFF"
                 "00A4000C026F46") == "0163C2");
  CHECK(p.transmit("0020000100") == "63C2");
}

TEST_CASE("a profile that cannot be is refused with the key") {
  const auto refused = [](const profile::Profile& profile, const char* about) {
    const auto image = build_image(profile, applet::builtin_modules());
    REQUIRE_FALSE(image);
    CHECK_MESSAGE(image.error().text.find(about) != std::string::npos, image.error().text);
    CHECK(image.error().text.find("default.toml:") != std::string::npos);
  };
  refused(with({{"tars", "B001"}}), "tars");
  refused(with({{"tars", ""}}), "tars");
  refused(with({{"tars", "B00140 B00140"}}), "B00140 occurs twice");
  refused(with({{"tars", "B00120"}}), "B00120 belongs to another application");
  refused(with({{"minimum_security", "0202"}}), "minimum_security");
  refused(with({{"adf", "A0000000871003"}}), "adf");
  refused(with({{"adf", "A000"}}), "adf");
  refused(with({{"access", "01"}}), "access");
  refused(with({{"adf_access", "0201"}}), "adf_access");
  refused(with({{"adf_access", "02010203 04"}}), "adf_access");
  refused(with({{"format", "compact"}}), "format");
  profile::Profile untargeted = with({});
  rfm_of_usim(untargeted).parameters = {};
  refused(untargeted, "tars is missing");
}

TEST_CASE("quirks: answers to a failed CC, none to any error, a counter that may jump, padding, the check without UDH") {
  const auto card = [](auto change) {
    profile::Profile profile = profile::default_profile().value();
    change(profile.remote);
    return image_of(profile);
  };
  const char* read =
      "00A4000C026F46"
      "00B0000001";
  {
    Platform p(card([](RemoteSettings& s) { s.quirks.answer_failed_cc = true; }));
    p.counter = 1;
    Bytes bad = p.packet(read);
    bad.back() ^= 1;
    CHECK(p.send_packet(bad).por->packet.status == ResponseStatus::kCheckFailed);
  }
  {
    Platform p(card([](RemoteSettings& s) { s.quirks.never_answer_errors = true; }));
    CHECK(p.send(read).por);
    CHECK(p.send_packet(p.packet(read)).report.empty());
    p.to = tar("B0FFFF");
    CHECK(p.send(read).report.empty());
  }
  {
    Platform p(card([](RemoteSettings& s) { s.quirks.one_higher_is_higher = true; }));
    p.spi.first = 0x1E;
    p.counter = 7;
    CHECK(p.answer(read).starts_with("029000"));
  }
  {
    Platform p(card([](RemoteSettings& s) { s.quirks.first_padding = 0x80; }));
    CHECK(p.answer(read).starts_with("029000"));
  }
  {
    Platform p(card([](RemoteSettings& s) { s.quirks.response_check_without_udh = true; }));
    p.quirks.response_check_without_udh = true;
    CHECK(p.answer(read).starts_with("029000"));
  }
  {
    Platform p(card([](RemoteSettings& s) { s.policy.short_cmac = true; }));
    p.cc_size = 4;
    p.keys = keys_2(0x22, 0x22, {false, true});
    CHECK(p.answer(read).starts_with("029000"));
  }
  {
    Platform p;
    p.cc_size = 4;
    p.keys = keys_2(0x22, 0x22, {false, true});
    CHECK(p.send(read).por->packet.status == ResponseStatus::kUnidentifiedSecurityError);
  }
}

TEST_CASE("single DES: a profile that allows it gives kic and kid eight bytes, and no other key (TS 102 225 clauses 5.1.2 and 5.1.3)") {
  const auto profile = [](const char* name, bool allowed) {
    profile::Profile made = profile::default_profile().value();
    made.remote.policy.single_des = allowed;
    for (profile::ApplicationSpec& application : made.applications) {
      if (application.module != "issuer-sd") continue;
      application.parameters.set("keys.06.type", std::string("des"));
      application.parameters.set("keys.06.kic", std::string("4041424344454647"));
      application.parameters.set(std::string("keys.06.") + name, std::string("5051525354555657"));
    }
    return made;
  };
  for (const bool allowed : {true, false}) {
    Platform p(image_of(profile("kid", allowed)));
    p.keys = ota::PacketKeys(0x61, 0x61, {des_key("4041424344454647"), des_key("5051525354555657")}, {true, false});
    const Told told = p.send("00A4000C026F46");
    REQUIRE(told.por);
    CHECK(told.por->packet.status == (allowed ? ResponseStatus::kOk : ResponseStatus::kUnidentifiedSecurityError));
  }
  for (const char* name : {"kik", "mac", "dek"}) CHECK_FALSE(profile::build_image(profile(name, true), applet::builtin_modules()));
}
