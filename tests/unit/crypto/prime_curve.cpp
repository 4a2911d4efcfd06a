// SPDX-License-Identifier: Apache-2.0
// Curves with given domain parameters: RFC 6979 annex A.2.5 (key, k, r and s), RFC 5903 clause 8.1 (Diffie-Hellman).
#include "core/crypto/prime_curve.hpp"

#include <doctest/doctest.h>

#include "core/crypto/digest.hpp"
#include "core/hex.hpp"

using namespace uicclab;
using namespace uicclab::crypto;

namespace {

/// Gives what it was given.
class Fixed final : public Random {
 public:
  explicit Fixed(Bytes bytes) : m_bytes(std::move(bytes)) {}
  void fill(std::span<std::uint8_t> out) override { std::copy_n(m_bytes.begin(), out.size(), out.begin()); }

 private:
  Bytes m_bytes;
};

const Bytes kPrivate = *from_hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
const std::string kPublic =
    "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";

PrimeCurve p256() {
  auto curve = PrimeCurve::from(*usual_curve(256));
  REQUIRE(curve);
  return *std::move(curve);
}

}  // namespace

TEST_CASE("prime curve: public key and ECDSA with the k of RFC 6979 annex A.2.5") {
  const PrimeCurve curve = p256();
  CHECK(to_hex(*curve.public_key(kPrivate)) == kPublic);
  struct Case {
    DigestName name;
    const char* k;
    const char* rs;
  };
  for (const auto& [name, k, rs] :
       std::initializer_list<Case>{{DigestName::kSha256, "A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60",
                                    "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716F7CB1C942D657C41D436C7A1B6E29F65F3E900"
                                    "DBB9AFF4064DC4AB2F843ACDA8"},
                                   {DigestName::kSha1, "882905F1227FD620FBF2ABF21244F0BA83D0DC3A9103DBBEE43A1FB858109DB4",
                                    "61340C88C3AAEBEB4F6D667F672CA9759A6CCAA9FA8811313039EE4A35471D326D7F147DAC089441BB2E2FE8F7A3FA264B9C47"
                                    "5098FDCF6E00D7C996E1B8B7EB"},
                                   {DigestName::kSha512, "5FA81C63109BADB88C1F367B47DA606DA28CAD69AA22C4FE6AD7DF73A7173AA5",
                                    "8496A60B5E9B47C825488827E0495B0E3FA109EC4568FD3F8D1097678EB97F002362AB1ADBE2B8ADF9CB9EDAB740EA6049C028"
                                    "114F2460F96554F61FAE3302FE"}}) {
    const Bytes hash = digest(name, *from_hex("73616D706C65"));
    Fixed random(*from_hex(k));
    const auto made = curve.sign(hash, kPrivate, random);
    REQUIRE(made);
    CHECK(to_hex(*made) == rs);
    const auto value = ecdsa_from_der(ecdsa_to_der(*made));
    REQUIRE(value);
    CHECK(curve.verify(hash, value->r, value->s, *from_hex(kPublic)));
    Bytes other = hash;
    other[0] ^= 1;
    CHECK_FALSE(curve.verify(other, value->r, value->s, *from_hex(kPublic)));
    CHECK_FALSE(curve.verify(hash, value->s, value->r, *from_hex(kPublic)));
    CHECK_FALSE(curve.verify(hash, {}, value->s, *from_hex(kPublic)));
  }
}

TEST_CASE("prime curve: Diffie-Hellman of RFC 5903 clause 8.1; points that do not lie on the curve") {
  const PrimeCurve curve = p256();
  const Bytes i = *from_hex("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433");
  const Bytes r = *from_hex("C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53");
  const auto first = curve.agree(i, *curve.public_key(r));
  REQUIRE(first);
  CHECK(to_hex(*first).starts_with("04D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE"));
  CHECK(*first == *curve.agree(r, *curve.public_key(i)));
  Bytes off = *curve.public_key(r);
  off.back() ^= 1;
  CHECK(curve.agree(i, off).error().code == ErrorCode::kMalformed);
  CHECK(curve.agree(i, Bytes{0}).error().code == ErrorCode::kMalformed);
  CHECK(curve.agree(Bytes(32), *curve.public_key(r)).error().code == ErrorCode::kRange);
  CHECK(curve.public_key(Bytes(33, 0xFF)).error().code == ErrorCode::kRange);
}

TEST_CASE("prime curve: parameters that are no curve are refused") {
  const auto bent = [](Bytes CurveParameters::*part) {
    CurveParameters parameters = *usual_curve(256);
    (parameters.*part).back() ^= 1;
    return PrimeCurve::from(parameters).has_value();
  };
  CHECK_FALSE(bent(&CurveParameters::p));
  CHECK_FALSE(bent(&CurveParameters::b));
  CHECK_FALSE(bent(&CurveParameters::g));
  CHECK_FALSE(PrimeCurve::from({}));
  CHECK_FALSE(usual_curve(255));
  for (const unsigned bits : {112U, 128U, 160U, 192U, 224U, 320U, 384U, 512U, 521U}) {
    const auto parameters = usual_curve(bits);
    REQUIRE(parameters);
    CHECK(PrimeCurve::from(*parameters));
  }
}

TEST_CASE("prime curve: what is no curve after all is an error, never an exception") {
  // (0, 0) has the order 2, not the one that is said
  CurveParameters parameters = *usual_curve(256);
  parameters.a = Bytes{1};
  parameters.b = Bytes{0};
  parameters.g = Bytes(65);
  parameters.g[0] = 4;
  const auto small = PrimeCurve::from(parameters);
  REQUIRE(small);
  Bytes two(32);
  two.back() = 2;
  Fixed random(two);
  const auto made = small->generate(random);
  REQUIRE_FALSE(made);
  CHECK(made.error().code == ErrorCode::kRange);
  // p = 3^70: the point (1, 3) of y^2 = x^3 + x + 7 cannot be doubled
  const Bytes p = *from_hex("7B6A43A7EF901FD29F05F9E837D9");
  CurveParameters composite{p, {1}, {7}, Bytes(1 + 2 * p.size()), p, 1};
  composite.g[0] = 4;
  composite.g[p.size()] = 1;
  composite.g[2 * p.size()] = 3;
  const auto none = PrimeCurve::from(composite);
  REQUIRE(none);
  CHECK_FALSE(none->public_key(Bytes{2}));
}

TEST_CASE("prime curve: ECDSA-Sig-Value is read strictly enough (RFC 3279 clause 2.2.3)") {
  CHECK(to_hex(ecdsa_to_der(*from_hex("0080017F0203"))) == "300A020300800102037F0203");
  for (const char* bad :
       {"", "30", "3000", "300602010102", "3006020101020181", "30060201010201017F", "3106020101020101", "30060200020201FF"}) {
    CHECK_FALSE(ecdsa_from_der(*from_hex(bad)));
  }
}
