// SPDX-License-Identifier: Apache-2.0
#include "trace/report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/json.hpp"
#include "core/visible.hpp"

namespace uicclab::trace {
namespace {

std::string_view event_name(TraceEvent::Kind kind) {
  switch (kind) {
    case TraceEvent::Kind::kReset:
      return "reset";
    case TraceEvent::Kind::kPowerOff:
      return "power_off";
    case TraceEvent::Kind::kError:
      return "error";
    case TraceEvent::Kind::kExchange:
      break;
  }
  return "exchange";
}

std::string seconds(std::chrono::nanoseconds time) {
  std::array<char, 40> text{};
  const auto micro = time.count() / 1000;
  std::snprintf(text.data(), text.size(), "%lld.%06lld", static_cast<long long>(micro / 1000000), static_cast<long long>(micro % 1000000));
  return text.data();
}

std::string where(const Exchange& exchange) {
  if (exchange.file.empty()) return exchange.path;
  return exchange.file == exchange.path ? exchange.file : exchange.file + " (" + exchange.path + ")";
}

}  // namespace

void write_text(std::ostream& out, const Exchange& exchange, const TextOptions& options) {
  out << exchange.number;
  if (exchange.time) out << "  " << seconds(*exchange.time);
  if (exchange.took) out << " +" << milliseconds(*exchange.took);
  if (exchange.card != 0) out << "  card " << exchange.card;
  if (exchange.channel != 0) out << "  channel " << unsigned{exchange.channel};
  out << "  " << visible(exchange.title);
  if (exchange.kind == TraceEvent::Kind::kExchange && !exchange.path.empty()) out << "  @ " << visible(where(exchange));
  if (options.brief) {
    if (exchange.status) out << "  -> " << to_hex(*exchange.status) << " " << exchange.status_meaning;
    out << "\n";
    for (const std::string& note : exchange.notes) out << "    ! " << visible(note) << "\n";
    return;
  }
  if (options.clauses && !exchange.clause.empty()) out << "  [" << exchange.clause << "]";
  out << "\n";
  if (!exchange.command.empty()) out << "    > " << to_hex(exchange.command) << "\n";
  if (!exchange.data.empty() || exchange.status) {
    out << "    < " << to_hex(exchange.data) << (exchange.data.empty() ? "" : " ") << (exchange.status ? to_hex(*exchange.status) : "")
        << "\n";
  }
  if (exchange.plain) {
    out << "    " << exchange.plain->protocol << ", in plain:\n    > " << to_hex(exchange.plain->command) << "\n";
    if (!exchange.plain->data.empty()) out << "    < " << to_hex(exchange.plain->data) << "\n";
  }
  out << ota::fields_to_text(exchange.command_fields, options.clauses, options.width, "    > ")
      << ota::fields_to_text(exchange.answer_fields, options.clauses, options.width, "    < ");
  if (exchange.status) {
    out << "    " << to_hex(*exchange.status) << " " << exchange.status_meaning;
    if (!exchange.status_clause.empty()) out << " [" << exchange.status_clause << "]";
    out << "\n";
  }
  for (const std::string& note : exchange.notes) out << "    ! " << visible(note) << "\n";
  if (!exchange.hidden.empty()) out << "    not shown: " << hidden_words(exchange) << "\n";
}

std::string hidden_words(const Exchange& exchange) {
  std::string out;
  for (const std::string& kind : exchange.hidden) out += (out.empty() ? "" : ", ") + kind;
  return out;
}

void write_json(std::ostream& out, const Exchange& exchange) {
  Json line = Json::object();
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) line.set(name, value);
  };
  line.set("number", exchange.number).set("event", event_name(exchange.kind));
  if (exchange.time) line.set("time", Json::raw(seconds(*exchange.time)));
  if (exchange.took) line.set("took_us", exchange.took->count() / 1000);
  line.set("card", exchange.card).set("channel", exchange.channel);
  add("name", exchange.name);
  add("title", exchange.title);
  add("clause", exchange.clause);
  add("path", exchange.path);
  add("file", exchange.file);
  add("command", to_hex(exchange.command));
  if (!exchange.data.empty() || exchange.status) line.set("data", to_hex(exchange.data));
  if (exchange.status) add("sw", to_hex(*exchange.status));
  add("meaning", exchange.status_meaning);
  add("status_clause", exchange.status_clause);
  if (!exchange.command_fields.empty()) line.set("fields", ota::fields_to_json(exchange.command_fields));
  if (!exchange.answer_fields.empty()) line.set("answer", ota::fields_to_json(exchange.answer_fields));
  if (const auto& plain = exchange.plain) {
    line.set("plain",
             Json::object().set("protocol", plain->protocol).set("command", to_hex(plain->command)).set("data", to_hex(plain->data)));
  }
  if (!exchange.notes.empty()) line.set("notes", Json::array_of(exchange.notes));
  if (!exchange.hidden.empty()) line.set("hidden", Json::array_of(exchange.hidden));
  out << line.text() << "\n";
}

}  // namespace uicclab::trace
