// SPDX-License-Identifier: Apache-2.0
#include "uicc/fcp.hpp"

#include <array>

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"
#include "uicc/fcp_tags.hpp"

namespace uicclab::uicc {
namespace {

using namespace fcp;

constexpr std::uint8_t kDataCoding = 0x21;

// Versions of encode_header(): 1, and 2 for a link, which says whose body it has.
constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kLinkVersion = 2;

// File descriptor byte, clause 11.1.1.4.3.
std::uint8_t descriptor_byte(const FileHeader& header) {
  std::uint8_t byte = 0;
  switch (header.kind) {
    case FileKind::kMf:
    case FileKind::kDf:
    case FileKind::kAdf:
      byte = 0x38;
      break;
    case FileKind::kTransparent:
      byte = 0x01;
      break;
    case FileKind::kLinearFixed:
      byte = 0x02;
      break;
    case FileKind::kCyclic:
      byte = 0x06;
      break;
    case FileKind::kBerTlv:
      byte = 0x39;
      break;
  }
  return header.shareable ? static_cast<std::uint8_t>(byte | 0x40) : byte;
}

void write_number(Bytes& out, ber::Tag tag, std::uint32_t value) {
  const std::size_t size = value > 0xFFFFFF ? 4 : value > 0xFFFF ? 3 : 2;
  ber::write_header(out, tag, size);
  for (std::size_t i = size; i-- > 0;) out.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

void write_descriptor(Bytes& out, const FileHeader& header) {
  const bool records = has_records(header.kind);
  ber::write_header(out, kDescriptor, records ? 5 : 2);
  out.push_back(descriptor_byte(header));
  out.push_back(kDataCoding);
  if (!records) return;
  out.push_back(static_cast<std::uint8_t>(header.record_length >> 8));
  out.push_back(static_cast<std::uint8_t>(header.record_length));
  out.push_back(static_cast<std::uint8_t>(header.record_count));
}

// PIN status template DO, clause 11.1.1.4.10: PS_DO (tag 90, one bit a key, the first key is bit 8), then the keys.
void write_pin_status(Bytes& out, const FileHeader& header, const FcpExtras& extras) {
  if (header.keys.empty()) return;
  std::array<std::uint8_t, 4> enabled{};
  const std::size_t count = std::min<std::size_t>(header.keys.size(), enabled.size() * 8);
  std::size_t size = 2 + (count + 7) / 8;
  for (std::size_t i = 0; i < count; ++i) {
    if (extras.key_enabled && extras.key_enabled(header.keys[i])) enabled[i / 8] |= static_cast<std::uint8_t>(0x80 >> (i % 8));
    size += header.keys[i].value == 0x11 ? 6 : 3;
  }
  ber::write_header(out, kPinStatus, size);
  ber::write(out, kPinEnabled, BytesView{enabled}.first((count + 7) / 8));
  for (std::size_t i = 0; i < count; ++i) {
    // The universal PIN carries a usage qualifier: 08 in use, 00 not (clause 9.5.2).
    if (header.keys[i].value == 0x11) {
      const bool in_use = extras.key_enabled && extras.key_enabled(header.keys[i]);
      out.insert(out.end(), {kUsageQualifier, 0x01, static_cast<std::uint8_t>(in_use ? 0x08 : 0x00)});
    }
    out.insert(out.end(), {kKeyReference, 0x01, header.keys[i].value});
  }
}

void write_body(Bytes& out, const FileHeader& header, const FcpExtras& extras) {
  const bool directory = is_directory(header.kind);
  write_descriptor(out, header);
  const std::array<std::uint8_t, 2> fid{static_cast<std::uint8_t>(header.fid.value >> 8), static_cast<std::uint8_t>(header.fid.value)};
  if (header.kind != FileKind::kAdf || header.fid != Fid{}) ber::write(out, kFileId, fid);  // an ADF need not have one
  if (header.kind == FileKind::kAdf) ber::write(out, kDfName, header.aid.bytes());

  const std::size_t proprietary = out.size();
  if (directory && extras.proprietary) extras.proprietary(out);
  append(out, header.proprietary);
  if (header.kind == FileKind::kBerTlv && header.max_size != 0 && !ber::find(header.proprietary, kMaximumFileSize))
    write_number(out, kMaximumFileSize, header.max_size);
  if (out.size() != proprietary) ber::enclose(out, proprietary, kProprietary);

  const auto life_cycle = static_cast<std::uint8_t>(header.life_cycle);
  ber::write(out, kLifeCycle, BytesView{&life_cycle, 1});
  if (header.security.form != SecurityAttributes::Form::kNone) {
    ber::write(out, static_cast<ber::Tag>(header.security.form), header.security.value);
  }
  if (directory) {
    write_pin_status(out, header, extras);
    return;
  }
  write_number(out, kFileSize, header.size);
  if (header.sfi) {
    const auto sfi = static_cast<std::uint8_t>(header.sfi->value << 3);
    ber::write(out, kSfi, BytesView{&sfi, 1});
  } else {
    ber::write_header(out, kSfi, 0);
  }
}

std::optional<std::uint32_t> number(BytesView value) {
  if (value.empty() || value.size() > 4) return std::nullopt;
  return static_cast<std::uint32_t>(*ByteReader(value).number(value.size()));
}

Result<void> parse_descriptor(BytesView value, FileHeader& header, std::size_t offset) {
  if (value.size() != 2 && value.size() != 4 && value.size() != 5) {
    return fail(ErrorCode::kMalformed, "a file descriptor has 2, 4 or 5 bytes", offset);
  }
  header.shareable = (value[0] & 0x40) != 0;
  const auto kind = kind_of_descriptor(value[0]);
  if (!kind) return fail(ErrorCode::kUnsupported, "a file descriptor byte that names no file structure of TS 102 221", offset);
  header.kind = *kind;
  if (has_records(header.kind)) {
    // The number of records may be missing at creation; it follows from the size (ETSI TS 102 222 clause 6.3.2.2).
    if (value.size() >= 4) header.record_length = static_cast<std::uint16_t>((value[2] << 8) | value[3]);
    if (value.size() == 5) header.record_count = value[4];
    if (header.record_length == 0 || header.record_length > 255) return fail(ErrorCode::kRange, "a record has 1 to 255 bytes", offset);
  } else if (value.size() != 2) {
    return fail(ErrorCode::kMalformed, "a record length for a file without records", offset);
  }
  return {};
}

Result<void> parse_pin_status(BytesView value, FileHeader& header, std::size_t offset) {
  ber::Reader reader(value);
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) return fail(tlv.error().code, tlv.error().text, offset + tlv.error().offset);
    if (tlv->tag != kKeyReference) continue;
    if (tlv->value.size() != 1) return fail(ErrorCode::kMalformed, "a key reference has one byte", offset + tlv->offset);
    header.keys.push_back(KeyReference{tlv->value[0]});
  }
  return {};
}

/// `all`: the header is one of ours, without what the card says of itself.
Result<void> parse_proprietary(BytesView value, FileHeader& header, std::size_t offset, bool all) {
  ber::Reader reader(value);
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) return fail(tlv.error().code, tlv.error().text, offset + tlv.error().offset);
    if (tlv->tag == kMaximumFileSize) {
      const auto size = number(tlv->value);
      if (!size) return fail(ErrorCode::kMalformed, "a maximum file size of 1 to 4 bytes", offset + tlv->offset);
      header.max_size = *size;
      if (all && !reader.empty()) append(header.proprietary, tlv->whole);  // not where the card puts it
    } else if (all) {
      append(header.proprietary, tlv->whole);
    } else if (tlv->tag >= 0x84) {  // 80 to 83 and 87 to 89 are what the card says of itself (clause 11.1.1.4.6)
      if (tlv->tag < 0x87 || tlv->tag > 0x89) append(header.proprietary, tlv->whole);
    }
  }
  return {};
}

