// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/pkcs15_directory.hpp"

#include <doctest/doctest.h>

using namespace uicclab;
using namespace uicclab::lwm2m;

namespace {

const Bytes kCorrect = to_bytes("A125 3000 3011 0C0F 4C774D324D20426F6F747374726170 A10E 300C 0604 672B0901 3004 0402 6432"_h);
const Bytes kDoubly = to_bytes("A127 3000 3011 0C0F 4C774D324D20426F6F747374726170 A110 300E 0606 0604672B0901 3004 0402 6432"_h);
constexpr auto kFid = "6432"_h;

}  // namespace

TEST_CASE("EF(ODF): the file of a real LwM2M client's test, written and read (PKCS #15 6.2)") {
  const auto bytes = "A706 3004 0402 6430"_h;  // nrfconnect sdk-nrf, tests/lib/uicc_lwm2m
  CHECK(equal(encode_odf({to_bytes("6430"_h)}), bytes));
  CHECK(parse_odf(bytes) == std::vector<Bytes>{to_bytes("6430"_h)});
}

TEST_CASE("EF(ODF): several directories, other object types and padding (PKCS #15 6.2)") {
  const auto two = "A70630040402 4407 A70630040402 4404 FFFFFFFF"_h;
  CHECK(parse_odf(two) == std::vector<Bytes>{to_bytes("4407"_h), to_bytes("4404"_h)});
  const auto mixed = "A80A30080406 3F0050154401 A70A30080406 3F0050154402 0000"_h;
  CHECK(parse_odf(mixed) == std::vector<Bytes>{to_bytes("3F0050154402"_h)});
  CHECK(parse_odf(Bytes(32, 0xFF))->empty());
  CHECK(parse_odf({})->empty());
}

TEST_CASE("EF(ODF): malformed ones are refused") {
  for (const Bytes& bad : {to_bytes("A7"_h), to_bytes("A706 3004 0402 64"_h), to_bytes("A706 3104 0402 6430"_h),
                           to_bytes("A706 3004 0502 6430"_h), to_bytes("A700"_h), to_bytes("A702 3000"_h), to_bytes("A705 3003 0401 64"_h),
                           to_bytes("A704 3002 0400"_h), to_bytes("A706 3004 0402 6430 FF A7"_h), to_bytes("A780 3004 0402 6430 0000"_h)}) {
    CAPTURE(to_hex(bad));
    CHECK_FALSE(parse_odf(bad));
  }
}

TEST_CASE("EF(DODF): both codings of the object identifier are written and read (LwM2M G.3.3)") {
  CHECK(encode_dodf(bootstrap_data_object(kFid)) == kCorrect);
  CHECK(encode_dodf(bootstrap_data_object(kFid, OidCoding::kDoublyEncoded)) == kDoubly);
  for (const auto& [bytes, coding] : {std::pair{kCorrect, OidCoding::kCorrect}, std::pair{kDoubly, OidCoding::kDoublyEncoded}}) {
    const auto object = find_bootstrap(concat({bytes, Bytes(20, 0xFF)}));
    REQUIRE(object);
    CHECK(*object == bootstrap_data_object(kFid, coding));
  }
}

TEST_CASE("EF(DODF): label and flags (PKCS #15 6.1.8)") {
  DataObject object = bootstrap_data_object(kFid);
  object.label = "boot";
  object.has_flags = true;
  for (const auto& [is_private, is_modifiable, flags] :
       {std::tuple{false, false, to_bytes("030100"_h)}, std::tuple{true, false, to_bytes("03020780"_h)},
        std::tuple{false, true, to_bytes("03020640"_h)}, std::tuple{true, true, to_bytes("030206C0"_h)}}) {
    object.is_private = is_private;
    object.is_modifiable = is_modifiable;
    const Bytes bytes = encode_dodf(object);
    CHECK(std::ranges::search(bytes, flags).begin() != bytes.end());
    CHECK(find_bootstrap(bytes) == object);
  }
}

TEST_CASE("EF(DODF): the bootstrap entry is found among others") {
  DataObject other = bootstrap_data_object("4444"_h);
  other.oid = to_bytes("672B0902"_h);
  const auto opaque = "3008 3000 3000 30020400"_h;
  const Bytes file = concat({opaque, encode_dodf(other), kDoubly, kCorrect});
  CHECK(parse_dodf(file)->size() == 3);
  CHECK(find_bootstrap(file)->coding == OidCoding::kDoublyEncoded);
  CHECK(find_bootstrap(encode_dodf(other)).error().code == ErrorCode::kNotFound);
  CHECK(find_bootstrap(Bytes(10, 0xFF)).error().code == ErrorCode::kNotFound);
  CHECK(find_bootstrap({}).error().code == ErrorCode::kNotFound);
}

TEST_CASE("EF(DODF): another path reaches every entry of the file, of the type oidDO and opaque ones (PKCS #15 6.9)") {
  const auto opaque = "300C 3000 3000 A106 30040402 6432"_h, other = "300C 3000 3000 A106 30040402 6444"_h;
  const auto turned = with_bootstrap_path(concat({opaque, kCorrect, other, Bytes(4, 0xFF)}), "6434"_h);
  REQUIRE(turned);
  CHECK(*turned == concat({"300C 3000 3000 A106 30040402 6434"_h, encode_dodf(bootstrap_data_object("6434"_h)), other, Bytes(4, 0xFF)}));
  CHECK(with_bootstrap_path(kCorrect, "643412"_h).error().code == ErrorCode::kRange);
}

TEST_CASE("EF(DODF): malformed ones are refused, and every cut of a good one") {
  for (const Bytes& good : {kCorrect, kDoubly}) {
    for (std::size_t cut = 1; cut < good.size(); ++cut) CHECK_FALSE(parse_dodf(BytesView(good).first(cut)));
  }
  for (const Bytes& bad : {
           to_bytes("A100"_h),
           to_bytes("A102 3000"_h),
           to_bytes("A104 3000 3000"_h),
           to_bytes("A106 3000 3000 A100"_h),
           to_bytes("A108 3000 3000 A102 3000"_h),
           to_bytes("A10E 3000 3000 A108 3006 0604 672B0901"_h),                           // no path
           to_bytes("A112 3000 3000 A10C 300A 0604 672B0981 3002 0400"_h),                 // an identifier that does not end
           to_bytes("A114 3000 3000 A10E 300C 0604 802B0901 3004 0402 6432"_h),            // one that begins with padding
           to_bytes("A110 3000 3000 A10A 3008 0600 3004 0402 6432"_h),                     // an empty one
           to_bytes("A112 3000 3000 A10C 300A 0602 0600 3004 0402 6432"_h),                // an empty one inside
           to_bytes("A116 3000 3000 A10E 300C 0604 672B0901 3004 0402 6432 0500"_h),       // something behind
           to_bytes("A118 3004 0302 08FF 3000 A10E 300C 0604 672B0901 3004 0402 6432"_h),  // flags with 8 unused bits
           to_bytes("A117 3003 0C01 FF 3000 A10E 300C 0604 672B0901 3004 0402 6432"_h),    // a label that is not UTF-8
           to_bytes("A117 3000 3003 0C01 FF A10E 300C 0604 672B0901 3004 0402 6432"_h),
       }) {
    CAPTURE(to_hex(bad));
    CHECK_FALSE(parse_dodf(bad));
  }
  CHECK_THROWS_AS(encode_dodf(DataObject{}), SystemError);
}
