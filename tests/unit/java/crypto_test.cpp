// SPDX-License-Identifier: Apache-2.0
// javacard.security and javacardx.crypto on a card, by tests/java/crypto: Java Card API 3.0.5. Vectors: FIPS 180-4 and 202 examples, RFC
// 1321, RFC 1952; FIPS 197, NIST SP 800-38A and 800-38B; RFC 4231; RFC 6979 annex A.2.5 (keys, signatures); SEC 2; OpenSSL 3.0 where said.
#include <set>

#include "core/crypto/digest.hpp"
#include "core/crypto/prime_curve.hpp"
#include "tests/unit/java/stage.hpp"

using namespace uicclab;
using namespace uicclab::test;

namespace {

const std::string kFile = "F0756963B1", kCrypto = "F0756963B101";

struct Crypto : Stage {
  Crypto() {
    REQUIRE(load_file(kFile, "crypto") == "009000");
    REQUIRE(install_it(kCrypto, "C900", kFile, kCrypto) == "009000");
    REQUIRE(select(kCrypto) == "9000");
  }
  /// A key of a TYPE_ constant, of this many bits.
  void build(int type, int bits, int where) {
    CHECK(ask("20", byte(type) + byte(where), to_hex(Bytes{static_cast<std::uint8_t>(bits >> 8), static_cast<std::uint8_t>(bits)})) ==
          "9000");
  }
  void set(int part, int where, const std::string& value) { CHECK(ask("21", byte(part) + byte(where), value) == "9000"); }
  static std::string byte(int value) { return to_hex(Bytes{static_cast<std::uint8_t>(value)}); }
  void aes(int where, const std::string& key) {
    build(15, static_cast<int>(key.size()) * 4, where);
    set(1, where, key);
  }
  void des(int where, const std::string& key) {
    build(3, static_cast<int>(key.size()) * 4, where);
    set(0, where, key);
  }
  /// P-256, its public key at `where`, the private one behind it.
  void p256(int where) {
    const auto curve = *crypto::usual_curve(256);
    for (int i = 0; i < 2; ++i) {
      build(11 + i, 256, where + i);
      set(12, where + i, to_hex(curve.p));
      set(13, where + i, to_hex(curve.a));
      set(14, where + i, to_hex(curve.b));
      set(15, where + i, to_hex(curve.g));
      set(16, where + i, to_hex(curve.r));
      set(17, where + i, "0001");
    }
    set(18, where, kW);
    set(19, where + 1, kS);
  }
  // RFC 6979 annex A.2.5
  inline static const std::string kS = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";
  inline static const std::string kW =
      "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299";
};

/// SP 800-38A annex F
const std::string kAes128 = "2B7E151628AED2A6ABF7158809CF4F3C";
const std::string kIv = "000102030405060708090A0B0C0D0E0F";
const std::string kPlain = "6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51";

std::string with_iv(const std::string& iv, const std::string& data) {
  return lv(iv) + data;
}

}  // namespace

TEST_CASE("java crypto: hashes in parts (MessageDigest; FIPS 180-4, FIPS 202, RFC 1321)") {
  NEEDS_APPLETS();
  Crypto s;
  struct Case {
    int algorithm;
    const char* hash;  ///< of "abc"
  };
  for (const auto& [algorithm, hash] :
       std::initializer_list<Case>{{1, "A9993E364706816ABA3E25717850C26C9CD0D89D"},
                                   {2, "900150983CD24FB0D6963F7D28E17F72"},
                                   {3, "8EB208F7E05D987A9B044A8E98C6B087F15A0BFC"},
                                   {4, "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"},
                                   {7, "23097D223405D8228642A477BDA255B32AADBCE4BDA0B3F7E36C9DA7"},
                                   {9, "3A985DA74FE225B2045C172D6BD390BD855F086E3E9D525B46BFE24511431532"},
                                   {5, "CB00753F45A35E8BB5A03D699AC65007272C32AB0EDED1631A8B605A43FF5BED8086072BA1E7CC2358BAECA134C825A7"},
                                   {6,
                                    "DDAF35A193617ABACC417349AE20413112E6FA4E89A97EA20A9EEEE64B55D39A2192992A274FC1A836BA3C23A3FEEBBD"
                                    "454D4423643CE80E2A9AC94FA54CA49F"}}) {
    CHECK(s.ask("10", Crypto::byte(algorithm) + "00", "616263") == std::string(hash) + "9000");
    CHECK(s.ask("10", Crypto::byte(algorithm) + "01", "616263") == std::string(hash) + "9000");
  }
  for (const char* none : {"00", "0C", "7F", "80"}) CHECK(s.ask("10", std::string(none) + "00", "616263") == "6F43");
}