struct Seen {
  bool descriptor = false, fid = false, size = false, total_size = false, life_cycle = false, sfi = false;
};

Result<void> parse_object(const ber::Tlv& tlv, FileHeader& header, Seen& seen, bool all) {
  const auto security = [&](SecurityAttributes::Form form) {
    header.security = {form, to_bytes(tlv.value)};
    return Result<void>{};
  };
  switch (tlv.tag) {
    case kDescriptor:
      seen.descriptor = true;
      return parse_descriptor(tlv.value, header, tlv.offset);
    case kFileId:
      if (tlv.value.size() != 2) return fail(ErrorCode::kMalformed, "a file identifier has two bytes", tlv.offset);
      seen.fid = true;
      header.fid = fid_at(tlv.value);
      return {};
    case kDfName: {
      const auto aid = Aid::from(tlv.value);
      if (!aid) return fail(aid.error().code, aid.error().text, tlv.offset);
      header.aid = *aid;
      return {};
    }
    case kFileSize:
    case kTotalSize: {
      const auto size = number(tlv.value);
      if (!size) return fail(ErrorCode::kMalformed, "a file size has 1 to 4 bytes", tlv.offset);
      (tlv.tag == kFileSize ? seen.size : seen.total_size) = true;
      header.size = *size;
      return {};
    }
    case kSfi:
      seen.sfi = true;
      if (tlv.value.empty()) {
        header.sfi.reset();
        return {};
      }
      if (tlv.value.size() != 1 || (tlv.value[0] & 0x07) != 0 || tlv.value[0] == 0 || tlv.value[0] == 0xF8) {
        return fail(ErrorCode::kRange, "a short file identifier is 1 to 30 in the five high bits", tlv.offset);
      }
      header.sfi = Sfi{static_cast<std::uint8_t>(tlv.value[0] >> 3)};
      return {};
    case kLifeCycle:
      if (tlv.value.size() != 1) return fail(ErrorCode::kMalformed, "a life cycle status has one byte", tlv.offset);
      seen.life_cycle = true;
      if ((tlv.value[0] & 0xFC) == 0x0C) {
        header.life_cycle = LifeCycle::kTerminated;
      } else if ((tlv.value[0] & 0xFD) == 0x05) {
        header.life_cycle = LifeCycle::kActivated;
      } else if ((tlv.value[0] & 0xFD) == 0x04) {
        header.life_cycle = LifeCycle::kDeactivated;
      } else if (tlv.value[0] == 0x01 || tlv.value[0] == 0x03) {
        header.life_cycle = static_cast<LifeCycle>(tlv.value[0]);
      } else {
        return fail(ErrorCode::kRange, "a life cycle status that TS 102 221 does not define", tlv.offset);
      }
      return {};
    case kReferenced:
      return security(SecurityAttributes::Form::kReferenced);
    case kCompact:
      return security(SecurityAttributes::Form::kCompact);
    case kExpanded:
      return security(SecurityAttributes::Form::kExpanded);
    case kProprietary:
      return parse_proprietary(tlv.value, header, tlv.offset + 2, all);
    case kPinStatus:
      return parse_pin_status(tlv.value, header, tlv.offset + 2);
    default:
      return fail(ErrorCode::kUnsupported, "a data object that an FCP does not have", tlv.offset);
  }
}

