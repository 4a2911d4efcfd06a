// SPDX-License-Identifier: Apache-2.0
// What each kind of object may contain: docs/formats/mcim.md, "Data".
#include <functional>

#include <doctest/doctest.h>

#include "core/reader.hpp"
#include "mcim/object.hpp"

using namespace uicclab;
using namespace uicclab::mcim;
using crypto::SecretBytes;

namespace {

Subscription of(Tag tag, const std::function<void(Subscription&)>& fill = {}) {
  Subscription out;
  out.tag = tag;
  out.nonce.fill(0x11);
  out.algorithm = Algorithm::kKept;
  if (fill) fill(out);
  return out;
}
void keys(Subscription& s, Algorithm algorithm, std::size_t ki, std::size_t opc) {
  s.algorithm = algorithm;
  s.ki = SecretBytes(Bytes(ki, 1));
  s.opc = SecretBytes(Bytes(opc, 2));
}
void whole(Subscription& s) {
  s.imsi = "001010000000001";
  keys(s, Algorithm::kMilenage, 16, 16);
}

std::string refusal(const Subscription& s) {
  const auto good = check(s);
  return good ? "" : good.error().text;
}
bool comes_back(const Subscription& s) {
  const auto payload = encode_subscription(s);
  const auto back = parse_subscription(payload, s.tag);
  return back && equal(encode_subscription(*back), payload);
}

}  // namespace

TEST_CASE("Each tag: what it needs, what it must not have, and it comes back (TR 33.812 5.1.3.7.3.3: algorithm, update, MCIM)") {
  const auto mcim = of(Tag::kMcim, whole);
  CHECK(refusal(mcim) == "");
  CHECK(comes_back(mcim));
  CHECK(refusal(of(Tag::kMcim)) == "an MCIM needs: IMSI, Ki, algorithm");
  CHECK(refusal(of(Tag::kMcim, [](Subscription& s) {
          whole(s);
          s.new_token = SecretBytes(Bytes(4));
        })) == "an MCIM must not have: new token");

  const auto algorithm = of(Tag::kAlgorithm, [](Subscription& s) { keys(s, Algorithm::kTuak, 0, 32); });
  CHECK(refusal(algorithm) == "");
  CHECK(comes_back(algorithm));
  CHECK(refusal(of(Tag::kAlgorithm, whole)) == "an algorithm must not have: IMSI, Ki");
  CHECK(refusal(of(Tag::kAlgorithm)) == "an algorithm needs: algorithm");

  const auto update = of(Tag::kUpdate, [](Subscription& s) { s.imsi = "001010000000002"; });
  CHECK(refusal(update) == "");
  CHECK(comes_back(update));
  CHECK(refusal(of(Tag::kUpdate, whole)) == "");
  CHECK(refusal(of(Tag::kUpdate)) == "an update that changes nothing");
  CHECK(refusal(of(Tag::kUpdate, [](Subscription& s) { s.ki = SecretBytes(Bytes(16)); })) == "Ki without an algorithm");
  CHECK(refusal(of(Tag::kUpdate, [](Subscription& s) { s.opc = SecretBytes(Bytes(16)); })) == "OPc without an algorithm");
  CHECK(refusal(of(Tag::kUpdate, [](Subscription& s) { keys(s, Algorithm::kMilenage, 16, 0); })) ==
        "Milenage (TS 35.206) needs an OPc or TOPc of 16 bytes, found none");

  const auto token = of(Tag::kToken, [](Subscription& s) { s.new_token = SecretBytes(Bytes(64, 3)); });
  CHECK(refusal(token) == "");
  CHECK(comes_back(token));
  CHECK(refusal(of(Tag::kToken)) == "a token needs: new token");
  CHECK(refusal(of(Tag::kToken, [](Subscription& s) {
          s.new_token = SecretBytes(Bytes(4));
          s.imsi = "001010000000001";
        })) == "a token must not have: IMSI");
  CHECK(refusal(of(static_cast<Tag>(5))) == "no such kind of object");
  // The same fields under another tag.
  CHECK_FALSE(parse_subscription(encode_subscription(token), Tag::kUpdate));
  CHECK_FALSE(parse_subscription(encode_subscription(mcim), Tag::kAlgorithm));
  CHECK_FALSE(parse_subscription(encode_subscription(update)));
}

