// SPDX-License-Identifier: Apache-2.0
#include "profile/toml_files.hpp"

#include <map>

#include "profile/body.hpp"

namespace uicclab::profile {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return result;
}

/// "10 x 28": ten records of 28 bytes.
void read_records(TableReader& in, std::string_view key, uicc::FileKind kind, uicc::FileHeader& header) {
  const auto text = in.text(key);
  if (!text) return;
  std::size_t at = 0;
  const auto skip_blanks = [&] {
    while (at < text->size() && (*text)[at] == ' ') ++at;
  };
  const auto number = [&] {
    std::uint32_t value = 0;
    for (; at < text->size() && (*text)[at] >= '0' && (*text)[at] <= '9' && value < 1000; ++at) {
      value = value * 10 + static_cast<std::uint32_t>((*text)[at] - '0');
    }
    skip_blanks();
    return value;
  };
  skip_blanks();
  const std::uint32_t count = number();
  const bool separated = at < text->size() && (*text)[at] == 'x';
  if (separated) ++at;
  skip_blanks();
  const std::uint32_t length = number();
  if (!separated || at != text->size() || count < 1 || count > 254 || length < 1 || length > 255) {
    in.complain(key, "must be like \"10 x 28\": 10 records of 28 bytes; at most 254 records of 255 bytes");
    return;
  }
  header.kind = kind;
  header.record_count = static_cast<std::uint16_t>(count);
  header.record_length = static_cast<std::uint16_t>(length);
  header.size = count * length;
}

/// rule = "6F06/3", or the value of one of the tags 8B, 8C and AB.
void read_security(TableReader& in, uicc::SecurityAttributes& security) {
  using Form = uicc::SecurityAttributes::Form;
  std::size_t forms = 0;
  const auto raw = [&](std::string_view key, Form form) {
    const auto value = in.hex(key);
    if (!value) return;
    security = {form, *value};
    if (++forms > 1) in.complain(key, "is a second access rule; one of rule, referenced, compact, expanded");
    if (value->empty()) in.complain(key, "must not be empty");
  };
  if (const auto rule = in.text("rule")) {
    const auto fid = last_fid(std::string_view(*rule).substr(0, 4));
    unsigned record = 0;
    for (std::size_t i = 5; i < rule->size() && i < 8; ++i) {
      record = (*rule)[i] >= '0' && (*rule)[i] <= '9' ? record * 10 + static_cast<unsigned>((*rule)[i] - '0') : 1000;
    }
    if (!fid || rule->size() < 6 || rule->size() > 8 || (*rule)[4] != '/' || record < 1 || record > 254) {
      in.complain("rule", "must be an EF_ARR and its record, like \"6F06/3\"");
    } else {
      ++forms;
      security = {Form::kReferenced,
                  {static_cast<std::uint8_t>(fid->value >> 8), static_cast<std::uint8_t>(fid->value), static_cast<std::uint8_t>(record)}};
    }
  }
  raw("referenced", Form::kReferenced);
  raw("compact", Form::kCompact);
  raw("expanded", Form::kExpanded);
}

/// What every file can have.
void read_common(TableReader& in, FileSpec& file) {
  take(file.name, in.text("name"));
  read_security(in, file.header.security);
  take(file.header.shareable, in.flag("shareable"));
  take(file.header.proprietary, in.hex("proprietary"));
  if (const auto state = in.text("state")) {
    static const std::map<std::string, uicc::LifeCycle, std::less<>> states = {{"creation", uicc::LifeCycle::kCreation},
                                                                               {"initialisation", uicc::LifeCycle::kInitialisation},
                                                                               {"deactivated", uicc::LifeCycle::kDeactivated},
                                                                               {"activated", uicc::LifeCycle::kActivated},
                                                                               {"terminated", uicc::LifeCycle::kTerminated}};
    const auto it = states.find(*state);
    if (it == states.end()) in.complain("state", "must be activated, deactivated, creation, initialisation or terminated");
    if (it != states.end()) file.header.life_cycle = it->second;
  }
}

/// services = [2, 4]: bit (n-1) of the content for service n, all others 0 (3GPP TS 31.102 clause 4.2.8).
void read_services(TableReader& in, FileSpec& file) {
  const auto services = in.numbers("services", 1, std::int64_t{file.header.size} * 8);
  if (!services) return;
  if (file.header.kind != uicc::FileKind::kTransparent || in.find("content") != nullptr) {
    in.complain("services", "is the content of a transparent EF");
    return;
  }
  file.content.assign(file.header.size, 0);
  for (std::int64_t service : *services) {
    const auto bit = static_cast<std::size_t>(service - 1);
    file.content[bit / 8] |= static_cast<std::uint8_t>(1 << (bit % 8));
  }
}

