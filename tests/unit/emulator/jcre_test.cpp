// SPDX-License-Identifier: Apache-2.0
// Who gets a command while an application of the Java Card Runtime Environment is active, and in which order applications are left and
// selected. JCRE 3.1 chapters 4 and 9; ETSI TS 102 221 clauses 7.3, 8.5, 11.1.1 and 11.2.
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using test::Terminal;

namespace {

constexpr std::string_view kFirst = "F0756963636A01";
constexpr std::string_view kSecond = "F0756963636A02";
constexpr std::string_view kShared = "F0756963636B01";  // multiselectable
constexpr std::string_view kUicc = "F0756963636C01";    // an application like others
constexpr std::string_view kNobody = "F0756963639999";

struct Log {
  std::vector<std::string> events;
  bool refuses_selection = false;
  StatusWord selection_answer = sw::kOk;

  std::string take() {
    std::string all;
    for (const std::string& event : std::exchange(events, {})) all += (all.empty() ? "" : ", ") + event;
    return all;
  }
};

/// INS 02: the data is the answer, P1 and P2 its status. F2: 6D00 with P1 FF. All others answer the header as it came, the protocol, "e" or
/// "s" for an extended or a short command, and the data.
class RawApplet final : public applet::Applet {
 public:
  explicit RawApplet(Log& log) : m_log(log) {}
  StatusWord select(applet::Context& context, Bytes& /*out*/) override {
    note("select", context);
    return m_log.refuses_selection ? StatusWord{0x6999} : sw::kOk;
  }
  void deselect(applet::Context& context) override { note("deselect", context); }
  StatusWord process(applet::Context& context, const apdu::Command& command, Bytes& out) override {
    note("process", context);
    append(out, Bytes{command.cla, command.ins, command.p1, command.p2});
    if (command.ins == 0x02) {
      out = to_bytes(command.data);
      return {static_cast<std::uint16_t>(command.p1p2())};
    }
    if (command.ins == 0xF2 && command.p1 == 0xFF) return sw::kInsNotSupported;
    if (command.ins == 0xA4 && command.p1 == 0x04) return m_log.selection_answer;
    out.push_back(context.protocol() == Protocol::kT0 ? 0x10 : 0x11);
    out.push_back(command.extended ? 'e' : 's');
    append(out, command.data);
    const auto sent = context.command();
    return sent && sent->cla == command.cla && sent->ins == command.ins ? sw::kOk : sw::kNoPreciseDiagnosis;
  }

 private:
  void note(const std::string& what, applet::Context& context) {
    const std::string who = to_hex(context.aid().bytes()).substr(10);
    m_log.events.push_back(what + " " + who + (context.is_active_elsewhere(false) ? " again" : ""));
  }
  Log& m_log;
};

class RawModule final : public applet::Module {
 public:
  RawModule(Log& log, bool jcre, bool multiselectable) : m_log(log), m_jcre(jcre), m_multiselectable(multiselectable) {}
  std::string_view name() const override { return m_jcre ? "raw" : "uicc"; }
  Aid load_file_aid() const override { return *Aid::from("F0756963636A"_h); }
  Aid module_aid() const override { return *Aid::from(m_jcre ? "F0756963636AF1"_h : "F0756963636AF2"_h); }
  Result<applet::InitialObjects> personalise(const applet::Parameters& /*parameters*/) const override { return applet::InitialObjects{}; }
  bool follows_jcre() const override { return m_jcre; }
  bool is_multiselectable() const override { return m_multiselectable; }
  std::unique_ptr<applet::Applet> make() const override { return std::make_unique<RawApplet>(m_log); }

 private:
  Log& m_log;
  bool m_jcre;
  bool m_multiselectable;
};

std::shared_ptr<const CardImage> image(Log& log) {
  CardSettings settings;
  settings.name = "jcre";
  settings.atr = to_bytes("3B9F968091FE1F878031E073FE215F67756963636C6162C8"_h);
  settings.free_memory = 10000;
  CardImageBuilder builder(settings);
  const FileId mf = builder.add_file(test::make_file(FileKind::kMf, 0x3F00, kMfId, 1), {});
  Bytes rule = to_bytes("80017F9000"_h);
  rule.resize(48, 0xFF);
  builder.add_file(test::make_file(FileKind::kLinearFixed, 0x2F06, mf, 1, 48, 48, 6), rule);
  builder.add_file(test::make_file(FileKind::kTransparent, 0x2FE2, mf, 1, 2, 0, 2), Bytes{0x98, 0x88});
  const auto add = [&](std::string_view aid, bool jcre, bool multiselectable) {
    builder.add_instance({*Aid::from(*from_hex(aid)), "", std::make_shared<const RawModule>(log, jcre, multiselectable), std::nullopt});
  };
  add(kFirst, true, false);
  add(kSecond, true, false);
  add(kShared, true, true);
  add(kUicc, false, true);
  return builder.build().value();
}

struct Stage {
  explicit Stage(Protocol protocol = Protocol::kT1) : terminal(image(log), protocol) {}
  std::string select(std::string_view aid, const std::string& cla = "00") { return terminal.exchange(cla + "A4040C07" + std::string(aid)); }
  std::string send(std::string_view command) { return terminal.send(command); }
  /// The first application is active.
  void begin() {
    REQUIRE(select(kFirst) == "00A4040C9000");
    log.take();
  }
  Log log;
  Terminal terminal;
};

}  // namespace