TEST_CASE("Keys by algorithm: Milenage 16 and 16, TUAK 16 or 32 and 32, XOR 16 and none (TS 35.206, 35.231, 34.108)") {
  const auto answer = [](Algorithm algorithm, std::size_t ki, std::size_t opc, std::size_t constants = 0) {
    return refusal(of(Tag::kMcim, [&](Subscription& s) {
      s.imsi = "001010000000001";
      keys(s, algorithm, ki, opc);
      s.constants = Bytes(constants, 0x10);
    }));
  };
  CHECK(answer(Algorithm::kMilenage, 16, 16) == "");
  CHECK(answer(Algorithm::kMilenage, 32, 16) == "Milenage (TS 35.206) needs a Ki of 16 bytes, this one has 32");
  CHECK(answer(Algorithm::kMilenage, 16, 32).ends_with("of 16 bytes, found 32 bytes"));
  CHECK(answer(Algorithm::kMilenage, 16, 0).ends_with("found none"));
  CHECK(answer(Algorithm::kTuak, 16, 32) == "");
  CHECK(answer(Algorithm::kTuak, 32, 32) == "");
  CHECK(answer(Algorithm::kTuak, 24, 32) != "");
  CHECK(answer(Algorithm::kTuak, 16, 16) != "");
  CHECK(answer(Algorithm::kXor, 16, 0) == "");
  CHECK(answer(Algorithm::kXor, 16, 16) == "XOR (TS 34.108) needs no OPc, found 16 bytes");
  CHECK(answer(Algorithm::kXor, 32, 0) != "");

  CHECK(answer(Algorithm::kMilenage, 16, 16, 85) == "");
  CHECK(answer(Algorithm::kMilenage, 16, 16, 84) != "");
  CHECK(answer(Algorithm::kTuak, 16, 32, 5) == "");  // 16 iterations, and 16 bytes of each
  CHECK(answer(Algorithm::kXor, 16, 0, 1) == "");
  const auto constants = [](Algorithm algorithm, std::size_t opc, const Bytes& value) {
    return refusal(of(Tag::kAlgorithm, [&](Subscription& s) {
      keys(s, algorithm, 0, opc);
      s.constants = value;
    }));
  };
  CHECK(constants(Algorithm::kTuak, 32, to_bytes("02 08 08 10 10"_h)) == "");
  CHECK(constants(Algorithm::kTuak, 32, to_bytes("00 08 08 10 10"_h)) == "constants that TUAK (TS 35.231) does not allow");
  CHECK(constants(Algorithm::kTuak, 32, to_bytes("01 05 08 10 10"_h)) != "");
  CHECK(constants(Algorithm::kTuak, 32, to_bytes("01 08 04 10 10"_h)) != "");
  CHECK(constants(Algorithm::kTuak, 32, to_bytes("01 08 08 08 10"_h)) != "");
  CHECK(constants(Algorithm::kXor, 0, to_bytes("03"_h)) != "");
  CHECK(constants(Algorithm::kXor, 0, to_bytes("11"_h)) != "");
  CHECK(constants(Algorithm::kMilenage, 16, concat({"80 00 20 40 60"_h, Bytes(80)})) != "");
}

TEST_CASE("IMSI and the digits of its MNC") {
  const auto answer = [](const char* imsi, std::uint8_t digits) {
    return refusal(of(Tag::kUpdate, [&](Subscription& s) {
      s.imsi = imsi;
      s.mnc_digits = digits;
    }));
  };
  CHECK(answer("001010000000001", 2) == "");
  CHECK(answer("001010000000001", 3) == "");
  for (const std::uint8_t digits : "0104FF"_h) CHECK(answer("001010000000001", digits) != "");
  CHECK(answer("", 2) != "");
  CHECK(answer("00101", 0) == "an IMSI is 6 to 15 digits");
  CHECK(answer("0010100000000011", 0) != "");
  CHECK(answer("00101000000000A", 0) != "");
}

TEST_CASE("A target that no card can have") {
  const auto answer = [](std::size_t size) {
    return refusal(of(Tag::kUpdate, [&](Subscription& s) {
      s.imsi = "001010000000001";
      s.target = std::string(size, 'x');
    }));
  };
  CHECK(answer(255) == "");
  CHECK(answer(256) == "a target has up to 255 bytes");
}

TEST_CASE("A field that comes twice, or behind a higher one, and an empty one are refused") {
  const auto good = encode_subscription(of(Tag::kUpdate, [](Subscription& s) { s.imsi = "001010000000001"; }));
  CHECK(parse_subscription(good, Tag::kUpdate));
  const BytesView nonce = BytesView(good).first(19);
  const BytesView imsi = BytesView(good).subspan(19);
  CHECK_FALSE(parse_subscription(concat({nonce, imsi, imsi}), Tag::kUpdate));
  CHECK_FALSE(parse_subscription(concat({imsi, nonce}), Tag::kUpdate));
  CHECK_FALSE(parse_subscription(concat({nonce, nonce, imsi}), Tag::kUpdate));
  CHECK_FALSE(parse_subscription(concat({good, "06 0000"_h}), Tag::kUpdate));
  CHECK_FALSE(parse_subscription(imsi, Tag::kUpdate));
  CHECK_FALSE(parse_subscription({}, Tag::kUpdate));
}
