// SPDX-License-Identifier: Apache-2.0
// A small card for tests of the command path: enough files to show each kind and each access rule, and nothing that a test must wade
// through.
//
// MF 3F00
//   EF_ARR 2F06 (records: 1 read ALW, update ADM1 / 2 read PIN1, update PIN1 / 3 all never / 4 read ALW, all others ADM1, resize, increase
//   PIN1
//                / 5 DF: everything ADM1)
//   EF 2FE2 SFI 2 transparent 10 bytes rule 1 · EF 2F05 SFI 5 transparent 300 bytes rule 2 · EF 2F10 rule 3
//   DF 7F10: EF 6F3A SFI 1 linear 4 x 6 rule 4 · EF 6F39 SFI 3 cyclic 3 x 3 rule 4 · EF 6F77 SFI 4 BER-TLV 600 rule 4 · DF 5F3A: EF 4F01
//   rule 1 DF 7F20: EF 6F07 transparent 9, rule 2
// ADF A0000000871002 "test": EF 6F07 SFI 7 transparent 9 rule 2 of 2F06 · EF 6F3B rule read PIN2
#pragma once

#include "applet/api/toolkit_module.hpp"
#include "core/hex.hpp"
#include "emulator/card.hpp"
#include "emulator/security/pin.hpp"

namespace uicclab::test {

/// An application that answers INS 99 with its own AID, sends a proactive command on INS 98, and takes envelope D3. INS 97 keeps its data
/// in object 1, 96 does so and fails; 93 and 92 likewise, and count up object 2 at once. INS 95 answers object 1.
class EchoApplet final : public applet::Applet {
 public:
  StatusWord process(applet::Context& context, const apdu::Command& command, Bytes& out) override {
    switch (command.ins) {
      case 0x99:
        append(out, context.aid().bytes());
        return sw::kOk;
      case 0x98:
        return context.toolkit().send(command.data) ? sw::kOk : sw::kConditionsNotSatisfied;
      case 0x97:
        context.store(applet::Slot{1}, command.data);
        return sw::kOk;
      case 0x96:
        context.store(applet::Slot{1}, command.data);
        return sw::kIncorrectData;
      case 0x93:
      case 0x92: {
        context.store(applet::Slot{1}, command.data);
        const auto counter = context.load(applet::Slot{2});
        const Bytes next{static_cast<std::uint8_t>(counter ? (*counter)[0] + 1 : 1)};
        context.store_now(applet::Slot{2}, next);
        return command.ins == 0x93 ? sw::kOk : sw::kIncorrectData;
      }
      case 0x95:
        append(out, context.load(applet::Slot{1}).value_or(BytesView{}));
        return sw::kOk;
      case 0x94:
        append(out, m_last_response);
        return sw::kOk;
      default:
        return sw::kInsNotSupported;
    }
  }
  applet::Handled on_terminal_response(applet::Context& /*context*/, BytesView response) override {
    m_last_response = to_bytes(response);
    return applet::Handled::kDone;
  }
  applet::Handled on_event(applet::Context& /*context*/, const applet::EventCall& call) override {
    if (call.tag != 0xD3) return applet::Handled::kIgnored;
    if (call.answer != nullptr) call.answer->post(call.data);
    return applet::Handled::kDone;
  }

