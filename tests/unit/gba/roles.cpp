// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>

#include <doctest/doctest.h>

#include "core/crypto/gba.hpp"
#include "core/crypto/milenage.hpp"
#include "core/hex.hpp"
#include "core/reader.hpp"
#include "gba/bsf.hpp"
#include "gba/hss.hpp"
#include "gba/naf.hpp"
#include "gba/naf_keys.hpp"
#include "gba/rest.hpp"
#include "gba/time_text.hpp"

using namespace uicclab;
using namespace uicclab::gba;

namespace {

constexpr auto kK = "465B5CE8B199B49FAA5F0A2EE238A6BC"_h;
constexpr auto kOpc = "CD63CB71954A9F4E48A5994E37A02BAF"_h;
const std::string kImsi = "001010000000001";
const Bytes kDm = naf_id_of("dm.example.com"), kOther = naf_id_of("other.example.com");

class MemorySubscribers final : public HssSubscribers {
 public:
  std::optional<HssSubscriber> find(const UserIdentity& user) override {
    const bool known = user == UserIdentity{UserIdentity::Kind::kImsi, kImsi} ||
                       user == UserIdentity{UserIdentity::Kind::kMsisdn, "491710000001"} ||
                       user == UserIdentity{UserIdentity::Kind::kImei, "49015420323751"};
    if (!known) return std::nullopt;
    HssSubscriber out;
    out.imsi = kImsi;
    out.impi = *impi_of(kImsi, 2);
    out.uicc_type = type;
    out.algorithm = std::make_unique<crypto::Milenage>(*crypto::Milenage::from(crypto::SecretBytes(kK), crypto::SecretBytes(kOpc)));
    return out;
  }
  std::optional<std::uint64_t> advance(const std::string&,
                                       const std::function<std::optional<std::uint64_t>(std::uint64_t)>& next) override {
    const auto value = next(sqn);
    sqn = value.value_or(sqn);
    return value;
  }
  UiccType type = UiccType::kGbaU;
  std::uint64_t sqn = 0;
};

class MemoryAssociations final : public NafAssociations {
 public:
  void put(const NafAssociation& one) override {
    m_all[one.sa_id] = to_json(one);
    m_last = one.sa_id;
  }
  std::optional<NafAssociation> find(const std::string& sa_id) override {
    const auto found = m_all.find(sa_id);
    if (found == m_all.end()) return std::nullopt;
    return *parse_association(found->second);
  }
  std::optional<NafAssociation> latest(const UserIdentity&) override { return find(m_last); }
  void forget_keys(std::int64_t now) override {
    for (auto& [sa_id, json] : m_all) {
      auto one = *parse_association(json);
      if (one.expires > now) continue;
      one.me_key = {};
      one.uicc_key = {};
      json = to_json(one);
    }
  }
  bool remove(const std::string& sa_id) override { return m_all.erase(sa_id) != 0; }
  std::vector<NafAssociation> all() override { return {}; }

 private:
  std::map<std::string, std::string> m_all;
  std::string m_last;
};

/// All three, joined by the JSON of their reference points.
struct Network {
  MemorySubscribers subscribers;
  SeededRandom random{5};
  ManualClock clock;
  Hss hss{subscribers, random};
  int asked = 0;  ///< the HSS
  std::optional<Bsf> bsf;
  MemoryAssociations associations;
  std::optional<Naf> naf;

  explicit Network(NafPolicy::GbaU gba_u = NafPolicy::GbaU::kAllowed, const std::string& name = "dm") {
    clock.advance(std::chrono::hours(24 * 365));
    BsfPolicy policy{"bsf.example", {{"dm", {kDm}, 3600, gba_u}}};
    bsf.emplace(
        policy,
        [this](const ZhRequest& request) -> Answer<ZhAnswer> {
          ++asked;
          auto answer = hss.vector(*parse_zh_request(to_json(request)));
          if (!answer) return tl::unexpected(*parse_refused(to_json(answer.error())));
          return *parse_zh_answer(to_json(*answer));
        },
        clock, random);
    naf.emplace(
        name,
        [this](const ZpnRequest& request) -> Answer<ZpnAnswer> {
          auto read = *parse_zpn_request(to_json(request));
          read.naf = request.naf;
          auto answer = bsf->push(read);
          if (!answer) return tl::unexpected(*parse_refused(to_json(answer.error())));
          return *parse_zpn_answer(to_json(*answer));
        },
        associations, clock);
  }
  static ZpnRequest request(std::optional<PushMode> mode = {}) {
    ZpnRequest out;
    out.user = {UserIdentity::Kind::kImsi, kImsi};
    out.naf_id = kDm;
    out.mode = mode;
    out.application = "dm";
    return out;
  }
  std::string refusal(const ZpnRequest& request) {
    const auto answer = naf->push(request);
    REQUIRE_FALSE(answer);
    return to_text(answer.error());
  }
};

}  // namespace