Result<FileHeader> parse(BytesView fcp, bool all) {
  const auto whole = ber::only(fcp, kFcpTemplate);
  if (!whole) return tl::unexpected(whole.error());
  const std::size_t base = whole->whole.size() - whole->value.size();

  FileHeader header;
  Seen seen;
  ber::Reader reader(whole->value);
  while (!reader.empty()) {
    const auto tlv = reader.next();
    if (!tlv) return fail(tlv.error().code, tlv.error().text, base + tlv.error().offset);
    if (const auto done = parse_object(*tlv, header, seen, all); !done) {
      return fail(done.error().code, done.error().text, base + done.error().offset);
    }
  }
  if (!seen.descriptor) return fail(ErrorCode::kNotFound, "the file descriptor (82) is missing");
  if (!seen.fid && header.aid.empty()) return fail(ErrorCode::kNotFound, "the file identifier (83) is missing");
  if (!seen.life_cycle) return fail(ErrorCode::kNotFound, "the life cycle status (8A) is missing");
  if (is_directory(header.kind)) {
    if (!header.aid.empty()) header.kind = FileKind::kAdf;
    header.size = 0;
    return header;
  }
  if (!seen.size) return fail(ErrorCode::kNotFound, "the file size (80) is missing");
  // Without tag 88 the five low bits of the FID are the SFI (clause 11.1.1.4.8).
  const auto low_bits = static_cast<std::uint8_t>(header.fid.value & 0x1F);
  if (!seen.sfi && low_bits >= 1 && low_bits <= 30) header.sfi = Sfi{low_bits};
  if (has_records(header.kind)) {
    if (header.size == 0 || header.size % header.record_length != 0)
      return fail(ErrorCode::kRange, "the size is not a multiple of the record length");
    const std::uint32_t count = header.size / header.record_length;
    if (count > 254 || (header.record_count != 0 && header.record_count != count)) {
      return fail(ErrorCode::kRange, "size, record length and number of records do not fit together");
    }
    header.record_count = static_cast<std::uint16_t>(count);
  }
  return header;
}

}  // namespace

