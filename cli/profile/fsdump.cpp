// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/fsdump.hpp"

#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "core/ber_tlv.hpp"
#include "core/hex.hpp"
#include "core/json.hpp"
#include "profile/body.hpp"
#include "uicc/access_rule.hpp"
#include "uicc/fcp.hpp"
#include "uicc/file_facts.hpp"

namespace uicclab::cli {
namespace {

using profile::FileSpec;
using uicc::FileKind;

using nlohmann::json;
using profile::package::Imported;
using uicc::SecurityAttributes;

// 3GPP TS 35.208 test set 1, and public test values: a dump has no secrets.
constexpr std::string_view kK = "465B5CE8B199B49FAA5F0A2EE238A6BC";
constexpr std::string_view kOpc = "CD63CB71954A9F4E48A5994E37A02BAF";
constexpr std::string_view kDomainKey = "404142434445464748494A4B4C4D4E4F";
constexpr std::string_view kAdm = "88888888";

constexpr ber::Tag kFci = 0x6F;
constexpr ber::Tag kFcpTemplate = 0x62;

/// What makes a reading stop: caught in read_fsdump().
struct Refusal {
  std::string text;
};

std::string joined(const json& path) {
  if (path.is_string()) return path.get<std::string>();
  std::string out;
  if (path.is_array()) {
    for (const json& part : path) out += (out.empty() ? "" : "/") + part.get<std::string>();
  }
  return out;
}

Bytes bytes_of(const json& text, const std::string& where) {
  if (text.is_string()) {
    if (auto bytes = from_hex(text.get<std::string>())) return *std::move(bytes);
  }
  throw Refusal{where + " is not hexadecimal text"};
}

class Dump {
 public:
  Dump(const json& dump, std::string_view source) : m_dump(dump) { m_out.profile.source = source; }

  Imported take() {
    card();
    const json& files = m_dump.at("files");
    if (!files.is_array() && !files.is_object()) throw Refusal{"files is neither a list nor an object"};
    for (const json& each : files) file(each);
    if (!m_paths.contains("MF")) throw Refusal{"the MF is missing"};
    applications();
    keys_of_rules();
    pins();
    missing_rules();
    sort();
    return std::move(m_out);
  }

 private:
  void notice(std::string place, std::string text) { m_out.notices.push_back({0, std::move(place), std::move(text)}); }

  void card() {
    auto& profile = m_out.profile;
    if (m_dump.contains("name") && m_dump.at("name").is_string()) profile.name = m_dump.at("name").get<std::string>();
    profile.atr = bytes_of(m_dump.at("atr"), "atr");
    profile.choices.given_directory_data = true;
    notice("card", "a dump has no keys and no PINs: ADM1 is 88888888, the others 0000, K and OPc are those of 3GPP TS 35.208 test set 1");
  }

  void file(const json& entry) {
    const std::string names = joined(entry.at("path"));
    if (!entry.contains("fcp_raw")) return;  // the client looked for it and it was not there
    const Bytes raw = bytes_of(entry.at("fcp_raw"), names + ": fcp_raw");
    const auto template_of = ber::first(raw);
    if (template_of && template_of->tag == kFci) {
      const auto name = ber::find(template_of->value, 0x84);
      const auto aid = name ? Aid::from(*name) : Result<Aid>(Aid{});
      if (aid && !aid->empty() && names.ends_with("ADF.ISD")) {
        m_domain = *aid;
        m_domain_fci = raw;
      }
      if (!names.ends_with("ADF.ISD")) notice(names, "is left out: an application without files");
      return;
    }
    auto header = uicc::parse_fcp(raw);
    if (!header) throw Refusal{names + ": " + header.error().text + " at byte " + std::to_string(header.error().offset) + " of fcp_raw"};
    FileSpec spec;
    spec.header = *std::move(header);
    spec.name = names.substr(names.rfind('/') + 1);
    place(names, spec);
    proprietary(raw, spec);
    remember_keys(raw, spec);
    if (!is_directory(spec.header.kind)) content(entry, names, spec);
    m_paths[names] = spec.path;
    m_out.profile.files.push_back(std::move(spec));
  }

