// SPDX-License-Identifier: Apache-2.0
#include <map>

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "script/guard_port.hpp"

using namespace uicclab;
using namespace uicclab::script;

namespace {

class Card final : public CardPort {
 public:
  Result<Atr> reset() override { return Atr{}; }
  Result<Bytes> transmit(BytesView command) override {
    const std::string text = to_hex(command);
    if (command.size() > 5 || command[1] == 0x82) sent.push_back(text);
    const auto found = answers.find(text);
    return from_hex(found == answers.end() ? "9000" : found->second);
  }
  void power_off() override {}
  std::map<std::string, std::string> answers{{"0020000A", "63C3"},
                                             {"00200001", "63C2"},
                                             {"002C0001", "63CA"},
                                             {"002C0081", "63C9"},
                                             {"00200081", "9000"},
                                             {"0020000A0830303030303030"
                                              "30",
                                              "63C2"}};
  std::vector<std::string> sent;
};

struct Guarded {
  Card card;
  GuardPort port{card};
  bool passes(std::string_view command) {
    const auto answer = port.transmit(from_hex(command).value());
    CHECK((answer.has_value() || answer.error().code == ErrorCode::kRefused));
    return answer.has_value();
  }
};

}  // namespace

TEST_CASE("What may lose a card is refused, and never sent") {
  Guarded g;
  for (const char* command : {"00E60000027F66", "00E80000022F30", "00FE0000", "00E40000022F30",
                              "80D83081"
                              "0130",
                              "80E40000074F05A000000001", "80E6020005A000000001",
                              "80E80000"
                              "0100",
                              "80F0807F08A000000151000000",
                              "84E28000"
                              "0100",
                              "8482330010"
                              "00000000000000000000000000000000"}) {
    CAPTURE(command);
    CHECK_FALSE(g.passes(command));
  }
  CHECK(g.card.sent.empty());
}

TEST_CASE("Commands that only look like them pass") {
  Guarded g;
  for (const char* command : {"00A40004023F00", "00B0000000", "80F28002024F0000", "00D6000001FF", "00DC010401FF", "0082000000"}) {
    CAPTURE(command);
    CHECK(g.passes(command) == (std::string_view(command) != "0082000000"));
  }
}

TEST_CASE("A PIN whose tries are not all left is not tried; one with all tries is, until it was wrong once") {
  Guarded g;
  CHECK_FALSE(
      g.passes("0020000108"
               "31323334FFFFFFFF"));  // two tries left
  CHECK_FALSE(
      g.passes("002C008110"
               "38373635343332313536"
               "3738FFFFFFFF"));  // nine tries of the PUK
  CHECK(
      g.passes("0020008108"
               "35363738FFFFFFFF"));  // verified: no counter is reported
  CHECK(g.passes("00200001"));        // a question
  CHECK(
      g.passes("0020000A08"
               "3030303030303030"));  // wrong
  CHECK_FALSE(
      g.passes("0020000A08"
               "3838383838383838"));
}

TEST_CASE("A secure channel of ours may authenticate itself") {
  Guarded g;
  g.port.allow_authentication(true);
  CHECK(
      g.passes("8482330010"
               "00000000000000000000000000000000"));
  g.port.allow_authentication(false);
  CHECK_FALSE(
      g.passes("8482330010"
               "00000000000000000000000000000000"));
}
