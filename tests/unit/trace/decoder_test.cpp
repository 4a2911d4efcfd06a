// SPDX-License-Identifier: Apache-2.0
// Exchanges in order: channels, files, GET RESPONSE, secure channels, short messages, and what is not sound.
#include "trace/decoder.hpp"

#include <sstream>

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "tests/unit/trace/card_session.hpp"
#include "tests/unit/trace/decoding.hpp"
#include "trace/report.hpp"

using namespace uicclab;
using namespace uicclab::trace;
using uicclab::test::channel_keys;
using uicclab::test::decode;
using uicclab::test::field;
using uicclab::test::recorded;
using uicclab::test::Session;

TEST_CASE("SELECT by AID, by identifier, and READ BINARY: the file is followed, and the FCP is taken apart (TS 102 221 11.1.1)") {
  Decoder decoder;
  auto one = decode(decoder, "00A4040407A0000000871002", "613C");
  CHECK(one.name == "SELECT");
  CHECK(one.title == "SELECT ADF.USIM");
  CHECK(one.path == "ADF.USIM");
  CHECK(one.clause == "ETSI TS 102 221 11.1.1");
  CHECK(field(one.command_fields, "P1") == "04|by DF name (AID)");
  CHECK(field(one.command_fields, "P2") == "04|return FCP");
  CHECK(field(one.command_fields, "AID") == "A0000000871002|ADF.USIM");
  CHECK(one.status_clause == "ETSI TS 102 221 7.3.1.1");
  CHECK(decode(decoder, "00A40004026F0700", "6119").title == "SELECT 6F07");
  one = decode(decoder, "00A40004026F07", "6119");
  CHECK(one.path == "ADF.USIM/6F07");
  CHECK(one.file == "EF.IMSI");
  one = decode(decoder, "00C0000019", "62178202412183026F078A01058B036F060280020009880138", "9000");
  CHECK(one.title == "GET RESPONSE of SELECT 6F07");
  CHECK(one.file == "EF.IMSI");
  CHECK(field(one.answer_fields, "file descriptor") == "4121|shareable transparent EF");
  CHECK(field(one.answer_fields, "file size") == "0009|9 bytes");
  CHECK(field(one.answer_fields, "life cycle status") == "05|operational, activated");
  CHECK(field(one.answer_fields, "short file identifier") == "38|SFI 7");
  CHECK(field(one.answer_fields, "security attributes, referenced to EF_ARR") == "6F0602|record 2 of 6F06");
  one = decode(decoder, "00B0000009", "080910100000000010", "9000");
  CHECK(one.title == "READ BINARY 9 bytes at 0");
  CHECK(one.path == "ADF.USIM/6F07");
  CHECK(field(one.answer_fields, "imsi") == "|001010000000001");
  CHECK(one.status_meaning == "normal ending of the command");
  CHECK(one.notes.empty());
}

TEST_CASE("A refused SELECT changes nothing; MF, parent, path, 7FFF and DFs lead where TS 102 221 clause 8.4 says") {
  Decoder decoder;
  const auto path = [&](const char* command, const char* status = "9000") { return decode(decoder, command, status).path; };
  CHECK(path("00A4000C026F07", "6A82") == "3F00");
  CHECK(path("00A4000C022FE2") == "3F00/2FE2");
  CHECK(path("00A4000C027F10") == "3F00/7F10");
  CHECK(path("00A4000C026F3A") == "3F00/7F10/6F3A");
  CHECK(path("00A4000C027F20") == "3F00/7F20");  // a sibling
  CHECK(path("00A4030C00") == "3F00");
  CHECK(path("00A4040C07A0000000871004") == "ADF.ISIM");
  CHECK(path("00A4080C047FFF6F02") == "ADF.ISIM/6F02");
  CHECK(path("00A4080C022F00") == "3F00/2F00");
  CHECK(path("00A4000C027FFF") == "ADF.ISIM");
  CHECK(path("00A4000C023F00") == "3F00");
  CHECK(path("00A4040C08A000000151000000") == "AID:A000000151000000");
  CHECK(path("00A4040C07A0000000871002") == "ADF.USIM");
  CHECK(path("00A4000C025FC0") == "ADF.USIM/5FC0");
  CHECK(path("00A4090C024F01") == "ADF.USIM/5FC0/4F01");
}

