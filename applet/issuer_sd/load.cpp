// SPDX-License-Identifier: Apache-2.0
#include "applet/issuer_sd/load.hpp"

#include "core/crypto/hash.hpp"

namespace uicclab::applet::issuer_sd {
namespace {

constexpr std::size_t kHeaders = 1024;  // DAP blocks and lengths before the components

// The algorithm follows from the length (GP clause C.2).
bool hash_fits(BytesView hash, BytesView components) {
  switch (hash.size()) {
    case 0:
      return true;
    case 20:
      return equal(hash, crypto::sha1({components}));
    case 32:
      return equal(hash, crypto::sha256({components}));
    case 48:
      return equal(hash, crypto::sha384({components}));
    case 64:
      return equal(hash, crypto::sha512({components}));
    default:
      return false;
  }
}

}  // namespace

StatusWord LoadSequence::add(std::uint8_t number, BytesView block) {
  if (number != m_next) return sw::kIncorrectP1P2;
  if (m_data.size() + block.size() > m_room + kHeaders) return sw::kNotEnoughMemory;
  append(m_data, block);
  ++m_next;  // comes round after 256 blocks
  return sw::kOk;
}

StatusWord LoadSequence::finish(CardManager& card) {
  const auto blocks = gp::LoadFileBlocks::parse(m_data);
  if (!blocks) return sw::kIncorrectData;
  if (!hash_fits(m_request.hash, blocks->components)) return sw::kIncorrectData;
  if (const StatusWord signed_well = card.check_daps(m_request, blocks->daps); signed_well != sw::kOk) return signed_well;
  auto cap = jcvm::cap::CapFile::parse(blocks->components);
  if (!cap) return sw::kIncorrectData;
  m_file = {*std::move(cap), blocks->components};
  return m_combined ? sw::kOk : enter(card);
}

StatusWord LoadSequence::enter(CardManager& card) const {
  return m_file ? card.add_load_file(m_request, m_file->cap, m_file->components) : sw::kConditionsNotSatisfied;
}

}  // namespace uicclab::applet::issuer_sd
