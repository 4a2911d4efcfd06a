// SPDX-License-Identifier: Apache-2.0
#include "core/trace_text.hpp"

#include <array>
#include <cstdio>

#include "core/apdu.hpp"
#include "core/json.hpp"
#include "core/visible.hpp"

namespace uicclab {

namespace {

std::string seconds(std::chrono::milliseconds time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.3f", static_cast<double>(time.count()) / 1000);
  return text.data();
}

std::string exchange_text(const TraceEvent& event) {
  std::string line = to_hex(event.command) + " -> ";
  const auto response = apdu::parse_response(event.answer);
  if (!response) return line + to_hex(event.answer) + " (no status word)";
  if (!response->data.empty()) line += to_hex(response->data) + " ";
  return line + to_hex(response->status) + " " + std::string(meaning(response->status));
}

std::string exchange_json(const TraceEvent& event) {
  std::string members = ",\"command\":" + json_quoted(to_hex(event.command));
  const auto response = apdu::parse_response(event.answer);
  if (!response) return members + ",\"data\":" + json_quoted(to_hex(event.answer));
  return members + ",\"data\":" + json_quoted(to_hex(response->data)) + ",\"sw\":" + json_quoted(to_hex(response->status));
}

}  // namespace

void TextTrace::on_event(const TraceEvent& event) {
  std::string line = event.card == 0 ? "" : "card " + std::to_string(event.card) + " ";
  line += seconds(event.time) + " ";
  switch (event.kind) {
    case TraceEvent::Kind::kReset:
      line += "reset -> " + to_hex(event.answer);
      break;
    case TraceEvent::Kind::kExchange:
      line += exchange_text(event);
      break;
    case TraceEvent::Kind::kPowerOff:
      line += "power off";
      break;
    case TraceEvent::Kind::kError:
      line += (event.command.empty() ? "reset" : to_hex(event.command)) + " failed: " + event.text;
      break;
  }
  for (std::size_t i = 0; i < event.hidden.size(); ++i) line += (i == 0 ? "; not shown: " : ", ") + event.hidden[i];
  line = visible(line);
  const std::lock_guard lock(m_mutex);
  m_out << line << std::endl;
}

void JsonTrace::on_event(const TraceEvent& event) {
  std::string line = "{\"time_ms\":" + std::to_string(event.time.count()) + ",\"card\":" + std::to_string(event.card) + ",\"event\":";
  switch (event.kind) {
    case TraceEvent::Kind::kReset:
      line += "\"reset\",\"atr\":" + json_quoted(to_hex(event.answer));
      break;
    case TraceEvent::Kind::kExchange:
      line += "\"exchange\"" + exchange_json(event);
      break;
    case TraceEvent::Kind::kPowerOff:
      line += "\"power_off\"";
      break;
    case TraceEvent::Kind::kError:
      line += "\"error\"";
      if (!event.command.empty()) line += ",\"command\":" + json_quoted(to_hex(event.command));
      line += ",\"text\":" + json_quoted(event.text);
      break;
  }
  for (std::size_t i = 0; i < event.hidden.size(); ++i) line += (i == 0 ? ",\"hidden\":[" : ",") + json_quoted(event.hidden[i]);
  if (!event.hidden.empty()) line += "]";
  const std::lock_guard lock(m_mutex);
  m_out << line << "}" << std::endl;
}

}  // namespace uicclab
