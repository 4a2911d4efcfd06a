// SPDX-License-Identifier: Apache-2.0
#include "core/toolkit_link.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"

using namespace uicclab;

namespace {

/// Answers 6E00 to every class but one.
class OneClass final : public CardPort {
 public:
  explicit OneClass(std::uint8_t cla) : m_cla(cla) {}
  Result<Atr> reset() override { return Atr{}; }
  Result<Bytes> transmit(BytesView command) override {
    log.push_back(to_hex(command));
    if (command[0] != m_cla) return to_bytes("6E00"_h);
    if (command[1] == 0xC2) return to_bytes("9F02"_h);
    return command[1] == 0xC0 ? to_bytes("AABB9000"_h) : to_bytes("9000"_h);
  }
  void power_off() override {}

  std::vector<std::string> log;

 private:
  std::uint8_t m_cla;
};

std::string send(ToolkitLink& link, std::string_view hex) {
  Bytes command = *from_hex(hex);
  const auto response = link.exchange(command);
  return to_hex(command.front() == 0xA0 ? "A0"_h : "80"_h) + " " + to_hex(response->data) + to_hex(response->status);
}

}  // namespace

TEST_CASE("toolkit commands go in class A0 to a card that refuses TERMINAL PROFILE with 6E00 (3GPP TS 51.011 clauses 9.2.19 to 9.2.22)") {
  OneClass sim(0xA0);
  ToolkitLink link(sim);
  CHECK(send(link, "80C2000002D100") == "80 6E00");  // nothing is known of the card yet
  CHECK(send(link, "801000000113") == "A0 9000");
  CHECK(send(link, "80C2000002D100") == "A0 AABB9000");
  CHECK(send(link, "8012000005") == "A0 9000");
  CHECK(send(link, "80F2000C00") == "80 6E00");  // no toolkit command
  CHECK(sim.log == std::vector<std::string>{"80C2000002D100", "801000000113", "A01000000113", "A0C2000002D100", "A0C0000002", "A012000005",
                                            "80F2000C00"});
  link.forget();
  CHECK(send(link, "8012000005") == "80 6E00");
}

TEST_CASE("toolkit commands stay in class 80 at a UICC, and at a card that knows neither (ETSI TS 102 221 clause 11.2)") {
  OneClass uicc(0x80);
  ToolkitLink link(uicc);
  CHECK(send(link, "801000000113") == "80 9000");
  CHECK(send(link, "8012000005") == "80 9000");
  OneClass none(0x00);
  ToolkitLink other(none);
  CHECK(send(other, "801000000113") == "A0 6E00");
  CHECK(send(other, "8012000005") == "80 6E00");
}
