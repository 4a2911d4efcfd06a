// SPDX-License-Identifier: Apache-2.0
#include "core/transceive.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"

using namespace uicclab;
using namespace uicclab::literals;

namespace {

/// Answers in the order of a list, the last one for ever; writes down what it was asked.
class ListedCard final : public CardPort {
 public:
  explicit ListedCard(std::vector<std::string> answers, Protocol protocol = Protocol::kT0)
      : m_answers(std::move(answers)), m_protocol(protocol) {}
  Result<Atr> reset() override { return Atr{}; }
  void power_off() override {}
  Protocol protocol() const override { return m_protocol; }
  Result<Bytes> transmit(BytesView command) override {
    asked += asked.empty() ? to_hex(command) : " " + to_hex(command);
    const std::string& answer = m_answers[std::min(m_next++, m_answers.size() - 1)];
    if (answer == "gone") return fail(ErrorCode::kIo, "gone");
    return *from_hex(answer);
  }

  std::string asked;

 private:
  std::vector<std::string> m_answers;
  std::size_t m_next = 0;
  Protocol m_protocol;
};

/// "data status", and "commands" behind it.
std::string exchange(ListedCard& card, std::string_view command) {
  const auto response = transceive(card, *from_hex(command));
  if (!response) return "error: " + response.error().text;
  return to_hex(response->data) + " " + to_hex(response->status) + " | " + card.asked;
}
std::string exchange(std::vector<std::string> answers, std::string_view command, Protocol protocol = Protocol::kT0) {
  ListedCard card(std::move(answers), protocol);
  return exchange(card, command);
}

constexpr const char* kStatus = "80F24002024F0000";  // GET STATUS, case 4

}  // namespace

TEST_CASE("transceive: 61xx, 9Fxx and 6Cxx are followed (ETSI TS 102 221 clause 7.3.1.1; 3GPP TS 51.011 clause 9.4.1)") {
  CHECK(exchange({"9000"}, "00A4000C023F00") == " 9000 | 00A4000C023F00");
  CHECK(exchange({"6103", "0102039000"}, "00A40004023F00") == "010203 9000 | 00A40004023F00 00C0000003");
  CHECK(exchange({"6102", "01026102", "03049000"}, "00A40004023F00") == "01020304 9000 | 00A40004023F00 00C0000002 00C0000002");
  CHECK(exchange({"6103", "6C02", "01029000"}, "00A40004023F00") == "0102 9000 | 00A40004023F00 00C0000003 00C0000002");
  CHECK(exchange({"9F02", "01029000"}, "A0A40000023F00") == "0102 9000 | A0A40000023F00 A0C0000002");
  CHECK(exchange({"6102", "01029000"}, "42A40004023F00") == "0102 9000 | 42A40004023F00 42C0000002");
  CHECK(exchange({"6102", "01029000"}, "81F2000C") == "0102 9000 | 81F2000C 01C0000002");
  CHECK(exchange({"6C02", "01029000"}, "00B0000000") == "0102 9000 | 00B0000000 00B0000002");
  CHECK(exchange({"6C02", "01029000"}, "00B00000000000") == "0102 9000 | 00B00000000000 00B00000000002");
  CHECK(exchange({"6C02"}, "00A40004023F00") == " 6C02 | 00A40004023F00");  // not for a command with data
}

TEST_CASE("transceive: an answer that does not end is given up (ETSI TS 102 221 clause 7.3.1.1)") {
  CHECK(exchange({"6110"}, "00A40004023F00") == "error: the card answers GET RESPONSE without data and promises more (6110)");
  CHECK(exchange({"9F10"}, "A0A40000023F00").starts_with("error: the card answers GET RESPONSE without data"));
  CHECK(exchange({"010261FF"}, "00A40004023F00").starts_with("error: the card's answer is longer than 65536 bytes"));
  CHECK(exchange({"6C10"}, "00B0000000") == " 6C10 | 00B0000000 00B0000010");  // asked once more, not for ever
  CHECK(exchange({"6110", "gone"}, "00A40004023F00") == "error: gone");
}

TEST_CASE("transceive: under T=0 data waits after a warning to a case 4 command (ETSI TS 102 221 clause 7.3.1.1.4 4b, annex C.1.7)") {
  const std::string sent = std::string(" | ") + kStatus + " 00C0000000";
  SUBCASE("the status of the command is the warning, not the 9000 of GET RESPONSE") {
    CHECK(exchange({"6310", "6C02", "E3009000"}, kStatus) == "E300 6310" + sent + " 00C0000002");
    CHECK(exchange({"6310", "6102", "E3009000"}, kStatus) == "E300 6310" + sent + " 00C0000002");
    CHECK(exchange({"6283", "6F009000"}, "00A4040002A00000") == "6F00 6283 | 00A4040002A00000 00C0000000");
    CHECK(exchange({"6200", "6C02", "E300910B"}, kStatus) == "E300 6200" + sent + " 00C0000002");
    CHECK(exchange({"6200", "6C02", "E3006310"}, kStatus) == "E300 6310" + sent + " 00C0000002");  // a warning of the data comes later
  }
  SUBCASE("no data waits: the warning alone") {
    for (const char* refusal : {"6F00", "6D00", "6985", "9000"}) CHECK(exchange({"63C2", refusal}, kStatus) == " 63C2" + sent);
  }
  SUBCASE("a warning after data, to another case or under T=1 is final") {
    CHECK(exchange({"6102", "E3006310"}, kStatus) == "E300 6310 | 80F24002024F0000 00C0000002");
    CHECK(exchange({"E3006310"}, kStatus) == "E300 6310 | 80F24002024F0000");
    CHECK(exchange({"63C2"}, "00200001083132333435363738") == " 63C2 | 00200001083132333435363738");
    CHECK(exchange({"6282"}, "00B0000000") == " 6282 | 00B0000000");
    CHECK(exchange({"6310"}, kStatus, Protocol::kT1) == " 6310 | 80F24002024F0000");
  }
  SUBCASE("a card that warns for ever is asked once") {
    CHECK(exchange({"6310"}, kStatus) == " 6310" + sent);
  }
  SUBCASE("a removed card is reported") {
    CHECK(exchange({"6310", "gone"}, kStatus) == "error: gone");
  }
}
