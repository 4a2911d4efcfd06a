// SPDX-License-Identifier: Apache-2.0
// Commands of the shell for the toolkit and for APDUs by hand: ETSI TS 102 221 clauses 11.1.2 and 11.2; ETSI TS 102 223 clause 6.8.
#include <algorithm>
#include <iostream>

#include "cli/card/file_commands.hpp"
#include "cli/shell/shell.hpp"
#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"
#include "core/hex.hpp"
#include "core/transceive.hpp"
#include "script/explain.hpp"

namespace uicclab::cli {
namespace {

constexpr std::uint8_t kTerminalProfile = 0x10, kFetch = 0x12, kTerminalResponse = 0x14, kEnvelope = 0xC2, kStatus = 0xF2;
/// A terminal that can do everything that bits can say.
constexpr std::size_t kProfileBytes = 20;
constexpr std::uint8_t kCommandDetails = 0x81;

Bytes hex_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += word;
  const auto bytes = from_hex(text);
  if (!bytes) throw Exit{kUsage, "'" + text + "': " + bytes.error().text};
  return *bytes;
}

/// Adds a command that takes words.
void add(App& app, Action& action, const std::string& name, const std::string& text, const std::string& words,
         std::function<void(const std::vector<std::string>&)> run) {
  const auto given = std::make_shared<std::vector<std::string>>();  // shared with the callback, which outlives this function
  auto* command = app.add_subcommand(name, text);
  if (!words.empty()) command->add_option(words, *given, "Hexadecimal; blanks between bytes are allowed");
  command->callback([given, run, &action] {
    action = [given, run] {
      run(*given);
      return static_cast<int>(kOk);
    };
  });
}

void fetch(Shell& shell) {
  if (!shell.port.waiting) throw Exit{kCheckFailed, "no proactive command waits (the card says 91xx if one does)"};
  const auto answer = shell_send(shell, {0x80, kFetch, 0x00, 0x00, {}, static_cast<std::uint32_t>(*shell.port.waiting)});
  if (!answer.status.is_success()) return;
  shell.proactive = answer.data;
  const auto type = ber::find(shell.proactive, 0xD0);
  if (!type || type->size() < 5) return;
  std::cout << script::proactive_name((*type)[3]) << "\n";
  for (const std::string& line : script::decode(answer.data)) std::cout << "  " << line << "\n";
}

/// "00", then data objects that the command wants in its answer (ETSI TS 102 223 clause 6.8).
void respond(Shell& shell, const std::vector<std::string>& words) {
  if (shell.proactive.empty()) throw Exit{kCheckFailed, "no proactive command was fetched"};
  const auto command = ber::find(shell.proactive, 0xD0);
  if (!command || command->size() < 5 || ((*command)[0] | 0x80) != kCommandDetails)
    throw Exit{kCheckFailed, "the command fetched has no command details"};
  const Bytes given = words.empty() ? Bytes{0x00} : hex_words(words);
  Bytes data = to_bytes(command->first(5));
  data[0] = kCommandDetails;
  append(data, "82028281"_h);  // from the terminal to the card
  append(data, Bytes{0x83, 0x01, given.front()});
  append(data, BytesView(given).subspan(1));
  const auto answer = shell_send(shell, {0x80, kTerminalResponse, 0x00, 0x00, data, std::nullopt});
  if (answer.status.is_success()) shell.proactive.clear();
}

}  // namespace

apdu::Response shell_send(Shell& shell, const apdu::Command& command, bool show) {
  const Bytes bytes = apdu::encode(command);
  if (show) std::cout << "> " << to_hex(bytes) << "  " << script::describe_command(bytes) << "\n";
  auto answer = files_value(transceive(shell.own, bytes));
  if (show) std::cout << "< " << to_hex(answer.data) << (answer.data.empty() ? "" : " ") << script::describe(answer.status) << "\n";
  return answer;
}

void add_shell_toolkit(App& app, Action& action, Shell& shell) {
  add(app, action, "profile", "TERMINAL PROFILE: what the terminal can do, one bit each; without bytes everything", "PROFILE",
      [&shell](const auto& words) {
        const Bytes profile = words.empty() ? Bytes(kProfileBytes, 0xFF) : hex_words(words);
        shell_send(shell, {0x80, kTerminalProfile, 0x00, 0x00, profile, std::nullopt});
      });
  add(app, action, "envelope", "ENVELOPE: envelope D30782020181900101", "ENVELOPE", [&shell](const auto& words) {
    shell_send(shell, {0x80, kEnvelope, 0x00, 0x00, hex_words(words), 256});
  });
  add(app, action, "fetch", "FETCH the proactive command that waits, and show its fields", "", [&shell](const auto&) { fetch(shell); });
  add(app, action, "respond", "TERMINAL RESPONSE to the command fetched: respond 00, with data objects: respond 00 0D0204...", "RESULT",
      [&shell](const auto& words) { respond(shell, words); });
  add(app, action, "status", "STATUS: the current directory, and whether a proactive command waits", "", [&shell](const auto&) {
    shell_send(shell, {0x80, kStatus, 0x00, 0x0C, {}, std::nullopt});
  });
  add(app, action, "apdu", "Send a command unchanged: apdu 00A40004 02 2FE2", "APDU", [&shell](const auto& words) {
    const Bytes bytes = hex_words(words);
    std::cout << "> " << script::describe_command(bytes) << "\n";
    const auto answer = files_value(transceive(shell.own, bytes));
    std::cout << "< " << to_hex(answer.data) << (answer.data.empty() ? "" : " ") << script::describe(answer.status) << "\n";
    for (const std::string& line : script::decode(answer.data)) std::cout << "  " << line << "\n";
    shell.files.forget_selection();
  });
  add(app, action, "reset", "Reset the card; selected files and verified PINs are lost", "", [&shell](const auto&) {
    const auto atr = files_value(shell.port.reset());
    std::cout << "ATR " << to_hex(atr) << "\n";
  });
}

}  // namespace uicclab::cli
