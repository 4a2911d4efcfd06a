// SPDX-License-Identifier: Apache-2.0
// Toolkit applications that do what a test says, and cards with them.
#pragma once

#include <functional>

#include <doctest/doctest.h>

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "tests/unit/issuer_sd/commands.hpp"

namespace uicclab::test {

using applet::Event;
using applet::Handled;
using applet::ToolkitError;

/// What one application does, and what it was told.
struct Behaviour {
  std::function<ToolkitError(applet::ToolkitEntry&)> enrol = [](applet::ToolkitEntry&) { return ToolkitError::kNone; };
  std::function<Handled(applet::Context&, const applet::EventCall&)> event = [](applet::Context&, const applet::EventCall&) {
    return Handled::kDone;
  };
  std::function<Handled(applet::Context&, BytesView)> response = [](applet::Context&, BytesView) { return Handled::kDone; };
  std::function<StatusWord(applet::Context&, const apdu::Command&, Bytes&)> process = [](applet::Context&, const apdu::Command&, Bytes&) {
    return sw::kInsNotSupported;
  };
  std::string told;                         ///< numbers of events, and R for a terminal response: "7 R 11 "
  std::vector<std::string>* all = nullptr;  ///< of all applications, by name
  std::string name;

  void note(const std::string& what) {
    told += what + " ";
    if (all != nullptr) all->push_back(name + " " + what);
  }
};

class ScriptedApplet final : public applet::Applet {
 public:
  explicit ScriptedApplet(Behaviour& behaviour) : m_behaviour(behaviour) {}
  StatusWord process(applet::Context& context, const apdu::Command& command, Bytes& out) override {
    return m_behaviour.process(context, command, out);
  }
  Handled on_event(applet::Context& context, const applet::EventCall& call) override {
    m_behaviour.note(std::to_string(static_cast<int>(call.event)));
    return m_behaviour.event(context, call);
  }
  Handled on_terminal_response(applet::Context& context, BytesView response) override {
    m_behaviour.note("R");
    return m_behaviour.response(context, response);
  }

 private:
  Behaviour& m_behaviour;
};

class ScriptedModule final : public applet::ToolkitModule {
 public:
  ScriptedModule(std::uint8_t number, Behaviour& behaviour, gp::ToolkitParameters defaults = {})
      : m_number(number), m_behaviour(behaviour), m_defaults(std::move(defaults)) {}
  std::string_view name() const override { return "scripted"; }
  Aid load_file_aid() const override { return *Aid::from("F07569636300AA"_h); }
  Aid module_aid() const override { return *Aid::from(concat({"F07569636300AA"_h, std::array{m_number}})); }
  Result<applet::InitialObjects> personalise(const applet::Parameters&) const override { return applet::InitialObjects{}; }
  std::unique_ptr<applet::Applet> make() const override { return std::make_unique<ScriptedApplet>(m_behaviour); }
  gp::ToolkitParameters default_toolkit() const override { return m_defaults; }
  ToolkitError enrol(applet::Context&, applet::ToolkitEntry& entry) const override { return m_behaviour.enrol(entry); }

 private:
  std::uint8_t m_number;
  Behaviour& m_behaviour;
  gp::ToolkitParameters m_defaults;
};

inline applet::MenuEntry menu_text(std::string_view text) {
  return {.text = to_bytes(as_bytes(text))};
}

/// D0 with command details and device identities.
inline Bytes proactive(std::uint8_t type, std::uint8_t to = 0x82, std::string_view objects = "") {
  Bytes inside = *from_hex("810301" + to_hex(std::array{type}) + "00" + "820281" + to_hex(std::array{to}));
  append(inside, *from_hex(objects));
  return ber::encode(0xD0, inside);
}
inline Bytes display(std::string_view text) {
  Bytes value{0x04};
  append(value, as_bytes(text));
  Bytes object;
  ctlv::write(object, 0x0D, value);
  return proactive(0x21, 0x02, to_hex(object));
}

/// A card with applications A, B and C of a profile, with priorities 1, 2 and 2, and a terminal.
struct ToolkitCard {
  explicit ToolkitCard(const std::function<void(ToolkitCard&)>& set_up = [](ToolkitCard&) {}) {
    for (std::size_t i = 0; i < apps.size(); ++i) {
      apps[i].name = std::string(1, static_cast<char>('A' + i));
      apps[i].all = &all;
      parameters[i].priority = i == 0 ? 1 : 2;
      parameters[i].max_timers = 8;
      parameters[i].max_menu_text = 10;
      parameters[i].max_channels = 2;
      parameters[i].max_services = 8;
    }
    set_up(*this);
    std::vector<emulator::InstanceSpec> specs;
    for (std::size_t i = 0; i < apps.size(); ++i) {
      emulator::InstanceSpec spec;
      spec.aid = *Aid::from(concat({"F07569636300BB"_h, std::array{static_cast<std::uint8_t>(i)}}));
      spec.label = apps[i].name;
      spec.module = std::make_shared<ScriptedModule>(static_cast<std::uint8_t>(i), apps[i]);
      spec.uicc.toolkit = parameters[i];
      specs.push_back(std::move(spec));
    }
    terminal.emplace(small_image(false, {}, specs), Protocol::kT1);
  }

  std::string send(std::string_view command) { return terminal->send(packed(command)); }
  std::string profile(std::string_view bytes = "FFFFFFFFFFFFFFFF") {
    return send("80100000" + to_hex(std::array{static_cast<std::uint8_t>(bytes.size() / 2)}) + std::string(bytes));
  }
  std::string envelope(std::string_view data) {
    return send("80C20000" + to_hex(std::array{static_cast<std::uint8_t>(data.size() / 2)}) + std::string(data) + "00");
  }
  /// ENVELOPE of this template with these objects behind the device identities.
  std::string trigger(std::uint8_t tag, std::string_view objects) {
    return envelope(to_hex(ber::encode(tag, *from_hex("82028281" + packed(objects)))));
  }
  std::string fetch() { return send("8012000000"); }
  /// TERMINAL RESPONSE to the command of this type.
  std::string respond(std::uint8_t type, std::string_view result = "830100", std::string_view objects = "") {
    const std::string data = "810301" + to_hex(std::array{type}) + "00" + "82028281" + packed(result) + packed(objects);
    return send("80140000" + to_hex(std::array{static_cast<std::uint8_t>(data.size() / 2)}) + data);
  }
  /// Fetches and answers everything; types of the commands: "25 05 ".
  std::string serve(std::string status) {
    std::string types;
    while (status.size() >= 4 && status.substr(status.size() - 4, 2) == "91") {
      const std::string command = fetch();
      const auto bytes = from_hex(command);
      const auto body = ber::first(BytesView(*bytes).first(bytes->size() - 2));
      const std::uint8_t type = (*ctlv::find(body->value, 0x01))[1];
      types += to_hex(std::array{type}) + " ";
      status = respond(type);
    }
    return types + status;
  }
  std::string reset() {
    (void)terminal->card.reset();
    return terminal->card.select_protocol(Protocol::kT1) ? "" : "";
  }

  std::vector<std::string> all;
  std::array<Behaviour, 3> apps;
  std::array<gp::ToolkitParameters, 3> parameters;
  std::optional<Terminal> terminal;
};

inline std::function<ToolkitError(applet::ToolkitEntry&)> registers_for(std::initializer_list<Event> events) {
  return [events = std::vector<Event>(events)](applet::ToolkitEntry& entry) { return entry.set_events(events); };
}

}  // namespace uicclab::test
