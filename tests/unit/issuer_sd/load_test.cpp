// SPDX-License-Identifier: Apache-2.0
// LOAD: what enters the registry, what is refused, and that nothing half loaded stays (GP clauses 9.3.5, 11.6).
#include "core/crypto/hash.hpp"
#include "jcvm/packages/package.hpp"
#include "store/sqlite_store.hpp"
#include "tests/support/cap_maker.hpp"
#include "tests/support/failing_disk.hpp"
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

TEST_CASE("LOAD: a CAP file is registered with its modules and deleted again; its code cannot be run (GP clause 11.6)") {
  Management m;
  const CapMaker cap;
  const Bytes file = cap.build();
  for (const auto& level : {scp03::Level::kCMac, scp03::Level::kAll}) {
    REQUIRE(m.open(level).empty());
    const std::string before = m.send("80CAFF2100");
    CHECK(m.manage("E60200", lv(cap.package) + "00000000") == "009000");
    CHECK(load(m, load_blocks(file)) == "009000");
    const auto loaded = entry(m, cap.package, gp::StatusOf::kLoadFilesAndModules);
    REQUIRE(loaded);
    CHECK(to_hex(loaded->modules.front().bytes()) == cap.applet);
    CHECK(to_hex(loaded->version) == "0100");
    CHECK(m.send("80CAFF2100") != before);
    CHECK(m.manage("E60200", lv(cap.package) + "00000000") == "6985");  // there already
    CHECK(m.manage("E60C00", install(cap.package, cap.applet, cap.applet, "000000")) == "6A81");
    m.reset();
    REQUIRE(m.open(level).empty());
    CHECK(entry(m, cap.package, gp::StatusOf::kLoadFiles));
    CHECK(m.manage("E40080", "4F" + lv(cap.package)) == "009000");
    CHECK_FALSE(entry(m, cap.package, gp::StatusOf::kLoadFiles));
    CHECK(m.send("80CAFF2100") == before);
  }
}

TEST_CASE("LOAD: what a load file imports must be there, of the same major version and no lower minor one (JCVM clauses 4.5.2 and 6.7)") {
  Management m;
  REQUIRE(m.open().empty());
  const std::string before = m.send("80CAFF2100");
  const auto load_with = [&](const std::string& package, const std::string& imports) {
    CapMaker maker;
    maker.package = package;
    maker.applet = package + "01";
    auto parts = maker.contents();
    parts[4] = *from_hex(imports);
    Bytes directory = CapMaker::directory(parts);
    directory[directory.size() - 3] = parts[4][0];
    parts[2] = directory;
    REQUIRE(m.manage("E60200", lv(package) + "00000000") == "009000");
    return load(m, load_blocks(CapMaker::join(parts)));
  };
  const std::string library = "F0756963639901";
  const std::string user = "F0756963639902";
  const std::string framework = "0301" + lv("A0000000620101");  // 1.3
  const std::string of_library = lv(library);
  for (const std::string& wrong : {
           "01"
           "0001" +
               of_library,  // not there
           "01"
           "7F01" +
               lv("A0000000620101"),  // a minor version that no card has
           "01"
           "0002" +
               lv("A0000000620101"),  // another major one
           "01"
           "0001" +
               lv("A00000006201"),  // an AID that only begins so
           "02" + framework + "0001" + of_library,
       }) {
    CAPTURE(wrong);
    CHECK(load_with(user, wrong) == "6A80");
    CHECK_FALSE(entry(m, user, gp::StatusOf::kLoadFiles));
  }
  REQUIRE(load_with(library, "01" + framework) == "009000");  // 1.0
  CHECK(load_with(user, "02" + framework + "0101" + of_library) == "6A80");
  CHECK(load_with(user, "02" + framework + "0002" + of_library) == "6A80");
  REQUIRE(load_with(user, "02" + framework + "0001" + of_library) == "009000");

  // DELETE of what another imports (GP clause 9.5.2).
  CHECK(m.manage("E40000", "4F" + of_library) == "6985");
  CHECK(m.manage("E40080", "4F" + of_library) == "6985");
  CHECK(entry(m, library, gp::StatusOf::kLoadFiles));
  m.reset();
  REQUIRE(m.open().empty());
  CHECK(m.manage("E40000", "4F" + of_library) == "6985");
  CHECK(m.manage("E40000", "4F" + lv(user)) == "009000");
  CHECK(m.manage("E40000", "4F" + of_library) == "009000");
  CHECK(m.send("80CAFF2100") == before);
}