FileSpec read_ef(const toml::table& table, const std::string& path, SourcePlace place, Complaints& complaints) {
  TableReader in(table, "file " + path, complaints);
  FileSpec file;
  file.path = path;
  file.place = place;
  uicc::FileHeader& header = file.header;
  header.fid = last_fid(path).value_or(Fid{});
  take(file.content, in.hex("content"));
  take(file.link, in.text("link"));
  if (!file.link.empty()) {  // structure and size come from the other file
    if (const auto sfi = in.number("sfi", 1, 30)) header.sfi = Sfi{static_cast<std::uint8_t>(*sfi)};
    read_common(in, file);
    in.refuse_unknown();
    return file;
  }
  const auto size = in.number("size", 1, 65535);
  const auto ber_tlv = in.number("ber_tlv", 0, 0xFFFFFF);
  const int kinds =
      (in.find("size") != nullptr) + (in.find("ber_tlv") != nullptr) + (in.find("linear") != nullptr) + (in.find("cyclic") != nullptr);
  if (kinds == 0 && !file.content.empty()) header.size = static_cast<std::uint32_t>(file.content.size());
  if (kinds == 0 && file.content.empty()) in.complain("size", "is missing, or one of linear, cyclic, ber_tlv, content");
  if (kinds > 1) complaints.add(place, in.subject(), "only one of size, linear, cyclic and ber_tlv can be given");
  take(header.size, size);
  take(header.size, ber_tlv);
  if (ber_tlv) header.kind = uicc::FileKind::kBerTlv;
  read_records(in, "linear", uicc::FileKind::kLinearFixed, header);
  read_records(in, "cyclic", uicc::FileKind::kCyclic, header);
  take(header.max_size, in.number("max_size", 1, 0xFFFFFF));
  if (header.max_size != 0 && header.kind != uicc::FileKind::kBerTlv) in.complain("max_size", "is for a BER-TLV EF");
  if (const auto sfi = in.number("sfi", 1, 30)) header.sfi = Sfi{static_cast<std::uint8_t>(*sfi)};
  take(file.records, in.hexes("records"));
  if (const auto each = in.hex("each")) {
    if (!has_records(header.kind)) in.complain("each", "is the content of the remaining records; the EF has none");
    file.records.resize(std::max<std::size_t>(file.records.size(), header.record_count), *each);
  }
  take(file.fill, in.hex("fill"));
  read_services(in, file);
  read_common(in, file);
  in.refuse_unknown();
  return file;
}

/// A directory and its EFs; `has_keys`: its key references are given, not those of its parent.
void read_directory(const toml::table& table, const std::string& path, SourcePlace place, Complaints& complaints,
                    std::vector<FileSpec>& files, std::set<std::string>& has_keys) {
  TableReader in(table, "file " + path, complaints);
  FileSpec directory;
  directory.path = path;
  directory.place = place;
  uicc::FileHeader& header = directory.header;
  header.kind = path == kMfPath ? uicc::FileKind::kMf : is_adf_name(path) ? uicc::FileKind::kAdf : uicc::FileKind::kDf;
  header.fid = last_fid(path).value_or(Fid{});
  if (header.kind == uicc::FileKind::kAdf) {
    const auto fid = in.hex("fid");
    if (!fid || (fid->size() != 2 && !fid->empty())) {
      in.complain("fid", "must be given for an ADF: two bytes, \"7FF0\"; \"\" if it has none");
    }
    if (fid && fid->size() == 2) header.fid = uicc::fid_at(*fid);
  }
  if (const auto keys = in.hexes("keys")) {
    has_keys.insert(path);
    for (const Bytes& key : *keys) {
      if (const auto reference = read_key(in, "keys", key)) header.keys.push_back(*reference);
    }
  }
  read_common(in, directory);
  files.push_back(std::move(directory));
  for (const auto& [key, node] : in_text_order(table)) {
    const std::string fid = upper(key->str());
    if (fid.size() != 4 || !last_fid(fid)) continue;
    if (const toml::table* ef = in.table(key->str())) {
      files.push_back(read_ef(*ef, path + "/" + fid, place_of(key->source()), complaints));
    }
  }
  in.refuse_unknown();
}

/// Structure and size of a link are those of the EF that it shares the content of.
void follow_links(std::vector<FileSpec>& files) {
  std::map<std::string, FileSpec*, std::less<>> by_path;
  for (FileSpec& file : files) by_path.emplace(file.path, &file);
  for (FileSpec& file : files) {
    const auto other = file.link.empty() ? by_path.end() : by_path.find(file.link);
    if (other == by_path.end()) continue;  // an error that find_errors() reports
    const uicc::FileHeader& from = other->second->header;
    file.header.kind = from.kind;
    file.header.size = from.size;
    file.header.record_length = from.record_length;
    file.header.record_count = from.record_count;
    file.header.max_size = from.max_size;
  }
}

}  // namespace

std::optional<KeyReference> read_key(TableReader& in, std::string_view key, const Bytes& bytes) {
  if (bytes.size() == 1) return KeyReference{bytes[0]};
  in.complain(key, "must be key references of one byte: \"01\" PIN, \"81\" second PIN, \"0A\" ADM1");
  return std::nullopt;
}

std::vector<FileSpec> read_files(const toml::table& table, Complaints& complaints) {
  std::vector<FileSpec> files;
  std::set<std::string> has_keys;
  for (const auto& [key, node] : in_text_order(table)) {
    std::string path(key->str());
    if (!path.starts_with("ADF.")) path = upper(path);
    if (const auto slash = path.find('/'); slash != std::string::npos) path = path.substr(0, slash) + upper(path.substr(slash));
    const SourcePlace place = place_of(key->source());
    if (const toml::table* directory = node->as_table()) {
      read_directory(*directory, path, place, complaints, files, has_keys);
    } else {
      complaints.add(place, "file " + path, "must be a table: [files.\"" + path + "\"]");
    }
  }
  follow_links(files);
  // A directory without keys of its own has those of its parent. Parents have shorter paths.
  std::map<std::string, std::vector<KeyReference>, std::less<>> keys;
  std::vector<FileSpec*> directories;
  for (FileSpec& file : files) {
    if (is_directory(file.header.kind)) directories.push_back(&file);
  }
  std::ranges::stable_sort(directories, {}, [](const FileSpec* file) { return depth(file->path); });
  for (FileSpec* file : directories) {
    const auto parent = keys.find(parent_path(file->path));
    if (!has_keys.contains(file->path) && parent != keys.end()) file->header.keys = parent->second;
    keys.emplace(file->path, file->header.keys);
  }
  return files;
}

}  // namespace uicclab::profile
