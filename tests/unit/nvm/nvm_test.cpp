// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "emulator/nvm/open_writes.hpp"
#include "emulator/registry/record.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;

namespace {

constexpr ObjectId kSlot{Space::kApplet, 0, 1};
constexpr ObjectId kOther{Space::kApplet, 0, 2};
const ObjectId kPin1 = pin_object(KeyReference{0x01}, kMfId);

std::string text(const Nvm& nvm, ObjectId id) {
  const auto value = nvm.read(id);
  return value ? to_hex(*value) : "nothing";
}

/// `write()` in a transaction that is committed.
template <typename Write>
void commit(Nvm& nvm, const Write& write) {
  OpenWrites writes(nvm);
  write();
  writes.commit();
}

/// A medium that can be told to fail, before or after it took the changes.
struct FailingStore final : NvmStore {
  struct Medium {
    std::map<ObjectId, std::optional<Bytes>> objects;
    bool fail_before = false;
    bool fail_after = false;
  };
  explicit FailingStore(Medium& medium_) : medium(medium_) {}

  std::vector<Change> load() override {
    std::vector<Change> all;
    for (const auto& [id, value] : medium.objects) all.push_back({id, value});
    return all;
  }
  void commit(std::span<const Change> changes) override {
    if (medium.fail_before) throw SystemError("the test's medium is full");
    for (const Change& change : changes) medium.objects[change.id] = change.value;
    if (medium.fail_after) throw SystemError("the test's medium did not confirm");
  }
  Medium& medium;
};

}  // namespace

TEST_CASE("an object reads as the open transaction, the overlay, the image have it, in this order") {
  Nvm nvm(test::small_image());
  const std::string born = text(nvm, kPin1);
  CHECK(born != "nothing");
  commit(nvm, [&] {
    nvm.write(kPin1, "01"_h);
    CHECK(text(nvm, kPin1) == "01");
  });
  {
    OpenWrites writes(nvm);
    nvm.write(kPin1, "02"_h);
    CHECK(text(nvm, kPin1) == "02");
    writes.rollback();
    CHECK(text(nvm, kPin1) == "01");
  }
  {
    const OpenWrites left(nvm);
    nvm.erase(kPin1);
    CHECK(text(nvm, kPin1) == "nothing");
  }
  CHECK(text(nvm, kPin1) == "01");
  commit(nvm, [&] { nvm.erase(kPin1); });
  CHECK(text(nvm, kPin1) == "nothing");
}

TEST_CASE("the objects of an owner: in order, once each, as the open transaction, the overlay, the image have them") {
  Nvm nvm(test::small_image());
  const auto all = [&](std::uint32_t owner) {
    std::string out;
    nvm.each(Space::kApplet, owner, [&](ObjectId id, BytesView value) { out += std::to_string(id.index()) + "=" + to_hex(value) + " "; });
    return out;
  };
  const ObjectId last(Space::kApplet, 7, 0xFFFFFFFF);
  commit(nvm, [&] {
    for (const std::uint32_t index : {9U, 1U, 5U}) nvm.write(ObjectId(Space::kApplet, 7, index), "01"_h);
    nvm.write(last, "02"_h);
    nvm.write(ObjectId(Space::kApplet, 8, 0), "03"_h);
  });
  CHECK(all(7) == "1=01 5=01 9=01 4294967295=02 ");
  CHECK(all(8) == "0=03 ");
  OpenWrites writes(nvm);
  nvm.erase(ObjectId(Space::kApplet, 7, 5));
  nvm.write(ObjectId(Space::kApplet, 7, 9), "04"_h);
  nvm.write(ObjectId(Space::kApplet, 7, 6), "05"_h);
  nvm.erase(last);
  CHECK(all(7) == "1=01 6=05 9=04 ");
  // What personalisation wrote
  std::vector<ObjectId> pins;
  for (const auto& [id, value] : nvm.image().objects()) {
    if (id.space() == Space::kPin && id.owner() == 0) pins.push_back(id);
  }
  CHECK(pins.size() > 1);
  CHECK(nvm.list(Space::kPin, 0) == pins);
  nvm.erase(pins.front());
  pins.erase(pins.begin());
  CHECK(nvm.list(Space::kPin, 0) == pins);
}

TEST_CASE("only writes made at once survive the rollback of a parallel transaction") {
  Nvm nvm(test::small_image());
  OpenWrites writes(nvm);
  nvm.write(kOther, "AA"_h);
  nvm.write_now(kSlot, "01"_h);
  CHECK(nvm.has_pending());
  writes.rollback();
  CHECK(text(nvm, kSlot) == "01");
  CHECK(text(nvm, kOther) == "nothing");
}

