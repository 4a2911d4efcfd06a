// SPDX-License-Identifier: Apache-2.0
// Load files for a card, from what people have: jcvm/archive/.
#pragma once

#include "gp/load_file_blocks.hpp"
#include "jcvm/cap/cap_file.hpp"

namespace uicclab::gp::host {

/// What goes to the card, and what it says.
class LoadFile {
 public:
  /// Without Descriptor, Debug and custom components. Errors: those of jcvm::archive::read_components() and CapFile::parse().
  static Result<LoadFile> read(BytesView file);

  LoadFile(LoadFile&&) = default;
  LoadFile& operator=(LoadFile&&) = default;

  const Bytes& components() const { return m_components; }
  const jcvm::cap::CapFile& cap() const { return m_cap; }

 private:
  LoadFile() = default;

  Bytes m_components;
  jcvm::cap::CapFile m_cap;
};

/// The load file as LOAD commands carry it (GP table 11-58): E2 for each DAP, then C4.
Bytes encode_load_file(BytesView components, const std::vector<Dap>& daps = {});

}  // namespace uicclab::gp::host
