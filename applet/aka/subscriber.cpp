// SPDX-License-Identifier: Apache-2.0
#include "applet/aka/subscriber.hpp"

#include "applet/aka/slots.hpp"
#include "core/reader.hpp"

namespace uicclab::applet::aka {
namespace {

// version, algorithm, GSM algorithm, PIN, RES length, IND bits, delta (6), age limit (6), LV K, LV OPc, LV Ki, then
// Milenage: r1..r5, c1..c5 (16 each); TUAK: lengths of MAC, CK and IK, Keccak iterations.
constexpr std::uint8_t kVersion = 1;

void write(ByteWriter& out, std::size_t small_number) {
  out.u8(static_cast<std::uint8_t>(small_number));
}

bool is_algorithm(std::uint8_t value) {
  return value >= 1 && value <= static_cast<std::uint8_t>(Algorithm::kDerivedTruncated);
}

/// Reads on after the first failure, and yields zeros.
class Decoder {
 public:
  explicit Decoder(BytesView bytes) : m_in(bytes) {}

  std::uint8_t u8() { return take(m_in.u8()); }
  std::uint64_t u48() { return take(m_in.number(6)); }
  crypto::SecretBytes secret() {
    const auto bytes = m_in.lv();
    m_bad = m_bad || !bytes || bytes->size() > crypto::SecretBytes::kCapacity;
    return m_bad ? crypto::SecretBytes() : crypto::SecretBytes(*bytes);
  }
  void fill(std::span<std::uint8_t> out) {
    for (std::uint8_t& byte : out) byte = u8();
  }
  bool failed() const { return m_bad; }
  std::size_t offset() const { return m_in.offset(); }
  bool empty() const { return m_in.empty(); }

 private:
  template <typename T>
  T take(std::optional<T> value) {
    m_bad = m_bad || !value;
    return value.value_or(T{});
  }

  ByteReader m_in;
  bool m_bad = false;
};

}  // namespace

Bytes encode(const Subscriber& s) {
  ByteWriter out;
  out.u8(kVersion).u8(static_cast<std::uint8_t>(s.algorithm)).u8(static_cast<std::uint8_t>(s.gsm)).u8(s.pin);
  write(out, s.res_length);
  out.u8(s.sqn.ind_bits).number(s.sqn.delta, 6).number(s.sqn.age_limit, 6);
  out.lv(s.k.expose(kPersist)).lv(s.opc.expose(kPersist)).lv(s.gsm_ki.expose(kPersist));
  if (s.algorithm == Algorithm::kMilenage) {
    out.bytes(s.milenage.r);
    for (const crypto::Bytes16& c : s.milenage.c) out.bytes(c);
  } else if (s.algorithm == Algorithm::kTuak) {
    for (std::size_t size : {s.tuak.mac_size, s.tuak.ck_size, s.tuak.ik_size}) write(out, size);
    write(out, s.tuak.iterations);
  }
  return out.take();
}

Result<Subscriber> decode_subscriber(BytesView bytes) {
  Decoder in(bytes);
  if (in.u8() != kVersion) return fail(ErrorCode::kUnsupported, "a subscriber of another version");
  Subscriber s;
  const std::uint8_t algorithm = in.u8();
  const std::uint8_t gsm = in.u8();
  s.pin = in.u8();
  s.res_length = in.u8();
  s.sqn.ind_bits = in.u8();
  s.sqn.delta = in.u48();
  s.sqn.age_limit = in.u48();
  s.k = in.secret();
  s.opc = in.secret();
  s.gsm_ki = in.secret();
  if (in.failed()) return fail(ErrorCode::kTruncated, "subscriber ends too early", in.offset());
  if (!is_algorithm(algorithm) || !is_algorithm(gsm)) return fail(ErrorCode::kMalformed, "no such algorithm", 1);
  if (s.sqn.ind_bits > 8) return fail(ErrorCode::kMalformed, "IND has at most 8 bits", 5);
  s.algorithm = static_cast<Algorithm>(algorithm);
  s.gsm = static_cast<Algorithm>(gsm);
  if (s.algorithm == Algorithm::kMilenage) {
    in.fill(s.milenage.r);
    for (crypto::Bytes16& c : s.milenage.c) in.fill(c);
  } else if (s.algorithm == Algorithm::kTuak) {
    s.tuak.res_size = s.res_length;
    s.tuak.mac_size = in.u8();
    s.tuak.ck_size = in.u8();
    s.tuak.ik_size = in.u8();
    s.tuak.iterations = in.u8();
  }
  if (in.failed()) return fail(ErrorCode::kTruncated, "subscriber ends too early", in.offset());
  if (!in.empty()) return fail(ErrorCode::kTrailing, "bytes after the subscriber", in.offset());
  return s;
}

}  // namespace uicclab::applet::aka