TEST_CASE("a counter written at once is not set back by an older write of the same transaction") {
  Nvm nvm(test::small_image());
  OpenWrites writes(nvm);
  nvm.write(kSlot, "03"_h);
  nvm.write(kOther, "AA"_h);
  nvm.write_now(kSlot, "02"_h);
  CHECK(text(nvm, kSlot) == "02");
  writes.commit();
  CHECK(text(nvm, kSlot) == "02");
  CHECK(text(nvm, kOther) == "AA");
}

TEST_CASE("a write after the counter's own, in the same transaction, is part of the transaction") {
  Nvm nvm(test::small_image());
  OpenWrites writes(nvm);
  nvm.write_now(kSlot, "02"_h);
  nvm.write(kSlot, "03"_h);
  CHECK(text(nvm, kSlot) == "03");
  writes.rollback();
  CHECK(text(nvm, kSlot) == "02");
}

TEST_CASE("an object that personalisation did not write leaves nothing when it is erased") {
  Nvm nvm(test::small_image());
  commit(nvm, [&] { nvm.write(kSlot, "01"_h); });
  CHECK(nvm.overlay().size() == 1);
  commit(nvm, [&] { nvm.erase(kSlot); });
  CHECK(nvm.overlay().empty());
  commit(nvm, [&] { nvm.erase(kPin1); });
  CHECK(nvm.overlay().size() == 1);
}

TEST_CASE("a card that is off keeps what it wrote, and no memory to write more") {
  test::Terminal t;
  t.send("0020000A083838383838383838");
  for (const char* file : {"6F99", "6F98", "6F97", "6F96", "6F95"})
    REQUIRE(t.send("00E00000186216820241218302" + std::string(file) + "8A01058B032F0604 80020010 8800") == "9000");
  const std::size_t on = t.card.nvm().overlay_size();
  const std::size_t changes = t.card.nvm().overlay().size();
  t.card.power_off();
  CHECK(t.card.nvm().overlay().size() == changes);
  CHECK(t.card.nvm().overlay_size() < on);
  REQUIRE(t.card.reset());
  CHECK(t.send("00A4000C026F95") == "9000");
}

TEST_CASE("creating and deleting a file a thousand times takes no more memory than doing it once (TS 102 222 clauses 6.3 and 6.4)") {
  test::Terminal t;
  t.send("0020000A083838383838383838");
  std::size_t once = 0;
  for (int i = 0; i < 1000; ++i) {
    REQUIRE(t.send("00E00000186216820241218302 6F998A01058B032F0604 80020010 8800") == "9000");
    REQUIRE(t.send("00E40000026F99") == "9000");
    if (i == 0) once = t.card.nvm().overlay_size();
  }
  CHECK(t.card.nvm().overlay_size() == once);
  CHECK(t.send("00A4000C026F99") == "6A82");
}

TEST_CASE("a medium that fails leaves the card with what the medium holds") {
  FailingStore::Medium medium;
  Nvm nvm(test::small_image(), std::make_unique<FailingStore>(medium));
  commit(nvm, [&] { nvm.write(kSlot, "01"_h); });

  medium.fail_before = true;
  CHECK_THROWS_AS(commit(nvm, [&] { nvm.write(kSlot, "02"_h); }), SystemError);
  CHECK(text(nvm, kSlot) == "01");
  CHECK_FALSE(nvm.has_pending());

  medium.fail_before = false;
  medium.fail_after = true;
  CHECK_THROWS_AS(nvm.write_now(kSlot, "03"_h), SystemError);
  CHECK(text(nvm, kSlot) == "03");
}

namespace {

struct FailingCard {
  FailingStore::Medium medium;
  SeededRandom random{1};
  ManualClock clock;
  Card card{test::small_image(), random, clock, std::make_unique<FailingStore>(medium)};

  FailingCard() { (void)card.reset(); }
  std::string send(std::string_view command) {
    const auto answer = card.transmit(*from_hex(command));
    return answer ? to_hex(*answer) : answer.error().text;
  }
};

}  // namespace

TEST_CASE("a command whose writes the medium refuses answers 6581 and leaves no trace, not even a selection (TS 102 221 clause 10.2.1.5)") {
  FailingCard c;
  CHECK(c.send("0020000A083838383838383838") == "9000");
  c.medium.fail_before = true;
  CHECK(c.send("00E00000186216820241218302 6F998A01058B032F0604 80020010 8800") == "6581");
  CHECK(c.send("00B0000010") == "6986");
  c.medium.fail_before = false;
  CHECK(c.send("00A4000C026F99") == "6A82");
  CHECK(c.send("00A4000C022FE2") == "9000");
  CHECK(c.send("00B000000A") == "988812010000000000019000");
}