TEST_CASE("Short file identifiers: those of the standards, those of an answer, and unknown ones") {
  Decoder decoder;
  decode(decoder, "00A4040C07A0000000871002", "9000");
  auto one = decode(decoder, "00B0870009", "080910100000000010", "9000");
  CHECK(one.file == "EF.IMSI");
  CHECK(one.title == "READ BINARY 9 bytes of SFI 7 at 0");
  CHECK(decode(decoder, "00B0000009", "080910100000000010", "9000").file == "EF.IMSI");  // it is selected by that
  one = decode(decoder, "00B09C0001", "00", "6A82");
  CHECK(decode(decoder, "00B0000009", "00", "6281").file == "EF.IMSI");  // a refused one selects nothing
  decode(decoder, "00A40004026F46", "62178202412183026F468A01058B036F0602800200098801B0", "9000");
  CHECK(decode(decoder, "00B0960001", "00", "9000").file == "EF.SPN");
  one = decode(decoder, "00B0980001", "00", "6A82");
  CHECK(one.path == "ADF.USIM/6FE4");
  decode(decoder, "00A4000C023F00", "9000");
  CHECK(decode(decoder, "00B0990001", "6A82").path == "3F00/SFI 25");
}

TEST_CASE("Channels have selections of their own; MANAGE CHANNEL opens and closes them, a reset forgets them (TS 102 221 11.1.17)") {
  Decoder decoder;
  decode(decoder, "00A4040C07A0000000871002", "9000");
  auto one = decode(decoder, "0070000001", "01", "9000");
  CHECK(one.title == "MANAGE CHANNEL open");
  CHECK(field(one.answer_fields, "channel number") == "01|1");
  one = decode(decoder, "01A4000C022FE2", "9000");
  CHECK(one.channel == 1);
  CHECK(one.path == "3F00/2FE2");
  CHECK(decode(decoder, "00A4000C026F07", "9000").path == "ADF.USIM/6F07");
  CHECK(decode(decoder, "01B000000A", "98881201000000000001", "9000").path == "3F00/2FE2");
  decode(decoder, "0070800100", "9000");
  decode(decoder, "0070000001", "01", "9000");
  CHECK(decode(decoder, "01B000000A", "6986").path == "3F00");
  CHECK(decode(decoder, "41A4000C022FE2", "9000").channel == 5);
  RecordedEvent reset;
  reset.kind = TraceEvent::Kind::kReset;
  reset.answer = from_hex("3B021450").value();
  CHECK(decoder.decode(reset).name == "reset");
  CHECK(decode(decoder, "00B0000009", "6986").path == "3F00");
}

TEST_CASE("Phonebook files have the names of EF_PBR, or of structure and size (TS 31.102 4.4.2.1)") {
  const char* entry = "426F62FFFFFFFFFFFFFFFFFFFFFF0791947110325476FFFFFFFFFFFF";
  Decoder sized;
  decode(sized, "00A4080C067F105F3A4F3A", "9000");
  CHECK(decode(sized, "00B2010400", entry, "9000").file.empty());  // EF_ADN or EF_EXT1
  decode(sized, "00A40804067F105F3A4F3A00", "621A82054221001C0A83024F3A8A01058B036F060580020118880100", "9000");
  auto one = decode(sized, "00B2010400", entry, "9000");
  CHECK(one.file == "EF.ADN");
  CHECK(field(one.answer_fields, "name") == "|Bob");

  Decoder told;
  decode(told, "00A4080C067F105F3A4F30", "9000");
  one = decode(told, "00B2010400", "A805C0034F3A0AAA05C7034F3B01FFFF", "9000");
  CHECK(one.file == "EF.PBR");
  decode(told, "00A4080C067F105F3A4F3A", "9000");
  one = decode(told, "00B2010400", entry, "9000");
  CHECK(one.file == "EF.ADN");
  CHECK(field(one.answer_fields, "number") == "|+491701234567");
  CHECK(decode(told, "00A4080C067F105F3A4F3B", "9000").file == "EF.AAS");
  decode(told, "00A4040C07A0000000871002", "9000");
  CHECK(decode(told, "00A4080C067FFF5F3A4F3B", "9000").file == "EF.EXT1");  // of another phonebook: what the identifier usually means
}