TEST_CASE("JCRE: the active application gets every command, those of the card's table too, as they came (clause 4.6)") {
  Stage s;
  s.begin();
  for (const char* command : {"00200001", "00B08200", "00A40000", "80CA0000", "80100000", "80AA0000", "00840000", "04820000", "0C500000",
                              "80760000", "00FE0000", "80D40000"}) {
    CAPTURE(command);
    CHECK(s.send(std::string(command) + "021234" + "00") == std::string(command) + "1173" + "1234" + "9000");
  }
  CHECK(s.send("00A40000023F0000") == "00A4000011733F009000");
  CHECK(s.send("00CB3FFF 000003 5C017F 0000") == "00CB3FFF11655C017F9000");  // extended
  CHECK(s.log.take().find("select") == std::string::npos);
}

TEST_CASE("JCRE: classes 1X, 9X, AX and BX are the application's on channels 0 to 3 (clause 4.3)") {
  Stage s;
  for (const char* cla : {"10", "90", "A0", "B0"}) {
    CAPTURE(cla);
    CHECK(s.send(std::string(cla) + "A4000002 3F00") != std::string(cla) + "A4000011733F009000");
    s.begin();
    CHECK(s.send(std::string(cla) + "A4000002 3F00 00") == std::string(cla) + "A4000011733F009000");
    REQUIRE(s.terminal.card.reset());
    s.terminal.card.session()->protocol = Protocol::kT1;
  }
  REQUIRE(s.send("0070000001") == "019000");
  s.begin();
  CHECK(s.send("A1A4000002 3F00 00") == "6E00");  // no application is active on channel 1
  REQUIRE(s.select(kShared, "01") == "01A4040C9000");
  CHECK(s.send("A1A4000002 3F00 00") == "A1A4000011733F009000");
  CHECK(s.send("9F00000000") == "6E00");
}

TEST_CASE(
    "JCRE: SELECT by the name of an application and MANAGE CHANNEL go to the card; SELECT by any other name goes to the application "
    "(clause 4.5.2)") {
  Stage s;
  s.begin();
  CHECK(s.send("00A4040C07" + std::string(kNobody) + "00") == "00A4040C9000");
  CHECK(s.log.take() == "process 6A01");
  CHECK(s.send("0070000001") == "019000");
  CHECK(s.log.take().empty());
  CHECK(s.select(kSecond) == "00A4040C9000");
  CHECK(s.send("0CA4040C07" + std::string(kFirst) + "00") == "0CA4040C9000");  // not plain
  CHECK(s.log.take() == "deselect 6A01, select 6A02, process 6A02, process 6A02");
}

TEST_CASE("JCRE: ENVELOPE, FETCH and TERMINAL RESPONSE are the card's once TERMINAL PROFILE came (TS 102 221 clause 11.2)") {
  Stage s;
  s.begin();
  for (const char* command : {"80C2000003D3010000", "801400000381031200"}) CHECK(s.send(command).ends_with("9000"));
  CHECK(s.send("8012000006") == "8012000011739000");
  CHECK(s.log.take() == "process 6A01, process 6A01, process 6A01");
  CHECK(s.send("8010000001FF00") == "801000001173FF9000");  // the card was not informed
  CHECK(s.send("8012000006") == "8012000011739000");
  s.log.take();
  REQUIRE(s.select(kUicc) == "9000");
  REQUIRE(s.send("00A4000C023F00") == "9000");
  REQUIRE(s.send("8010000001FF") == "9000");
  s.begin();
  CHECK(s.send("80C2000003D30100") == "6A81");
  CHECK(s.send("801400000381031200") == "6985");
  CHECK(s.send("8012000006") == "6985");
  CHECK(s.log.take().empty());
  CHECK(s.send("9012000006") == "9012000011739000");  // of another class
  REQUIRE(s.send("0070000001").ends_with("9000"));
  REQUIRE(s.select(kShared, "01") == "01A4040C9000");
  CHECK(s.send("8112000006") == "8112000011739000");  // on another channel
}

TEST_CASE("JCRE: STATUS goes to the application, or to the card if the application does not support it") {
  Stage s;
  s.begin();
  CHECK(s.send("80F2000006") == "80F2000011739000");
  CHECK(s.send("80F2FF0C00") == "6A86");          // the card's own judgement of P1
  CHECK(s.send("00F2FF0C00") == "00F2FF0C6D00");  // no STATUS
}

