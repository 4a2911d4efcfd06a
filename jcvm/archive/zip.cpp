// SPDX-License-Identifier: Apache-2.0
#include "jcvm/archive/zip.hpp"

#include <zlib.h>

namespace uicclab::jcvm::archive {
namespace {

constexpr std::uint32_t kEndSignature = 0x06054B50;
constexpr std::uint32_t kEntrySignature = 0x02014B50;
constexpr std::uint32_t kLocalSignature = 0x04034B50;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEntrySize = 46;
constexpr std::size_t kLocalSize = 30;
constexpr std::uint16_t kEncrypted = 0x0001;
constexpr std::uint16_t kStored = 0;
constexpr std::uint16_t kDeflated = 8;
constexpr std::size_t kLargest = 16U << 20;

// Numbers of an archive are little-endian. The caller has checked that they are there.
std::uint16_t u16(BytesView bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] | bytes[at + 1] << 8);
}
std::uint32_t u32(BytesView bytes, std::size_t at) {
  return u16(bytes, at) | std::uint32_t{u16(bytes, at + 2)} << 16;
}

/// The end of central directory record is at the end, before a comment of up to 65535 bytes (APPNOTE 4.3.16).
std::optional<std::size_t> find_end(BytesView file) {
  if (file.size() < kEndSize) return std::nullopt;
  const std::size_t last = file.size() - kEndSize;
  for (std::size_t at = last + 1; at-- > 0 && last - at <= 0xFFFF;) {
    if (u32(file, at) == kEndSignature && at + kEndSize + u16(file, at + 20) == file.size()) return at;
  }
  return std::nullopt;
}

Result<Bytes> inflate_raw(BytesView packed, std::size_t size) {
  Bytes out(size);
  z_stream stream{};
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw SystemError("zlib: no memory");
  stream.next_in = const_cast<Bytef*>(packed.data());  // zlib's interface; it does not write there
  stream.avail_in = static_cast<uInt>(packed.size());
  std::uint8_t none = 0;
  stream.next_out = size == 0 ? &none : out.data();
  stream.avail_out = static_cast<uInt>(size);
  const int result = inflate(&stream, Z_FINISH);
  const bool whole = result == Z_STREAM_END && stream.avail_out == 0;
  inflateEnd(&stream);
  if (!whole) return fail(ErrorCode::kMalformed, "the deflated data is damaged");
  return out;
}

}  // namespace

Result<ZipArchive> ZipArchive::open(BytesView file) {
  const auto end = find_end(file);
  if (!end) return fail(ErrorCode::kMalformed, "no ZIP archive: its end is missing", file.size());
  const std::size_t count = u16(file, *end + 10);
  std::size_t at = u32(file, *end + 16);
  if (count == 0xFFFF || at == 0xFFFFFFFF) return fail(ErrorCode::kUnsupported, "a ZIP64 archive", *end);
  if (u16(file, *end + 4) != 0 || u16(file, *end + 8) != count) return fail(ErrorCode::kUnsupported, "an archive in parts", *end);
  ZipArchive out;
  out.m_file = file;
  for (std::size_t i = 0; i < count; ++i) {
    if (at > *end || *end - at < kEntrySize) return fail(ErrorCode::kTruncated, "the central directory ends too early", at);
    if (u32(file, at) != kEntrySignature) return fail(ErrorCode::kMalformed, "not an entry of the central directory", at);
    const std::size_t name_size = u16(file, at + 28);
    const std::size_t entry_size = kEntrySize + name_size + u16(file, at + 30) + u16(file, at + 32);
    if (*end - at < entry_size) return fail(ErrorCode::kTruncated, "the central directory ends too early", at);
    const BytesView name = file.subspan(at + kEntrySize, name_size);
    Entry entry{{name.begin(), name.end()}, u16(file, at + 8),  u16(file, at + 10), u32(file, at + 16),
                u32(file, at + 20),         u32(file, at + 24), u32(file, at + 42)};
    out.m_entries.push_back(std::move(entry));
    at += entry_size;
  }
  return out;
}

std::vector<std::string> ZipArchive::names() const {
  std::vector<std::string> out;
  out.reserve(m_entries.size());
  for (const Entry& entry : m_entries) out.push_back(entry.name);
  return out;
}

