// SPDX-License-Identifier: Apache-2.0
#include "profile/package/write_files.hpp"

#include "profile/body.hpp"
#include "profile/package/reading.hpp"

namespace uicclab::profile::package {
namespace {

constexpr ber::Tag kCreateFcp = 0x62;
constexpr std::uint16_t kFirstTemporary = 0x7FA0;
constexpr std::size_t kWorthASkip = 8;  // bytes that are as the filling has them: an offset is shorter
constexpr std::size_t kLongestSkip = 0xFFFF;

/// The byte that the file is filled with before its content: the one at the end of most records.
std::uint8_t filling_of(const FileSpec& file, BytesView body) {
  if (body.empty() || file.header.kind == uicc::FileKind::kBerTlv) return 0xFF;
  return std::ranges::count(body, std::uint8_t{0x00}) > std::ranges::count(body, std::uint8_t{0xFF}) ? std::uint8_t{0x00}
                                                                                                     : std::uint8_t{0xFF};
}

Bytes shortest(std::uint32_t value) {
  Bytes out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto byte = static_cast<std::uint8_t>(value >> shift);
    if (!out.empty() || byte != 0 || shift == 0) out.push_back(byte);
  }
  return out;
}

std::uint8_t descriptor_byte(const uicc::FileHeader& header) {
  const std::uint8_t kind = header.kind == uicc::FileKind::kTransparent   ? 0x01
                            : header.kind == uicc::FileKind::kLinearFixed ? 0x02
                            : header.kind == uicc::FileKind::kCyclic      ? 0x06
                            : header.kind == uicc::FileKind::kBerTlv      ? 0x39
                                                                          : 0x38;
  return header.shareable ? static_cast<std::uint8_t>(kind | 0x40) : kind;
}

}  // namespace

Bytes integer(std::uint64_t value) {
  Bytes out;
  for (int shift = 56; shift >= 0; shift -= 8) {
    const auto byte = static_cast<std::uint8_t>(value >> shift);
    if (out.empty() && byte == 0 && shift != 0) continue;
    if (out.empty() && (byte & 0x80) != 0) out.push_back(0x00);
    out.push_back(byte);
  }
  return out;
}

FileWriter::FileWriter(const Profile& profile, std::vector<Notice>& notices) : m_profile(profile), m_notices(notices) {
  std::uint16_t next = kFirstTemporary;
  const auto taken = [&](Fid fid) { return std::ranges::any_of(m_adfs, [&](const auto& entry) { return entry.second == fid; }); };
  for (const FileSpec& file : profile.files) {
    m_files.emplace(file.path, &file);
    if (file.header.kind != uicc::FileKind::kAdf) continue;
    Fid fid = file.header.fid;
    while (fid == Fid{} || taken(fid)) fid = Fid{next++};
    m_adfs.emplace(file.path, fid);
  }
}

const FileSpec* FileWriter::find(std::string_view path) const {
  const auto it = m_files.find(path);
  return it == m_files.end() ? nullptr : it->second;
}

void FileWriter::notice(const FileSpec& file, std::string text) {
  m_notices.push_back({0, "file " + file.path, std::move(text)});
}

Bytes FileWriter::path_of(std::string_view path) const {
  Bytes out;
  while (!path.empty()) {
    const auto slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    const auto adf = m_adfs.find(part);
    const auto fid = adf != m_adfs.end() ? std::optional(adf->second) : last_fid(part);
    if (fid && part != kMfPath) out.insert(out.end(), {static_cast<std::uint8_t>(fid->value >> 8), static_cast<std::uint8_t>(fid->value)});
    path = slash == std::string_view::npos ? std::string_view{} : path.substr(slash + 1);
  }
  return out;
}

Bytes FileWriter::proprietary(const FileSpec& file, std::uint8_t filling) {
  Bytes special{0x00};
  Bytes details;
  for (ber::Reader reader(file.header.proprietary); !reader.empty();) {
    const auto object = reader.next();
    if (!object) break;
    if (object->tag == 0xC0 && object->value.size() == 1) {
      special = to_bytes(object->value);
    } else if (object->tag == 0x84 && object->value.size() == 1) {
      details = to_bytes(object->whole);
    } else {
      notice(file, "proprietary information " + to_hex(object->whole) + " is left out: a package does not have it");
    }
  }
  Bytes out = ber::encode(0xC0, special);
  if (file.link.empty() && file.header.kind != uicc::FileKind::kBerTlv) ber::write(out, 0xC1, BytesView{&filling, 1});
  if (file.header.max_size != 0) ber::write(out, 0x86, shortest(file.header.max_size));
  append(out, details);
  return out;
}