TEST_CASE("DELETE of a domain with its load files: not while one of another domain imports them (GP clause 9.5.2)") {
  Management m;
  REQUIRE(m.open().empty());
  const auto load_into = [&](const std::string& package, const std::string& domain, const std::string& imports) {
    CapMaker maker;
    maker.package = package;
    maker.applet = package + "01";
    auto parts = maker.contents();
    parts[4] = *from_hex("01" + imports);
    parts[2] = CapMaker::directory(parts);
    REQUIRE(m.manage("E60200", lv(package) + lv(domain) + "000000") == "009000");
    REQUIRE(load(m, load_blocks(CapMaker::join(parts))) == "009000");
  };
  const std::string library = "F0756963639901";
  const std::string user = "F0756963639902";
  const std::string domain(kDomain);
  REQUIRE(m.manage("E60C00", install_domain(domain)) == "009000");
  load_into(library, domain, "0301" + lv("A0000000620101"));
  load_into(user, "", "0001" + lv(library));
  CHECK(m.manage("E40080", "4F" + lv(domain)) == "6985");
  CHECK(entry(m, domain));
  CHECK(entry(m, library, gp::StatusOf::kLoadFiles));
  REQUIRE(m.manage("E61000", lv(domain) + "00" + lv(user) + "000000") == "009000");  // both belong to it now
  CHECK(m.manage("E40080", "4F" + lv(domain)) == "009000");
  CHECK_FALSE(entry(m, library, gp::StatusOf::kLoadFiles));
  CHECK_FALSE(entry(m, user, gp::StatusOf::kLoadFiles));
}

TEST_CASE("LOAD: hashes of the load file data block, SHA-1 to SHA-512 (GP clause C.2)") {
  Management m;
  const CapMaker cap;
  const Bytes file = cap.build();
  REQUIRE(m.open().empty());
  const auto with = [&](const std::string& hash) {
    CHECK(m.manage("E60200", lv(cap.package) + "00" + lv(hash) + "0000") == "009000");
    return load(m, load_blocks(file));
  };
  for (const Bytes& hash : {to_bytes(crypto::sha1({file})), to_bytes(crypto::sha256({file})), to_bytes(crypto::sha384({file})),
                            to_bytes(crypto::sha512({file}))}) {
    CAPTURE(hash.size());
    Bytes wrong = hash;
    wrong.back() ^= 1;
    CHECK(with(to_hex(wrong)) == "6A80");
    CHECK(with(to_hex(BytesView(hash).first(hash.size() - 1))) == "6A80");
    CHECK(with(to_hex(hash)) == "009000");
    CHECK(m.manage("E40000", "4F" + lv(cap.package)) == "009000");
  }
  CHECK(with("00112233") == "6A80");
}

TEST_CASE("LOAD: order, ends, memory and files that are not sound; nothing stays (GP clause 9.3.5)") {
  const CapMaker cap;
  const Bytes file = cap.build();
  const auto blocks = load_blocks(file, 60);
  REQUIRE(blocks.size() > 2);
  Management m({0x70, std::string(kTestKey), "op-ready", 2000});
  REQUIRE(m.open().empty());
  const auto files = list(m, gp::StatusOf::kLoadFiles);
  const auto begin = [&] { CHECK(m.manage("E60200", lv(cap.package) + "00000000") == "009000"); };
  CHECK(m.manage("E80000", blocks[0]) == "6985");
  begin();
  CHECK(m.manage("E80001", blocks[0]) == "6A86");
  CHECK(m.manage("E80000", blocks[0]) == "6985");  // an error ends it
  begin();
  CHECK(m.manage("E80000", blocks[0]) == "9000");
  CHECK(m.manage("E80000", blocks[0]) == "6A86");  // twice
  begin();
  CHECK(m.manage("E84000", blocks[0]) == "6A86");
  begin();
  CHECK(m.manage("E88000", blocks[0]) == "6A80");  // the end is missing
  begin();
  CHECK(m.manage("E80000", blocks[0]) == "9000");
  begin();  // starts again
  CHECK(m.manage("E80000", "E2104F08A000000151000000C30401020304") == "9000");
  CHECK(m.manage("E88001", to_hex(ber::encode(0xC4, file))) == "6A80");  // a DAP needs the hash in INSTALL [for load]
  begin();
  CHECK(m.manage("E88000", to_hex(ber::encode(0xD4, file))) == "6A80");
  begin();
  std::string answer = "9000";
  for (int i = 0; answer == "9000" && i < 100; ++i) {
    answer = m.manage("E800" + to_hex(Bytes{static_cast<std::uint8_t>(i)}), std::string(400, '0'));
  }
  CHECK(answer == "6A84");
  // Another package than the one announced.
  CHECK(m.manage("E60200", lv("F0756963639999") + "00000000") == "009000");
  CHECK(load(m, blocks) == "6A80");
  // The session ends in the middle.
  begin();
  CHECK(m.manage("E80000", blocks[0]) == "9000");
  REQUIRE(m.open().empty());
  CHECK(m.manage("E80001", blocks[1]) == "6985");
  // Announced wrongly.
  CHECK(m.manage("E60200", lv(kUsim) + "00000000") == "6985");
  CHECK(m.manage("E60200", lv(cap.package) + lv(kUsim) + "000000") == "6985");
  CHECK(m.manage("E60200", lv(cap.package) + lv("F0756963639999") + "000000") == "6A88");
  CHECK(m.manage("E60200", lv(cap.package) + "0000"
                                             "06EF04C6021000"
                                             "00") == "6A84");
  CHECK(m.manage("E60200", lv(cap.package) + "0000"
                                             "00"
                                             "0101") == "6A81");
  CHECK(list(m, gp::StatusOf::kLoadFiles) == files);
  begin();
  CHECK(load(m, blocks) == "009000");
}