TEST_CASE("Cards are apart from each other") {
  Decoder decoder;
  auto event = recorded("00A4040C07A0000000871002", "9000");
  event.card = 3;
  decoder.decode(event);
  CHECK(decode(decoder, "00B0000001", "6986").path == "3F00");
  event = recorded("00B0000001", "6986");
  event.card = 3;
  CHECK(decoder.decode(event).path == "ADF.USIM");
}

TEST_CASE("6Cxx: the command comes again; 61xx twice: the pieces are one answer (TS 102 221 7.3.1.1)") {
  Decoder decoder;
  auto one = decode(decoder, "80F2000000", "6C0C");
  CHECK(one.title == "STATUS");
  one = decode(decoder, "80F200000C", "620A8202782183023F008A00", "9000");
  CHECK(one.title == "STATUS, again with the length that the card named");
  CHECK(field(one.answer_fields, "file identifier") == "3F00|MF");
  decode(decoder, "00A40004022FE2", "6110");
  one = decode(decoder, "00C0000010", "62178202412183022FE28A01058B032F", "6109");
  CHECK(one.answer_fields.empty());
  one = decode(decoder, "00C0000009", "06048002000A880110", "9000");
  CHECK(field(one.answer_fields, "file size") == "000A|10 bytes");
  // A GET RESPONSE that nothing waits for.
  one = decode(decoder, "00C0000009", "6F00");
  CHECK(one.title == "GET RESPONSE 9 bytes");
}

TEST_CASE("PINs: who is meant, and how many tries are left (TS 102 221 11.1.9)") {
  Decoder decoder;
  auto one = decode(decoder, "0020000100", "63C3");
  CHECK(one.title == "VERIFY PIN 01: how many tries are left?");
  CHECK(field(one.command_fields, "P2") == "01|PIN1");
  CHECK(one.status_clause == "ETSI TS 102 221 10.2.1.3");
  one = decode(decoder, "0020000A083838383838383838", "9000");
  CHECK(field(one.command_fields, "P2") == "0A|ADM1");
  CHECK(field(one.command_fields, "PIN") == "3838383838383838|");
  one = decode(decoder,
               "0024008110"
               "31323334FFFFFFFF"
               "35363738FFFFFFFF",
               "9000");
  CHECK(field(one.command_fields, "new PIN") == "35363738FFFFFFFF|");
}