TEST_CASE("a PIN whose try the medium cannot count is not compared (TS 102 221 clause 9.5)") {
  FailingCard c;
  c.medium.fail_before = true;
  CHECK(c.send("002000010831323334FFFFFFFF") == "6581");
  c.medium.fail_before = false;
  c.send("00A4000C022F05");
  CHECK(c.send("00B0000001") == "6982");
  CHECK(c.send("0020000100") == "63C3");
}

TEST_CASE("a card whose state is damaged does not answer to reset, and says why") {
  FailingStore::Medium medium;
  medium.objects[ObjectId(Space::kFileHeader, 0, 2)] = Bytes{0x01};
  SeededRandom random{1};
  ManualClock clock;
  Card card(test::small_image(), random, clock, std::make_unique<FailingStore>(medium));
  const auto atr = card.reset();
  REQUIRE_FALSE(atr);
  CHECK(atr.error().code == ErrorCode::kIo);
  CHECK(atr.error().text.find("file header 2") != std::string::npos);
  CHECK_FALSE(card.transmit("00A40000023F00"_h));
}

TEST_CASE(
    "a registry that is damaged, or names a module that the program does not have, is refused by name and not forgotten (GP clause 6.4)") {
  const auto refusal = [](ObjectId id, const Bytes& record) {
    FailingStore::Medium medium;
    medium.objects[id] = record;
    SeededRandom random{1};
    ManualClock clock;
    Card card(test::small_image(), random, clock, std::make_unique<FailingStore>(medium));
    const auto atr = card.reset();
    return atr ? std::string("it answers") : atr.error().text;
  };
  const auto object = [](RegistryObject kind, std::uint32_t number) { return registry_object(kind, number); };
  const auto names = [](const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; };
  // An instance that was installed, and one of the image that was changed.
  for (const std::uint32_t number : {2U, 0U}) {
    CHECK(names(refusal(object(RegistryObject::kInstance, number), {0x03, 0x05}), "damaged: instance " + std::to_string(number)));
    CHECK(names(refusal(object(RegistryObject::kInstance, number), {0x63}), "damaged: instance " + std::to_string(number)));
  }
  CHECK(names(refusal(object(RegistryObject::kLoadFile, 7), {0x03}), "damaged: load file 7"));
  struct Other final : applet::Module {
    std::string_view name() const override { return "other"; }
    Aid load_file_aid() const override { return *Aid::from("F0756963630099"_h); }
    Aid module_aid() const override { return *Aid::from("F075696363009901"_h); }
    Result<applet::InitialObjects> personalise(const applet::Parameters& /*parameters*/) const override { return applet::InitialObjects{}; }
    std::unique_ptr<applet::Applet> make() const override { return nullptr; }
  };
  const InstanceSpec spec{*Aid::from("A000000099"_h), {}, std::make_shared<const Other>(), std::nullopt};
  const std::string text = refusal(object(RegistryObject::kInstance, 2), encode_instance(spec));
  CHECK(names(text, "A000000099"));
  CHECK(names(text, "F075696363009901"));
}

TEST_CASE("the number of a load file is never used again, also for the last one deleted (GP clause 6.4)") {
  Nvm nvm(test::small_image());
  const auto add = [&] {
    Registry registry(nvm);
    commit(nvm, [&] { registry.add_load_file({*Aid::from("A000000001"_h), {}, {}, {}, {}, 1}, "00"_h); });
    return registry.loaded().rbegin()->first;
  };
  const auto remove = [&](std::uint32_t number) {
    Registry registry(nvm);
    commit(nvm, [&] { registry.remove_load_file(number); });
  };
  CHECK(add() == 1);
  CHECK(add() == 2);
  remove(1);
  CHECK(add() == 3);
  remove(3);
  remove(2);
  CHECK(add() == 4);
}

TEST_CASE("objects one by one, in any order: the overlay is what a map is, and a commit takes no memory that grows with it") {
  SeededRandom random(1);
  const auto image = test::small_image();
  for (const bool in_order : {true, false}) {
    Nvm nvm(image);
    std::map<ObjectId, Bytes> model;
    for (std::uint32_t i = 0; i < 2000; ++i) {
      const ObjectId id(Space::kApplet, 0, in_order ? i : static_cast<std::uint32_t>(random.next() % 3000));
      const bool erase = !in_order && random.next() % 4 == 0;
      commit(nvm, [&] { erase ? nvm.erase(id) : nvm.write(id, Bytes(3, static_cast<std::uint8_t>(i))); });
      erase ? static_cast<void>(model.erase(id)) : static_cast<void>(model[id] = Bytes(3, static_cast<std::uint8_t>(i)));
    }
    CHECK(nvm.overlay().size() == model.size());
    auto at = model.begin();
    for (const Change& change : nvm.overlay()) {
      REQUIRE(change.id == at->first);
      CHECK(change.value == at->second);
      ++at;
    }
    for (std::uint32_t i = 0; i < 3000; i += 7) {
      const ObjectId id(Space::kApplet, 0, i);
      const auto it = nvm.overlay().lower_bound(id);
      const auto same = model.lower_bound(id);
      REQUIRE((it == nvm.overlay().end()) == (same == model.end()));
      if (same != model.end()) CHECK(it->id == same->first);
    }
    // From load(), as after a start.
    const Nvm again(image, Overlay({nvm.overlay().begin(), nvm.overlay().end()}));
    CHECK(std::ranges::equal(again.overlay(), nvm.overlay(), {}, &Change::id, &Change::id));
  }
}

