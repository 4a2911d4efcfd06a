// SPDX-License-Identifier: Apache-2.0
// A known secret is planted in every place where exchanges can hold one, and looked for in every form in which a trace comes out.
#include <algorithm>
#include <functional>
#include <sstream>

#include <doctest/doctest.h>

#include "core/gsmtap.hpp"
#include "core/trace_text.hpp"
#include "ota/remote_apdu_compact.hpp"
#include "ota/remote_apdu_expanded.hpp"
#include "ota/secured_packet_response.hpp"
#include "ota/sms_download.hpp"
#include "ota/sms_tpdu.hpp"
#include "tests/unit/trace/card_session.hpp"
#include "tests/unit/trace/decoding.hpp"
#include "trace/redacting_sink.hpp"
#include "trace/report.hpp"

using namespace uicclab;
using namespace uicclab::trace;
using uicclab::test::channel_keys;
using uicclab::test::recorded;
using uicclab::test::Session;

namespace {

using Events = std::vector<RecordedEvent>;

const std::string kSecret = "5EC2E70A1B2C3D4E";  // a PIN
const std::string kKey = kSecret + "D5F60718293A4B5C";
const Bytes kOtherKey = to_bytes("404142434445464748494A4B4C4D4E4F"_h);

std::string hex_byte(std::size_t value) {
  return to_hex(Bytes{static_cast<std::uint8_t>(value)});
}

/// "00200001" and data: with Lc.
std::string with_data(const std::string& header, const std::string& data, bool extended = false) {
  return header + (extended ? "00" + hex_byte(data.size() / 2 >> 8) : "") + hex_byte(data.size() / 2) + data;
}

Events one(const std::string& command, const std::string& answer = "9000") {
  return {recorded(command, answer)};
}

Events selected(const std::vector<std::string>& selects, const Events& then) {
  Events out;
  for (const std::string& select : selects) out.push_back(recorded(select, "9000"));
  out.insert(out.end(), then.begin(), then.end());
  return out;
}

const std::string kUsim = "00A4040C07A0000000871002";
const std::string kPkcs15 = "00A4040C0CA000000063504B43532D3135";

// ---- messages ----

ota::PacketKeys packet_keys(std::uint8_t kic, std::uint8_t kid) {
  const auto key = [] { return ota::OtaKey(crypto::AesKey::from(crypto::SecretBytes(kOtherKey)).value()); };
  return ota::PacketKeys(kic, kid, {key(), key()}, {});
}

/// ENVELOPEs with a command packet.
std::vector<Bytes> envelopes(BytesView script, std::uint8_t spi1, std::uint8_t spi2 = 0x00, const Tar& tar = {{0xB0, 0x00, 0x01}}) {
  auto keys = packet_keys(0x12, 0x12);
  ota::CommandPacket packet;
  packet.header = {{spi1, spi2}, 0x12, 0x12, tar};
  packet.cntr.value = 1;
  packet.data = to_bytes(script);
  ota::UserData data;
  data.header.push_back({ota::iei::kCommandPacket, {}});
  data.payload = ota::build_command(packet, keys).value();
  std::vector<Bytes> out;
  const auto parts = ota::split(data, 7).value();
  for (const auto& part : parts) {
    ota::SmsDeliver deliver;
    deliver.originator = ota::Address::from_number("+491234").value();
    REQUIRE(deliver.body.set_user_data(part));
    deliver.body.has_header = true;
    ota::SmsPpDownload download;
    download.tpdu = deliver.build().value();
    const Bytes content = download.build();
    out.push_back(concat({"80C20000"_h, Bytes{static_cast<std::uint8_t>(content.size())}, content}));
  }
  return out;
}

Events sent(const std::vector<Bytes>& commands, const std::string& answer = "9000") {
  Events out;
  for (const Bytes& command : commands) out.push_back(recorded(to_hex(command), answer));
  return out;
}

Bytes compact(const std::vector<std::string>& commands, ota::CommandSet set = ota::CommandSet::kFiles) {
  std::vector<Bytes> bytes;
  for (const auto& command : commands) bytes.push_back(from_hex(command).value());
  return ota::build_compact(bytes, set).value();
}

Bytes expanded(const std::vector<std::string>& commands) {
  std::string objects;
  for (const auto& command : commands) objects += "22" + hex_byte(command.size() / 2) + command;
  return from_hex("AE80" + objects + "0000").value();
}

/// User data with a response packet.
Bytes response(const std::string& data, std::uint8_t spi1, std::uint8_t spi2) {
  auto keys = packet_keys(0x12, 0x12);
  const ota::ResponsePacket packet{{{0xB0, 0x00, 0x01}}, {1}, ota::ResponseStatus::kOk, from_hex(data).value()};
  ota::UserData out;
  out.header.push_back({ota::iei::kResponsePacket, {}});
  out.payload = ota::build_response(packet, {spi1, spi2}, &keys).value();
  return out.encode().value();
}

std::string fetched(const std::string& objects) {
  return "D0" + (objects.size() / 2 > 127 ? std::string("81") : "") + hex_byte(objects.size() / 2) + objects;
}

std::string submit(BytesView user_data) {
  ota::SmsSubmit message;
  message.destination = ota::Address::from_number("+491234").value();
  message.body.has_header = true;
  message.body.user_data = to_bytes(user_data);
  ota::SendShortMessage command;
  command.tpdu = message.build().value();
  return to_hex(command.build());
}

struct Planted {
  std::string where;
  std::function<Events()> events;
  bool ciphered = false;  ///< only the keys bring it to light
};

Events session(scp03::SecurityLevel level, const apdu::Command& plain, const std::string& answer = {}) {
  Session session(level, kOtherKey);
  Events out = session.open();
  out.push_back(session.send(plain, from_hex(answer).value()));
  return out;
}

std::vector<Planted> planted() {
  const std::string pins = kSecret + "3131313131313131";
  const std::string new_pins = "3131313131313131" + kSecret;
  const std::string key_data =
      "31"
      "8810" +
      kKey + "03010203";
  const std::string challenge =
      "0088008122"
      "10" +
      std::string(32, '1') + "10" + std::string(32, '2');
  const std::string results = "DB08" + kSecret + "10" + kKey + "10" + kKey + "08" + kSecret;
  static const Bytes key_bytes = from_hex(key_data).value();
  static const Bytes pin_bytes = from_hex(kSecret).value();
  std::vector<Planted> out{
      {"VERIFY PIN", [=] { return one(with_data("00200001", kSecret)); }},
      {"VERIFY PIN, refused", [=] { return one(with_data("00200001", kSecret), "63C2"); }},
      {"VERIFY PIN, extended length", [=] { return one(with_data("00200001", kSecret, true)); }},
      {"VERIFY PIN on channel 1", [=] { return one(with_data("0120000A", kSecret)); }},
      {"VERIFY PIN on channel 5", [=] { return one(with_data("41200081", kSecret)); }},
      {"VERIFY PIN with Le", [=] { return one(with_data("00200001", kSecret) + "00"); }},
      {"VERIFY PIN cut short", [=] { return one("0020000109" + kSecret, "6700"); }},
      {"VERIFY PIN without Lc", [=] { return one("00200001" + kSecret, "6700"); }},
      {"VERIFY PIN without an answer", [=] { return one(with_data("00200001", kSecret), ""); }},
      {"VERIFY CHV", [=] { return one(with_data("A0200001", kSecret)); }},
      {"CHANGE PIN, old", [=] { return one(with_data("00240001", pins)); }},
      {"CHANGE PIN, new", [=] { return one(with_data("00240001", new_pins)); }},
      {"DISABLE PIN", [=] { return one(with_data("00260001", kSecret)); }},
      {"ENABLE PIN", [=] { return one(with_data("00280001", kSecret)); }},
      {"UNBLOCK PIN, unblocking value", [=] { return one(with_data("002C0001", pins)); }},
      {"UNBLOCK CHV, new", [=] { return one(with_data("A02C0000", new_pins)); }},
      {"a command that failed",
       [=] {
         RecordedEvent event = recorded(with_data("00200001", kSecret), "");
         event.kind = TraceEvent::Kind::kError;
         event.text = "the card is gone";
         return Events{event};
       }},
      {"PUT KEY", [=] { return one(with_data("80D80181", key_data)); }},
      {"PUT KEY on channel 4", [=] { return one(with_data("C0D80181", key_data)); }},
      {"PUT KEY, extended length", [=] { return one(with_data("80D80181", key_data + std::string(600, '0'), true)); }},
      {"STORE DATA",
       [=] {
         return one(with_data("80E28000",
                              "0070"
                              "12"
                              "0110" +
                                  kKey));
       }},
      {"PUT DATA",
       [=] {
         return one(with_data("00DB3FFF",
                              "4D12"
                              "0110" +
                                  kKey));
       }},
      {"AUTHENTICATE", [=] { return one(challenge + "00", results + "9000"); }},
      {"AUTHENTICATE over T=0",
       [=] {
         return Events{recorded(challenge, "6135"), recorded("00C0000035", results + "9000")};
       }},
      {"AUTHENTICATE, its answer in two pieces",
       [=] {
         return Events{recorded(challenge, "6120"), recorded("00C0000020", results.substr(0, 64) + "6115"),
                       recorded("00C0000015", results.substr(64) + "9000")};
       }},
      {"AUTHENTICATE, with another Le",
       [=] {
         return Events{recorded(challenge + "10", "6C35"), recorded(challenge + "35", results + "9000")};
       }},
      {"AUTHENTICATE in the GSM context",
       [=] {
         return one(
             "0088008011"
             "10" +
                 std::string(32, '1') + "00",
             "04" + kSecret.substr(0, 8) + "08" + kSecret + "9000");
       }},
      {"AUTHENTICATE for an NAF",
       [=] {
         return one(
             "0088008404"
             "DE010201"
             "00",
             "DB10" + kKey + "9000");
       }},
      {"an answer to AUTHENTICATE that is none", [=] { return one(challenge + "00", "DB10" + kSecret + "9000"); }},
      {"RUN GSM ALGORITHM",
       [=] {
         return Events{recorded("A088000010" + std::string(32, '1'), "9F0C"), recorded("A0C000000C", kSecret.substr(8) + kSecret + "9000")};
       }},
      {"GET RESPONSE without its command", [=] { return one("00C0000035", results + "9000"); }},
      {"EF.Keys, read",
       [=] {
         return selected({kUsim, "00A4000C026F08"}, one("00B0000021", "07" + kKey + kKey + "9000"));
       }},
      {"EF.Keys by SFI", [=] { return selected({kUsim}, one("00B0880021", "07" + kKey + kKey + "9000")); }},
      {"EF.Keys, a part of it",
       [=] {
         return selected({kUsim, "00A4000C026F08"}, one("00B0000104", kSecret.substr(0, 8) + "9000"));
       }},
      {"EF.Keys by path",
       [=] {
         return selected({kUsim, "00A4080C047FFF6F08"}, one("00B0000021", "07" + kKey + kKey + "9000"));
       }},
      {"EF.Keys by an odd instruction",
       [=] {
         return selected({kUsim, "00A4000C026F08"}, one("00B10000045401005402", "5310" + kKey + "9000"));
       }},
      {"EF.Keys, extended length",
       [=] {
         return selected({kUsim, "00A4000C026F08"}, one("00B00000000000", "07" + kKey + kKey + "9000"));
       }},
      {"EF.Keys over T=0 with GET RESPONSE",
       [=] {
         return selected({kUsim, "00A4000C026F08"}, {recorded("00B0000021", "6121"), recorded("00C0000021", "07" + kKey + kKey + "9000")});
       }},
      {"EF.Keys, selected without an answer",
       [=] {
         return Events{recorded(kUsim, "9000"), recorded("00A4000C026F08", ""), recorded(with_data("00D60000", "07" + kKey + kKey), "")};
       }},
      {"EF.Keys, written",
       [=] {
         return selected({kUsim, "00A4000C026F08"}, one(with_data("00D60000", "07" + kKey + kKey)));
       }},
      {"EF.MUK, written",
       [=] {
         return selected({kUsim, "00A4000C026FD8"}, one(with_data("00DC0104", kKey)));
       }},
      {"EF.MUK, read",
       [=] {
         return selected({kUsim, "00A4000C026FD8"}, one("00B2010410", kKey + "9000"));
       }},
      {"EF.MUK, searched",
       [=] {
         return selected({kUsim, "00A4000C026FD8"}, one(with_data("00A20104", kKey)));
       }},
      {"a file that a broken SELECT selected",
       [=] {
         return selected({kUsim, "00A4080C065FC04F05"}, one("00B0000020", kKey + kKey + "9000"));
       }},
      {"EF.5GAUTHKEYS",
       [=] {
         return selected({kUsim, "00A4080C067FFF5FC04F05"}, one("00B0000020", kKey + kKey + "9000"));
       }},
      {"EF.Kc of a SIM",
       [=] {
         return Events{recorded("A0A40000027F20", "9F17"), recorded("A0A40000026F20", "9F0F"), recorded("A0B0000009", kSecret + "079000")};
       }},
      {"the keys of a programmable card",
       [=] {
         return selected({kUsim, "00A4000C02AF20"}, one(with_data("00D60000", "14" + kKey + kKey)));
       }},
      {"the PINs of a programmable card",
       [=] {
         return selected({"00A4080C06"
                          "3F00A5156F01"},
                         one(with_data("00D60000", "F10303" + kSecret)));
       }},
      {"EF_LWM2M_Bootstrap, read",
       [=] {
         return selected({kPkcs15, "00A4000C026432"}, one("00B0000018",
                                                          "0014C800"
                                                          "110510" +
                                                              kKey +
                                                              "01"
                                                              "9000"));
       }},
      {"EF_LWM2M_Bootstrap, written",
       [=] {
         return selected({kPkcs15, "00A4000C026432"}, one(with_data("00D60000",
                                                                    "0014C800"
                                                                    "110510" +
                                                                        kKey)));
       }},
      {"EF_LWM2M_Bootstrap under another identifier",
       [=] {
         return selected({kPkcs15, "00A4000C026440"}, one(with_data("00D60000",
                                                                    "0014C800"
                                                                    "110510" +
                                                                        kKey)));
       }},
      {"session keys, written",
       [=] {
         return selected({kPkcs15, "00A4000C026433"}, one(with_data("00D60000", kKey)));
       }},
      {"a message that the card opened",
       [=] {
         return selected({"00A4040C0A"
                          "F0756963636C61620401"},
                         one("80CA010000", "0C91947101000000050011" + kKey + "9000"));
       }},
      {"a trace that begins in the middle", [=] { return one("00B0000021", "07" + kKey + kKey + "9000"); }},
      {"deciphered data", [=] { return one("002A8086101111111111111111111111111111111100", kKey + "9000"); }},
      {"input that the terminal hides",
       [=] {
         return one(with_data("80140000",
                              "8103012304"
                              "82028281"
                              "830100"
                              "8D0904" +
                                  kSecret));
       }},
      {"the password of OPEN CHANNEL",
       [=] {
         return one("801200002D", fetched("8103014001"
                                          "82028182"
                                          "0D0904" +
                                          kSecret + "0D0904" + kSecret) +
                                      "9000");
       }},
      {"an APDU for another card",
       [=] {
         return one("801200002D", fetched("8103013000"
                                          "82028110"
                                          "220D" +
                                          with_data("00200001", kSecret)) +
                                      "9000");
       }},
      {"the answer of another card",
       [=] {
         return one(with_data("80140000",
                              "8103013000"
                              "82021081"
                              "830100"
                              "230A" +
                                  kSecret + "9000"));
       }},
      {"an AT command",
       [=] {
         return one("801200002D", fetched("8103013400"
                                          "82028182"
                                          "2810"
                                          "41542B4350494E3D" +
                                          kSecret) +
                                      "9000");
       }},
      {"a script with VERIFY PIN, in the clear", [=] { return sent(envelopes(compact({with_data("00200001", kSecret)}), 0x00)); }},
      {"a script with VERIFY PIN and a checksum",
       [=] {
         return sent(envelopes(compact({"00A40000026F07", with_data("00200001", kSecret)}), 0x0A));
       }},
      {"a script with VERIFY PIN, ciphered", [=] { return sent(envelopes(compact({with_data("00200001", kSecret)}), 0x16)); }, true},
      {"a script of three messages, in the clear",
       [=] {
         return sent(envelopes(compact({with_data("00D60000", std::string(300, 'A')), with_data("00200001", kSecret),
                                        with_data("00D60000", std::string(300, 'B'))}),
                               0x02));
       }},
      {"a script of three messages, ciphered",
       [=] {
         return sent(envelopes(compact({with_data("00D60000", std::string(300, 'A')), with_data("00200001", kSecret),
                                        with_data("00D60000", std::string(300, 'B'))}),
                               0x16));
       },
       true},
      {"a script in expanded format",
       [=] {
         return sent(envelopes(expanded({"00A40000023F00", with_data("00200001", kSecret)}), 0x16));
       },
       true},
      {"a script with PUT KEY",
       [=] { return sent(envelopes(compact({with_data("80D80181", key_data)}, ota::CommandSet::kApplications), 0x16, 0x00, Tar{})); },
       true},
      {"a script that writes EF.Keys",
       [=] {
         return sent(envelopes(compact({"00A40000026F08", with_data("00D60000", "07" + kKey + kKey)}), 0x16));
       },
       true},
      {"a script that writes session keys",
       [=] {
         return sent(envelopes(compact({"00A40004026433", with_data("00D60000", kKey)}), 0x16, 0x00, Tar{{0xB2, 0x01, 0x00}}));
       },
       true},
      {"a script that breaks off",
       [=] {
         Bytes script = compact({"00A40000026F07"});
         append(script, from_hex("0020000110" + kSecret).value());
         return sent(envelopes(script, 0x00));
       }},
      {"a packet whose checksum is wrong",
       [=] {
         auto commands = envelopes(compact({with_data("00200001", kSecret)}), 0x02);
         commands[0].back() ^= 1;
         commands[0][commands[0].size() - 20] ^= 1;
         return sent(commands);
       }},
      {"a packet with a wrong length",
       [=] {
         auto commands = envelopes(compact({with_data("00200001", kSecret)}), 0x00);
         const auto at = std::ranges::search(commands[0], "02700000"_h).begin() - commands[0].begin();
         commands[0][static_cast<std::size_t>(at) + 4] ^= 0x01;
         return sent(commands);
       }},
      {"an envelope that ends too early",
       [=] {
         auto commands = envelopes(compact({with_data("00200001", kSecret)}), 0x00);
         commands[0][6] = 0x7F;
         return sent(commands);
       }},
      {"the response to a script that reads keys, in the answer to ENVELOPE",
       [=] {
         return sent(envelopes(compact({"00A40000026F08", "00B0000010"}), 0x16, 0x01),
                     to_hex(response("029000" + kKey, 0x16, 0x01)) + "9000");
       }},
      {"the same in SEND SHORT MESSAGE",
       [=] {
         Events events = sent(envelopes(expanded({"00A40000026F08", "00B0000010"}), 0x16, 0x21));
         events.push_back(recorded("8012000078", submit(response("AF80"
                                                                 "2312" +
                                                                     kKey +
                                                                     "9000"
                                                                     "0000",
                                                                 0x16, 0x21)) +
                                                     "9000"));
         return events;
       }},
      {"a response whose script is not known", [=] { return one("8012000078", submit(response("029000" + kKey, 0x00, 0x21)) + "9000"); }},
  };
  for (const auto level : {scp03::Level::kCMac, scp03::Level::kCMacCEnc, scp03::Level::kCMacRMac, scp03::Level::kAll}) {
    const std::string said = " at level " + hex_byte(level.value());
    const bool ciphered = level.c_encryption();
    out.push_back({"PUT KEY" + said,
                   [level] { return session(level, {.cla = 0x80, .ins = 0xD8, .p1 = 0x01, .p2 = 0x81, .data = key_bytes, .le = 256}); },
                   ciphered});
    out.push_back({"VERIFY PIN" + said,
                   [level] { return session(level, {.cla = 0x80, .ins = 0x20, .p1 = 0x00, .p2 = 0x01, .data = pin_bytes, .le = {}}); },
                   ciphered});
    out.push_back({"a file with keys" + said,
                   [level] {
                     Session session(level, kOtherKey);
                     Events events = session.open();
                     const auto fid = "6432"_h;
                     events.push_back(session.send({.cla = 0x80, .ins = 0xA4, .p1 = 0x00, .p2 = 0x0C, .data = fid, .le = {}}, {}));
                     events.push_back(
                         session.send({.cla = 0x80, .ins = 0xB0, .p1 = 0x00, .p2 = 0x00, .data = {}, .le = 16}, from_hex(kKey).value()));
                     return events;
                   },
                   level.r_encryption()});
  }
  return out;
}

// ---- what comes out ----

Keys all_keys() {
  Keys out = channel_keys(kOtherKey);
  out.packets = packet_keys;
  return out;
}

/// Text, JSON and page, each as whole as it gets.
std::string reports(const Events& events, bool with_keys, bool redacted) {
  Decoder decoder(with_keys ? all_keys() : Keys{});
  std::ostringstream out;
  HtmlReport page(out, "t");
  Statistics statistics;
  for (const auto& event : events) {
    Exchange exchange = decoder.decode(event);
    statistics.add(exchange);
    if (redacted) redact(exchange);
    write_text(out, exchange, {false, true, 0});
    write_text(out, exchange, {true, false, 0});
    write_json(out, exchange);
    page.add(exchange);
  }
  page.finish(statistics);
  write_json(out, statistics);
  return out.str();
}

/// Text, JSON, capture file and datagrams, while it happens.
std::string live(const Events& events, bool redacted) {
  struct Datagrams final : TraceSink {
    void on_event(const TraceEvent& event) override {
      if (const auto packet = gsmtap_packet(event)) all.append(packet->begin(), packet->end());
    }
    std::string all;
  } datagrams;
  std::ostringstream out;
  TextTrace text(out);
  JsonTrace json(out);
  PcapTrace pcap(out);
  TraceGroup group({&text, &json, &pcap, &datagrams});
  RedactingSink redacting(group);
  TraceSink& sink = redacted ? static_cast<TraceSink&>(redacting) : group;
  for (const auto& event : events) {
    TraceEvent one{};
    one.kind = event.kind;
    one.command = event.command;
    one.answer = event.answer;
    one.text = event.text;
    sink.on_event(one);
  }
  return out.str() + datagrams.all;
}

/// Any four bytes of it, as digits or as they are.
bool leaks(const std::string& text) {
  const Bytes key = from_hex(kKey).value();
  for (std::size_t i = 0; i + 4 <= key.size(); ++i) {
    const auto part = BytesView(key).subspan(i, 4);
    const std::string digits = to_hex(part);
    std::string small = digits;
    std::ranges::transform(small, small.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const std::string& one : {digits, small, std::string(part.begin(), part.end())}) {
      if (text.find(one) != std::string::npos) return true;
    }
  }
  return false;
}

}  // namespace