TEST_CASE("AUTHENTICATE: challenge and answer field by field, success, resynchronisation, wrong MAC (TS 31.102 7.1.2)") {
  Decoder decoder;
  const std::string challenge =
      "0088008122"
      "10"
      "23553CBE9637A89D218AE64DAE47BF35"
      "10"
      "55F328B43577B9B94A9FFAC354DFAFB3";
  auto one = decode(decoder, challenge, "6135");
  CHECK(one.name == "AUTHENTICATE");
  CHECK(field(one.command_fields, "P2") == "81|3G context");
  CHECK(field(one.command_fields, "RAND") == "23553CBE9637A89D218AE64DAE47BF35|");
  CHECK(field(one.command_fields, "AUTN") == "55F328B43577B9B94A9FFAC354DFAFB3|");
  const std::string ck(32, 'C');
  const std::string ik(32, 'A');
  one = decode(decoder, "00C0000035",
               "DB08A54211D5E3BA50BF"
               "10" +
                   ck + "10" + ik + "080102030405060708",
               "9000");
  CHECK(field(one.answer_fields, "RES") == "A54211D5E3BA50BF|");
  CHECK(field(one.answer_fields, "CK") == ck + "|");
  CHECK(field(one.answer_fields, "IK") == ik + "|");
  CHECK(field(one.answer_fields, "Kc") == "0102030405060708|");
  one = decode(decoder, challenge + "00", "DC0E451E8BECA43BC1611F30A9EFD73C", "9000");
  CHECK(field(one.answer_fields, "AUTS") == "451E8BECA43BC1611F30A9EFD73C|");
  one = decode(decoder, challenge, "9862");
  CHECK(one.status_clause == "3GPP TS 31.102 7.3.1");
  one = decode(decoder, "00880081051023553CBE", "6700");
  REQUIRE(one.notes.size() == 1);
  CHECK(one.notes[0].starts_with("RAND: 16 bytes are due, 4 left at byte"));
  one = decode(decoder, "A08800001023553CBE9637A89D218AE64DAE47BF35", "9F0C");
  CHECK(one.name == "RUN GSM ALGORITHM");
  one = decode(decoder, "A0C000000C", "0102030405060708090A0B0C", "9000");
  CHECK(field(one.answer_fields, "SRES") == "01020304|");
  CHECK(field(one.answer_fields, "Kc") == "05060708090A0B0C|");
}

TEST_CASE("The toolkit: proactive commands, terminal responses, envelopes (TS 102 223)") {
  Decoder decoder;
  auto one = decode(decoder, "8012000016", "D0148103012100820281028D090448656C6C6F2053494D", "9000");
  CHECK_FALSE(one.notes.empty());  // the text is longer than its template
  one = decode(decoder, "8012000014", "D0128103012180820281028D070448656C6C6F21", "9000");
  CHECK(one.title == "FETCH: DISPLAY TEXT \"Hello!\"");
  CHECK(field(one.answer_fields, "command details") == "012180|number 1, DISPLAY TEXT, qualifier 80");
  CHECK(field(one.answer_fields, "device identities") == "8102|UICC to display");
  one = decode(decoder, "801400000C810301218002028281830100", "9000");
  CHECK(one.title == "TERMINAL RESPONSE DISPLAY TEXT: command performed successfully");
  one = decode(decoder, "801400000D81030140000202828183023A01", "9000");
  CHECK(one.title == "TERMINAL RESPONSE OPEN CHANNEL: bearer independent protocol error, no channel available");
  one = decode(decoder, "80C2000009D30782020181900103", "9110");
  CHECK(one.title == "ENVELOPE menu selection 3");
  one = decode(decoder, "80C200000DD60B19010982028281B8028100", "9000");
  CHECK(one.title == "ENVELOPE event download data available");
  CHECK(field(one.command_fields, "channel status") == "8100|channel 1, link established");
  one = decode(decoder, "80C2000003D30782", "6F00");
  CHECK(one.notes.size() == 1);
  one = decode(decoder, "8010000003FF0103", "9000");
  CHECK(field(one.command_fields, "terminal profile") == "FF0103|11 bits set");
}

