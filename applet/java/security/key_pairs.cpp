// SPDX-License-Identifier: Apache-2.0
// KeyPair, KeyAgreement.
#include "applet/java/security/curves.hpp"
#include "applet/java/security/security.hpp"
#include "core/crypto/rsa.hpp"
#include "core/crypto/secret.hpp"

namespace uicclab::applet::java {

namespace machine = jcvm::machine;
using machine::NativeCall;
using machine::Outcome;

namespace {

constexpr machine::ApiClass kKeyPair{kSecurity, 16};
constexpr machine::ApiClass kKeyAgreement{kSecurity, 22};
constexpr unsigned kPublic = 0;
constexpr unsigned kPrivate = 1;

/// TYPE_ of the public and the private key of an ALG_ constant.
struct PairTypes {
  std::int8_t algorithm, public_type, private_type;
};
constexpr auto kPairs = std::to_array<PairTypes>({{1, 4, 5}, {2, 4, 6}, {5, 11, 12}});

Outcome make_pair(NativeCall& call) {
  const auto found = std::ranges::find(kPairs, call.byte_at(0), &PairTypes::algorithm);
  if (found == kPairs.end()) return refuse(call, CryptoReason::kNoSuchAlgorithm);
  const auto first = build_key(call, found->public_type, call.short_at(1));
  if (!first || !call.set_reference(call.self(), kKeyPair, kPublic, *first)) return call.failed();
  const auto second = build_key(call, found->private_type, call.short_at(1));
  if (!second || !call.set_reference(call.self(), kKeyPair, kPrivate, *second)) return call.failed();
  return call.returns();
}

bool belong_together(const KeyObject& one, const KeyObject& other) {
  if (one.bits() != other.bits()) return false;
  if (one.kind() == KeyKind::kEcPublic) return other.kind() == KeyKind::kEcPrivate;
  return one.kind() == KeyKind::kRsaPublic && (other.kind() == KeyKind::kRsaPrivate || other.kind() == KeyKind::kRsaCrt);
}

Outcome join_pair(NativeCall& call) {
  if (call.object_at(0) == nullptr || call.object_at(1) == nullptr) return call.failed();
  const auto first = KeyObject::of(call, call.reference_at(0));
  const auto second = KeyObject::of(call, call.reference_at(1));
  if (!first || !second || !belong_together(*first, *second)) return refuse(call, CryptoReason::kIllegalValue);
  if (!call.set_reference(call.self(), kKeyPair, kPublic, first->ref())) return call.failed();
  return call.set_reference(call.self(), kKeyPair, kPrivate, second->ref()) ? call.returns() : call.failed();
}

template <unsigned kWhich>
Outcome get_key(NativeCall& call) {
  return call.returns_reference(call.reference_in(call.self(), kKeyPair, kWhich));
}

/// A public exponent that is set stays; else 65537.
Outcome generate_rsa(NativeCall& call, KeyObject first, KeyObject second) {
  constexpr std::array<std::uint8_t, 3> kUsual{0x01, 0x00, 0x01};
  const Bytes exponent = first.part(kExponent).empty() ? Bytes(kUsual.begin(), kUsual.end()) : to_bytes(first.part(kExponent));
  // Primes are found about as fast as the private function is calculated 64 times.
  const std::uint64_t size = first.bytes();
  call.charge(size * size * size * 64);
  const auto made = crypto::rsa::generate(first.bits(), exponent);
  if (!made) return refuse(call, CryptoReason::kIllegalValue);
  bool done = first.set(kModulus, made->modulus) && first.set(kExponent, exponent);
  if (second.kind() == KeyKind::kRsaPrivate) {
    done = done && second.set(kModulus, made->modulus) && second.set(kExponent, made->private_exponent);
  } else {
    done = done && second.set(kP, made->p) && second.set(kQ, made->q) && second.set(kDp, made->dp) && second.set(kDq, made->dq) &&
           second.set(kPq, made->pq);
  }
  return done ? call.returns() : call.failed();
}

/// Domain parameters that are set stay; else those of the usual curve.
Outcome generate_ec(NativeCall& call, KeyObject first, KeyObject second) {
  auto parameters = curve_parameters(first);
  if (!parameters) parameters = curve_parameters(second);
  if (!parameters) parameters = crypto::usual_curve(first.bits());
  const auto curve = parameters ? crypto::PrimeCurve::from(*parameters) : fail(ErrorCode::kRange, "");
  if (!curve) return refuse(call, CryptoReason::kIllegalValue);
  charge_curve(call, *curve);
  auto made = curve->generate(random_of(call));
  if (!made) return refuse(call, CryptoReason::kIllegalValue);
  const bool fits = made->w.size() <= first.room(kPoint) && made->s.size() <= second.room(kPoint);
  const bool done =
      fits && set_curve(first, *parameters) && set_curve(second, *parameters) && first.set(kPoint, made->w) && second.set(kPoint, made->s);
  crypto::wipe(made->s);
  if (!fits) return refuse(call, CryptoReason::kIllegalValue);
  return done ? call.returns() : call.failed();
}

Outcome generate_pair(NativeCall& call) {
  const auto first = KeyObject::of(call, call.reference_in(call.self(), kKeyPair, kPublic));
  const auto second = KeyObject::of(call, call.reference_in(call.self(), kKeyPair, kPrivate));
  if (!first || !second) return refuse(call, CryptoReason::kUninitializedKey);
  return first->kind() == KeyKind::kRsaPublic ? generate_rsa(call, *first, *second) : generate_ec(call, *first, *second);
}

// KeyAgreement. DHC is DH for a cofactor of 1; others are refused.

constexpr unsigned kAgreementKey = 0;
constexpr unsigned kAgreementAlgorithm = 1;
enum Agreement : std::int8_t { kDh = 1, kDhc = 2, kDhPlain = 3, kDhcPlain = 4, kDhPlainXy = 6 };

Outcome get_agreement(NativeCall& call) {
  constexpr auto kHere = std::to_array<std::int8_t>({kDh, kDhc, kDhPlain, kDhcPlain, kDhPlainXy});
  if (std::ranges::find(kHere, call.byte_at(0)) == kHere.end()) return refuse(call, CryptoReason::kNoSuchAlgorithm);
  const auto made = call.make(kKeyAgreement, call.caller());
  if (!made || !call.set_number(*made, kKeyAgreement, kAgreementAlgorithm, call.byte_at(0))) return call.failed();
  return call.returns_reference(*made);
}

std::int8_t agreement_of(NativeCall& call) {
  return static_cast<std::int8_t>(call.number_in(call.self(), kKeyAgreement, kAgreementAlgorithm));
}

Outcome init_agreement(NativeCall& call) {
  const auto key = ready_key(call, 0);
  if (!key) return call.failed();
  if (key->kind() != KeyKind::kEcPrivate) return refuse(call, CryptoReason::kIllegalValue);
  return call.set_reference(call.self(), kKeyAgreement, kAgreementKey, key->ref()) ? call.returns() : call.failed();
}

Outcome get_agreement_algorithm(NativeCall& call) {
  return call.returns(std::int16_t{agreement_of(call)});
}

/// The KDF forms hash the x coordinate with SHA-1 (KeyAgreement.ALG_EC_SVDP_DH).
Outcome generate_secret(NativeCall& call) {
  const auto given = call.read_array(0, call.short_at(1), call.short_at(2));
  if (!given) return call.failed();
  const Bytes peer = to_bytes(*given);
  const machine::Ref held = call.reference_in(call.self(), kKeyAgreement, kAgreementKey);
  if (held == machine::kNull) return refuse(call, CryptoReason::kInvalidInit);
  const auto key = KeyObject::of(call, held);
  if (!key || !key->is_initialized()) return refuse(call, CryptoReason::kUninitializedKey);
  const auto parameters = curve_parameters(*key);
  const std::int8_t algorithm = agreement_of(call);
  const bool with_cofactor = algorithm == kDhc || algorithm == kDhcPlain;
  const auto curve =
      parameters && (!with_cofactor || parameters->k == 1) ? crypto::PrimeCurve::from(*parameters) : fail(ErrorCode::kRange, "");
  if (!curve) return refuse(call, CryptoReason::kIllegalValue);
  charge_curve(call, *curve);
  auto point = curve->agree(key->part(kPoint), peer);
  if (!point) return refuse(call, CryptoReason::kIllegalValue);
  Bytes out;
  const BytesView x = BytesView(*point).subspan(1, (point->size() - 1) / 2);
  if (algorithm == kDhPlainXy) {
    out = *point;
  } else if (algorithm == kDhPlain || algorithm == kDhcPlain) {
    out = to_bytes(x);
  } else {
    out = crypto::digest(crypto::DigestName::kSha1, x);
  }
  const bool done = call.write_array(3, call.short_at(4), out);
  const auto size = static_cast<std::int16_t>(out.size());
  crypto::wipe(*point);
  crypto::wipe(out);
  return done ? call.returns(size) : call.failed();
}

Outcome nothing(NativeCall& call) {
  return call.returns();
}

constexpr auto kMethods = std::to_array<machine::NativeMethod>({
    {"KeyPair", "<init>", "(BS)V", make_pair},
    {"KeyPair", "<init>", "(Ljavacard/security/PublicKey;Ljavacard/security/PrivateKey;)V", join_pair},
    {"KeyPair", "genKeyPair", "()V", generate_pair},
    {"KeyPair", "getPrivate", "()Ljavacard/security/PrivateKey;", get_key<kPrivate>},
    {"KeyPair", "getPublic", "()Ljavacard/security/PublicKey;", get_key<kPublic>},
    {"KeyAgreement", "<init>", "()V", nothing},
    {"KeyAgreement", "getInstance", "(BZ)Ljavacard/security/KeyAgreement;", get_agreement},
    {"KeyAgreement", "init", "(Ljavacard/security/PrivateKey;)V", init_agreement},
    {"KeyAgreement", "getAlgorithm", "()B", get_agreement_algorithm},
    {"KeyAgreement", "generateSecret", "([BSS[BS)S", generate_secret},
});

}  // namespace

std::optional<crypto::CurveParameters> curve_parameters(const KeyObject& key) {
  for (const unsigned part : {kField, kA, kB, kG, kR}) {
    if (key.part(part).empty()) return std::nullopt;
  }
  crypto::CurveParameters out{to_bytes(key.part(kField)), to_bytes(key.part(kA)), to_bytes(key.part(kB)), to_bytes(key.part(kG)),
                              to_bytes(key.part(kR))};
  if (const BytesView k = key.part(kCofactor); !k.empty()) out.k = static_cast<std::uint16_t>(k[0] << 8 | k[1]);
  return out;
}

void charge_curve(NativeCall& call, const crypto::PrimeCurve& curve) {
  const std::uint64_t size = curve.field_size();
  call.charge(size * size * size * 32);
}

bool set_curve(KeyObject key, const crypto::CurveParameters& parameters) {
  const std::array<std::uint8_t, 2> k{static_cast<std::uint8_t>(parameters.k >> 8), static_cast<std::uint8_t>(parameters.k)};
  return key.set(kField, parameters.p) && key.set(kA, parameters.a) && key.set(kB, parameters.b) && key.set(kG, parameters.g) &&
         key.set(kR, parameters.r) && key.set(kCofactor, k);
}

void add_key_pairs(machine::NativeTable& table) {
  table.layout(kSecurity, "KeyPair", {.references = 2});
  table.add(kSecurity, std::span(kMethods).first(5));
}

void add_key_agreements(machine::NativeTable& table) {
  table.layout(kSecurity, "KeyAgreement", {.references = 1, .numbers = 1});
  table.add(kSecurity, std::span(kMethods).subspan(5));
}

}  // namespace uicclab::applet::java
