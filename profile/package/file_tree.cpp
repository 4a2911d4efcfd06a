// SPDX-License-Identifier: Apache-2.0
#include "profile/package/file_tree.hpp"

#include "core/hex.hpp"
#include "profile/body.hpp"
#include "uicc/fcp.hpp"

namespace uicclab::profile::package {
namespace {

// Fcp (IF annex, ASN.1): tags of ETSI TS 102 222, implicit.
enum : ber::Tag {
  kSize = 0x80,
  kDescriptor = 0x82,
  kFileId = 0x83,
  kDfName = 0x84,
  kLifeCycle = 0x8A,
  kReferenced = 0x8B,
  kShortId = 0x88,
  kProprietary = 0xA5,
  kPinStatus = 0xC6,
  kLinkPath = 0xC7,
  kSpecial = 0xC0,
  kFillPattern = 0xC1,
  kRepeatPattern = 0xC2,
  kMaximumSize = 0x86,
  kFileDetails = 0x84,
};
// File and FileManagement.
enum : ber::Tag {
  kDoNotCreate = 0x80,
  kFileDescriptor = 0xA1,
  kFillOffset = 0x82,
  kFillContent = 0x83,
  kPath = 0x80,
  kCreate = 0x62,
  kManageOffset = 0x02,
  kManageContent = 0x81,
};

constexpr std::size_t kLargest = 0xFFFFFF;

std::uint32_t number(BytesView bytes) {
  std::uint32_t value = 0;
  for (std::uint8_t byte : bytes) value = (value << 8) | byte;
  return value;
}

Bytes pattern_of(std::string_view text, std::size_t size) {
  const std::size_t points = text.find("..");
  if (points == std::string_view::npos) return from_hex(text).value_or(Bytes{});
  Bytes bytes = from_hex(text.substr(0, points)).value_or(Bytes{});
  const Bytes tail = from_hex(text.substr(points + 2)).value_or(Bytes{});
  const std::uint8_t repeated = bytes.empty() ? std::uint8_t{0xFF} : bytes.back();
  while (bytes.size() + tail.size() < size) bytes.push_back(repeated);
  append(bytes, tail);
  return bytes;
}

}  // namespace

std::string FileTree::resolve(const Element& at, BytesView path) {
  if (path.size() % 2 != 0 || path.size() > 8) {
    m_reading.refuse(at, ErrorCode::kMalformed, "a path is up to four file identifiers of two bytes");
    return {};
  }
  std::string out(kMfPath);
  for (std::size_t i = 0; i < path.size(); i += 2) {
    const Fid fid = uicc::fid_at(path, i);
    const auto adf = i == 0 ? m_adfs.find(fid.value) : m_adfs.end();
    if (adf != m_adfs.end()) {
      out = adf->second;
    } else if (i != 0 || fid != Fid{0x3F00}) {
      out += "/" + to_hex(fid);
    }
  }
  return out;
}

Aid FileTree::aid_of(const std::string& adf) const {
  const auto found = m_by_path.find(adf);
  return found == m_by_path.end() ? Aid{} : m_drafts[found->second].spec.header.aid;
}

std::string FileTree::add_member(const Element& member, const TemplateFile& file, const std::string& directory) {
  m_current.reset();
  std::string first;
  const auto start = [&](const Element& at, const Element* fcp) {
    begin(at, &file, fcp, directory);
    if (first.empty() && m_current) first = m_drafts[*m_current].spec.path;
  };
  for (const Element& part : m_reading.children(member)) {
    if (part.tag == kDoNotCreate || m_reading.failed()) return first;
    if (part.tag == kFileDescriptor) {
      start(part, &part);
      continue;
    }
    if (first.empty()) start(part, nullptr);
    if (part.tag == kFillContent) {
      fill(part);
    } else if (part.tag == kFillOffset) {
      skip(part);
    } else {
      m_reading.refuse(part, ErrorCode::kMalformed, "neither doNotCreate, fileDescriptor, fillFileOffset nor fillFileContent");
    }
  }
  if (first.empty() && !m_reading.failed()) start(member, nullptr);
  return first;
}

void FileTree::add_default(const Element& element, const TemplateFile& file, const std::string& directory) {
  begin(element, &file, nullptr, directory);
}

void FileTree::manage(const Element& commands) {
  m_directory = std::string(kMfPath);
  m_current.reset();
  for (const Element& part : m_reading.children(commands)) {
    if (m_reading.failed()) return;
    switch (part.tag) {
      case kPath: {
        const std::string path = resolve(part, part.value);
        const auto found = m_by_path.find(path);
        if (m_reading.failed()) return;
        if (found == m_by_path.end()) return m_reading.refuse(part, ErrorCode::kNotFound, "the path " + path + " leads to no file");
        m_current.reset();
        if (is_directory(m_drafts[found->second].spec.header.kind)) {
          m_directory = path;
        } else {
          m_current = found->second;
          m_drafts[found->second].cursor = 0;
          m_directory = std::string(parent_path(path));
        }
        break;
      }
      case kCreate:
        begin(part, nullptr, &part, m_directory);
        break;
      case kManageContent:
        fill(part);
        break;
      case kManageOffset:
        skip(part);
        break;
      default:
        m_reading.refuse(part, ErrorCode::kMalformed, "neither filePath, createFCP, fillFileOffset nor fillFileContent");
    }
  }
}

void FileTree::begin(const Element& at, const TemplateFile* file, const Element* fcp, const std::string& directory) {
  Draft draft;
  draft.made_by = at;
  if (file != nullptr) draft.spec.header.kind = file->kind;
  const Element nothing{0, {}, at.offset};
  read_fcp(fcp != nullptr ? *fcp : nothing, file, draft, directory);
  if (!m_reading.failed()) add(std::move(draft));
}

void FileTree::read_fcp(const Element& fcp, const TemplateFile* file, Draft& draft, const std::string& directory) {
  uicc::FileHeader& header = draft.spec.header;
  // The order of the tags is that of the ASN.1; writers are known to differ, so each is looked for.
  std::map<ber::Tag, Element> fields;
  for (const Element& field : m_reading.children(fcp)) {
    if (!fields.emplace(field.tag, field).second) m_reading.refuse(field, ErrorCode::kMalformed, "a field of the FCP occurs twice");
  }
  const auto take = [&](ber::Tag tag) -> std::optional<Element> {
    const auto found = fields.find(tag);
    if (found == fields.end()) return std::nullopt;
    const Element element = found->second;
    fields.erase(found);
    return element;
  };
  if (const auto given = take(kDescriptor))
    read_descriptor(*given, draft);
  else if (file == nullptr)
    m_reading.refuse(fcp, ErrorCode::kNotFound, "the FCP has no file descriptor");
  if (const auto given = take(kFileId)) {
    const Bytes fid = m_reading.bytes(*given, 2, 2);
    if (!fid.empty()) header.fid = uicc::fid_at(fid);
    if (header.kind == uicc::FileKind::kMf && header.fid != Fid{0x3F00})
      m_reading.refuse(*given, ErrorCode::kMismatch, "the MF has the identifier 3F00");
  } else if (file != nullptr && file->fid != 0) {
    header.fid = Fid{file->fid};
  } else {
    m_reading.refuse(fcp, ErrorCode::kNotFound, "the FCP has no file identifier");
  }
  if (const auto given = take(kDfName)) {
    const auto aid = Aid::from(given->value);
    if (!aid) m_reading.refuse(*given, aid.error().code, aid.error().text);
    header.aid = aid.value_or(Aid{});
  }
  if (header.kind == uicc::FileKind::kAdf && header.aid.empty())
    m_reading.refuse(fcp, ErrorCode::kNotFound, "the FCP of an ADF has no DF name");
  if (const auto given = take(kLifeCycle)) {
    const Bytes state = m_reading.bytes(*given, 1, 1);
    const std::uint8_t value = state.empty() ? std::uint8_t{5} : state[0];
    if ((value & 0xFC) == 0x0C)
      header.life_cycle = uicc::LifeCycle::kTerminated;
    else if ((value & 0xFD) == 0x04)
      header.life_cycle = uicc::LifeCycle::kDeactivated;
    else if (value == 0x01 || value == 0x03)
      header.life_cycle = static_cast<uicc::LifeCycle>(value);
    else if ((value & 0xFD) != 0x05)
      m_reading.refuse(*given, ErrorCode::kRange, "a life cycle status that ETSI TS 102 221 does not have");
  }
  const bool directory_kind = is_directory(header.kind);
  draft.spec.path = header.kind == uicc::FileKind::kMf    ? std::string(kMfPath)
                    : header.kind == uicc::FileKind::kAdf ? directory
                                                          : directory + "/" + to_hex(header.fid);
  read_security(take(kReferenced), file, draft);
  if (const auto given = take(kPinStatus)) {
    for (std::uint8_t key : m_reading.bytes(*given, 0, 32)) header.keys.push_back(KeyReference{key});
  }
  if (const auto given = take(kShortId); given && directory_kind) {
    m_reading.notice(*given, "a short file identifier of a directory is left out");
  } else if (given) {
    const Bytes id = m_reading.bytes(*given, 0, 1);
    if (!id.empty() && ((id[0] & 0x07) != 0 || id[0] == 0 || id[0] == 0xF8)) {
      m_reading.refuse(*given, ErrorCode::kRange, "a short file identifier is 1 to 30 in the five high bits");
    }
    if (!id.empty()) header.sfi = Sfi{static_cast<std::uint8_t>(id[0] >> 3)};
  } else if (file != nullptr) {
    if (file->sfi != 0) header.sfi = Sfi{file->sfi};
  } else if (const auto low = static_cast<std::uint8_t>(header.fid.value & 0x1F); !directory_kind && low >= 1 && low <= 30) {
    header.sfi = Sfi{low};  // ETSI TS 102 222 clause 6.3.2.2.2: the five low bits of the identifier
  }
  const auto info = take(kProprietary);
  const auto size = take(kSize);
  if (const auto given = take(kLinkPath)) draft.link = m_reading.bytes(*given, 0, 8);
  if (!directory_kind && draft.link.empty()) {
    if (info)
      read_proprietary(*info, draft);
    else if (file != nullptr && (file->flags & kBusy) != 0)
      header.proprietary = to_bytes("C00180"_h);
    set_size(fcp, size, file, draft);
  } else if (info && !directory_kind) {
    read_proprietary(*info, draft);
  }
  for (const auto& [tag, field] : fields) m_reading.notice(field, "a field of the FCP that the format does not have: it is left out");
}

void FileTree::read_descriptor(const Element& descriptor, Draft& draft) {
  uicc::FileHeader& header = draft.spec.header;
  const Bytes value = m_reading.bytes(descriptor, 2, 5);
  if (value.empty()) return;
  header.shareable = (value[0] & 0x40) != 0;
  const uicc::FileKind before = header.kind;
  const auto kind = uicc::kind_of_descriptor(value[0]);
  if (!kind) {
    m_reading.refuse(descriptor, ErrorCode::kUnsupported, "a file descriptor byte that names no file structure of ETSI TS 102 221");
  } else if (!(is_directory(*kind) && is_directory(before))) {
    header.kind = *kind;
  }
  if (is_directory(before) && !is_directory(header.kind)) m_reading.refuse(descriptor, ErrorCode::kMismatch, "this file is a directory");
  if (!has_records(header.kind)) return;
  if (value.size() < 4) return;
  header.record_length = static_cast<std::uint16_t>((value[2] << 8) | value[3]);
  if (header.record_length < 1 || header.record_length > 255) {
    m_reading.refuse(descriptor, ErrorCode::kRange, "a record has 1 to 255 bytes");
  }
}

void FileTree::read_security(const std::optional<Element>& given, const TemplateFile* file, Draft& draft) {
  const std::string& path = draft.spec.path;
  Bytes value;
  if (given) {
    value = m_reading.bytes(*given, 1, 3);
  } else if (file != nullptr && file->rule != 0) {
    value = {file->rule};
  }
  if (value.size() == 1) {  // the record alone: EF_ARR follows from where the file is
    const bool at_top = depth(path) == 0 || parent_path(path) == kMfPath;
    value.insert(value.begin(), {static_cast<std::uint8_t>(at_top ? 0x2F : 0x6F), 0x06});
  }
  if (value.size() == 3) draft.spec.header.security = {uicc::SecurityAttributes::Form::kReferenced, std::move(value)};
}

void FileTree::read_proprietary(const Element& info, Draft& draft) {
  uicc::FileHeader& header = draft.spec.header;
  for (const Element& field : m_reading.children(info)) {
    switch (field.tag) {
      case kSpecial: {
        const Bytes value = m_reading.bytes(field, 1, 1);
        if (!value.empty() && value[0] != 0) append(header.proprietary, ber::encode(kSpecial, value));
        break;
      }
      case kFillPattern:
      case kRepeatPattern:
        draft.filling = {m_reading.bytes(field, 1, 200), field.tag == kRepeatPattern};
        break;
      case kMaximumSize:
        header.max_size = number(m_reading.bytes(field, 1, 3));
        break;
      case kFileDetails:
        if (const Bytes value = m_reading.bytes(field, 1, 1); !value.empty() && value[0] != 0x01) {
          append(header.proprietary, ber::encode(kFileDetails, value));
        }
        break;
      default:
        m_reading.notice(field, "a field of the proprietary information that the format does not have: it is left out");
    }
  }
}

void FileTree::set_size(const Element& at, const std::optional<Element>& given, const TemplateFile* file, Draft& draft) {
  uicc::FileHeader& header = draft.spec.header;
  const bool records = has_records(header.kind);
  const bool by_template = file != nullptr && file->kind == header.kind;
  if (records && header.record_length == 0 && by_template) header.record_length = file->size;
  if (given) {
    header.size = number(m_reading.bytes(*given, 1, 3));
  } else if (by_template) {
    header.size = records ? std::uint32_t{file->records} * header.record_length : file->size;
  }
  if (records && header.record_length == 0) return m_reading.refuse(at, ErrorCode::kNotFound, "the record length is missing");
  if (records && header.size % header.record_length != 0) {
    return m_reading.refuse(given.value_or(at), ErrorCode::kRange, "the size is not a multiple of the record length");
  }
  draft.grows = header.size == 0;
  if (header.kind == uicc::FileKind::kBerTlv) return;
  emulator::Filling filling = draft.filling;
  if (filling.pattern.empty() && file != nullptr && !file->content.empty()) {
    filling = {pattern_of(file->content, records ? header.record_length : header.size), (file->flags & kRepeat) != 0};
  }
  draft.filling = filling;
  draft.body.assign(header.size, 0xFF);
  filling.fill(draft.body, 0, header.record_length);
}

void FileTree::add(Draft draft) {
  const std::string& path = draft.spec.path;
  const auto twice = [&] { m_reading.refuse(draft.made_by, ErrorCode::kMalformed, "the file " + path + " is created twice"); };
  if (m_by_path.contains(path)) return twice();
  const uicc::FileKind kind = draft.spec.header.kind;
  if (kind != uicc::FileKind::kMf && kind != uicc::FileKind::kAdf && !m_by_path.contains(parent_path(path))) {
    return m_reading.refuse(draft.made_by, ErrorCode::kNotFound, "the directory of the file " + path + " is not there");
  }
  if (kind == uicc::FileKind::kAdf && !m_adfs.emplace(draft.spec.header.fid.value, path).second) {
    return m_reading.refuse(draft.made_by, ErrorCode::kMalformed, "two ADFs have one temporary file identifier");
  }
  m_current = m_drafts.size();
  m_by_path.emplace(path, m_drafts.size());
  m_drafts.push_back(std::move(draft));
}

void FileTree::skip(const Element& offset) {
  const std::uint32_t value = m_reading.number(offset, 0xFFFF);
  if (!m_current) return m_reading.refuse(offset, ErrorCode::kMalformed, "an offset before any file");
  m_drafts[*m_current].cursor += value;
}

void FileTree::fill(const Element& content) {
  if (!m_current) return m_reading.refuse(content, ErrorCode::kMalformed, "content before any file");
  Draft& draft = m_drafts[*m_current];
  const uicc::FileHeader& header = draft.spec.header;
  if (is_directory(header.kind) || !draft.link.empty()) {
    return m_reading.refuse(content, ErrorCode::kMalformed, "content for a directory or a link");
  }
  const std::size_t end = draft.cursor + content.value.size();
  const bool ber_tlv = header.kind == uicc::FileKind::kBerTlv;
  const std::size_t room = draft.grows ? kLargest : ber_tlv ? capacity(header) : draft.body.size();
  if (end > room) {
    return m_reading.refuse(content, ErrorCode::kRange,
                            "the content ends at byte " + std::to_string(end) + " of a file of " + std::to_string(room) + " bytes");
  }
  if (draft.body.size() < end) {
    const std::size_t before = draft.body.size();
    const std::size_t unit = has_records(header.kind) ? header.record_length : 1;
    draft.body.resize(ber_tlv ? end : (end + unit - 1) / unit * unit, 0xFF);
    if (!ber_tlv) draft.filling.fill(draft.body, before, header.record_length);
  }
  std::ranges::copy(content.value, draft.body.begin() + static_cast<std::ptrdiff_t>(draft.cursor));
  draft.cursor = end;
}

}  // namespace uicclab::profile::package
