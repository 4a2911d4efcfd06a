// SPDX-License-Identifier: Apache-2.0
// Packets made and answered by others, through a card that has their keys, TARs and files: the same responses, octet for octet, where the
// files are the same (tests/vectors/ota_*.txt say who made them).
#include "tests/support/vector_file.hpp"
#include "tests/unit/remote/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using namespace uicclab::emulator;

namespace {

/// The default card with the keys of a set under every version it names, all packets allowed, and files of the makers.
profile::Profile profile_for(const VectorSet& set) {
  profile::Profile profile = profile::default_profile().value();
  profile.identity.imsi = "001010123456063";
  profile.identity.iccid = "89000123456789012341";
  profile.remote.policy.short_cmac = true;
  profile::FileSpec file;
  file.path = "ADF.USIM/6FFB";
  file.header.size = 200;
  file.header.security = {SecurityAttributes::Form::kReferenced, hex("6F0602")};
  profile.files.push_back(file);
  for (profile::ApplicationSpec& application : profile.applications) {
    if (application.module == "rfm") application.parameters.set("minimum_security", std::string("00"));
    if (application.label == "RFM USIM") application.parameters.set("tars", std::string("B00140 B00143 B00011"));
    if (application.module != "issuer-sd" || !set.has("kic_key")) continue;
    applet::Parameters parameters;
    for (const auto& [name, value] : application.parameters.all()) {
      if (!name.starts_with("keys.0")) parameters.set(name, value);
    }
    const std::uint8_t kic = set.array<1>("kic")[0];
    const std::string version = "keys.0" + std::to_string(kic >> 4) + ".";
    if ((kic & 0x0F) != 0x02) parameters.set(version + "type", std::string("des"));
    parameters.set(version + "kic", set.text("kic_key"));
    parameters.set(version + "kid", set.text("kid_key"));
    application.parameters = parameters;
  }
  return profile;
}

/// The envelopes that bring the packet of a set.
std::vector<Bytes> envelopes(Platform& p, const VectorSet& set) {
  if (set.has("envelope")) return {set.bytes("envelope")};
  std::vector<Bytes> out;
  for (const ota::UserData& part : p.parts(set.bytes("packet"))) {
    out.push_back(ota::SmsPpDownload{hex("9194710700F0"), Platform::message(part).build().value(), {}}.build());
  }
  return out;
}

Told play(Platform& p, const VectorSet& set) {
  const auto spi = set.array<2>("spi");
  p.spi = {spi[0], spi[1]};
  // The bench would read the response with its own keys: what is compared here is its octets.
  Told told;
  for (const Bytes& envelope : envelopes(p, set)) {
    apdu::Command command;
    command.cla = 0x80;
    command.ins = 0xC2;
    command.data = envelope;
    command.le = 256;
    const auto answer = apdu::parse_response(p.card.transmit(apdu::encode(command)).value()).value();
    told = {answer.status, answer.data, {}};
  }
  return told;
}

}  // namespace

TEST_CASE("worked examples of an independent implementation: the card answers with the same octets") {
  std::size_t compared = 0;
  for (const VectorSet& set : load_vectors("ota_worked.txt")) {
    CAPTURE(set.text("id"));
    if (set.text("id").starts_with("ram_")) continue;  // what it answers depends on the registry
    Platform p(image_of(profile_for(set)));
    Told told = play(p, set);
    if (set.text("status") == "02") told = play(p, set);
    Bytes response = told.report;
    if (p.spi.por_by_submit()) {
      const auto message = p.fetch();
      REQUIRE(message);
      CHECK(to_hex(message->build().value()) == set.text("submit"));
      response = message->body.user_data;
    }
    CHECK(to_hex(response) == set.text("response"));
    ++compared;
  }
  CHECK(compared == 13);
}

TEST_CASE("packets of a public card emulator: the same octets, apart from those of an FCP, with its padding") {
  std::size_t compared = 0;
  for (const VectorSet& set : load_vectors("ota_onomondo.txt")) {
    CAPTURE(set.text("id"));
    if (!set.has("response")) continue;
    profile::Profile profile = profile_for(set);
    profile.identity.imsi = "001010000000001";
    profile.remote.quirks.first_padding = (set.array<1>("kic")[0] & 0x0F) == 0x02 ? 0x80 : 0x00;
    Platform p(image_of(profile));
    const Told told = play(p, set);
    Bytes response = told.report;
    if (p.spi.por_by_submit()) response = p.fetch().value().body.user_data;
    if (set.text("response_data").starts_with("0161")) {
      CHECK(response.size() == set.bytes("response").size());
      continue;
    }
    CHECK(to_hex(response) == set.text("response"));
    ++compared;
  }
  CHECK(compared >= 3);
}

TEST_CASE("packets to real sysmoISIM-SJA5 cards: the same form of response; only the length of the MF's FCP is our own") {
  std::size_t compared = 0;
  for (const VectorSet& set : load_vectors("ota_sja5.txt")) {
    CAPTURE(set.text("id"));
    Platform p(image_of(profile_for(set)));
    const Told told = play(p, set);
    const Bytes expected = set.bytes("response");
    REQUIRE(told.report.size() == expected.size());
    const std::uint8_t kic = set.array<1>("kic")[0];
    const auto key = [&](const char* name) { return (kic & 0x0F) == 0x02 ? aes_key(set.text(name)) : des_key(set.text(name)); };
    ota::PacketKeys keys(kic, set.array<1>("kid")[0], {key("kic_key"), key("kid_key")});
    const auto ours = ota::parse_response(BytesView(told.report).subspan(3), p.spi, keys);
    const auto theirs = ota::parse_response(BytesView(expected).subspan(3), p.spi, keys);
    REQUIRE(ours);
    REQUIRE(theirs);
    CHECK(ours->packet.status == theirs->packet.status);
    CHECK(ours->packet.cntr == theirs->packet.cntr);
    CHECK(ours->packet.tar == theirs->packet.tar);
    CHECK(to_hex(BytesView(ours->packet.data).first(2)) == to_hex(BytesView(theirs->packet.data).first(2)));
    CHECK(ours->protected_as_asked == theirs->protected_as_asked);
    ++compared;
  }
  CHECK(compared == 4);
}
