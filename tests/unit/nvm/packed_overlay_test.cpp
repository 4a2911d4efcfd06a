// SPDX-License-Identifier: Apache-2.0
// The overlay of a card that is off.
#include <doctest/doctest.h>

#include "core/hex.hpp"
#include "emulator/nvm/open_writes.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;

namespace {

bool same(const Overlay& a, const Overlay& b) {
  return std::ranges::equal(a, b, [](const Change& one, const Change& other) { return one.id == other.id && one.value == other.value; });
}

/// Like what the image has, more or less: a part of it is another one, it is cut off or longer, or it is something else.
Bytes changed(BytesView value, SeededRandom& random) {
  Bytes out = to_bytes(value);
  const auto some = [&](std::size_t most) { return static_cast<std::size_t>(random.next()) % (most + 1); };
  switch (random.next() % 6) {
    case 0:
      return out;
    case 1:
      for (std::size_t i = some(out.size()), end = i + some(4); i < std::min(end, out.size()); ++i) out[i] ^= 1;
      return out;
    case 2:
      out.resize(some(out.size()));
      return out;
    case 3:
      out.resize(out.size() + some(300), 0x33);
      return out;
    case 4:
      out.insert(out.begin() + static_cast<std::ptrdiff_t>(some(out.size())), out.begin(), out.end());
      return out;
    default:
      out.assign(some(200), static_cast<std::uint8_t>(random.next()));
      return out;
  }
}

}  // namespace

TEST_CASE("an overlay is the same after it was packed, whatever the changes are to the image") {
  const auto image = test::small_image();
  std::vector<ObjectId> ids{ObjectId(0), ObjectId(~std::uint64_t{0}), {Space::kApplet, 0xFFFFFF, 0}, {Space::kCode, 0, 0xFFFFFFFF}};
  for (const auto& [id, value] : image->objects()) ids.push_back(id);
  for (std::uint32_t i = 0; i < image->file_count() + 2; ++i) ids.insert(ids.end(), {{Space::kFileBody, 0, i}, {Space::kFileHeader, 0, i}});
  for (std::uint32_t i = 0; i < 40; ++i) ids.push_back({Space::kCode, i % 3, i * i * i * 1000});
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    SeededRandom random(seed);
    Overlay overlay;
    for (std::uint64_t i = 0, count = seed % 100; i < count; ++i) {
      const ObjectId id = ids[random.next() % ids.size()];
      Change& change = overlay.place(id);
      change.value.reset();
      if (random.next() % 5 != 0) change.value = changed(image->find(id).value_or(BytesView{}), random);
    }
    const PackedOverlay packed(overlay, *image);
    CHECK(same(packed.unpack(*image), overlay));
  }
}

TEST_CASE("a card that is off takes a few bytes for each object in which it has changed a few") {
  const auto image = test::small_image();
  Nvm nvm(image);
  OpenWrites writes(nvm);
  std::size_t count = 0;
  for (std::uint32_t i = 0; i < image->file_count(); ++i) {
    const ObjectId id(Space::kFileBody, 0, i);
    if (image->find(id)->size() >= 9) nvm.edit(id)[4] ^= 1, ++count;
  }
  writes.commit();
  REQUIRE(count >= 5);
  const Overlay before = nvm.overlay();
  const std::size_t on = nvm.overlay_size();
  nvm.shrink();
  CHECK(nvm.overlay_size() <= 16 + 8 * count);
  CHECK(nvm.overlay_size() * 6 < on);
  CHECK(same(nvm.overlay(), before));
}

TEST_CASE("each way to look at a card's memory finds a packed overlay, and each way to write adds to it") {
  const auto image = test::small_image();
  const ObjectId old{Space::kApplet, 0, 1};
  const ObjectId other{Space::kApplet, 0, 2};
  const auto packed = [&](const auto& use) {
    Nvm nvm(image);
    nvm.write_now(old, "0102"_h);
    nvm.shrink();
    use(nvm);
    nvm.shrink();
    return nvm.read(old) ? to_hex(*nvm.read(old)) + "," + (nvm.read(other) ? to_hex(*nvm.read(other)) : "") : "nothing";
  };
  CHECK(packed([&](Nvm& nvm) { CHECK(to_hex(*nvm.read(old)) == "0102"); }) == "0102,");
  CHECK(packed([&](Nvm& nvm) { CHECK(nvm.has_final(old)); }) == "0102,");
  CHECK(packed([&](Nvm& nvm) { CHECK(nvm.overlay().size() == 1); }) == "0102,");
  CHECK(packed([&](Nvm& nvm) { CHECK(nvm.list(Space::kApplet, 0) == std::vector{old}); }) == "0102,");
  CHECK(packed([&](Nvm& nvm) {
          int seen = 0;
          nvm.visit_changes(Space::kApplet, [&](const Change&) { ++seen; });
          CHECK(seen == 1);
        }) == "0102,");
  CHECK(packed([&](Nvm& nvm) { nvm.write_now(other, "03"_h); }) == "0102,03");
  CHECK(packed([&](Nvm& nvm) { nvm.write_part_now(old, 1, "03"_h); }) == "0103,");
  CHECK(packed([&](Nvm& nvm) {
          OpenWrites writes(nvm);
          nvm.write(other, "03"_h);
          writes.commit();
        }) == "0102,03");
  CHECK(packed([&](Nvm& nvm) {
          OpenWrites writes(nvm);
          nvm.write(other, "03"_h);
          writes.seal();
          nvm.erase(old);
        }) == "0102,03");
  CHECK(packed([&](Nvm& nvm) {
          OpenWrites writes(nvm);
          nvm.edit(old).push_back(3);
          writes.commit();
        }) == "010203,");
  CHECK(packed([&](Nvm& nvm) {
          OpenWrites writes(nvm);
          nvm.erase(old);
          writes.commit();
        }) == "nothing");
}
