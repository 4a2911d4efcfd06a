// SPDX-License-Identifier: Apache-2.0
// Errors that make a profile unusable: rules of the file system (ETSI TS 102 221 clause 8), of PINs (clause 9.5) and of the format itself.
#include <map>
#include <set>

#include "core/ber_tlv.hpp"
#include "profile/body.hpp"
#include "profile/check.hpp"
#include "profile/complete.hpp"

namespace uicclab::profile {
namespace {

constexpr std::uint32_t kMaxTransparent = 65535;  // the size of an EF has two bytes for every reader (clause 11.1.1.4.1)
constexpr std::uint32_t kMaxBerTlv = 0xFFFFFF;    // room enough for any data object that SET DATA can bring
constexpr std::size_t kMaxRecords = 254;          // clause 11.1.5.2: a record number is 01 to FE
constexpr std::size_t kMaxKeys = 32;              // a PIN status template of four bytes
constexpr std::string_view kSizeClause = "ETSI TS 102 221 clause 11.1.1.4.1";

std::string number(std::size_t n) {
  return std::to_string(n);
}

class Errors {
 public:
  explicit Errors(const Profile& profile) : m_profile(profile) {}

  std::vector<Finding> take() {
    card();
    applications();
    files();
    pins();
    return std::move(m_findings);
  }

 private:
  void add(SourcePlace place, std::string subject, std::string text, std::string_view clause = {}) {
    m_findings.push_back({Finding::Severity::kError, place, std::move(subject), std::move(text), std::string(clause)});
  }
  void add(const FileSpec& file, std::string text, std::string_view clause = {}) {
    add(file.place, "file " + file.path, std::move(text), clause);
  }

  void card() {
    if (m_profile.atr.size() < 2 || m_profile.atr.size() > 33) {
      add(m_profile.atr_place, "atr", "it has " + number(m_profile.atr.size()) + " bytes, it needs 2 to 33", "ISO/IEC 7816-3 clause 8.2");
    }
    if (m_profile.logical_channels > 19) {
      add(SourcePlace{}, "card", "there are at most 19 logical channels besides the basic one", "ETSI TS 102 221 clause 10.3");
    }
    if (!m_profile.choices.uicc_class && !m_profile.gsm_class) {
      add(SourcePlace{}, "card", "uicc_class and gsm_class are both false: the card would answer 6E00 to everything",
          "ETSI TS 102 221 clause 10.1.1");
    }
  }

  void applications() {
    for (const LoadFileSpec& file : m_profile.load_files) {
      if (file.components.empty()) add(file.place, "load file " + file.file, "its CAP file was not read");
    }
    std::set<Aid> aids;
    for (const ApplicationSpec& application : m_profile.applications) {
      const std::string who = "application " + application.module;
      if (application.aid.empty()) {
        add(application.place, who, "it has no AID");
      } else if (!aids.insert(application.aid).second) {
        add(application.place, who, "the AID " + to_hex(application.aid.bytes()) + " occurs twice", "ISO/IEC 7816-4 clause 12.2.3");
      }
      if (application.adf.empty()) continue;
      if (!application.load_file.empty()) add(application.place, who, "an application of a load file has no ADF");
      if (!is_adf_name(application.adf)) {
        add(application.place, who, "'" + application.adf + "' is not a name of an ADF, which begins with ADF.");
      } else if (!m_adfs.insert(application.adf).second) {
        add(application.place, who, application.adf + " belongs to another application already");
      }
    }
  }

  void files() {
    for (const FileSpec& file : m_profile.files) {
      if (!m_files.emplace(file.path, &file).second) add(file, "it occurs twice", "ETSI TS 102 221 clause 8.3");
    }
    if (!m_files.contains(kMfPath)) add(SourcePlace{}, "card", "the MF (3F00) is missing", "ETSI TS 102 221 clause 8.1");
    for (const std::string& adf : m_adfs) {
      if (!m_files.contains(adf)) add(SourcePlace{}, "file " + adf, "an application names it, but it does not exist");
    }
    for (const FileSpec& file : m_profile.files) {
      place_in_tree(file);
      if (is_directory(file.header.kind)) {
        directory(file);
      } else {
        elementary(file);
      }
    }
  }

