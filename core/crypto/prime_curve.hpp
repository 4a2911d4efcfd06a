// SPDX-License-Identifier: Apache-2.0
// Elliptic curves over prime fields with domain parameters of the caller's choice: SEC 1 clauses 2.2.1, 3.1.1, 3.2 (keys), 3.3.1 (Diffie-
// Hellman), 4.1 (ECDSA). For Java Card applets; protocols with a curve of their own are elsewhere in this folder.
#pragma once

#include <memory>
#include <optional>

#include "core/bytes.hpp"
#include "core/environment.hpp"
#include "core/result.hpp"

namespace uicclab::crypto {

/// Big-endian numbers; g is an uncompressed point. `k` is the cofactor.
struct CurveParameters {
  Bytes p, a, b, g, r;
  std::uint16_t k = 1;
};

/// Those of the curve that cards have for keys of this size: SEC 2 (112 to 521 bits), RFC 5639 (320 and 512 bits); nothing: none.
std::optional<CurveParameters> usual_curve(unsigned bits);

class PrimeCurve {
 public:
  /// Errors: kRange (no such curve: p is even or above 521 bits, the generator is not on it).
  static Result<PrimeCurve> from(const CurveParameters& parameters);
  ~PrimeCurve();
  PrimeCurve(PrimeCurve&&) noexcept;
  PrimeCurve& operator=(PrimeCurve&&) noexcept;

  std::size_t field_size() const;
  std::size_t order_size() const;

  struct Pair {
    Bytes s;  ///< as long as the order
    Bytes w;  ///< uncompressed
  };
  /// Errors: kRange (the parameters are no curve after all: r is not the generator's order, p is no prime).
  Result<Pair> generate(Random& random) const;
  /// w of a private key. Errors: kRange (it is not 1 to r - 1).
  Result<Bytes> public_key(BytesView s) const;

  /// s * w as an uncompressed point. Errors: kRange (no private key), kMalformed (not a point of the curve, or it leads to infinity).
  Result<Bytes> agree(BytesView s, BytesView w) const;

  /// r and s, each as long as the order; `hash` is cut to the order's length. Errors: kRange (no private key).
  Result<Bytes> sign(BytesView hash, BytesView s, Random& random) const;
  bool verify(BytesView hash, BytesView r, BytesView s, BytesView w) const;

 private:
  struct Group;
  explicit PrimeCurve(std::unique_ptr<Group> group);
  std::unique_ptr<Group> m_group;
};

/// ECDSA-Sig-Value of RFC 3279 clause 2.2.3 from r and s (each half of `plain`), and back; nothing if it is none.
Bytes ecdsa_to_der(BytesView plain);
struct EcdsaValue {
  Bytes r, s;
};
std::optional<EcdsaValue> ecdsa_from_der(BytesView der);

}  // namespace uicclab::crypto