TEST_CASE("A secret planted in every place where an exchange can hold one: no form of a trace shows four bytes of it") {
  for (const Planted& one : planted()) {
    CAPTURE(one.where);
    const Events events = one.events();
    // It is there: otherwise nothing is proved.
    CHECK(leaks(reports(events, true, false)));
    CHECK(leaks(live(events, false)) == !one.ciphered);
    for (const bool with_keys : {true, false}) CHECK_FALSE(leaks(reports(events, with_keys, true)));
    CHECK_FALSE(leaks(live(events, true)));
  }
}

TEST_CASE("What is taken out is named, in every form; lengths, headers and status words stay") {
  const Events events = one(with_data("00200001", kSecret), "63C2");
  const std::string text = reports(events, false, true);
  CHECK(text.find("> 0020000108"
                  "2A2A2A2A2A2A2A2A") != std::string::npos);
  CHECK(text.find("not shown: PIN") != std::string::npos);
  CHECK(text.find("\"hidden\":[\"PIN\"]") != std::string::npos);
  CHECK(text.find("8 bytes, not shown") != std::string::npos);
  const std::string said = live(events, true);
  CHECK(said.find("0.000 0020000108"
                  "2A2A2A2A2A2A2A2A"
                  " -> 63C2 verification failed") != std::string::npos);
  CHECK(said.find("; not shown: PIN\n") != std::string::npos);
  CHECK(said.find("\"sw\":\"63C2\",\"hidden\":[\"PIN\"]}") != std::string::npos);
}

