// SPDX-License-Identifier: Apache-2.0
#include "scp03/key_derivation.hpp"

#include "tests/unit/scp03/recorded_session.hpp"

using namespace uicclab;
using namespace uicclab::scp03;
using namespace uicclab::test;

namespace {

std::string hex(const crypto::AesKey& key) {
  return to_hex(key.secret().expose(crypto::ExposeSecret{"a test key"}));
}

crypto::AesKey aes_key(BytesView bytes) {
  return crypto::AesKey::from(crypto::SecretBytes(bytes)).value();
}

}  // namespace

TEST_CASE("SCP03 session keys and cryptograms are those that others derive (Amd D clauses 4.1.5, 6.2.1, 6.2.2)") {
  std::size_t sets = 0;
  for (const char* file : {"scp03_published.txt", "scp03_gppro.txt", "scp03_s16.txt"}) {
    for (const VectorSet& set : load_vectors(file)) {
      CAPTURE(set.place());
      ++sets;
      const KeySet keys = key_set(set.bytes("enc"), set.bytes("mac"), set.bytes("dek"), 0x30);
      Bytes host_challenge;
      Bytes challenge;
      std::string card;
      std::string host;
      if (set.has("initialize_update")) {
        const RecordedSession session(set);
        host_challenge = to_bytes(parsed(session.initialize_update).data);
        challenge = to_bytes(session.parsed_answer.card_challenge.bytes());
        card = to_hex(session.parsed_answer.card_cryptogram.bytes());
        host = to_hex(BytesView(session.external_authenticate).subspan(5, host_challenge.size()));
      } else {
        host_challenge = set.bytes("host_challenge");
        challenge = set.bytes("card_challenge");
        if (set.has("card_cryptogram")) card = set.text("card_cryptogram");
        if (set.has("host_cryptogram")) host = set.text("host_cryptogram");
      }
      const SessionKeys session_keys = SessionKeys::from(keys, host_challenge, challenge);
      CHECK(hex(session_keys.enc) == set.text("s_enc"));
      CHECK(hex(session_keys.mac) == set.text("s_mac"));
      CHECK(hex(session_keys.rmac) == set.text("s_rmac"));
      crypto::AesCmac s_mac(session_keys.mac);
      const Cryptograms cryptograms = Cryptograms::from(s_mac, host_challenge, challenge);
      if (!card.empty()) CHECK(to_hex(cryptograms.card.bytes()) == card);
      if (!host.empty()) CHECK(to_hex(cryptograms.host.bytes()) == host);
    }
  }
  CHECK(sets == 28 + 63 + 12);
}

TEST_CASE("SCP03 pseudo-random card challenge depends on counter, AID and key (Amd D clause 6.2.2.1)") {
  std::size_t computed = 0;
  for (const RecordedSession& session : all_recorded_sessions()) {
    if (!session.computes_challenge()) continue;
    CAPTURE(session.id);
    ++computed;
    const std::uint32_t counter = *session.parsed_answer.sequence_counter;
    const std::size_t size = session.parsed_answer.mode.mac_size();
    const std::string recorded = to_hex(session.parsed_answer.card_challenge.bytes());
    const KeySet keys = session.keys();
    CHECK(to_hex(card_challenge(keys, counter, session.aid.bytes(), size).bytes()) == recorded);
    CHECK(to_hex(card_challenge(keys, counter + 1, session.aid.bytes(), size).bytes()) != recorded);
    CHECK(to_hex(card_challenge(keys, counter, session.aid.bytes().first(5), size).bytes()) != recorded);
  }
  CHECK(computed > 60);
}

TEST_CASE("AES and DES key check values (Amd D clause 6.1; GlobalPlatform Card Specification clause B.5)") {
  std::size_t checked = 0;
  for (const VectorSet& set : load_vectors("scp03_keys.txt")) {
    CAPTURE(set.place());
    const std::string& type = set.text("type");
    if (type == "kdf3") continue;
    ++checked;
    if (type == "aes") {
      CHECK(to_hex(key_check_value(aes_key(set.bytes("key")))) == set.text("kcv"));
    } else {
      CHECK(to_hex(key_check_value(crypto::DesKey::from(crypto::SecretBytes(set.bytes("key"))).value())) == set.text("kcv"));
    }
  }
  CHECK(checked == 12);
}

TEST_CASE("KDF3 diversifies a master key as GlobalPlatformPro does, for AES-128, 192 and 256") {
  std::size_t checked = 0;
  for (const VectorSet& set : load_vectors("scp03_keys.txt")) {
    if (set.text("type") != "kdf3") continue;
    CAPTURE(set.text("id"));
    ++checked;
    const crypto::AesKey master = aes_key(set.bytes("master"));
    const KeySet keys = diversify_kdf3(master, set.array<10>("data"), KeyVersion{0x31});
    CHECK(keys.version == KeyVersion{0x31});
    CHECK(keys.enc.size() == master.size());
    if (set.has("kcv_enc")) {
      CHECK(to_hex(key_check_value(keys.enc)) == set.text("kcv_enc"));
      CHECK(to_hex(key_check_value(keys.mac)) == set.text("kcv_mac"));
      CHECK(to_hex(key_check_value(keys.dek)) == set.text("kcv_dek"));
    } else {
      CHECK(hex(keys.enc) == set.text("enc"));
    }
    DiversificationData other = set.array<10>("data");
    other[9] ^= 1;
    CHECK(hex(diversify_kdf3(master, other, KeyVersion{0x31}).enc) != hex(keys.enc));
  }
  CHECK(checked == 4);
}

TEST_CASE("SCP03 key set refuses keys that AES does not have (Amd D clause 6.1)") {
  const Bytes good(16);
  for (const std::size_t size : {0U, 8U, 15U, 17U, 33U, 64U}) {
    CAPTURE(size);
    const Bytes bad(size);
    using crypto::SecretBytes;
    CHECK(!KeySet::from(KeyVersion{1}, SecretBytes(bad), SecretBytes(good), SecretBytes(good)));
    CHECK(!KeySet::from(KeyVersion{1}, SecretBytes(good), SecretBytes(bad), SecretBytes(good)));
    CHECK(!KeySet::from(KeyVersion{1}, SecretBytes(good), SecretBytes(good), SecretBytes(bad)));
  }
}

TEST_CASE("SCP03 derivation takes no context longer than two challenges of S16 mode (Amd D clause 4.1.5)") {
  crypto::AesCmac prf(aes_key("00000000000000000000000000000000"_h));
  Bytes out(16);
  const Bytes context(33);
  CHECK_THROWS_AS(derive(prf, Derivation::kSEnc, {context}, out), SystemError);
}
