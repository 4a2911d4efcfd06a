// SPDX-License-Identifier: Apache-2.0
// An application that unwraps its commands itself, by its security domain's channel, as applets on GlobalPlatform's Card API do
// (org.globalplatform.SecureChannel): GP clauses 7.3.2 and 10; Amd D clauses 6.2 and 7.1.
#include "applet/api/secure_channel.hpp"
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

const std::string kFile = "F0756963636B", kModule = "F0756963636BF1", kInstance = "F0756963636B01";

struct Seen {
  Bytes command;                      ///< data of the last command as it came
  std::optional<std::uint8_t> level;  ///< of the channel, before the command; nothing without one
};

/// Every command that is secured is unwrapped, its data turned round and protected again. Others answer the level of the channel.
class Turning final : public applet::Applet {
 public:
  explicit Turning(Seen& seen) : m_seen(seen) {}
  StatusWord process(applet::Context& context, const apdu::Command& command, Bytes& out) override {
    if (command.ins == scp03::ins::kInitializeUpdate || command.ins == scp03::ins::kExternalAuthenticate) {
      return context.process_security(command, out);
    }
    applet::SecureChannel* const channel = context.secure_channel();
    m_seen.command = to_bytes(command.data);
    m_seen.level = channel != nullptr ? std::optional(channel->level()) : std::nullopt;
    if (!apdu::is_secured(command.cla)) return sw::kOk;
    if (channel == nullptr) return sw::kConditionsNotSatisfied;
    const auto plain = channel->unwrap(command);
    if (!plain) return plain.error();
    out.assign(plain->data.rbegin(), plain->data.rend());
    channel->wrap(out, sw::kOk);
    return sw::kOk;
  }

 private:
  Seen& m_seen;
};

class TurningModule final : public applet::Module {
 public:
  TurningModule(Seen& seen, bool jcre) : m_seen(seen), m_jcre(jcre) {}
  std::string_view name() const override { return "turning"; }
  Aid load_file_aid() const override { return *Aid::from(*from_hex(kFile)); }
  Aid module_aid() const override { return *Aid::from(*from_hex(kModule)); }
  Result<applet::InitialObjects> personalise(const applet::Parameters& /*parameters*/) const override { return applet::InitialObjects{}; }
  bool follows_jcre() const override { return m_jcre; }
  bool unwraps_itself() const override { return true; }
  std::unique_ptr<applet::Applet> make() const override { return std::make_unique<Turning>(m_seen); }

 private:
  Seen& m_seen;
  bool m_jcre;
};

DomainOptions with(Seen& seen, bool jcre) {
  DomainOptions options;
  options.more_modules.push_back(std::make_shared<const TurningModule>(seen, jcre));
  return options;
}

struct Stage {
  explicit Stage(bool jcre) : m(with(seen, jcre)) {
    REQUIRE(m.open().empty());
    REQUIRE(m.manage("E60C00", install(kFile, kModule, kInstance, "00", "C900")) == "009000");
  }
  std::string open() { return m.open(scp03::Level::kAll, kTestKey, 0x30, kInstance); }

  Seen seen;
  Management m;
};

}  // namespace

TEST_CASE("A module that unwraps commands itself gets them wrapped, and protects its own answer (Amd D clause 6.2)") {
  for (const bool jcre : {false, true}) {
    CAPTURE(jcre);
    Stage s(jcre);
    REQUIRE(s.open().empty());
    CHECK(s.m.send("800400000301020300") == "0302019000");
    CHECK(s.seen.command.size() == 16 + 8);  // one block and the C-MAC
    CHECK(s.seen.level == scp03::Level::kAll.value());
    CHECK(s.m.send("8004000002AABB00") == "BBAA9000");  // the MAC chain goes on
  }
}

TEST_CASE("A wrong MAC ends the session of a module that unwraps itself, and what follows is refused (Amd D clause 6.2.4)") {
  for (const bool jcre : {false, true}) {
    CAPTURE(jcre);
    Stage s(jcre);
    REQUIRE(s.open().empty());
    CHECK(s.m.plain("8404000010000102030405060708090A0B0C0D0E0F") == "6982");
    CHECK(s.m.plain("80040000") == "9000");
    CHECK(s.seen.level == 0);
    CHECK(s.m.send("800400000301020300") != "0302019000");
  }
}

TEST_CASE("Its secure channel belongs only to the selected instance: a selection ends it (GP clause 10.2.3)") {
  for (const bool jcre : {false, true}) {
    CAPTURE(jcre);
    Stage s(jcre);
    REQUIRE(s.open().empty());
    REQUIRE(s.m.select(kIssuer).ends_with("9000"));
    REQUIRE(s.m.select(kInstance) == "9000");
    CHECK(s.m.plain("80040000") == "9000");
    CHECK_FALSE(s.seen.level);
    CHECK(s.m.plain("840400000801020304050607 08") == "6985");
  }
}
