// SPDX-License-Identifier: Apache-2.0
#include "cli/serve/control.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <nlohmann/json.hpp>

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "core/hex.hpp"
#include "core/json.hpp"
#include "script/file_names.hpp"

namespace uicclab::cli {
namespace {

using nlohmann::json;

/// Why a request was not carried out.
struct Refusal {
  std::string text;
  bool usage = false;  ///< the request is wrong, whatever the cards are like
};

[[noreturn]] void refuse(const std::string& text) {
  throw Refusal{text};
}
[[noreturn]] void misused(const std::string& text) {
  throw Refusal{text, true};
}
template <typename T>
T require(Result<T> result) {
  if (result) {
    if constexpr (std::is_void_v<T>) {
      return;
    } else {
      return *std::move(result);
    }
  }
  const ErrorCode code = result.error().code;
  throw Refusal{result.error().text, code == ErrorCode::kMalformed};
}

std::string text_of(const json& request, const char* name) {
  const auto found = request.find(name);
  if (found == request.end() || !found->is_string()) misused(std::string("\"") + name + "\", a text, is missing");
  return *found;
}

std::size_t number_of(const json& request, const char* name, std::size_t otherwise) {
  const auto found = request.find(name);
  if (found == request.end()) return otherwise;
  if (!found->is_number_unsigned()) misused(std::string("\"") + name + "\" is a number");
  return *found;
}

std::vector<Bytes> selection_of(const std::string& name) {
  const auto path = script::path_of_file(name, {});
  if (!path) misused("'" + name + "' is not a known file: give its name, or a path like ADF.USIM/6F07");
  return require(script::selection(
      *path, [](const std::string& variable) -> Result<Bytes> { return fail(ErrorCode::kNotFound, variable + " is not known"); }));
}

// The proactive command REFRESH: ETSI TS 102 223 clauses 6.4.7, 6.6.13 and 8.6; its file list: clause 8.18; AID: clause 8.60.
struct RefreshMode {
  std::string_view name;
  std::uint8_t qualifier;
};
constexpr std::array<RefreshMode, 7> kRefreshModes{{{"init-full", 0x00},
                                                    {"files", 0x01},
                                                    {"init-files", 0x02},
                                                    {"init", 0x03},
                                                    {"reset", 0x04},
                                                    {"application-reset", 0x05},
                                                    {"session-reset", 0x06}}};

/// The file's place in a file list: from the MF, or from the current application (7FFF).
void add_file(const std::string& name, Bytes& list, Bytes& application) {
  append(list, "3F00"_h);
  for (const Bytes& bytes : selection_of(name)) {
    const auto command = require(apdu::parse(bytes));
    if (command.p1 == 0x04) {
      if (!application.empty() && !equal(application, command.data)) misused("the files of one REFRESH belong to one application");
      application = to_bytes(command.data);
      append(list, "7FFF"_h);
    } else if (!equal(command.data, "3F00"_h)) {
      append(list, command.data);
    }
  }
}

Bytes refresh_command(const json& request) {
  const std::string mode = text_of(request, "mode");
  const auto known = std::ranges::find(kRefreshModes, mode, &RefreshMode::name);
  if (known == kRefreshModes.end()) {
    std::string text = "a mode is expected:";
    for (const RefreshMode& one : kRefreshModes) text += " " + std::string(one.name);
    misused(text);
  }
  const json files = request.value("files", json::array());
  const bool lists = known->qualifier == 0x01 || known->qualifier == 0x02;
  if (known->qualifier == 0x01 && files.empty()) misused("the mode files needs a list of files");
  if (!lists && known->qualifier != 0x06 && !files.empty()) misused("the mode " + mode + " takes no list of files");
  Bytes objects;
  ctlv::write(objects, 0x01, std::array<std::uint8_t, 3>{0x01, 0x01, known->qualifier});
  ctlv::write(objects, 0x02, "8182"_h);
  Bytes list{static_cast<std::uint8_t>(files.size())};
  Bytes application;
  for (const json& file : files) {
    if (!file.is_string()) misused("\"files\" is a list of texts");
    add_file(file, list, application);
  }
  if (list.size() > 200) misused("too many files for one command");
  if (!files.empty()) ctlv::write(objects, 0x12, list);
  if (!application.empty()) ctlv::write(objects, 0x2F, application, false);
  return ber::encode(0xD0, objects);
}

/// One request on its way.
class Handling {
 public:
  Handling(pcsc_bridge::Service* service, std::vector<Control::Slot>& slots, const json& request)
      : m_service(service), m_slots(slots), m_request(request) {}

