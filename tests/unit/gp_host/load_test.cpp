// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cap_maker.hpp"
#include "tests/unit/gp_host/bench.hpp"

using namespace uicclab;
using namespace uicclab::test;
using namespace uicclab::gp::host;
using scp03::Level;

namespace {

constexpr std::uint8_t kInsLoad = 0xE8;

/// A load file of about this many bytes: its method component is as long as it takes.
LoadFile load_file(std::size_t size = 600) {
  const CapMaker maker;
  auto parts = maker.contents();
  parts[7].resize(std::max(size, parts[7].size()));
  parts[2] = CapMaker::directory(parts);
  auto file = LoadFile::read(CapMaker::join(parts));
  REQUIRE_MESSAGE(file, file.error().text);
  return *std::move(file);
}

const Aid kPackage = *Aid::from("F07569636301"_h);

bool on_card(Client& client) {
  const auto registry = client.manager.registry();
  REQUIRE(registry);
  return std::ranges::find(registry->entries, kPackage, &gp::RegistryEntry::aid) != registry->entries.end();
}

}  // namespace

TEST_CASE("host load: blocks are as long as level and mode let them be (GP clause 11.6.2.3, Amd D clause 6.2.6)") {
  struct Row {
    int i;
    scp03::SecurityLevel level;
    std::size_t largest;
  };
  for (const Row& row :
       {Row{0x70, Level::kAuthenticated, 255}, Row{0x70, Level::kCMac, 247}, Row{0x70, Level::kCMacRMac, 247},
        Row{0x70, Level::kCMacCEnc, 239}, Row{0x70, Level::kAll, 239}, Row{0x71, Level::kCMac, 239}, Row{0x71, Level::kAll, 223}}) {
    CAPTURE(row.i);
    CAPTURE(row.level.value());
    DomainOptions card;
    card.i = static_cast<std::uint8_t>(row.i);
    Manager::Options options;
    options.level = row.level;
    Client client(card, options);
    REQUIRE(client.open().empty());
    CHECK(client.manager.max_command_data() == row.largest);
    std::vector<std::size_t> steps;
    std::size_t all = 0;
    const auto loaded = client.manager.load(load_file(2000), {}, [&](std::size_t done, std::size_t total) {
      steps.push_back(done);
      all = total;
      return true;
    });
    CHECK(text_of(loaded).empty());
    CHECK(all == (load_file(2000).components().size() + 4 + row.largest - 1) / row.largest);
    CHECK(steps.size() == all + 1);
    CHECK(client.between.count(kInsLoad) == all);
    CHECK(on_card(client));
    CHECK(client.manager.remove(kPackage, false));
    CHECK_FALSE(on_card(client));
  }
}

TEST_CASE("host load: a smaller block size is kept, the longest command data of the FCI too (GP clause 11.9.3.1)") {
  Manager::Options options;
  options.level = Level::kAll;
  Client client({}, options);
  REQUIRE(client.open().empty());
  Manager::Load how;
  how.block_size = 50;
  CHECK(client.manager.load(load_file(2000), how, nullptr));
  CHECK(client.between.count(kInsLoad) == (load_file(2000).components().size() + 4 + 49) / 50);

  client.between.bend = [](const Bytes& command, Bytes& answer) {
    if (command[1] != 0xA4) return;
    const auto at = std::ranges::search(answer, "9F6501FF"_h);
    REQUIRE(!at.empty());
    at[3] = 0x80;
  };
  REQUIRE(client.manager.connect());
  client.between.bend = nullptr;
  REQUIRE(client.open().empty());
  CHECK(client.manager.max_command_data() == 111);  // 128 less the MAC, in whole blocks, less the padding
}

TEST_CASE("host load: more than 256 blocks are refused before anything is sent (GP clause 11.6.2.2)") {
  Client client;
  REQUIRE(client.open().empty());
  const std::size_t sent = client.between.commands.size();
  Manager::Load how;
  how.block_size = 7;
  CHECK(contains(text_of(client.manager.load(load_file(2000), how, nullptr)), "Nothing was sent"));
  CHECK(client.between.commands.size() == sent);
}

