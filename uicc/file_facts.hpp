// SPDX-License-Identifier: Apache-2.0
// Facts about a file from an answer to SELECT or STATUS, read as leniently as a terminal must: cards omit data objects and add their own.
// ETSI TS 102 221 clauses 11.1.1.3 and 11.1.1.4. For a whole header, with every rule checked, see fcp.hpp.
#pragma once

#include "uicc/file.hpp"

namespace uicclab::uicc {

/// Whatever of it the answer has and can be read.
struct FileFacts {
  std::optional<FileKind> kind;                ///< tag 82; kDf for every directory
  std::optional<Fid> fid;                      ///< tag 83
  Bytes aid;                                   ///< tag 84
  std::optional<Sfi> sfi;                      ///< tag 88, 1 to 30
  std::optional<std::uint32_t> size;           ///< tag 80
  std::optional<std::uint16_t> record_length;  ///< tag 82 of five bytes
  std::optional<std::uint8_t> record_count;    ///< likewise

  bool is_directory() const { return kind && uicc::is_directory(*kind); }
  bool is_ef() const { return kind && !uicc::is_directory(*kind); }

  /// Of an FCP (tag 62), or an FCI (tag 6F: of GlobalPlatform's applications, which has the AID alone); nothing at all of anything else.
  static FileFacts from(BytesView answer);
};

/// The key references of the PIN status template (tag C6) that are enabled, by their place in it (clause 11.1.1.4.10, PS_DO); the keys
/// themselves are FileHeader::keys.
std::vector<bool> enabled_keys(BytesView fcp);

}  // namespace uicclab::uicc
