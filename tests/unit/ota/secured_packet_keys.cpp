// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/ota/packet_vectors.hpp"

using namespace uicclab;
using namespace uicclab::ota;
using namespace uicclab::test;

namespace {

const std::string kOk = "ok";

std::string outcome(const Result<PacketCipher>& made) {
  if (made) return kOk + std::to_string(made->block_size());
  return made.error().code == ErrorCode::kUnsupported ? "unsupported" : made.error().code == ErrorCode::kMismatch ? "mismatch" : "none";
}

std::string outcome(const Result<PacketCheck>& made) {
  if (made) return kOk + std::to_string(made->size());
  return made.error().code == ErrorCode::kUnsupported ? "unsupported" : made.error().code == ErrorCode::kMismatch ? "mismatch" : "none";
}

struct Keys {
  OtaKey none;
  OtaKey des8 = des_key(Bytes(8, 0x11));
  OtaKey des16 = des_key(Bytes(16, 0x22));
  OtaKey des24 = des_key(Bytes(24, 0x33));
  OtaKey aes16 = aes_key(Bytes(16, 0x44));
  OtaKey aes24 = aes_key(Bytes(24, 0x55));
  OtaKey aes32 = aes_key(Bytes(32, 0x66));
  std::array<const OtaKey*, 7> all() const { return {&none, &des8, &des16, &des24, &aes16, &aes24, &aes32}; }
};

}  // namespace

TEST_CASE("KIc names a cipher that fits the key, or none (TS 102 225 clause 5.1.2)") {
  const Keys keys;
  struct Row {
    std::uint8_t low;
    std::array<const char*, 7> outcome;  // without key, DES 8, 16, 24, AES 16, 24, 32
  };
  const char* n = "none";
  const char* u = "unsupported";
  const char* m = "mismatch";
  for (const Row& row : {Row{0x0, {n, "ok8", "ok8", "ok8", "ok16", "ok16", "ok16"}}, Row{0x1, {n, "ok8", m, m, m, m, m}},
                         Row{0x2, {n, m, m, m, "ok16", "ok16", "ok16"}}, Row{0x3, {n, u, u, u, u, u, u}}, Row{0x4, {n, u, u, u, u, u, u}},
                         Row{0x5, {n, m, "ok8", m, m, m, m}}, Row{0x6, {n, u, u, u, u, u, u}}, Row{0x7, {n, u, u, u, u, u, u}},
                         Row{0x8, {n, u, u, u, u, u, u}}, Row{0x9, {n, m, m, "ok8", m, m, m}}, Row{0xA, {n, u, u, u, u, u, u}},
                         Row{0xB, {n, u, u, u, u, u, u}}, Row{0xC, {n, u, u, u, u, u, u}}, Row{0xD, {n, "ok8", m, m, m, m, m}},
                         Row{0xE, {n, u, u, u, u, u, u}}, Row{0xF, {n, u, u, u, u, u, u}}}) {
    CAPTURE(int{row.low});
    for (std::size_t k = 0; k < row.outcome.size(); ++k) {
      CAPTURE(k);
      for (unsigned version : {0x00U, 0x10U, 0xF0U}) {
        const auto kic = static_cast<std::uint8_t>(version | row.low);
        CHECK(outcome(PacketCipher::make(kic, *keys.all()[k], kEverything)) == std::string(row.outcome[k]));
      }
    }
  }
}

