// SPDX-License-Identifier: Apache-2.0
#include "mcim/platform_validation.hpp"

#include <algorithm>

#include "core/crypto/certificate.hpp"
#include "core/crypto/certificate_chain.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"

namespace uicclab::mcim {
namespace {

constexpr std::string_view kEvidence = "evidence", kValidation = "validation";
constexpr std::size_t kLongestCertificate = 16 * 1024, kMostMeasurements = 64;
constexpr std::string_view kTrusted = "trusted", kNotTrusted = "refused";

bool is_line(std::string_view text) {
  return !text.empty() && text.size() <= 255 &&
         std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) >= ' ' && c != 0x7F; });
}

/// "DIGEST component", as sha256sum writes it but for one blank.
Result<Measurement> parse_measurement(const std::string& text) {
  constexpr std::size_t kDigits = 2 * sizeof(crypto::Sha256Digest);
  const auto digest =
      text.size() > kDigits + 1 && text[kDigits] == ' ' ? from_hex(text.substr(0, kDigits)) : fail(ErrorCode::kMalformed, "");
  if (!digest || digest->size() != sizeof(crypto::Sha256Digest)) {
    return fail(ErrorCode::kMalformed, "measurement must be a SHA-256 digest in hexadecimal, a blank, and the component's name");
  }
  Measurement out;
  std::ranges::copy(*digest, out.digest.begin());
  out.component = text.substr(kDigits + 1);
  return out;
}

template <typename Array>
Result<void> fixed(const Statement& in, std::string_view name, Array& out) {
  const auto octets = in.octets(name, out.size(), out.size());
  if (!octets) return tl::unexpected(octets.error());
  std::ranges::copy(*octets, out.begin());
  return {};
}

Result<Evidence> read_evidence(const Statement& in) {
  if (auto good = in.only({"tre", "model", "nonce", "platform-key", "certificate"}, "measurement"); !good)
    return tl::unexpected(good.error());
  Evidence out;
  out.tre = in.value("tre");
  out.model = in.value("model");
  if (auto good = fixed(in, "nonce", out.nonce); !good) return tl::unexpected(good.error());
  if (auto good = fixed(in, "platform-key", out.platform_key); !good) return tl::unexpected(good.error());
  auto certificate = in.octets("certificate", 1, kLongestCertificate);
  if (!certificate) return tl::unexpected(certificate.error());
  out.certificate = *std::move(certificate);
  for (const std::string& text : in.values("measurement")) {
    auto one = parse_measurement(text);
    if (!one) return tl::unexpected(one.error());
    if (out.measurements.size() == kMostMeasurements) return fail(ErrorCode::kRange, "more than 64 measurements");
    out.measurements.push_back(*std::move(one));
  }
  return out;
}

/// Why its measurements are not those of the model; nothing if they are.
std::optional<std::string> deviation(const Evidence& evidence, const PvaPolicy& policy) {
  const auto model = policy.models.find(evidence.model);
  if (model == policy.models.end()) return "the model " + evidence.model + " is not known";
  std::set<std::string> seen;
  for (const Measurement& one : evidence.measurements) {
    const auto row = model->second.find(one.component);
    if (row == model->second.end()) return "the component " + one.component + " is not one of the model";
    if (!seen.insert(one.component).second) return "the component " + one.component + " is measured twice";
    if (std::ranges::find(row->second, one.digest) == row->second.end()) return "the component " + one.component + " was changed";
  }
  for (const auto& [component, digests] : model->second) {
    if (!seen.contains(component)) return "the component " + component + " is not measured";
  }
  return std::nullopt;
}

