// SPDX-License-Identifier: Apache-2.0
// Selection of instances: privileges that belong to one, implicit selection, logical channels (GP clauses 6.4, 6.6).
#include "profile/default.hpp"
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

/// Answers INS 99 with its AID, on one channel only.
class SingleModule final : public applet::Module {
 public:
  std::string_view name() const override { return "single"; }
  Aid load_file_aid() const override { return *Aid::from("F0756963630002"_h); }
  Aid module_aid() const override { return *Aid::from("F075696363000201"_h); }
  bool is_multiselectable() const override { return false; }
  Result<applet::InitialObjects> personalise(const applet::Parameters&) const override { return applet::InitialObjects{}; }
  std::unique_ptr<applet::Applet> make() const override { return std::make_unique<EchoApplet>(); }
};

constexpr std::string_view kSingleFile = "F0756963630002";
constexpr std::string_view kSingle = "F075696363000201";
constexpr std::string_view kFirst = "F0756963631001";
constexpr std::string_view kSecond = "F0756963631002";
constexpr const char* kWho = "0099000000";

struct Bench : Management {
  Bench() : Management(options()) {}
  static DomainOptions options() {
    DomainOptions out;
    out.more_modules = {std::make_shared<SingleModule>(), std::make_shared<EchoModule>()};
    return out;
  }
  std::string add(std::string_view aid, std::string_view privileges, std::string_view parameters = "C900", bool single = false) {
    return manage("E60C00", single ? install(kSingleFile, kSingle, aid, privileges, parameters)
                                   : install("F0756963630001", "F075696363000101", aid, privileges, parameters));
  }
  bool holds(std::string_view aid, gp::Privilege privilege, gp::StatusOf of = gp::StatusOf::kApplications) {
    const auto found = entry(*this, aid, of);
    REQUIRE(found);
    return found->privileges.has(privilege);
  }
};

}  // namespace

TEST_CASE("Card Reset belongs to one application: given to the next it is taken, and it returns to the issuer (GP clause 6.6.2.4)") {
  using enum gp::Privilege;
  Bench m;
  REQUIRE(m.open().empty());
  CHECK(m.holds(kIssuer, kCardReset, gp::StatusOf::kIssuerDomain));
  REQUIRE(m.add(kFirst, "040000") == "009000");
  CHECK(m.holds(kFirst, kCardReset));
  CHECK_FALSE(m.holds(kIssuer, kCardReset, gp::StatusOf::kIssuerDomain));
  REQUIRE(m.add(kSecond, "000000") == "009000");
  CHECK(m.manage("E60800", "0000" + lv(kSecond) +
                               "03040000"
                               "0000") == "009000");
  CHECK(m.holds(kSecond, kCardReset));
  CHECK_FALSE(m.holds(kFirst, kCardReset));
  CHECK(m.manage("E64000", "0000" + lv(kSecond) +
                               "03000000"
                               "0000") == "009000");
  CHECK(m.holds(kIssuer, kCardReset, gp::StatusOf::kIssuerDomain));
  CHECK(m.manage("E64000", "0000" + lv(kFirst) +
                               "03040000"
                               "0000") == "009000");
  CHECK(m.manage("E40000", "4F" + lv(kFirst)) == "009000");
  CHECK(m.holds(kIssuer, kCardReset, gp::StatusOf::kIssuerDomain));
}

TEST_CASE("Card Reset: the application is active on the basic channel after a reset, while the MF is the current DF") {
  Bench m;
  CHECK(m.plain(kWho) == "6D00");
  REQUIRE(m.open().empty());
  REQUIRE(m.add(kFirst, "040000") == "009000");
  m.reset();
  CHECK(m.plain(kWho) == std::string(kFirst) + "9000");
  CHECK(m.plain("80F2000C00") == "9000");
  CHECK(m.plain("0070000001") == "019000");
  CHECK(m.plain("0199000000") == "6D00");
  CHECK(m.plain("80F2000000").starts_with("62"));
  REQUIRE(m.open().empty());
  REQUIRE(m.manage("F04080", kFirst) == "9000");
  m.reset();
  CHECK(m.plain(kWho) == "6D00");  // locked
}

TEST_CASE("Final Application: on a locked card it is what answers, also before any SELECT (GP clauses 5.1.1.4, 6.6.2.11)") {
  using enum gp::Privilege;
  Bench m;
  REQUIRE(m.open().empty());
  REQUIRE(m.add(kFirst, "000200") == "009000");
  CHECK_FALSE(m.holds(kIssuer, kFinalApplication, gp::StatusOf::kIssuerDomain));
  for (const char* state : {"07", "0F", "7F"}) REQUIRE(m.manage("F080" + std::string(state), "") == "9000");
  m.reset();
  CHECK(m.plain(kWho) == std::string(kFirst) + "9000");
  CHECK(m.select(kIssuer) == "6A82");
  CHECK(m.plain("0070000001") == "019000");
  CHECK(m.plain("0199000000") == std::string(kFirst) + "9000");
}