TEST_CASE("KID names a checksum that fits the key, or a CRC (TS 102 225 clause 5.1.3)") {
  const Keys keys;
  const auto cc = [](std::uint8_t kid, const OtaKey& key, AlgorithmPolicy policy = kEverything) {
    return outcome(PacketCheck::make(Check::kCc, kid, key, policy));
  };
  CHECK(cc(0x10, keys.des16) == "ok8");
  CHECK(cc(0x10, keys.aes24) == "ok8");
  CHECK(cc(0x11, keys.des8) == "ok8");
  CHECK(cc(0x15, keys.des16) == "ok8");
  CHECK(cc(0x19, keys.des24) == "ok8");
  CHECK(cc(0x12, keys.aes32) == "ok8");
  CHECK(cc(0x12, keys.des16) == "mismatch");
  CHECK(cc(0x15, keys.aes16) == "mismatch");
  CHECK(cc(0x15, keys.des24) == "mismatch");
  CHECK(cc(0x1D, keys.des8) == "unsupported");
  CHECK(cc(0x13, keys.des8) == "unsupported");
  CHECK(cc(0x16, keys.aes16) == "unsupported");
  CHECK(cc(0x12, keys.none) == "none");
  const auto rc = [](std::uint8_t kid) { return outcome(PacketCheck::make(Check::kRc, kid, {}, {})); };
  CHECK(rc(0x00) == "ok4");
  CHECK(rc(0x01) == "ok2");
  CHECK(rc(0x05) == "ok4");
  CHECK(rc(0x35) == "ok4");
  for (std::uint8_t reserved : "02030406090D"_h) CHECK(rc(reserved) == "unsupported");
  CHECK(outcome(PacketCheck::make(Check::kDs, 0x12, keys.aes16, kEverything)) == "unsupported");
  CHECK(outcome(PacketCheck::make(Check::kNone, 0x12, keys.aes16, kEverything)) == "unsupported");
}

TEST_CASE("Single DES and short checksums are refused unless they are allowed") {
  const Keys keys;
  CHECK(outcome(PacketCipher::make(0x11, keys.des8, {})) == "unsupported");
  CHECK(outcome(PacketCipher::make(0x1D, keys.des8, {})) == "unsupported");
  CHECK(outcome(PacketCipher::make(0x10, keys.des8, {})) == "unsupported");
  CHECK(outcome(PacketCheck::make(Check::kCc, 0x11, keys.des8, {})) == "unsupported");
  CHECK(outcome(PacketCipher::make(0x15, keys.des16, {})) == "ok8");
  const auto cmac = PacketCheck::make(Check::kCc, 0x12, keys.aes16, {});
  CHECK(cmac->has_size(8));
  CHECK_FALSE(cmac->has_size(4));
  CHECK_FALSE(cmac->has_size(0));
  const auto either = PacketCheck::make(Check::kCc, 0x12, keys.aes16, {false, true});
  CHECK(either->has_size(8));
  CHECK(either->has_size(4));
  CHECK_FALSE(either->has_size(6));
  CHECK_FALSE(PacketCheck::make(Check::kCc, 0x15, keys.des16, kEverything)->has_size(4));
}

TEST_CASE("The keys of a pair are made once and refuse an invalid check") {
  PacketKeys keys(0x12, 0x15, {aes_key(Bytes(16, 1)), des_key(Bytes(16, 2))});
  const auto cipher = keys.cipher();
  REQUIRE(cipher);
  CHECK(*keys.cipher() == *cipher);
  const auto cc = keys.check(Check::kCc);
  REQUIRE(cc);
  CHECK(*keys.check(Check::kCc) == *cc);
  CHECK(keys.check(Check::kDs).error().code == ErrorCode::kUnsupported);
  CHECK(keys.check(Check::kNone).error().code == ErrorCode::kUnsupported);
  const auto rc = keys.check(Check::kRc);
  REQUIRE(rc);
  CHECK((*rc)->size() == 4);
  PacketKeys empty(0x12, 0x12, {});
  CHECK(empty.cipher().error().code == ErrorCode::kNotFound);
  CHECK(empty.cipher().error().code == ErrorCode::kNotFound);
  CHECK(empty.check(Check::kCc).error().code == ErrorCode::kNotFound);
}

TEST_CASE("A part of a block is not ciphered") {
  auto cipher = PacketCipher::make(0x12, aes_key(Bytes(16, 1)), {}).value();
  Bytes bytes(17);
  CHECK_THROWS_AS(cipher.encrypt(bytes), SystemError);
  CHECK_THROWS_AS(cipher.decrypt(bytes), SystemError);
}
