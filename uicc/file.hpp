// SPDX-License-Identifier: Apache-2.0
// Files of a card: what a file is, apart from its contents. ETSI TS 102 221 clauses 8.2 and 11.1.1.4.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/types.hpp"

namespace uicclab::uicc {

/// The file identifier at `offset`; both of its bytes must be there.
constexpr Fid fid_at(BytesView bytes, std::size_t offset = 0) {
  return Fid{static_cast<std::uint16_t>((bytes[offset] << 8) | bytes[offset + 1])};
}

/// A file's number inside one card; it never changes and is never used again. The MF is number 0.
struct FileId {
  std::uint32_t value = 0;
  auto operator<=>(const FileId&) const = default;
};
inline constexpr FileId kMfId{0};

/// What a file is (ETSI TS 102 221 clause 8.2; file descriptor byte, clause 11.1.1.4.3).
enum class FileKind : std::uint8_t { kMf, kDf, kAdf, kTransparent, kLinearFixed, kCyclic, kBerTlv };

constexpr bool is_directory(FileKind kind) {
  return kind == FileKind::kMf || kind == FileKind::kDf || kind == FileKind::kAdf;
}
constexpr bool has_records(FileKind kind) {
  return kind == FileKind::kLinearFixed || kind == FileKind::kCyclic;
}

/// Life cycle status integer (ETSI TS 102 221 clause 11.1.1.4.9).
enum class LifeCycle : std::uint8_t {
  kCreation = 0x01,
  kInitialisation = 0x03,
  kDeactivated = 0x04,
  kActivated = 0x05,
  kTerminated = 0x0C
};

/// As profiles and reports write it: "creation", "initialisation", "deactivated", "activated", "terminated".
constexpr std::string_view name_of(LifeCycle state) {
  switch (state) {
    case LifeCycle::kCreation:
      return "creation";
    case LifeCycle::kInitialisation:
      return "initialisation";
    case LifeCycle::kDeactivated:
      return "deactivated";
    case LifeCycle::kTerminated:
      return "terminated";
    case LifeCycle::kActivated:
      break;
  }
  return "activated";
}

/// Security attributes as in the FCP (ETSI TS 102 221 clauses 9.2 and 11.1.1.4.7).
struct SecurityAttributes {
  enum class Form : std::uint8_t { kNone = 0, kReferenced = 0x8B, kCompact = 0x8C, kExpanded = 0xAB };
  Form form = Form::kNone;
  Bytes value;  ///< of the data object named by `form`

  bool operator==(const SecurityAttributes&) const = default;
};

/// Everything about a file but its contents.
struct FileHeader {
  FileId parent;
  Fid fid;
  FileKind kind = FileKind::kTransparent;
  LifeCycle life_cycle = LifeCycle::kActivated;
  bool shareable = true;
  std::optional<Sfi> sfi;           ///< EFs; absent: the file has none (tag 88 of length 0)
  std::uint32_t size = 0;           ///< EFs: bytes of the body (tag 80); for a BER-TLV EF the room reserved for its data
  std::uint16_t record_length = 0;  ///< record structured EFs, 1 to 255
  std::uint16_t record_count = 0;   ///< record structured EFs, 1 to 254
  SecurityAttributes security;
  std::vector<KeyReference> keys;  ///< DFs: the key references of the PIN status template (tag C6), in order
  Aid aid;                         ///< ADFs: the DF name (tag 84)
  Bytes proprietary;               ///< value of tag A5 beyond what the card computes itself; for an EF, C0, C1, C2, 84, 85, 86
  std::uint32_t max_size = 0;      ///< BER-TLV EFs: maximum file size (tag 86 in A5), if it is more than `size`
  std::optional<FileId> body_of;   ///< a link: an EF whose body is that of another file of the same structure, which is no link itself

  bool operator==(const FileHeader&) const = default;
};

/// Bytes that the body of an EF may take at most.
constexpr std::uint32_t capacity(const FileHeader& header) {
  return header.size > header.max_size ? header.size : header.max_size;
}

}  // namespace uicclab::uicc
