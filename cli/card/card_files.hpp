// SPDX-License-Identifier: Apache-2.0
// The files of a card by name: SELECT, the FCP, READ and UPDATE in as many commands as needed, access rules as text.
#pragma once

#include <map>
#include <set>

#include "cli/common/commands.hpp"
#include "core/apdu.hpp"
#include "core/card_port.hpp"
#include "core/crypto/secret.hpp"
#include "ef/codec.hpp"
#include "ef/phonebook.hpp"
#include "uicc/file.hpp"
#include "uicc/file_exchange.hpp"

namespace uicclab::cli {

/// A file that was selected.
struct CardFile {
  std::string path;  ///< as in the catalogue: "ADF.USIM/6F07"
  uicc::FileHeader header;
  Bytes fcp;
  ef::FileName known;

  /// "EF.IMSI", or its identifier if no standard names it.
  std::string name() const;
  /// How its content is coded; null if unknown.
  const ef::Codec* codec() const { return ef::codec_of(path, known); }
  bool is_directory() const { return uicc::is_directory(header.kind); }
  bool has_records() const { return uicc::has_records(header.kind); }
};

/// Errors of all functions: kNotFound; kRefused with what the card wants in the text; kMalformed for what it said; kIo.
class CardFiles {
 public:
  /// How the user gives a key: by "--pin PIN2=VALUE" or "verify PIN2".
  enum class Asked { kByOption, kByCommand };
  /// A PIN or ADM key; `application` ("ADF.USIM") has those that are local, and is empty for others.
  struct Key {
    std::string application;
    std::uint8_t reference;
    auto operator<=>(const Key&) const = default;
  };

  /// `port` outlives this object and is on. Nothing is sent yet.
  explicit CardFiles(CardPort& port, Asked asked = Asked::kByOption) : m_port(port), m_content(port), m_asked(asked) {}

  /// The path of a name or of identifiers: "EF.IMSI", "ADF.USIM/6F07", "7FFF/6F07" (the USIM, or where `current` is), "MF/2FE2", "..",
  /// "6F07" below `current`; empty: `current`. The card is asked for its EF_PBR where a phonebook file is named, and for the phonebook that
  /// it has.
  Result<std::string> path_of(std::string_view name, std::string_view current = "3F00");
  /// What is known of the phonebook in a directory without asking the card now.
  const ef::Phonebook& known_phonebook(const std::string& directory) { return m_phonebooks[directory]; }

  /// An application that is active stays so, and what was verified for it. A local key that was given is given again when its application
  /// becomes active again after another one (clause 9.4.2).
  Result<CardFile> select(const std::string& path);
  /// What is in a directory: what the standards know and the card has. `every`: all identifiers are tried.
  Result<std::vector<CardFile>> list(const std::string& directory, bool every = false);

  /// Records are numbered from 1. BER-TLV files: all data objects one after the other.
  Result<Bytes> read(const CardFile& file);
  Result<Bytes> read_record(const CardFile& file, std::size_t number);
  Result<std::vector<Bytes>> read_records(const CardFile& file);
  Result<void> update(const CardFile& file, std::size_t offset, BytesView content);
  /// A cyclic file takes its new record as number 1, whatever `number` is.
  Result<void> update_record(const CardFile& file, std::size_t number, BytesView content);

  /// {"read": "always", "update": "ADM1", ...}, with its record of EF_ARR; nothing if the rule cannot be read.
  ef::Value access(const CardFile& file);

  /// Tries left; nothing if the value is not needed now (verified or disabled) or there is no such key.
  Result<std::optional<unsigned>> tries(std::uint8_t reference);
  /// VERIFY PIN, after a look at the tries: with fewer than all of them the value is not sent unless `risk`. The application of a local key
  /// is selected before. Errors: kRefused, kMismatch.
  Result<void> verify(const Key& key, const crypto::SecretBytes& value, bool risk);
  /// The application of a local key becomes active unless it is already.
  Result<void> activate(const Key& key);
  /// The key was verified with this value, or has got it.
  void remember(const Key& key, const crypto::SecretBytes& value);
  /// The key as this name means it: a local one is of the application that `path` is in, else of the active one, else of the USIM.
  Key key_for(std::uint8_t reference, const std::string& path) const;

  /// The AID of "ADF.USIM" and so on, from EF_DIR; nothing else is asked if it is not there.
  const std::map<std::string, Bytes, std::less<>>& applications();
  /// Somebody else has selected files.
  void forget_selection() {
    m_selected.clear();
    m_application.clear();
  }
  /// After a reset nothing is selected, and no key is verified.
  void forget() {
    forget_selection();
    m_given.clear();
  }

  CardPort& port() { return m_port; }

 private:
  Result<apdu::Response> send(const apdu::Command& command);
  Result<CardFile> selected(const std::string& path, const apdu::Response& answer);
  Result<std::optional<apdu::Response>> select_in_application(const std::string& path);
  Result<void> give_again();
  std::string own_path(const std::string& path, std::string_view named);
  const ef::Phonebook& phonebook(const std::string& directory);
  std::string how_to_give(const CardFile& file, const std::string& condition);
  Result<CardFile> child(const std::string& directory, std::uint16_t fid);
  tl::unexpected<Error> refused(const CardFile& file, std::string_view what, StatusWord status);
  Result<Bytes> read_objects(const CardFile& file);
  Result<ef::Value> rule(const CardFile& file);

  CardPort& m_port;
  uicc::FileExchange m_content;
  Asked m_asked;
  std::string m_selected;
  std::string m_application;  ///< active by our own SELECT; empty: none, or not known
  bool m_knows_7fff = true;
  std::map<Key, std::optional<crypto::SecretBytes>> m_given;  ///< with the values of local ones
  std::optional<std::map<std::string, Bytes, std::less<>>> m_applications;
  std::map<std::string, ef::Phonebook> m_phonebooks;  ///< by directory
  std::set<std::string> m_read_phonebooks;            ///< whose EF_PBR was read, or cannot be before another key is given
  std::map<std::string, Bytes> m_rules;               ///< records of EF_ARR by "path/number"
};

/// "transparent", "linear fixed, 10 x 28", ...: structure and size as text.
std::string structure_words(const uicc::FileHeader& header);
std::string state_words(uicc::LifeCycle state);

}  // namespace uicclab::cli