  void place(const std::string& names, FileSpec& spec) {
    const std::size_t slash = names.rfind('/');
    if (slash == std::string::npos) {
      spec.path = profile::kMfPath;
      spec.header.kind = FileKind::kMf;
    } else if (spec.header.kind == FileKind::kAdf) {
      spec.path = spec.name;
      if (!profile::is_adf_name(spec.path)) throw Refusal{names + ": the name of an ADF begins with ADF."};
      m_applications.emplace_back(spec.path, spec.header.aid);
      spec.header.aid = Aid{};
    } else {
      const auto parent = m_paths.find(names.substr(0, slash));
      if (parent == m_paths.end()) throw Refusal{names + ": its directory is not in the dump before it"};
      spec.path = parent->second + "/" + to_hex(spec.header.fid);
    }
  }

  /// Tag A5 as the card had it, of directories too, to which the emulator adds nothing then.
  void proprietary(BytesView raw, FileSpec& spec) {
    const auto value = ber::find_path(raw, {kFcpTemplate, 0xA5});
    const bool directory = is_directory(spec.header.kind);
    spec.header.proprietary.clear();
    if (!value) return;
    for (ber::Reader reader(*value); !reader.empty();) {
      const auto object = reader.next();
      if (!object) throw Refusal{spec.path + ": the proprietary information cannot be read"};
      append(spec.header.proprietary, object->whole);
      if (directory && object->tag == 0x83 && spec.header.kind == FileKind::kMf) {
        std::uint32_t memory = 0;
        for (std::uint8_t byte : object->value) memory = (memory << 8) | byte;
        m_out.profile.free_memory = memory;
      }
    }
  }

  void remember_keys(BytesView raw, const FileSpec& spec) {
    if (spec.header.kind != FileKind::kMf && spec.header.kind != FileKind::kAdf) return;
    const std::vector<bool> on = uicc::enabled_keys(raw);
    for (std::size_t i = 0; i < spec.header.keys.size(); ++i) {
      const bool enabled = i < on.size() && on[i];
      const KeyReference key = spec.header.keys[i];
      const std::string scope = key.is_local() ? spec.path : "";
      const auto low = static_cast<std::uint8_t>(key.value & 0x7F);
      const bool adm = low >= 0x0A && low <= 0x0E;
      if (adm && !enabled) continue;  // an ADM that cannot be presented
      m_keys.emplace(std::pair(scope, key.value), enabled);
    }
  }

  void content(const json& entry, const std::string& names, FileSpec& spec) {
    const bool readable = entry.contains("body");
    m_readable[spec.path] = readable || sw_of(entry) == "6984";  // a deactivated file was not refused for its rule
    if (!readable) {
      if (sw_of(entry) == "6982") ++m_hidden;
      return;
    }
    const json& body = entry.at("body");
    if (has_records(spec.header.kind)) {
      if (!body.is_array()) throw Refusal{names + ": the body of a file with records is a list"};
      for (const json& record : body) spec.records.push_back(trimmed(bytes_of(record, names + ": body")));
      while (!spec.records.empty() && spec.records.back().empty()) spec.records.pop_back();
    } else if (spec.header.kind == FileKind::kBerTlv) {
      if (!body.is_object()) throw Refusal{names + ": the body of a BER-TLV file is an object"};
      for (const auto& [tag, value] : body.items()) {
        append(spec.content, bytes_of(json(value), names + ": body"));
      }
    } else {
      spec.content = trimmed(bytes_of(body, names + ": body"));
    }
    if (spec.path == profile::kDirPath && spec.records.empty()) spec.records = {Bytes{0xFF}};
  }

  static std::string sw_of(const json& entry) {
    if (!entry.contains("error")) return {};
    const json& error = entry.at("error");
    return error.is_object() && error.contains("sw_actual") && error.at("sw_actual").is_string() ? error.at("sw_actual").get<std::string>()
                                                                                                 : "";
  }

  static Bytes trimmed(Bytes bytes) {
    while (!bytes.empty() && bytes.back() == 0xFF) bytes.pop_back();
    return bytes;
  }

