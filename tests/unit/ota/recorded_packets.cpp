// SPDX-License-Identifier: Apache-2.0
// Packets made by other implementations and by real cards: built equal and opened to what is in them.
#include "tests/unit/ota/packet_vectors.hpp"

using namespace uicclab;
using namespace uicclab::ota;
using namespace uicclab::test;

namespace {

constexpr const char* kFiles[] = {"ota_pysim.txt",  "ota_gsm0348.txt",  "ota_sja5.txt",
                                  "ota_worked.txt", "ota_onomondo.txt", "ota_matrix.txt"};

struct Loaded {
  std::string file;
  VectorSet set;
};

std::vector<Loaded> all_sets() {
  std::vector<Loaded> all;
  for (const char* file : kFiles) {
    for (VectorSet& set : load_vectors(file)) all.push_back({file, std::move(set)});
  }
  return all;
}

/// Octets of the CC in a packet, from its CHL or RHL.
std::size_t check_size(const Bytes& packet, std::size_t bare) {
  return packet.at(2) - bare;
}

}  // namespace

TEST_CASE("Command packets of others are built equal (TS 102 225 clause 5.1)") {
  std::size_t built_equal = 0;
  for (const auto& [file, set] : all_sets()) {
    if (!set.has("packet")) continue;
    CAPTURE(file);
    CAPTURE(set.text("id"));
    PacketVector vector(set);
    const Bytes packet = set.bytes("packet");
    const auto built = build_command({vector.header, vector.cntr, set.bytes("data")}, vector.keys,
                                     vector.header.spi.check() == Check::kCc ? check_size(packet, 13) : 8);
    REQUIRE(built);
    CHECK(to_hex(*built) == to_hex(packet));
    ++built_equal;
  }
  CHECK(built_equal == 41 + 21 + 4 + 14 + 5 + 42);
}

TEST_CASE("Command packets of others are opened, and a changed octet is noticed where something covers it") {
  std::size_t opened_right = 0;
  for (const auto& [file, set] : all_sets()) {
    if (!set.has("packet")) continue;
    CAPTURE(file);
    CAPTURE(set.text("id"));
    PacketVector vector(set);
    const Bytes packet = set.bytes("packet");
    const auto clear = ClearCommand::parse(packet);
    REQUIRE(clear);
    CHECK(clear->header == vector.header);
    const Spi& spi = clear->header.spi;
    ReceiverRules rules;
    rules.last = {vector.cntr.value == 0 ? 0 : vector.cntr.value - 1};
    const auto opened = open_command(*clear, vector.keys, rules);
    if (vector.cntr.value == 0 && spi.counter_mode() >= CounterMode::kHigher) {
      CHECK(opened.status == ResponseStatus::kCntrLow);  // a counter begins at 1
      continue;
    }
    REQUIRE(opened.status == ResponseStatus::kOk);
    CHECK(to_hex(opened.data) == set.text("data"));
    CHECK(opened.cntr == vector.cntr);
    CHECK(opened.authenticated == (spi.check() == Check::kCc));
    CHECK(opened.commit.has_value() == (spi.counter_mode() >= CounterMode::kHigher));
    ++opened_right;
    if (spi.check() == Check::kNone) continue;
    for (std::size_t at = 7; at < packet.size(); ++at) {
      Bytes changed = packet;
      changed[at] ^= 0x01;
      const auto changed_clear = ClearCommand::parse(changed);
      REQUIRE(changed_clear);
      const auto refused = open_command(*changed_clear, vector.keys, rules);
      CHECK(refused.status == ResponseStatus::kCheckFailed);
      CHECK(refused.data.empty());
      CHECK_FALSE(refused.commit);
    }
  }
  CHECK(opened_right == 127 - 9);
}

TEST_CASE("Response packets of real cards and other implementations are opened (TS 102 225 clause 5.2)") {
  std::size_t opened_right = 0;
  for (const auto& [file, set] : all_sets()) {
    if (!set.has("response")) continue;
    CAPTURE(file);
    CAPTURE(set.text("id"));
    PacketVector vector(set);
    const Bytes user_data = set.bytes("response");
    REQUIRE(to_hex(BytesView(user_data).first(3)) == "027100");
    const Bytes packet = to_bytes(BytesView(user_data).subspan(3));
    const auto response = parse_response(packet, vector.header.spi, vector.keys);
    if (set.has("response_fails")) {
      CHECK(response.error().code == ErrorCode::kMismatch);
      continue;
    }
    REQUIRE(response);
    CHECK(response->protected_as_asked);
    CHECK(static_cast<unsigned>(response->packet.status) == set.array<1>("status")[0]);
    CHECK(to_hex(response->packet.data) == (set.has("response_data") ? set.text("response_data") : ""));
    ++opened_right;
    if (vector.header.spi.por_check() == Check::kNone) continue;
    for (std::size_t at = 3; at < packet.size(); ++at) {
      Bytes changed = packet;
      changed[at] ^= 0x80;
      CHECK(parse_response(changed, vector.header.spi, vector.keys).error().code == ErrorCode::kMismatch);
    }
  }
  CHECK(opened_right == 8 + 4 + 14 + 4 + 42);
}

TEST_CASE("Response packets of others are built equal; the padding of one is a quirk") {
  std::size_t built_equal = 0;
  for (const auto& [file, set] : all_sets()) {
    if (!set.has("response") || set.has("response_fails")) continue;
    CAPTURE(file);
    CAPTURE(set.text("id"));
    PacketVector vector(set);
    const Bytes packet = to_bytes(BytesView(set.bytes("response")).subspan(3));
    const auto response = parse_response(packet, vector.header.spi, vector.keys);
    REQUIRE(response);
    Quirks quirks;
    if (file == "ota_onomondo.txt" && (vector.header.kic & 0x0F) == 0x02) quirks.first_padding = 0x80;
    const auto built = build_response(response->packet, vector.header.spi, &vector.keys,
                                      vector.header.spi.por_check() == Check::kCc ? check_size(packet, 10) : 8, quirks);
    REQUIRE(built);
    CHECK(to_hex(*built) == to_hex(packet));
    ++built_equal;
  }
  CHECK(built_equal == 8 + 4 + 14 + 4 + 42);
}

TEST_CASE("The way of a worked example through the card: opened, refused when it comes again, answered with the same octets") {
  std::size_t answered = 0;
  for (const VectorSet& set : load_vectors("ota_worked.txt")) {
    CAPTURE(set.text("id"));
    PacketVector vector(set);
    const Bytes packet = set.bytes("packet");
    const auto clear = ClearCommand::parse(packet);
    REQUIRE(clear);
    const auto status = static_cast<ResponseStatus>(set.array<1>("status")[0]);
    OpenedCommand opened;
    if (status == ResponseStatus::kTarUnknown) {
      opened = refuse_command(*clear, status);
    } else {
      ReceiverRules rules;
      // The replayed command finds its own counter committed.
      rules.last = status == ResponseStatus::kCntrLow ? vector.cntr : Cntr{vector.cntr.value == 0 ? 0 : vector.cntr.value - 1};
      opened = open_command(*clear, vector.keys, rules);
    }
    CHECK(opened.status == status);
    REQUIRE(opened.answer);
    const Bytes data = set.has("response_data") ? set.bytes("response_data") : Bytes();
    const auto answer = answer_command(*clear, opened, opened.status, data, &vector.keys);
    REQUIRE(answer);
    CHECK("027100" + to_hex(*answer) == set.text("response"));
    ++answered;
  }
  CHECK(answered == 14);
}
