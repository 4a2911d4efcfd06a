// SPDX-License-Identifier: Apache-2.0
// Load files and their applications in profiles and in profile packages (TCA eUICC Profile Package: IF clause 8.7).
#include "jcvm/archive/cap_archive.hpp"
#include "jcvm/verifier/data_flow.hpp"
#include "profile/default.hpp"
#include "profile/loaded.hpp"
#include "profile/package/package.hpp"
#include "profile/toml.hpp"
#include "tests/unit/java/stage.hpp"

using namespace uicclab;
using namespace uicclab::test;
using namespace uicclab::emulator;
using namespace uicclab::profile;

namespace {

Profile with_applets() {
  Profile profile = *default_profile();
  profile.load_files = {{"", components("shared"), {}}, {"", components("card"), {}}};
  ApplicationSpec application;
  application.module = kApplet;
  application.load_file = *Aid::from(*from_hex(kCard));
  application.aid = *Aid::from(*from_hex(kApplet + "99"));
  application.in_dir = false;
  application.parameters.set("params", std::string("000010"));
  profile.applications.push_back(application);
  return profile;
}

std::string refusal(const Profile& profile) {
  const auto image = build_image(profile, applet::builtin_modules());
  return image ? "" : image.error().text;
}

/// One sload_n made an aload_n, so that a number is taken for a reference, and the structure is sound all the same.
Bytes with_wrong_types(const Bytes& components) {
  const auto file = jcvm::cap::CapFile::parse(components);
  REQUIRE(file);
  for (std::size_t at = 0; at < components.size(); ++at) {
    constexpr std::uint8_t kSload0 = 0x1C;
    constexpr std::uint8_t kAload0 = 0x18;
    if (components[at] < kSload0 || components[at] > kSload0 + 3) continue;
    Bytes bent = components;
    bent[at] = static_cast<std::uint8_t>(components[at] - kSload0 + kAload0);
    const auto read = jcvm::cap::CapFile::parse(bent);
    if (!read) continue;
    const auto imports = jcvm::verifier::known_imports(*read);
    if (jcvm::verifier::check_structure(*read, imports).sound() && !jcvm::verifier::check_file(*read).empty()) return bent;
  }
  FAIL("no byte makes types wrong");
  return {};
}

void check_it_runs(const std::shared_ptr<const CardImage>& image) {
  Terminal terminal(image, Protocol::kT1);
  CHECK(terminal.exchange("00A40400 07" + kApplet + "99") == "9000");
  CHECK(terminal.exchange("8010000000") == "00029000");
  CHECK(terminal.exchange("8010000000") == "00039000");
}

}  // namespace

TEST_CASE("java in a profile: the applet is installed in the image, the same each time, and cards do not share what they write") {
  NEEDS_APPLETS();
  const auto image = build_image(with_applets(), applet::builtin_modules());
  REQUIRE_MESSAGE(image, image.error().text);
  check_it_runs(*image);
  check_it_runs(*image);
  CHECK((*image)->fingerprint() == (*build_image(with_applets(), applet::builtin_modules()))->fingerprint());
  Profile other = with_applets();
  other.applications.back().parameters.set("params", std::string("000020"));
  CHECK((*image)->fingerprint() != (*build_image(other, applet::builtin_modules()))->fingerprint());
  // What a card has free is what the profile says, whatever it has.
  ManualClock clock;
  SeededRandom random(1);
  Card card(*image, random, clock);
  REQUIRE(card.reset());
  CHECK(card.session()->free_memory() == with_applets().free_memory);
}

TEST_CASE("java in a profile: the card's manager deletes what the profile has installed (GP clause 9.5)") {
  NEEDS_APPLETS();
  const auto image = build_image(with_applets(), applet::builtin_modules());
  REQUIRE(image);
  Stage s(*image);
  s.open();
  CHECK(s.install_it(kApplet + "77") == "009000");
  CHECK(s.remove(kCard, true) == "009000");
  CHECK(s.select(kApplet + "99") == "6A82");
  s.m.reset();
  CHECK(s.select(kApplet + "99") == "6A82");
  s.open();
  CHECK(s.load_file(kCard, "card") == "009000");
}

