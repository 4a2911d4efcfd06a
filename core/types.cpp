// SPDX-License-Identifier: Apache-2.0
#include "core/types.hpp"

namespace uicclab {

Result<Aid> Aid::from(BytesView bytes) {
  if (bytes.size() < kMinSize || bytes.size() > kMaxSize) {
    return fail(ErrorCode::kRange, "an AID has 5 to 16 bytes, not " + std::to_string(bytes.size()));
  }
  Aid aid;
  std::ranges::copy(bytes, aid.m_bytes.begin());
  aid.m_size = static_cast<std::uint8_t>(bytes.size());
  return aid;
}

bool Aid::begins_with(BytesView partial) const {
  return partial.size() <= m_size && std::equal(partial.begin(), partial.end(), m_bytes.begin());
}

std::string to_hex(Fid fid) {
  const std::array<std::uint8_t, 2> bytes{static_cast<std::uint8_t>(fid.value >> 8), static_cast<std::uint8_t>(fid.value)};
  return to_hex(BytesView{bytes});
}

std::string to_hex(Tar tar) {
  return to_hex(BytesView{tar.value});
}

}  // namespace uicclab
