// SPDX-License-Identifier: Apache-2.0
// Load files with signatures that security domains verify: GP clauses 6.6.1, 9.2.1, 11.6.2.3, C.3.
#include "core/crypto/aes.hpp"
#include "core/crypto/des.hpp"
#include "core/crypto/hash.hpp"
#include "gp/host/load_file.hpp"
#include "tests/support/cap_maker.hpp"
#include "tests/unit/issuer_sd/commands.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

constexpr std::string_view kOther = "F075696363000202";
constexpr std::string_view kDapKey = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";

Aid aid_of(std::string_view hex) {
  return Aid::from(*from_hex(hex)).value();
}

crypto::SecretBytes dap_key() {
  return crypto::SecretBytes(*from_hex(kDapKey));
}

Bytes aes_signature(BytesView hash) {
  return to_bytes(crypto::AesCmac(crypto::AesKey::from(dap_key()).value()).compute(hash));
}

Bytes des_signature(BytesView hash) {
  return to_bytes(crypto::RetailMac::from(dap_key()).value().compute(crypto::Bytes8{}, {hash}, crypto::MacPadding::k80));
}

/// A domain that verifies, with its key in version 73.
struct Bench : Management {
  explicit Bench(std::string_view privileges, scp03::KeyType type = scp03::KeyType::kAes) {
    REQUIRE(open().empty());
    REQUIRE(manage("E60C00", install_domain(kDomain, privileges)) == "009000");
    REQUIRE(open(scp03::Level::kAll, kTestKey, 0x30, kDomain).empty());
    REQUIRE(manage("D80001", put_one_key_data(*this, type)).ends_with("9000"));
    REQUIRE(open().empty());
  }

  static std::string put_one_key_data(Management& m, scp03::KeyType type) {
    const auto cipher = m.port.session()->key_cipher();
    return "73" + to_hex(scp03::encode_key(*cipher, type, dap_key()).value());
  }

  /// INSTALL [for load] into a domain, or the issuer's if none is named, and LOAD; the last answer.
  std::string load_signed(std::string_view into, const std::vector<gp::Dap>& daps, BytesView told_hash) {
    const std::string begun = manage("E60200", lv(cap.package) + lv(into) + lv(to_hex(told_hash)) + "0000");
    if (begun != "009000") return begun;
    const Bytes file = gp::host::encode_load_file(components, daps);
    std::vector<std::string> blocks;
    for (std::size_t at = 0; at < file.size(); at += 200) {
      blocks.push_back(to_hex(BytesView(file).subspan(at, std::min<std::size_t>(200, file.size() - at))));
    }
    return load(*this, blocks);
  }
  bool is_loaded() { return entry(*this, cap.package, gp::StatusOf::kLoadFiles).has_value(); }
  void remove() { REQUIRE(manage("E40000", "4F" + lv(cap.package)) == "009000"); }

  CapMaker cap;
  Bytes components = cap.build();
  Bytes hash = to_bytes(crypto::sha256({components}));
};

}  // namespace

TEST_CASE("DAP verification: what is loaded into the domain needs its signature, what goes elsewhere may have it (GP clause 9.2.1)") {
  Bench m("C00000");
  CHECK(m.load_signed(kDomain, {}, m.hash) == "6985");
  CHECK(m.load_signed(kDomain, {}, {}) == "6985");
  CHECK_FALSE(m.is_loaded());
  const gp::Dap right{aid_of(kDomain), aes_signature(m.hash)};
  for (const std::string_view into : {kDomain, std::string_view("")}) {
    CAPTURE(into);
    CHECK(m.load_signed(into, {right}, m.hash) == "009000");
    CHECK(m.is_loaded());
    m.remove();
  }
  CHECK(m.load_signed("", {}, {}) == "009000");
}