  void place_in_tree(const FileSpec& file) {
    const uicc::FileKind kind = file.header.kind;
    if (depth(file.path) == 0) {
      const bool fits = is_adf_name(file.path) ? kind == uicc::FileKind::kAdf : file.path == kMfPath && kind == uicc::FileKind::kMf;
      if (!fits) add(file, "a path is 3F00 (the MF) or the name of an ADF, then FIDs: 3F00/7F10/6F3A, ADF.USIM/6F07");
      if (is_adf_name(file.path) && !m_adfs.contains(file.path)) add(file, "no application has this ADF");
      return;
    }
    if (kind == uicc::FileKind::kMf || kind == uicc::FileKind::kAdf) add(file, "a path with a parent is that of a DF or an EF");
    const auto fid = last_fid(file.path);
    if (!fid) {
      add(file, "the last part of a path is a FID of four hexadecimal digits");
      return;
    }
    if (fid->value == 0x3F00 || fid->value == 0x3FFF || fid->value == 0x7FFF || fid->value == 0xFFFF) {
      add(file, "the FID " + to_hex(*fid) + " is reserved", "ETSI TS 102 221 clause 8.6");
    }
    const auto parent = m_files.find(parent_path(file.path));
    if (parent == m_files.end()) {
      add(file, "its parent " + std::string(parent_path(file.path)) + " does not exist");
    } else if (!is_directory(parent->second->header.kind)) {
      add(file, "its parent " + parent->first + " is not a directory");
    }
    for (std::string_view up = parent_path(file.path); depth(up) > 0; up = parent_path(up)) {
      if (last_fid(up) == fid) add(file, "it has the FID of a directory above it", "ETSI TS 102 221 clause 8.3");
    }
    if (file.header.sfi) short_identifier(file, *file.header.sfi);
  }

  void short_identifier(const FileSpec& file, Sfi sfi) {
    if (is_directory(file.header.kind)) {
      add(file, "a directory has no SFI", "ETSI TS 102 221 clause 8.3");
    } else if (sfi.value < 1 || sfi.value > 30) {
      add(file, "the SFI is " + number(sfi.value) + ", it can be 1 to 30", "ETSI TS 102 221 clause 11.1.1.4.8");
    } else if (const auto [it, fresh] = m_sfis.try_emplace({std::string(parent_path(file.path)), sfi.value}, &file); !fresh) {
      add(file, "its SFI is that of " + it->second->path, "ETSI TS 102 221 clause 8.3");
    }
  }

  void directory(const FileSpec& file) {
    if (!file.content.empty() || !file.records.empty() || !file.fill.empty()) add(file, "a directory has no content");
    if (file.header.keys.size() > kMaxKeys) add(file, "a PIN status template holds at most 32 keys", "ETSI TS 102 221 clause 9.5.2");
  }

  void elementary(const FileSpec& file) {
    const uicc::FileHeader& header = file.header;
    if (!header.keys.empty()) add(file, "only a directory has keys", "ETSI TS 102 221 clause 9.5.2");
    if (!file.link.empty()) linked(file);
    if (has_records(header.kind)) {
      records(file);
      return;
    }
    if (!file.records.empty()) add(file, "it is not record structured, but has records");
    const std::uint32_t most = header.kind == uicc::FileKind::kBerTlv ? kMaxBerTlv : kMaxTransparent;
    const bool empty = header.size < 1 && header.max_size < 1;  // a BER-TLV EF need not reserve anything
    if (empty || header.size > most) {
      add(file, "its size is " + number(header.size) + ", it can be 1 to " + number(most), kSizeClause);
    }
    const std::uint32_t room = header.kind == uicc::FileKind::kBerTlv ? std::max(header.size, header.max_size) : header.size;
    if (file.content.size() > room) {
      add(file, "the content has " + number(file.content.size()) + " bytes, the file " + number(room), kSizeClause);
    }
    if (header.kind == uicc::FileKind::kBerTlv) data_objects(file);
  }

  void linked(const FileSpec& file) {
    const auto found = m_files.find(file.link);
    const FileSpec* other = found == m_files.end() ? nullptr : found->second;
    if (other == nullptr || is_directory(other->header.kind)) {
      add(file, "it shares the content of " + file.link + ", which is not an EF of the card");
    } else if (!other->link.empty()) {
      add(file, "it shares the content of " + file.link + ", which shares that of " + other->link + ": name that one");
    } else if (other->header.kind != file.header.kind || other->header.size != file.header.size ||
               other->header.record_length != file.header.record_length || other->header.max_size != file.header.max_size) {
      add(file, "it shares the content of " + file.link + ", which has another structure or size");
    }
    if (!file.content.empty() || !file.records.empty() || !file.fill.empty()) add(file, "its content is that of " + file.link);
  }

