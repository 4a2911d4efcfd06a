// SPDX-License-Identifier: Apache-2.0
// Selection and secure channel of the issuer security domain, through the card's command path.
#include "core/ber_tlv.hpp"
#include "gp/card_data.hpp"
#include "tests/unit/issuer_sd/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;

TEST_CASE("SELECT without a name finds the issuer security domain although the MF is selected after reset (GP clause 11.9.2)") {
  Management m;
  CHECK(m.plain("00A4040000") == "6F108408A000000151000000A5049F6501FF9000");
  CHECK(m.select(kIssuer) == "6F108408A000000151000000A5049F6501FF9000");
  CHECK(m.select("A000000151") == "6F108408A000000151000000A5049F6501FF9000");
  Management t0(DomainOptions{}, Protocol::kT0);
  CHECK(t0.terminal.send("00A4040000") == "6C12");
  CHECK(t0.terminal.send("00A4040012") == "6F108408A000000151000000A5049F6501FF9000");
  CHECK(t0.terminal.send("00A4040008A000000151000000") == "6112");
  CHECK(t0.terminal.send("80C0000012") == "6F108408A000000151000000A5049F6501FF9000");
}

TEST_CASE("SELECT without a name on a card that has no issuer security domain finds the first application") {
  Terminal terminal(small_image(), Protocol::kT1);
  CHECK(terminal.send("00A4040000").starts_with("62"));
}

TEST_CASE("the files of the MF stay within reach while the domain is selected") {
  Management m;
  m.select(kIssuer);
  CHECK(m.plain("00A40004023F00").ends_with("9000"));
}

TEST_CASE("GET DATA: the data that the domain gives without a session (GP clause 11.3)") {
  Management m;
  m.select(kIssuer);
  CHECK(m.plain("80CA004200") == "420501020304059000");
  CHECK(m.plain("00CA004200") == "420501020304059000");
  CHECK(m.plain("80CA004500") == "6A88");
  CHECK(m.plain("80CA9F7F00") == "6A88");
  CHECK(m.plain("80CA006600") ==
        "6630732E06072A864886FC6B01600B06092A864886FC6B020203630906072A864886FC6B03640B06092A864886FC6B0403709000");
  CHECK(m.plain("80CA00E000") == "E012C00401308810C00402308810C004033088109000");
  CHECK(m.plain("80CA00C100") == "C1030000009000");
  CHECK(m.plain("80CA00CF00") == "CF0A000102030405060708099000");
  CHECK(m.plain("80CA2F0000") == "610E4F0CA0000000871002FF49FF0589610A4F08A0000001510000009000");
  CHECK(m.plain("80CAFF2100") ==
        "FF211081020002820400040000830400004000"
        "9000");
  CHECK(m.plain("80CA006700").starts_with("67"));
  CHECK(m.plain("80CA123400") == "6A88");
  CHECK(m.plain("80CB9F7F00") != "9000");
}

TEST_CASE("SCP03: our host against the card, each level, options and AES key (Amd D clauses 5.1, 6.1, 7.1)") {
  const std::string keys[] = {std::string(kTestKey), std::string(kTestKey) + "5051525354555657",
                              std::string(kTestKey) + "505152535455565758595A5B5C5D5E5F"};
  for (const int option : {0x00, 0x10, 0x20, 0x30, 0x60, 0x70, 0x01, 0x11, 0x31, 0x71}) {
    const auto i = static_cast<std::uint8_t>(option);
    for (const std::string& key : keys) {
      Management m({i, key});
      m.s16 = (i & 0x01) != 0;
      for (const auto& level : {scp03::Level::kAuthenticated, scp03::Level::kCMac, scp03::Level::kCMacCEnc, scp03::Level::kCMacRMac,
                                scp03::Level::kCMacCEncRMac, scp03::Level::kAll}) {
        CAPTURE(int{i});
        CAPTURE(key);
        CAPTURE(int{level.value()});
        const bool offered = scp03::Mode{i}.offers(level);
        CHECK(m.open(level, key).empty() == offered);
        if (!offered) continue;
        CHECK(m.manage("F28002", "4F00") == "E3264F08A0000001510000009F700101C5039CDE00C407A0000001515350CC08A0000001510000009000");
        CHECK(m.send("80CA00CF00") == "CF0A000102030405060708099000");
        CHECK(m.manage("F28002", "4F05A0000000FF") == "6A88");
        CHECK(m.send("80CA123400") == "6A88");
        CHECK(m.manage("F24002", "4F00").ends_with("9000"));
      }
    }
  }
}