namespace {

/// A CAP file with more in it: exports, several applets and imports, as the seed has it.
Bytes made(std::uint64_t seed) {
  SeededRandom random(seed);
  const CapMaker maker;
  auto parts = maker.contents();
  const auto one = [&](std::size_t most) { return 1 + random.next() % most; };
  const auto hex_of = [](std::uint64_t value, std::size_t size) { return to_hex(ByteWriter().number(value, size).view()); };
  const auto applets = one(4);
  std::string list = hex_of(applets, 1);
  for (std::size_t i = 0; i < applets; ++i) list += lv(maker.package + hex_of(i + 1, 1)) + "0009";
  parts[3] = *from_hex(list);
  const auto imports = one(5);
  list = hex_of(imports, 1);
  for (std::size_t i = 0; i < imports; ++i) {
    const auto* package = jcvm::packages::package_named(jcvm::packages::names().at(i));
    const auto version = package->implemented.value_or(package->version);
    list += hex_of(version.minor, 1) + hex_of(version.major, 1) + lv(to_hex(package->aid.bytes()));
  }
  parts[4] = *from_hex(list);
  const bool exports = random.next() % 2 == 0;
  if (exports) {
    parts[10] = *from_hex(
        "01"
        "0000"
        "01"
        "02"
        "0000"
        "0001"
        "0002");
    parts[1][6] |= 0x02;
  }
  parts[6] = Bytes(20 + random.next() % 400, 0x80);
  parts[7].resize(parts[7].size() + random.next() % 2000);
  Bytes directory = CapMaker::directory(parts);
  directory[directory.size() - 3] = static_cast<std::uint8_t>(imports);
  directory[directory.size() - 2] = static_cast<std::uint8_t>(applets);
  parts[2] = directory;
  return CapMaker::join(parts);
}

/// One to four changes: a byte, a piece left out, put twice or moved, the end cut off.
Bytes mutated(Bytes file, SeededRandom& random) {
  const auto below = [&](std::size_t size) { return static_cast<std::ptrdiff_t>(random.next() % std::max<std::size_t>(size, 1)); };
  for (std::size_t left = 1 + random.next() % 4; left > 0 && file.size() > 8; --left) {
    const auto at = below(std::min<std::size_t>(file.size(), random.next() % 2 == 0 ? 160 : file.size()));
    const auto size = std::min<std::ptrdiff_t>(1 + below(40), static_cast<std::ptrdiff_t>(file.size()) - at);
    const Bytes piece(file.begin() + at, file.begin() + at + size);
    switch (random.next() % 8) {
      case 0:
        file.erase(file.begin() + at, file.begin() + at + size);
        break;
      case 1:
        file.insert(file.begin() + below(file.size()), piece.begin(), piece.end());
        break;
      case 2:
        file.resize(static_cast<std::size_t>(at) + 1);
        break;
      case 3:
        std::ranges::fill(file.begin() + at, file.begin() + at + size, random.next() % 2 == 0 ? 0x00 : 0xFF);
        break;
      default:
        file[static_cast<std::size_t>(at)] = static_cast<std::uint8_t>(random.next());
    }
  }
  return file;
}

}  // namespace