  void records(const FileSpec& file) {
    const uicc::FileHeader& header = file.header;
    if (!file.content.empty()) add(file, "a record structured file takes its content in 'records', not in 'content'");
    if (header.record_length < 1 || header.record_length > 255) {
      add(file, "its record length is " + number(header.record_length) + ", it can be 1 to 255", "ETSI TS 102 221 clause 8.2.2.2");
    }
    if (header.record_count < 1 || header.record_count > kMaxRecords) {
      add(file, "it has " + number(header.record_count) + " records, it can have 1 to 254", "ETSI TS 102 221 clause 8.2.2.2");
    }
    if (header.size != std::uint32_t{header.record_length} * header.record_count) {
      add(file, "its size is not the record length times the number of records", kSizeClause);
    }
    if (file.records.size() > header.record_count) {
      add(file, number(file.records.size()) + " records are given, the file has " + number(header.record_count));
    }
    for (std::size_t i = 0; i < file.records.size(); ++i) {
      const std::size_t size = file.records[i].size();
      if (size <= header.record_length) continue;
      add(file, "record " + number(i + 1) + " has " + number(size) + " bytes, a record of the file " + number(header.record_length));
    }
  }

  void data_objects(const FileSpec& file) {
    if (!file.fill.empty()) add(file, "a BER-TLV EF has no fill pattern", "ETSI TS 102 221 clause 8.2.2.4");
    for (ber::Reader reader(file.content); !reader.empty();) {
      const auto object = reader.next();
      if (object) continue;
      add(file, "the content is not a sequence of data objects: " + object.error().text + " at byte " + number(object.error().offset),
          "ETSI TS 102 221 clause 8.2.2.4");
      return;
    }
  }

  static bool is_key(KeyReference key) {
    const auto low = static_cast<std::uint8_t>(key.value & 0x7F);
    return (low >= 0x01 && low <= 0x08) || (low >= 0x0A && low <= 0x0E) || key.value == 0x11;
  }

  void pins() {
    std::set<std::pair<std::string, KeyReference>> seen;
    for (const PinSpec& pin : m_profile.pins) {
      const std::string who = "pin " + to_hex(BytesView{&pin.key.value, 1});
      if (!is_key(pin.key)) add(pin.place, who, "no PIN or ADM has this key reference", "ETSI TS 102 221 table 9.3");
      if (!seen.insert({pin.scope, pin.key}).second) add(pin.place, who, "it occurs twice");
      const auto scope = m_files.find(pin.scope);
      if (pin.key.is_local() && (scope == m_files.end() || !is_directory(scope->second->header.kind))) {
        add(pin.place, who, "a local key names the ADF or DF that it belongs to", "ETSI TS 102 221 clause 9.5.1");
      }
      if (!pin.key.is_local() && !pin.scope.empty()) {
        add(pin.place, who, "a global key belongs to no application", "ETSI TS 102 221 clause 9.5.1");
      }
      if (pin.value.size() != 8)
        add(pin.place, who, "its value has " + number(pin.value.size()) + " bytes, not 8", "ETSI TS 102 221 clause 9.5.1");
      if (!pin.puk.empty() && pin.puk.size() != 8) {
        add(pin.place, who, "its PUK has " + number(pin.puk.size()) + " bytes, not 8", "ETSI TS 102 221 clause 9.5.1");
      }
      if (pin.max_tries < 1 || pin.max_tries > 15 || pin.max_puk_tries > 15 || (!pin.puk.empty() && pin.max_puk_tries == 0)) {
        add(pin.place, who, "the number of tries can be 1 to 15", "ETSI TS 102 221 clause 11.1.9");
      }
    }
  }

  const Profile& m_profile;
  std::vector<Finding> m_findings;
  std::set<std::string, std::less<>> m_adfs;
  std::map<std::string, const FileSpec*, std::less<>> m_files;
  std::map<std::pair<std::string, std::uint8_t>, const FileSpec*> m_sfis;
};

}  // namespace

std::vector<Finding> find_errors(const Profile& profile) {
  std::vector<Finding> findings = find_identity_errors(profile.identity);
  std::ranges::move(Errors(complete(profile)).take(), std::back_inserter(findings));
  return findings;
}

}  // namespace uicclab::profile
