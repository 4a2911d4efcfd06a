// SPDX-License-Identifier: Apache-2.0
// A card with applets of tests/java, which the build has converted.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>

#include "applet/java/module.hpp"
#include "gp/host/load_file.hpp"
#include "tests/unit/issuer_sd/commands.hpp"

namespace uicclab::test {

inline const std::string kShared = "F0756963A0";  // tests/java/shared
inline const std::string kCard = "F0756963A1";    // tests/java/card
inline const std::string kApplet = "F0756963A101";
inline const std::string kSecond = "F0756963A2";  // the same classes in another package
inline const std::string kSecondApplet = "F0756963A201";

/// Without a Java compiler there are no applets, and these cases are left out.
inline bool has_applets() {
  return std::filesystem::exists(UICCLAB_JAVA_APPLETS "/card.cap");
}
#define NEEDS_APPLETS()                                                  \
  if (!has_applets()) {                                                  \
    MESSAGE("skipped: no applets, as there was no javac to build them"); \
    return;                                                              \
  }

/// Components for LOAD: "card".
inline Bytes components(const std::string& name) {
  std::ifstream in(UICCLAB_JAVA_APPLETS "/" + name + ".cap", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  auto file = gp::host::LoadFile::read(as_bytes(text));
  REQUIRE(file);
  return file->components();
}

inline DomainOptions with_java(DomainOptions options = {}) {
  if (!options.more_modules.managed) options.more_modules.managed = applet::java::java_code();
  return options;
}

struct Stage {
  explicit Stage(const DomainOptions& options = {}, Protocol protocol = Protocol::kT1) : m(with_java(options), protocol) { open(); }
  /// A card as another one has left it.
  explicit Stage(std::shared_ptr<const emulator::CardImage> image) : m(std::move(image)) {}

  void open() { REQUIRE(m.open().empty()); }
  std::string load_file(const std::string& aid, const std::string& name) {
    const std::string may = m.manage("E60200", lv(aid) + "00000000");
    return may == "009000" ? load(m, load_blocks(components(name))) : may;
  }
  /// The library and the package of Card.
  void load_all() {
    REQUIRE(load_file(kShared, "shared") == "009000");
    REQUIRE(load_file(kCard, "card") == "009000");
  }
  std::string install_it(const std::string& aid = kApplet, const std::string& parameters = "C900", const std::string& package = kCard,
                         const std::string& module = kApplet) {
    return m.manage("E60C00", install(package, module, aid, "000000", parameters));
  }
  std::string remove(const std::string& aid, bool related = false) { return m.manage(related ? "E40080" : "E40000", "4F" + lv(aid)); }
  /// Ends the session with the domain and selects the applet; the answer.
  std::string select(const std::string& aid = kApplet) {
    m.port.close();
    return m.select(aid);
  }
  /// An instruction of Card to the applet that is selected.
  std::string ask(const std::string& ins, const std::string& p1p2 = "0000", const std::string& data = "") {
    return m.plain("80" + ins + p1p2 + (data.empty() ? "00" : lv(data) + "00"));
  }
  std::uint32_t free_memory() const { return const_cast<Stage*>(this)->m.terminal.card.session()->free_memory(); }

  Management m;
};

}  // namespace uicclab::test