TEST_CASE("java crypto: checksums (Checksum; ISO/IEC 13239, RFC 1952)") {
  NEEDS_APPLETS();
  Crypto s;
  const std::string check = "313233343536373839";
  CHECK(s.ask("11", "02FF", check) == "CBF439269000");
  CHECK(s.ask("11", "01FF", check) == "906E9000");  // CRC-16/X-25
  CHECK(s.ask("11", "0300", check) == "6F43");
}

TEST_CASE("java crypto: random numbers of the card (RandomData)") {
  NEEDS_APPLETS();
  Crypto s;
  std::set<std::string> seen;
  for (int i = 0; i < 4; ++i) seen.insert(s.ask("12", i < 2 ? "0100" : "0200"));
  CHECK(seen.size() == 4);
  CHECK(s.ask("12", "0201").size() == 36);  // nextBytes() gives the end
  CHECK(s.ask("12", "0202") == "6F41");
  CHECK(s.ask("12", "0900") == "6F43");
}

TEST_CASE("java crypto: AES in ECB and CBC, whole and in parts (Cipher; SP 800-38A annex F)") {
  NEEDS_APPLETS();
  Crypto s;
  s.aes(0, kAes128);
  const std::string ecb = "3AD77BB40D7A3660A89ECAF32466EF97F5D3D58503B9699DE785895A96FDBAAF";
  const std::string cbc = "7649ABAC8119B246CEE98E9B12E9197D5086CB9B507219EE95DB113A917678B2";
  for (const char* ins : {"30", "31"}) {
    CHECK(s.ask(ins, "0E80", with_iv("", kPlain)) == ecb + "9000");
    CHECK(s.ask(ins, "0E00", with_iv("", ecb)) == kPlain + "9000");
    CHECK(s.ask(ins, "0D80", with_iv(kIv, kPlain)) == cbc + "9000");
    CHECK(s.ask(ins, "0D00", with_iv(kIv, cbc)) == kPlain + "9000");
    for (const char* padding : {"16", "17", "18", "19", "1A", "1B"}) {
      const std::string cipher = s.ask(ins, std::string(padding) + "80", with_iv("", "A1A2A3"));
      REQUIRE(cipher.size() == 36);
      const std::string plain = s.ask(ins, std::string(padding) + "00", with_iv("", cipher.substr(0, 32)));
      CHECK(plain.starts_with("A1A2A3"));
      CHECK(plain.size() == (padding[1] == '6' || padding[1] == '9' ? 36 : 10));  // zeros of method 1 stay
    }
  }
  CHECK(s.ask("30", "0E80", with_iv("", "AABB")) == "6F45");
  CHECK(s.ask("30", "1800", with_iv("", ecb)) == "6F45");      // no padding of PKCS #5
  CHECK(s.ask("30", "0E80", with_iv(kIv, kPlain)) == "6F41");  // ECB has no IV
  CHECK(s.ask("30", "0D80", with_iv("0001", kPlain)) == "6F41");
  CHECK(s.ask("32", "0E00", kPlain) == "6F44");
  CHECK(s.ask("30", "1280", with_iv("", kPlain)) == "6F43");
  CHECK(s.ask("30", "0180", with_iv("", kPlain)) == "6F41");  // DES with a key of AES
  CHECK(s.ask("35", "0200", "0201" + kPlain) == ecb + "9000");
  CHECK(s.ask("35", "0200", "0801" + kPlain) == "6F43");  // CTR
}