  void applications() {
    for (const auto& [adf, aid] : m_applications) {
      profile::ApplicationSpec application;
      const bool usim = aid.begins_with(BytesView(kUsim));
      const bool isim = aid.begins_with(BytesView(kIsim));
      application.module = usim ? "usim" : isim ? "isim" : "csim";
      if (!usim && !isim) notice(adf, "an application that is neither USIM nor ISIM: the card has its files, but not its commands");
      application.aid = aid;
      application.adf = adf;
      application.in_dir = false;
      if (usim || isim) {
        application.parameters.set("algorithm", std::string("milenage"));
        application.parameters.set("k", std::string(kK));
        application.parameters.set("opc", std::string(kOpc));
      }
      m_out.profile.applications.push_back(std::move(application));
    }
    if (m_domain.empty()) return;
    profile::ApplicationSpec domain;
    domain.module = "issuer-sd";
    domain.aid = m_domain;
    domain.in_dir = false;
    domain.parameters.set("fci", to_hex(m_domain_fci));
    for (const char* key : {"enc", "mac", "dek"}) domain.parameters.set(std::string("keys.30.") + key, std::string(kDomainKey));
    m_out.profile.applications.push_back(std::move(domain));
  }

  static bool is_adm(std::uint8_t key) { return (key & 0x7F) >= 0x0A && (key & 0x7F) <= 0x0E; }

  /// Administrative codes that no PIN status template lists and rules ask for all the same (ISO/IEC 7816-4 clause 9.3.3; ETSI TS 102 221
  /// clause 9.5.1).
  void keys_of_rules() {
    for (const FileSpec& file : m_out.profile.files) {
      const std::string root = file.path.substr(0, file.path.find('/'));
      if (file.header.security.form == SecurityAttributes::Form::kExpanded) keys_of_rule(file.header.security.value, root, 0);
      const bool rules = file.header.kind == FileKind::kLinearFixed && (file.path.ends_with("/2F06") || file.path.ends_with("/6F06"));
      for (const Bytes& record : file.records) {
        if (rules) keys_of_rule(record, root, 0);
      }
    }
  }

  void keys_of_rule(BytesView rule, const std::string& root, int depth) {
    constexpr int kMaxDepth = 8;
    for (ber::Reader reader(rule); !reader.empty() && depth < kMaxDepth;) {
      const auto object = reader.next();
      if (!object) return;  // filler
      if (object->tag == 0xA0 || object->tag == 0xA7 || object->tag == 0xAF) keys_of_rule(object->value, root, depth + 1);
      const auto key = object->tag == 0xA4 ? ber::find(object->value, 0x83) : std::nullopt;
      if (!key || key->size() != 1 || !is_adm((*key)[0])) continue;
      m_keys.emplace(std::pair(KeyReference{(*key)[0]}.is_local() ? root : std::string(), (*key)[0]), true);
    }
  }

  void pins() {
    for (const auto& [which, enabled] : m_keys) {
      profile::PinSpec pin;
      pin.scope = which.first;
      pin.key = KeyReference{which.second};
      const auto low = static_cast<std::uint8_t>(which.second & 0x7F);
      const bool adm = low >= 0x0A && low <= 0x0E;
      pin.value = to_bytes(as_bytes(adm ? kAdm : std::string_view("0000")));
      pin.value.resize(8, 0xFF);
      pin.enabled = enabled;
      pin.can_be_disabled = !adm;
      if (!adm) pin.puk = to_bytes(as_bytes(std::string_view("00000000")));
      m_out.profile.pins.push_back(std::move(pin));
    }
  }

  const FileSpec* find(const std::string& path) const {
    const auto it = std::ranges::find(m_out.profile.files, path, &FileSpec::path);
    return it == m_out.profile.files.end() ? nullptr : &*it;
  }