 private:
  Bytes m_last_response;
};

class EchoModule final : public applet::ToolkitModule {
 public:
  std::string_view name() const override { return "echo"; }
  Aid load_file_aid() const override { return *Aid::from("F0756963630001"_h); }
  Aid module_aid() const override { return *Aid::from("F075696363000101"_h); }
  Result<applet::InitialObjects> personalise(const applet::Parameters& /*parameters*/) const override { return applet::InitialObjects{}; }
  std::unique_ptr<applet::Applet> make() const override { return std::make_unique<EchoApplet>(); }
  applet::ToolkitError enrol(applet::Context& /*context*/, applet::ToolkitEntry& entry) const override {
    return entry.set_event(applet::Event::kUnrecognizedEnvelope);
  }
};

inline uicc::FileHeader make_file(uicc::FileKind kind, std::uint16_t fid, uicc::FileId parent, std::uint8_t rule, std::uint32_t size = 0,
                                  std::uint16_t record_length = 0, std::uint8_t sfi = 0) {
  uicc::FileHeader header;
  header.kind = kind;
  header.fid = Fid{fid};
  header.parent = parent;
  header.size = size;
  header.record_length = record_length;
  header.record_count = record_length != 0 ? static_cast<std::uint16_t>(size / record_length) : std::uint16_t{0};
  if (sfi != 0) header.sfi = Sfi{sfi};
  header.security = {uicc::SecurityAttributes::Form::kReferenced, {0x2F, 0x06, rule}};
  if (uicc::is_directory(kind)) header.keys = {KeyReference{0x01}, KeyReference{0x0A}};
  return header;
}

inline emulator::PinRecord make_pin(std::string_view digits, bool enabled, bool can_be_disabled, std::string_view puk = "") {
  emulator::PinRecord pin;
  pin.value.fill(0xFF);
  pin.puk.fill(0xFF);
  std::copy(digits.begin(), digits.end(), pin.value.begin());
  std::copy(puk.begin(), puk.end(), pin.puk.begin());
  pin.enabled = enabled;
  pin.can_be_disabled = can_be_disabled;
  pin.max_puk_tries = pin.puk_tries = puk.empty() ? 0 : 10;
  return pin;
}

/// `more`: instances beside the two of the test application.
inline std::shared_ptr<const emulator::CardImage> small_image(bool pin1_enabled = true, const emulator::CardChoices& choices = {},
                                                              const std::vector<emulator::InstanceSpec>& more = {}) {
  using namespace emulator;
  CardSettings settings;
  settings.name = "small";
  settings.atr = to_bytes("3B9F968091FE1F878031E073FE215F67756963636C6162C8"_h);
  settings.free_memory = 10000;
  settings.max_suspend_seconds = 3600;
  settings.choices = choices;
  CardImageBuilder builder(settings);
  const auto body = [](std::string_view hex) { return *from_hex(hex); };

  const FileId mf = builder.add_file(make_file(FileKind::kMf, 0x3F00, kMfId, 5), {});
  Bytes rules;
  for (const char* rule : {
           "8001019000 80015AA40683010A950108",                                                // 1
           "800103A406830101950108 800158A40683010A950108",                                    // 2
           "80017F9700",                                                                       // 3
           "8001019000 80017AA40683010A950108 8401D4A40683010A950108 840132A406830101950108",  // 4
           "80017FA40683010A950108",                                                           // 5
           "800101A406830181950108 800102A406830111950108",                                    // 6
       }) {
    Bytes record = body(rule);
    record.resize(48, 0xFF);
    append(rules, record);
  }
  builder.add_file(make_file(FileKind::kLinearFixed, 0x2F06, mf, 1, 6 * 48, 48, 6), rules);
  builder.add_file(make_file(FileKind::kTransparent, 0x2FE2, mf, 1, 10, 0, 2), body("98881201000000000001"));
  builder.add_file(make_file(FileKind::kTransparent, 0x2F05, mf, 2, 300, 0, 5), Bytes(300, 0xFF));
  builder.add_file(make_file(FileKind::kTransparent, 0x2F10, mf, 3, 4), Bytes(4, 0xFF));
  const FileId telecom = builder.add_file(make_file(FileKind::kDf, 0x7F10, mf, 5), {});
  builder.add_file(make_file(FileKind::kLinearFixed, 0x6F3A, telecom, 4, 24, 6, 1),
                   body("010101010101 020202020202 030303030303 FFFFFFFFFFFF"));
  builder.add_file(make_file(FileKind::kCyclic, 0x6F39, telecom, 4, 9, 3, 3), body("000003 000002 000001"));
  builder.add_file(make_file(FileKind::kBerTlv, 0x6F77, telecom, 4, 600, 0, 4), {});
  const FileId phonebook = builder.add_file(make_file(FileKind::kDf, 0x5F3A, telecom, 5), {});
  builder.add_file(make_file(FileKind::kTransparent, 0x4F01, phonebook, 1, 5), Bytes(5, 0x11));
  const FileId gsm = builder.add_file(make_file(FileKind::kDf, 0x7F20, mf, 5), {});
  builder.add_file(make_file(FileKind::kTransparent, 0x6F07, gsm, 2, 9), body("080910101032540636"));
  FileHeader adf = make_file(FileKind::kAdf, 0x7FD0, mf, 5);
  adf.aid = *Aid::from("A0000000871002FF49FF0589"_h);
  adf.keys = {KeyReference{0x01}, KeyReference{0x81}, KeyReference{0x0A}};
  const FileId adf_id = builder.add_file(adf, {});
  builder.add_file(make_file(FileKind::kTransparent, 0x6F07, adf_id, 2, 9, 0, 7), body("080910101032540636"));
  builder.add_file(make_file(FileKind::kTransparent, 0x6F3B, adf_id, 6, 3), Bytes(3, 0x22));

  const auto echo = std::make_shared<const EchoModule>();
  builder.add_instance({adf.aid, "test", echo, adf_id});
  builder.add_instance({*Aid::from("A0000000871004FF49FF0589"_h), "plain", echo, std::nullopt});
  for (const auto& instance : more) builder.add_instance(instance);
  builder.put(pin_object(KeyReference{0x01}, kMfId), encode_pin(make_pin("1234", pin1_enabled, true, "12345678")));
  builder.put(pin_object(KeyReference{0x81}, adf_id), encode_pin(make_pin("5678", true, true, "87654321")));
  builder.put(pin_object(KeyReference{0x0A}, kMfId), encode_pin(make_pin("88888888", true, false)));
  builder.put(pin_object(kUniversalPin, kMfId), encode_pin(make_pin("9999", true, true)));
  auto image = builder.build();
  if (!image) throw SystemError("small_image: " + image.error().text);
  return *image;
}

/// "00A4 0004" -> "00A40004": expected answers can be written with blanks, as commands can.
inline std::string packed(std::string_view hex) {
  std::string out;
  std::ranges::copy_if(hex, std::back_inserter(out), [](char c) { return c != ' '; });
  return out;
}

/// A card that is on, and hexadecimal in and out.
class Terminal {
 public:
  explicit Terminal(std::shared_ptr<const emulator::CardImage> image = small_image(), Protocol protocol = Protocol::kT0,
                    std::unique_ptr<emulator::NvmStore> store = nullptr)
      : card(std::move(image), random, clock, std::move(store)) {
    (void)card.reset();
    card.session()->protocol = protocol;  // whatever its ATR offers
  }

  /// "A0A4..." -> "9F16"; "no answer" if the port failed.
  std::string send(std::string_view command) {
    const auto bytes = from_hex(command);
    if (!bytes) return "bad test: " + bytes.error().text;
    const auto answer = card.transmit(*bytes);
    return answer ? to_hex(*answer) : "no answer: " + answer.error().text;
  }

  /// As a T=0 terminal does it: repeats on 6Cxx, fetches the answer on 61xx.
  std::string exchange(std::string_view command) {
    std::string answer = send(command);
    std::string all;
    if (answer.size() == 4 && answer.starts_with("6C"))
      answer = send(std::string(command.substr(0, command.size() - 2)) + answer.substr(2));
    while (answer.size() >= 4 && answer.substr(answer.size() - 4, 2) == "61") {
      all += answer.substr(0, answer.size() - 4);
      answer = send(std::string(command.substr(0, 2)) + "C00000" + answer.substr(answer.size() - 2));
    }
    return all + answer;
  }

  SeededRandom random{1};
  ManualClock clock;
  emulator::Card card;
};

}  // namespace uicclab::test
