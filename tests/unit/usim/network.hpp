// SPDX-License-Identifier: Apache-2.0
// The other side of a USIM in tests: a subscriber's profile, an instance on a fake card, and the home network that knows the same keys.
#pragma once

#include <doctest/doctest.h>

#include "applet/aka/slots.hpp"
#include "applet/builtin.hpp"
#include "core/crypto/milenage.hpp"
#include "tests/support/fake_context.hpp"

namespace uicclab::test {

inline constexpr std::uint8_t kPin = 0x01;
inline constexpr auto kUst = "6F38"_h;
inline constexpr auto kIst = "6F07"_h;
inline constexpr auto kUsimGbabp = "6FD6"_h;
inline constexpr auto kUsimGbanl = "6FDA"_h;

/// A service table with these services, as long as the longest needs.
inline Bytes services(std::initializer_list<unsigned> numbers) {
  Bytes table(17, 0x00);
  for (unsigned number : numbers) table[(number - 1) / 8] |= static_cast<std::uint8_t>(1U << ((number - 1) % 8));
  return table;
}

/// K and OPc of TS 35.208 test set 1 with no limit to jumps, so that any SQN of the vectors is near enough.
inline applet::Parameters milenage_parameters() {
  applet::Parameters parameters;
  parameters.set("algorithm", "milenage");
  parameters.set("k", "465B5CE8B199B49FAA5F0A2EE238A6BC");
  parameters.set("opc", "CD63CB71954A9F4E48A5994E37A02BAF");
  parameters.set("sqn.delta", std::int64_t{0});
  return parameters;
}

inline const applet::Module& module_named(std::string_view name) {
  static const applet::ModuleCatalogue catalogue = applet::builtin_modules();
  for (const auto& entry : catalogue) {
    if (entry->name() == name) return *entry;
  }
  throw std::invalid_argument("no module " + std::string(name));
}

/// One instance with its card. The PIN is verified; EF_UST has services 27, 38 and 68; EF_GBABP has room, EF_GBANL three records.
struct Instance {
  explicit Instance(const applet::Parameters& parameters = milenage_parameters(), std::string_view name = "usim")
      : context(module_named(name).personalise(parameters).value()), applet(module_named(name).make()) {
    context.satisfy(kPin);
    context.tree().add(kUst, services({27, 38, 68}));
    context.tree().add(kUsimGbabp, Bytes(72, 0xFF));
    context.tree().add_records(kUsimGbanl, {3, Bytes(80, 0xFF)});
  }

  apdu::Response run(BytesView command) { return context.run(*applet, command); }
  StatusWord status(BytesView command) { return run(command).status; }
  /// Off and on: only what is persistent stays.
  void power_cycle(std::string_view name = "usim") { applet = module_named(name).make(); }

  FakeContext context;
  std::unique_ptr<applet::Applet> applet;
};

inline Bytes authenticate(std::uint8_t p2, BytesView data, std::uint8_t p1 = 0x00) {
  apdu::Command command;
  command.ins = 0x88;
  command.p1 = p1;
  command.p2 = p2;
  command.data = data;
  command.le = 256;
  return apdu::encode(command);
}

inline Bytes lv(BytesView value) {
  return concat({std::array{static_cast<std::uint8_t>(value.size())}, value});
}

/// AUTHENTICATE in the 3G context.
inline Bytes challenge(BytesView rand, BytesView autn) {
  return authenticate(0x81, concat({lv(rand), lv(autn)}));
}

/// The home network of milenage_parameters().
inline crypto::Milenage home_network() {
  const auto secret = [](BytesView bytes) { return crypto::SecretBytes(bytes); };
  return crypto::Milenage::from(secret("465B5CE8B199B49FAA5F0A2EE238A6BC"_h), secret("CD63CB71954A9F4E48A5994E37A02BAF"_h)).value();
}

inline constexpr crypto::Rand kRand = {0x23, 0x55, 0x3C, 0xBE, 0x96, 0x37, 0xA8, 0x9D, 0x21, 0x8A, 0xE6, 0x4D, 0xAE, 0x47, 0xBF, 0x35};
inline constexpr crypto::Amf kAmf = {0x80, 0x00};

inline crypto::Sqn to_sqn(std::uint64_t number) {
  crypto::Sqn sqn;
  for (std::size_t i = sqn.size(); i-- > 0; number >>= 8) sqn[i] = static_cast<std::uint8_t>(number);
  return sqn;
}

/// A challenge of the home network with this sequence number.
inline Bytes fresh_challenge(std::uint64_t sqn, const crypto::Rand& rand = kRand) {
  crypto::Milenage network = home_network();
  return challenge(rand, crypto::make_autn(network, rand, to_sqn(sqn), kAmf));
}

}  // namespace uicclab::test
