// SPDX-License-Identifier: Apache-2.0
// CAP files as people have them: the ZIP archive that a converter writes (.cap: JCVM clause 4.1.4), or the components one after the other
// (.ijc, and what LOAD carries).
#pragma once

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "jcvm/cap/cap_file.hpp"

namespace uicclab::jcvm::archive {

enum class Keep {
  kAll,      ///< every component
  kForCard,  ///< cap::kLoadOrder: without Descriptor, Debug and custom ones, which a card has no use for
};

/// Components one after the other, ready for cap::CapFile::parse(). Those of an archive come in the order that is good for a card, then
/// Descriptor, Debug and custom ones; others keep their order.
/// Errors: those of ZipArchive; kMalformed (no package in the archive, more than one, a component twice, a component's file that holds
/// another one), kTruncated, kUnsupported (the extended format; a Debug component that is too large for the compact one), kRange (a file
/// over 16 MiB).
Result<Bytes> read_components(BytesView file, Keep keep);

/// The archive of a CAP file, as converters write it: "com/example/javacard/Header.cap" and so on, after a manifest (JCVM clause 4.1.4).
/// The same components make the same bytes. `package`: "com/example".
Bytes write_archive(std::string_view package, const cap::CapFile& file);

}  // namespace uicclab::jcvm::archive