Bytes FileWriter::fcp(const FileSpec& file) {
  const uicc::FileHeader& header = file.header;
  const bool directory = is_directory(header.kind);
  Bytes out;
  Bytes descriptor{descriptor_byte(header), 0x21};
  if (has_records(header.kind)) {
    descriptor.insert(descriptor.end(),
                      {static_cast<std::uint8_t>(header.record_length >> 8), static_cast<std::uint8_t>(header.record_length)});
  }
  ber::write(out, 0x82, descriptor);
  const auto adf = m_adfs.find(file.path);
  const Fid fid = header.kind == uicc::FileKind::kMf ? Fid{0x3F00}
                  : adf != m_adfs.end()              ? adf->second
                                                     : last_fid(file.path).value_or(header.fid);
  ber::write(out, 0x83, Bytes{static_cast<std::uint8_t>(fid.value >> 8), static_cast<std::uint8_t>(fid.value)});
  if (adf != m_adfs.end()) {
    const auto holder = std::ranges::find(m_profile.applications, file.path, &ApplicationSpec::adf);
    if (holder != m_profile.applications.end()) ber::write(out, 0x84, holder->aid.bytes());
  }
  ber::write(out, 0x8A, Bytes{static_cast<std::uint8_t>(header.life_cycle)});
  if (header.security.form == uicc::SecurityAttributes::Form::kReferenced && header.security.value.size() == 3) {
    ber::write(out, 0x8B, header.security.value);
  } else {
    notice(file, "its access rule is left out: a package has rules in EF_ARR only");
  }
  if (!directory && file.link.empty()) ber::write(out, 0x80, shortest(header.size));
  if (directory) {
    Bytes keys;
    for (KeyReference key : header.keys) keys.push_back(key.value);
    ber::write(out, 0xC6, keys);
    if (!header.proprietary.empty()) notice(file, "proprietary information of a directory is left out: a package does not have it");
    return out;
  }
  ber::write(out, 0x88, header.sfi ? Bytes{static_cast<std::uint8_t>(header.sfi->value << 3)} : Bytes{});
  ber::write(out, 0xA5, proprietary(file, filling_of(file, make_body(file))));
  if (!file.link.empty()) ber::write(out, 0xC7, path_of(file.link));
  return out;
}

void FileWriter::content(Bytes& out, const FileSpec& file, ber::Tag offset_tag, ber::Tag content_tag) const {
  if (is_directory(file.header.kind) || !file.link.empty()) return;
  const Bytes body = make_body(file);
  const bool whole = file.header.kind == uicc::FileKind::kBerTlv;
  const std::uint8_t filling = filling_of(file, body);
  for (std::size_t at = 0, written = 0; at < body.size();) {
    if (!whole && body[at] == filling) {
      ++at;
      continue;
    }
    std::size_t end = at + 1;  // of what differs from the filling, short gaps included
    for (std::size_t next = end; next < body.size() && (whole || next - end < kWorthASkip); ++next) {
      if (whole || body[next] != filling) end = next + 1;
    }
    for (std::size_t gap = at - written; gap != 0;) {
      const std::size_t step = std::min(gap, kLongestSkip);
      ber::write(out, offset_tag, integer(step));
      gap -= step;
    }
    ber::write(out, content_tag, BytesView(body).subspan(at, end - at));
    written = at = end;
  }
}

void FileWriter::member(Bytes& out, const TemplateFile& row, std::string_view path) {
  const FileSpec* file = find(path);
  Bytes parts;
  if (file == nullptr) {
    ber::write(parts, 0x80, {});
  } else {
    m_written[file->path] = true;
    ber::write(parts, 0xA1, fcp(*file));
    content(parts, *file, 0x82, 0x83);
  }
  ber::write(out, constructed(row.member), parts);
}

void FileWriter::create(Bytes& out, const FileSpec& file) {
  m_written[file.path] = true;
  ber::write(out, kCreateFcp, fcp(file));
  content(out, file, 0x02, 0x81);
}

Bytes FileWriter::remaining(const std::vector<std::string>& adfs) {
  Bytes out;
  std::string_view at = "?";
  for (std::size_t level = 1; level <= 4; ++level) {  // parents first
    for (const FileSpec& file : m_profile.files) {
      if (m_written[file.path] || depth(file.path) != level) continue;
      const std::string root = file.path.substr(0, file.path.find('/'));
      if (root != kMfPath && std::ranges::find(adfs, root) == adfs.end()) continue;
      if (parent_path(file.path) != at) {
        at = parent_path(file.path);
        ber::write(out, 0x80, path_of(at));
      }
      create(out, file);
    }
  }
  return out;
}

}  // namespace uicclab::profile::package