  json run() {
    struct Known {
      std::string_view name;
      json (Handling::*run)();
    };
    static constexpr std::array<Known, 11> kKnown{{{"status", &Handling::status},
                                                   {"insert", &Handling::insert},
                                                   {"eject", &Handling::eject},
                                                   {"reset", &Handling::reset},
                                                   {"mute", &Handling::mute},
                                                   {"unplug", &Handling::unplug},
                                                   {"plug", &Handling::plug},
                                                   {"set", &Handling::set},
                                                   {"refresh", &Handling::refresh},
                                                   {"fault-add", &Handling::add_fault},
                                                   {"fault-clear", &Handling::clear_faults}}};
    const std::string name = text_of(m_request, "command");
    const auto known = std::ranges::find(kKnown, name, &Known::name);
    if (known == kKnown.end())
      misused("'" + name + "' is not a command: status, insert, eject, reset, mute, unplug, plug, set, refresh, fault-add, fault-clear");
    return (this->*known->run)();
  }

 private:
  /// By number or by a part of its name; without a name the only one.
  std::size_t slot() {
    const auto found = m_request.find("reader");
    if (found == m_request.end()) {
      if (m_slots.size() != 1) misused("there are " + std::to_string(m_slots.size()) + " readers: choose one with --reader");
      return 0;
    }
    if (found->is_number_unsigned()) {
      const std::size_t number = *found;
      if (number >= m_slots.size()) misused("there are readers 0 to " + std::to_string(m_slots.size() - 1));
      return number;
    }
    const std::string name = text_of(m_request, "reader");
    std::vector<std::size_t> fitting;
    for (std::size_t i = 0; i < m_slots.size(); ++i) {
      if (m_slots[i].reader == name) return i;
      if (m_slots[i].reader.find(name) != std::string::npos) fitting.push_back(i);
    }
    if (fitting.size() != 1) misused("'" + name + "' names " + std::to_string(fitting.size()) + " readers");
    return fitting.front();
  }

  json status_of(std::size_t i) {
    json out{{"number", i}, {"reader", m_slots[i].reader}, {"emulated", m_slots[i].card != nullptr}};
    if (m_service != nullptr) {
      const auto state = m_service->state(i);
      out["plugged"] = m_service->is_plugged(i);
      out["present"] = (state.state & pcsc_bridge::wire::kPresent) != 0;
      out["mute"] = (state.state & pcsc_bridge::wire::kSwallowed) != 0;
      out["atr"] = to_hex(BytesView(state.atr).first(std::min<std::size_t>(state.atr_size, state.atr.size())));
      out["exclusive"] = state.sharing == pcsc_bridge::wire::kSharingExclusive;
      out["handles"] = state.sharing == pcsc_bridge::wire::kSharingExclusive ? 1 : state.sharing;
      out["events"] = state.event_counter;
      out["protocol"] = state.protocol == pcsc_bridge::wire::kT0 ? "T=0" : state.protocol == pcsc_bridge::wire::kT1 ? "T=1" : "none";
    }
    if (m_slots[i].vscard != nullptr) out["present"] = m_slots[i].vscard->present();
    out["faults"] = json::array();
    for (const auto& rule : m_slots[i].faults->list()) {
      out["faults"].push_back({{"number", rule.number}, {"rule", rule.text}, {"seen", rule.seen}, {"done", rule.done}});
    }
    return out;
  }

  json status() {
    json readers = json::array();
    if (m_request.contains("reader")) {
      readers.push_back(status_of(slot()));
    } else {
      for (std::size_t i = 0; i < m_slots.size(); ++i) readers.push_back(status_of(i));
    }
    return {{"readers", readers}};
  }

  pcsc_bridge::Service& readers() {
    if (m_service == nullptr) refuse("the reader belongs to the vpcd or QEMU that these cards are connected to");
    return *m_service;
  }
  bool present(std::size_t i) { return (readers().state(i).state & pcsc_bridge::wire::kPresent) != 0; }

