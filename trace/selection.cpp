// SPDX-License-Identifier: Apache-2.0
#include "trace/selection.hpp"

#include <algorithm>

#include "core/ber_tlv.hpp"
#include "core/reader.hpp"
#include "core/types.hpp"
#include "ef/catalogue.hpp"

namespace uicclab::trace {
namespace {

constexpr std::string_view kAidPrefix = "AID:";
constexpr std::size_t kMaxPhonebooks = 64;  // one in DF.TELECOM and one in each application

std::string_view last_part(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// The directory above; itself at the top of the MF or an application.
std::string parent(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash != std::string::npos) return path.substr(0, slash);
  return "3F00";
}

/// File descriptor byte (ETSI TS 102 221 table 11.5).
ef::Structure structure_of(std::uint8_t descriptor) {
  if ((descriptor & 0x38) == 0x38) return (descriptor & 0x07) == 0 ? ef::Structure::kDirectory : ef::Structure::kBerTlv;
  return (descriptor & 0x07) == 0x02   ? ef::Structure::kLinear
         : (descriptor & 0x07) == 0x06 ? ef::Structure::kCyclic
                                       : ef::Structure::kTransparent;
}

bool is_known(const std::string& path) {
  return !ef::name_of_file(path).empty();
}

}  // namespace

FileFacts FileFacts::from(BytesView answer) {
  FileFacts out;
  auto fcp = ber::find(answer, 0x62);
  if (!fcp) fcp = ber::find(answer, 0x6F);  // FCI of GlobalPlatform's applications: it has the AID alone
  if (!fcp) return out;
  if (const auto descriptor = ber::find(*fcp, 0x82); descriptor && !descriptor->empty()) {
    const std::uint8_t byte = (*descriptor)[0];
    out.is_directory = (byte & 0x38) == 0x38 && (byte & 0x07) == 0;
    const bool records = descriptor->size() >= 5;  // descriptor, coding, record length, number of records (clause 11.1.1.4.3)
    out.shape.emplace(ef::Shape{structure_of(byte), records ? static_cast<std::size_t>(((*descriptor)[2] << 8) | (*descriptor)[3]) : 0});
  }
  if (const auto fid = ber::find(*fcp, 0x83); fid && fid->size() == 2) out.fid = *ByteReader(*fid).u16();
  if (const auto aid = ber::find(*fcp, 0x84)) out.aid = to_bytes(*aid);
  if (const auto sfi = ber::find(*fcp, 0x88); sfi && sfi->size() == 1) {
    const auto value = static_cast<std::uint8_t>((*sfi)[0] >> 3);
    if (value >= 1 && value <= 30) out.sfi = value;
  }
  return out;
}

std::string FileNames::path(const std::string& directory, std::uint8_t sfi) const {
  if (const auto learned = m_learned.find({directory, sfi}); learned != m_learned.end()) return learned->second;
  const auto known = std::ranges::find_if(ef::catalogue(), [&](const ef::File& one) {
    return one.sfi == sfi && one.path.size() == directory.size() + 5 && one.path.starts_with(directory) &&
           one.path[directory.size()] == '/';
  });
  return known == ef::catalogue().end() ? std::string() : std::string(known->path);
}

void FileNames::learn(const std::string& directory, std::uint8_t sfi, const std::string& path) {
  if (m_learned.size() < kMaxLearned || m_learned.contains({directory, sfi})) m_learned[{directory, sfi}] = path;
}

void FileNames::learn_shape(const std::string& path, const ef::Shape& shape) {
  if (ef::is_phonebook(parent(path)) && (m_shapes.size() < kMaxLearned || m_shapes.contains(path))) m_shapes[path] = shape;
}

bool FileNames::is_reference(std::string_view path) {
  return path.ends_with("/5F3A/4F30");
}

void FileNames::learn_reference(const std::string& path, BytesView record) {
  const std::string directory = parent(path);
  if (m_phonebooks.size() >= kMaxPhonebooks && !m_phonebooks.contains(directory)) return;
  ef::Phonebook& book = m_phonebooks[directory];
  if (book.fids().size() < kMaxLearned) book.add_reference(record);
}

ef::FileName FileNames::phonebook_file(const std::string& path) const {
  static const ef::Phonebook kUnknown;
  const auto book = m_phonebooks.find(parent(path));
  const auto shape = m_shapes.find(path);
  return (book == m_phonebooks.end() ? kUnknown : book->second)
      .name(last_part(path), shape == m_shapes.end() ? std::nullopt : std::optional(shape->second));
}

std::string FileNames::name(const std::string& path) const {
  if (!ef::is_phonebook(parent(path)) || ef::file_at(path) != nullptr) return name_of_path(path);
  return std::string(phonebook_file(path).name);
}

const ef::Codec* FileNames::codec(const std::string& path) const {
  if (!ef::is_phonebook(parent(path)) || ef::file_at(path) != nullptr) return ef::codec_of(path);
  return ef::codec_of(path, phonebook_file(path));
}

void Selection::select(const apdu::Command& command) {
  m_known = true;
  const BytesView data = command.data;
  switch (command.p1) {
    case 0x00:
      by_fid(data.size() == 2 ? *ByteReader(data).u16() : 0x3F00, std::nullopt);
      break;
    case 0x01:
    case 0x02:
      if (data.size() == 2) by_fid(*ByteReader(data).u16(), command.p1 == 0x01);
      break;
    case 0x03:
      m_directory = parent(m_directory);
      m_file.clear();
      break;
    case 0x04:
      by_aid(data);
      break;
    case 0x08:
      m_directory = "3F00";
      m_file.clear();
      by_path(data);
      break;
    case 0x09:
      by_path(data);
      break;
    default:
      break;
  }
}

void Selection::by_fid(std::uint16_t fid, std::optional<bool> is_directory) {
  const std::string hex = to_hex(Fid{fid});
  m_file.clear();
  if (fid == 0x3F00) {
    m_directory = hex;
    return;
  }
  if (fid == 0x7FFF) {
    if (!m_application.empty()) m_directory = m_application;
    return;
  }
  if (!is_directory) is_directory = (fid >> 8) == 0x7F || (fid >> 8) == 0x5F;
  if (!*is_directory) {
    m_file = m_directory + "/" + hex;
    return;
  }
  // Children of the current directory, the directory itself, its parent, children of the parent (clause 8.4.2).
  const std::string child = m_directory + "/" + hex;
  const std::string above = parent(m_directory);
  const std::string sibling = above + "/" + hex;
  if (last_part(m_directory) == hex) return;
  if (!is_known(child) && last_part(above) == hex) {
    m_directory = above;
  } else {
    m_directory = !is_known(child) && is_known(sibling) ? sibling : child;
  }
}

void Selection::by_path(BytesView fids) {
  while (fids.size() >= 2) {
    const std::uint16_t fid = *ByteReader(fids).u16();
    fids = fids.subspan(2);
    const bool directory = !fids.empty() || (fid >> 8) == 0x7F || (fid >> 8) == 0x5F || (fid >> 8) == 0x3F;
    if (fid == 0x7FFF || fid == 0x3F00) {
      by_fid(fid, true);
    } else if (directory) {
      m_directory += "/" + to_hex(Fid{fid});
      m_file.clear();
    } else {
      m_file = m_directory + "/" + to_hex(Fid{fid});
    }
  }
}

std::optional<std::uint8_t> short_identifier(const apdu::Command& command) {
  if (command.cla == 0xA0) return std::nullopt;
  const bool binary = command.ins == 0xB0 || command.ins == 0xD6;
  const bool record = command.ins == 0xB2 || command.ins == 0xDC || command.ins == 0xA2;
  if (binary && (command.p1 & 0x80) != 0) return static_cast<std::uint8_t>(command.p1 & 0x1F);
  if (record && (command.p2 >> 3) != 0) return static_cast<std::uint8_t>(command.p2 >> 3);
  return std::nullopt;
}

std::string path_of_aid(BytesView aid) {
  constexpr auto kUsim = "A0000000871002"_h;
  constexpr auto kIsim = "A0000000871004"_h;
  const auto begins = [&](BytesView with) { return aid.size() >= with.size() && equal(aid.first(with.size()), with); };
  if (begins(kUsim)) return "ADF.USIM";
  if (begins(kIsim)) return "ADF.ISIM";
  return std::string(kAidPrefix) + to_hex(aid);
}

void Selection::by_aid(BytesView aid) {
  m_application = m_directory = path_of_aid(aid);
  m_file.clear();
}

void Selection::refine(const FileFacts& facts, FileNames& names) {
  if (!facts.aid.empty()) {
    // The whole AID of what was selected by a part of it; or the application of a trace that begins in the middle.
    const std::string path = path_of_aid(facts.aid);
    if (m_file.empty() && m_directory.find('/') == std::string::npos) m_application = m_directory = path;
    return;
  }
  if (!facts.fid || !facts.is_directory) return;
  const std::string hex = to_hex(Fid{*facts.fid});
  if (!*facts.is_directory && !m_file.empty()) {
    if (last_part(m_file) == hex && facts.sfi) names.learn(m_directory, *facts.sfi, m_file);
    if (last_part(m_file) == hex && facts.shape) names.learn_shape(m_file, *facts.shape);
  } else if (*facts.is_directory && !m_file.empty() && last_part(m_file) == hex) {
    m_directory = std::exchange(m_file, {});  // a directory by an identifier that does not look like one
  }
}

void Selection::select_short(const std::string& path) {
  m_known = true;
  if (!path.empty()) m_file = path;
}

std::string name_of_path(const std::string& path) {
  if (path == "3F00") return "MF";
  if (path == "ADF.USIM" || path == "ADF.ISIM") return path;
  if (path.starts_with(kAidPrefix) && path.find('/') == std::string::npos) {
    struct Known {
      std::string_view aid;
      std::string_view name;
    };
    constexpr auto kKnown = std::to_array<Known>(
        {{"A000000151000000", "issuer security domain"}, {"A000000063504B43532D3135", "PKCS #15"}, {"A0000003431002", "ADF.CSIM"}});
    const std::string_view aid = std::string_view(path).substr(kAidPrefix.size());
    if (aid.empty()) return "default application";
    for (const Known& one : kKnown) {
      if (aid.starts_with(one.aid)) return std::string(one.name);
    }
    return "application " + std::string(aid);
  }
  return std::string(ef::name_of_file(path));
}

}  // namespace uicclab::trace
