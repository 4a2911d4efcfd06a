// SPDX-License-Identifier: Apache-2.0
// Files as an application may use them by its access domains (TS 102 226 clause 8.2.1.3.2.2.2): the rules of the files hold for it.
#include <doctest/doctest.h>

#include "tests/support/acting_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::Acting;
using test::steps;
using test::Terminal;

namespace {

constexpr std::string_view kAdf = "A0000000871002756963";

// Rules: 1 all ALW; 2 read PIN1, update ADM1; 3 read ALW, all others never.
std::shared_ptr<const CardImage> image(Acting& acting, std::string_view shared, std::string_view adf_domain,
                                       std::string_view administrative) {
  CardSettings settings;
  settings.name = "view";
  settings.atr = to_bytes("3B9F968091FE1F878031E073FE215F67756963636C6162C8"_h);
  settings.free_memory = 10000;
  CardImageBuilder builder(settings);
  const FileId mf = builder.add_file(test::make_file(FileKind::kMf, 0x3F00, kMfId, 2), {});
  Bytes rules;
  for (const char* rule : {"80017F9000", "800101A406830101950108 80017EA40683010A950108", "8001019000 80017E9700"}) {
    Bytes record = *from_hex(rule);
    record.resize(48, 0xFF);
    append(rules, record);
  }
  builder.add_file(test::make_file(FileKind::kLinearFixed, 0x2F06, mf, 1, 144, 48, 6), rules);
  builder.add_file(test::make_file(FileKind::kTransparent, 0x2FE2, mf, 2, 2), Bytes{0x11, 0x22});
  builder.add_file(test::make_file(FileKind::kTransparent, 0x2FE3, mf, 3, 2), Bytes{0x33, 0x44});
  FileHeader adf = test::make_file(FileKind::kAdf, 0x7FD0, mf, 2);
  adf.aid = *Aid::from(*from_hex(kAdf));
  const FileId adf_id = builder.add_file(adf, {});
  builder.add_file(test::make_file(FileKind::kTransparent, 0x6F07, adf_id, 2, 3), Bytes(3, 0x55));
  const auto module = std::make_shared<const test::ActingModule>(acting);
  InstanceSpec spec{adf.aid, "acting", module, adf_id};
  const auto give = [](std::vector<gp::AccessParameters>& rights, const Aid& where, std::string_view domain) {
    if (!domain.empty()) rights.push_back({where, *from_hex(domain), {}});
  };
  give(spec.uicc.access, {}, shared);
  give(spec.uicc.access, adf.aid, adf_domain);
  give(spec.uicc.administrative_access, {}, administrative);
  builder.add_instance(std::move(spec));
  builder.put(pin_object(KeyReference{0x01}, kMfId), encode_pin(test::make_pin("1234", true, true, "12345678")));
  return builder.build().value();
}

/// A card whose application runs `commands` through one view in each of its commands.
struct Stage {
  Stage(std::string_view shared, std::string_view adf_domain, std::string_view administrative = "")
      : terminal(image(acting, shared, adf_domain, administrative), Protocol::kT1) {
    REQUIRE(terminal.send("00A4040C0AA0000000871002756963") == "9000");
  }
  std::vector<std::string> view(const std::vector<std::string>& commands, std::string_view aid = "", const std::string& end = "w 01 55") {
    std::vector<std::string> answers;
    acting.in_process = [&](applet::Context& context) {
      const auto view = context.open_view(aid.empty() ? Aid{} : *Aid::from(*from_hex(aid)));
      if (!view) return answers.push_back("no view");
      for (const std::string& text : commands) {
        const Bytes bytes = *from_hex(text);
        Bytes out;
        const StatusWord status = view->run(*apdu::parse(bytes), out);
        answers.push_back(to_hex(out) + to_hex(Bytes{status.sw1(), status.sw2()}));
      }
    };
    last = terminal.send(steps(end));
    acting.in_process = nullptr;
    return answers;
  }
  Acting acting;
  Terminal terminal;
  std::string last;
};

using Answers = std::vector<std::string>;
const Answers kUse{"00A4000C022FE2", "00B0000002", "00D6000001AA", "00A4000C022FE3", "00B0000002", "00D6000001AA"};

}  // namespace