TEST_CASE("LOAD: forty CAP files of many shapes enter the registry with their applets, and go again") {
  Management m;
  REQUIRE(m.open().empty());
  const std::string before = told(m);
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    const Bytes file = made(seed);
    const auto cap = jcvm::cap::CapFile::parse(file);
    REQUIRE_MESSAGE(cap, cap.error().text);
    REQUIRE(m.manage("E60200", lv(CapMaker().package) + "00000000") == "009000");
    REQUIRE(load(m, load_blocks(file)) == "009000");
    const auto loaded = entry(m, CapMaker().package, gp::StatusOf::kLoadFilesAndModules);
    REQUIRE(loaded);
    CHECK(loaded->modules.size() == cap->applets.size());
    REQUIRE(m.manage("E40000", "4F" + lv(CapMaker().package)) == "009000");
    REQUIRE(told(m) == before);
  }
}

TEST_CASE("LOAD: four hundred mutated CAP files are refused with 6A80, or loaded and deleted again; the card is as before") {
  Management m;
  REQUIRE(m.open().empty());
  const std::string before = told(m);
  unsigned refused = 0;
  unsigned loaded = 0;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    CAPTURE(seed);
    SeededRandom random(seed);
    const Bytes file = mutated(made(seed % 16), random);
    REQUIRE(m.manage("E60200", lv(CapMaker().package) + "00000000") == "009000");
    const std::string answer = load(m, load_blocks(file, 239));
    if (answer == "009000") {
      ++loaded;
      const auto listed = entry(m, CapMaker().package, gp::StatusOf::kLoadFilesAndModules);
      REQUIRE(listed);
      m.reset();
      REQUIRE(m.open().empty());
      CHECK(entry(m, CapMaker().package, gp::StatusOf::kLoadFilesAndModules) == listed);
      REQUIRE(m.manage("E40080", "4F" + lv(CapMaker().package)) == "009000");
    } else {
      ++refused;
      CHECK(answer == "6A80");
    }
    REQUIRE(told(m) == before);
  }
  CHECK(refused > 200);
  CHECK(loaded > 0);
}

TEST_CASE("LOAD: the power goes between any two blocks, or at any write of one: nothing half loaded stays, and loading works again") {
  const auto blocks = load_blocks(made(3), 100);
  REQUIRE(blocks.size() > 10);
  unsigned cuts = 0;
  for (std::size_t sent = 0; sent <= blocks.size(); ++sent) {
    CAPTURE(sent);
    Management m;
    REQUIRE(m.open().empty());
    const std::string before = told(m);
    const std::vector<std::string> part(blocks.begin(), blocks.begin() + static_cast<std::ptrdiff_t>(sent));
    REQUIRE(m.manage("E60200", lv(CapMaker().package) + "00000000") == "009000");
    for (std::size_t i = 0; i < sent; ++i) {
      const bool last = i + 1 == blocks.size();
      const std::string answer = m.manage("E8" + std::string(last ? "80" : "00") + to_hex(Bytes{static_cast<std::uint8_t>(i)}), part[i]);
      REQUIRE(answer.ends_with("9000"));
    }
    ++cuts;
    m.reset();
    REQUIRE(m.open().empty());
    const bool whole = sent == blocks.size();
    CHECK((told(m) == before) == !whole);
    if (whole) REQUIRE(m.manage("E40000", "4F" + lv(CapMaker().package)) == "009000");
    REQUIRE(m.manage("E60200", lv(CapMaker().package) + "00000000") == "009000");
    CHECK(load(m, blocks) == "009000");
  }
  CHECK(cuts == blocks.size() + 1);
}

namespace {

/// The card of domain_image() with its state on a disk.
struct OnDisk {
  explicit OnDisk(FailingDisk& disk) : state(open(disk)), m(DomainOptions{}, Protocol::kT1, state->store(0, domain_image()).value()) {}
  static std::unique_ptr<emulator::SqliteState> open(FailingDisk& disk) {
    auto opened = emulator::SqliteState::open("card.state", disk.vfs());
    if (!opened) throw SystemError(opened.error().text);
    return std::move(*opened);
  }
  std::unique_ptr<emulator::SqliteState> state;
  Management m;
};

}  // namespace

