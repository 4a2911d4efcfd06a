// SPDX-License-Identifier: Apache-2.0
#include "core/ber_tlv.hpp"

#include <array>

namespace uicclab::ber {
namespace {

constexpr std::size_t kMaxTagBytes = 3;
constexpr std::size_t kMaxLengthBytes = 4;

std::size_t tag_size(Tag tag) {
  return tag > 0xFFFF ? 3 : tag > 0xFF ? 2 : 1;
}

std::size_t length_size(std::size_t length) {
  if (length < 0x80) return 1;
  if (length <= 0xFF) return 2;
  if (length <= 0xFFFF) return 3;
  if (length <= 0xFFFFFF) return 4;
  return 5;
}

/// Tag and shortest definite length.
class Header {
 public:
  Header(Tag tag, std::size_t length) {
    put(tag, tag_size(tag));
    const std::size_t size = length_size(length);
    if (size > 1) put(0x80 | (size - 1), 1);
    put(length, size > 1 ? size - 1 : 1);
  }
  BytesView view() const { return BytesView{m_bytes}.first(m_size); }

 private:
  void put(std::size_t number, std::size_t size) {
    while (size-- > 0) m_bytes[m_size++] = static_cast<std::uint8_t>(number >> (8 * size));
  }

  std::array<std::uint8_t, kMaxTagBytes + 1 + kMaxLengthBytes> m_bytes{};
  std::size_t m_size = 0;
};

}  // namespace

bool Tlv::constructed() const {
  return !whole.empty() && (whole[0] & 0x20) != 0;
}

Result<Tlv> Reader::next() {
  const std::size_t start = m_offset;
  std::size_t at = m_offset;
  if (at >= m_bytes.size()) return fail(ErrorCode::kTruncated, "a tag is missing", at);

  Tag tag = m_bytes[at++];
  if ((tag & 0x1F) == 0x1F) {
    std::size_t count = 1;
    std::uint8_t byte = 0;
    do {
      if (at >= m_bytes.size()) return fail(ErrorCode::kTruncated, "the tag ends too early", at);
      if (++count > kMaxTagBytes) return fail(ErrorCode::kMalformed, "a tag of more than three bytes", start);
      byte = m_bytes[at++];
      tag = (tag << 8) | byte;
    } while ((byte & 0x80) != 0);
  }

  if (at >= m_bytes.size()) return fail(ErrorCode::kTruncated, "the length is missing", at);
  std::size_t length = m_bytes[at++];
  if (length == 0x80) return fail(ErrorCode::kMalformed, "an indefinite length", at - 1);
  if (length > 0x80) {
    const std::size_t count = length & 0x7F;
    if (count > kMaxLengthBytes) return fail(ErrorCode::kMalformed, "a length of more than four bytes", at - 1);
    if (m_bytes.size() - at < count) return fail(ErrorCode::kTruncated, "the length ends too early", at);
    length = 0;
    for (std::size_t i = 0; i < count; ++i) length = (length << 8) | m_bytes[at++];
  }
  if (m_bytes.size() - at < length) return fail(ErrorCode::kTruncated, "the value ends too early", at);

  m_offset = at + length;
  return Tlv{tag, m_bytes.subspan(at, length), m_bytes.subspan(start, m_offset - start), start};
}

Result<Tlv> first(BytesView bytes) {
  return Reader(bytes).next();
}

Result<Tlv> only(BytesView bytes, Tag tag) {
  auto tlv = first(bytes);
  if (!tlv) return tlv;
  if (tlv->tag != tag) return fail(ErrorCode::kMalformed, "another tag than expected", 0);
  if (tlv->whole.size() != bytes.size()) return fail(ErrorCode::kTrailing, "bytes after the data object", tlv->whole.size());
  return tlv;
}

std::optional<BytesView> find(BytesView sequence, Tag tag) {
  Reader reader(sequence);
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) return std::nullopt;
    if (tlv->tag == tag) return tlv->value;
  }
  return std::nullopt;
}

std::optional<BytesView> find_path(BytesView sequence, std::initializer_list<Tag> path) {
  std::optional<BytesView> at = sequence;
  for (Tag tag : path) {
    at = find(*at, tag);
    if (!at) return std::nullopt;
  }
  return at;
}

std::size_t header_size(Tag tag, std::size_t length) {
  return tag_size(tag) + length_size(length);
}

void write_header(Bytes& out, Tag tag, std::size_t length) {
  append(out, Header(tag, length).view());
}

void enclose(Bytes& out, std::size_t begin, Tag tag) {
  const Header header(tag, out.size() - begin);
  const BytesView view = header.view();
  out.insert(out.begin() + static_cast<std::ptrdiff_t>(begin), view.begin(), view.end());
}

void write(Bytes& out, Tag tag, BytesView value) {
  write_header(out, tag, value.size());
  append(out, value);
}

Bytes encode(Tag tag, BytesView value) {
  Bytes out;
  out.reserve(header_size(tag, value.size()) + value.size());
  write(out, tag, value);
  return out;
}

}  // namespace uicclab::ber
