// SPDX-License-Identifier: Apache-2.0
#include "script/record_port.hpp"

#include <algorithm>
#include <array>

#include "core/apdu.hpp"
#include "core/hex.hpp"
#include "script/explain.hpp"
#include "script/file_names.hpp"
#include "script/secrets.hpp"

namespace uicclab::script {
namespace {

/// Commands about the selected file, whose name helps to read the recording.
constexpr std::array<std::uint8_t, 14> kChangingOrReading{0xB0, 0xB2, 0xD6, 0xDC, 0xA2, 0x32, 0xCB,
                                                          0xDB, 0x04, 0x44, 0xA4, 0xE8, 0xD4, 0xF2};
/// The data of a command that holds a secret, empty if it holds none. A command that cannot be taken apart hides all but its header.
BytesView secret_of(BytesView command, std::string_view path) {
  const auto secrets = secrets_of_command(command, path);
  if (secrets.empty()) return {};
  const auto parsed = apdu::parse(command);
  return parsed ? parsed->data : command.subspan(secrets.front().offset);
}

std::string one_line(std::string text) {
  std::ranges::replace_if(
      text, [](unsigned char c) { return c < 0x20; }, ' ');
  return text;
}

}  // namespace

std::string recording_header(std::string_view card, bool with_secrets) {
  std::string text =
      "# What reached " + one_line(std::string(card)) + ", and what it answered: uicclab test runs it, uicclab replay answers from it.\n";
  text += with_secrets ? "# It contains the values of PINs and keys.\n"
                       : "# Values of PINs and keys are masked: $masked_1 and so on, to be given with --set masked_1=VALUE.\n";
  return text;
}

std::string RecordPort::command_text(BytesView command) {
  const BytesView secret = m_with_secrets ? BytesView() : secret_of(command, m_files.path(command[0]));
  if (secret.empty()) return to_hex(command);
  const auto [found, added] = m_masked.try_emplace(to_bytes(secret), "$masked_" + std::to_string(m_masked.size() + 1));
  const auto before = static_cast<std::size_t>(secret.data() - command.data());
  const BytesView behind = command.subspan(before + secret.size());
  return to_hex(command.first(before)) + " " + found->second + (behind.empty() ? "" : " " + to_hex(behind));
}

std::string RecordPort::explain(BytesView command) const {
  std::string text = describe_command(command);
  if (command.size() < 4 || std::ranges::find(kChangingOrReading, command[1]) == kChangingOrReading.end()) return text;
  const std::string& path = m_files.path(command[0]);
  const std::string_view name = name_of_file(path);
  return text + ": " + (name.empty() ? path : std::string(name));
}

Result<void> RecordPort::note_error(const Error& error) {
  return m_write("# no answer: " + one_line(error.text) + "\n");
}

Result<Atr> RecordPort::reset() {
  auto atr = m_card.reset();
  m_files.reset();
  const auto written = atr ? m_write("reset -> " + to_hex(*atr) + "\n") : note_error(atr.error());
  if (!written) return tl::unexpected(written.error());
  return atr;
}

Result<Bytes> RecordPort::transmit(BytesView command) {
  auto answer = m_card.transmit(command);
  const auto response = answer ? apdu::parse_response(*answer) : tl::unexpected(answer.error());
  Result<void> written;
  if (!response || command.empty()) {
    written = m_write("# " + (command.empty() ? std::string() : command_text(command)) + "\n");
    if (written && !response) written = note_error(response.error());
  } else {
    m_files.follow(command, response->status);
    const std::string data = response->data.empty() ? "none" : to_hex(response->data);
    written = m_write("# " + one_line(explain(command)) + "\nraw " + command_text(command) + " -> " + data + " " +
                      to_hex(response->status) + "\n");
  }
  if (!written) return tl::unexpected(written.error());
  return answer;
}

void RecordPort::power_off() {
  m_card.power_off();
  m_files.reset();
  (void)m_write("power off\n");  // no client waits for an answer; the next exchange reports that the file is full
}

Result<void> RecordPort::select_protocol(Protocol protocol) {
  const auto selected = m_card.select_protocol(protocol);
  if (!selected) return selected;
  return m_write(protocol == Protocol::kT1 ? "protocol T=1\n" : "protocol T=0\n");
}

}  // namespace uicclab::script