TEST_CASE("java crypto: doFinal() leaves an IV of zeros; a reset too (Cipher)") {
  NEEDS_APPLETS();
  Crypto s;
  s.aes(0, kAes128);
  REQUIRE(s.ask("33", "0D00", kIv) == "9000");
  const std::string first = s.ask("34", "0000", kPlain);
  const std::string second = s.ask("34", "0000", kPlain);
  CHECK(first.starts_with("7649ABAC"));
  CHECK(second != first);
  CHECK(s.ask("30", "0D80", with_iv("", kPlain)) == second);
  (void)s.m.terminal.card.reset();
  REQUIRE(s.m.select(kCrypto) == "9000");
  CHECK(s.ask("34", "0000", kPlain) == second);
  REQUIRE(s.ask("23", "0000") == "9000");
  CHECK(s.ask("34", "0000", kPlain) == "6F42");
}

TEST_CASE("java crypto: DES and triple DES, and their MACs (Cipher, Signature; SP 800-67, ISO/IEC 9797-1)") {
  NEEDS_APPLETS();
  Crypto s;
  s.des(0, "0123456789ABCDEF");
  s.des(1, "0123456789ABCDEFFEDCBA9876543210");
  s.des(2, "0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123");
  // ISO/IEC 9797-1 annex B: "Now is the time for all "
  const std::string message = "4E6F77206973207468652074696D6520666F7220616C6C20";
  CHECK(s.ask("30", "0580", with_iv("", message)) == "3FA40E8A984D48156A271787AB8883F9893D51EC4B563B539000");
  CHECK(s.ask("40", "0200", message) == "70A30640CC76DD8B9000");
  CHECK(s.ask("40", "0100", message) == "70A306409000");
  CHECK(s.ask("40", "0600", message) == "10E1F0F108341B6D9000");
  CHECK(s.ask("40", "3001", message) == "A1C72E74EA3FA9B69000");  // algorithm 3, method 1
  CHECK(s.ask("41", "0200", "0870A30640CC76DD8B" + message) == "019000");
  CHECK(s.ask("41", "0200", "0870A30640CC76DD8C" + message) == "009000");
  CHECK(s.ask("40", "1400", message) == "6F41");  // algorithm 3 with a single key
  CHECK(s.ask("40", "0200", "AABB") == "6F45");
  // SP 800-67: "The quick brown fox jump"
  CHECK(s.ask("30", "0582", with_iv("", "5468652071756663")) == "A826FD8CE53B855F9000");
}

TEST_CASE("java crypto: MACs of AES, HMAC (Signature; SP 800-38B annex D.1, RFC 4231)") {
  NEEDS_APPLETS();
  Crypto s;
  s.aes(0, kAes128);
  CHECK(s.ask("40", "3100", kPlain.substr(0, 32)) == "070A16B46B4D4144F79BDD9DD04A287C9000");
  CHECK(s.ask("40", "3100", kPlain + "30C81C46A35CE411") == "DFA66747DE9AE63030CA32611497C8279000");
  CHECK(s.ask("40", "3100") == "BB1D6929E95937287FA37D129B7567469000");
  CHECK(s.ask("40", "1200", kPlain).size() == 36);
  CHECK(s.ask("40", "1200", "AABB") == "6F45");
  s.build(21, 160, 1);
  s.set(2, 1, "0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B");
  const std::string message = "4869205468657265";
  const std::string mac = "B0344C61D8DB38535CA8AFCEAF0BF12B881DC200C9833DA726E9376C2E32CFF7";
  CHECK(s.ask("40", "1901", message) == mac + "9000");
  CHECK(s.ask("41", "1901", "20" + mac + message) == "019000");
  CHECK(s.ask("41", "1901", "20" + mac + message + "00") == "009000");
  CHECK(s.ask("22", "0201") == "0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B0B9000");
}