TEST_CASE("INITIALIZE UPDATE: exact lengths, key versions, and the counter in C1 (Amd D clause 7.1.1)") {
  Management m;
  m.select(kIssuer);
  const std::string answer = m.plain("8050000008010203040506070800");
  CHECK(answer.size() == 2 * (32 + 2));
  CHECK(answer.substr(0, 26) == "00010203040506070809300370");
  CHECK(m.plain("80CA00C100") == "C1030000019000");
  CHECK(m.plain("8050300008010203040506070800").size() == 2 * 34);
  CHECK(m.plain("80CA00C100") == "C1030000029000");
  CHECK(m.plain("8050310008010203040506070800") == "6A88");
  CHECK(m.plain("805030010801020304050607"
                "0800") == "6A86");
  CHECK(m.plain("80503000100102030405060708010203040506070800") == "6700");
  CHECK(m.plain("0050300008010203040506070800") == "6E00");
  m.reset();
  m.select(kIssuer);
  CHECK(m.plain("80CA00C100") == "C1030000029000");  // neither a refusal nor the loss of power counts
}

TEST_CASE("EXTERNAL AUTHENTICATE: only after INITIALIZE UPDATE, with the right cryptogram and C-MAC (Amd D clause 7.1.2)") {
  Management m;
  m.select(kIssuer);
  const std::string wrong =
      "848233001000000000000000000000000000000000"
      "00";
  CHECK(m.plain(wrong) == "6985");
  m.plain("8050000008010203040506070800");
  CHECK(m.plain(wrong) == "6300");
  CHECK(m.plain(wrong) == "6985");
  CHECK(m.open(scp03::Level::kAll, "000102030405060708090A0B0C0D0E0F") != "");
  CHECK(m.open().empty());
  // Again, recorded and replayed.
  CHECK(m.plain(wrong) == "6985");
  CHECK(m.plain("80F2800202"
                "4F0000") == "6982");
}

TEST_CASE("without a session, or with one on another channel, nothing that manages the card is answered") {
  Management m;
  m.select(kIssuer);
  for (const char* command : {"80F28002024F0000", "80F0800700", "80E6020000", "80E8000001FF00", "80E40000094F07A000000151535000",
                              "80D8000000", "80E2900000", "807A100100", "8078000300"}) {
    CAPTURE(command);
    CHECK(m.plain(command) == "6982");
  }
  for (const char* command : {"84F280020A4F00000000000000000000", "8478000308000000000000000000"}) CHECK(m.plain(command) == "6985");
  REQUIRE(m.open().empty());
  REQUIRE(m.plain("0070000001") == "019000");
  CHECK(m.plain("01A4040008A00000015100000000").ends_with("9000"));
  CHECK(m.plain("81F28002024F0000") == "6982");
  CHECK(m.plain("81CA00CF00").ends_with("9000"));
  CHECK(m.manage("F28002", "4F00").ends_with("9000"));  // the session is still open
}

TEST_CASE("a session ends with a command in plain, with a wrong C-MAC, with SELECT and with the loss of power (Amd D clause 5.6)") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.plain("80F28002024F0000") == "6982");
  CHECK(m.plain("80CA00CF00").ends_with("9000"));
  CHECK(m.send("80CA00CF00") == "6985");

  REQUIRE(m.open().empty());
  CHECK(m.plain("84CA00CF08000000000000000000") == "6982");
  CHECK(m.send("80CA00CF00") == "6985");

  REQUIRE(m.open().empty());
  m.select(kIssuer);
  CHECK(m.plain("80F28002024F0000") == "6982");

  REQUIRE(m.open().empty());
  m.reset();
  m.select(kIssuer);
  CHECK(m.plain("80F28002024F0000") == "6982");
}

TEST_CASE("toolkit commands on the channel of a session do not affect it") {
  Management m;
  REQUIRE(m.open().empty());
  CHECK(m.plain("8010000003FFFFFF") == "9000");
  CHECK(m.manage("F28002", "4F00").ends_with("9000"));
}