TEST_CASE("A push through NAF, BSF and HSS: the keys are those of the vector (TS 33.223 4.2, 5.1; TS 33.220 B.3)") {
  for (const PushMode mode : {PushMode::kMe, PushMode::kUicc}) {
    Network network;
    const auto push = network.naf->push(Network::request(mode));
    REQUIRE(push);
    const auto info = parse_push(push->gpi)->info;
    CHECK(info.mode == mode);
    CHECK(info.lifetime == 3600);
    CHECK(push->expires == 365 * 86400 + 3600);
    CHECK(info.p_tid == push->sa_id);
    auto milenage = *crypto::Milenage::from(crypto::SecretBytes(kK), crypto::SecretBytes(kOpc));
    const auto vector = milenage.f2345(info.rand);
    const auto ks = crypto::gba_ks(vector.ck, vector.ik);
    const std::string impi = *impi_of(kImsi, 2);
    const auto key = network.naf->key(push->sa_id);
    REQUIRE(key);
    CHECK(key->me_key == crypto::naf_key(ks, crypto::NafKey::kExternal, info.rand, as_bytes(impi), kDm));
    CHECK(key->uicc_key.empty() == (mode == PushMode::kMe));
    if (mode == PushMode::kUicc) CHECK(key->uicc_key == crypto::naf_key(ks, crypto::NafKey::kInternal, info.rand, as_bytes(impi), kDm));
    CHECK(is_authentic(*parse_push(push->gpi), key->me_key));
    CHECK(network.subscribers.sqn == 32);
  }
}

TEST_CASE("Who is asked for: IMSI, MSISDN with and without its plus, IMEI with any check digit") {
  Network network;
  using Kind = UserIdentity::Kind;
  for (const UserIdentity& user : {UserIdentity{Kind::kImsi, kImsi}, UserIdentity{Kind::kMsisdn, "+491710000001"},
                                   UserIdentity{Kind::kMsisdn, "491710000001"}, UserIdentity{Kind::kImei, "490154203237518"}}) {
    auto request = Network::request();
    request.user = user;
    CHECK(network.naf->push(request));
    CHECK(network.naf->latest_key(user));
  }
  auto request = Network::request();
  request.user.digits = "001019999999999";
  CHECK(network.refusal(request) == "HSS: DIAMETER_ERROR_IMPI_UNKNOWN (5401): no subscriber has the IMSI 001019999999999");
  request.user.digits = "12";
  CHECK(network.refusal(request).starts_with("NAF: DIAMETER_INVALID_AVP_VALUE (5004)"));
}

TEST_CASE("A NAF that is not authorised for a NAF_Id, or not known, is refused by the BSF before the HSS is asked (TS 33.223 5.1)") {
  Network network;
  auto request = Network::request();
  request.naf_id = kOther;
  CHECK(network.refusal(request) == "BSF: DIAMETER_ERROR_NOT_AUTHORIZED (5402): dm may not use the NAF_Id other.example.com/FF00000001");
  Network stranger(NafPolicy::GbaU::kAllowed, "evil");
  CHECK(stranger.refusal(Network::request()) == "BSF: DIAMETER_ERROR_NOT_AUTHORIZED (5402): evil is no NAF that this BSF serves");
  CHECK(network.asked + stranger.asked == 0);
  CHECK(network.subscribers.sqn == 0);
}