TEST_CASE("java crypto: keys have their parts, sizes and states (Key, KeyBuilder)") {
  NEEDS_APPLETS();
  Crypto s;
  s.build(15, 256, 0);
  CHECK(s.ask("24") == "0F0100009000");
  CHECK(s.ask("22", "0100") == "6F42");
  CHECK(s.ask("30", "0E80", with_iv("", kPlain)) == "6F42");
  s.set(1, 0, kAes128 + kAes128);
  CHECK(s.ask("24") == "0F0100019000");
  CHECK(s.ask("22", "0100") == kAes128 + kAes128 + "9000");
  CHECK(s.ask("25", "0100", std::string(64, 'E')) == "9000");  // aborted
  CHECK(s.ask("22", "0100") == kAes128 + kAes128 + "9000");
  (void)s.m.terminal.card.reset();
  REQUIRE(s.m.select(kCrypto) == "9000");
  CHECK(s.ask("22", "0100") == kAes128 + kAes128 + "9000");
  CHECK(s.ask("23") == "9000");
  CHECK(s.ask("24") == "0F0100009000");

  s.build(13, 128, 1);  // of the reset
  s.set(1, 1, kAes128);
  CHECK(s.ask("24", "0001") == "0D0080019000");
  (void)s.m.terminal.card.reset();
  REQUIRE(s.m.select(kCrypto) == "9000");
  CHECK(s.ask("24", "0001") == "0D0080009000");
  s.build(14, 128, 1);  // of the selection
  s.set(1, 1, kAes128);
  REQUIRE(s.m.select("A0000000871002FF49FF0589").ends_with("9000"));
  REQUIRE(s.m.select(kCrypto) == "9000");
  CHECK(s.ask("24", "0001") == "0E0080009000");

  for (const char* bad : {"0F0081", "030041", "0401F0", "060001", "0B00FF", "070400", "120080", "2A0080"}) {
    const std::string text = bad;
    CHECK_MESSAGE(s.ask("20", text.substr(0, 2) + "02", text.substr(2)) == "6F43", text);
  }
  CHECK(s.ask("20", "0F02", "008000") == "6F43");  // a key that deciphers
  CHECK(s.ask("26", "0002", "02000080") == "9000");
  CHECK(s.ask("24", "0002") == "0F0080009000");
  CHECK(s.ask("26", "0002", "02010080") == "9000");
  CHECK(s.ask("24", "0002") == "0D0080009000");
  CHECK(s.ask("26", "0002", "02030080") == "6F43");
}

TEST_CASE("java crypto: a cleared key leaves nothing of it in the card's memory (Key.clearKey)") {
  NEEDS_APPLETS();
  Crypto s;
  s.aes(0, kAes128);
  const auto holds = [&] {
    const Bytes key = *from_hex(kAes128);
    bool found = false;
    s.m.terminal.card.session()->nvm().each(emulator::Space::kCode, 0, [&](emulator::ObjectId, BytesView bytes) {
      found = found || std::search(bytes.begin(), bytes.end(), key.begin(), key.end()) != bytes.end();
    });
    return found;
  };
  CHECK(holds());
  CHECK(s.ask("23") == "9000");
  CHECK_FALSE(holds());
}

TEST_CASE("java crypto: ECDSA with keys of RFC 6979; wrong ones (Signature, ECKey)") {
  NEEDS_APPLETS();
  Crypto s;
  s.p256(0);
  // RFC 6979 A.2.5: SHA-256, message "sample"
  const std::string right =
      "3046022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
      "022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8";
  CHECK(s.ask("41", "2100", "48" + right + "73616D706C65") == "019000");
  CHECK(s.ask("41", "2100", "48" + right + "73616D706C66") == "009000");
  CHECK(s.ask("41", "2200", "48" + right + "73616D706C65") == "009000");
  CHECK(s.ask("41", "2100",
              "0130"
              "73616D706C65") == "009000");
  for (const char* algorithm : {"11", "21", "22", "25", "26"})
    CHECK(s.ask("42", std::string(algorithm) + "00", "73616D706C65") == "0100009000");
  CHECK(s.ask("40", "2100", "00") == "6F41");  // a public key does not sign
  CHECK(s.ask("43", "0001", "090400" + std::string(64, 'A')).size() == 132);
  CHECK(s.ask("43", "0001", "090400" + std::string(62, 'A')) == "6F45");
  CHECK(s.ask("43", "0001", "090000" + std::string(64, 'A')) == "6F43");
  CHECK(s.ask("22", "1200") == Crypto::kW + "9000");
  CHECK(s.ask("22", "1101") == "00019000");
  CHECK(s.ask("21", "0F00", std::string(200, 'A')) == "6F41");
  s.set(14, 1, std::string(64, 'A'));  // another b: the generator does not lie there
  CHECK(s.ask("40", "2101", "00") == "6F45");
  s.build(12, 256, 2);
  CHECK(s.ask("21", "1402", "00") == "9000");
  CHECK(s.ask("24", "0002") == "0C0100009000");
  CHECK(s.ask("22", "0F02") == s.ask("22", "0F00"));
}

