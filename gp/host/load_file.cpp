// SPDX-License-Identifier: Apache-2.0
#include "gp/host/load_file.hpp"

#include "core/ber_tlv.hpp"
#include "jcvm/archive/cap_archive.hpp"

namespace uicclab::gp::host {

Result<LoadFile> LoadFile::read(BytesView file) {
  auto components = jcvm::archive::read_components(file, jcvm::archive::Keep::kForCard);
  if (!components) return tl::unexpected(components.error());
  LoadFile out;
  out.m_components = *std::move(components);
  auto cap = jcvm::cap::CapFile::parse(out.m_components);
  if (!cap) return tl::unexpected(cap.error());
  out.m_cap = *std::move(cap);
  return out;
}

Bytes encode_load_file(BytesView components, const std::vector<Dap>& daps) {
  Bytes out;
  for (const Dap& dap : daps) {
    ber::write(out, 0xE2, concat({ber::encode(0x4F, dap.domain.bytes()), ber::encode(0xC3, dap.signature)}));
  }
  ber::write(out, 0xC4, components);
  return out;
}

}  // namespace uicclab::gp::host
