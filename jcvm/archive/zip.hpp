// SPDX-License-Identifier: Apache-2.0
// ZIP archives: PKWARE APPNOTE.TXT 6.3 (in the code "APPNOTE") clauses 4.3.7 to 4.3.16; entries stored or deflated (RFC 1951). What is
// written is stored.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::jcvm::archive {

/// An archive in memory, borrowed for the life of this object. No encryption, no ZIP64, no parts.
class ZipArchive {
 public:
  /// Reads the central directory. Errors: kMalformed, kTruncated, kUnsupported.
  static Result<ZipArchive> open(BytesView file);

  std::vector<std::string> names() const;
  bool has(std::string_view name) const { return find(name) != nullptr; }
  /// Errors: kNotFound; kUnsupported (method, encryption); kRange (over 16 MiB); kMalformed, kTruncated; kMismatch (CRC-32).
  Result<Bytes> extract(std::string_view name) const;

 private:
  struct Entry {
    std::string name;
    std::uint16_t flags = 0;
    std::uint16_t method = 0;
    std::uint32_t crc = 0;
    std::uint32_t packed_size = 0;
    std::uint32_t size = 0;
    std::uint32_t offset = 0;  ///< of the local header
  };
  const Entry* find(std::string_view name) const;

  BytesView m_file;
  std::vector<Entry> m_entries;
};

/// An archive of stored entries, all of the first day that ZIP knows: the same entries make the same bytes.
class ZipWriter {
 public:
  /// Throws SystemError over 16 MiB.
  void add(const std::string& name, BytesView content);
  Bytes take();

 private:
  Bytes m_out;
  Bytes m_directory;
  std::uint16_t m_count = 0;
};

}  // namespace uicclab::jcvm::archive
