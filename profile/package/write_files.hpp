// SPDX-License-Identifier: Apache-2.0
// Files of a profile as the packages have them: FCPs, contents, paths.
#pragma once

#include <map>

#include "core/ber_tlv.hpp"
#include "profile/package/package.hpp"
#include "profile/package/templates.hpp"

namespace uicclab::profile::package {

class FileWriter {
 public:
  /// The profile is complete() and outlives the writer.
  FileWriter(const Profile& profile, std::vector<Notice>& notices);

  const FileSpec* find(std::string_view path) const;
  /// The member of a template element: FCP and content; nothing for a file that the profile does not have, which is then not to be made.
  void member(Bytes& out, const TemplateFile& row, std::string_view path);
  /// createFCP and content for genericFileManagement.
  void create(Bytes& out, const FileSpec& file);
  /// "7FD06F3B": file identifiers, that of the ADF being the temporary one.
  Bytes path_of(std::string_view path) const;
  /// Every file that member() did not write, and whose ADF is in the package; each directory once, with a filePath before its files.
  Bytes remaining(const std::vector<std::string>& adfs);

 private:
  Bytes fcp(const FileSpec& file);
  Bytes proprietary(const FileSpec& file, std::uint8_t filling);
  void content(Bytes& out, const FileSpec& file, ber::Tag offset_tag, ber::Tag content_tag) const;
  void notice(const FileSpec& file, std::string text);

  const Profile& m_profile;
  std::vector<Notice>& m_notices;
  std::map<std::string_view, const FileSpec*> m_files;
  std::map<std::string, Fid, std::less<>> m_adfs;
  std::map<std::string_view, bool> m_written;
};

/// An INTEGER that is not negative.
Bytes integer(std::uint64_t value);

}  // namespace uicclab::profile::package