TEST_CASE("ME or UICC by the NAF's wish, the policy and the card (TS 33.223 5.1)") {
  using GbaU = NafPolicy::GbaU;
  Network refused(GbaU::kRefused);
  CHECK(refused.refusal(Network::request(PushMode::kUicc)) == "BSF: DIAMETER_ERROR_NOT_AUTHORIZED (5402): GBA_U is not allowed to dm");
  CHECK(parse_push(refused.naf->push(Network::request())->gpi)->info.mode == PushMode::kMe);
  Network required(GbaU::kRequired);
  CHECK(required.refusal(Network::request(PushMode::kMe)).starts_with("BSF: DIAMETER_ERROR_NOT_AUTHORIZED (5402): GBA_U is required"));
  CHECK(parse_push(required.naf->push(Network::request())->gpi)->info.mode == PushMode::kUicc);
  required.subscribers.type = UiccType::kGba;
  CHECK(required.refusal(Network::request()).starts_with("BSF: DIAMETER_UNABLE_TO_COMPLY (5012): GBA_U is wanted"));
  Network allowed;
  CHECK(parse_push(allowed.naf->push(Network::request())->gpi)->info.mode == PushMode::kUicc);
  allowed.subscribers.type = UiccType::kGba;
  CHECK(parse_push(allowed.naf->push(Network::request())->gpi)->info.mode == PushMode::kMe);
  CHECK(allowed.refusal(Network::request(PushMode::kUicc)).starts_with("BSF: DIAMETER_UNABLE_TO_COMPLY (5012)"));
}

TEST_CASE("The BSF cuts lifetimes; the NAF gives no key when they are over, and keeps none") {
  Network network;
  auto request = Network::request();
  request.lifetime = 1'000'000;
  CHECK(parse_push(network.naf->push(request)->gpi)->info.lifetime == 3600);
  request.lifetime = 0;
  CHECK(network.refusal(request).starts_with("BSF: DIAMETER_INVALID_AVP_VALUE (5004)"));
  // JSON cannot carry such a label: it comes from a NAF in the same process.
  request = Network::request();
  request.naf = "dm";
  request.application = "d\xff";
  const int asked = network.asked;
  CHECK(to_text(network.bsf->push(request).error()) ==
        "BSF: DIAMETER_INVALID_AVP_VALUE (5004): UICC-App-Label: the application label must be UTF-8");
  CHECK(network.asked == asked);  // no vector was spent
  request = Network::request();
  request.lifetime = 60;
  const auto push = network.naf->push(request);
  REQUIRE(push);
  network.clock.advance(std::chrono::seconds(59));
  CHECK(network.naf->key(push->sa_id));
  network.clock.advance(std::chrono::seconds(1));
  const auto over = network.naf->key(push->sa_id);
  REQUIRE_FALSE(over);
  CHECK(to_text(over.error())
            .starts_with("NAF: DIAMETER_ERROR_TRANSACTION_IDENTIFIER_INVALID (5403): the lifetime of the NAF security association " +
                         push->sa_id + " ended at 1971-01-01T00:01:00Z"));
  CHECK(network.associations.find(push->sa_id)->me_key.empty());
  CHECK(to_text(network.naf->key("nobody").error()) ==
        "NAF: DIAMETER_ERROR_TRANSACTION_IDENTIFIER_INVALID (5403): no NAF security association nobody");
}

TEST_CASE("AUTS of the subscriber's card moves the HSS forward, never back; any other is refused (TS 33.102 6.3.5)") {
  Network network;
  auto milenage = *crypto::Milenage::from(crypto::SecretBytes(kK), crypto::SecretBytes(kOpc));
  auto request = Network::request();
  Resynchronisation told;
  told.rand.fill(0x11);
  told.auts = to_bytes(crypto::make_auts(milenage, told.rand, {0, 0, 0, 1, 0, 0}));
  request.resynchronisation = told;
  CHECK(network.naf->push(request));
  CHECK(network.subscribers.sqn == 0x10000 + 32);
  told.auts = to_bytes(crypto::make_auts(milenage, told.rand, {0, 0, 0, 0, 0, 1}));
  request.resynchronisation = told;
  CHECK(network.naf->push(request));
  CHECK(network.subscribers.sqn == 0x10000 + 64);
  request.resynchronisation->auts[13] ^= 1;
  CHECK(network.refusal(request).starts_with("HSS: DIAMETER_ERROR_NOT_AUTHORIZED (5402): the AUTS is not of this subscriber's card"));
  CHECK(network.subscribers.sqn == 0x10000 + 64);
  network.subscribers.sqn = kMaxSqn - 5;
  CHECK(network.refusal(Network::request()).starts_with("HSS: DIAMETER_UNABLE_TO_COMPLY (5012): the sequence numbers"));
}

