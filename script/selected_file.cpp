// SPDX-License-Identifier: Apache-2.0
#include "script/selected_file.hpp"

#include <array>
#include <optional>

#include "core/apdu.hpp"
#include "core/hex.hpp"

namespace uicclab::script {
namespace {

// ETSI TS 102 221 clause 11.1.
constexpr std::uint8_t kSelect = 0xA4;
const std::string kMf = "3F00";

/// Name of an application by the beginning of its AID (ETSI TS 101 220 annex E).
struct Application {
  std::string_view name;
  std::string_view aid;
};
constexpr std::array<Application, 3> kApplications{
    {{"ADF.USIM", "A0000000871002"}, {"ADF.ISIM", "A0000000871004"}, {"ADF.PKCS15", "A000000063504B43532D3135"}}};

std::string last_of(const std::string& path) {
  return path.substr(path.rfind('/') + 1);
}

bool is_directory_fid(const std::string& fid) {
  return fid.size() == 4 && (fid.starts_with("3F") || fid.starts_with("5F") || fid.starts_with("7F"));
}

/// A path is an application or the MF, then file identifiers.
std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos || is_directory_fid(last_of(path)) ? path : path.substr(0, slash);
}

std::string parent_of(const std::string& directory) {
  const auto slash = directory.rfind('/');
  return slash == std::string::npos ? kMf : directory.substr(0, slash);
}

std::string root_of(const std::string& path) {
  return path.substr(0, path.find('/'));
}

/// The file that an identifier means, seen from `directory`: a 7Fxx is one of the first level, a 5Fxx of the second, anything else below.
std::string step(const std::string& directory, const std::string& fid) {
  if (fid == kMf) return kMf;
  if (fid.starts_with("7F")) return root_of(directory) + "/" + fid;
  if (fid.starts_with("5F") && last_of(directory).starts_with("5F")) return parent_of(directory) + "/" + fid;
  return directory + "/" + fid;
}

/// Short file identifier that a command names (clause 11.1.3 and following).
std::optional<std::uint8_t> sfi_of(const apdu::Command& command) {
  constexpr std::array<std::uint8_t, 2> kBinary{0xB0, 0xD6};
  constexpr std::array<std::uint8_t, 3> kRecord{0xB2, 0xDC, 0xA2};
  std::uint8_t sfi = 0;
  if (std::ranges::find(kBinary, command.ins) != kBinary.end() && (command.p1 & 0xE0) == 0x80) sfi = command.p1 & 0x1F;
  if (std::ranges::find(kRecord, command.ins) != kRecord.end()) sfi = static_cast<std::uint8_t>(command.p2 >> 3);
  if (sfi == 0 || sfi == 0x1F) return std::nullopt;
  return sfi;
}

}  // namespace

std::string application_name(BytesView aid) {
  const std::string hex = to_hex(aid);
  for (const Application& one : kApplications) {
    if (hex.starts_with(one.aid)) return std::string(one.name);
  }
  return hex;
}

const std::string& SelectedFiles::path(std::uint8_t cla) const {
  const auto found = m_paths.find(apdu::channel_of(cla));
  return found == m_paths.end() ? kMf : found->second;
}

std::string SelectedFiles::directory(std::uint8_t cla) const {
  return directory_of(path(cla));
}

void SelectedFiles::follow(BytesView bytes, StatusWord status) {
  const auto command = apdu::parse(bytes);
  if (!command || !status.is_success()) return;
  const std::uint8_t channel = apdu::channel_of(command->cla);
  const std::string directory = directory_of(path(command->cla));
  if (const auto sfi = sfi_of(*command)) {
    m_paths[channel] = directory + "/sfi:" + to_hex(std::array{*sfi});
    return;
  }
  if (command->ins != kSelect) return;
  std::string path = directory;
  switch (command->p1) {
    case 0x04:  // by AID
      path = m_applications[channel] = application_name(command->data);
      break;
    case 0x03:  // the parent
      path = parent_of(directory);
      break;
    case 0x08:  // by path from the MF, or from the current ADF (7FFF)
      path = kMf;
      [[fallthrough]];
    default:
      if (command->data.empty()) path = kMf;
      for (std::size_t i = 0; i + 1 < command->data.size(); i += 2) {
        const std::string fid = to_hex(command->data.subspan(i, 2));
        path = fid == "7FFF" && !m_applications[channel].empty() ? m_applications[channel] : step(path, fid);
      }
  }
  m_paths[channel] = path;
}

}  // namespace uicclab::script
