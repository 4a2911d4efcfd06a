// SPDX-License-Identifier: Apache-2.0
#include "core/crypto/prime_curve.hpp"

#include <algorithm>

#include <openssl/err.h>
#include <openssl/obj_mac.h>

#include "core/crypto/error.hpp"
#include "core/crypto/openssl.hpp"
#include "core/crypto/secret.hpp"
#include "core/reader.hpp"

namespace uicclab::crypto {
namespace {

void must(int done, const char* call) {
  if (done != 1) throw_openssl_error(call);
}

Owned<BIGNUM> number(BytesView bytes) {
  Owned<BIGNUM> out(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  if (!out) throw_openssl_error("BN_bin2bn");
  return out;
}

Owned<BIGNUM> number() {
  Owned<BIGNUM> out(BN_secure_new());
  if (!out) throw_openssl_error("BN_secure_new");
  return out;
}

Owned<BN_CTX> workspace() {
  Owned<BN_CTX> out(BN_CTX_secure_new());
  if (!out) throw_openssl_error("BN_CTX_secure_new");
  return out;
}

Bytes bytes_of(const BIGNUM* value, std::size_t size) {
  Bytes out(size);
  if (BN_bn2binpad(value, out.data(), static_cast<int>(size)) < 0) throw_openssl_error("BN_bn2binpad");
  return out;
}

std::size_t size_of(const BIGNUM* value) {
  return static_cast<std::size_t>(BN_num_bytes(value));
}

int usual_name(unsigned bits) {
  switch (bits) {
    case 112:
      return NID_secp112r1;
    case 128:
      return NID_secp128r1;
    case 160:
      return NID_secp160r1;
    case 192:
      return NID_X9_62_prime192v1;
    case 224:
      return NID_secp224r1;
    case 256:
      return NID_X9_62_prime256v1;
    case 320:
      return NID_brainpoolP320r1;
    case 384:
      return NID_secp384r1;
    case 512:
      return NID_brainpoolP512r1;
    case 521:
      return NID_secp521r1;
    default:
      return NID_undef;
  }
}

Bytes point_bytes(const EC_GROUP* group, const EC_POINT* point, BN_CTX* context) {
  const std::size_t size = EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, nullptr, 0, context);
  Bytes out(size);
  if (size == 0 || EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out.data(), size, context) != size) {
    throw_openssl_error("EC_POINT_point2oct");
  }
  return out;
}

Owned<EC_POINT> new_point(const EC_GROUP* group) {
  Owned<EC_POINT> out(EC_POINT_new(group));
  if (!out) throw_openssl_error("EC_POINT_new");
  return out;
}

/// Null: it does not lie on the curve, or is infinity.
Owned<EC_POINT> point_from(const EC_GROUP* group, BytesView bytes, BN_CTX* context) {
  auto out = new_point(group);
  if (bytes.size() < 2 || EC_POINT_oct2point(group, out.get(), bytes.data(), bytes.size(), context) != 1) {
    ERR_clear_error();
    return nullptr;
  }
  return out;
}

/// What OpenSSL cannot calculate with: p is no prime. That it is one is not tested, which takes longer than all the rest.
tl::unexpected<Error> no_field() {
  return refused(ErrorCode::kRange, "the field of the curve is no field: p is no prime");
}

}  // namespace

struct PrimeCurve::Group {
  Owned<EC_GROUP> group;
  Owned<BIGNUM> order;

  bool is_private(const BIGNUM* value) const { return BN_is_zero(value) == 0 && BN_cmp(value, order.get()) < 0; }
  /// SEC 1 clause 4.1.3 step 5: the leftmost bits, as many as the order has.
  Owned<BIGNUM> reduced(BytesView hash) const {
    auto out = number(hash);
    const int over = static_cast<int>(hash.size()) * 8 - BN_num_bits(order.get());
    if (over > 0) must(BN_rshift(out.get(), out.get(), over), "BN_rshift");
    return out;
  }
  /// 1 to r - 1, evenly.
  Owned<BIGNUM> scalar(Random& random) const {
    const int bits = BN_num_bits(order.get());
    Bytes bytes(size_of(order.get()));
    for (;;) {
      random.fill(bytes);
      bytes[0] &= static_cast<std::uint8_t>(0xFF >> (static_cast<int>(bytes.size()) * 8 - bits));
      auto value = number(bytes);
      if (!is_private(value.get())) continue;
      wipe(bytes);
      BN_set_flags(value.get(), BN_FLG_CONSTTIME);
      return value;
    }
  }
};

PrimeCurve::PrimeCurve(std::unique_ptr<Group> group) : m_group(std::move(group)) {}
PrimeCurve::~PrimeCurve() = default;
PrimeCurve::PrimeCurve(PrimeCurve&&) noexcept = default;
PrimeCurve& PrimeCurve::operator=(PrimeCurve&&) noexcept = default;