TEST_CASE("a view by an access domain: 00 everything but never, 02 as if its keys were verified, FF and none nothing") {
  CHECK(Stage("00", "").view(kUse) == Answers{"9000", "11229000", "9000", "9000", "33449000", "6982"});
  CHECK(Stage("02010000", "").view(kUse) == Answers{"9000", "11229000", "6982", "9000", "6982", "6982"});  // PIN1, not ALW
  CHECK(Stage("02000104", "").view(kUse) == Answers{"9000", "6982", "9000", "9000", "33449000", "6982"});  // ADM1 and ALW
  CHECK(Stage("FF", "").view(kUse) == Answers{"9000", "6982", "6982", "9000", "6982", "6982"});
  CHECK(Stage("", "00").view(kUse) == Answers{"9000", "6982", "6982", "9000", "6982", "6982"});  // rights in the ADF alone
}

TEST_CASE("a view of an ADF begins there, with the domain for it; none of an application that is not there") {
  Stage s("", "02010000");
  CHECK(s.view({"00A4000C026F07", "00B0000003", "00D6000001AA", "00A4000C027FFF"}, kAdf) == Answers{"9000", "5555559000", "6982", "9000"});
  CHECK(s.view({"00B0000001"}, "A0000000871002999999") == Answers{"no view"});
}

TEST_CASE("a view has its own selection and security status; the terminal's do not change") {
  Stage s("02000004", "");
  REQUIRE(s.terminal.send("00A4000C026F07") == "9000");
  CHECK(s.view({"00A4000C022FE2", "00B0000002", "0020000108 31323334FFFFFFFF", "00B0000002"}) ==
        Answers{"9000", "6982", "9000", "11229000"});
  CHECK(s.view({"00A4000C022FE2", "00B0000002"}) == Answers{"9000", "6982"});  // another view
  CHECK(s.terminal.send("00B0000003") == "6982");                              // the terminal verified nothing, and is where it was
  REQUIRE(s.terminal.send("0020000108 31323334FFFFFFFF") == "9000");
  CHECK(s.terminal.send("00B0000003") == "5555559000");
}

TEST_CASE("a view accepts only commands on files (TS 102 226 tables 7.1 and 7.2)") {
  Stage s("00", "");
  CHECK(s.view({"0084000008", "0070000001", "8010000001FF", "00A4040C0AA0000000871002756963", "01A4000C023F00", "0CA4000C023F00"}) ==
        Answers{"6D00", "6D00", "6D00", "6A86", "6E00", "6882"});
}

TEST_CASE("creating and deleting files needs the administrative access domain") {
  const Answers create{"00E00000186216820241218302 6F998A0105 8B032F0601 80020010 8800"};
  CHECK(Stage("00", "").view(create) == Answers{"6982"});
  CHECK(Stage("00", "", "00").view(create) == Answers{"9000"});
}

TEST_CASE("what a view wrote stays when the application's command fails; in its own transaction that decides") {
  Stage s("00", "");
  CHECK(s.view({"00A4000C022FE2", "00D6000001AA", "00D6000001"}, "", "f") == Answers{"9000", "9000", "6700"});
  CHECK(s.last == "6A80");
  CHECK(s.view({"00A4000C022FE2", "00B0000002"}) == Answers{"9000", "AA229000"});
  s.acting.in_process = [](applet::Context& context) {
    Bytes out;
    context.begin_transaction();
    const auto view = context.open_view({});
    for (const char* text : {"00A4000C022FE2", "00D6000001BB"}) {
      const Bytes bytes = *from_hex(text);
      REQUIRE(view->run(*apdu::parse(bytes), out) == sw::kOk);
    }
    context.abort_transaction();
  };
  CHECK(s.terminal.send(steps("w 01 55")) == "9000");
  CHECK(s.view({"00A4000C022FE2", "00B0000002"}) == Answers{"9000", "AA229000"});
}
