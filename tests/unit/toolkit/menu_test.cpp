// SPDX-License-Identifier: Apache-2.0
// The commands to the terminal for all applications together: menu, event list, polling. ETSI TS 102 241 clause 6.4; TS 102 226 clause
// 8.2.1.3.2.2.1. Positions and identifiers as the test cases cre_tin_itpo and cre_tin_itid of ETSI TS 102 268 expect them.
#include "tests/unit/toolkit/toolkit_card.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

constexpr std::string_view kFile = "F07569636300AA";
constexpr std::string_view kMenuAndMore = "0903002000000000";

std::string aid_of(unsigned number) {
  return "F07569636300CC" + to_hex(std::array{static_cast<std::uint8_t>(number)});
}

/// A card that scripted applications can be installed on, each with the texts "Menu<its module><number of the entry>".
struct Installer {
  Installer() {
    DomainOptions options;
    for (std::uint8_t i = 0; i < apps.size(); ++i) {
      apps[i].enrol = [this, i](applet::ToolkitEntry& entry) { return enrol(i, entry); };
      options.more_modules.push_back(std::make_shared<ScriptedModule>(i, apps[i]));
    }
    management.emplace(options);
    begin();
  }
  ToolkitError enrol(std::uint8_t number, applet::ToolkitEntry& entry) {
    for (unsigned i = 1; i <= texts; ++i) {
      const auto added = entry.init_menu_entry(menu_text("Menu" + std::to_string(number) + std::to_string(i)));
      if (!added) return added.error() == ToolkitError::kRegistryError ? ToolkitError::kNone : added.error();
    }
    return ToolkitError::kNone;
  }
  void begin() {
    REQUIRE(management->open().empty());
    last = management->plain("8010000008" + std::string(kMenuAndMore));
  }
  /// INSTALL of module `number` with this field EA 80; its status.
  std::string install_with(unsigned number, std::string_view toolkit, std::string_view install = "0C") {
    const std::string parameters = "C900" + to_hex(ber::encode(0xEA, ber::encode(0x80, *from_hex(packed(toolkit)))));
    const std::string module = std::string(kFile) + to_hex(std::array{static_cast<std::uint8_t>(number)});
    const std::string answer =
        management->manage("E6" + std::string(install) + "00", test::install(kFile, module, aid_of(number), "00", parameters));
    return last = answer.substr(answer.size() - 4);
  }
  std::string manage(std::string_view header, std::string_view data) {
    const std::string answer = management->manage(header, data);
    return last = answer.substr(answer.size() - 4);
  }
  std::string lock(unsigned number) { return manage("F04080", aid_of(number)); }
  std::string unlock(unsigned number) { return manage("F04007", aid_of(number)); }
  std::string remove(unsigned number) { return manage("E40000", "4F" + lv(aid_of(number))); }

  /// The SET UP MENU that the last answer announced, or that of a command (GET CHALLENGE) after it: "01 Menu11, 02 Menu12"; "nothing" if
  /// they did not.
  std::string menu() {
    if (!last.starts_with("91")) last = management->plain("0084000008").substr(16);
    if (!last.starts_with("91")) return "nothing";
    const std::string answer = management->plain("8012000000");
    const Bytes bytes = *from_hex(answer);
    const auto body = ber::first(BytesView(bytes).first(bytes.size() - 2));
    last = management->plain("801400000C 810301250082028281830100");
    if ((*ctlv::find(body->value, 0x01))[1] != 0x25) return answer;
    std::string items;
    for (ctlv::Reader reader(body->value); !reader.empty();) {
      const auto one = reader.next();
      if (one->tag != 0x0F) continue;
      if (!items.empty()) items += ", ";
      if (one->value.empty()) return "empty";
      items += to_hex(one->value.first(1)) + " " + std::string(one->value.begin() + 1, one->value.end());
    }
    return items;
  }

  std::array<Behaviour, 9> apps;
  unsigned texts = 9;
  std::string last;
  std::optional<Management> management;
};

}  // namespace

TEST_CASE(
    "toolkit: INSTALL, SET STATUS and DELETE answer 9000; the menu that is due comes with the next answer (TS 102 268 Cre_Tin_Tmal)") {
  Installer t;
  CHECK(t.install_with(1, "FF 00 10 01 0101 00 00 00 00") == "9000");
  CHECK(t.management->plain("0084000008").substr(16, 2) == "91");
  CHECK(t.menu() == "01 Menu11");
}