std::optional<FileKind> kind_of_descriptor(std::uint8_t byte) {
  switch (byte & 0x3F) {
    case 0x38:
      return FileKind::kDf;
    case 0x01:
      return FileKind::kTransparent;
    case 0x02:
      return FileKind::kLinearFixed;
    case 0x06:
      return FileKind::kCyclic;
    case 0x39:
      return FileKind::kBerTlv;
    default:
      return std::nullopt;
  }
}

void encode_fcp(const FileHeader& header, const FcpExtras& extras, Bytes& out) {
  const std::size_t begin = out.size();
  out.reserve(begin + 96);
  write_body(out, header, extras);
  ber::enclose(out, begin, kFcpTemplate);
}

Bytes encode_header(const FileHeader& header) {
  ByteWriter out;
  out.u8(header.body_of ? kLinkVersion : kVersion);
  out.u8(static_cast<std::uint8_t>(header.kind));
  out.u32(header.parent.value);
  if (header.body_of) out.u32(header.body_of->value);
  Bytes bytes = out.take();
  FileHeader plain = header;
  if (plain.kind == FileKind::kAdf && plain.aid.empty()) plain.kind = FileKind::kDf;
  encode_fcp(plain, FcpExtras{}, bytes);
  return bytes;
}

Result<FileHeader> decode_header(BytesView bytes) {
  ByteReader in(bytes);
  const auto version = in.u8();
  const auto kind = in.u8();
  const auto parent = in.u32();
  if (!version || !kind || !parent) return fail(ErrorCode::kTruncated, "a file header ends too early", bytes.size());
  std::optional<std::uint32_t> body_of;
  if (*version == kLinkVersion) {
    body_of = in.u32();
    if (!body_of) return fail(ErrorCode::kTruncated, "a file header ends too early", bytes.size());
  }
  if (*version != kVersion && *version != kLinkVersion) return fail(ErrorCode::kUnsupported, "a file header of another version", 0);
  if (*kind > static_cast<std::uint8_t>(FileKind::kBerTlv)) return fail(ErrorCode::kRange, "no such kind of file", 1);
  auto header = parse(in.rest(), true);
  if (!header) return header;
  header->kind = static_cast<FileKind>(*kind);
  header->parent = FileId{*parent};
  if (body_of) header->body_of = FileId{*body_of};
  return header;
}

Result<FileHeader> parse_fcp(BytesView fcp) {
  return parse(fcp, false);
}

}  // namespace uicclab::uicc
