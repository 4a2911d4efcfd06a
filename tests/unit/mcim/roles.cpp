// SPDX-License-Identifier: Apache-2.0
// The statements of TRE, PVA, DPF and SHO, and what the PVA makes of evidence (3GPP TR 33.812 clauses 5.1.3.5.8 and 5.1.3.7.3.3).
#include <doctest/doctest.h>

#include "core/crypto/certificate_issue.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "mcim/provisioning.hpp"

using namespace uicclab;
using namespace uicclab::mcim;
using crypto::KeyKind;
using crypto::PrivateKey;

namespace {

constexpr std::chrono::sys_seconds kNow{std::chrono::seconds(1'796'000'000)};
constexpr std::chrono::hours kDay{24};

Bytes certified(const PrivateKey& subject, const std::string& name, const PrivateKey& maker, BytesView maker_certificate,
                std::chrono::sys_seconds from = kNow - kDay, std::chrono::sys_seconds to = kNow + kDay) {
  crypto::SystemRandom random;
  crypto::CertificateTerms terms;
  terms.common_name = name;
  terms.not_before = from;
  terms.not_after = to;
  terms.use = maker_certificate.empty() ? crypto::CertificateUse::kAuthority : crypto::CertificateUse::kSignature;
  const auto made = crypto::issue_certificate(subject.public_key(), terms, maker, maker_certificate, random);
  REQUIRE_MESSAGE(made, made.error().text);
  return *made;
}

struct Story {
  PrivateKey maker = PrivateKey::generate(KeyKind::kP256), tre = PrivateKey::generate(KeyKind::kP256);
  PrivateKey pva = PrivateKey::generate(KeyKind::kP256), dpf = PrivateKey::generate(KeyKind::kP256),
             sho = PrivateKey::generate(KeyKind::kP256);
  Bytes maker_certificate = certified(maker, "maker", maker, {});
  Bytes platform_key = to_bytes("30593013"_h);
  PvaPolicy policy;
  Evidence evidence;

  Story() {
    policy.name = "pva.example";
    policy.anchors = {maker_certificate};
    policy.models["m1"]["firmware"] = {crypto::sha256({"01"_h}), crypto::sha256({"02"_h})};
    policy.models["m1"]["boot"] = {crypto::sha256({"03"_h})};
    evidence.tre = "meter-0001";
    evidence.model = "m1";
    evidence.nonce.fill(7);
    evidence.platform_key = fingerprint_of(platform_key);
    evidence.certificate = certified(tre, "meter-0001", maker, maker_certificate);
    evidence.measurements = {{"firmware", crypto::sha256({"02"_h})}, {"boot", crypto::sha256({"03"_h})}};
  }
  Validation judged(const PrivateKey* signer = nullptr) const {
    const auto out = validate(*to_text(evidence, signer == nullptr ? tre : *signer), policy, kNow);
    REQUIRE_MESSAGE(out, out.error().text);
    CHECK(out->trusted == out->reason.empty());
    return *out;
  }
};

}  // namespace

TEST_CASE("A statement is read as it was written, and only as its signer wrote it") {
  const auto key = PrivateKey::generate(KeyKind::kP256);
  const auto other = PrivateKey::generate(KeyKind::kP256);
  Statement made("order");
  made.add("device", "meter-0001").add("octets", "00FF"_h).add("line", "b").add("line", "");
  const std::string text = *made.signed_by(key);
  const auto read = Statement::parse(text, "order");
  REQUIRE_MESSAGE(read, read.error().text);
  CHECK(read->is_by(key.public_key()));
  CHECK_FALSE(read->is_by(other.public_key()));
  CHECK(read->only({"device", "octets"}, "line"));
  CHECK(read->value("device") == "meter-0001");
  CHECK(*read->octets("octets", 2, 2) == to_bytes("00FF"_h));
  CHECK(read->values("line") == std::vector<std::string>{"b", ""});
  CHECK(read->only({"device", "octets", "line"}).error().text == "line comes twice");
  CHECK(read->only({"device", "octets", "more"}, "line").error().text == "more is missing");
  CHECK(read->only({"device"}, "line").error().text == "octets is not a line of a statement of the kind order");
  for (std::size_t i = 0; i < text.size(); ++i) {
    CHECK_FALSE(Statement::parse(text.substr(0, i), "order"));
    std::string bent = text;
    bent[i] = bent[i] == 'A' ? 'B' : 'A';
    const auto changed = Statement::parse(bent, "order");
    if (changed) CHECK_FALSE(changed->is_by(key.public_key()));
  }
}

TEST_CASE("What is no statement is refused for what it is") {
  const auto said = [](const std::string& text) {
    const auto read = Statement::parse(text, "order");
    return read ? "" : read.error().text;
  };
  const std::string head = "uicclab-mcim order 1\n";
  CHECK(said("") == "line 1: the signature is missing");
  CHECK(said("uicclab-mcim delivery 1\n") == "must begin with 'uicclab-mcim order 1', begins with 'uicclab-mcim delivery 1'");
  CHECK(said("<xml/>\n") == "must begin with 'uicclab-mcim order 1'");
  CHECK(said(head) == "line 2: the signature is missing");
  CHECK(said(head + "Device: a\n") == "line 2: must be 'name: value'");
  CHECK(said(head + "device: a\x1b[2J\n") == "line 2: must be 'name: value'");
  CHECK(said(head + "device: \xff\n") == "line 2: must be 'name: value'");
  CHECK(said(head + "signature: 00\ndevice: a\n") == "line 3: lines after the signature");
  CHECK(said(head + "signature: \n") == "line 2: a signature is hexadecimal");
  CHECK(said(head + std::string(300'000, 'a')) == "a statement of more than 256 KiB");
  std::string many = head;
  for (int i = 0; i < 600; ++i) many += "a: b\n";
  CHECK(said(many) == "a statement of more than 512 lines");
  const auto key = PrivateKey::generate(KeyKind::kP256);
  CHECK(Statement("order").add("device", "two\nlines").signed_by(key).error().text == "device must be one line of text");
  CHECK(Statement("order").add("device", "\xff").signed_by(key).error().code == ErrorCode::kMalformed);
  CHECK_THROWS(Statement("order").add("signature", "00"));
  CHECK(Statement("order").signed_by(PrivateKey::generate(KeyKind::kRsa)).error().code == ErrorCode::kUnsupported);
}

TEST_CASE("The PVA trusts a TRE that its maker certified and whose platform is known (TR 33.812 5.1.3.7.3.3)") {
  Story story;
  const Validation good = story.judged();
  CHECK(good.trusted);
  CHECK(good.tre == "meter-0001");
  CHECK(good.until == kNow.time_since_epoch().count() + 86400);
  const std::string text = *to_text(good, story.pva);
  const auto read = read_validation(text, story.pva.public_key());
  REQUIRE_MESSAGE(read, read.error().text);
  CHECK(read->trusted);
  CHECK(read->nonce == story.evidence.nonce);
  CHECK(read_validation(text, story.sho.public_key()).error().code == ErrorCode::kRefused);
}

TEST_CASE("The PVA refuses another certificate, signature, model or component, each with its reason (TR 33.812 5.1.3.7.3.3)") {
  const auto reason = [](const std::function<void(Story&)>& change, bool other_signer = false) {
    Story story;
    change(story);
    return story.judged(other_signer ? &story.sho : nullptr).reason;
  };
  CHECK(reason([](Story& s) {
          s.policy.anchors = {certified(s.sho, "other", s.sho, {})};
        }).starts_with("the TRE's certificate is not trusted: "));
  CHECK(reason([](Story& s) {
          s.evidence.certificate = certified(s.tre, "meter-0001", s.maker, s.maker_certificate, kNow - 3 * kDay, kNow - 2 * kDay);
        }).starts_with("the TRE's certificate is not trusted: "));
  CHECK(reason([](Story& s) {
          // Of PK_D, which is not for signatures: from the same maker, with the same name.
          crypto::SystemRandom random;
          const crypto::CertificateTerms terms{"meter-0001", kNow - kDay, kNow + kDay, crypto::CertificateUse::kEncryption, true};
          s.evidence.certificate = crypto::issue_certificate(s.tre.public_key(), terms, s.maker, s.maker_certificate, random).value();
        }) == "the TRE's certificate is not for signatures: its key usage must include digitalSignature");
  CHECK(reason([](Story& s) { s.evidence.certificate = Bytes{0}; }) == "the TRE's certificate cannot be read");
  CHECK(reason([](Story& s) { s.evidence.tre = "meter-0002"; }) == "the TRE's certificate is that of meter-0001");
  CHECK(reason([](Story&) {}, true) == "the evidence is not signed by the TRE");
  CHECK(reason([](Story& s) { s.policy.revoked.insert("meter-0001"); }) == "the TRE is revoked");
  CHECK(reason([](Story& s) { s.evidence.model = "m2"; }) == "the model m2 is not known");
  CHECK(reason([](Story& s) { s.evidence.measurements[1].digest[0] ^= 1; }) == "the component boot was changed");
  CHECK(reason([](Story& s) { s.evidence.measurements.pop_back(); }) == "the component boot is not measured");
  CHECK(reason([](Story& s) { s.evidence.measurements.push_back(s.evidence.measurements[0]); }) ==
        "the component firmware is measured twice");
  CHECK(reason([](Story& s) { s.evidence.measurements.push_back({"radio", {}}); }) == "the component radio is not one of the model");
}

TEST_CASE("Orders and deliveries are those of their signer; a validation is of one registration and key, and ends") {
  Story story;
  Order order{"dpf", "meter-0001", story.evidence.nonce, {}, story.platform_key, *to_text(story.judged(), story.pva)};
  order.card_nonce.fill(9);
  const auto read = read_order(*to_text(order, story.dpf), story.dpf.public_key());
  REQUIRE_MESSAGE(read, read.error().text);
  CHECK(read->platform_key == story.platform_key);
  CHECK(read->card_nonce == order.card_nonce);
  CHECK(read->validation == order.validation);
  CHECK(read_order(*to_text(order, story.sho), story.dpf.public_key()).error().text == "the order is not signed by this DPF");
  const Delivery delivery{"sho", "meter-0001", story.evidence.nonce, order.card_nonce, 65535, to_bytes("4D43"_h), Bytes{0x30}};
  const auto delivered = read_delivery(*to_text(delivery, story.sho), story.sho.public_key());
  REQUIRE_MESSAGE(delivered, delivered.error().text);
  CHECK(delivered->object == delivery.object);
  CHECK(delivered->version == 65535);
  CHECK(read_delivery(*to_text(delivery, story.dpf), story.sho.public_key()).error().text == "the delivery is not signed by this SHO");

  Validation validation = story.judged();
  const auto refusal = [&](const std::string& device, const Nonce& nonce, BytesView key, std::chrono::sys_seconds now) {
    const auto good = check_validation(validation, device, nonce, key, now);
    return good ? "" : good.error().text;
  };
  CHECK(refusal("meter-0001", story.evidence.nonce, story.platform_key, kNow).empty());
  CHECK(refusal("meter-0002", story.evidence.nonce, story.platform_key, kNow) == "the validation is that of meter-0001");
  CHECK(refusal("meter-0001", Nonce{}, story.platform_key, kNow) == "the validation is of another registration (nonce)");
  CHECK(refusal("meter-0001", story.evidence.nonce, "00"_h, kNow) == "the validation is for another platform key");
  CHECK(refusal("meter-0001", story.evidence.nonce, story.platform_key, kNow + kDay) == "the validation is over");
  validation.trusted = false;
  validation.reason = "the TRE is revoked";
  CHECK(refusal("meter-0001", story.evidence.nonce, story.platform_key, kNow) == "the PVA does not trust the TRE: the TRE is revoked");
}
