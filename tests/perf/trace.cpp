// SPDX-License-Identifier: Apache-2.0
// Decoding beside reading: exchanges a second, and how many times longer each step takes than copying the capture in memory.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <sstream>

#include "core/hex.hpp"
#include "trace/capture.hpp"
#include "trace/decoder.hpp"
#include "trace/report.hpp"
#include "trace/source.hpp"

using namespace uicclab;

namespace {

constexpr int kRounds = 5;
constexpr std::size_t kRepetitions = 2000;

/// What a telephone does again and again: select, read, authenticate.
std::string capture(std::size_t& exchanges) {
  std::ostringstream out;
  PcapTrace pcap(out);
  const std::pair<const char*, const char*> session[] = {
      {"00A4040407A0000000871002", "613C"},
      {"00A40004026F07", "6119"},
      {"00C0000019", "62178202412183026F078A01058B036F0602800200098801389000"},
      {"00B0000009", "0809101000000000109000"},
      {"00A40004026FAD", "6119"},
      {"00B0000004", "000000029000"},
      {"00880081221023553CBE9637A89D218AE64DAE47BF351055F328B43577B9B94A9FFAC354DFAFB3", "6110"},
      {"00C0000010", "DC0E451E8BECA43BC1611F30A9EFD73C9000"},
      {"80F200000C", "620A8202782183023F008A009000"},
      {"8012000014", "D0128103012180820281028D070448656C6C6F219000"},
  };
  exchanges = 0;
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    for (const auto& [command, answer] : session) {
      const Bytes sent = from_hex(command).value();
      const Bytes got = from_hex(answer).value();
      TraceEvent event{};
      event.kind = TraceEvent::Kind::kExchange;
      event.time = std::chrono::milliseconds(i);
      event.command = sent;
      event.answer = got;
      pcap.on_event(event);
      ++exchanges;
    }
  }
  return out.str();
}

/// Seconds of the fastest of several rounds.
template <typename Work>
double best(Work work) {
  double out = 1e9;
  for (int i = 0; i < kRounds; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    work();
    out = std::min(out, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  }
  return out;
}

}  // namespace

int main() {
  std::size_t exchanges = 0;
  const std::string file = capture(exchanges);
  std::string copy(file.size(), '\0');
  volatile char sink = 0;
  const double memory = best([&] {
    std::memcpy(copy.data(), file.data(), file.size());
    sink = copy[file.size() / 2];
  });
  const auto each_event = [&](auto&& take) {
    return best([&] {
      std::istringstream in(file);
      const auto source = trace::open_source(in);
      while (const auto event = source->next().value()) take(*event);
    });
  };
  const double packets = best([&] {
    std::istringstream in(file);
    trace::CaptureReader reader(in);
    while (reader.next().value()) {
    }
  });
  const double events = each_event([](const RecordedEvent&) {});
  trace::Decoder decoder;
  const double decoded = each_event([&](const RecordedEvent& event) { sink = static_cast<char>(decoder.decode(event).number); });
  trace::Decoder again;
  std::ostringstream json;
  const double written = each_event([&](const RecordedEvent& event) {
    json.str({});
    write_json(json, again.decode(event));
  });
  const auto line = [&](const char* what, double seconds) {
    std::printf("%-28s %10.0f exchanges/s, %8.1f x memcpy of the file\n", what, static_cast<double>(exchanges) / seconds, seconds / memory);
  };
  std::printf("%zu exchanges, %zu bytes\n", exchanges, file.size());
  line("packets read", packets);
  line("events", events);
  line("decoded", decoded);
  line("decoded and written as JSON", written);
  return 0;
}