  /// The reader, which is plugged in.
  std::size_t plugged_slot() {
    const std::size_t i = slot();
    if (!readers().is_plugged(i)) refuse(m_slots[i].reader + " is unplugged; ctl plug brings it back");
    return i;
  }
  /// A reader, ours or one of QEMU, with or without a card in it.
  std::size_t slot_with_card(bool there) {
    const std::size_t i = m_slots[slot()].vscard != nullptr ? slot() : plugged_slot();
    const bool found = m_slots[i].vscard != nullptr ? m_slots[i].vscard->present() : present(i);
    if (found != there) refuse((found ? "there is a card in " : "there is no card in ") + m_slots[i].reader);
    return i;
  }

  json insert() {
    const std::size_t i = slot_with_card(false);
    m_slots[i].faults->mute(false);
    if (m_slots[i].vscard != nullptr) {
      require(m_slots[i].vscard->insert());
    } else {
      readers().insert(i);
    }
    return json::object();
  }
  json eject() {
    const std::size_t i = slot_with_card(true);
    if (m_slots[i].vscard != nullptr) {
      m_slots[i].vscard->eject();
    } else {
      readers().eject(i);
    }
    return json::object();
  }
  json reset() {
    const std::size_t i = slot_with_card(true);
    if (m_slots[i].vscard != nullptr) {
      require(m_slots[i].vscard->reset());
    } else {
      readers().reset(i);
    }
    return json::object();
  }
  /// The card comes out, and back the wrong way round.
  json mute() {
    const std::size_t i = plugged_slot();
    if (present(i)) readers().eject(i);
    m_slots[i].faults->mute(true);
    readers().insert(i);
    return json::object();
  }
  json unplug() {
    readers().unplug(plugged_slot());
    return json::object();
  }
  json plug() {
    const std::size_t i = slot();
    if (readers().is_plugged(i)) refuse(m_slots[i].reader + " is plugged in");
    readers().plug(i);
    return json::object();
  }

  BenchCard& card() {
    const std::size_t i = slot();
    if (m_slots[i].card == nullptr) refuse("only an emulated card can be changed from outside, and not with --fresh");
    return *m_slots[i].card;
  }

  json set() {
    const auto value = from_hex(text_of(m_request, "value"));
    if (!value || value->empty()) misused("the value is hexadecimal digits, two for each byte");
    emulator::Part part;
    part.offset = number_of(m_request, "offset", 0);
    const std::size_t record = number_of(m_request, "record", 0);
    if (record > 254) misused("records have numbers 1 to 254");
    part.record = static_cast<std::uint8_t>(record);
    require(card().write_file(selection_of(text_of(m_request, "file")), part, *value));
    return json::object();
  }

  json refresh() {
    const Bytes command = refresh_command(m_request);
    require(card().queue_proactive(command));
    return {{"queued", to_hex(command)}};
  }

  json add_fault() { return {{"number", require(m_slots[slot()].faults->add(require(fault::Rule::parse(text_of(m_request, "rule")))))}}; }
  json clear_faults() {
    fault::FaultyPort& faults = *m_slots[slot()].faults;
    if (!m_request.contains("number")) {
      faults.clear();
    } else if (const std::size_t number = number_of(m_request, "number", 0);
               number > std::numeric_limits<std::uint32_t>::max() || !faults.remove(static_cast<std::uint32_t>(number))) {
      refuse("no rule " + std::to_string(number));
    }
    return json::object();
  }

  pcsc_bridge::Service* m_service;
  std::vector<Control::Slot>& m_slots;
  const json& m_request;
};

}  // namespace

std::string Control::answer(const std::string& line) {
  json out;
  try {
    if (json_too_deep(line)) misused("a request may nest at most " + std::to_string(kMaxJsonDepth) + " lists and objects");
    const json request = json::parse(line, nullptr, false);
    if (!request.is_object()) misused("a request is a JSON object on one line");
    out = Handling(m_service, m_slots, request).run();
    out["ok"] = true;
  } catch (const Refusal& refusal) {
    out = {{"ok", false}, {"error", refusal.text}, {"usage", refusal.usage}};
  } catch (const std::exception& error) {
    out = {{"ok", false}, {"error", error.what()}, {"usage", false}};
  }
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace uicclab::cli