TEST_CASE("JCRE: GET RESPONSE is the application's unless an answer waits for it (clause 9.4)") {
  Stage s(Protocol::kT0);
  REQUIRE(s.select(kFirst) == "00A4040C9000");
  CHECK(s.send("00C0000006") == "00C0000010739000");
  CHECK(s.send("00029000 03 112233") == "6103");
  CHECK(s.send("00C0000003") == "1122339000");
  CHECK(s.send("00C0000006") == "00C0000010739000");
}

TEST_CASE("JCRE: data is sent with any status, under T=1 and by GET RESPONSE under T=0 (clause 9.4)") {
  for (const char* status : {"9000", "6310", "6985", "6A80"}) {
    CAPTURE(status);
    Stage t1;
    t1.begin();
    CHECK(t1.send("0002" + std::string(status) + "03112233" + "00") == "112233" + std::string(status));
    Stage t0(Protocol::kT0);
    REQUIRE(t0.select(kFirst) == "00A4040C9000");
    CHECK(t0.send("0002" + std::string(status) + "03112233") == "6103");
    CHECK(t0.send("00C0000003") == "112233" + std::string(status));
  }
  Stage s;
  s.begin();
  CHECK(s.send("00026F000311223300") == "6F00");  // the application failed altogether
}

TEST_CASE("JCRE: after 6Cxx the answer waits for the right Le, and the application is not called again (clause 9.4, T=0)") {
  Stage s(Protocol::kT0);
  REQUIRE(s.select(kFirst) == "00A4040C9000");
  s.log.take();
  CHECK(s.send("0001000002") == "6C06");
  CHECK(s.send("0001000006") == "0001000010739000");
  CHECK(s.log.take() == "process 6A01");
  CHECK(s.send("0001000002") == "6C06");
  CHECK(s.send("0001010006") == "0001010010739000");  // another command
  CHECK(s.log.take() == "process 6A01, process 6A01");
  CHECK(s.send("0001000002") == "6C06");
  CHECK(s.send("00C0000006") == "00C0000010739000");  // nothing waits for GET RESPONSE
  CHECK(s.log.take() == "process 6A01, process 6A01");
}

TEST_CASE("JCRE: the active application is left before the other one is asked; if that refuses, none is active (clause 4.5.2)") {
  Stage s;
  s.begin();
  CHECK(s.select(kFirst) == "00A4040C9000");
  CHECK(s.log.take() == "deselect 6A01, select 6A01, process 6A01");
  s.log.refuses_selection = true;
  CHECK(s.select(kSecond) == "6999");
  CHECK(s.log.take() == "deselect 6A01, select 6A02");
  CHECK(s.send("00B0820002") == "98889000");  // the card's own again: none is active
  CHECK(s.log.take().empty());
  s.log.refuses_selection = false;
  s.log.selection_answer = sw::kConditionsNotSatisfied;
  CHECK(s.select(kSecond) == "00A4040C6985");  // its answer to SELECT, but it is selected
  CHECK(s.send("0001000000") == "0001000011739000");
  CHECK(s.log.take() == "select 6A02, process 6A02, process 6A02");
}

TEST_CASE("JCRE: its order if the old or the new application is of the JCRE; between others a refused selection changes nothing") {
  Stage s;
  REQUIRE(s.select(kUicc) == "9000");
  s.log.take();
  s.log.refuses_selection = true;
  CHECK(s.select(kUicc) == "6999");
  CHECK(s.log.take() == "select 6C01");
  CHECK(s.select(kFirst) == "6999");
  CHECK(s.log.take() == "deselect 6C01, select 6A01");
  s.log.refuses_selection = false;
  s.begin();
  CHECK(s.select(kUicc) == "9000");
  CHECK(s.log.take() == "deselect 6A01, select 6C01");
  CHECK(s.select(kUicc) == "9000");
  CHECK(s.log.take() == "select 6C01");
}

TEST_CASE("JCRE: one application on several channels only if it is multiselectable (clauses 4.2 and 4.5.1)") {
  Stage s;
  s.begin();
  REQUIRE(s.send("0070000001") == "019000");
  CHECK(s.select(kFirst, "01") == "6985");
  CHECK(s.log.take().empty());
  REQUIRE(s.select(kShared, "01") == "01A4040C9000");
  CHECK(s.select(kShared) == "00A4040C9000");
  CHECK(s.log.take() == "select 6B01, process 6B01, deselect 6A01, select 6B01 again, process 6B01 again");
  // Opened from another channel than the basic one, a channel begins with its application, if that agrees.
  CHECK(s.send("0170000001") == "029000");
  CHECK(s.log.take() == "select 6B01 again");
  CHECK(s.send("0201000000") == "0201000011739000");
  s.log.refuses_selection = true;
  CHECK(s.send("0170000001") == "6999");
  CHECK(s.send("0301000000") == "6881");
  s.log.take();
  CHECK(s.send("0070800200") == "9000");
  CHECK(s.log.take() == "deselect 6B01 again");
}
