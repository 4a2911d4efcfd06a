// SPDX-License-Identifier: Apache-2.0
// Keys, algorithm and rules of one subscriber, as given in a profile and as stored by an instance.
#pragma once

#include "applet/aka/sqn.hpp"
#include "applet/api/parameters.hpp"
#include "core/crypto/milenage.hpp"
#include "core/crypto/tuak.hpp"

namespace uicclab::applet::aka {

/// Algorithms by their names in a profile; the numbers are persistent.
enum class Algorithm : std::uint8_t {
  kMilenage = 1,   ///< "milenage", 3GPP TS 35.206
  kTuak = 2,       ///< "tuak", 3GPP TS 35.231
  kXor = 3,        ///< "xor", the test algorithm of 3GPP TS 34.108 (in the GSM context: of TS 51.010-1)
  kComp128v1 = 4,  ///< "comp128v1", "comp128v2", "comp128v3": GSM only
  kComp128v2 = 5,
  kComp128v3 = 6,
  kDerived = 7,          ///< "derived": GSM only, conversion functions c2 and c3 of 3GPP TS 33.102 clause 6.8.1.2
  kDerivedTruncated = 8  ///< "derived-truncated": GSM only, SRES is the first half of RES (3GPP TS 55.205 clause 4)
};

/// Everything an application must know to authenticate its subscriber.
struct Subscriber {
  Algorithm algorithm = Algorithm::kMilenage;
  Algorithm gsm = Algorithm::kDerived;  ///< of the GSM context
  std::uint8_t pin = 0x01;              ///< key reference of the application PIN, which AUTHENTICATE and GET IDENTITY ask for
  crypto::SecretBytes k;                ///< 16 bytes, TUAK also 32
  crypto::SecretBytes opc;              ///< OPc, 16 bytes, or TOPc, 32; empty for other algorithms
  crypto::SecretBytes gsm_ki;           ///< 16 bytes; empty if the GSM algorithm is derived
  std::size_t res_length = 8;           ///< bytes of RES
  crypto::MilenageConstants milenage;
  crypto::TuakParameters tuak;
  SqnRules sqn;
};

/// A subscriber and the number it last accepted.
struct NewSubscriber {
  Subscriber subscriber;
  std::uint64_t sqn_start = 0;
};

/// From a profile; applet/usim/module.hpp has the table of the parameters.
/// Errors: kNotFound, kMalformed, kRange, kRefused (parameters that exclude each other, or that are not used); all name the key.
Result<NewSubscriber> read_subscriber(const Parameters& parameters);

/// The private object of an instance. It holds keys: wipe it.
Bytes encode(const Subscriber& subscriber);
/// Errors: kTruncated, kTrailing, kMalformed, kUnsupported (a version from elsewhere).
Result<Subscriber> decode_subscriber(BytesView bytes);

}  // namespace uicclab::applet::aka
