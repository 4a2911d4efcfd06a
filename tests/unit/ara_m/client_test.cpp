// SPDX-License-Identifier: Apache-2.0
// Rules read and stored from outside, at our card and at cards that answer oddly: SEAC chapters 4 and 5.
#include <deque>

#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "gp/host/access_rule_client.hpp"

using namespace uicclab;
using namespace uicclab::gp::host;

namespace {

/// Gives the prepared answers in order, whatever the command; 6F00 after them.
class Answers final : public CardPort {
 public:
  explicit Answers(std::initializer_list<std::string_view> answers) {
    for (const auto one : answers) m_answers.push_back(*from_hex(one));
  }
  Result<Atr> reset() override { return Atr{0x3B, 0x00}; }
  Result<Bytes> transmit(BytesView command) override {
    commands.push_back(to_hex(command));
    if (m_answers.empty()) return Bytes{0x6F, 0x00};
    Bytes answer = std::move(m_answers.front());
    if (m_answers.size() == 1 && for_ever) {
      m_answers.front() = answer;
    } else {
      m_answers.pop_front();
    }
    return answer;
  }
  void power_off() override {}
  std::vector<std::string> commands;
  bool for_ever = false;  ///< the last answer again and again

 private:
  std::deque<Bytes> m_answers;
};

std::string error_of(std::initializer_list<std::string_view> answers) {
  Answers card(answers);
  const auto list = read_rules(card);
  return list ? "" : list.error().text;
}

}  // namespace

TEST_CASE("SEAC 4.1: rules in one answer, in several, and no rules; with and without a refresh tag") {
  Answers one({"FF400BE209E102C100E303D001009000", "DF200801020304050607089000"});
  auto list = read_rules(one);
  REQUIRE_MESSAGE(list, list.error().text);
  REQUIRE(list->rules.size() == 1);
  CHECK(list->rules[0].rule->rights.apdu == Bytes{0});
  CHECK(list->rules[0].odd == "");
  CHECK(to_hex(*list->refresh_tag) == "0102030405060708");

  Answers several({"FF408116E209E102C100E3039000", "D00100E209E1029000", "C100E303D001019000", "6A88"});
  list = read_rules(several);
  REQUIRE_MESSAGE(list, list.error().text);
  CHECK(list->rules.size() == 2);
  CHECK_FALSE(list->refresh_tag);
  CHECK(several.commands == std::vector<std::string>{"80CAFF4000", "80CAFF6000", "80CAFF6000", "80CADF2000"});

  for (const auto& answers : {std::vector<std::string_view>{"FF40009000"}, {"6A88"}, {"9000"}}) {
    Answers none({answers[0], "6D00"});
    list = read_rules(none);
    REQUIRE_MESSAGE(list, list.error().text);
    CHECK(list->rules.empty());
  }
}

TEST_CASE("odd answers of a card are reported, and do not block the client") {
  CHECK(error_of({"6982"}) == "GET DATA FF40 answered 6982: the ARA-M accepts rules only through a secure channel");
  CHECK(error_of({"FF509000"}).find("does not begin with FF40") != std::string::npos);
  CHECK(error_of({"FF9000"}).find("does not begin with FF40") != std::string::npos);
  CHECK(error_of({"FF409000"}).find("ends in its length") != std::string::npos);
  CHECK(error_of({"FF40809000"}).find("is invalid") != std::string::npos);
  CHECK(error_of({"FF4084FFFFFFFF9000"}).find("is invalid") != std::string::npos);
  CHECK(error_of({"FF40850000000001009000"}).find("is invalid") != std::string::npos);
  CHECK(error_of({"FF40820100E29000", "6985"}).find("GET DATA FF60 answered 6985") != std::string::npos);
  CHECK(error_of({"FF40820100E29000", "9000"}).find("rules are missing") != std::string::npos);
  CHECK(error_of({"FF4001E2009000"}).find("followed by other bytes") != std::string::npos);
  CHECK(error_of({"FF4002E2059000"}).find("after 0 rules") != std::string::npos);
  Answers endless({"FF408303FFFF009000", "009000"});
  endless.for_ever = true;
  CHECK_FALSE(read_rules(endless));
  CHECK(endless.commands.size() < 2100);
}

TEST_CASE("an invalid rule does not hide the others") {
  Answers card(
      {"FF401AE209E102C100E303D00100E300E203E10155E206E102C100E300"
       "9000",
       "6A88"});
  const auto list = read_rules(card);
  REQUIRE_MESSAGE(list, list.error().text);
  REQUIRE(list->rules.size() == 4);
  CHECK(list->rules[0].odd == "");
  CHECK(list->rules[1].odd == "not a rule (REF-AR-DO E2)");
  CHECK_FALSE(list->rules[2].rule);
  CHECK(list->rules[2].odd != "");
  CHECK(list->rules[3].odd.starts_with("a rule must have"));
}

TEST_CASE("one rule is deleted by its REF-DO, or as a whole where another has the same") {
  Answers card(
      {"FF401FE209E102C100E303D00100E209E102C100E303D00101E207E1024F00E3015A"
       "9000",
       "6A88"});
  const auto list = read_rules(card);
  REQUIRE_MESSAGE(list, list.error().text);
  REQUIRE(list->rules.size() == 3);
  CHECK(to_hex(delete_command(*list, 0)) == "F10BE209E102C100E303D00100");
  CHECK(to_hex(delete_command(*list, 1)) == "F10BE209E102C100E303D00101");
  CHECK(to_hex(delete_command(*list, 2)) == "F104E1024F00");
}

TEST_CASE("SEAC 5.1: STORE DATA in blocks, up to the first that is refused") {
  std::vector<std::string> sent;
  StatusWord answer = sw::kOk;
  const SendPlain send = [&](const apdu::Command& command) -> Result<apdu::Response> {
    sent.push_back(to_hex(apdu::encode(command)));
    return apdu::Response{{}, answer};
  };
  CHECK(store_rule_command(send, 4, "F0080102030405060708"_h) == sw::kOk);
  CHECK(sent == std::vector<std::string>{"80E2100004F0080102", "80E210010403040506", "80E29002020708"});
  sent.clear();
  answer = StatusWord{0x9112};  // a UICC has a proactive command waiting
  CHECK(store_rule_command(send, 4, "F0080102030405060708"_h) == sw::kOk);
  CHECK(sent.size() == 3);
  sent.clear();
  answer = StatusWord{0x6A80};
  CHECK(store_rule_command(send, 4, "F0080102030405060708"_h) == answer);
  CHECK(sent.size() == 1);
  CHECK_FALSE(store_rule_command(send, 1, Bytes(300)));
  CHECK(ara_meaning({0x6381}) == "6381: stored; there was a rule for the same applications already");
  CHECK(ara_meaning({0x6E00}).starts_with("6E00: "));
}
