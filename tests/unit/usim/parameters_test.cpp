// SPDX-License-Identifier: Apache-2.0
// The parameters of the modules "usim" and "isim", and what an instance keeps of them.
#include "applet/aka/engine.hpp"
#include "core/crypto/tuak.hpp"
#include "tests/support/vector_file.hpp"
#include "tests/unit/usim/network.hpp"

using namespace uicclab;
using namespace uicclab::test;
using namespace uicclab::applet;

namespace {

constexpr const char* kHex15 = "465B5CE8B199B49FAA5F0A2EE238A6";
constexpr const char* kHex16 = "465B5CE8B199B49FAA5F0A2EE238A6BC";
constexpr const char* kHex32 = "465B5CE8B199B49FAA5F0A2EE238A6BC465B5CE8B199B49FAA5F0A2EE238A6BC";

using Values = std::initializer_list<std::pair<const char*, ParameterValue>>;

Parameters parameters(Values values) {
  Parameters out;
  for (const auto& [key, value] : values) out.set(key, value);
  return out;
}

const Values kMilenage = {{"algorithm", "milenage"}, {"k", kHex16}, {"opc", kHex16}};
const Values kTuak = {{"algorithm", "tuak"}, {"k", kHex16}, {"topc", kHex32}};
const Values kXor = {{"algorithm", "xor"}, {"k", kHex16}};
const Values kComp128 = {{"algorithm", "comp128v3"}, {"k", kHex16}};

Parameters with(Values base, Values more) {
  Parameters out = parameters(base);
  for (const auto& [key, value] : more) out.set(key, value);
  return out;
}

constexpr std::int64_t operator""_n(unsigned long long number) {
  return static_cast<std::int64_t>(number);
}

}  // namespace

