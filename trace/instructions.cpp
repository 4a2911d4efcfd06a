// SPDX-License-Identifier: Apache-2.0
#include "trace/instructions.hpp"

#include <algorithm>
#include <bit>

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"
#include "ef/catalogue.hpp"
#include "gp/host/words.hpp"
#include "trace/authentication.hpp"
#include "trace/ber_fields.hpp"
#include "trace/file_content.hpp"
#include "trace/management.hpp"
#include "trace/toolkit.hpp"
#include "trace/wire.hpp"

namespace uicclab::trace {
namespace {

using Command = apdu::Command;

std::string decimal(std::size_t value) {
  return std::to_string(value);
}

/// GlobalPlatform's commands: those whose name has a clause of its specification.
bool is_management(const Command& command) {
  return ota::name_of_command(apdu::encode(command)).clause.starts_with("GPCS");
}

/// The path of the EF that the command reads or writes.
std::string path_of_command(const Taking& taking) {
  const ef::Selection& selection = taking.channel.selection;
  const auto sfi = ef::short_identifier(taking.command);
  if (!sfi) return selection.path();
  const std::string path = taking.card.names.path(selection.directory(), *sfi);
  return path.empty() ? selection.directory() + "/SFI " + decimal(*sfi) : path;
}

// ---- parameters in words ----

std::string select_p1(const Command& command) {
  switch (command.p1) {
    case 0x00:
      return "by file identifier";
    case 0x01:
      return "child DF";
    case 0x02:
      return "EF of the current DF";
    case 0x03:
      return "parent DF";
    case 0x04:
      return "by DF name (AID)";
    case 0x08:
      return "by path from the MF";
    case 0x09:
      return "by path from the current DF";
    default:
      return "";
  }
}

std::string select_p2(const Command& command) {
  std::string out;
  switch (command.p2 & 0x1C) {
    case 0x04:
      out = "return FCP";
      break;
    case 0x0C:
      out = "return no data";
      break;
    case 0x00:
      out = "return FCI";
      break;
    default:
      return "";
  }
  constexpr std::array<std::string_view, 4> kOccurrence{"", ", the last one", ", the next one", ", the one before"};
  out += kOccurrence[command.p2 & 0x03];
  return (command.p2 & 0x40) != 0 ? out + ", terminate the application session" : out;
}

std::string binary_p1(const Command& command) {
  return (command.p1 & 0x80) != 0 ? "SFI " + decimal(command.p1 & 0x1F) : "offset, high byte";
}

std::string binary_p2(const Command& command) {
  return "offset " + decimal((command.p1 & 0x80) != 0 ? command.p2 : command.p1p2());
}

std::string record_p1(const Command& command) {
  return command.p1 == 0 ? "current record" : "record " + decimal(command.p1);
}

std::string record_p2(const Command& command) {
  std::string out = (command.p2 >> 3) != 0 ? "SFI " + decimal(command.p2 >> 3) + ", " : "";
  switch (command.p2 & 0x07) {
    case 0x02:
      return out + "next record";
    case 0x03:
      return out + "previous record";
    case 0x04:
      return out + "absolute or current record";
    default:
      return out + "mode " + decimal(command.p2 & 0x07);
  }
}

std::string key_p2(const Command& command) {
  const std::array<std::uint8_t, 1> reference{command.p2};
  return meaning_of_object("62/C6/83", reference);
}

std::string channel_p1(const Command& command) {
  return command.p1 == 0x00 ? "open" : command.p1 == 0x80 ? "close" : "";
}

std::string channel_p2(const Command& command) {
  return command.p2 == 0 ? "the card chooses" : "channel " + decimal(command.p2);
}

std::string status_p1(const Command& command) {
  constexpr std::array<std::string_view, 3> kWords{"no indication", "current application is initialised",
                                                   "terminal will end the application"};
  return command.p1 < kWords.size() ? std::string(kWords[command.p1]) : "";
}

std::string status_p2(const Command& command) {
  return command.p2 == 0x00 ? "return FCP" : command.p2 == 0x01 ? "return the DF name" : command.p2 == 0x0C ? "return no data" : "";
}

std::string authenticate_p2(const Command& command) {
  return context_of_authenticate(command);
}

struct Parameters {
  std::uint8_t ins;
  std::string (*p1)(const Command&);
  std::string (*p2)(const Command&);
};
constexpr auto kParameters = std::to_array<Parameters>({
    {0xA4, select_p1, select_p2},
    {0xB0, binary_p1, binary_p2},
    {0xD6, binary_p1, binary_p2},
    {0xB2, record_p1, record_p2},
    {0xDC, record_p1, record_p2},
    {0xA2, record_p1, record_p2},
    {0x20, nullptr, key_p2},
    {0x24, nullptr, key_p2},
    {0x26, nullptr, key_p2},
    {0x28, nullptr, key_p2},
    {0x2C, nullptr, key_p2},
    {0x70, channel_p1, channel_p2},
    {0xF2, status_p1, status_p2},
    {0x88, nullptr, authenticate_p2},
    {0x89, nullptr, authenticate_p2},
});

std::string class_words(std::uint8_t cla) {
  if (cla == 0xA0) return "3GPP TS 51.011";
  std::string out = !apdu::is_proprietary(cla) ? "ISO/IEC 7816-4" : "ETSI TS 102 221, GlobalPlatform";
  out += ", channel " + decimal(apdu::channel_of(cla));
  if (apdu::is_secured_by_globalplatform(cla)) return out + ", secure messaging";
  return apdu::is_secured(cla) ? out + ", secure messaging of ISO/IEC 7816-4" : out;
}

// ---- data of commands ----

/// Appends a field of the data field.
Field& put(Taking& taking, std::string name, std::string clause, BytesView bytes, std::string meaning = {}) {
  const auto at = taking.data_offset + static_cast<std::size_t>(bytes.data() - taking.command.data.data());
  taking.out.command_fields.push_back({std::move(name), std::move(clause), at, to_bytes(bytes), std::move(meaning), {}});
  return taking.out.command_fields.back();
}

void select_data(Taking& taking) {
  const BytesView data = taking.command.data;
  if (taking.command.p1 == 0x04 && data.empty()) {
    taking.out.title = "SELECT default application";
    return;
  }
  if (taking.command.p1 == 0x04) {
    const std::string name = ef::name_of_path(ef::path_of_aid(data));
    put(taking, "AID", "ETSI TS 102 221 8.5.1.2", data, name);
    taking.out.title = "SELECT " + (name.starts_with("application") ? "AID " + to_hex(data) : name);
    return;
  }
  if (taking.command.p1 != 0x08 && taking.command.p1 != 0x09) {
    if (data.empty()) return;
    put(taking, "file identifier", "ETSI TS 102 221 8.2", data, std::string(data.size() == 2 ? ef::name_of_fid(to_hex(data)) : ""));
    return;
  }
  put(taking, "path", "ETSI TS 102 221 8.4.2", data);
}

void pin_data(Taking& taking) {
  constexpr std::size_t kPinSize = 8;
  BytesView data = taking.command.data;
  if (data.empty()) {
    taking.out.title += ": how many tries are left?";
    return;
  }
  const bool unblock = taking.command.ins == 0x2C;
  const bool two = unblock || taking.command.ins == 0x24;
  put(taking, unblock ? "unblock PIN" : "PIN", "ETSI TS 102 221 9.5.1", data.first(std::min(data.size(), kPinSize)));
  if (two && data.size() > kPinSize) put(taking, "new PIN", "ETSI TS 102 221 9.5.1", data.subspan(kPinSize));
}

void toolkit_envelope(Taking& taking) {
  const std::string says =
      append_envelope(taking.out.command_fields, taking.command.data, taking.data_offset, taking.card.messages, taking.out.notes);
  if (!says.empty()) taking.out.title += " " + says;
}

void toolkit_response(Taking& taking) {
  const std::string says = append_terminal_response(taking.out.command_fields, taking.command.data, taking.data_offset, taking.out.notes);
  if (!says.empty()) taking.out.title += " " + says;
}

void terminal_profile(Taking& taking) {
  std::size_t facilities = 0;
  for (const std::uint8_t byte : taking.command.data) facilities += static_cast<std::size_t>(std::popcount(byte));
  Field& profile = put(taking, "terminal profile", "ETSI TS 102 223 5.2", taking.command.data, decimal(facilities) + " bits set");
  for (std::size_t i = 0; i < taking.command.data.size(); ++i) {
    profile.parts.push_back({"byte " + decimal(i + 1), "ETSI TS 102 223 5.2", profile.offset + i, Bytes{taking.command.data[i]}, "", {}});
  }
}

void objects_data(Taking& taking) {
  append_objects(taking.out.command_fields, taking.command.data, taking.data_offset);
}

void content_data(Taking& taking) {
  const bool record = taking.command.ins == 0xDC;
  std::size_t offset = taking.command.p1p2();
  if ((taking.command.p1 & 0x80) != 0) offset = taking.command.p2;
  Field& field = put(taking, record ? "record" : "content", "", taking.command.data);
  append_content(field.parts, taking.out.path, taking.card.names.codec(taking.out.path), taking.command.data, record ? 0 : offset,
                 taking.data_offset, record);
}

void authenticate_data(Taking& taking) {
  append_authenticate(taking.out.command_fields, taking.command, taking.data_offset, taking.out.notes);
}

void management_data(Taking& taking) {
  append_management(taking.out.command_fields, taking.command, taking.data_offset);
}

void search_data(Taking& taking) {
  put(taking, "pattern", "ETSI TS 102 221 11.1.7", taking.command.data);
}

void value_data(Taking& taking) {
  put(taking, "value to add", "ETSI TS 102 221 11.1.8", taking.command.data);
}

void capability_data(Taking& taking) {
  append_objects(taking.out.command_fields, taking.command.data, taking.data_offset);
}

void file_data(Taking& taking) {
  put(taking, "file identifier", "ETSI TS 102 222 6", taking.command.data,
      taking.command.data.size() == 2 ? std::string(ef::name_of_fid(to_hex(taking.command.data))) : "");
}

// ---- answers ----

void add(Taking& taking, std::string name, std::string clause, BytesView data, std::string meaning = {}) {
  taking.out.answer_fields.push_back({std::move(name), std::move(clause), 0, to_bytes(data), std::move(meaning), {}});
}

void objects_answer(Taking& taking, BytesView data) {
  if (is_ber(data)) {
    append_objects(taking.out.answer_fields, data, 0);
  } else {
    add(taking, "data", "", data);
  }
}

void select_answer(Taking& taking, BytesView data) {
  if (taking.command.cla != 0xA0) return objects_answer(taking, data);
  append_gsm_select(taking.out.answer_fields, data);
}

void content_answer(Taking& taking, BytesView data) {
  const bool record = taking.command.ins == 0xB2;
  std::size_t offset = taking.command.p1p2();
  if ((taking.command.p1 & 0x80) != 0) offset = taking.command.p2;
  add(taking, record ? "record" : "content", "", data);
  const std::string path = path_of_command(taking);
  append_content(taking.out.answer_fields.back().parts, path, taking.card.names.codec(path), data, record ? 0 : offset, 0, record);
}

void authenticate_answer(Taking& taking, BytesView data) {
  append_authenticate_answer(taking.out.answer_fields, taking.command, data, taking.out.notes);
}

void fetch_answer(Taking& taking, BytesView data) {
  const std::string says = append_proactive_command(taking.out.answer_fields, data, taking.card.messages, taking.out.notes);
  if (!says.empty()) taking.out.title += ": " + says;
}

/// The answer to a short message is a response packet, in user data (3GPP TS 31.115 clause 4.4).
void envelope_answer(Taking& taking, BytesView data) {
  if (taking.command.data.empty() || taking.command.data[0] != 0xD1) return add(taking, "data", "", data);
  ota::Explanation packet = taking.card.messages.explain(data, ota::MessageKind::kUserData);
  if (packet.wrong) taking.out.notes.push_back("answer: " + packet.wrong->text + " at byte " + decimal(packet.wrong->offset));
  taking.out.answer_fields = std::move(packet.fields);
}

void management_answer(Taking& taking, BytesView data) {
  append_management_answer(taking.out.answer_fields, taking.command, data);
}

void channel_answer(Taking& taking, BytesView data) {
  add(taking, "channel number", "ETSI TS 102 221 11.1.17", data, data.size() == 1 ? decimal(data[0]) : "");
}

void challenge_answer(Taking& taking, BytesView data) {
  add(taking, "challenge", "ETSI TS 102 221 11.1.18", data);
}

void increase_answer(Taking& taking, BytesView data) {
  add(taking, "new value and value added", "ETSI TS 102 221 11.1.8", data);
}

void search_answer(Taking& taking, BytesView data) {
  std::string numbers;
  for (const std::uint8_t one : data) numbers += (numbers.empty() ? "" : ", ") + decimal(one);
  add(taking, "record numbers", "ETSI TS 102 221 11.1.7", data, numbers);
}

struct Contents {
  std::uint8_t ins;
  bool management;  ///< GlobalPlatform's command of this instruction
  void (*command)(Taking&);
  void (*answer)(Taking&, BytesView);
};
constexpr auto kContents = std::to_array<Contents>({
    {0xA4, false, select_data, select_answer},
    {0xF2, false, nullptr, objects_answer},
    {0xB0, false, nullptr, content_answer},
    {0xB2, false, nullptr, content_answer},
    {0xD6, false, content_data, nullptr},
    {0xDC, false, content_data, nullptr},
    {0xA2, false, search_data, search_answer},
    {0x32, false, value_data, increase_answer},
    {0x20, false, pin_data, nullptr},
    {0x24, false, pin_data, nullptr},
    {0x26, false, pin_data, nullptr},
    {0x28, false, pin_data, nullptr},
    {0x2C, false, pin_data, nullptr},
    {0x04, false, file_data, nullptr},
    {0x44, false, file_data, nullptr},
    {0xE4, false, file_data, nullptr},
    {0xE6, false, file_data, nullptr},
    {0xE8, false, file_data, nullptr},
    {0xE0, false, objects_data, nullptr},
    {0xD4, false, objects_data, nullptr},
    {0xCB, false, nullptr, objects_answer},
    {0xDB, false, objects_data, nullptr},
    {0xAA, false, capability_data, nullptr},
    {0xC2, false, toolkit_envelope, envelope_answer},
    {0x10, false, terminal_profile, nullptr},
    {0x14, false, toolkit_response, nullptr},
    {0x12, false, nullptr, fetch_answer},
    {0x70, false, nullptr, channel_answer},
    {0x84, false, nullptr, challenge_answer},
    {0x88, false, authenticate_data, authenticate_answer},
    {0x89, false, authenticate_data, authenticate_answer},
    {0x78, false, objects_data, objects_answer},
    {0x50, true, management_data, management_answer},
    {0x82, true, management_data, nullptr},
    {0xE4, true, management_data, objects_answer},
    {0xE6, true, management_data, objects_answer},
    {0xE8, true, nullptr, objects_answer},
    {0xD8, true, management_data, management_answer},
    {0xF0, true, management_data, nullptr},
    {0xE2, true, nullptr, objects_answer},
    {0xF2, true, objects_data, management_answer},
    {0xCA, true, objects_data, objects_answer},
});

const Contents* contents_of(const Command& command) {
  const bool management = is_management(command);
  const auto found =
      std::ranges::find_if(kContents, [&](const Contents& one) { return one.ins == command.ins && one.management == management; });
  return found == kContents.end() ? nullptr : &*found;
}

}  // namespace

void append_command(Taking& taking) {
  const Command& command = taking.command;
  auto& fields = taking.out.command_fields;
  const auto header = [&](std::string name, std::size_t offset, std::uint8_t value, std::string meaning) {
    fields.push_back({std::move(name), "ETSI TS 102 221 10.1", offset, Bytes{value}, std::move(meaning), {}});
  };
  const auto parameters = std::ranges::find(kParameters, command.ins, &Parameters::ins);
  const bool known = parameters != kParameters.end() && !is_management(command);
  header("CLA", 0, command.cla, class_words(command.cla));
  header("INS", 1, command.ins, taking.out.name);
  header("P1", 2, command.p1, known && parameters->p1 != nullptr ? parameters->p1(command) : "");
  header("P2", 3, command.p2, known && parameters->p2 != nullptr ? parameters->p2(command) : "");
  if (!command.data.empty()) {
    Bytes lc = command.extended ? Bytes{0, static_cast<std::uint8_t>(command.data.size() >> 8)} : Bytes{};
    lc.push_back(static_cast<std::uint8_t>(command.data.size()));
    fields.push_back({"Lc", "ETSI TS 102 221 10.1.5", 4, lc, decimal(command.data.size()) + " bytes", {}});
  }
  if (ef::short_identifier(command)) taking.out.path = path_of_command(taking);
  if (is_management(command)) taking.out.title = gp::host::describe(command);
  const Contents* contents = contents_of(command);
  if (contents != nullptr && contents->command != nullptr) {
    contents->command(taking);
  } else if (!command.data.empty()) {
    put(taking, "data", "", command.data);
  }
  if (command.le) {
    const std::size_t offset = command.data.empty() ? (command.extended ? 5 : 4) : taking.data_offset + command.data.size();
    Bytes le = command.extended ? Bytes{static_cast<std::uint8_t>(*command.le >> 8)} : Bytes{};
    le.push_back(static_cast<std::uint8_t>(*command.le));
    fields.push_back({"Le",
                      "ETSI TS 102 221 10.1.6",
                      offset,
                      le,
                      command.le_is_maximum() ? "as much as there is" : decimal(*command.le) + " bytes",
                      {}});
  }
}

void append_answer(Taking& taking, BytesView data, std::optional<StatusWord> status) {
  if (data.empty()) return;
  const Contents* contents = contents_of(taking.command);
  const bool failed = status && !status->is_success();
  if (contents != nullptr && contents->answer != nullptr && !failed) {
    contents->answer(taking, data);
  } else {
    add(taking, "data", "", data);
  }
}

void follow(Taking& taking, BytesView data, StatusWord status, bool first) {
  if (!status.is_success()) return;
  const Command& command = taking.command;
  ef::Selection& selection = taking.channel.selection;
  if (const std::string path = path_of_command(taking); (command.ins == 0xB2 || command.ins == 0xDC) && ef::FileNames::is_reference(path)) {
    taking.card.names.learn_reference(path, command.ins == 0xB2 ? data : command.data);
  }
  if (command.ins == apdu::kSelect && taking.opaque) {
    selection.set_known(false);
  } else if (command.ins == apdu::kSelect) {
    if (first) selection.select(command);
    if (first && command.p1 == 0x04) {
      taking.channel.session.close();  // it belonged to the application selected before
      taking.channel.level = 0;
    }
    selection.refine(uicc::FileFacts::from(data), taking.card.names);
  } else if (command.ins == 0xF2 && !is_management(command)) {
    selection.refine(uicc::FileFacts::from(data), taking.card.names);
  } else if (const auto sfi = ef::short_identifier(command); first && sfi) {
    selection.select_short(taking.card.names.path(selection.directory(), *sfi));
  } else if (command.ins == 0x70) {
    const std::size_t number = command.p2 != 0 ? command.p2 : command.p1 == 0x80 ? taking.out.channel : data.empty() ? 0 : data[0];
    if (number == 0 || number >= taking.card.channels.size()) return;
    // ETSI TS 102 221 clause 11.1.17: from the basic channel the MF is selected, from another what is selected there.
    ef::Selection here = taking.out.channel == 0 ? ef::Selection() : selection;
    if (taking.out.channel == 0) here.set_known(true);
    taking.card.channels[number] = ChannelMemory();
    if (command.p1 == 0x00) taking.card.channels[number].selection = here;
  }
}

std::pair<std::string, std::string> explain_status(const apdu::Command* command, StatusWord status) {
  if (command != nullptr && is_management(*command)) {
    const std::string_view special = gp::host::meaning_after(*command, status);
    if (special != meaning(status)) return {std::string(gp::host::clause_of(*command)), std::string(special)};
  }
  struct Clause {
    std::uint8_t sw1;
    std::string_view clause;
  };
  constexpr auto kClauses = std::to_array<Clause>({
      {0x90, "ETSI TS 102 221 10.2.1.1"},   {0x91, "ETSI TS 102 221 10.2.1.1"},   {0x92, "ETSI TS 102 221 10.2.1.1"},
      {0x93, "ETSI TS 102 221 10.2.1.2"},   {0x61, "ETSI TS 102 221 7.3.1.1"},    {0x6C, "ETSI TS 102 221 7.3.1.1"},
      {0x62, "ETSI TS 102 221 10.2.1.3"},   {0x63, "ETSI TS 102 221 10.2.1.3"},   {0x64, "ETSI TS 102 221 10.2.1.4"},
      {0x65, "ETSI TS 102 221 10.2.1.4"},   {0x67, "ETSI TS 102 221 10.2.1.5"},   {0x6B, "ETSI TS 102 221 10.2.1.5"},
      {0x6D, "ETSI TS 102 221 10.2.1.5"},   {0x6E, "ETSI TS 102 221 10.2.1.5"},   {0x6F, "ETSI TS 102 221 10.2.1.5"},
      {0x68, "ETSI TS 102 221 10.2.1.5.1"}, {0x69, "ETSI TS 102 221 10.2.1.5.2"}, {0x6A, "ETSI TS 102 221 10.2.1.5.3"},
      {0x98, "ETSI TS 102 221 10.2.1.6"},   {0x9F, "3GPP TS 51.011 9.4.1"},       {0x94, "3GPP TS 51.011 9.4"},
  });
  const auto found = std::ranges::find(kClauses, status.sw1(), &Clause::sw1);
  std::string clause(found == kClauses.end() ? std::string_view() : found->clause);
  if (status == sw::kAuthenticationError) clause = "3GPP TS 31.102 7.3.1";
  if (command != nullptr && command->cla == 0xA0 && status.sw1() == 0x98) clause = "3GPP TS 51.011 9.4.5";
  return {std::move(clause), std::string(meaning(status))};
}

}  // namespace uicclab::trace
