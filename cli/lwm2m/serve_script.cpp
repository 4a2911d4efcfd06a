// SPDX-License-Identifier: Apache-2.0
#include "cli/lwm2m/serve_script.hpp"

#include <sstream>

namespace uicclab::cli {
namespace {

using lwm2m::server::Server;
using std::chrono::milliseconds;

constexpr std::size_t kMostWaitingEvents = 10'000;
constexpr milliseconds kPatience{60'000};

/// The last word as seconds, if it is a number; it is taken off.
milliseconds patience_in(std::string& words) {
  const std::size_t blank = words.rfind(' ');
  const std::string last = blank == std::string::npos ? std::string() : words.substr(blank + 1);
  if (last.empty() || last.size() > 6 || last.find_first_not_of("0123456789") != std::string::npos) return kPatience;
  words.resize(blank);
  return milliseconds(1000 * std::stol(last));
}

}  // namespace

ServeScript::ServeScript(const std::string& text, Server& server, const Clock& clock, std::function<void(const std::string&)> print)
    : m_server(server), m_clock(clock), m_print(std::move(print)) {
  std::istringstream in(text);
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.pop_back();
    if (!line.empty() && line[0] != '#') m_lines.emplace_back(number, line);
  }
}

void ServeScript::on_event(const std::string& json) {
  m_events.push_back(json);
  if (m_events.size() > kMostWaitingEvents) m_events.pop_front();
}

void ServeScript::stop(const std::string& reason) {
  m_print("line " + std::to_string(m_lines.front().first) + ": " + m_lines.front().second + ": " + reason);
  m_failed = m_done = true;
}

bool ServeScript::waited(milliseconds limit) {
  if (!m_begun) {
    m_begun = true;
    m_since = m_clock.now();
  }
  return m_clock.now() - m_since >= limit;
}

/// False: the line is not done.
bool ServeScript::step() {
  const std::string& line = m_lines.front().second;
  const std::string word = line.substr(0, line.find(' '));
  std::string rest = word.size() < line.size() ? line.substr(word.size() + 1) : std::string();
  if (word == "quit") {
    m_done = true;
    return true;
  }
  if (word == "wait" || word == "event") {
    const milliseconds limit = patience_in(rest);
    if (word == "wait" && m_server.registrations().find_endpoint(rest) != nullptr) return true;
    while (word == "event" && !m_events.empty()) {
      m_last = m_events.front();
      m_events.pop_front();
      if (m_last.find(rest) != std::string::npos) return true;
    }
    if (waited(limit)) stop("not within " + std::to_string(limit.count() / 1000) + " s");
    return false;
  }
  if (word == "expect") {
    if (m_last.find(rest) != std::string::npos) return true;
    stop("the last answer is " + m_last);
    return false;
  }
  const bool must_fail = word == "fails";
  const auto command = lwm2m::server::parse_command(must_fail ? rest : line);
  if (!command) {
    stop(command.error().text);
    return false;
  }
  m_waiting = true;
  m_server.manage(*command, [this, must_fail](const Server::Outcome& outcome) {
    m_waiting = false;
    m_last = outcome.json;
    m_print(m_lines.front().second + " -> " + outcome.json);
    if (outcome.good == must_fail) return stop(must_fail ? "it must fail, and did not" : "it failed");
    m_lines.pop_front();
  });
  return false;
}

void ServeScript::run() {
  while (!m_done && !m_waiting) {
    if (m_lines.empty()) {
      m_done = true;
      return;
    }
    const std::size_t before = m_lines.size();
    if (step()) {
      m_lines.pop_front();
      m_begun = false;
    } else if (m_waiting || m_lines.size() == before) {
      return;
    } else {
      m_begun = false;
    }
  }
}

}  // namespace uicclab::cli