TEST_CASE("an error in the parameters names the key") {
  struct Case {
    Parameters parameters;
    ErrorCode code;
    const char* key;
  };
  const std::vector<Case> cases = {
      {{}, ErrorCode::kNotFound, "algorithm"},
      {parameters({{"algorithm", "des"}}), ErrorCode::kUnsupported, "algorithm"},
      {parameters({{"algorithm", "derived"}}), ErrorCode::kUnsupported, "algorithm"},
      {parameters({{"algorithm", 1_n}}), ErrorCode::kMalformed, "algorithm"},
      {parameters({{"algorithm", "milenage"}}), ErrorCode::kNotFound, "k"},
      {parameters({{"algorithm", "xor"}}), ErrorCode::kNotFound, "k"},
      {parameters({{"algorithm", "comp128v1"}}), ErrorCode::kNotFound, "k"},
      {parameters({{"algorithm", "milenage"}, {"k", kHex16}}), ErrorCode::kNotFound, "opc or op"},
      {parameters({{"algorithm", "tuak"}, {"k", kHex16}}), ErrorCode::kNotFound, "topc or top"},
      {with(kMilenage, {{"op", kHex16}}), ErrorCode::kRefused, "opc and op"},
      {with(kTuak, {{"top", kHex32}}), ErrorCode::kRefused, "topc and top"},
      {with(kMilenage, {{"k", kHex15}}), ErrorCode::kRange, "k"},
      {with(kMilenage, {{"k", kHex32}}), ErrorCode::kRange, "k"},
      {with(kMilenage, {{"k", "46xx"}}), ErrorCode::kMalformed, "k"},
      {with(kMilenage, {{"k", 5_n}}), ErrorCode::kMalformed, "k"},
      {with(kMilenage, {{"opc", kHex32}}), ErrorCode::kRange, "opc"},
      {parameters({{"algorithm", "milenage"}, {"k", kHex16}, {"op", kHex15}}), ErrorCode::kRange, "op"},
      {with(kTuak, {{"topc", kHex16}}), ErrorCode::kRange, "topc"},
      {parameters({{"algorithm", "tuak"}, {"k", kHex16}, {"top", kHex16}}), ErrorCode::kRange, "top"},
      {with(kMilenage, {{"r3", 128_n}}), ErrorCode::kRange, "r3"},
      {with(kMilenage, {{"c5", kHex15}}), ErrorCode::kRange, "c5"},
      {with(kMilenage, {{"r6", 1_n}}), ErrorCode::kRefused, "r6"},
      {with(kMilenage, {{"res_length", 3_n}}), ErrorCode::kRange, "res_length"},
      {with(kMilenage, {{"res_length", 16_n}}), ErrorCode::kRange, "res_length"},
      {with(kTuak, {{"res_length", 5_n}}), ErrorCode::kRange, "res_length"},
      {with(kXor, {{"res_length", 17_n}}), ErrorCode::kRange, "res_length"},
      {with(kTuak, {{"mac_length", 4_n}}), ErrorCode::kRange, "mac_length"},
      {with(kTuak, {{"ck_length", 8_n}}), ErrorCode::kRange, "ck_length"},
      {with(kTuak, {{"ik_length", 64_n}}), ErrorCode::kRange, "ik_length"},
      {with(kTuak, {{"keccak_iterations", 0_n}}), ErrorCode::kRange, "keccak_iterations"},
      {with(kTuak, {{"keccak_iterations", 256_n}}), ErrorCode::kRange, "keccak_iterations"},
      {with(kTuak, {{"opc", kHex16}}), ErrorCode::kRefused, "opc"},
      {with(kMilenage, {{"topc", kHex32}}), ErrorCode::kRefused, "topc"},
      {with(kMilenage, {{"keccak_iterations", 1_n}}), ErrorCode::kRefused, "keccak_iterations"},
      {with(kXor, {{"opc", kHex16}}), ErrorCode::kRefused, "opc"},
      {with(kMilenage, {{"gsm_algorithm", "milenage"}}), ErrorCode::kUnsupported, "gsm_algorithm"},
      {with(kMilenage, {{"gsm_ki", kHex16}}), ErrorCode::kRefused, "gsm_ki"},
      {with(kMilenage, {{"gsm_algorithm", "comp128v1"}, {"gsm_ki", kHex15}}), ErrorCode::kRange, "gsm_ki"},
      {parameters({{"algorithm", "tuak"}, {"k", kHex32}, {"topc", kHex32}, {"gsm_algorithm", "xor"}}), ErrorCode::kNotFound, "gsm_ki"},
      {with(kComp128, {{"gsm_algorithm", "xor"}}), ErrorCode::kRefused, "gsm_algorithm"},
      {with(kComp128, {{"sqn.start", 1_n}}), ErrorCode::kRefused, "sqn.start"},
      {with(kMilenage, {{"sqn.ind_bits", 9_n}}), ErrorCode::kRange, "sqn.ind_bits"},
      {with(kMilenage, {{"sqn.start", 0x1000000000000_n}}), ErrorCode::kRange, "sqn.start"},
      {with(kMilenage, {{"sqn.start", -1}}), ErrorCode::kRange, "sqn.start"},
      {with(kMilenage, {{"sqn.start", "00"}}), ErrorCode::kMalformed, "sqn.start"},
      {with(kMilenage, {{"sqn.delta", -1}}), ErrorCode::kRange, "sqn.delta"},
      {with(kMilenage, {{"sqn.age_limit", 0x1000000000000_n}}), ErrorCode::kRange, "sqn.age_limit"},
      {with(kMilenage, {{"pin", 0_n}}), ErrorCode::kRange, "pin"},
      {with(kMilenage, {{"pin", 9_n}}), ErrorCode::kRange, "pin"},
      {with(kMilenage, {{"pin", 0x81_n}}), ErrorCode::kRange, "pin"},
      {with(kMilenage, {{"sqn", 1_n}}), ErrorCode::kRefused, "sqn"},
  };
  for (const char* name : {"usim", "isim"}) {
    for (const Case& c : cases) {
      CAPTURE(c.key);
      const auto objects = module_named(name).personalise(c.parameters);
      REQUIRE_FALSE(objects);
      CAPTURE(objects.error().text);
      CHECK(objects.error().code == c.code);
      CHECK(objects.error().text.starts_with(c.key));
    }
  }
}

TEST_CASE("an error never shows a key's value") {
  for (const Parameters& bad : {with(kMilenage, {{"r9", 1_n}}), with(kMilenage, {{"k", kHex15}}), with(kMilenage, {{"pin", 9_n}})}) {
    CHECK(module_named("usim").personalise(bad).error().text.find("465B") == std::string::npos);
  }
}

TEST_CASE("omitted parameters have the value of the table in applet/usim/module.hpp") {
  const auto made = aka::read_subscriber(parameters(kMilenage)).value();
  CHECK(made.sqn_start == 0);
  CHECK(made.subscriber.sqn == aka::SqnRules{5, 268435456, 0});
  CHECK(made.subscriber.pin == 1);
  CHECK(made.subscriber.res_length == 8);
  CHECK(made.subscriber.gsm == aka::Algorithm::kDerived);
  CHECK(made.subscriber.milenage.r == std::array<std::uint8_t, 5>{64, 0, 32, 64, 96});
  CHECK(aka::read_subscriber(parameters(kXor)).value().subscriber.res_length == 16);
  const auto tuak = aka::read_subscriber(parameters(kTuak)).value().subscriber.tuak;
  CHECK(tuak.mac_size == 8);
  CHECK(tuak.res_size == 8);
  CHECK(tuak.ck_size == 16);
  CHECK(tuak.ik_size == 16);
  CHECK(tuak.iterations == 1);
}