TEST_CASE("random transactions against two maps: what is committed, and what the open transaction sees") {
  struct Cut final : WriteObserver {
    unsigned left = 0;
    void on_write(Step /*step*/) override {
      if (left != 0 && --left == 0) throw PowerCut{};
    }
  };
  using Model = std::map<ObjectId, Bytes>;
  const auto image = test::small_image();
  std::vector<ObjectId> ids{kPin1, {Space::kFileBody, 0, 2}, {Space::kFileBody, 0, 3}};  // of the image, and not
  for (std::uint32_t i = 0; i < 5; ++i) ids.push_back({Space::kApplet, i % 2, i});

  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    CAPTURE(seed);
    SeededRandom random(seed);
    Cut cut;
    Nvm nvm(image);
    nvm.set_observer(&cut);
    Model committed;
    for (const ObjectId id : ids) {
      if (const auto value = image->find(id)) committed[id] = to_bytes(*value);
    }
    Model open = committed;
    std::optional<OpenWrites> writes(std::in_place, nvm);
    const auto anew = [&] {
      writes.reset();
      writes.emplace(nvm);
    };
    const auto agree = [&](const Model& model) {
      for (const ObjectId id : ids) {
        const auto it = model.find(id);
        if (text(nvm, id) != (it == model.end() ? "nothing" : to_hex(it->second))) return false;
      }
      return true;
    };
    for (int step = 0; step < 300; ++step) {
      const ObjectId id = ids[random.next() % ids.size()];
      Bytes value(random.next() % 5);
      random.fill(value);
      cut.left = random.next() % 4 == 0 ? static_cast<unsigned>(random.next() % 8) : 0;
      try {
        switch (random.next() % 7) {
          case 0:
          case 1:
            nvm.write(id, value);
            open[id] = value;
            break;
          case 2:
            nvm.edit(id).push_back(0x55);
            open[id].push_back(0x55);
            break;
          case 3:
            nvm.erase(id);
            open.erase(id);
            break;
          case 4: {
            Model next = committed;
            next[id] = value;
            nvm.write_now(id, value);
            committed = next;
            open[id] = value;
            break;
          }
          case 5:
            writes->commit();
            anew();
            committed = open;
            break;
          default:
            writes->rollback();
            anew();
            open = committed;
        }
      } catch (const PowerCut&) {
        // The commit was made or it was not, both may be: the next look says which, and the open transaction is over.
        anew();
        Model with_value = committed;
        with_value[id] = value;
        const bool unchanged = agree(committed);
        const bool whole = agree(open);
        const bool counted = agree(with_value);
        REQUIRE((unchanged || whole || counted));
        if (!unchanged) committed = whole ? open : with_value;
        open = committed;
      }
      REQUIRE(agree(open));
    }
    // A card that begins with the same changes has the same state.
    writes->rollback();
    const Nvm copy(image, nvm.overlay());
    for (const ObjectId id : ids) CHECK(text(copy, id) == text(nvm, id));
  }
}

TEST_CASE("a rehearsal: what is tried on a clone of the card does not reach the card") {
  test::Terminal t;
  t.send("002000010831323334FFFFFFFF");
  CHECK(t.send("00D6850003AABBCC") == "9000");
  t.send("002000010831323335FFFFFFFF");
  SeededRandom random{2};
  const auto rehearsal = t.card.clone(random);
  CHECK_FALSE(rehearsal->transmit("0020000100"_h));  // it is off, as a card that was taken out
  REQUIRE(rehearsal->reset());
  CHECK(to_hex(*rehearsal->transmit("0020000100"_h)) == "63C2");
  CHECK(to_hex(*rehearsal->transmit("002000010831323335FFFFFFFF"_h)) == "63C1");
  CHECK(to_hex(*rehearsal->transmit("002000010831323334FFFFFFFF"_h)) == "9000");
  CHECK(to_hex(*rehearsal->transmit("00B0850003"_h)) == "AABBCC9000");
  CHECK(to_hex(*rehearsal->transmit("00D6850003DDEEFF"_h)) == "9000");
  CHECK(t.send("0020000100") == "63C2");
  t.send("002000010831323334FFFFFFFF");
  CHECK(t.send("00B0850003") == "AABBCC9000");
}