TEST_CASE("toolkit: entries go to absolute positions among those that are there (TS 102 226 clause 8.2.1.3.2.2.1)") {
  Installer t;
  CHECK(t.install_with(1, "FF 00 10 04 0101 0202 0303 0404 00 00 00 00") == "9000");
  CHECK(t.menu() == "01 Menu11, 02 Menu12, 03 Menu13, 04 Menu14");
  t.install_with(2, "FF 00 10 01 0305 00 00 00 00");
  CHECK(t.menu() == "01 Menu11, 02 Menu12, 05 Menu21, 03 Menu13, 04 Menu14");
  t.install_with(3, "FF 00 10 02 0206 0307 00 00 00 00");
  CHECK(t.menu() == "01 Menu11, 06 Menu31, 07 Menu32, 02 Menu12, 05 Menu21, 03 Menu13, 04 Menu14");
  t.install_with(4, "FF 00 10 01 0008 00 00 00 00");  // at the end
  t.install_with(5, "FF 00 10 01 2009 00 00 00 00");  // beyond the end
  CHECK(t.menu().ends_with("04 Menu14, 08 Menu41, 09 Menu51"));
  CHECK(t.lock(2) == "9000");
  CHECK(t.menu() == "01 Menu11, 06 Menu31, 07 Menu32, 02 Menu12, 03 Menu13, 04 Menu14, 08 Menu41, 09 Menu51");
  t.install_with(6, "FF 00 10 03 0110 0411 1512 00 00 00 00");
  CHECK(t.menu() ==
        "10 Menu61, 01 Menu11, 06 Menu31, 11 Menu62, 07 Menu32, 02 Menu12, 03 Menu13, 04 Menu14, 08 Menu41, 09 Menu51, 12 Menu63");
  CHECK(t.unlock(2) == "9000");
  CHECK(
      t.menu() ==
      "10 Menu61, 01 Menu11, 06 Menu31, 11 Menu62, 07 Menu32, 02 Menu12, 05 Menu21, 03 Menu13, 04 Menu14, 08 Menu41, 09 Menu51, 12 Menu63");
  CHECK(t.remove(2) == "9000");
  t.menu();
  t.install_with(2, "FF 00 10 01 0305 00 00 00 00");
  const std::string whole = t.menu();
  CHECK(
      whole ==
      "10 Menu61, 01 Menu11, 05 Menu21, 06 Menu31, 11 Menu62, 07 Menu32, 02 Menu12, 03 Menu13, 04 Menu14, 08 Menu41, 09 Menu51, 12 Menu63");
  t.management->reset();
  t.begin();
  CHECK(t.menu() == whole);
}

TEST_CASE("toolkit: identifiers 01 to 7F are INSTALL's, 80 and up the card's (TS 102 226 clause 8.2.1.3.2.2.1)") {
  Installer t;
  CHECK(t.install_with(1, "FF 00 10 02 0101 0280 00 00 00 00") == "6A80");
  CHECK(t.install_with(1, "FF 00 10 02 0101 0201 00 00 00 00") == "6A80");
  CHECK(t.menu() == "nothing");
  t.install_with(1, "FF 00 10 02 0101 027F 00 00 00 00");
  CHECK(t.menu() == "01 Menu11, 7F Menu12");
  CHECK(t.install_with(2, "FF 00 10 01 037F 00 00 00 00") == "6A80");
  t.install_with(2, "FF 00 10 01 0300 00 00 00 00");
  CHECK(t.menu() == "01 Menu11, 7F Menu12, 80 Menu21");
  t.install_with(3, "FF 00 10 01 0400 00 00 00 00");
  CHECK(t.menu() == "01 Menu11, 7F Menu12, 80 Menu21, 81 Menu31");
  t.remove(2);
  CHECK(t.menu() == "01 Menu11, 7F Menu12, 81 Menu31");
  t.install_with(2, "FF 00 10 01 0300 00 00 00 00");
  CHECK(t.menu() == "01 Menu11, 7F Menu12, 80 Menu21, 81 Menu31");
}