TEST_CASE("LOAD with the state on disk: power loss at any operation of the disk leaves the load file whole or not there") {
  const auto blocks = load_blocks(made(5), 200);
  FailingDisk original;
  {
    OnDisk card(original);
    REQUIRE(card.m.open().empty());
  }
  original.restart();
  unsigned whole = 0;
  unsigned nothing = 0;
  for (unsigned cut = 1;; ++cut) {
    bool was_cut = false;
    for (std::uint64_t seed = 0; seed < 3; ++seed) {
      CAPTURE(cut);
      CAPTURE(seed);
      FailingDisk disk;
      original.copy_to(disk);
      std::string answer;
      std::string before;
      {
        OnDisk card(disk);
        REQUIRE(card.m.open().empty());
        before = told(card.m);
        REQUIRE(card.m.manage("E60200", lv(CapMaker().package) + "00000000") == "009000");
        disk.cut_at(cut);
        answer = load(card.m, blocks);
        was_cut = disk.is_dead();
      }
      disk.power_up(seed);
      OnDisk card(disk);
      REQUIRE(card.m.open().empty());
      const bool is_there = entry(card.m, CapMaker().package, gp::StatusOf::kLoadFiles).has_value();
      if (answer == "009000") CHECK(is_there);
      CHECK((told(card.m) == before) == !is_there);
      ++(is_there ? whole : nothing);
      if (is_there) REQUIRE(card.m.manage("E40000", "4F" + lv(CapMaker().package)) == "009000");
      CHECK(told(card.m) == before);
    }
    if (!was_cut) break;
  }
  CHECK(whole > 0);
  CHECK(nothing > 5);
}

TEST_CASE(
    "INSTALL [for load, install and make selectable]: load file and application enter the registry together or not at all (GP 11.5.2.1)") {
  Management m;
  REQUIRE(m.open().empty());
  const CapMaker cap;
  const auto blocks = load_blocks(cap.build(), 100);
  const std::string before = told(m);
  const auto begin = [&] { return m.manage("E60E01", lv(cap.package) + "00000000"); };
  // The file is sound; its byte code cannot be run, so that nothing of the whole stays.
  CHECK(begin() == "009000");
  CHECK(load(m, blocks) == "009000");
  CHECK(told(m) == before);
  CHECK(m.manage("E80002", blocks[0]) == "6985");  // the load file is whole
  CHECK(begin() == "009000");
  CHECK(load(m, blocks) == "009000");
  CHECK(m.manage("E60E03", install(cap.package, cap.applet, cap.applet, "000000")) == "6A81");
  CHECK(told(m) == before);
  // With an application of a module that the card has, both come.
  CHECK(begin() == "009000");
  CHECK(load(m, blocks) == "009000");
  CHECK(m.manage("E60E03", install_domain(kDomain)) == "009000");
  CHECK(entry(m, cap.package, gp::StatusOf::kLoadFiles));
  CHECK(entry(m, kDomain)->life_cycle == gp::kSelectable);
}

TEST_CASE("INSTALL [for load, install and make selectable]: an end without a beginning, or with something between, is refused") {
  Management m;
  REQUIRE(m.open().empty());
  const CapMaker cap;
  const auto blocks = load_blocks(cap.build(), 100);
  const std::string before = told(m);
  const auto begin = [&] { return m.manage("E60E01", lv(cap.package) + "00000000"); };
  const auto end = [&] { return m.manage("E60E03", install_domain(kDomain)); };
  CHECK(end() == "6985");
  CHECK(begin() == "009000");
  CHECK(end() == "6985");  // nothing loaded
  CHECK(m.manage("E80000", blocks[0]) == "6985");
  CHECK(begin() == "009000");
  CHECK(load(m, blocks) == "009000");
  CHECK(m.manage("E62000", only(kUsim)) == "009000");
  CHECK(end() == "6985");
  CHECK(begin() == "009000");
  CHECK(load(m, blocks) == "009000");
  REQUIRE(m.open().empty());
  CHECK(end() == "6985");  // another session
  const std::string both = install_domain(kDomain);
  for (const char* p : {"E60E00", "E60E02", "E60E04", "E60601", "E60A01"}) CHECK(m.manage(p, both) == "6A86");
  CHECK(told(m) == before);
}

TEST_CASE("INSTALL: data in several commands, bit 8 of P1 in all but the last (GP table 11-41)") {
  Management m;
  REQUIRE(m.open().empty());
  const std::string data = install_domain(kDomain);
  CHECK(m.manage("E68C00", data.substr(0, 20)) == "9000");
  CHECK(m.manage("E68C00", data.substr(20, 30)) == "9000");
  CHECK(m.manage("E60C00", data.substr(50)) == "009000");
  CHECK(entry(m, kDomain));
  const std::string other = install_domain("F075696363000202");
  CHECK(m.manage("E68C00", other.substr(0, 20)) == "9000");
  CHECK(m.manage("E60400", other.substr(20)) == "6A80");  // of another form: a command of its own
  CHECK(m.manage("E60C00", other.substr(20)) == "6A80");
  std::string answer = "9000";
  for (int i = 0; answer == "9000" && i < 20; ++i) answer = m.manage("E68C00", std::string(400, '0'));
  CHECK(answer == "6A80");
  CHECK(m.manage("E60C00", other) == "009000");
}