TEST_CASE("What another sends in place of JSON of the reference points is refused, with the member") {
  const std::string good = to_json(Network::request(PushMode::kMe));
  CHECK(parse_zpn_request(good));
  for (std::size_t i = 0; i < good.size(); ++i) CHECK_FALSE(parse_zpn_request(good.substr(0, i)));
  CHECK(good.find(R"("nafId":{"nafFqdn":"dm.example.com","uaSecProtId":"FF00000001"})") != std::string::npos);  // TS 29.309
  CHECK(good.find(R"("uiccOrMe":"GBA_ME")") != std::string::npos);
  CHECK(parse_zpn_request("{}").error().text == "ueIdType is missing");
  CHECK(parse_zpn_request("[]").error().text == "a JSON object is wanted");
  CHECK(parse_zpn_request(std::string(100, '[')).error().text == "it is nested too deeply");
  for (const char* bad :
       {R"({"ueIdType":"IMSI","ueId":"001010000000001","nafId":"00"})", R"({"ueIdType":"IMSI","ueId":"001010000000001","nafId":[]})",
        R"({"ueIdType":"IMSI","ueId":"001010000000001","nafId":{"nafFqdn":"dm.example.com","uaSecProtId":"FF"}})",
        R"({"ueIdType":"IMSI","ueId":"001010000000001","nafId":{"nafFqdn":7,"uaSecProtId":"FF00000001"}})",
        R"({"ueIdType":"SIP","ueId":"001010000000001"})", R"({"ueIdType":"IMSI","ueId":1})",
        R"({"ueIdType":"IMSI","ueId":"00101000000000x"})"}) {
    CHECK_FALSE(parse_zpn_request(bad));
  }
  CHECK_FALSE(parse_zh_answer(R"({"impi":"a","uiccType":"GBA","rand":"00","autn":"00","ck":"00","ik":"00"})"));
}

TEST_CASE("KeyExpiryTime is written and read as RFC 3339 has it") {
  CHECK(time_text(0) == "1970-01-01T00:00:00Z");
  CHECK(time_text(1'796'061'600) == "2026-11-30T18:00:00Z");
  CHECK(parse_time("2026-11-30T18:00:00Z") == 1'796'061'600);
  for (const char* bad :
       {"", "2026-11-30 18:00:00Z", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-30T24:00:00Z", "2026-11-30T18:00:00+01"}) {
    CHECK_FALSE(parse_time(bad));
  }
}

TEST_CASE("The UE keeps NAF keys sealed, one for each NAF, until their lifetime ends") {
  const crypto::SecretBytes storage_key(Bytes(32, 9));
  SeededRandom random(1);
  NafKeys keys;
  const auto add = [&keys](const Bytes& naf_id, std::uint8_t fill, std::int64_t expires) {
    NafKey one;
    one.p_tid = "p";
    one.naf_id = naf_id;
    one.key = crypto::SecretBytes(Bytes(32, fill));
    one.expires = expires;
    keys.add(std::move(one));
  };
  add(kDm, 1, 100);
  add(kOther, 2, 0);
  add(kDm, 3, 200);
  CHECK(keys.all().size() == 2);
  const Bytes sealed = keys.sealed(storage_key, random);
  auto read = NafKeys::open(sealed, storage_key);
  REQUIRE(read);
  CHECK(read->find(kDm, 199)->key == crypto::SecretBytes(Bytes(32, 3)));
  CHECK(read->find(kDm, 200) == nullptr);
  CHECK(read->find(kOther, 1'000'000) != nullptr);
  read->forget_over(200);
  CHECK(read->all().size() == 1);
  CHECK(NafKeys::open(sealed, crypto::SecretBytes(Bytes(32, 8))).error().code == ErrorCode::kMismatch);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes bad = sealed;
    bad[i] ^= 1;
    CHECK_FALSE(NafKeys::open(bad, storage_key));
  }
  for (int i = 0; i < 100; ++i) add(naf_id_of("n" + std::to_string(i) + ".example"), 1, 0);
  CHECK(keys.all().size() == NafKeys::kMost);
}

TEST_CASE("NAF_Id by its name") {
  CHECK(parse_naf_name("dm.example.com") == kDm);
  CHECK(parse_naf_name("dm.example.com/0300000004") == naf_id_of("dm.example.com", {3, 0, 0, 0, 4}));
  CHECK(naf_name(kDm) == "dm.example.com/FF00000001");
  CHECK(naf_name("0011"_h) == "0011");
  for (const char* bad : {"", "/FF00000001", "dm.example.com/", "dm.example.com/FF", "a b", "dm.example.com/FF0000000g"})
    CHECK_FALSE(parse_naf_name(bad));
}
