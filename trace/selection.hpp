// Which file is selected on a logical channel, followed from outside: ETSI TS 102 221 clauses 8.4 and 11.1.1.
#pragma once

#include <map>
#include <string>

#include "core/apdu.hpp"

namespace uicclab::trace {

/// What an answer to SELECT or STATUS says of the file (ETSI TS 102 221 clause 11.1.1.3).
struct FileFacts {
  std::optional<bool> is_directory;
  std::optional<std::uint16_t> fid;
  Bytes aid;
  std::optional<std::uint8_t> sfi;  ///< 1 to 30

  /// Whatever of it `answer` has; nothing at all of what is neither FCP nor FCI.
  static FileFacts from(BytesView answer);
};

/// Where short file identifiers lead: those of the standards, and what answers said of others.
class ShortNames {
 public:
  static constexpr std::size_t kMaxLearned = 4096;
  /// The path of the file, or nothing.
  std::string path(const std::string& directory, std::uint8_t sfi) const;
  void learn(const std::string& directory, std::uint8_t sfi, const std::string& path);

 private:
  std::map<std::pair<std::string, std::uint8_t>, std::string> m_learned;
};

/// A channel's selection. Paths are those of ef/catalogue.hpp: "3F00/2FE2", "ADF.USIM/6F07"; "AID:A000..." for other applications.
class Selection {
 public:
  /// SELECT that the card carried out, or is about to have carried out once GET RESPONSE brings the rest.
  void select(const apdu::Command& command);
  /// What the answer said of the file that is selected.
  void refine(const FileFacts& facts, ShortNames& names);
  /// A command addressed a file by SFI, and the card carried it out.
  void select_short(const std::string& path);

  /// Of the EF if one is selected, else of the directory.
  const std::string& path() const { return m_file.empty() ? m_directory : m_file; }
  const std::string& directory() const { return m_directory; }
  const std::string& application() const { return m_application; }
  bool has_file() const { return !m_file.empty(); }

 private:
  void by_fid(std::uint16_t fid, std::optional<bool> is_directory);
  void by_path(BytesView fids);
  void by_aid(BytesView aid);

  std::string m_directory = "3F00";
  std::string m_file;
  std::string m_application;  ///< path of the ADF that 7FFF means
};

/// "EF.IMSI", "ADF.USIM", "MF", "application A0000001510000"; empty for a file without a known name.
std::string name_of_path(const std::string& path);
/// "ADF.USIM" or "AID:A000..."
std::string path_of_aid(BytesView aid);

}  // namespace uicclab::trace
