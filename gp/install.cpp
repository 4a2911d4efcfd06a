// SPDX-License-Identifier: Apache-2.0
#include "gp/install.hpp"

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"

namespace uicclab::gp {
namespace {

constexpr ber::Tag kAidTag = 0x4F;
constexpr ber::Tag kKeyIdTag = 0xD0;
constexpr ber::Tag kKeyVersionTag = 0xD2;
constexpr ber::Tag kTokenTag = 0x9E;
constexpr ber::Tag kControlReferenceTag = 0xB6;  // CRT of a token

/// Fields behind a length each; lengths of parameters, hash and token may take more than a byte (GP clause 11.1.5).
class Fields {
 public:
  explicit Fields(BytesView data) : m_reader(data) {}

  Result<BytesView> next() {
    const auto first = m_reader.u8();
    if (!first) return fail(ErrorCode::kTruncated, "a field is missing", m_reader.offset());
    std::size_t size = *first;
    if (*first == 0x81 || *first == 0x82) {
      const auto more = m_reader.number(*first & 0x0FU);
      if (!more) return fail(ErrorCode::kTruncated, "a length ends too early", m_reader.offset());
      size = static_cast<std::size_t>(*more);
    } else if (*first >= 0x80) {
      return fail(ErrorCode::kMalformed, "a length of a form that is not used", m_reader.offset() - 1);
    }
    const auto bytes = m_reader.bytes(size);
    if (!bytes) return fail(ErrorCode::kTruncated, "a field ends too early", m_reader.offset());
    return *bytes;
  }

  Result<void> aid(Aid& out, bool needed = false) {
    const std::size_t at = m_reader.offset();
    const auto bytes = next();
    if (!bytes) return tl::unexpected(bytes.error());
    if (bytes->empty() && !needed) return {};
    const auto value = Aid::from(*bytes);
    if (!value) return fail(ErrorCode::kRange, "an AID has 5 to 16 bytes", at);
    out = *value;
    return {};
  }

  Result<void> bytes(Bytes& out) {
    const auto value = next();
    if (!value) return tl::unexpected(value.error());
    out = to_bytes(*value);
    return {};
  }

  Result<void> privileges(std::optional<Privileges>& out) {
    const std::size_t at = m_reader.offset();
    const auto value = next();
    if (!value) return tl::unexpected(value.error());
    if (value->empty()) return {};
    out = Privileges::parse(*value);
    if (!out) return fail(ErrorCode::kMalformed, "privileges that cannot be", at);
    return {};
  }

  Result<void> end() const {
    if (!m_reader.empty()) return fail(ErrorCode::kTrailing, "bytes after the last field", m_reader.offset());
    return {};
  }

 private:
  ByteReader m_reader;
};

void put(ByteWriter& out, BytesView field) {
  if (field.size() > 0xFFFF) throw SystemError("INSTALL: a field of more than 65535 bytes");
  if (field.size() > 0xFF) {
    out.u8(0x82).u16(static_cast<std::uint16_t>(field.size()));
  } else if (field.size() > 0x7F) {
    out.u8(0x81).u8(static_cast<std::uint8_t>(field.size()));
  } else {
    out.u8(static_cast<std::uint8_t>(field.size()));
  }
  out.bytes(field);
}

}  // namespace

Result<InstallForLoad> InstallForLoad::parse(BytesView data) {
  InstallForLoad out;
  Fields fields(data);
  auto done = fields.aid(out.load_file, true)
                  .and_then([&] { return fields.aid(out.domain); })
                  .and_then([&] { return fields.bytes(out.hash); })
                  .and_then([&] { return fields.bytes(out.parameters); })
                  .and_then([&] { return fields.bytes(out.token); })
                  .and_then([&] { return fields.end(); });
  if (!done) return tl::unexpected(done.error());
  return out;
}

Bytes InstallForLoad::encoded() const {
  ByteWriter out;
  for (BytesView field : {load_file.bytes(), domain.bytes(), BytesView(hash), BytesView(parameters), BytesView(token)}) put(out, field);
  return out.take();
}

Result<InstallFields> InstallFields::parse(BytesView data) {
  InstallFields out;
  Fields fields(data);
  auto done = fields.aid(out.first)
                  .and_then([&] { return fields.aid(out.second); })
                  .and_then([&] { return fields.aid(out.third); })
                  .and_then([&] { return fields.privileges(out.privileges); })
                  .and_then([&] { return fields.bytes(out.parameters); })
                  .and_then([&] { return fields.bytes(out.token); })
                  .and_then([&] { return fields.end(); });
  if (!done) return tl::unexpected(done.error());
  return out;
}

Bytes InstallFields::encoded() const {
  const Bytes bits = privileges ? privileges->encoded() : Bytes{};
  ByteWriter out;
  for (BytesView field : {first.bytes(), second.bytes(), third.bytes(), BytesView(bits), BytesView(parameters), BytesView(token)}) {
    put(out, field);
  }
  return out.take();
}

Result<DeleteData> DeleteData::parse(BytesView data) {
  DeleteData out;
  for (ber::Reader reader(data); !reader.empty();) {
    const auto object = reader.next();
    if (!object) return tl::unexpected(object.error());
    const bool is_byte = object->value.size() == 1;
    switch (object->tag) {
      case kAidTag: {
        const auto aid = Aid::from(object->value);
        if (!aid) return fail(ErrorCode::kRange, "an AID has 5 to 16 bytes", object->offset);
        if (!out.aid.empty()) return fail(ErrorCode::kMalformed, "a second AID", object->offset);
        out.aid = *aid;
        break;
      }
      case kKeyIdTag:
        if (!is_byte) return fail(ErrorCode::kRange, "a key identifier has one byte", object->offset);
        out.key_id = object->value[0];
        break;
      case kKeyVersionTag:
        if (!is_byte) return fail(ErrorCode::kRange, "a key version has one byte", object->offset);
        out.key_version = KeyVersion{object->value[0]};
        break;
      case kTokenTag:
        out.token = to_bytes(object->value);
        break;
      case kControlReferenceTag:
        break;
      default:
        return fail(ErrorCode::kMalformed, "an object that DELETE does not know", object->offset);
    }
  }
  const bool key = out.key_id || out.key_version;
  if (out.aid.empty() != key) return fail(ErrorCode::kMalformed, "DELETE names an object or keys, and not both");
  return out;
}

Bytes DeleteData::encoded() const {
  Bytes out;
  if (!aid.empty()) ber::write(out, kAidTag, aid.bytes());
  if (key_id) ber::write(out, kKeyIdTag, BytesView{&*key_id, 1});
  if (key_version) ber::write(out, kKeyVersionTag, BytesView{&key_version->value, 1});
  if (!token.empty()) ber::write(out, kTokenTag, token);
  return out;
}

}  // namespace uicclab::gp
