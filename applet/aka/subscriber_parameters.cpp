// SPDX-License-Identifier: Apache-2.0
// The parameters of the modules "usim" and "isim" (table in applet/usim/module.hpp).
#include <optional>
#include <set>

#include "applet/aka/subscriber.hpp"

namespace uicclab::applet::aka {
namespace {

struct AlgorithmName {
  std::string_view name;
  Algorithm algorithm;
  bool as_main;  ///< allowed as "algorithm"
  bool as_gsm;   ///< allowed as "gsm_algorithm"
};

constexpr auto kAlgorithmNames = std::to_array<AlgorithmName>({
    {"milenage", Algorithm::kMilenage, true, false},
    {"tuak", Algorithm::kTuak, true, false},
    {"xor", Algorithm::kXor, true, true},
    {"comp128v1", Algorithm::kComp128v1, true, true},
    {"comp128v2", Algorithm::kComp128v2, true, true},
    {"comp128v3", Algorithm::kComp128v3, true, true},
    {"derived", Algorithm::kDerived, false, true},
    {"derived-truncated", Algorithm::kDerivedTruncated, false, true},
});

bool is_gsm_only(Algorithm algorithm) {
  return algorithm == Algorithm::kComp128v1 || algorithm == Algorithm::kComp128v2 || algorithm == Algorithm::kComp128v3;
}
bool is_derived(Algorithm algorithm) {
  return algorithm == Algorithm::kDerived || algorithm == Algorithm::kDerivedTruncated;
}

/// Takes parameters one by one, keeps the first error, and knows at the end which ones were not used.
class Reading {
 public:
  explicit Reading(const Parameters& parameters) : m_parameters(parameters) {}

  bool has(std::string_view key) const { return m_parameters.contains(key); }

  std::uint64_t number(const std::string& key, std::uint64_t least, std::uint64_t most, std::uint64_t otherwise) {
    if (!take(key)) return otherwise;
    const auto value = m_parameters.number(key, static_cast<std::int64_t>(least), static_cast<std::int64_t>(most));
    if (!value) return refuse(value.error()), otherwise;
    return static_cast<std::uint64_t>(*value);
  }

  /// One of a few lengths in bytes.
  std::size_t length(const std::string& key, std::initializer_list<std::size_t> allowed, std::size_t otherwise) {
    const std::uint64_t value = number(key, 0, 255, otherwise);
    if (std::ranges::find(allowed, value) == allowed.end()) {
      std::string text;
      for (std::size_t size : allowed) text.append(text.empty() ? "" : " or ").append(std::to_string(size));
      refuse({ErrorCode::kRange, key + " must be " + text});
    }
    return static_cast<std::size_t>(value);
  }

  Algorithm algorithm(const std::string& key, bool AlgorithmName::*allowed, std::optional<Algorithm> otherwise) {
    if (!take(key) && otherwise) return *otherwise;
    const auto text = m_parameters.text(key);
    if (!text) return refuse(text.error()), Algorithm::kMilenage;
    std::string names;
    for (const AlgorithmName& line : kAlgorithmNames) {
      if (!(line.*allowed)) continue;
      if (line.name == *text) return line.algorithm;
      if (!names.empty()) names += ", ";
      names += line.name;
    }
    refuse({ErrorCode::kUnsupported, key + " must be one of " + names});
    return Algorithm::kMilenage;
  }

  /// Empty if it is absent.
  crypto::SecretBytes optional_secret(const std::string& key, std::initializer_list<std::size_t> sizes) {
    return take(key) ? secret(key, sizes) : crypto::SecretBytes();
  }
  crypto::SecretBytes secret(const std::string& key, std::initializer_list<std::size_t> sizes) {
    take(key);
    auto bytes = m_parameters.hex(key, sizes);
    if (!bytes) return refuse(bytes.error()), crypto::SecretBytes();
    crypto::SecretBytes value{BytesView(*bytes)};
    crypto::wipe(*bytes);
    return value;
  }

  void refuse(Error error) {
    if (!m_error) m_error = std::move(error);
  }
  bool failed() const { return m_error.has_value(); }

  /// The first error; else a parameter that was not taken.
  Result<void> finish() const {
    if (m_error) return tl::unexpected(*m_error);
    for (const auto& [key, value] : m_parameters.all()) {
      if (!m_taken.contains(key)) return fail(ErrorCode::kRefused, key + " means nothing here: no such parameter for this algorithm");
    }
    return {};
  }

 private:
  bool take(const std::string& key) {
    m_taken.insert(key);
    return has(key);
  }

