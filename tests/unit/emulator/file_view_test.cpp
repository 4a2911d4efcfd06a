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

TEST_CASE("a view stays in its file system: the MF is not found from an ADF, nor an ADF from the MF (TS 102 241, UICCSystem)") {
  Stage s("00", "00");
  CHECK(s.view({"00A4000C023F00", "00A4080C022FE2", "00A4000C026F07", "00B0000001"}, kAdf) == Answers{"6A82", "6A82", "9000", "559000"});
  CHECK(s.view({"00A4000C027FFF", "00A4000C027FD0", "00A4000C022FE2"}) == Answers{"6A82", "6A82", "9000"});
}

TEST_CASE("a file that is not shareable is current in one place at a time: channels and views (TS 102 221 clause 8.7)") {
  Stage s("00", "", "00");
  // Made by the view, which has it then; the view ends with the command.
  const std::string create = "00E00000196217820201218302 6F998A0105 8B032F0601 80020010 880110";
  CHECK(s.view({create}) == Answers{"9000"});
  CHECK(s.terminal.send("00A4000C023F00") == "9000");
  CHECK(s.terminal.send("00A4000C026F99") == "9000");
  REQUIRE(s.terminal.send("00A4040C0AA0000000871002756963") == "9000");
  REQUIRE(s.terminal.send("00A4080C026F99") == "9000");
  CHECK(s.view({"00A4000C026F99", "00B0820001"}) == Answers{"6985", "6985"});
  REQUIRE(s.terminal.send("00A4080C022FE2") == "9000");
  s.acting.in_process = [&](applet::Context& context) {
    const auto first = context.open_view({});
    const auto second = context.open_view({});
    Bytes out;
    const Bytes select = *from_hex("00A4000C026F99");
    CHECK(first->run(*apdu::parse(select), out) == sw::kOk);
    CHECK(first->run(*apdu::parse(select), out) == sw::kOk);  // again, by the one that has it
    CHECK(second->run(*apdu::parse(select), out) == sw::kConditionsNotSatisfied);
    CHECK(second->select(Sfi{2}) == sw::kConditionsNotSatisfied);
  };
  CHECK(s.terminal.send(steps("w 01 55")) == "9000");
}

TEST_CASE("a view has a position that another one takes up; what is gone is left out (TS 102 241, FileView)") {
  Stage s("00", "00");
  const auto run = [](applet::FileView& view, std::string_view command) {
    const Bytes bytes = *from_hex(command);
    Bytes out;
    const StatusWord status = view.run(*apdu::parse(bytes), out);
    return to_hex(out) + to_hex(Bytes{status.sw1(), status.sw2()});
  };
  s.acting.in_process = [&](applet::Context& context) {
    const auto view = context.open_view({});
    CHECK(view->position() == applet::FileView::Position{});
    CHECK(run(*view, "00A4000C022F06") == "9000");
    CHECK(run(*view, "00B2000230").ends_with("9000"));
    CHECK(to_hex(view->current().path) == "3F002F06");
    CHECK(view->current().record_length == 48);
    const auto other = context.open_view({});
    other->restore(view->position());
    CHECK(run(*other, "00B2000230") == run(*view, "00B2000230"));
    const auto of_adf = context.open_view(*Aid::from(*from_hex(kAdf)));
    of_adf->restore(view->position());
    CHECK(to_hex(of_adf->current().path) == "3F007FFF");
    CHECK(run(*of_adf, "00B0000001") == "6986");
  };
  CHECK(s.terminal.send(steps("w 01 55")) == "9000");
}

TEST_CASE("a view updates parts: of records too, and nothing at all (TS 102 241, FileView)") {
  Stage s("00", "");
  s.acting.in_process = [&](applet::Context& context) {
    const auto view = context.open_view({});
    const auto update = [&](std::string_view command, std::size_t offset, std::string_view data) {
      const Bytes bytes = *from_hex(command);
      const Bytes content = *from_hex(data);
      apdu::Command parsed = *apdu::parse(bytes);
      parsed.data = content;
      return view->update(parsed, offset);
    };
    CHECK(update("00D60000", 0, "AA") == sw::kNoEfSelected);
    const Bytes select = *from_hex("00A4000C022FE2");
    Bytes out;
    REQUIRE(view->run(*apdu::parse(select), out) == sw::kOk);
    CHECK(update("00D60000", 1, "AA") == sw::kOk);
    CHECK(update("00D60000", 2, "") == sw::kOk);
    CHECK(update("00D60000", 2, "AA") == sw::kWrongLength);
    CHECK(update("00D60000", 3, "") == sw::kWrongP1P2);
    CHECK(update("00DC0104", 0, "AA") == sw::kIncompatibleFileStructure);
  };
  CHECK(s.terminal.send(steps("w 01 55")) == "9000");
  CHECK(s.view({"00A4000C022FE2", "00B0000002"}) == Answers{"9000", "11AA9000"});
}