TEST_CASE("GlobalPlatform: INSTALL, GET STATUS and its answer; the status means what it means after this command") {
  Decoder decoder;
  auto one = decode(decoder,
                    "80E60C0019"
                    "06A00000000101"
                    "06A00000000101"
                    "06A00000000102"
                    "01000000",
                    "6985");
  CHECK(one.name == "INSTALL [for install and make selectable]");
  CHECK(field(one.command_fields, "application AID") == "A00000000102|application A00000000102");
  CHECK(one.status_clause == "GP clause 11.5.3.2");
  one = decode(decoder, "80F24002024F00", "E3134F08A0000001510000009F700107C5039AFE80", "9000");
  CHECK(one.title == "GET STATUS of applications and security domains");
  CHECK(field(one.answer_fields, "life cycle state") == "07|SELECTABLE");
  CHECK(field(one.answer_fields, "privileges").starts_with("9AFE80|security-domain"));
  one = decode(decoder,
               "80D8000115"
               "31"
               "8810000102030405060708090A0B0C0D0E0F0301",
               "6A80");
  CHECK(field(one.command_fields, "keys") == "8810000102030405060708090A0B0C0D0E0F0301|");
}

namespace {

const Bytes kKey = to_bytes("404142434445464748494A4B4C4D4E4F"_h);
const Bytes kStatusData = to_bytes("E3134F08A0000001510000009F700107C5039AFE80"_h);

}  // namespace

TEST_CASE("SCP03 with its keys: commands and answers in plain at each level, also over T=0 with GET RESPONSE (Amd D 6.2)") {
  for (const auto level : {scp03::Level::kCMac, scp03::Level::kCMacCEnc, scp03::Level::kCMacRMac, scp03::Level::kAll}) {
    for (const bool t0 : {false, true}) {
      Session session(level, kKey);
      Decoder decoder(channel_keys(kKey));
      for (const auto& event : session.open()) {
        const auto one = decoder.decode(event);
        for (const auto& note : one.notes) MESSAGE(note);
        CHECK(one.notes.empty());
      }
      for (int i = 0; i < 3; ++i) {
        const auto query = "4F00"_h;
        auto event = session.send({.cla = 0x80, .ins = 0xF2, .p1 = 0x40, .p2 = 0x02, .data = query, .le = 256}, kStatusData);
        auto one = decoder.decode(t0 ? Session::event(event.command, {}, StatusWord{0x6115}) : event);
        CHECK(one.title == "GET STATUS of applications and security domains");
        REQUIRE(one.plain);
        CHECK(to_hex(one.plain->command) == "80F24002024F0000");
        if (t0) {
          event.command = to_bytes("00C0000000"_h);
          one = decoder.decode(event);
          CHECK(one.name == "GET RESPONSE");
        }
        CHECK(one.notes.empty());
        REQUIRE(one.plain);
        CHECK(to_hex(one.plain->data) == to_hex(kStatusData));
        CHECK(field(one.answer_fields, "life cycle state") == "07|SELECTABLE");
      }
    }
  }
}

TEST_CASE("SCP02 with its keys: ciphered commands in plain (GPCS appendix E)") {
  using namespace scp03::legacy;
  struct Counter final : Scp02Counter {
    std::optional<std::uint16_t> current() override { return 5; }
    bool advance() override { return true; }
  } counter;
  using crypto::SecretBytes;
  const auto keys = [] { return Scp02KeySet::from(KeyVersion{0x20}, SecretBytes(kKey), SecretBytes(kKey), SecretBytes(kKey)).value(); };
  Scp02HostSession host(Scp02Allowed{}, {.level = scp03::Level::kCMacCEnc}, keys());
  Scp02CardSession card(Scp02Allowed{});
  SeededRandom random{1};
  Decoder decoder(channel_keys(kKey));
  const Bytes update = host.initialize_update(random);
  Bytes answer;
  REQUIRE(card.initialize_update(apdu::parse(update).value(), {}, keys(), counter, random, answer) == sw::kOk);
  CHECK(decoder.decode(Session::event(update, answer, sw::kOk)).notes.empty());
  const Bytes authenticate = host.external_authenticate(answer).value();
  const StatusWord status = card.external_authenticate(apdu::parse(authenticate).value(), counter);
  REQUIRE(host.confirm(status));
  CHECK(decoder.decode(Session::event(authenticate, {}, status)).notes.empty());
  const auto query = "4F00"_h;
  for (int i = 0; i < 3; ++i) {
    const Bytes wrapped = host.wrap({.cla = 0x80, .ins = 0xF2, .p1 = 0x40, .p2 = 0x02, .data = query, .le = 256}).value();
    const auto one = decoder.decode(Session::event(wrapped, kStatusData, sw::kOk));
    CHECK(one.notes.empty());
    REQUIRE(one.plain);
    CHECK(one.plain->protocol == "SCP02 level 03");
    CHECK(to_hex(one.plain->command) == "80F24002024F0000");
  }
  Bytes changed = host.wrap({.cla = 0x80, .ins = 0xF2, .p1 = 0x40, .p2 = 0x02, .data = query, .le = 256}).value();
  changed[6] ^= 1;
  CHECK(decoder.decode(Session::event(changed, {}, sw::kOk)).notes.size() == 1);
}