TEST_CASE("GET RESPONSE with the class of the command is not secure messaging (GP with T=0)") {
  Management m(DomainOptions{}, Protocol::kT0);
  REQUIRE(m.open().empty());
  for (int i = 0; i < 3; ++i) CHECK(m.manage("F28002", "4F00").ends_with("9000"));
}

TEST_CASE("R-MAC SESSION: begun and ended through the domain (Amd D clauses 7.1.3, 7.1.4)") {
  Management m;
  REQUIRE(m.open(scp03::Level::kCMac).empty());
  CHECK(m.port.begin_r_mac_session(0x10));
  CHECK(m.manage("F28002", "4F00").ends_with("9000"));
  CHECK(m.port.end_r_mac_session());
  CHECK(m.manage("F28002", "4F00").ends_with("9000"));
  CHECK_FALSE(m.port.end_r_mac_session());
}

TEST_CASE(
    "INITIALIZE UPDATE in an open session begins a new one, plain or secured; the old one protects the answer (GP E.5.1, Amd D 7.1.1)") {
  for (const auto& level : {scp03::Level::kCMac, scp03::Level::kCMacCEnc, scp03::Level::kCMacRMac, scp03::Level::kAll}) {
    CAPTURE(int{level.value()});
    Management m;
    REQUIRE(m.open(level).empty());
    // Plain: the host forgets its session.
    REQUIRE(m.port.session()->is_open());
    const std::string first = m.terminal.exchange("8050300008010203040506070800");
    CHECK(first.size() == 2 * (32 + 2));
    CHECK(first.ends_with("9000"));
    CHECK(m.send("80F28002024F00") != "9000");  // the old session is over
    REQUIRE(m.open(level).empty());
    // Secured: as any command of the session, and its answer too.
    const std::string second = m.send("80503000080102030405060708");
    CHECK(second.size() == 2 * (32 + 2));
    CHECK(second.ends_with("9000"));
    CHECK(second != first);
    CHECK_FALSE(m.send("80F2800202"
                       "4F00")
                    .ends_with("9000"));
    REQUIRE(m.open(level).empty());
    CHECK(m.send("80F2800202"
                 "4F00")
              .ends_with("9000"));
    // A key set that is not there: no new session, and the old one is gone.
    CHECK(m.send("80503F00080102030405060708") == "6A88");
    CHECK_FALSE(m.send("80F2800202"
                       "4F00")
                    .ends_with("9000"));
  }
}

TEST_CASE("EXTERNAL AUTHENTICATE opens what a secured INITIALIZE UPDATE began (Amd D clauses 7.1.1 and 7.1.2)") {
  Management m;
  REQUIRE(m.open(scp03::Level::kAll).empty());
  scp03::HostSession::Options options;
  options.key_version = KeyVersion{0x30};
  options.level = scp03::Level::kAll;
  options.aid = *Aid::from(*from_hex(kIssuer));
  scp03::HostSession next(options, scp03::fixed_keys(key_set()));
  const std::string answer = m.send(to_hex(next.initialize_update(m.host_random)));
  REQUIRE(answer.ends_with("9000"));
  const auto authenticate = next.external_authenticate(*from_hex(answer.substr(0, answer.size() - 4)));
  REQUIRE_MESSAGE(authenticate, authenticate.error().text);
  CHECK(m.plain(to_hex(*authenticate)) == "9000");
  REQUIRE(next.confirm(sw::kOk));
  const Bytes command = next.wrap({.cla = 0x80, .ins = 0xF2, .p1 = 0x80, .p2 = 0x02, .data = "4F00"_h, .le = 256}).value();
  CHECK(m.plain(to_hex(command)).ends_with("9000"));
}

TEST_CASE("version 70 opens sessions where the profile says so; elsewhere it is that of tokens (GP clause 7.5.2)") {
  for (const bool allowed : {false, true}) {
    CAPTURE(allowed);
    Management m(DomainOptions{.version_70_keys = true, .choices = {.version_70_opens_sessions = allowed}});
    CHECK(m.open(scp03::Level::kAll, kTestKey, 0x70).empty() == allowed);
    CHECK(m.open(scp03::Level::kAll).empty());
    REQUIRE(m.select(kIssuer).ends_with("9000"));
    CHECK(m.plain("8050700008010203040506070800").ends_with(allowed ? "9000" : "6A88"));
  }
}
