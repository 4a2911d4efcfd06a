// SPDX-License-Identifier: Apache-2.0
// Finished images as bytes (emulator/nvm/image_file.hpp), and the one that is compiled into the program.
#include "emulator/nvm/image_file.hpp"

#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"
#include "profile/default_card/default_card.hpp"
#include "tests/support/small_card.hpp"

using namespace uicclab;
using namespace uicclab::emulator;
using namespace uicclab::profile;

namespace {

/// What the default profile gives, parsed and built here and now.
const CardImage& built() {
  static const auto image = build_image(default_profile().value(), applet::builtin_modules()).value();
  return *image;
}

}  // namespace

TEST_CASE("embedded card: byte for byte what default.toml gives") {
  const auto embedded = default_card();
  CHECK(to_hex(encode_image(*embedded)) == to_hex(encode_image(built())));
  CHECK(embedded->fingerprint() == built().fingerprint());
  CHECK(embedded->modules().size() == built().modules().size());
  CHECK(embedded->issuer_domain() == built().issuer_domain());
}

TEST_CASE("image as bytes: every part of it comes back") {
  const auto again = decode_image(encode_image(built()), applet::builtin_modules());
  REQUIRE_MESSAGE(again, again.error().text);
  const CardImage& image = **again;
  CHECK(image.settings().name == built().settings().name);
  CHECK(image.settings().atr == built().settings().atr);
  CHECK(image.settings().free_memory == built().settings().free_memory);
  CHECK(image.settings().logical_channels == built().settings().logical_channels);
  CHECK(image.settings().gsm_class == built().settings().gsm_class);
  CHECK(image.settings().remote == built().settings().remote);
  CHECK(image.settings().choices == built().settings().choices);
  CHECK(image.settings().max_suspend_seconds == built().settings().max_suspend_seconds);
  CHECK(image.objects() == built().objects());
  REQUIRE(image.instances().size() == built().instances().size());
  for (std::size_t i = 0; i < image.instances().size(); ++i) {
    const InstanceSpec& one = image.instances()[i];
    const InstanceSpec& other = built().instances()[i];
    CAPTURE(other.label);
    CHECK(one.aid == other.aid);
    CHECK(one.label == other.label);
    CHECK(one.module->name() == other.module->name());
    CHECK(one.adf == other.adf);
    CHECK(one.privileges == other.privileges);
    CHECK(one.life_cycle == other.life_cycle);
    CHECK(one.domain == other.domain);
    CHECK(one.implicit_selection == other.implicit_selection);
    CHECK(one.uicc == other.uicc);
  }
  REQUIRE(image.file_count() == built().file_count());
  for (std::uint32_t i = 0; i < image.file_count(); ++i) {
    CAPTURE(i);
    CHECK(image.header(FileId{i}) == built().header(FileId{i}));
    CHECK(to_bytes(*image.find(ObjectId(Space::kFileBody, 0, i))) == to_bytes(*built().find(ObjectId(Space::kFileBody, 0, i))));
  }
}

TEST_CASE("image as bytes: a setting or a byte of a file changes the fingerprint") {
  CardSettings settings = built().settings();
  const auto print = [](CardSettings with, BytesView body) {
    CardImageBuilder builder(std::move(with));
    FileHeader mf;
    mf.fid = Fid{0x3F00};
    mf.kind = FileKind::kMf;
    FileHeader ef;
    ef.fid = Fid{0x2FE2};
    ef.size = 2;
    builder.add_file(std::move(mf), {});
    builder.add_file(std::move(ef), to_bytes(body));
    return (*builder.build())->fingerprint();
  };
  const auto first = print(settings, "0102"_h);
  CHECK(print(settings, "0102"_h) == first);
  CHECK(print(settings, "0103"_h) != first);
  settings.gsm_class = !settings.gsm_class;
  CHECK(print(settings, "0102"_h) != first);
  settings.gsm_class = !settings.gsm_class;
  settings.choices.gsm_adm.push_back({0x05, KeyReference{0x0A}});
  CHECK(print(settings, "0102"_h) != first);
}

TEST_CASE("image as bytes: cut anywhere, it is refused") {
  const Bytes whole = encode_image(*test::small_image());
  applet::ModuleCatalogue modules = test::small_image()->modules();
  REQUIRE(decode_image(whole, modules));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CAPTURE(size);
    CHECK_FALSE(decode_image(BytesView{whole}.first(size), modules));
  }
}

TEST_CASE("image as bytes: bytes after it, and a module that the program does not have, are refused") {
  Bytes longer = encode_image(built());
  longer.push_back(0x00);
  const auto trailing = decode_image(longer, applet::builtin_modules());
  REQUIRE_FALSE(trailing);
  CHECK(trailing.error().code == ErrorCode::kTrailing);
  const auto missing = decode_image(encode_image(built()), {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == ErrorCode::kNotFound);
}
