// Load files as people have them: the ZIP archive that a converter writes (.cap: Java Card Virtual Machine Specification clause 4.1.4),
// or the components one after the other (.ijc).
#pragma once

#include "gp/cap_file.hpp"

namespace uicclab::gp::host {

/// What goes to the card, and what it says.
class LoadFile {
 public:
  /// Components in the order that is good for a card (JCVM clause 6.2), without Descriptor, Debug and custom ones, which it has no use
  /// for.
  /// Errors: those of read_zip() and CapFile::parse(); kMalformed (no components; more than one package).
  static Result<LoadFile> read(BytesView file);

  LoadFile(LoadFile&&) = default;
  LoadFile& operator=(LoadFile&&) = default;

  const Bytes& components() const { return m_components; }
  /// Points into components().
  const CapFile& cap() const { return m_cap; }

 private:
  LoadFile() = default;

  Bytes m_components;
  CapFile m_cap;
};

/// The load file as LOAD commands carry it (GP table 11-58): E2 for each DAP, then C4.
Bytes encode_load_file(BytesView components, const std::vector<Dap>& daps = {});

}  // namespace uicclab::gp::host
