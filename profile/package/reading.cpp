// SPDX-License-Identifier: Apache-2.0
#include "profile/package/reading.hpp"

namespace uicclab::profile::package {

std::string to_text(std::string_view source, const Notice& notice) {
  std::string text(source);
  if (notice.offset != 0) text += ": byte " + std::to_string(notice.offset);
  return text + ": " + notice.place + ": " + notice.text;
}

Bytes swapped_nibbles(BytesView digits) {
  Bytes out;
  for (std::uint8_t byte : digits) out.push_back(static_cast<std::uint8_t>(byte << 4 | byte >> 4));
  return out;
}

std::vector<Element> Reading::children(const Element& of) {
  std::vector<Element> out;
  if (of.value.empty()) return out;
  const auto begin = static_cast<std::size_t>(of.value.data() - m_package.data());
  for (ber::Reader reader(of.value); !reader.empty() && !failed();) {
    const auto tlv = reader.next();
    if (!tlv) {
      refuse({0, {}, begin + tlv.error().offset}, tlv.error().code, tlv.error().text);
      return {};
    }
    // DER has the shortest length only (ISO/IEC 8825-1 clause 10.1).
    if (tlv->whole.size() != ber::header_size(tlv->tag, tlv->value.size()) + tlv->value.size()) {
      refuse({0, {}, begin + tlv->offset}, ErrorCode::kMalformed, "a length that is not coded in the shortest way");
      return {};
    }
    out.push_back({tlv->tag, tlv->value, begin + tlv->offset});
  }
  return out;
}

std::uint32_t Reading::number(const Element& of, std::uint32_t most) {
  std::uint64_t value = 0;
  if (of.value.empty() || of.value.size() > 5 || (of.value[0] & 0x80) != 0) {
    refuse(of, ErrorCode::kMalformed, "a number that is negative, empty or too long");
    return 0;
  }
  for (std::uint8_t byte : of.value) value = (value << 8) | byte;
  if (value <= most) return static_cast<std::uint32_t>(value);
  refuse(of, ErrorCode::kRange, "the number " + std::to_string(value) + ", it can be at most " + std::to_string(most));
  return 0;
}

Bytes Reading::bytes(const Element& of, std::size_t least, std::size_t most) {
  if (of.value.size() >= least && of.value.size() <= most) return to_bytes(of.value);
  const std::string range = least == most ? std::to_string(least) : std::to_string(least) + " to " + std::to_string(most);
  refuse(of, ErrorCode::kRange, std::to_string(of.value.size()) + " bytes, there can be " + range);
  return {};
}

void Reading::refuse(const Element& at, ErrorCode code, std::string_view text) {
  if (m_error) return;
  const Notice where{at.offset, m_path.empty() ? "package" : m_path, std::string(text)};
  m_error = Error{code, to_text(m_source, where), at.offset};
  if (at.offset == 0) m_error->text = m_source + ": byte 0: " + where.place + ": " + where.text;
}

void Reading::notice(const Element& at, std::string_view text) {
  if (!failed()) m_notices.push_back({at.offset, m_path.empty() ? "package" : m_path, std::string(text)});
}

std::optional<Element> Fields::take(ber::Tag tag) {
  if (m_next >= m_all.size() || m_all[m_next].tag != tag) return std::nullopt;
  return m_all[m_next++];
}

Element Fields::need(ber::Tag tag, std::string_view name) {
  if (const auto found = take(tag)) return *found;
  const Element at = m_next < m_all.size() ? m_all[m_next] : m_of;
  m_reading.refuse(at, ErrorCode::kNotFound, std::string(name) + " is missing here");
  return {tag, {}, at.offset};
}

void Fields::finish() {
  for (; m_next < m_all.size(); ++m_next) {
    m_reading.notice(m_all[m_next], "a field with the tag " + to_hex(BytesView(ber::encode(m_all[m_next].tag, {})).first(1)) +
                                        " that this version of the format does not have: it is left out");
  }
}

}  // namespace uicclab::profile::package
