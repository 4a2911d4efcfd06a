// SPDX-License-Identifier: Apache-2.0
// The files of a package on their way into a profile: made by templates and FCPs, then filled piece by piece.
#pragma once

#include <map>

#include "emulator/fs/filling.hpp"
#include "profile/package/reading.hpp"
#include "profile/package/templates.hpp"

namespace uicclab::profile::package {

class FileTree {
 public:
  explicit FileTree(Reading& reading) : m_reading(reading) {}

  /// The files of one member of a template element: File, a SEQUENCE OF what creates and fills files (IF clause 8.3). `directory`: where
  /// they are made; for the MF and an ADF, its own path. Returns the path of the first one; empty if none is made.
  std::string add_member(const Element& member, const TemplateFile& file, const std::string& directory);
  /// A file that the template makes though the element does not mention it.
  void add_default(const Element& element, const TemplateFile& file, const std::string& directory);
  /// FileManagement, a SEQUENCE OF commands (IF clause 8.3.3).
  void manage(const Element& commands);

  bool contains(const std::string& path) const { return m_by_path.contains(path); }
  /// "7FD06F3B": the path of a file as packages write it, its ADF by the temporary identifier. Nothing after an error.
  std::string resolve(const Element& at, BytesView path);
  /// The directory that was made or named last: what follows in the package belongs to it.
  const std::string& directory() const { return m_directory; }
  void set_directory(std::string path) { m_directory = std::move(path); }
  /// AID of the ADF (tag 84 of its FCP).
  Aid aid_of(const std::string& adf) const;

  /// All files, in the order of a profile: each directory followed by its EFs, which are sorted by identifier.
  std::vector<FileSpec> finish();

 private:
  struct Draft {
    FileSpec spec;
    Element made_by;
    Bytes body;
    std::size_t cursor = 0;
    bool grows = false;  ///< no size given: it is that of the content
    emulator::Filling filling;
    Bytes link;  ///< as the package writes it; empty: none
  };

  void begin(const Element& at, const TemplateFile* file, const Element* fcp, const std::string& directory);
  void read_fcp(const Element& fcp, const TemplateFile* file, Draft& draft, const std::string& directory);
  void read_proprietary(const Element& info, Draft& draft);
  void read_descriptor(const Element& descriptor, Draft& draft);
  void read_security(const std::optional<Element>& given, const TemplateFile* file, Draft& draft);
  void set_size(const Element& at, const std::optional<Element>& given, const TemplateFile* file, Draft& draft);
  void add(Draft draft);
  void fill(const Element& content);
  void skip(const Element& offset);
  void follow_links();
  void copy_links(const Draft& directory, const std::string& target, std::vector<Draft>& more);

  Reading& m_reading;
  std::vector<Draft> m_drafts;
  std::map<std::string, std::size_t, std::less<>> m_by_path;
  std::map<std::uint16_t, std::string> m_adfs;  ///< by temporary file identifier
  std::string m_directory;
  std::optional<std::size_t> m_current;
};

/// The name of a standard file: "EF.IMSI"; empty for others.
std::string_view name_of(std::string_view path);

}  // namespace uicclab::profile::package