std::optional<CurveParameters> usual_curve(unsigned bits) {
  const Owned<EC_GROUP> group(EC_GROUP_new_by_curve_name(usual_name(bits)));
  if (!group) return std::nullopt;
  const auto context = workspace();
  const auto p = number();
  const auto a = number();
  const auto b = number();
  must(EC_GROUP_get_curve(group.get(), p.get(), a.get(), b.get(), context.get()), "EC_GROUP_get_curve");
  const std::size_t size = size_of(p.get());
  const BIGNUM* order = EC_GROUP_get0_order(group.get());
  return CurveParameters{bytes_of(p.get(), size),         bytes_of(a.get(), size),
                         bytes_of(b.get(), size),         point_bytes(group.get(), EC_GROUP_get0_generator(group.get()), context.get()),
                         bytes_of(order, size_of(order)), static_cast<std::uint16_t>(BN_get_word(EC_GROUP_get0_cofactor(group.get())))};
}

Result<PrimeCurve> PrimeCurve::from(const CurveParameters& parameters) {
  constexpr int kMostBits = 521;
  const auto wrong = [] { return refused(ErrorCode::kRange, "these domain parameters are no curve over a prime field"); };
  const auto p = number(parameters.p);
  auto order = number(parameters.r);
  if (BN_is_odd(p.get()) != 1 || BN_num_bits(p.get()) > kMostBits || BN_num_bits(p.get()) < 3 || BN_num_bits(order.get()) < 2 ||
      BN_num_bits(order.get()) > BN_num_bits(p.get()) + 1) {
    return wrong();
  }
  const auto context = workspace();
  auto made = std::make_unique<Group>();
  made->group.reset(EC_GROUP_new_curve_GFp(p.get(), number(parameters.a).get(), number(parameters.b).get(), context.get()));
  if (!made->group) return wrong();
  const auto generator = point_from(made->group.get(), parameters.g, context.get());
  const auto cofactor = number();
  must(BN_set_word(cofactor.get(), parameters.k), "BN_set_word");
  if (!generator || EC_GROUP_set_generator(made->group.get(), generator.get(), order.get(), cofactor.get()) != 1) return wrong();
  made->order = std::move(order);
  return PrimeCurve(std::move(made));
}

std::size_t PrimeCurve::field_size() const {
  return (static_cast<std::size_t>(EC_GROUP_get_degree(m_group->group.get())) + 7) / 8;
}

std::size_t PrimeCurve::order_size() const {
  return size_of(m_group->order.get());
}

Result<PrimeCurve::Pair> PrimeCurve::generate(Random& random) const {
  const auto s = m_group->scalar(random);
  Bytes bytes = bytes_of(s.get(), order_size());
  auto w = public_key(bytes);
  if (!w) {
    wipe(bytes);
    return tl::unexpected(w.error());
  }
  return Pair{std::move(bytes), *std::move(w)};
}

Result<Bytes> PrimeCurve::public_key(BytesView private_key) const {
  const auto s = number(private_key);
  if (!m_group->is_private(s.get())) return fail(ErrorCode::kRange, "a private key is 1 to the order less 1");
  const auto context = workspace();
  const auto point = new_point(m_group->group.get());
  if (EC_POINT_mul(m_group->group.get(), point.get(), s.get(), nullptr, nullptr, context.get()) != 1) return no_field();
  if (EC_POINT_is_at_infinity(m_group->group.get(), point.get()) == 1) return fail(ErrorCode::kRange, "the public key is infinity");
  return point_bytes(m_group->group.get(), point.get(), context.get());
}

Result<Bytes> PrimeCurve::agree(BytesView private_key, BytesView w) const {
  const auto s = number(private_key);
  if (!m_group->is_private(s.get())) return fail(ErrorCode::kRange, "a private key is 1 to the order less 1");
  const EC_GROUP* group = m_group->group.get();
  const auto context = workspace();
  const auto peer = point_from(group, w, context.get());
  if (!peer) return fail(ErrorCode::kMalformed, "the public key is not a point of the curve");
  const auto point = new_point(group);
  if (EC_POINT_mul(group, point.get(), nullptr, peer.get(), s.get(), context.get()) != 1) return no_field();
  if (EC_POINT_is_at_infinity(group, point.get()) == 1) return fail(ErrorCode::kMalformed, "the shared point is infinity");
  return point_bytes(group, point.get(), context.get());
}