TEST_CASE("Data without secrets is kept: files, scripts without secrets and their responses, ciphered messages") {
  const std::string plain = "C0FFEE0123456789";
  for (const Events& events : {
           selected({kUsim, "00A4000C026F07"}, one("00B0000008", plain + "9000")),
           one("0084000008", plain + "9000"),
           sent(envelopes(compact({"00A40000026F46", with_data("00D60000", plain)}), 0x0A)),
           sent(envelopes(compact({"00A40000026F07", "00B0000008"}), 0x16, 0x01), to_hex(response("029000" + plain, 0x16, 0x01)) + "9000"),
           selected({"00A4040C10"
                     "A0000005591010FFFFFFFF8900000100"},
                    one(with_data("80E29100", "BF2E08" + plain))),
       }) {
    const std::string text = reports(events, true, true);
    CHECK_MESSAGE(text.find(plain) != std::string::npos, text);
    CHECK(text.find("not shown") == std::string::npos);
  }
  // A trace that was written without keys can be deciphered later.
  const Events ciphered = sent(envelopes(compact({with_data("00200001", kSecret)}), 0x16));
  CHECK(live(ciphered, true) == live(ciphered, false));
  const Events secured = session(scp03::Level::kAll, {.cla = 0x80, .ins = 0xD8, .p1 = 0x01, .p2 = 0x81, .data = kOtherKey, .le = 256});
  CHECK(live(secured, true) == live(secured, false));
}