TEST_CASE("toolkit: more than a UICC has, and texts that are too long, are refused by INSTALL (TS 102 226 clause 8.2.1.3.2.2.1)") {
  Installer t;
  CHECK(t.install_with(1, "FF 09 10 00 00 00 00 00") == "6A80");
  CHECK(t.install_with(1, "FF 00 10 00 08 00 00 00") == "6A80");
  CHECK(t.install_with(1, "FF 00 10 00 00 00 00 09") == "6A80");
  CHECK(t.install_with(1, "FF 00 05 01 0101 00 00 00 00") == "6A80");  // "Menu11" has 6
  CHECK(t.install_with(1, "FF 00 06 01 0101 00 00 00 00") == "9000");
  t.menu();
  CHECK(t.install_with(2, "FF 00 10 00 00 00 03 B00110 00") == "9000");
  CHECK(t.install_with(3, "FF 00 10 00 00 00 03 B00110 00") == "6A80");  // the TAR is taken
}

TEST_CASE("toolkit: an application is in the menu when it is selectable (TS 102 241 clause 6.4)") {
  Installer t;
  CHECK(t.install_with(1, "FF 00 10 01 0101 00 00 00 00", "04") == "9000");
  CHECK(t.menu() == "nothing");
  CHECK(t.manage("E60800", only(aid_of(1))) == "9000");
  CHECK(t.menu() == "01 Menu11");
  CHECK(t.lock(1) == "9000");
  CHECK(t.menu() == "empty");  // a menu that the terminal has is taken away
  CHECK(t.manage("CA00CF", "") == "9000");
  CHECK(t.menu() == "nothing");
}

TEST_CASE("toolkit: the menu is sent if the profile has SET UP MENU, once, and again with what changed (TS 102 223 clause 6.4.8)") {
  ToolkitCard t([](ToolkitCard& c) {
    c.parameters[0].menu = {{0, 1}, {0, 2}};
    c.parameters[2].menu = {{1, 3}};
    for (const std::size_t i : {std::size_t{0}, std::size_t{2}}) {
      c.apps[i].enrol = [i](applet::ToolkitEntry& entry) {
        CHECK(entry.init_menu_entry(menu_text("One")).value() == (i == 0 ? 1 : 3));
        if (i == 0) CHECK(entry.init_menu_entry({.text = {'T', 'w', 'o'}, .help = true}).value() == 2);
        CHECK(entry.init_menu_entry(menu_text("Four")).error() == ToolkitError::kRegistryError);
        return ToolkitError::kNone;
      };
    }
    c.apps[0].event = [](applet::Context& context, const applet::EventCall&) {
      applet::ToolkitEntry& entry = *context.toolkit().entry();
      CHECK(entry.enable_menu_entry(3, false) == ToolkitError::kMenuEntryNotFound);
      CHECK(entry.change_menu_entry(2, menu_text("12345678901")) == ToolkitError::kAllowedLengthExceeded);
      CHECK(entry.set_menu_text_attribute(2, "0003"_h) == ToolkitError::kBadInputParameter);
      CHECK(entry.menu_index(2) == 1U);
      CHECK(entry.enable_menu_entry(1, false) == ToolkitError::kNone);
      return Handled::kDone;
    };
  });
  CHECK(t.profile("FFFFFFDFFF") == "9000");  // without SET UP MENU
  CHECK(t.profile("00000020") == "911F");
  CHECK(t.fetch() == "D01D81030125808202818285008F04034F6E658F04014F6E658F040254776F9000");
  CHECK(t.respond(0x25) == "9000");
  CHECK(t.send("80F2000C00") == "9000");
  CHECK(t.trigger(0xD3, "100102 9500") == "9119");
  CHECK(t.apps[0].told == "8 ");
  CHECK(t.serve("9119") == "25 9000");
  CHECK(t.trigger(0xD3, "100101").ends_with("1001019000"));  // unrecognized, as it is not in the menu
  CHECK(t.trigger(0xD3, "100102") == "9000");
  CHECK(t.trigger(0xD3, "100103") == "9000");
  CHECK(t.apps[0].told == "8 7 ");
  CHECK(t.apps[2].told == "7 ");
  t.reset();
  CHECK(t.profile("00000020") == "9119");  // the entry stays away
}