std::optional<std::string> distrust(const Statement& statement, const Evidence& evidence, const PvaPolicy& policy,
                                    std::chrono::sys_seconds now) {
  const auto facts = crypto::read_certificate(evidence.certificate);
  if (!facts) return "the TRE's certificate cannot be read";
  const std::vector<Bytes> chain{evidence.certificate};
  if (auto good = crypto::verify_chain(chain, policy.anchors, now, crypto::CertificatePurpose::kAny); !good) {
    return "the TRE's certificate is not trusted: " + good.error().text;
  }
  if (facts->common_name != evidence.tre) return "the TRE's certificate is that of " + facts->common_name;
  if (!facts->signs) return "the TRE's certificate is not for signatures: its key usage must include digitalSignature";  // RFC 5280 4.2.1.3
  if (!statement.is_by(facts->key)) return "the evidence is not signed by the TRE";
  if (policy.revoked.contains(evidence.tre)) return "the TRE is revoked";
  return deviation(evidence, policy);
}

}  // namespace

Result<std::string> to_text(const Evidence& evidence, const crypto::PrivateKey& tre) {
  if (!is_line(evidence.tre) || !is_line(evidence.model))
    return fail(ErrorCode::kMalformed, "TRE and model are names of up to 255 characters");
  Statement out(kEvidence);
  out.add("tre", evidence.tre).add("model", evidence.model).add("nonce", BytesView(evidence.nonce));
  out.add("platform-key", BytesView(evidence.platform_key)).add("certificate", BytesView(evidence.certificate));
  for (const Measurement& one : evidence.measurements) {
    if (!is_line(one.component)) return fail(ErrorCode::kMalformed, "a component is a name of up to 255 characters");
    out.add("measurement", to_hex(one.digest) + " " + one.component);
  }
  return out.signed_by(tre);
}

Result<std::string> to_text(const Validation& validation, const crypto::PrivateKey& pva) {
  Statement out(kValidation);
  out.add("pva", validation.pva).add("tre", validation.tre).add("model", validation.model).add("nonce", BytesView(validation.nonce));
  out.add("platform-key", BytesView(validation.platform_key)).add("verdict", validation.trusted ? kTrusted : kNotTrusted);
  out.add("reason", validation.reason).add("until", std::to_string(validation.until));
  return out.signed_by(pva);
}

Result<Validation> read_validation(std::string_view text, const crypto::PublicKey& pva) {
  const auto in = Statement::parse(text, kValidation);
  if (!in) return tl::unexpected(in.error());
  if (!in->is_by(pva)) return fail(ErrorCode::kRefused, "the validation is not signed by this PVA");
  if (auto good = in->only({"pva", "tre", "model", "nonce", "platform-key", "verdict", "reason", "until"}); !good)
    return tl::unexpected(good.error());
  Validation out;
  out.pva = in->value("pva");
  out.tre = in->value("tre");
  out.model = in->value("model");
  if (auto good = fixed(*in, "nonce", out.nonce); !good) return tl::unexpected(good.error());
  if (auto good = fixed(*in, "platform-key", out.platform_key); !good) return tl::unexpected(good.error());
  out.trusted = in->value("verdict") == kTrusted;
  if (!out.trusted && in->value("verdict") != kNotTrusted) return fail(ErrorCode::kMalformed, "verdict must be trusted or refused");
  out.reason = in->value("reason");
  const std::string& until = in->value("until");
  if (until.empty() || until.size() > 12 || until.find_first_not_of("0123456789") != std::string::npos) {
    return fail(ErrorCode::kMalformed, "until must be seconds since 1970");
  }
  out.until = std::stoll(until);
  return out;
}

Result<Validation> validate(std::string_view evidence_text, const PvaPolicy& policy, std::chrono::sys_seconds now) {
  const auto statement = Statement::parse(evidence_text, kEvidence);
  if (!statement) return tl::unexpected(statement.error());
  const auto evidence = read_evidence(*statement);
  if (!evidence) return tl::unexpected(evidence.error());
  Validation out;
  out.pva = policy.name;
  out.tre = evidence->tre;
  out.model = evidence->model;
  out.nonce = evidence->nonce;
  out.platform_key = evidence->platform_key;
  const auto reason = distrust(*statement, *evidence, policy, now);
  out.trusted = !reason;
  if (reason) out.reason = visible(*reason);  // names in certificates are anything
  out.until = now.time_since_epoch().count() + policy.lifetime;
  return out;
}

}  // namespace uicclab::mcim