TEST_CASE("implicit selection: for contacts on the given channel, reported by GET STATUS, not for contactless (GP clause 11.1.7)") {
  Bench m;
  REQUIRE(m.open().empty());
  REQUIRE(m.add(kFirst, "000000", "C900EF03CF0142") == "009000");
  REQUIRE(m.add(kSecond, "000000", "C900EF03CF0181") == "009000");
  CHECK(entry(m, kFirst)->implicit_selection == std::vector<std::uint8_t>{0x42});
  m.reset();
  CHECK(m.plain(kWho) == "6D00");
  CHECK(m.plain("0070000001") == "019000");
  CHECK(m.plain("0199000000") == "6D00");
  CHECK(m.plain("0070000001") == "029000");
  CHECK(m.plain("0299000000") == std::string(kFirst) + "9000");
}

TEST_CASE("an application that is not multiselectable has one channel (6985); one that is has many (GP clause 6.4.2)") {
  Bench m;
  REQUIRE(m.open().empty());
  REQUIRE(m.add(kFirst, "000000", "C900", true) == "009000");
  REQUIRE(m.add(kSecond, "000000") == "009000");
  const auto on = [&](int channel, std::string_view aid) {
    return m.plain("0" + std::to_string(channel) + "A40400" + lv(aid)).substr(0, 4);
  };
  REQUIRE(m.plain("0070000001") == "019000");
  CHECK(on(1, kFirst) == "9000");
  CHECK(on(0, kFirst) == "6985");
  CHECK(on(1, kFirst) == "9000");          // again, where it is
  CHECK(m.plain("0170000001") == "6985");  // a channel that would begin with it
  CHECK(m.plain("0199000000") == std::string(kFirst) + "9000");
  CHECK(on(1, kSecond) == "9000");
  CHECK(on(0, kFirst) == "9000");  // free again
  CHECK(on(0, kSecond) == "9000");
  CHECK(m.plain("0170000001") == "029000");
  CHECK(m.plain("0299000000") == std::string(kSecond) + "9000");
}

TEST_CASE("an application that is not multiselectable is implicitly selected on one channel only") {
  Bench m;
  REQUIRE(m.open().empty());
  REQUIRE(m.add(kFirst, "000000", "C900EF06CF0140CF0141", true) == "009000");
  m.reset();
  CHECK(m.plain(kWho) == std::string(kFirst) + "9000");
  CHECK(m.plain("0070000001") == "019000");
  CHECK(m.plain("0199000000") == "6D00");
}

TEST_CASE("SELECT of the MF by its identifier on the basic channel leaves an application without files (TS 102 221 clause 8.4.1)") {
  for (const char* mf : {"00A4000C023F00", "00A40004023F00", "00A4000C"}) {
    CAPTURE(mf);
    Management m;
    REQUIRE(m.select(kIssuer).ends_with("9000"));
    CHECK(m.plain("80F2400002"
                  "4F00")
              .ends_with("6982"));  // GET STATUS of the domain, which wants a session
    CHECK(m.plain(mf).ends_with("9000"));
    CHECK(m.plain("80F2400002"
                  "4F00")
              .ends_with("6700"));  // STATUS of the card
    CHECK(m.plain("80F2000000").substr(0, 2) == "62");
    CHECK(m.plain("80CA006600") == "6D00");
    CHECK(m.plain("80F2000100") == "6A88");  // no application is active
  }
  // One with files stays: its ADF is still 7FFF. So does one on another channel, and after a selection that failed.
  Management m;
  REQUIRE(m.select(kUsim).ends_with("9000"));
  CHECK(m.plain("00A4000C023F00") == "9000");
  CHECK(m.plain("00A4000C027FFF") == "9000");
  REQUIRE(m.select(kIssuer).ends_with("9000"));
  CHECK(m.plain("00A4000C021234") == "6A82");
  CHECK(m.plain("80CA006600").ends_with("9000"));
  CHECK(m.plain("00A4080C027FF0") == "6A82");  // an ADF is reached by its AID or as 7FFF, not by its place below the MF (clause 8.4.2)
  CHECK(m.plain("80CA006600").ends_with("9000"));
  REQUIRE(m.plain("0070000001") == "019000");
  REQUIRE(m.plain("01A4040008" + std::string(kIssuer) + "00").ends_with("9000"));
  CHECK(m.plain("01A4000C023F00") == "9000");
  CHECK(m.plain("81CA006600").ends_with("9000"));
}

TEST_CASE("SELECT of other files leaves an application without files active (TS 102 221 clause 8.4.1)") {
  Management m(profile::build_image(profile::default_profile().value(), applet::builtin_modules()).value());
  for (const char* file : {"00A4080C027F10", "00A4080C047F106F3A", "00A4000C027F10", "00A4020C022FE2"}) {
    CAPTURE(file);
    REQUIRE(m.select(kIssuer).ends_with("9000"));
    CHECK(m.plain(file) == "9000");
    CHECK(m.plain("80CA006600").ends_with("9000"));
  }
}