TEST_CASE("toolkit: next actions, icons and text attributes of the menu (TS 102 241, initMenuEntry)") {
  bool both = true;
  const auto menu_of = [&](const char* profile) {
    ToolkitCard t([&](ToolkitCard& c) {
      c.parameters[0].menu = {{0, 1}, {0, 2}};
      c.apps[0].enrol = [&](applet::ToolkitEntry& entry) {
        CHECK(entry.init_menu_entry({.text = {'A'}, .next_action = 0x21, .icon_qualifier = 1, .icon = std::uint8_t{5}}));
        applet::MenuEntry second = menu_text("B");
        if (both) second.icon = 6;
        CHECK(entry.init_menu_entry(second));
        return entry.set_menu_text_attribute(2, "00001390"_h);
      };
    });
    t.profile(profile);
    return t.fetch();
  };
  CHECK(menu_of("00000020")
            .ends_with("8F020141"
                       "8F020242"
                       "18022100"
                       "1F03010506"
                       "9000"));
  constexpr const char* kWithAttributes =
      "000000200000000000000000000000000000000000000000000000"
      "01";
  CHECK(menu_of(kWithAttributes)
            .ends_with("1F03010506"
                       "5108"
                       "00000390"
                       "00001390"
                       "9000"));
  both = false;  // icons go out only if every entry has one
  CHECK(menu_of("00000020")
            .ends_with("8F020242"
                       "18022100"
                       "9000"));
}

TEST_CASE("toolkit: a menu that is longer than one FETCH is cut at its end (TS 102 221 clause 11.2.3)") {
  ToolkitCard t([](ToolkitCard& c) {
    for (std::uint8_t i = 1; i <= 30; ++i) c.parameters[0].menu.push_back({0, i});
    c.apps[0].enrol = [](applet::ToolkitEntry& entry) {
      while (entry.init_menu_entry(menu_text("1234567890"))) {
      }
      return ToolkitError::kNone;
    };
  });
  const std::string status = t.profile();
  REQUIRE(status.starts_with("91"));
  const std::string command = t.fetch();
  CHECK(command.size() <= 2 * 256 + 4);
  CHECK(command.find("8F0B113132") != std::string::npos);
}

TEST_CASE("toolkit: the event list has the events of all applications that the terminal supports (TS 102 223 clause 6.4.16)") {
  ToolkitCard t([](ToolkitCard& c) {
    c.apps[0].enrol = registers_for({Event::kLocationStatus, Event::kMtCall});
    c.apps[1].enrol = registers_for({Event::kMtCall, Event::kUserActivity});
    c.apps[0].event = [](applet::Context& context, const applet::EventCall& call) {
      return context.toolkit().entry()->clear_event(call.event) == ToolkitError::kNone ? Handled::kDone : Handled::kIgnored;
    };
    c.apps[1].event = c.apps[0].event;
  });
  CHECK(t.profile("FFFFFFFFFE") == "9000");  // without SET UP EVENT LIST
  CHECK(t.profile("0101000013") == "910F");  // MT call and location status, no user activity
  CHECK(t.fetch() == "D00D810301050082028182990200039000");
  t.respond(0x05);
  CHECK(t.trigger(0xD6, "190103") == "910E");
  CHECK(t.fetch() == "D00C8103010500820281829901009000");
  CHECK(t.respond(0x05) == "9000");
  CHECK(t.trigger(0xD6, "190100") == "910D");
  CHECK(t.fetch() == "D00B81030105008202818299009000");
  CHECK(t.respond(0x05) == "9000");
}