Result<Bytes> PrimeCurve::sign(BytesView hash, BytesView private_key, Random& random) const {
  const auto d = number(private_key);
  if (!m_group->is_private(d.get())) return fail(ErrorCode::kRange, "a private key is 1 to the order less 1");
  BN_set_flags(d.get(), BN_FLG_CONSTTIME);
  const EC_GROUP* group = m_group->group.get();
  const BIGNUM* n = m_group->order.get();
  const auto context = workspace();
  const auto e = m_group->reduced(hash);
  const auto point = new_point(group);
  const auto x = number();
  const auto r = number();
  const auto s = number();
  constexpr int kTries = 64;  // more only for an order that is no prime
  for (int i = 0; i < kTries; ++i) {
    const auto k = m_group->scalar(random);
    if (EC_POINT_mul(group, point.get(), k.get(), nullptr, nullptr, context.get()) != 1) return no_field();
    if (EC_POINT_is_at_infinity(group, point.get()) == 1) continue;
    if (EC_POINT_get_affine_coordinates(group, point.get(), x.get(), nullptr, context.get()) != 1) return no_field();
    must(BN_nnmod(r.get(), x.get(), n, context.get()), "BN_nnmod");
    if (BN_is_zero(r.get()) == 1) continue;
    const Owned<BIGNUM> inverse(BN_mod_inverse(nullptr, k.get(), n, context.get()));
    if (!inverse) continue;
    must(BN_mod_mul(s.get(), d.get(), r.get(), n, context.get()), "BN_mod_mul");
    must(BN_mod_add(s.get(), s.get(), e.get(), n, context.get()), "BN_mod_add");
    must(BN_mod_mul(s.get(), s.get(), inverse.get(), n, context.get()), "BN_mod_mul");
    if (BN_is_zero(s.get()) == 1) continue;
    Bytes out = bytes_of(r.get(), order_size());
    append(out, bytes_of(s.get(), order_size()));
    return out;
  }
  return fail(ErrorCode::kRange, "the order of the curve is no prime");
}

bool PrimeCurve::verify(BytesView hash, BytesView r_bytes, BytesView s_bytes, BytesView w) const {
  const EC_GROUP* group = m_group->group.get();
  const BIGNUM* n = m_group->order.get();
  const auto context = workspace();
  const auto r = number(r_bytes);
  const auto s = number(s_bytes);
  const auto peer = point_from(group, w, context.get());
  if (!peer || !m_group->is_private(r.get()) || !m_group->is_private(s.get())) return false;
  const Owned<BIGNUM> inverse(BN_mod_inverse(nullptr, s.get(), n, context.get()));
  if (!inverse) return false;
  const auto first = number();
  const auto second = number();
  must(BN_mod_mul(first.get(), m_group->reduced(hash).get(), inverse.get(), n, context.get()), "BN_mod_mul");
  must(BN_mod_mul(second.get(), r.get(), inverse.get(), n, context.get()), "BN_mod_mul");
  const auto point = new_point(group);
  const auto x = number();
  if (EC_POINT_mul(group, point.get(), first.get(), peer.get(), second.get(), context.get()) != 1 ||
      EC_POINT_is_at_infinity(group, point.get()) == 1 ||
      EC_POINT_get_affine_coordinates(group, point.get(), x.get(), nullptr, context.get()) != 1) {
    ERR_clear_error();
    return false;
  }
  must(BN_nnmod(x.get(), x.get(), n, context.get()), "BN_nnmod");
  return BN_cmp(x.get(), r.get()) == 0;
}

namespace {

void put_integer(Bytes& out, BytesView value) {
  while (value.size() > 1 && value[0] == 0) value = value.subspan(1);
  const bool sign = !value.empty() && (value[0] & 0x80) != 0;
  out.push_back(0x02);
  out.push_back(static_cast<std::uint8_t>(value.size() + (sign ? 1 : 0)));
  if (sign) out.push_back(0);
  append(out, value);
}

std::optional<Bytes> take_integer(ByteReader& in) {
  if (in.u8() != 0x02) return std::nullopt;
  const auto size = in.u8();
  if (!size || *size == 0 || *size > 0x7F) return std::nullopt;
  const auto bytes = in.bytes(*size);
  if (!bytes || ((*bytes)[0] & 0x80) != 0) return std::nullopt;
  return to_bytes(*bytes);
}

}  // namespace

Bytes ecdsa_to_der(BytesView plain) {
  Bytes body;
  put_integer(body, plain.first(plain.size() / 2));
  put_integer(body, plain.subspan(plain.size() / 2));
  Bytes out{0x30};
  if (body.size() > 0x7F) out.push_back(0x81);
  out.push_back(static_cast<std::uint8_t>(body.size()));
  append(out, body);
  return out;
}

std::optional<EcdsaValue> ecdsa_from_der(BytesView der) {
  ByteReader in(der);
  if (in.u8() != 0x30) return std::nullopt;
  auto size = in.u8();
  if (size == 0x81) size = in.u8();
  if (!size) return std::nullopt;
  const auto body = in.bytes(*size);
  if (!body || !in.empty()) return std::nullopt;
  ByteReader numbers(*body);
  auto r = take_integer(numbers);
  auto s = r ? take_integer(numbers) : std::nullopt;
  if (!s || !numbers.empty()) return std::nullopt;
  return EcdsaValue{*std::move(r), *std::move(s)};
}

}  // namespace uicclab::crypto
