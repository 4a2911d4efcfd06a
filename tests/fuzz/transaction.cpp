// SPDX-License-Identifier: Apache-2.0
// The input as a sequence of commands to two small cards side by side. On one of them memory runs out at the k-th allocation, or something
// is thrown at the k-th write; the other one is well. Nothing that is thrown leaves the card, and its state is then that of the other one
// before the command or after it.
#include "tests/support/apdu_sequence.hpp"
#include "tests/support/dump.hpp"
#include "tests/support/failing_memory.hpp"
#include "tests/support/scenarios.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::Dump;
using test::FailingMemory;
using test::require;

namespace {

/// Throws at the k-th write from now.
struct Thrower final : WriteObserver {
  unsigned left = 0;
  std::uint8_t what = 0;
  void on_write(Step /*step*/) override {
    if (left == 0 || --left != 0) return;
    switch (what % 4) {
      case 0:
        throw PowerCut{};
      case 1:
        throw SystemError("what the fuzzer throws");
      case 2:
        (void)Result<int>(fail(ErrorCode::kRange, "")).value();
        break;
      default:
        throw 4;
    }
  }
};

/// Random numbers depend on the command alone: both cards draw the same, however often a command is tried.
struct Side {
  explicit Side(const std::shared_ptr<const CardImage>& image) : card(image, random, clock) {
    require(card.reset().has_value(), "a reset answers");
  }
  Result<Bytes> send(BytesView command, std::uint64_t number) {
    random = SeededRandom(number);
    return card.transmit(command);
  }
  Dump memory() { return test::dump(card.nvm()); }
  Dump session() {
    card.session()->catch_up();
    return test::dump_session(*card.session());
  }

  SeededRandom random{1};
  ManualClock clock;
  Card card;
};

std::string hex_of(const Result<Bytes>& answer) {
  return answer ? to_hex(*answer) : "no answer";
}

/// The card has the state of the other one: its caches agree with its memory.
void check_caches(Side& side) {
  const Dump cached = test::dump(side.card.nvm(), side.card.session()->files());
  require(cached == side.memory(), "what the session says of the files is what the memory says");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto image = test::small_image();
  static const std::vector<Bytes> templates = [] {
    std::vector<Bytes> all;
    for (const char* text : test::kTemplates) all.push_back(from_hex(text).value());
    return all;
  }();
  Side faulty(image);
  Side well(image);
  for (std::size_t at = 0, number = 1; at + 3 <= size && number <= 64; at += 3, ++number) {
    const Bytes& command = templates[data[at] % templates.size()];
    const std::uint8_t kind = data[at + 1];
    const unsigned k = data[at + 2];
    const Dump before = well.memory();
    const Dump session_before = well.session();
    // What a fault ends and a transaction does not bring back: a chained transfer, data that waits for GET RESPONSE.
    const bool chained = command[1] == 0xC0 || std::ranges::any_of(well.card.session()->channels, [](const ChannelState& channel) {
                           return channel.transfer.kind != DataTransfer::Kind::kNone;
                         });
    const std::string expected = hex_of(well.send(command, number));
    const Dump after = well.memory();
    const Dump session_after = well.session();

    bool failed = false;
    std::optional<Result<Bytes>> answer;
    if (kind < 0x80) {
      const FailingMemory memory(k, kind < 0x20);
      answer.emplace(faulty.send(command, number));
      failed = memory.failed();
    } else {
      Thrower thrower;
      thrower.left = k % 16;
      thrower.what = kind;
      faulty.card.nvm().set_observer(&thrower);
      answer.emplace(faulty.send(command, number));
      faulty.card.nvm().set_observer(nullptr);
      failed = k % 16 != 0 && thrower.left == 0;
    }
    require(!faulty.card.nvm().has_pending(), "no transaction stays open");
    const std::string told = hex_of(*answer);
    if (!failed) require(told == expected, "without a fault the cards are the same");
    const bool on = faulty.card.session() != nullptr;
    require(on == answer->has_value(), "a card that does not answer is off");
    if (failed && on) require(told == "6F00" || told == expected, "6F00, or the answer");
    const Dump now = faulty.memory();
    if (const std::string in_part = test::in_part(now, before, after); !in_part.empty()) {
      std::fprintf(stderr, "%s answered %s: %s", to_hex(command).c_str(), told.c_str(), in_part.c_str());
      require(false, "the memory is as before the command or as after it");
    }
    if (!on) {
      require(faulty.card.reset().has_value(), "a reset answers");
      return 0;
    }
    check_caches(faulty);
    const Dump session = faulty.session();
    if (session != session_before && session != session_after) {
      std::fprintf(stderr, "%s answered %s: %s", to_hex(command).c_str(), told.c_str(), test::difference(session, session_before).c_str());
      require(false, "the session is as before the command or as after it");
    }
    if (!failed) continue;
    // The same again makes both the same, where the fault used nothing up.
    if (now != before || session != session_before || chained) return 0;
    require(hex_of(faulty.send(command, number)) == expected, "after a fault that took everything back the command does what it does");
    require(faulty.memory() == after && faulty.session() == session_after, "and has the effect it has");
  }
  return 0;
}
