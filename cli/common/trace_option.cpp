// SPDX-License-Identifier: Apache-2.0
#include "cli/common/trace_option.hpp"

#include <iostream>
#include <list>

#include "core/gsmtap.hpp"
#include "core/private_file.hpp"
#include "core/trace_text.hpp"
#include "trace/redacting_sink.hpp"

namespace uicclab::cli {
namespace {

/// The cards' clock counts from the start of the machine; captures count from 1970.
std::chrono::milliseconds clock_epoch() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(wall) - SystemClock().now();
}

}  // namespace

struct Trace::Sinks {
  std::list<PrivateStream> files;
  std::vector<std::unique_ptr<TraceSink>> owned;
  std::unique_ptr<TraceGroup> group;
  std::unique_ptr<TraceSink> redacting;
};

Trace::Trace(const TraceOption& option) : m_sinks(std::make_unique<Sinks>()) {
  for (const std::string& one : option.wanted) {
    if (one == "text") {
      m_sinks->owned.push_back(std::make_unique<TextTrace>(std::cerr));
    } else if (one == "json") {
      m_sinks->owned.push_back(std::make_unique<JsonTrace>(std::cerr));
    } else if (one == "gsmtap") {
      m_sinks->owned.push_back(std::make_unique<GsmtapUdp>());
    } else if (one.ends_with(".pcap")) {
      auto begun = begin_private_file(one);
      if (!begun) throw Exit{kEnvironment, begun.error().text};
      auto& file = m_sinks->files.emplace_back(*std::move(begun));
      m_sinks->owned.push_back(std::make_unique<PcapTrace>(file, clock_epoch()));
    } else {
      throw Exit{kUsage, "--trace " + one + ": it must be text, json, gsmtap or the name of a file that ends in .pcap"};
    }
  }
  if (m_sinks->owned.empty()) return;
  std::vector<TraceSink*> all;
  for (const auto& sink : m_sinks->owned) all.push_back(sink.get());
  m_sinks->group = std::make_unique<TraceGroup>(std::move(all));
  if (!option.show_secrets) m_sinks->redacting = std::make_unique<trace::RedactingSink>(*m_sinks->group);
}

Trace::~Trace() = default;

TraceSink* Trace::sink() {
  return m_sinks->redacting ? m_sinks->redacting.get() : m_sinks->group.get();
}

void Trace::add_to(App& command, TraceOption& option) {
  command
      .add_option("--trace", option.wanted,
                  "Trace the traffic: text, json (both on standard error), FILE.pcap, or gsmtap (UDP 4729 on loopback)")
      ->allow_extra_args(false)
      ->take_all();
  command.add_flag("--show-secrets", option.show_secrets,
                   "PIN values, keys and results of AUTHENTICATE are shown by --trace; otherwise replaced by '*' (2A)");
}

}  // namespace uicclab::cli