TEST_CASE("java crypto: Diffie-Hellman (KeyAgreement; RFC 5903 clause 8.1)") {
  NEEDS_APPLETS();
  Crypto s;
  s.p256(0);
  s.set(19, 1, "C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433");
  const std::string peer =
      "04D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF6356FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB";
  const std::string x = "D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE";
  CHECK(s.ask("51", "0301", peer) == x + "9000");
  CHECK(s.ask("51", "0601", peer).substr(0, 66) == "04" + x);
  CHECK(s.ask("51", "0101", peer) == to_hex(crypto::digest(crypto::DigestName::kSha1, *from_hex(x))) + "9000");
  std::string off = peer;
  off.back() = 'C';
  CHECK(s.ask("51", "0301", off) == "6F41");
  CHECK(s.ask("51", "0300", peer) == "6F00");  // ClassCastException of the applet's own
  CHECK(s.ask("51", "0501", peer) == "6F43");
}

TEST_CASE("java crypto: pairs are generated: EC with usual and with given curves, RSA with and without CRT (KeyPair)") {
  NEEDS_APPLETS();
  Crypto s;
  for (const char* bits : {"0070", "00A0", "00C0", "0100", "0180", "0209"}) {
    CAPTURE(bits);
    CHECK(s.ask("50", "0500", bits) == "9000");
    CHECK(s.ask("42", "2100", "0102030405") == "0100009000");
  }
  CHECK(s.ask("50", "0502", "0100") == "9000");
  const std::string w = s.ask("22", "1202");
  const std::string own = s.ask("22", "1200");
  CHECK(w.size() == 134);
  s.p256(4);
  CHECK(s.ask("50", "0004", "010000") == "9000");  // of keys that are there
  CHECK(s.ask("42", "2104", "0102") == "0100009000");
  CHECK(s.ask("22", "1204") != Crypto::kW + "9000");
  for (const char* algorithm : {"01", "02"}) {
    CAPTURE(algorithm);
    CHECK(s.ask("50", std::string(algorithm) + "00", "0400") == "9000");
    CHECK(s.ask("22", "0400") == "0100019000");
    for (const char* signature : {"0A", "28", "2A", "15", "2C"})
      CHECK(s.ask("42", std::string(signature) + "00", "0102030405") == "0100009000");
    for (const char* cipher : {"0A", "0F"}) {
      const std::string secret = s.ask("30", std::string(cipher) + "80", with_iv("", "A1A2A3"));
      REQUIRE(secret.size() == 260);
      CHECK(s.ask("31", std::string(cipher) + "01", with_iv("", secret.substr(0, 256))) == "A1A2A39000");
      CHECK(s.ask("30", std::string(cipher) + "01", with_iv("", "00" + secret.substr(2, 254))).size() == 4);
    }
    const std::string plain = "00" + std::string(254, '7');
    const std::string raised = s.ask("30", "0C80", with_iv("", plain));
    CHECK(s.ask("30", "0C01", with_iv("", raised.substr(0, 256))) == plain + "9000");
    CHECK(s.ask("30", "0C80", with_iv("", std::string(256, 'F'))) == "6F45");
    CHECK(s.ask("30", "0C80", with_iv("", "AA")) == "6F45");
  }
  CHECK(s.ask("50", "0300", "0400") == "6F43");
  CHECK(s.ask("50", "0500", "0101") == "6F43");
}

TEST_CASE("java crypto: engines without init(), algorithms that are not there (Signature)") {
  NEEDS_APPLETS();
  Crypto s;
  CHECK(s.ask("44", "0A00") == "6F44");
  CHECK(s.ask("44", "0A01", "00") == "6F44");
  for (const char* none : {"00", "09", "0C", "0E", "0F", "1E", "20", "23", "24", "32"})
    CHECK(s.ask("44", std::string(none) + "00") == "6F43");
}
