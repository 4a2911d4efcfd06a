// SPDX-License-Identifier: Apache-2.0
// Java applets on whole cards: an empty applet's APDU beside one of a built-in application, and what many cards with the same five applets
// take, never used and after each applet has written. Judges nothing. Arguments: the CAP files of tests/java/hello and tests/java/counter,
// whose AIDs are F07569636301 and F07569636401 (`uicclab cap build --aid F075696363 --applet F07569636301:Hello`, and so on); the number of
// cards.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <optional>

#include <malloc.h>

#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "emulator/card.hpp"
#include "gp/host/load_file.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"

using namespace uicclab;
using Stopwatch = std::chrono::steady_clock;

namespace {

constexpr unsigned kApplets = 5;

Bytes components(const char* name) {
  std::ifstream in(name, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto file = gp::host::LoadFile::read(as_bytes(text));
  if (!file) throw SystemError(std::string(name) + ": " + file.error().text);
  return file->components();
}

std::string instance(unsigned number) {
  return "F0756963640" + std::to_string(number + 1);
}

profile::ApplicationSpec application(const std::string& package, const std::string& module, const std::string& aid) {
  profile::ApplicationSpec out;
  out.load_file = *Aid::from(*from_hex(package));
  out.module = module;
  out.aid = *Aid::from(*from_hex(aid));
  out.in_dir = false;
  return out;
}

std::shared_ptr<const emulator::CardImage> image_with(Bytes hello, Bytes counter) {
  profile::Profile profile = profile::default_profile().value();
  profile.load_files = {{"", std::move(hello), {}}, {"", std::move(counter), {}}};
  profile.applications.push_back(application("F075696363", "F07569636301", "F07569636301"));
  for (unsigned i = 0; i < kApplets; ++i) profile.applications.push_back(application("F075696364", "F07569636401", instance(i)));
  auto image = profile::build_image(profile, applet::builtin_modules());
  if (!image) throw SystemError(image.error().text);
  return *image;
}

void expect(emulator::Card& card, const std::string& command, std::string_view ending) {
  const auto got = card.transmit(*from_hex(command));
  const std::string text = got ? to_hex(*got) : got.error().text;
  if (!text.ends_with(ending)) throw SystemError("the card answers " + text + " to " + command);
}

/// Of this thread: others that use the machine do not count.
double processor_nanoseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

double nanoseconds(emulator::Card& card, const std::string& command) {
  constexpr int kTimes = 100'000;
  const Bytes bytes = *from_hex(command);
  double best = 1e9;
  for (int round = 0; round < 3; ++round) {
    const auto begin = processor_nanoseconds();
    for (int i = 0; i < kTimes; ++i) {
      if (!card.transmit(bytes)) throw SystemError("no answer");
    }
    best = std::min(best, (processor_nanoseconds() - begin) / kTimes);
  }
  return best;
}

void compare_apdus(const std::shared_ptr<const emulator::CardImage>& image) {
  SeededRandom random(1);
  SystemClock clock;
  emulator::Card card(image, random, clock);
  if (!card.reset() || !card.select_protocol(Protocol::kT1)) throw SystemError("no answer to reset");
  expect(card, "00A4040C08A000000151000000", "9000");
  expect(card, "80CA00CF00", "9000");
  const double built_in = nanoseconds(card, "80CA00CF00");
  expect(card, "00A4040C06F07569636301", "9000");
  const std::string hello = "8000000000";
  const double java = nanoseconds(card, hello);
  std::printf("%-52s %8.0f ns\n", "issuer security domain, GET DATA CF (built in)", built_in);
  std::printf("%-52s %8.0f ns   %5.2f\n", "Java applet, process() that finds no instruction", java, java / built_in);
}

std::size_t allocated() {
  const auto info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

class Meter {
 public:
  explicit Meter(std::size_t cards) : m_cards(static_cast<double>(cards)) {}
  void print(const char* what) {
    const auto now = Stopwatch::now();
    const std::size_t bytes = allocated();
    std::printf("%-52s %8.0f bytes %8.2f us\n", what, (static_cast<double>(bytes) - static_cast<double>(m_bytes)) / m_cards,
                std::chrono::duration<double>(now - m_time).count() * 1e6 / m_cards);
    m_bytes = bytes;
    m_time = now;
  }

 private:
  double m_cards;
  std::size_t m_bytes = allocated();
  Stopwatch::time_point m_time = Stopwatch::now();
};

void count_bytes(const std::shared_ptr<const emulator::CardImage>& image, std::size_t count) {
  SeededRandom random(1);
  ManualClock clock;
  std::printf("\n%zu cards with the same %u applets; per card:\n", count, kApplets);
  Meter meter(count);
  std::vector<std::optional<emulator::Card>> cards(count);
  for (auto& card : cards) card.emplace(image, random, clock);
  meter.print("never used, off");
  for (auto& card : cards) {
    if (!card->reset() || !card->select_protocol(Protocol::kT1)) throw SystemError("no answer to reset");
    for (unsigned i = 0; i < kApplets; ++i) {
      expect(*card, "00A4040C06" + instance(i), "9000");
      expect(*card, "802000000401020304", "9000");
      expect(*card, "8001000000", "00019000");
    }
    card->power_off();
  }
  meter.print("+ each applet has written a field and a PIN try");
  const std::size_t powered = std::min<std::size_t>(count, 2'000);
  Meter some(powered);
  for (std::size_t i = 0; i < powered; ++i) {
    if (!cards[i]->reset()) throw SystemError("no answer to reset");
    expect(*cards[i], "00A4040C06" + instance(0), "9000");
  }
  some.print("+ powered, an applet selected (of 2000 cards)");
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count < 3) throw SystemError("usage: perf_java_card HELLO.cap COUNTER.cap [CARDS]");
    const auto image = image_with(components(arguments[1]), components(arguments[2]));
    compare_apdus(image);
    count_bytes(image, count > 3 ? std::strtoul(arguments[3], nullptr, 10) : 1'000'000);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "perf_java_card: %s\n", error.what());
    return 1;
  }
}
