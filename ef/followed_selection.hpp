// SPDX-License-Identifier: Apache-2.0
// Which file is selected on a logical channel, followed from outside, for traces, recordings and rules of faults: ETSI TS 102 221
// clauses 8.4 to 8.6 and 11.1.1.
#pragma once

#include <map>
#include <string>

#include "core/apdu.hpp"
#include "ef/codec.hpp"
#include "ef/phonebook.hpp"
#include "uicc/file_facts.hpp"

namespace uicclab::ef {

/// What a card calls its files: names and short identifiers of the standards, and what the card's answers said of others.
class FileNames {
 public:
  static constexpr std::size_t kMaxLearned = 4096;
  /// The path that a short file identifier leads to by what the card said of its files; else nothing.
  std::string learned_path(const std::string& directory, std::uint8_t sfi) const;
  /// The same, and by what the standards say where the card said nothing.
  std::string path(const std::string& directory, std::uint8_t sfi) const;
  void learn(const std::string& directory, std::uint8_t sfi, const std::string& path);
  /// What its FCP said of a phonebook file.
  void learn_shape(const std::string& path, const Shape& shape);
  /// A record of EF_PBR was read or written (3GPP TS 31.102 clause 4.4.2.1).
  void learn_reference(const std::string& path, BytesView record);
  static bool is_reference(std::string_view path);

  /// As name_of_path().
  std::string name(const std::string& path) const;
  /// How its content is coded; null if that is not known.
  const Codec* codec(const std::string& path) const;

 private:
  FileName phonebook_file(const std::string& path) const;

  std::map<std::pair<std::string, std::uint8_t>, std::string> m_learned;
  std::map<std::string, Phonebook, std::less<>> m_phonebooks;  ///< by directory
  std::map<std::string, Shape, std::less<>> m_shapes;
};

/// A channel's selection. Paths are those of ef/catalogue.hpp: "3F00/2FE2", "ADF.USIM/6F07"; "AID:A000..." for other applications.
class Selection {
 public:
  /// SELECT that the card carried out, or is about to have carried out once GET RESPONSE brings the rest.
  void select(const apdu::Command& command);
  /// What the answer said of the file that is selected.
  void refine(const uicc::FileFacts& facts, FileNames& names);
  /// A command addressed a file by SFI, and the card carried it out.
  void select_short(const std::string& path);

  /// Of the EF if one is selected, else of the directory.
  const std::string& path() const { return m_file.empty() ? m_directory : m_file; }
  const std::string& directory() const { return m_directory; }
  const std::string& application() const { return m_application; }
  bool has_file() const { return !m_file.empty(); }
  /// What is selected is known: the card was reset, or said so since. A trace may begin after a SELECT, and secure messaging may hide one.
  bool knows_file() const { return m_known; }
  void set_known(bool known) { m_known = known; }

 private:
  void by_fid(std::uint16_t fid, std::optional<bool> is_directory);
  void by_path(BytesView fids);
  void by_aid(BytesView aid);

  std::string m_directory = "3F00";
  std::string m_file;
  std::string m_application;  ///< path of the ADF that 7FFF means
  bool m_known = false;
};

/// The short file identifier that a command of READ, UPDATE or SEARCH addresses its file by, if it does (clause 8.3; not in class A0).
std::optional<std::uint8_t> short_identifier(const apdu::Command& command);

/// "EF.IMSI", "ADF.USIM", "MF", "application A0000001510000"; empty for a file without a known name.
std::string name_of_path(const std::string& path);
/// "ADF.USIM" or "AID:A000..."
std::string path_of_aid(BytesView aid);
/// The digits of the AID, if the path begins with an application that no standard names.
std::optional<std::string_view> aid_in_path(std::string_view path);
/// The first part of a path: "3F00", "ADF.USIM".
std::string_view root_of_path(std::string_view path);
/// The last part of a path.
std::string_view last_of_path(std::string_view path);

}  // namespace uicclab::ef