  const Parameters& m_parameters;
  std::set<std::string, std::less<>> m_taken;
  std::optional<Error> m_error;
};

/// OPc or TOPc: given itself, or computed from OP or TOP by `derive`.
template <typename Derive>
crypto::SecretBytes read_opc(Reading& in, const std::string& computed, const std::string& plain, std::size_t size, Derive&& derive) {
  if (in.has(computed) == in.has(plain)) {
    const bool both = in.has(computed);
    in.refuse({both ? ErrorCode::kRefused : ErrorCode::kNotFound,
               both ? computed + " and " + plain + " exclude each other" : computed + " or " + plain + " is missing"});
    return {};
  }
  if (in.has(computed)) return in.secret(computed, {size});
  const crypto::SecretBytes op = in.secret(plain, {size});
  if (in.failed()) return {};
  auto opc = derive(op);
  if (!opc) return in.refuse(opc.error()), crypto::SecretBytes();
  return *std::move(opc);
}

void read_milenage(Reading& in, Subscriber& s) {
  s.k = in.secret("k", {16});
  s.opc = read_opc(in, "opc", "op", 16, [&](const crypto::SecretBytes& op) { return crypto::Milenage::opc_from_op(s.k, op); });
  s.res_length = in.length("res_length", {4, 5, 6, 7, 8}, 8);
  for (std::size_t i = 0; i < 5; ++i) {
    const std::string number = std::to_string(i + 1);
    s.milenage.r[i] = static_cast<std::uint8_t>(in.number("r" + number, 0, 127, s.milenage.r[i]));
    const crypto::SecretBytes c = in.optional_secret("c" + number, {16});
    if (!c.empty()) std::ranges::copy(c.expose(crypto::ExposeSecret{"a constant of the algorithm"}), s.milenage.c[i].begin());
  }
}

void read_tuak(Reading& in, Subscriber& s) {
  s.k = in.secret("k", {16, 32});
  s.tuak.iterations = static_cast<unsigned>(in.number("keccak_iterations", 1, 255, 1));
  s.opc = read_opc(in, "topc", "top", 32,
                   [&](const crypto::SecretBytes& top) { return crypto::Tuak::topc_from_top(s.k, top, s.tuak.iterations); });
  s.res_length = s.tuak.res_size = in.length("res_length", {4, 8, 16, 32}, 8);
  s.tuak.mac_size = in.length("mac_length", {8, 16, 32}, 8);
  s.tuak.ck_size = in.length("ck_length", {16, 32}, 16);
  s.tuak.ik_size = in.length("ik_length", {16, 32}, 16);
}

void read_gsm(Reading& in, Subscriber& s) {
  if (is_gsm_only(s.algorithm)) {
    s.gsm = s.algorithm;
    s.gsm_ki = s.k.clone();
    return;
  }
  s.gsm = in.algorithm("gsm_algorithm", &AlgorithmName::as_gsm, Algorithm::kDerived);
  if (is_derived(s.gsm)) return;
  s.gsm_ki = in.optional_secret("gsm_ki", {16});
  if (s.gsm_ki.empty()) s.gsm_ki = s.k.clone();
  if (s.gsm_ki.size() != 16) in.refuse({ErrorCode::kNotFound, "gsm_ki is missing: k must have the 16 bytes of a Ki to be used for it"});
}

void read_sqn(Reading& in, NewSubscriber& out) {
  SqnRules& rules = out.subscriber.sqn;
  rules.ind_bits = static_cast<std::uint8_t>(in.number("sqn.ind_bits", 0, 8, rules.ind_bits));
  rules.delta = in.number("sqn.delta", 0, kSqnMax, rules.delta);
  rules.age_limit = in.number("sqn.age_limit", 0, kSqnMax, rules.age_limit);
  out.sqn_start = in.number("sqn.start", 0, kSqnMax, 0);
}

/// ETSI TS 102 221 clause 9.5.1: application PINs are 01 to 08; 11 is the universal PIN.
void read_pin(Reading& in, Subscriber& s) {
  s.pin = static_cast<std::uint8_t>(in.number("pin", 0x01, 0x11, s.pin));
  if (s.pin > 0x08 && s.pin != 0x11) in.refuse({ErrorCode::kRange, "pin must be 1 to 8, or 17 (the universal PIN)"});
}

}  // namespace

Result<NewSubscriber> read_subscriber(const Parameters& parameters) {
  Reading in(parameters);
  NewSubscriber out;
  Subscriber& s = out.subscriber;
  s.algorithm = in.algorithm("algorithm", &AlgorithmName::as_main, std::nullopt);
  if (in.failed()) return tl::unexpected(in.finish().error());
  switch (s.algorithm) {
    case Algorithm::kMilenage:
      read_milenage(in, s);
      break;
    case Algorithm::kTuak:
      read_tuak(in, s);
      break;
    case Algorithm::kXor:
      s.k = in.secret("k", {16});
      s.res_length = in.length("res_length", {4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, 16);
      break;
    default:
      s.k = in.secret("k", {16});
      break;
  }
  read_gsm(in, s);
  if (!is_gsm_only(s.algorithm)) read_sqn(in, out);
  read_pin(in, s);
  if (auto done = in.finish(); !done) return tl::unexpected(done.error());
  return out;
}

}  // namespace uicclab::applet::aka
