// SPDX-License-Identifier: Apache-2.0
// Services between applications of a card (applet/api/service.hpp): who is asked, in which order, and in whose context.
#include <doctest/doctest.h>

#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using applet::ServiceId;

namespace {

constexpr std::string_view kClient = "F0756963637301";
constexpr std::string_view kStranger = "F0756963637302";
constexpr std::string_view kFirst = "F0756963637303";
constexpr std::string_view kSecond = "F0756963637304";

/// INS 01: asks for a NAF key with the data as NAF_Id. INS 02: object 1 of this application. A server gives keys to the client alone, each
/// once, and counts in its own object 1; one whose AID ends in 03 knows NAF_Ids that begin with 03.
class ServiceApplet final : public applet::Applet, private applet::NafKeys {
 public:
  StatusWord process(applet::Context& context, const apdu::Command& command, Bytes& out) override {
    if (command.ins == 0x02) {
      append(out, context.load(applet::Slot{1}).value_or(BytesView{}));
      return sw::kOk;
    }
    if (command.ins != 0x01) return sw::kInsNotSupported;
    const bool found = applet::use_service<applet::NafKeys>(context, [&](applet::NafKeys& keys, applet::Context& server) {
      const auto key = keys.take_naf_key(server, command.data);
      if (key) append(out, server.aid().bytes());
      return key.has_value();
    });
    return found ? sw::kOk : sw::kReferencedDataNotFound;
  }
  applet::Service* service(const Aid& client, ServiceId id) override {
    const bool gives = id == ServiceId::kNafKeys && equal(client.bytes(), *from_hex(kClient));
    return gives ? static_cast<applet::NafKeys*>(this) : nullptr;
  }

 private:
  std::optional<crypto::SecretBytes> take_naf_key(applet::Context& own, BytesView naf_id) override {
    if (naf_id.empty() || naf_id.front() != own.aid().bytes().back()) return std::nullopt;
    own.store(applet::Slot{1}, naf_id);
    return crypto::SecretBytes(to_bytes(own.aid().bytes()));
  }
};

class ServiceModule final : public applet::Module {
 public:
  std::string_view name() const override { return "service"; }
  Aid load_file_aid() const override { return *Aid::from("F07569636373"_h); }
  Aid module_aid() const override { return *Aid::from("F07569636373F1"_h); }
  Result<applet::InitialObjects> personalise(const applet::Parameters& /*parameters*/) const override { return applet::InitialObjects{}; }
  std::unique_ptr<applet::Applet> make() const override { return std::make_unique<ServiceApplet>(); }
};

std::shared_ptr<const CardImage> image() {
  CardSettings settings;
  settings.name = "services";
  settings.atr = to_bytes("3B9F968091FE1F878031E073FE215F67756963636C6162C8"_h);
  settings.free_memory = 10000;
  CardImageBuilder builder(settings);
  builder.add_file(test::make_file(FileKind::kMf, 0x3F00, kMfId, 1), {});
  const auto module = std::make_shared<const ServiceModule>();
  for (const std::string_view aid : {kClient, kStranger, kFirst, kSecond}) {
    builder.add_instance({*Aid::from(*from_hex(aid)), "", module, std::nullopt});
  }
  return builder.build().value();
}

}  // namespace

TEST_CASE("a service: each application that has it is asked until one has what is wanted, in its own context (JCRE 3.1 clause 6.2.4)") {
  test::Terminal t(image(), Protocol::kT1);
  const auto select = [&](std::string_view aid) { REQUIRE(t.send("00A4040C07" + std::string(aid)) == "9000"); };
  select(kClient);
  CHECK(t.send("0001000001 04 00") == std::string(kSecond) + "9000");
  CHECK(t.send("0001000001 03 00") == std::string(kFirst) + "9000");
  CHECK(t.send("0001000001 05 00") == "6A88");
  CHECK(t.send("0002000000") == "9000");  // nothing of it is the client's
  select(kFirst);
  CHECK(t.send("0002000000") == "039000");
  select(kSecond);
  CHECK(t.send("0002000000") == "049000");
}

TEST_CASE("a service is for whom the server gives it to") {
  test::Terminal t(image(), Protocol::kT1);
  REQUIRE(t.send("00A4040C07" + std::string(kStranger)) == "9000");
  CHECK(t.send("0001000001 03 00") == "6A88");
}
