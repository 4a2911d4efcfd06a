// SPDX-License-Identifier: Apache-2.0
// A card with an application that does what its commands say, for tests of what becomes of writes when something goes wrong.
#pragma once

#include <functional>

#include "tests/support/small_card.hpp"

namespace uicclab::test {

/// What a test and the applet share. Outlives the card.
struct Acting {
  bool writes_at_once = false;
  std::function<void(applet::Context&)> in_select;   ///< null: nothing
  std::function<void(applet::Context&)> in_process;  ///< before what the command says
  std::vector<bool> ends;                            ///< what on_transaction_end() was told
  int made = 0;                                      ///< objects of the applet
};

/// INS 90: the data is a list of steps, each a letter and what belongs to it. INS 91: object of slot P1; nothing is an empty answer.
class ActingApplet final : public applet::Applet {
 public:
  explicit ActingApplet(Acting& acting) : m_acting(acting) { ++acting.made; }

  StatusWord select(applet::Context& context, Bytes& /*out*/) override {
    if (m_acting.in_select) m_acting.in_select(context);
    return sw::kOk;
  }
  StatusWord process(applet::Context& context, const apdu::Command& command, Bytes& out) override {
    if (m_acting.in_process) m_acting.in_process(context);
    if (command.ins == 0x91) {
      append(out, context.load(applet::Slot{command.p1}).value_or(BytesView{}));
      return sw::kOk;
    }
    return command.ins == 0x90 ? act(context, command.data) : sw::kInsNotSupported;
  }
  void on_transaction_end(bool committed) override { m_acting.ends.push_back(committed); }

 private:
  StatusWord act(applet::Context& context, BytesView steps) {
    for (std::size_t at = 0; at < steps.size(); ++at) {
      const auto next = [&] { return applet::Slot{steps[++at]}; };
      switch (steps[at]) {
        case 'w': {  // slot, value: store
          const applet::Slot slot = next();
          context.store(slot, steps.subspan(++at, 1));
          break;
        }
        case 'n': {  // slot, value: store now
          const applet::Slot slot = next();
          context.store_now(slot, steps.subspan(++at, 1));
          break;
        }
        case 'u':  // the first byte of 6F07 of the ADF becomes the next one
          if (!context.files().update_binary("6F07"_h, 0, steps.subspan(++at, 1))) return sw::kFileNotFound;
          break;
        case 's':  // a proactive command
          if (!context.toolkit().send("D009810301020082028182"_h)) return sw::kConditionsNotSatisfied;
          break;
        case 'b':
          if (!context.begin_transaction()) return sw::kConditionsNotSatisfied;
          break;
        case 'c':
          if (!context.commit_transaction()) return sw::kConditionsNotSatisfied;
          break;
        case 'a':
          if (!context.abort_transaction()) return sw::kConditionsNotSatisfied;
          break;
        case 'f':
          return sw::kIncorrectData;
        case '1':
          throw std::bad_alloc();
        case '2':
          (void)Result<int>(fail(ErrorCode::kRange, "what nobody has looked at")).value();
          break;
        case '3':
          throw SystemError("the applet's own");
        case '4':
          throw 4;  // no exception of the library
        case '5':
          throw emulator::PowerCut{};
        default:
          return sw::kIncorrectData;
      }
    }
    return sw::kOk;
  }

  Acting& m_acting;
};

class ActingModule final : public applet::Module {
 public:
  explicit ActingModule(Acting& acting) : m_acting(acting) {}
  std::string_view name() const override { return "acting"; }
  Aid load_file_aid() const override { return *Aid::from("F0756963630002"_h); }
  Aid module_aid() const override { return *Aid::from("F075696363000201"_h); }
  Result<applet::InitialObjects> personalise(const applet::Parameters& /*parameters*/) const override { return applet::InitialObjects{}; }
  bool writes_at_once() const override { return m_acting.writes_at_once; }
  std::unique_ptr<applet::Applet> make() const override { return std::make_unique<ActingApplet>(m_acting); }

 private:
  Acting& m_acting;
};

/// Number of the instance.
inline constexpr std::uint32_t kActing = 0;
inline constexpr std::string_view kSelectActing = "00A4040C0AA0000000871002756963";

/// MF, EF_ARR (rule 1: everything ALW), ADF of the application with EF 6F07 (3 bytes, SFI 7). `quota` is that of the instance; with
/// `by_reset` it is selected on the basic channel, and on channel 1, before anything else is.
inline std::shared_ptr<const emulator::CardImage> acting_image(Acting& acting, std::optional<std::uint32_t> quota = {},
                                                               bool by_reset = false) {
  using namespace emulator;
  CardSettings settings;
  settings.name = "acting";
  settings.atr = to_bytes("3B9F968091FE1F878031E073FE215F67756963636C6162C8"_h);
  settings.free_memory = 10000;
  settings.max_suspend_seconds = 3600;
  CardImageBuilder builder(settings);
  const FileId mf = builder.add_file(make_file(FileKind::kMf, 0x3F00, kMfId, 1), {});
  Bytes rule = to_bytes("80017F9000"_h);
  rule.resize(48, 0xFF);
  builder.add_file(make_file(FileKind::kLinearFixed, 0x2F06, mf, 1, 48, 48, 6), rule);
  FileHeader adf = make_file(FileKind::kAdf, 0x7FD0, mf, 1);
  adf.aid = *Aid::from("A0000000871002756963"_h);
  const FileId adf_id = builder.add_file(adf, {});
  builder.add_file(make_file(FileKind::kTransparent, 0x6F07, adf_id, 1, 3, 0, 7), Bytes(3, 0x11));
  InstanceSpec spec{adf.aid, "acting", std::make_shared<const ActingModule>(acting), adf_id};
  spec.memory_quota = quota;
  if (by_reset) {
    spec.privileges = gp::Privileges{gp::Privilege::kCardReset};
    spec.implicit_selection = {static_cast<std::uint8_t>(gp::kImplicitByContact | 1)};
  }
  builder.add_instance(std::move(spec));
  builder.put(pin_object(KeyReference{0x01}, kMfId), encode_pin(make_pin("1234", true, true, "12345678")));
  auto image = builder.build();
  if (!image) throw SystemError("acting_image: " + image.error().text);
  return *image;
}

/// "w 01 55 f" as data of INS 90: letters stand for themselves, two hexadecimal digits for a byte.
inline std::string steps(std::string_view text) {
  Bytes data;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    const std::string_view word = text.substr(at, end - at);
    word.size() == 1 ? data.push_back(static_cast<std::uint8_t>(word[0])) : append(data, *from_hex(word));
    at = end + 1;
  }
  return "00900000" + to_hex(Bytes{static_cast<std::uint8_t>(data.size())}) + to_hex(data);
}

}  // namespace uicclab::test
