// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/pkcs15_directory.hpp"

#include <algorithm>

#include "core/ber_tlv.hpp"
#include "lwm2m/tlv.hpp"

namespace uicclab::lwm2m {
namespace {

// Universal tags of ASN.1, and the context tags of PKCS15Objects and DataType (PKCS #15 clauses 6.2 and 6.9).
constexpr ber::Tag kOctetString = 0x04;
constexpr ber::Tag kOid = 0x06;
constexpr ber::Tag kUtf8String = 0x0C;
constexpr ber::Tag kBitString = 0x03;
constexpr ber::Tag kSequence = 0x30;
constexpr ber::Tag kDataObjects = 0xA7;
constexpr ber::Tag kOidDo = 0xA1;
constexpr ber::Tag kTypeAttributes = 0xA1;
constexpr std::uint8_t kPrivate = 0x80;     ///< bit 0 of CommonObjectFlags
constexpr std::uint8_t kModifiable = 0x40;  ///< bit 1

tl::unexpected<Error> malformed(const char* what, std::size_t offset) {
  return fail(ErrorCode::kMalformed, what, offset);
}

/// The content of a directory file without its padding: entries begin neither with FF nor with 00.
bool at_padding(BytesView rest) {
  return !rest.empty() && (rest[0] == 0xFF || rest[0] == 0x00);
}
bool only_padding(BytesView rest) {
  return std::ranges::all_of(rest, [&](std::uint8_t byte) { return byte == rest[0]; });
}

/// Calls `use` for each entry of a directory file.
template <typename Use>
Result<void> for_each_entry(BytesView bytes, Use use) {
  ber::Reader reader(bytes);
  while (!reader.empty()) {
    if (at_padding(reader.rest())) {
      if (only_padding(reader.rest())) return {};
      return malformed("unexpected bytes after the padding", reader.offset());
    }
    const auto entry = reader.next();
    if (!entry) return tl::unexpected(entry.error());
    const Result<void> used = use(*entry);
    if (!used) {
      // Inner parsers do not know where the entry begins.
      Error error = used.error();
      error.offset = entry->offset;
      return tl::unexpected(std::move(error));
    }
  }
  return {};
}

/// The next object of `reader`, which must have that tag.
Result<BytesView> expect(ber::Reader& reader, ber::Tag tag, const char* what) {
  if (reader.empty()) return fail(ErrorCode::kTruncated, what, reader.offset());
  const auto tlv = reader.next();
  if (!tlv) return tl::unexpected(tlv.error());
  if (tlv->tag != tag) return malformed(what, tlv->offset);
  return tlv->value;
}

/// Path ::= SEQUENCE { path OCTET STRING, index, length OPTIONAL } (PKCS #15 clause 6.1.5), of one or more FIDs.
Result<Bytes> parse_path(BytesView sequence) {
  ber::Reader reader(sequence);
  const auto path = expect(reader, kOctetString, "a Path without its OCTET STRING");
  if (!path) return tl::unexpected(path.error());
  if (path->empty() || path->size() % 2 != 0) return malformed("a Path that is not a sequence of file identifiers", 0);
  return to_bytes(*path);
}

Bytes encode_path(BytesView path) {
  return ber::encode(kSequence, ber::encode(kOctetString, path));
}

/// CommonObjectAttributes (clause 6.1.8): all of them optional, in this order; what follows the flags means nothing here.
Result<void> parse_common(BytesView sequence, DataObject& object) {
  ber::Reader reader(sequence);
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) return tl::unexpected(tlv.error());
    if (tlv->tag == kUtf8String) {
      auto label = decode_string(tlv->value);
      if (!label) return tl::unexpected(label.error());
      object.label = *std::move(label);
    } else if (tlv->tag == kBitString) {
      if (tlv->value.empty() || tlv->value[0] > 7 || (tlv->value.size() == 1 && tlv->value[0] != 0)) {
        return malformed("flags that are not a BIT STRING", tlv->offset);
      }
      const std::uint8_t flags = tlv->value.size() > 1 ? tlv->value[1] : 0;
      object.has_flags = true;
      object.is_private = (flags & kPrivate) != 0;
      object.is_modifiable = (flags & kModifiable) != 0;
    }
  }
  return {};
}

/// CommonDataObjectAttributes (clause 6.9.1).
Result<void> parse_data(BytesView sequence, DataObject& object) {
  ber::Reader reader(sequence);
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) return tl::unexpected(tlv.error());
    if (tlv->tag != kUtf8String) continue;
    auto name = decode_string(tlv->value);
    if (!name) return tl::unexpected(name.error());
    object.application_name = *std::move(name);
  }
  return {};
}

/// Each subidentifier of an OBJECT IDENTIFIER ends, and none begins with padding (ISO/IEC 8825-1 clause 8.19).
bool is_oid(BytesView content) {
  if (content.empty() || (content.back() & 0x80) != 0) return false;
  bool first = true;
  for (std::uint8_t byte : content) {
    if (first && byte == 0x80) return false;
    first = (byte & 0x80) == 0;
  }
  return true;
}

