// SPDX-License-Identifier: Apache-2.0
#include "gba/usim_gba.hpp"

#include "core/reader.hpp"
#include "core/transceive.hpp"

namespace uicclab::gba {
namespace {

constexpr std::uint8_t kAuthenticate = 0x88;
constexpr std::uint8_t k3gContext = 0x81, kGbaContext = 0x84;
constexpr std::uint8_t kBootstrapping = 0xDD, kNafDerivation = 0xDE;
constexpr std::uint8_t kSuccess = 0xDB, kSyncFailure = 0xDC;

/// The answer behind its first byte, which must be 'DB'; AUTS behind 'DC'.
GbaCard::Answer<crypto::WipedBytes> ask(CardPort& port, std::uint8_t context, BytesView data) {
  auto answer = transceive(port, apdu::Command{.cla = 0, .ins = kAuthenticate, .p1 = 0, .p2 = context, .data = data, .le = 256});
  if (!answer || answer->status != sw::kOk || answer->data.empty()) return NotAuthenticated{};
  crypto::WipedBytes value = crypto::to_wiped(BytesView(answer->data).subspan(1));
  const std::uint8_t tag = answer->data[0];
  crypto::wipe(answer->data);
  if (tag == kSuccess) return value;
  const auto auts = tag == kSyncFailure ? ByteReader(value).lv() : std::nullopt;
  if (!auts) return NotAuthenticated{};
  return SyncFailure{to_bytes(*auts)};
}

/// What is no success goes on as it is.
template <typename T>
GbaCard::Answer<T> passed_on(const GbaCard::Answer<crypto::WipedBytes>& answer) {
  if (const auto* sync = std::get_if<SyncFailure>(&answer)) return *sync;
  return NotAuthenticated{};
}

}  // namespace

GbaCard::Answer<GbaCard::AkaKeys> UsimGba::authenticate(const crypto::Rand& rand, BytesView autn) {
  ByteWriter data;
  data.lv(rand).lv(autn);
  const auto answer = ask(m_port, k3gContext, data.view());
  const auto* value = std::get_if<crypto::WipedBytes>(&answer);
  if (value == nullptr) return passed_on<AkaKeys>(answer);
  ByteReader reader(*value);
  const auto res = reader.lv();
  const auto ck = reader.lv();
  const auto ik = reader.lv();
  if (!res || !ck || !ik || ck->size() != 16 || ik->size() != 16) return NotAuthenticated{};
  return AkaKeys{crypto::SecretBytes(*ck), crypto::SecretBytes(*ik)};
}

GbaCard::Answer<std::monostate> UsimGba::bootstrap(const crypto::Rand& rand, BytesView autn_star) {
  ByteWriter data;
  data.u8(kBootstrapping).lv(rand).lv(autn_star);
  const auto answer = ask(m_port, kGbaContext, data.view());
  if (std::holds_alternative<crypto::WipedBytes>(answer)) return std::monostate{};
  return passed_on<std::monostate>(answer);
}

GbaCard::Answer<crypto::SecretBytes> UsimGba::derive(BytesView naf_id, BytesView impi) {
  ByteWriter data;
  data.u8(kNafDerivation).lv(naf_id).lv(impi);
  const auto answer = ask(m_port, kGbaContext, data.view());
  const auto* value = std::get_if<crypto::WipedBytes>(&answer);
  if (value == nullptr) return passed_on<crypto::SecretBytes>(answer);
  const auto key = ByteReader(*value).lv();
  if (!key || key->size() != 32) return NotAuthenticated{};
  return crypto::SecretBytes(*key);
}

}  // namespace uicclab::gba