TEST_CASE("toolkit: POLL INTERVAL is the shortest that is asked for; POLLING OFF (TS 102 223 clauses 6.4.6 and 6.4.14)") {
  ToolkitCard t([](ToolkitCard& c) {
    c.apps[0].enrol = [](applet::ToolkitEntry& entry) {
      CHECK(entry.request_poll_interval(15301) == ToolkitError::kRegistryError);
      CHECK(entry.request_poll_interval(-2) == ToolkitError::kRegistryError);
      CHECK(entry.poll_interval() == 0);
      return entry.request_poll_interval(15300);
    };
    c.apps[1].enrol = [](applet::ToolkitEntry& entry) { return entry.request_poll_interval(100); };
    c.apps[1].event = [](applet::Context& context, const applet::EventCall&) {
      applet::ToolkitEntry& entry = *context.toolkit().entry();
      CHECK(entry.poll_interval() == 120);  // the terminal's
      CHECK(entry.request_poll_interval(applet::ToolkitEntry::kNoPolling) == ToolkitError::kNone);
      CHECK_FALSE(entry.is_set(Event::kStatusCommand));
      return Handled::kDone;
    };
    c.apps[0].event = [&c](applet::Context& context, const applet::EventCall&) {
      if (c.apps[0].told.ends_with("19 19 ")) (void)context.toolkit().entry()->request_poll_interval(0);
      return Handled::kDone;
    };
  });
  CHECK(t.profile("FFFF9F") == "9000");
  CHECK(t.profile("000060") == "910F");
  CHECK(t.fetch() ==
        "D00D81030103008202818284020164"
        "9000");
  CHECK(t.respond(0x03, "830100", "84020002") == "9000");
  CHECK(t.send("80F2000C00") == "910F");
  CHECK(t.fetch() ==
        "D00D810301030082028182840200FF"
        "9000");
  t.respond(0x03, "830100", "840200FF");
  CHECK(t.send("80F2000C00") == "910B");
  CHECK(t.fetch() ==
        "D009810301040082028182"
        "9000");
  CHECK(t.respond(0x04) == "9000");
  CHECK(t.send("80F2000C00") == "9000");
  CHECK(t.apps[0].told == "19 19 ");
  CHECK(t.apps[1].told == "19 ");
}

TEST_CASE("toolkit: an application that waits is not deleted, and does not come back when it was locked (TS 102 241 clause 6.4)") {
  Installer t;
  t.apps[1].event = [](applet::Context& context, const applet::EventCall&) {
    return context.toolkit().send(display("Text")) ? Handled::kWaiting : Handled::kDone;
  };
  t.install_with(1, "FF 00 10 01 0101 00 00 00 00");
  CHECK(t.menu() == "01 Menu11");
  CHECK(t.management->plain("80C2000009 D30782028281100101 00") == "9112");
  CHECK(t.remove(1) == "6985");
  CHECK(t.lock(1) == "9112");
  CHECK(t.management->plain("8012000000") == to_hex(display("Text")) + "9000");
  CHECK(t.management->plain("801400000C 810301210082028281830100").starts_with("91"));
  CHECK(t.apps[1].told == "7 ");
  CHECK(t.menu() == "empty");
  CHECK(t.remove(1) == "9000");
}

namespace {

/// The instance that has a record in the toolkit registry, and the size of that.
std::pair<std::uint32_t, std::size_t> recorded(emulator::Card& card) {
  std::pair<std::uint32_t, std::size_t> out;
  for (const std::uint32_t number : card.session()->runtime().numbers()) {
    card.nvm().each(emulator::Space::kToolkit, number, [&](emulator::ObjectId, BytesView value) { out = {number, value.size()}; });
  }
  return out;
}

}  // namespace

TEST_CASE("toolkit: what an application has registered counts as its memory (GP clause 11.3, tag FF21)") {
  Installer t;
  t.texts = 1;
  CHECK(t.install_with(1, "FF 00 10 01 0101 00 00 00 00") == "9000");
  emulator::Card& card = t.management->terminal.card;
  const auto [instance, size] = recorded(card);
  REQUIRE(size > 0);
  CHECK(card.session()->runtime().registry().data_size(instance) == size);
}

TEST_CASE("toolkit: a record that cannot be read is damage of the card's memory: 6F00, and nothing is put in its place") {
  Installer t;
  t.texts = 1;
  CHECK(t.install_with(1, "FF 00 10 01 0101 00 00 00 00") == "9000");
  emulator::Card& card = t.management->terminal.card;
  const emulator::ObjectId record{emulator::Space::kToolkit, recorded(card).first, 1};
  REQUIRE(card.nvm().read(record));
  card.nvm().write_now(record, "FF"_h);
  REQUIRE(card.reset());
  CHECK(to_hex(*card.transmit("80100000080903002000000000"_h)) == "6F00");
  CHECK(to_hex(*card.nvm().read(record)) == "FF");
}
