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
