// SPDX-License-Identifier: Apache-2.0
// HSS and BSF for one subscriber with Milenage, for tests of what takes a push.
#pragma once

#include "core/crypto/milenage.hpp"
#include "core/reader.hpp"
#include "gba/bsf.hpp"
#include "gba/hss.hpp"

namespace uicclab::test {

class PushNetwork final : private gba::HssSubscribers {
 public:
  PushNetwork(BytesView k, BytesView opc, std::uint64_t sqn, std::string_view impi) : m_k(k), m_opc(opc), m_sqn(sqn), m_impi(impi) {}

  struct Push {
    Bytes gpi;
    gba::PushInfo info;
    crypto::SecretBytes ks_naf;  ///< Ks_NAF of GBA_ME, Ks_int_NAF of GBA_U
  };
  Push push(gba::PushMode mode, BytesView naf_id, std::uint32_t lifetime, std::string_view application, Random& random) {
    const auto answer = gba::Hss(*this, random).vector({});
    if (!answer) throw SystemError(gba::to_text(answer.error()));
    gba::PushInfo info;
    info.mode = mode;
    info.p_tid = to_hex(answer->vector.rand) + "@bsf";
    info.application = application;
    info.naf_id = to_bytes(naf_id);
    info.lifetime = lifetime;
    auto made = gba::make_push(info, answer->vector, m_impi);
    Push out;
    out.info = gba::parse_push(made.gpi)->info;
    out.gpi = std::move(made.gpi);
    out.ks_naf = std::move(mode == gba::PushMode::kMe ? made.me_key : made.uicc_key);
    return out;
  }
  /// Takes over the card's SQN.
  Result<void> resynchronise(const crypto::Rand& rand, BytesView auts) {
    auto algorithm = milenage();
    const auto sqn = crypto::open_auts(algorithm, rand, auts);
    if (!sqn) return tl::unexpected(sqn.error());
    m_sqn = *ByteReader(*sqn).number(sqn->size());
    return {};
  }
  std::uint64_t sqn() const { return m_sqn; }

 private:
  crypto::Milenage milenage() const { return *crypto::Milenage::from(m_k, m_opc); }
  std::optional<gba::HssSubscriber> find(const gba::UserIdentity&) override {
    gba::HssSubscriber out;
    out.impi = m_impi;
    out.algorithm = std::make_unique<crypto::Milenage>(milenage());
    return out;
  }
  std::optional<std::uint64_t> advance(const std::string&,
                                       const std::function<std::optional<std::uint64_t>(std::uint64_t)>& next) override {
    const auto value = next(m_sqn);
    m_sqn = value.value_or(m_sqn);
    return value;
  }

  crypto::SecretBytes m_k, m_opc;
  std::uint64_t m_sqn;
  std::string m_impi;
};

}  // namespace uicclab::test