  /// EF_ARRs that rules name and no dump shows: made next to the first level of directories, with rules that allow what could be read.
  void missing_rules() {
    struct Missing {
      std::map<std::uint8_t, bool> readable;
    };
    std::map<std::string, Missing> missing;
    for (const FileSpec& file : m_out.profile.files) {
      const SecurityAttributes& security = file.header.security;
      if (security.form != SecurityAttributes::Form::kReferenced || security.value.size() != 3) continue;
      const std::string arr = to_hex(BytesView(security.value).first(2));
      std::string at = file.path == profile::kMfPath ? std::string(profile::kMfPath) : std::string(profile::parent_path(file.path));
      bool found = false;
      for (std::string up = at;; up = std::string(profile::parent_path(up))) {
        const std::string directory = up.empty() ? std::string(profile::kMfPath) : up;
        found = found || find(directory + "/" + arr) != nullptr;
        if (up.empty() || up == profile::kMfPath) break;
      }
      if (found) continue;
      while (profile::depth(at) > 1) at = std::string(profile::parent_path(at));
      const auto readable = m_readable.find(file.path);
      auto& records = missing[at + "/" + arr].readable;
      const bool allowed = readable == m_readable.end() || readable->second;
      const auto known = records.emplace(security.value[2], allowed);
      if (!known.second && known.first->second != allowed) {
        notice(file.path, "readability differs between files with the same access rule: another one could " +
                              std::string(allowed ? "not " : "") + "be read");
      }
    }
    for (const auto& [path, rules] : missing) {
      FileSpec arr;
      arr.path = path;
      arr.name = "EF.ARR";
      arr.header.kind = FileKind::kLinearFixed;
      arr.header.fid = profile::last_fid(path).value_or(Fid{});
      arr.header.record_length = 24;
      arr.header.record_count = rules.readable.empty() ? 1 : rules.readable.rbegin()->first;
      arr.header.size = std::uint32_t{arr.header.record_length} * arr.header.record_count;
      arr.header.security = {SecurityAttributes::Form::kExpanded, to_bytes("8001019000 80015A A40683010A950108"_h)};
      arr.records.resize(arr.header.record_count);
      for (const auto& [number, allowed] : rules.readable) {
        if (number == 0) continue;
        arr.records[number - 1U] = allowed ? to_bytes("8001019000 80015A A40683010A950108"_h) : to_bytes("80015B A40683010A950108"_h);
      }
      notice(path, "this EF_ARR is not in the dump: files that could be read may always be read, all other access needs ADM1");
      m_out.profile.files.push_back(std::move(arr));
    }
    if (m_hidden != 0) notice("files", std::to_string(m_hidden) + " files could not be read for the dump: they are filled with FF");
  }

  /// Each directory followed by its EFs.
  void sort() {
    std::map<std::string, std::size_t> order;
    for (const FileSpec& file : m_out.profile.files) {
      if (is_directory(file.header.kind)) order.emplace(file.path, order.size());
    }
    std::ranges::stable_sort(m_out.profile.files, {}, [&](const FileSpec& file) {
      const bool directory = is_directory(file.header.kind);
      return std::pair(order[directory ? file.path : std::string(profile::parent_path(file.path))], !directory);
    });
  }

  static constexpr std::array<std::uint8_t, 7> kUsim{0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x02};
  static constexpr std::array<std::uint8_t, 7> kIsim{0xA0, 0x00, 0x00, 0x00, 0x87, 0x10, 0x04};

  const json& m_dump;
  Imported m_out;
  Aid m_domain;
  Bytes m_domain_fci;                          ///< its answer to SELECT
  std::map<std::string, std::string> m_paths;  ///< names in the dump -> path of the profile
  std::vector<std::pair<std::string, Aid>> m_applications;
  std::map<std::pair<std::string, std::uint8_t>, bool> m_keys;
  std::map<std::string, bool> m_readable;
  std::size_t m_hidden = 0;
};

}  // namespace

Result<Imported> read_fsdump(std::string_view text, std::string_view source) {
  if (const auto at = json_too_deep(text)) {
    return fail(ErrorCode::kRange, std::string(source) + ": JSON deeper than " + std::to_string(kMaxJsonDepth) + " lists and objects", *at);
  }
  try {
    const json dump = json::parse(text);
    if (!dump.is_object() || !dump.contains("files") || !dump.contains("atr"))
      throw Refusal{"not a dump of a card: atr or files is missing"};
    return Dump(dump, source).take();
  } catch (const json::exception& error) {
    return fail(ErrorCode::kMalformed, std::string(source) + ": " + error.what());
  } catch (const Refusal& refusal) {
    return fail(ErrorCode::kMalformed, std::string(source) + ": " + refusal.text);
  }
}

}  // namespace uicclab::cli