TEST_CASE("host load: hashes are right, and a DAP comes before the components (GP clauses 11.5.2.3.1, C.3)") {
  for (const LoadHash hash : {LoadHash::kSha1, LoadHash::kSha256}) {
    Client client;
    REQUIRE(client.open().empty());
    Manager::Load how;
    how.hash = hash;
    CHECK(text_of(client.manager.load(load_file(), how, nullptr)).empty());
  }
  Client client;
  REQUIRE(client.open().empty());
  Manager::Load how;
  how.daps.push_back({*Aid::from("A000000151000000"_h), Bytes(128, 0x5A)});
  const std::string text = text_of(client.manager.load(load_file(), how, nullptr));
  CHECK(contains(text, "6A80"));  // a DAP without the hash that it signs
  CHECK(contains(text, "Nothing of load file F07569636301 is left on the card"));
  const Bytes whole = encode_load_file("0102"_h, how.daps);
  CHECK(to_hex(whole).starts_with("E2818D4F08A000000151000000C381805A5A"));
  CHECK(to_hex(whole).ends_with("5AC4020102"));
}

TEST_CASE("host load: after a stop, refusal or removal nothing remains on the card, and the message says so (GP clause 9.3.5)") {
  SUBCASE("stopped by the user") {
    Client client;
    REQUIRE(client.open().empty());
    const auto loaded = client.manager.load(load_file(2000), {}, [](std::size_t done, std::size_t) { return done < 3; });
    CHECK(contains(text_of(loaded), "stopped before block 4"));
    CHECK(contains(text_of(loaded), "Nothing of load file F07569636301 is left on the card"));
    CHECK(client.between.count(kInsLoad) == 3);
    CHECK_FALSE(on_card(client));
    CHECK(text_of(client.manager.load(load_file(2000), {}, nullptr)).empty());
  }
  SUBCASE("the card was pulled out at a block, and is there again: a new session looks") {
    for (std::size_t at : {0U, 1U, 4U}) {
      Client client;
      REQUIRE(client.open().empty());
      std::size_t block = 0;
      client.between.lost = [&](const Bytes& command) { return command[1] == kInsLoad && block++ == at; };
      const std::string text = text_of(client.manager.load(load_file(2000), {}, nullptr));
      CHECK(contains(text, "block " + std::to_string(at + 1) + " of"));
      CHECK(contains(text, "the card was pulled out"));
      CHECK(contains(text, "Nothing of load file F07569636301 is left on the card"));
      CHECK(client.between.resets == 1);
      CHECK(client.told.size() == 2);
      CHECK(text_of(client.manager.load(load_file(2000), {}, nullptr)).empty());
    }
  }
  SUBCASE("the card stays away") {
    Client client;
    REQUIRE(client.open().empty());
    bool gone = false;
    client.between.lost = [&](const Bytes& command) { return gone = gone || command[1] == kInsLoad; };
    const std::string text = text_of(client.manager.load(load_file(2000), {}, nullptr));
    CHECK(contains(text, "is not known (the card was pulled out): look with 'gp list', remove it with 'gp delete F07569636301'"));
  }
  SUBCASE("a card that keeps the half: it is deleted") {
    Manager::Options options;
    options.level = Level::kCMac;
    Client client({}, options);
    REQUIRE(client.open().empty());
    std::size_t block = 0;
    client.between.bend = [&](const Bytes& command, Bytes& answer) {
      if (command[1] == kInsLoad && ++block == 2) answer = {0x65, 0x81};
      if (command[1] == 0xF2) answer = to_bytes("E30C 4F06F07569636301 9F700101 9000"_h);
      if (command[1] == 0xE4) answer = {0x00, 0x90, 0x00};
    };
    const std::string text = text_of(client.manager.load(load_file(2000), {}, nullptr));
    CHECK(contains(text, "6581: memory problem"));
    CHECK(contains(text, "was half on the card and has been deleted"));
    CHECK(client.between.count(0xE4) == 1);
  }
  SUBCASE("a load file that was there before is not touched") {
    Client client;
    REQUIRE(client.open().empty());
    CHECK(text_of(client.manager.load(load_file(), {}, nullptr)).empty());
    CHECK(contains(text_of(client.manager.load(load_file(), {}, nullptr)), "INSTALL [for load] answered 6985"));
    CHECK(client.between.count(0xE4) == 0);
    CHECK(on_card(client));
  }
}
