// SPDX-License-Identifier: Apache-2.0
#include "ef/followed_selection.hpp"

#include <algorithm>

#include "core/hex.hpp"
#include "core/reader.hpp"
#include "core/types.hpp"
#include "ef/catalogue.hpp"
#include "uicc/application.hpp"

namespace uicclab::ef {
namespace {

constexpr std::string_view kAidPrefix = "AID:";
constexpr std::size_t kMaxPhonebooks = 64;  // one in DF.TELECOM and one in each application

/// The directory above; itself at the top of the MF or an application.
std::string parent(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash != std::string::npos) return path.substr(0, slash);
  return "3F00";
}

bool is_known(const std::string& path) {
  return !name_of_file(path).empty();
}

}  // namespace

std::string_view root_of_path(std::string_view path) {
  return path.substr(0, path.find('/'));
}

std::string_view last_of_path(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::optional<std::string_view> aid_in_path(std::string_view path) {
  if (!path.starts_with(kAidPrefix)) return std::nullopt;
  return root_of_path(path).substr(kAidPrefix.size());
}

std::string FileNames::learned_path(const std::string& directory, std::uint8_t sfi) const {
  const auto learned = m_learned.find({directory, sfi});
  return learned == m_learned.end() ? std::string() : learned->second;
}

std::string FileNames::path(const std::string& directory, std::uint8_t sfi) const {
  if (auto learned = learned_path(directory, sfi); !learned.empty()) return learned;
  const auto known = std::ranges::find_if(catalogue(), [&](const File& one) {
    return one.sfi == sfi && one.path.size() == directory.size() + 5 && one.path.starts_with(directory) &&
           one.path[directory.size()] == '/';
  });
  return known == catalogue().end() ? std::string() : std::string(known->path);
}

void FileNames::learn(const std::string& directory, std::uint8_t sfi, const std::string& path) {
  if (m_learned.size() < kMaxLearned || m_learned.contains({directory, sfi})) m_learned[{directory, sfi}] = path;
}

void FileNames::learn_shape(const std::string& path, const Shape& shape) {
  if (is_phonebook(parent(path)) && (m_shapes.size() < kMaxLearned || m_shapes.contains(path))) m_shapes[path] = shape;
}

bool FileNames::is_reference(std::string_view path) {
  return path.ends_with("/5F3A/4F30");
}

void FileNames::learn_reference(const std::string& path, BytesView record) {
  const std::string directory = parent(path);
  if (m_phonebooks.size() >= kMaxPhonebooks && !m_phonebooks.contains(directory)) return;
  Phonebook& book = m_phonebooks[directory];
  if (book.fids().size() < kMaxLearned) book.add_reference(record);
}

FileName FileNames::phonebook_file(const std::string& path) const {
  static const Phonebook kUnknown;
  const auto book = m_phonebooks.find(parent(path));
  const auto shape = m_shapes.find(path);
  return (book == m_phonebooks.end() ? kUnknown : book->second)
      .name(last_of_path(path), shape == m_shapes.end() ? std::nullopt : std::optional(shape->second));
}

std::string FileNames::name(const std::string& path) const {
  if (!is_phonebook(parent(path)) || file_at(path) != nullptr) return name_of_path(path);
  return std::string(phonebook_file(path).name);
}

const Codec* FileNames::codec(const std::string& path) const {
  if (!is_phonebook(parent(path)) || file_at(path) != nullptr) return codec_of(path);
  return codec_of(path, phonebook_file(path));
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
  const std::string child = m_directory + "/" + hex;
  if (!*is_directory) {
    m_file = (fid >> 8) == 0x2F && !is_known(child) ? "3F00/" + hex : child;  // 2Fxx lie below the MF
    return;
  }
  // Children of the current directory, the directory itself, its parent, children of the parent (clause 8.4.2).
  const std::string above = parent(m_directory);
  const std::string sibling = above + "/" + hex;
  if (last_of_path(m_directory) == hex) return;
  if (is_known(child)) {
    m_directory = child;
  } else if (last_of_path(above) == hex) {
    m_directory = above;
  } else if (is_known(sibling)) {
    m_directory = sibling;
  } else if ((fid >> 8) == 0x7F) {  // of the first level (clause 8.6)
    m_directory = std::string(root_of_path(m_directory)) + "/" + hex;
  } else {
    m_directory = (fid >> 8) == 0x5F && last_of_path(m_directory).starts_with("5F") ? sibling : child;  // of the second
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
  const uicc::KnownApplication* const known = uicc::application_of(aid);
  return known != nullptr && !known->name.empty() ? std::string(known->name) : std::string(kAidPrefix) + to_hex(aid);
}

void Selection::by_aid(BytesView aid) {
  m_application = m_directory = path_of_aid(aid);
  m_file.clear();
}

void Selection::refine(const uicc::FileFacts& facts, FileNames& names) {
  if (!facts.aid.empty()) {
    // The whole AID of what was selected by a part of it; or the application of a trace that begins in the middle.
    const std::string path = path_of_aid(facts.aid);
    if (m_file.empty() && m_directory.find('/') == std::string::npos) m_application = m_directory = path;
    return;
  }
  if (!facts.fid || !facts.kind || m_file.empty()) return;
  const std::string hex = to_hex(*facts.fid);
  if (last_of_path(m_file) != hex) return;
  if (facts.is_ef()) {
    if (facts.sfi) names.learn(m_directory, facts.sfi->value, m_file);
    names.learn_shape(m_file, shape_of(*facts.kind, facts.record_length.value_or(0)));
  } else {
    m_directory = std::exchange(m_file, {});  // a directory by an identifier that does not look like one
  }
}

void Selection::select_short(const std::string& path) {
  m_known = true;
  if (!path.empty()) m_file = path;
}

std::string name_of_path(const std::string& path) {
  if (path == "3F00") return "MF";
  if (const uicc::KnownApplication* const known = uicc::application_of(std::string_view(path))) return std::string(known->name);
  if (const auto digits = aid_in_path(path); digits && path.find('/') == std::string::npos) {
    const auto aid = from_hex(*digits);
    if (!aid || aid->empty()) return "default application";
    const uicc::KnownApplication* const known = uicc::application_of(*aid);
    return known != nullptr ? std::string(known->title) : "application " + to_hex(*aid);
  }
  return std::string(name_of_file(path));
}

}  // namespace uicclab::ef