TEST_CASE("java in a profile: what is wrong is said with its place") {
  NEEDS_APPLETS();
  Profile profile = with_applets();
  SUBCASE("no such parameter") {
    profile.applications.back().parameters.set("size", std::string("01"));
    CHECK(refusal(profile).find("size is not a parameter of an application of a load file") != std::string::npos);
  }
  SUBCASE("install() throws") {
    profile.applications.back().parameters.set("params", std::string("01"));
    CHECK(refusal(profile).find("application " + kApplet + "99: INSTALL: ") != std::string::npos);
    CHECK(refusal(profile).find("6A80") != std::string::npos);
  }
  SUBCASE("an import is missing") {
    profile.load_files.erase(profile.load_files.begin());
    CHECK(refusal(profile).find("the card does not have " + kShared + " 1.0") != std::string::npos);
  }
  SUBCASE("no CAP file") {
    profile.load_files.back().components = {1, 2, 3};
    CHECK(refusal(profile).find("load file") != std::string::npos);
  }
  SUBCASE("a file that nobody read") {
    profile.load_files.push_back({"other.cap", {}, {}});
    CHECK(refusal(profile).find("load file other.cap: its CAP file was not read") != std::string::npos);
  }
  SUBCASE("no applet of that name") {
    profile.applications.back().module = "F0756963A109";
    CHECK(refusal(profile).find("INSTALL") != std::string::npos);
  }
  SUBCASE("STORE DATA for an applet that takes none (GP clause 7.3.3)") {
    profile.applications.back().parameters.set("commands.1", std::string("80E2800001AA"));
    CHECK(refusal(profile).find("command 1 (80E28000): ") != std::string::npos);
    CHECK(refusal(profile).find("6985") != std::string::npos);
  }
  SUBCASE("no issuer security domain") {
    std::erase_if(profile.applications, [](const auto& one) { return one.module == "issuer-sd" || one.module == "security-domain"; });
    CHECK(refusal(profile).find("load files need an application issuer-sd") != std::string::npos);
  }
}

TEST_CASE("java in a profile: its commands are STORE DATA, which processData() gets (GP clause 7.3.3)") {
  NEEDS_APPLETS();
  Profile profile = *default_profile();
  profile.load_files = {{"", components("platform"), {}}};
  ApplicationSpec application;
  application.module = "F0756963B002";
  application.load_file = *Aid::from("F0756963B0"_h);
  application.aid = *Aid::from("F0756963B002"_h);
  application.in_dir = false;
  application.parameters.set("commands.1", std::string("80E2800003A1A2A3"));
  profile.applications.push_back(application);
  const auto image = build_image(profile, applet::builtin_modules());
  REQUIRE_MESSAGE(image, image.error().text);
  Terminal terminal(*image, Protocol::kT1);
  CHECK(terminal.exchange("00A40400 06F0756963B002") == "9000");
  CHECK(terminal.exchange("8001000000") == "80E2800003A1A2A39000");
}

TEST_CASE("java in a profile: install() finds AID, privileges and data, or the data alone (Applet.install of the API 2.2 and 2.1)") {
  NEEDS_APPLETS();
  Profile profile = *default_profile();
  profile.load_files = {{"", components("services"), {}}};
  ApplicationSpec application;
  application.module = "F0756963A403";
  application.load_file = *Aid::from("F0756963A4"_h);
  application.aid = *Aid::from("F0756963A403"_h);
  application.in_dir = false;
  application.parameters.set("params", std::string("AABB"));
  profile.applications.push_back(application);
  const auto given = [&] {
    const auto image = build_image(profile, applet::builtin_modules());
    REQUIRE_MESSAGE(image, image.error().text);
    Terminal terminal(*image, Protocol::kT1);
    REQUIRE(terminal.exchange("00A4040006F0756963A403") == "9000");
    return terminal.exchange("8001000000");
  };
  CHECK(given() ==
        "06F0756963A403"
        "03000000"
        "02AABB"
        "9000");
  profile.choices.java_21_install = true;
  CHECK(given() == "AABB9000");
}

