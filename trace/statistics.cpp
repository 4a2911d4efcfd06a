// SPDX-License-Identifier: Apache-2.0
#include "trace/statistics.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

#include "core/json.hpp"

namespace uicclab::trace {
namespace {

using std::chrono::nanoseconds;

constexpr std::size_t kMaxNames = 1024;  // an instruction has one name, or a few

std::string padded(const std::string& text, std::size_t width, bool right = true) {
  const std::string blanks(text.size() < width ? width - text.size() : 0, ' ');
  return right ? blanks + text : text + blanks;
}

void write_line(std::ostream& out, const std::string& name, const Statistics::Line& line) {
  out << padded(name, 34, false) << padded(std::to_string(line.count), 8) << padded(std::to_string(line.refused), 9)
      << padded(std::to_string(line.bytes_to_card), 10) << padded(std::to_string(line.bytes_to_terminal), 10);
  if (line.took.count() != 0) {
    for (const nanoseconds one : {line.took.least(), line.took.percentile(50), line.took.percentile(95), line.took.most()}) {
      out << padded(milliseconds(one), 14);
    }
  }
  out << "\n";
}

Json json_line(const std::string& name, const Statistics::Line& line) {
  Json out = Json::object();
  out.set("name", name).set("count", line.count).set("refused", line.refused);
  out.set("bytes_to_card", line.bytes_to_card).set("bytes_to_terminal", line.bytes_to_terminal);
  if (line.took.count() != 0) {
    const auto micro = [](nanoseconds value) { return value.count() / 1000; };
    out.set("min_us", micro(line.took.least())).set("median_us", micro(line.took.percentile(50)));
    out.set("p95_us", micro(line.took.percentile(95))).set("max_us", micro(line.took.most()));
  }
  return out;
}

}  // namespace

void Durations::add(nanoseconds duration) {
  if (m_count++ == 0) {
    m_least = m_most = duration;
  } else {
    m_least = std::min(m_least, duration);
    m_most = std::max(m_most, duration);
  }
  if ((m_count - 1) % m_stride != 0) return;
  m_samples.push_back(duration);
  if (m_samples.size() < kMaxSamples) return;
  for (std::size_t i = 0; 2 * i < m_samples.size(); ++i) m_samples[i] = m_samples[2 * i];
  m_samples.resize(kMaxSamples / 2);
  m_stride *= 2;
}

nanoseconds Durations::percentile(unsigned percent) const {
  if (m_samples.empty()) return {};
  auto sorted = m_samples;
  const std::size_t index = std::min(sorted.size() - 1, (sorted.size() * percent + 99) / 100 - (percent == 0 ? 0 : 1));
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(index), sorted.end());
  return sorted[index];
}

void Statistics::add(const Exchange& exchange) {
  m_notes += exchange.notes.size();
  if (exchange.kind == TraceEvent::Kind::kReset) ++m_resets;
  std::optional<nanoseconds> took = exchange.took;
  if (took) m_took = true;
  if (exchange.time) {
    const auto before = m_before.find(exchange.card);
    if (!took && before != m_before.end() && *exchange.time >= before->second) took = *exchange.time - before->second;
    m_before.insert_or_assign(exchange.card, *exchange.time);
  }
  if (exchange.kind != TraceEvent::Kind::kExchange) return;
  const bool known = m_commands.contains(exchange.name) || m_commands.size() < kMaxNames;
  for (Line* line : {&m_commands[known ? exchange.name : "others"], &m_all}) {
    ++line->count;
    if (exchange.status && !exchange.status->is_success() && exchange.status->sw1() != 0x6C) ++line->refused;
    line->bytes_to_card += exchange.command.size();
    line->bytes_to_terminal += exchange.data.size() + (exchange.status ? 2 : 0);
    if (took) line->took.add(*took);
  }
  if (exchange.status) ++m_statuses[exchange.status->value];
}

std::string milliseconds(nanoseconds duration) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.3f ms", static_cast<double>(duration.count()) / 1e6);
  return text.data();
}

void write_text(std::ostream& out, const Statistics& statistics) {
  out << padded("command", 34, false) << padded("count", 8) << padded("refused", 9) << padded("to card", 10) << padded("back", 10);
  const bool times = statistics.all().took.count() != 0;
  if (times) out << padded("min", 14) << padded("median", 14) << padded("p95", 14) << padded("max", 14);
  out << "\n";
  std::vector<std::pair<std::string, const Statistics::Line*>> lines;
  for (const auto& [name, line] : statistics.commands()) lines.emplace_back(name, &line);
  std::ranges::stable_sort(lines, [](const auto& a, const auto& b) { return a.second->count > b.second->count; });
  for (const auto& [name, line] : lines) write_line(out, name, *line);
  write_line(out, "all", statistics.all());
  if (times) {
    out << (statistics.knows_durations() ? "times: from command to answer\n"
                                         : "times: from one event of the card to the next, including the terminal's time\n");
  }
  out << "status words:";
  for (const auto& [status, count] : statistics.statuses()) out << " " << to_hex(StatusWord{status}) << " x" << count;
  out << "\nresets: " << statistics.resets() << ", notes: " << statistics.notes() << "\n";
}

void write_json(std::ostream& out, const Statistics& statistics) {
  Json commands = Json::array();
  for (const auto& [name, line] : statistics.commands()) commands.add(json_line(name, line));
  Json statuses = Json::object();
  for (const auto& [status, count] : statistics.statuses()) statuses.set(to_hex(StatusWord{status}), count);
  Json all = Json::object();
  all.set("commands", commands).set("all", json_line("all", statistics.all())).set("statuses", statuses);
  all.set("resets", statistics.resets()).set("notes", statistics.notes()).set("durations", statistics.knows_durations());
  out << Json::object().set("statistics", all).text() << "\n";
}

}  // namespace uicclab::trace