const ZipArchive::Entry* ZipArchive::find(std::string_view name) const {
  const auto found = std::ranges::find(m_entries, name, &Entry::name);
  return found == m_entries.end() ? nullptr : &*found;
}

Result<Bytes> ZipArchive::extract(std::string_view name) const {
  const Entry* entry = find(name);
  if (entry == nullptr) return fail(ErrorCode::kNotFound, "not in the archive");
  if ((entry->flags & kEncrypted) != 0) return fail(ErrorCode::kUnsupported, "encrypted");
  if (entry->size > kLargest) return fail(ErrorCode::kRange, "more than 16 MiB", entry->offset);
  if (entry->offset > m_file.size() || m_file.size() - entry->offset < kLocalSize) {
    return fail(ErrorCode::kTruncated, "the entry ends too early", entry->offset);
  }
  if (u32(m_file, entry->offset) != kLocalSignature) return fail(ErrorCode::kMalformed, "not a local header", entry->offset);
  const std::size_t data = entry->offset + kLocalSize + u16(m_file, entry->offset + 26) + u16(m_file, entry->offset + 28);
  if (data > m_file.size() || m_file.size() - data < entry->packed_size) {
    return fail(ErrorCode::kTruncated, "the entry ends too early", entry->offset);
  }
  const BytesView packed = m_file.subspan(data, entry->packed_size);
  Result<Bytes> out = fail(ErrorCode::kUnsupported, "compressed by a method other than deflate", entry->offset);
  if (entry->method == kDeflated) out = inflate_raw(packed, entry->size);
  if (entry->method == kStored) {
    if (entry->packed_size != entry->size) return fail(ErrorCode::kMalformed, "a stored entry of two sizes", entry->offset);
    out = to_bytes(packed);
  }
  if (!out) return out;
  if (crc32(0, out->data(), static_cast<uInt>(out->size())) != entry->crc) return fail(ErrorCode::kMismatch, "CRC-32", entry->offset);
  return out;
}

void ZipWriter::add(const std::string& name, BytesView content) {
  if (content.size() > kLargest || m_out.size() > kLargest) throw SystemError("ZipWriter: more than 16 MiB");
  const auto offset = static_cast<std::uint32_t>(m_out.size());
  const auto size = static_cast<std::uint32_t>(content.size());
  const auto crc = static_cast<std::uint32_t>(crc32(0, content.data(), static_cast<uInt>(content.size())));
  const auto put = [](Bytes& out, std::uint32_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  // What local and central header share: version 1.0, no flags, stored, 0:00 on 1 January 1980 (APPNOTE 4.4.2 to 4.4.11).
  const auto common = [&](Bytes& out) {
    put(out, 10, 2);
    put(out, 0, 2);
    put(out, kStored, 2);
    put(out, 0, 2);
    put(out, 0x0021, 2);
    put(out, crc, 4);
    put(out, size, 4);
    put(out, size, 4);
    put(out, static_cast<std::uint32_t>(name.size()), 2);
    put(out, 0, 2);
  };
  put(m_out, kLocalSignature, 4);
  common(m_out);
  m_out.insert(m_out.end(), name.begin(), name.end());
  append(m_out, content);
  put(m_directory, kEntrySignature, 4);
  put(m_directory, 10, 2);
  common(m_directory);
  put(m_directory, 0, 2);  // comment
  put(m_directory, 0, 2);  // disk
  put(m_directory, 0, 2);  // attributes
  put(m_directory, 0, 4);
  put(m_directory, offset, 4);
  m_directory.insert(m_directory.end(), name.begin(), name.end());
  ++m_count;
}

Bytes ZipWriter::take() {
  const auto put = [&](std::uint32_t value, unsigned width) {
    for (unsigned i = 0; i < width; ++i) m_out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  };
  const auto offset = static_cast<std::uint32_t>(m_out.size());
  append(m_out, m_directory);
  put(kEndSignature, 4);
  put(0, 4);  // disks
  put(m_count, 2);
  put(m_count, 2);
  put(static_cast<std::uint32_t>(m_directory.size()), 4);
  put(offset, 4);
  put(0, 2);
  return std::move(m_out);
}

}  // namespace uicclab::jcvm::archive