TEST_CASE("java in a profile: with verify = \"strict\" LOAD refuses types that do not fit, if there is a Descriptor (JCVM 7.5)") {
  NEEDS_APPLETS();
  std::ifstream in(UICCLAB_JAVA_APPLETS "/shared.cap", std::ios::binary);
  const std::string archive{std::istreambuf_iterator<char>(in), {}};
  Profile profile = *default_profile();
  profile.load_files = {{"", *jcvm::archive::read_components(as_bytes(archive), jcvm::archive::Keep::kAll), {}}};
  profile.choices.verify_strictly = true;
  CHECK(refusal(profile) == "");
  std::ifstream other(UICCLAB_JAVA_APPLETS "/services.cap", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(other), {}};
  profile.load_files.back().components = with_wrong_types(*jcvm::archive::read_components(as_bytes(text), jcvm::archive::Keep::kAll));
  CHECK(refusal(profile).find("LOAD: ") != std::string::npos);
  profile.choices.verify_strictly = false;
  CHECK(refusal(profile) == "");
}

TEST_CASE("java in a profile: TOML and back") {
  NEEDS_APPLETS();
  Profile profile = with_applets();
  profile.applications.back().parameters.set("commands.1", std::string("80E2000001AA"));
  const std::string text = to_toml(profile);
  const auto again = parse_profile(text, "again.toml");
  REQUIRE_MESSAGE(again, again.error().text);
  CHECK(again->load_files == profile.load_files);
  CHECK_FALSE(again->load_files.front().verify_strictly);
  const auto strict = parse_profile("atr = \"3B00\"\n[[load_files]]\nfile = \"a.cap\"\nverify = \"strict\"\n", "a.toml");
  REQUIRE(strict);
  CHECK(strict->load_files.front().verify_strictly);
  CHECK(parse_profile(to_toml(*strict), "a.toml")->load_files == strict->load_files);
  CHECK_FALSE(parse_profile("atr = \"3B00\"\n[[load_files]]\nfile = \"a.cap\"\nverify = \"yes\"\n", "a.toml"));
  CHECK(again->applications == profile.applications);
  const auto named = parse_profile("atr = \"3B00\"\n[[load_files]]\nfile = \"a.cap\"\n", "a.toml");
  REQUIRE(named);
  CHECK(named->load_files.at(0).file == "a.cap");
  CHECK_FALSE(parse_profile("atr = \"3B00\"\n[[load_files]]\n", "a.toml"));
  CHECK_FALSE(parse_profile("atr = \"3B00\"\n[[load_files]]\nfile = \"a.cap\"\ncontent = \"00\"\n", "a.toml"));
}

TEST_CASE("java in a package: PE-Application with a load file and an instance, written and read (IF clause 8.7)") {
  NEEDS_APPLETS();
  Profile profile = with_applets();
  profile.applications.back().parameters.set("life_cycle", std::string("07"));
  const auto written = package::write_package(profile);
  REQUIRE(written);
  const auto read = package::read_package(written->package, "a.der");
  REQUIRE_MESSAGE(read, read.error().text);
  CHECK(read->profile.load_files == profile.load_files);
  const auto& application = read->profile.applications.back();
  CHECK(application.aid == profile.applications.back().aid);
  CHECK(application.parameters.text("install_parameters").value() == "C903000010");
  const auto image = build_image(read->profile, applet::builtin_modules());
  REQUIRE_MESSAGE(image, image.error().text);
  check_it_runs(*image);
}

TEST_CASE("java in a package: a load file whose import is missing is left out with its applications, by name") {
  NEEDS_APPLETS();
  Profile profile = with_applets();
  profile.load_files.erase(profile.load_files.begin());
  const auto written = package::write_package(profile);
  REQUIRE(written);
  const auto read = package::read_package(written->package, "a.der");
  REQUIRE(read);
  CHECK(read->profile.load_files.empty());
  std::string notices;
  for (const auto& notice : read->notices) notices += notice.text + "\n";
  CHECK(notices.find("load file " + kCard + " 1.0 is left out, with its applications: it imports " + kShared + " 1.0") !=
        std::string::npos);
  CHECK(notices.find("application " + kApplet + "99 is left out") != std::string::npos);
  CHECK(build_image(read->profile, applet::builtin_modules()));
}