TEST_CASE("SCP03 with other keys, without keys, with a changed command: it is said, and no plain text is made up") {
  Session session(scp03::Level::kAll, kKey);
  const auto open = session.open();
  const auto query = "4F00"_h;
  auto event = session.send({.cla = 0x80, .ins = 0xF2, .p1 = 0x40, .p2 = 0x02, .data = query, .le = 256}, kStatusData);
  Bytes wrong = kKey;
  wrong[0] ^= 1;
  Decoder other(channel_keys(wrong));
  const auto update = other.decode(open[0]);
  REQUIRE(update.notes.size() == 1);
  CHECK(update.notes[0].find("not those of this session") != std::string::npos);
  CHECK(other.decode(open[1]).notes.size() == 1);
  auto one = other.decode(event);
  CHECK_FALSE(one.plain);
  CHECK(one.notes.size() == 1);

  Decoder none;
  CHECK(none.decode(open[0]).notes.empty());
  CHECK(none.decode(open[1]).notes.empty());
  one = none.decode(event);
  CHECK_FALSE(one.plain);
  REQUIRE(one.notes.size() == 1);
  CHECK(one.notes[0].starts_with("secured: no session"));

  Decoder right(channel_keys(kKey));
  right.decode(open[0]);
  right.decode(open[1]);
  event.command[6] ^= 1;
  one = right.decode(event);
  CHECK_FALSE(one.plain);
  REQUIRE(one.notes.size() == 1);
  CHECK(one.notes[0].starts_with("SCP03 level 33: C-MAC"));

  // An answer that was changed on its way.
  Session again(scp03::Level::kAll, kKey);
  Decoder second(channel_keys(kKey));
  for (const auto& e : again.open()) second.decode(e);
  event = again.send({.cla = 0x80, .ins = 0xF2, .p1 = 0x40, .p2 = 0x02, .data = query, .le = 256}, kStatusData);
  event.answer[0] ^= 1;
  one = second.decode(event);
  CHECK_FALSE(one.plain);
  REQUIRE(one.notes.size() == 1);
  CHECK(one.notes[0].find("R-MAC") != std::string::npos);
}

TEST_CASE("Bytes that are not a command or an answer get a note, and nothing is lost") {
  Decoder decoder;
  auto one = decoder.decode(recorded("00A4", ""));
  CHECK(one.notes.size() == 2);
  one = decode(decoder, "00A40004056F07", "6700");
  CHECK(one.name == "SELECT");
  CHECK(one.notes.size() == 1);
  one = decode(decoder, "00EE000000", "6D00");
  CHECK(one.name == "instruction EE");
  RecordedEvent error;
  error.kind = TraceEvent::Kind::kError;
  error.command = from_hex("00B0000000").value();
  error.text = "the card is gone";
  CHECK(decoder.decode(error).title == "READ BINARY 256 bytes at 0");
  error.kind = TraceEvent::Kind::kPowerOff;
  CHECK(decoder.decode(error).title == "power off");
  CHECK(decode(decoder, "00B0000000", "6986").number == 6);
}