Result<DataObject> parse_oid_do(BytesView content) {
  DataObject object;
  ber::Reader reader(content);
  const auto common = expect(reader, kSequence, "an oidDO without its commonObjectAttributes");
  if (!common) return tl::unexpected(common.error());
  if (auto parsed = parse_common(*common, object); !parsed) return tl::unexpected(parsed.error());
  const auto data = expect(reader, kSequence, "an oidDO without its commonDataObjectAttributes");
  if (!data) return tl::unexpected(data.error());
  if (auto parsed = parse_data(*data, object); !parsed) return tl::unexpected(parsed.error());
  const auto type = expect(reader, kTypeAttributes, "an oidDO without its typeAttributes");
  if (!type) return tl::unexpected(type.error());
  if (!reader.empty()) return malformed("unexpected bytes after the typeAttributes", reader.offset());

  ber::Reader outer(*type);
  const auto pair = expect(outer, kSequence, "an OidDO that is not a SEQUENCE");
  if (!pair) return tl::unexpected(pair.error());
  ber::Reader inner(*pair);
  auto oid = expect(inner, kOid, "an OidDO without its identifier");
  if (!oid) return tl::unexpected(oid.error());
  // An identifier that is itself a whole OBJECT IDENTIFIER; taken literally it would be 0.6.4.103.43.9.1, which is not assigned.
  if (const auto nested = ber::only(*oid, kOid)) {
    object.coding = OidCoding::kDoublyEncoded;
    oid = nested->value;
  }
  if (!is_oid(*oid)) return malformed("invalid OBJECT IDENTIFIER", inner.offset());
  object.oid = to_bytes(*oid);
  const auto path = expect(inner, kSequence, "an OidDO without its path");
  if (!path) return tl::unexpected(path.error());
  auto parsed = parse_path(*path);
  if (!parsed) return tl::unexpected(parsed.error());
  object.path = *std::move(parsed);
  return object;
}

}  // namespace

Result<std::vector<Bytes>> parse_odf(BytesView bytes) {
  std::vector<Bytes> paths;
  const auto done = for_each_entry(bytes, [&paths](const ber::Tlv& entry) -> Result<void> {
    if (entry.tag != kDataObjects) return {};
    ber::Reader reader(entry.value);
    const auto sequence = expect(reader, kSequence, "dataObjects that are not a Path");
    if (!sequence) return tl::unexpected(sequence.error());
    auto path = parse_path(*sequence);
    if (!path) return tl::unexpected(path.error());
    paths.push_back(*std::move(path));
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  return paths;
}

Bytes encode_odf(const std::vector<Bytes>& paths) {
  Bytes out;
  for (const Bytes& path : paths) ber::write(out, kDataObjects, encode_path(path));
  return out;
}

Result<std::vector<DataObject>> parse_dodf(BytesView bytes) {
  std::vector<DataObject> objects;
  const auto done = for_each_entry(bytes, [&objects](const ber::Tlv& entry) -> Result<void> {
    if (entry.tag != kOidDo) return {};
    auto object = parse_oid_do(entry.value);
    if (!object) return tl::unexpected(object.error());
    objects.push_back(*std::move(object));
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  return objects;
}

Bytes encode_dodf(const DataObject& object) {
  if (object.path.empty() || object.oid.empty()) throw SystemError("encode_dodf: no path or no object identifier");
  Bytes common;
  if (!object.label.empty()) ber::write(common, kUtf8String, as_bytes(object.label));
  if (object.has_flags) {
    // DER: a named bit list ends at its last set bit (ISO/IEC 8825-1 clause 11.2.2).
    const auto flags = static_cast<std::uint8_t>((object.is_private ? kPrivate : 0) | (object.is_modifiable ? kModifiable : 0));
    const std::uint8_t unused = object.is_modifiable ? 6 : 7;
    ber::write(common, kBitString, flags == 0 ? Bytes{0} : Bytes{unused, flags});
  }
  Bytes data;
  if (!object.application_name.empty()) ber::write(data, kUtf8String, as_bytes(object.application_name));
  Bytes oid = ber::encode(kOid, object.oid);
  if (object.coding == OidCoding::kDoublyEncoded) oid = ber::encode(kOid, oid);
  const Bytes pair = ber::encode(kSequence, concat({oid, encode_path(object.path)}));
  return ber::encode(kOidDo, concat({ber::encode(kSequence, common), ber::encode(kSequence, data), ber::encode(kTypeAttributes, pair)}));
}

DataObject bootstrap_data_object(BytesView path, OidCoding coding) {
  DataObject object;
  object.application_name = kBootstrapApplicationName;
  object.oid = to_bytes(kBootstrapOid);
  object.coding = coding;
  object.path = to_bytes(path);
  return object;
}

Result<DataObject> find_bootstrap(BytesView dodf) {
  auto objects = parse_dodf(dodf);
  if (!objects) return tl::unexpected(objects.error());
  const auto at = std::ranges::find_if(*objects, [](const DataObject& object) { return equal(object.oid, kBootstrapOid); });
  if (at == objects->end()) return fail(ErrorCode::kNotFound, "no LwM2M bootstrap object in the DODF");
  return std::move(*at);
}

Result<Bytes> with_bootstrap_path(BytesView dodf, BytesView path) {
  const auto object = find_bootstrap(dodf);
  if (!object) return tl::unexpected(object.error());
  if (object->path.size() != path.size()) return fail(ErrorCode::kRange, "the new path of the bootstrap file differs in length");
  Bytes out = to_bytes(dodf);
  const Bytes old = ber::encode(kOctetString, object->path);
  const auto walked = for_each_entry(dodf, [&](const ber::Tlv& entry) -> Result<void> {
    // The path is the last part of an entry, whatever its type (PKCS #15 clause 6.9).
    const auto found = std::ranges::find_end(entry.value, old);
    if (!found.empty()) std::ranges::copy(path, out.begin() + (found.data() + found.size() - path.size() - dodf.data()));
    return {};
  });
  if (!walked) return tl::unexpected(walked.error());
  return out;
}

}  // namespace uicclab::lwm2m
