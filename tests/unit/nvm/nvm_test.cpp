#include "emulator/nvm/nvm.hpp"

#include <doctest/doctest.h>

#include "core/hex.hpp"
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

}  // namespace

TEST_CASE("an object reads as the open transaction, the overlay, the image have it, in this order") {
  Nvm nvm(test::small_image());
  const std::string born = text(nvm, kPin1);
  CHECK(born != "nothing");
  nvm.write(kPin1, "01"_h);
  CHECK(text(nvm, kPin1) == "01");
  nvm.commit();
  nvm.write(kPin1, "02"_h);
  CHECK(text(nvm, kPin1) == "02");
  nvm.rollback();
  CHECK(text(nvm, kPin1) == "01");
  nvm.erase(kPin1);
  CHECK(text(nvm, kPin1) == "nothing");
  nvm.rollback();
  CHECK(text(nvm, kPin1) == "01");
  nvm.erase(kPin1);
  nvm.commit();
  CHECK(text(nvm, kPin1) == "nothing");
}

TEST_CASE("what is written at once outlives the rollback of the transaction beside it, and no more than that does") {
  Nvm nvm(test::small_image());
  nvm.write(kOther, "AA"_h);
  nvm.write_now(kSlot, "01"_h);
  CHECK(nvm.has_pending());
  nvm.rollback();
  CHECK(text(nvm, kSlot) == "01");
  CHECK(text(nvm, kOther) == "nothing");
}

TEST_CASE("a counter written at once is not set back by an older write of the same transaction") {
  Nvm nvm(test::small_image());
  nvm.write(kSlot, "03"_h);
  nvm.write(kOther, "AA"_h);
  nvm.write_now(kSlot, "02"_h);
  CHECK(text(nvm, kSlot) == "02");
  nvm.commit();
  CHECK(text(nvm, kSlot) == "02");
  CHECK(text(nvm, kOther) == "AA");
}

TEST_CASE("a write after the counter's own, in the same transaction, is part of the transaction") {
  Nvm nvm(test::small_image());
  nvm.write_now(kSlot, "02"_h);
  nvm.write(kSlot, "03"_h);
  CHECK(text(nvm, kSlot) == "03");
  nvm.rollback();
  CHECK(text(nvm, kSlot) == "02");
}

TEST_CASE("an object that personalisation did not write leaves nothing behind when it is erased") {
  Nvm nvm(test::small_image());
  nvm.write(kSlot, "01"_h);
  nvm.commit();
  CHECK(nvm.overlay().size() == 1);
  nvm.erase(kSlot);
  nvm.commit();
  CHECK(nvm.overlay().empty());
  nvm.erase(kPin1);
  nvm.commit();
  CHECK(nvm.overlay().size() == 1);
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
