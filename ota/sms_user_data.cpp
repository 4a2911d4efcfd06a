// SPDX-License-Identifier: Apache-2.0
#include "ota/sms_user_data.hpp"

#include "core/reader.hpp"

namespace uicclab::ota {
namespace {

bool is_concatenation(const InformationElement& element) {
  return element.id == iei::kConcatenated8 || element.id == iei::kConcatenated16;
}

/// The elements that every part repeats (3GPP TS 23.040 clause 9.2.3.24.3 and .4).
bool is_port(const InformationElement& element) {
  return element.id == iei::kPorts8 || element.id == iei::kPorts16;
}

}  // namespace

const InformationElement* UserData::find(std::uint8_t id) const {
  for (auto element = header.rbegin(); element != header.rend(); ++element) {
    if (element->id == id) return &*element;
  }
  return nullptr;
}

std::size_t UserData::header_size() const {
  std::size_t size = header.empty() ? 0 : 1;
  for (const InformationElement& element : header) size += 2 + element.value.size();
  return size;
}

Result<Bytes> UserData::encode() const {
  ByteWriter writer;
  if (const std::size_t size = header_size(); size != 0) {
    if (size - 1 > 0xFF) return fail(ErrorCode::kRange, "a user data header of more than 255 octets");
    writer.u8(static_cast<std::uint8_t>(size - 1));
    for (const InformationElement& element : header) writer.u8(element.id).lv(element.value);
  }
  return writer.bytes(payload).take();
}

Result<UserData> parse_user_data(BytesView bytes, bool has_header) {
  UserData data;
  ByteReader reader(bytes);
  if (has_header) {
    const auto header = reader.lv();
    if (!header) return fail(ErrorCode::kTruncated, "the user data header ends too early");
    ByteReader elements(*header);
    while (!elements.empty()) {
      const std::size_t offset = 1 + elements.offset();
      const auto id = elements.u8();
      const auto value = elements.lv();
      if (!value) return fail(ErrorCode::kTruncated, "an information element ends too early", offset);
      data.header.push_back({*id, to_bytes(*value)});
    }
  }
  data.payload = to_bytes(reader.rest());
  return data;
}

InformationElement Concatenation::element() const {
  ByteWriter value;
  value.number(reference, wide ? 2 : 1).u8(total).u8(sequence);
  return {wide ? iei::kConcatenated16 : iei::kConcatenated8, value.take()};
}

std::optional<Concatenation> concatenation_of(const UserData& part) {
  // Of elements that exclude each other the last counts (clause 9.2.3.24).
  const InformationElement* found = nullptr;
  for (const InformationElement& element : part.header) {
    if (is_concatenation(element)) found = &element;
  }
  if (found == nullptr) return std::nullopt;
  const bool wide = found->id == iei::kConcatenated16;
  if (found->value.size() != (wide ? 4U : 3U)) return std::nullopt;
  ByteReader reader(found->value);
  Concatenation place;
  place.wide = wide;
  place.reference = static_cast<std::uint16_t>(*reader.number(wide ? 2 : 1));
  place.total = *reader.u8();
  place.sequence = *reader.u8();
  if (place.sequence == 0 || place.sequence > place.total) return std::nullopt;
  return place;
}

Result<std::vector<UserData>> split(const UserData& message, std::uint16_t reference, bool wide) {
  if (message.header_size() + message.payload.size() <= kMaxUserData) return std::vector<UserData>{message};
  if (!wide && reference > 0xFF) return fail(ErrorCode::kRange, "a reference that needs 16 bits");
  std::vector<UserData> parts;
  BytesView rest = message.payload;
  while (!rest.empty() || parts.empty()) {
    const Concatenation place{wide, reference, 0, static_cast<std::uint8_t>(parts.size() + 1)};
    UserData part;
    part.header.push_back(place.element());
    for (const InformationElement& element : message.header) {
      if (is_concatenation(element)) continue;
      if (parts.empty() || is_port(element)) part.header.push_back(element);
    }
    if (part.header_size() >= kMaxUserData) return fail(ErrorCode::kRange, "a user data header that leaves no room");
    if (parts.size() == 0xFF) return fail(ErrorCode::kRange, "a message of more than 255 parts");
    const std::size_t size = std::min(rest.size(), kMaxUserData - part.header_size());
    part.payload = to_bytes(rest.first(size));
    rest = rest.subspan(size);
    parts.push_back(std::move(part));
  }
  // The number of parts is known only now; it is the octet before the sequence number.
  for (UserData& part : parts) part.header.front().value[wide ? 2 : 1] = static_cast<std::uint8_t>(parts.size());
  return parts;
}

}  // namespace uicclab::ota
