// SPDX-License-Identifier: Apache-2.0
// The coding of the GBA Push Info: docs/formats/gba-push-info.md.
#include "gba/push_info.hpp"

#include "core/crypto/hash.hpp"
#include "core/reader.hpp"
#include "core/utf8.hpp"

namespace uicclab::gba {
namespace {

constexpr auto kMagic = "475049"_h;  // "GPI"
constexpr std::uint8_t kGpiVersion = 0x01;
constexpr std::size_t kMacSize = 16;
constexpr std::uint8_t kIntegrityFc = 0x01;  // TS 33.220 annex B.2; the label is ours

/// Tags in the order of the fields; each occurs exactly once.
enum Tag : std::uint8_t { kMode = 1, kRand, kAutn, kPTid, kApplication, kNafId, kLifetime, kMac };

std::array<std::uint8_t, kMacSize> mac_of(const crypto::SecretBytes& ks_naf, BytesView covered) {
  const crypto::Sha256Digest digest = crypto::hmac_sha256(integrity_key(ks_naf), {covered});
  std::array<std::uint8_t, kMacSize> mac;
  std::copy_n(digest.begin(), mac.size(), mac.begin());
  return mac;
}

Result<BytesView> field(ByteReader& reader, Tag tag, std::size_t low, std::size_t high) {
  const std::size_t start = reader.offset();
  const auto found = reader.u8();
  const auto value = found ? reader.lv() : std::nullopt;
  if (!value) return fail(ErrorCode::kTruncated, "a GPI that ends too early", start);
  if (*found != tag) return fail(ErrorCode::kMalformed, "field " + std::to_string(*found) + " instead of " + std::to_string(tag), start);
  if (value->size() < low || value->size() > high)
    return fail(ErrorCode::kMalformed, "field " + std::to_string(tag) + " has a wrong length", start);
  return *value;
}

/// Reads the fields in a row; after the first failure nothing more.
class Fields {
 public:
  explicit Fields(ByteReader& reader) : m_reader(reader) {}
  BytesView next(Tag tag, std::size_t low, std::size_t high) {
    if (m_error) return {};
    auto value = field(m_reader, tag, low, high);
    if (value) return *value;
    m_error = value.error();
    return {};
  }
  std::string text(Tag tag) {
    const std::size_t start = m_reader.offset();
    const BytesView value = next(tag, 0, 255);
    if (first_non_utf8(value)) {
      m_error = Error{ErrorCode::kMalformed, "field " + std::to_string(tag) + " is not UTF-8", start};
      return {};
    }
    return {value.begin(), value.end()};
  }
  const std::optional<Error>& error() const { return m_error; }

 private:
  ByteReader& m_reader;
  std::optional<Error> m_error;
};

}  // namespace

const char* name_of(PushMode mode) {
  return mode == PushMode::kMe ? "GBA_ME" : "GBA_U";
}

crypto::SecretBytes integrity_key(const crypto::SecretBytes& ks_naf) {
  return crypto::kdf_3gpp(ks_naf, kIntegrityFc, {as_bytes("gpi-mac")});
}

Bytes encode_push(const PushInfo& info, const crypto::SecretBytes& ks_naf) {
  ByteWriter out;
  out.bytes(kMagic).u8(kGpiVersion);
  out.u8(kMode).lv(Bytes{static_cast<std::uint8_t>(info.mode)});
  out.u8(kRand).lv(info.rand);
  out.u8(kAutn).lv(info.autn);
  out.u8(kPTid).lv(as_bytes(info.p_tid));
  out.u8(kApplication).lv(as_bytes(info.application));
  out.u8(kNafId).lv(info.naf_id);
  out.u8(kLifetime).lv(ByteWriter().u32(info.lifetime).view());
  const auto mac = mac_of(ks_naf, out.view());
  return out.u8(kMac).lv(mac).take();
}

Result<SignedPush> parse_push(BytesView bytes) {
  ByteReader reader(bytes);
  const auto magic = reader.bytes(kMagic.size());
  const auto version = reader.u8();
  if (!magic || !version) return fail(ErrorCode::kTruncated, "a GPI that ends too early");
  if (!equal(*magic, kMagic)) return fail(ErrorCode::kMalformed, "no GPI");
  if (*version != kGpiVersion) return fail(ErrorCode::kUnsupported, "a GPI of version " + std::to_string(*version), kMagic.size());

  SignedPush push;
  Fields fields(reader);
  const BytesView mode = fields.next(kMode, 1, 1);
  const BytesView rand = fields.next(kRand, 16, 16);
  const BytesView autn = fields.next(kAutn, 16, 16);
  push.info.p_tid = fields.text(kPTid);
  push.info.application = fields.text(kApplication);
  const BytesView naf_id = fields.next(kNafId, 6, 255);  // at least one letter before the protocol identifier
  const BytesView lifetime = fields.next(kLifetime, 4, 4);
  const std::size_t covered = reader.offset();
  const BytesView mac = fields.next(kMac, kMacSize, kMacSize);
  if (fields.error()) return tl::unexpected(*fields.error());
  if (!reader.empty()) return fail(ErrorCode::kTrailing, "unexpected bytes after the GPI", reader.offset());
  if (mode[0] > 1) return fail(ErrorCode::kMalformed, "neither GBA_ME nor GBA_U", kMagic.size() + 1);

  push.info.mode = static_cast<PushMode>(mode[0]);
  std::ranges::copy(rand, push.info.rand.begin());
  std::ranges::copy(autn, push.info.autn.begin());
  push.info.naf_id = to_bytes(naf_id);
  push.info.lifetime = *ByteReader(lifetime).u32();
  push.covered = bytes.first(covered);
  std::ranges::copy(mac, push.mac.begin());
  return push;
}

bool is_authentic(const SignedPush& push, const crypto::SecretBytes& ks_naf) {
  return crypto::constant_time_equal(mac_of(ks_naf, push.covered), push.mac);
}

}  // namespace uicclab::gba