TEST_CASE("a subscriber survives its persistent form with every field") {
  const std::vector<Parameters> all = {
      parameters(kMilenage),
      with(kMilenage, {{"r1", 1_n}, {"r5", 127_n}, {"c1", kHex16}, {"c5", kHex16}, {"res_length", 4_n}, {"pin", 17_n}}),
      with(kMilenage,
           {{"gsm_algorithm", "comp128v2"}, {"gsm_ki", kHex16}, {"sqn.ind_bits", 0_n}, {"sqn.delta", 7_n}, {"sqn.age_limit", 9_n}}),
      with(kMilenage, {{"gsm_algorithm", "derived-truncated"}}),
      with(kTuak, {{"k", kHex32},
                   {"mac_length", 32_n},
                   {"res_length", 32_n},
                   {"ck_length", 32_n},
                   {"ik_length", 32_n},
                   {"keccak_iterations", 255_n}}),
      with(kXor, {{"gsm_algorithm", "xor"}}),
      parameters(kComp128),
  };
  for (const Parameters& one : all) {
    const auto made = aka::read_subscriber(one).value();
    const Bytes bytes = encode(made.subscriber);
    const auto again = aka::decode_subscriber(bytes);
    REQUIRE(again);
    CHECK(encode(*again) == bytes);
    CHECK(again->k == made.subscriber.k);
    CHECK(again->opc == made.subscriber.opc);
    CHECK(again->sqn == made.subscriber.sqn);
    CHECK(again->pin == made.subscriber.pin);
    CHECK(again->tuak.res_size == made.subscriber.tuak.res_size);
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(aka::decode_subscriber(BytesView(bytes).first(size)));
    CHECK(aka::decode_subscriber(concat({bytes, "00"_h})).error().code == ErrorCode::kTrailing);
  }
}

TEST_CASE("a persistent form that cannot be is refused") {
  const Bytes good = encode(aka::read_subscriber(parameters(kMilenage)).value().subscriber);
  const auto changed = [&](std::size_t place, std::uint8_t value) {
    Bytes bytes = good;
    bytes[place] = value;
    return aka::decode_subscriber(bytes);
  };
  CHECK(changed(0, 2).error().code == ErrorCode::kUnsupported);
  CHECK(changed(1, 0).error().code == ErrorCode::kMalformed);
  CHECK(changed(1, 9).error().code == ErrorCode::kMalformed);
  CHECK(changed(2, 9).error().code == ErrorCode::kMalformed);
  CHECK(changed(5, 9).error().code == ErrorCode::kMalformed);
  CHECK_FALSE(changed(18, 65));  // LV K over the capacity of a secret

  const auto derived_from_none = changed(1, static_cast<std::uint8_t>(aka::Algorithm::kDerived));
  CHECK_FALSE(derived_from_none);  // the constants of Milenage are left over
  auto subscriber = aka::read_subscriber(parameters(kMilenage)).value().subscriber;
  subscriber.algorithm = aka::Algorithm::kDerived;
  CHECK(aka::Engine::from(subscriber).error().code == ErrorCode::kRange);
  subscriber.algorithm = aka::Algorithm::kMilenage;
  subscriber.k = crypto::SecretBytes("00"_h);
  CHECK(aka::Engine::from(subscriber).error().code == ErrorCode::kRange);
}

TEST_CASE("the built-in modules: their names and AIDs are different, their load file is one") {
  const ModuleCatalogue catalogue = builtin_modules();
  REQUIRE(catalogue.size() >= 2);
  for (std::size_t i = 0; i < catalogue.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      CHECK(catalogue[i]->name() != catalogue[j]->name());
      CHECK(catalogue[i]->module_aid() != catalogue[j]->module_aid());
    }
  }
  CHECK(equal(module_named("usim").load_file_aid().bytes(), "F075696363 6C616201"_h));
  CHECK(equal(module_named("usim").module_aid().bytes(), "F075696363 6C61620101"_h));
  CHECK(equal(module_named("isim").module_aid().bytes(), "F075696363 6C61620102"_h));
  CHECK(module_named("isim").load_file_aid() == module_named("usim").load_file_aid());
}