TEST_CASE("DAP verification: every bit of the signature counts, and it is one of this load file, key and domain (GP clause C.3)") {
  Bench m("C00000");
  REQUIRE(m.manage("E60C00", install_domain(kOther)) == "009000");
  const std::string before = told(m);
  const Bytes right = aes_signature(m.hash);
  for (std::size_t bit = 0; bit < right.size() * 8; ++bit) {
    CAPTURE(bit);
    Bytes bent = right;
    bent[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    CHECK(m.load_signed(kDomain, {{aid_of(kDomain), bent}}, m.hash) == "6A80");
  }
  const gp::Dap good{aid_of(kDomain), right};
  struct Case {
    const char* what;
    std::vector<gp::Dap> daps;
    Bytes hash;
    const char* status;
  };
  const Bytes other_hash = to_bytes(crypto::sha1({m.components}));
  const Case cases[] = {
      {"no hash", {good}, {}, "6A80"},
      {"the signature of another hash", {good}, other_hash, "6A80"},
      {"half a signature", {{aid_of(kDomain), Bytes(right.begin(), right.begin() + 8)}}, m.hash, "6A80"},
      {"triple DES with an AES key", {{aid_of(kDomain), des_signature(m.hash)}}, m.hash, "6A80"},
      {"a domain that does not verify", {{aid_of(kOther), right}}, m.hash, "6985"},
      {"an application", {{aid_of(kUsim), right}}, m.hash, "6985"},
      {"nobody", {{aid_of("F0756963630002FF"), right}}, m.hash, "6A88"},
      {"a good one and a bad one", {good, {aid_of(kDomain), other_hash}}, m.hash, "6A80"},
  };
  for (const Case& one : cases) {
    CAPTURE(std::string(one.what));
    CHECK(m.load_signed(kDomain, one.daps, one.hash) == one.status);
  }
  CHECK(told(m) == before);
}

TEST_CASE("mandated DAP verification: every load file needs the signature, until the domain is deleted (GP clause 9.2.1)") {
  Bench m("C10000");
  CHECK(m.load_signed("", {}, {}) == "6985");
  CHECK(m.load_signed("", {}, m.hash) == "6985");
  CHECK(m.load_signed("", {{aid_of(kDomain), aes_signature(m.hash)}}, m.hash) == "009000");
  m.remove();
  // A domain that is locked verifies nothing, and does not let things pass for that.
  REQUIRE(m.manage("F04080", kDomain) == "9000");
  CHECK(m.load_signed("", {{aid_of(kDomain), aes_signature(m.hash)}}, m.hash) == "6985");
  CHECK(m.load_signed("", {}, m.hash) == "6985");
  REQUIRE(m.manage("E40000", "4F" + lv(kDomain)) == "009000");
  CHECK(m.load_signed("", {}, {}) == "009000");
}

TEST_CASE("DAP verification with a triple DES key (GP clause B.1.2.2)") {
  Bench m("C00000", scp03::KeyType::kDes);
  CHECK(m.load_signed(kDomain, {{aid_of(kDomain), aes_signature(m.hash)}}, m.hash) == "6A80");
  CHECK(m.load_signed(kDomain, {{aid_of(kDomain), des_signature(m.hash)}}, m.hash) == "009000");
}

TEST_CASE("DAP verification: the signature is checked before anything of a combined process enters the registry (GP clause 11.5.2.1)") {
  Bench m("C10000");
  REQUIRE(m.manage("E60E01", lv(m.cap.package) + "00000000") == "009000");
  CHECK(load(m, load_blocks(m.components)) == "6985");
  CHECK_FALSE(m.is_loaded());
}

TEST_CASE("a domain whose one key verifies DAPs is opened with those of the domain above, reports only its own, and can lose it") {
  Bench m("C00000");
  REQUIRE(m.open(scp03::Level::kAll, kTestKey, 0x30, kDomain).empty());
  CHECK(m.send("80CA00E000") == "E006C004017388109000");
  REQUIRE(m.manage("E40000", "D20173") == "009000");
  CHECK(m.send("80CA00E000") == "E0009000");
  REQUIRE(m.open().empty());
  CHECK(m.load_signed(kDomain, {{aid_of(kDomain), aes_signature(m.hash)}}, m.hash) == "6985");  // no key, no verification
  CHECK_FALSE(m.is_loaded());
}
