// SPDX-License-Identifier: Apache-2.0
// ETSI TS 102 221 clauses 11.1.1 (SELECT), 11.1.9 (VERIFY), 9.2.7 (EF_ARR).
#include "cli/card/card_files.hpp"

#include <algorithm>
#include <array>

#include "cli/common/nearest.hpp"
#include "core/ber_tlv.hpp"
#include "core/hex.hpp"
#include "core/transceive.hpp"
#include "ef/access_rule.hpp"
#include "uicc/application.hpp"
#include "uicc/fcp.hpp"

namespace uicclab::cli {
namespace {

std::string unknown_file(std::string_view name) {
  constexpr std::string_view kPrefix = "EF.";
  std::string_view last = name.substr(name.rfind('/') + 1);
  if (last.starts_with(kPrefix)) last.remove_prefix(kPrefix.size());
  std::vector<std::string> names;
  for (const ef::File& file : ef::catalogue()) {
    if (file.name.starts_with(kPrefix)) names.emplace_back(file.name.substr(kPrefix.size()));
  }
  const auto near = nearest(last, names);
  return "no file is called " + std::string(name) +
         (near ? "; did you mean EF." + *near + "?" : "; 'uicclab fs tree' lists those of the card");
}

constexpr std::uint8_t kSelect = 0xA4, kVerify = 0x20;
constexpr std::uint8_t kPathFromCurrent = 0x09, kReturnFcp = 0x04;
constexpr unsigned kAllTries = 3;
constexpr std::string_view kMf = "3F00";
constexpr std::string_view kReferenceFile = "/4F30";  // EF_PBR
/// Files whose identifiers are tried when every one is: clause 8.6.
constexpr std::array<std::uint8_t, 5> kFidBytes{0x2F, 0x4F, 0x5F, 0x6F, 0x7F};

std::string parent_of(std::string_view path) {
  const auto slash = path.rfind('/');
  if (slash != std::string_view::npos) return std::string(path.substr(0, slash));
  return std::string(kMf);
}

/// "ADF.USIM" of "ADF.USIM/6F07"; empty below the MF.
std::string application_of(std::string_view path) {
  return path.starts_with("ADF.") ? std::string(path.substr(0, path.find('/'))) : std::string();
}

std::string below(std::string_view directory, std::string_view fid) {
  return std::string(directory) + "/" + std::string(fid);
}

std::uint16_t fid_of(std::string_view text) {
  const auto bytes = from_hex(text);
  return bytes && bytes->size() == 2 ? static_cast<std::uint16_t>(((*bytes)[0] << 8) | (*bytes)[1]) : std::uint16_t{0};
}

std::string application_name(BytesView aid) {
  const auto* const known = uicc::application_of(aid);
  return known != nullptr && !known->name.empty() ? std::string(known->name) : "ADF." + to_hex(aid);
}

}  // namespace

std::string CardFile::name() const {
  if (!known.name.empty()) return std::string(known.name);
  return path.substr(path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1);
}

std::string structure_words(const uicc::FileHeader& header) {
  using enum uicc::FileKind;
  const std::string records = std::to_string(header.record_count) + " x " + std::to_string(header.record_length);
  switch (header.kind) {
    case kMf:
      return "MF";
    case kDf:
      return "DF";
    case kAdf:
      return "ADF";
    case kTransparent:
      return "transparent, " + std::to_string(header.size);
    case kLinearFixed:
      return "linear fixed, " + records;
    case kCyclic:
      return "cyclic, " + records;
    case kBerTlv:
      return "BER-TLV, " + std::to_string(header.size);
  }
  return "";
}

std::string state_words(uicc::LifeCycle state) {
  using enum uicc::LifeCycle;
  switch (state) {
    case kCreation:
      return "being created";
    case kInitialisation:
      return "being initialised";
    case kDeactivated:
      return "deactivated";
    case kActivated:
      return "activated";
    case kTerminated:
      return "terminated";
  }
  return "";
}

Result<std::string> CardFiles::path_of(std::string_view name, std::string_view current) {
  if (name.empty() || name == ".") return std::string(current);
  if (name == "/") return std::string(kMf);
  std::string rest(name);
  if (rest.starts_with("..")) {
    const std::string path = parent_of(current);
    rest = rest.size() > 3 ? rest.substr(3) : "";
    return rest.empty() ? Result<std::string>(path) : path_of(rest, path);
  }
  if (rest.starts_with("7FFF")) {
    const std::string_view top = current.substr(0, current.find('/'));
    rest = (top.starts_with("ADF.") ? std::string(top) : "ADF.USIM") + rest.substr(4);
  }
  const auto absolute = ef::paths_of_file(rest);
  const bool from_top = rest.starts_with("ADF.") || rest.starts_with("MF") || rest.starts_with(kMf);
  const auto relative = from_top ? std::vector<std::string>() : ef::paths_of_file(std::string(current) + "/" + rest);
  // What is below the directory we are in comes first, unless only the other place is known.
  std::vector<std::string> places;
  for (const auto* paths : {&relative, &absolute}) {
    for (const std::string& path : *paths) {
      const std::string own = own_path(path, rest);
      const bool known = !ef::name_of_file(own).empty() || ef::is_phonebook(parent_of(own));
      if (known && std::ranges::find(places, own) == places.end()) places.push_back(own);
    }
  }
  if (places.empty() && relative.empty() && absolute.empty()) return fail(ErrorCode::kNotFound, unknown_file(name));
  if (places.empty()) return relative.empty() ? absolute.front() : relative.front();
  if (places.size() == 1) return places.front();
  for (const std::string& path : places) {
    const auto there = select(path);
    if (there || there.error().code != ErrorCode::kNotFound) return path;
  }
  return places.front();
}

/// A phonebook file that was named has the identifier that this card's EF_PBR says.
std::string CardFiles::own_path(const std::string& path, std::string_view named) {
  const std::string directory = parent_of(path);
  const std::string_view name = named.substr(named.rfind('/') == std::string_view::npos ? 0 : named.rfind('/') + 1);
  if (!ef::is_phonebook(directory) || !name.starts_with("EF.") || ef::file_at(path) != nullptr) return path;
  const auto fid = phonebook(directory).fid(name);
  return fid ? below(directory, *fid) : path;
}

Result<apdu::Response> CardFiles::send(const apdu::Command& command) {
  return transceive(m_port, command);
}

const std::map<std::string, Bytes, std::less<>>& CardFiles::applications() {
  if (m_applications) return *m_applications;
  m_applications.emplace();
  const auto directory = select("3F00/2F00");
  if (!directory || !directory->has_records()) return *m_applications;
  for (std::size_t number = 1; number <= directory->header.record_count; ++number) {
    const auto record = read_record(*directory, number);
    const auto aid = record ? ber::find_path(*record, {0x61, 0x4F}) : std::nullopt;
    if (!aid) continue;
    m_applications->emplace(application_name(*aid), to_bytes(*aid));  // the first of its kind has the name
  }
  return *m_applications;
}

Result<CardFile> CardFiles::selected(const std::string& path, const apdu::Response& answer) {
  if (answer.status == sw::kFileNotFound) return fail(ErrorCode::kNotFound, path + " is not on this card");
  if (!answer.status.is_success()) {
    return fail(ErrorCode::kRefused, "SELECT " + path + ": " + to_hex(answer.status) + " (" + std::string(meaning(answer.status)) + ")");
  }
  const auto header = uicc::parse_fcp(answer.data);
  if (!header) return fail(ErrorCode::kMalformed, path + ": its FCP cannot be read: " + header.error().text);
  m_selected = path;
  const ef::Shape shape = ef::shape_of(header->kind, header->record_length);
  const std::string directory = parent_of(path);
  const bool own = ef::is_phonebook(directory) && ef::file_at(path) == nullptr;
  return CardFile{path, *header, answer.data,
                  own ? m_phonebooks[directory].name(path.substr(directory.size() + 1), shape) : ef::name_of_file(path, shape)};
}

Result<CardFile> CardFiles::select(const std::string& path) {
  const auto variable = [this](const std::string& name) -> Result<Bytes> {
    const std::string application = "ADF." + name.substr(4);
    // EF_DIR is below the MF, so this does not ask for itself.
    const auto& known = applications();
    if (const auto found = known.find(application); found != known.end()) return found->second;
    if (auto aid = from_hex(name.substr(4)); aid && aid->size() >= 5) return *aid;
    return fail(ErrorCode::kNotFound, "");
  };
  const std::string application = application_of(path);
  if (!path.ends_with(kReferenceFile)) phonebook(parent_of(path));
  m_selected.clear();
  if (!application.empty() && application == m_application) {
    const auto answer = select_in_application(path);
    if (!answer) return tl::unexpected(answer.error());
    if (*answer) return selected(path, **answer);
  }
  const auto commands = ef::selection(path, variable);
  if (!commands) return tl::unexpected(commands.error());
  Result<apdu::Response> answer = fail(ErrorCode::kNotFound, path);
  for (const Bytes& command : *commands) {
    answer = transceive(m_port, command);
    if (!answer) return tl::unexpected(answer.error());
    if (!answer->status.is_success()) break;
    if (application.empty() || &command != &commands->front()) continue;
    m_application = application;
    if (const auto given = give_again(); !given) return tl::unexpected(given.error());
  }
  return selected(path, *answer);
}

/// Nothing if the card does not know 7FFF, which is of ETSI's cards only: its applications are selected by their AIDs each time.
Result<std::optional<apdu::Response>> CardFiles::select_in_application(const std::string& path) {
  if (!m_knows_7fff) return std::nullopt;
  const auto command = ef::selection_in_application(path);
  if (!command) return tl::unexpected(command.error());
  auto answer = transceive(m_port, *command);
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status.is_success()) return *std::move(answer);
  const auto application = transceive(m_port, *ef::selection_in_application(m_application));
  if (!application) return tl::unexpected(application.error());
  m_knows_7fff = application->status.is_success();
  return m_knows_7fff ? std::optional(*std::move(answer)) : std::nullopt;
}

/// The application was selected, so its session began: what is local has to be verified in it. A value that has become wrong is given once.
Result<void> CardFiles::give_again() {
  for (auto given = m_given.begin(); given != m_given.end();) {
    const auto here = given++;
    if (here->first.application != m_application || !here->second) continue;
    const Key key = here->first;
    const auto done = verify(key, here->second->clone(), false);
    if (done) continue;
    if (done.error().code == ErrorCode::kIo) return done;
    m_given.erase(key);
  }
  return {};
}

/// With what its EF_PBR says, which is read once.
const ef::Phonebook& CardFiles::phonebook(const std::string& directory) {
  ef::Phonebook& out = m_phonebooks[directory];
  if (!ef::is_phonebook(directory) || !m_read_phonebooks.insert(directory).second) return out;
  const auto reference = select(directory + std::string(kReferenceFile));
  if (!reference || !reference->has_records()) return out;
  for (std::size_t number = 1; number <= reference->header.record_count; ++number) {
    const auto record = read_record(*reference, number);
    if (!record) break;
    out.add_reference(*record);
  }
  return out;
}

Result<CardFile> CardFiles::child(const std::string& directory, std::uint16_t fid) {
  if (m_selected != directory) {
    if (auto there = select(directory); !there) return there;
  }
  const Bytes data{static_cast<std::uint8_t>(fid >> 8), static_cast<std::uint8_t>(fid)};
  const auto answer = send({0x00, kSelect, kPathFromCurrent, kReturnFcp, data, 256});
  if (!answer) return tl::unexpected(answer.error());
  auto file = selected(below(directory, to_hex(Fid{fid})), *answer);
  // An EF leaves the current directory as it is; a refusal, too.
  if (!file || !file->is_directory()) m_selected = directory;
  return file;
}

Result<std::vector<CardFile>> CardFiles::list(const std::string& directory, bool every) {
  std::vector<CardFile> out;
  const auto top = select(directory);
  if (!top) return tl::unexpected(top.error());
  if (!top->is_directory()) return fail(ErrorCode::kMalformed, directory + " is a file, not a directory");
  std::vector<std::uint16_t> fids;
  if (every) {
    for (const std::uint8_t high : kFidBytes) {
      for (int low = 0; low < 256; ++low) fids.push_back(static_cast<std::uint16_t>((high << 8) | low));
    }
  } else {
    std::vector<std::string> known = ef::fids_below(directory);
    if (ef::is_phonebook(directory)) std::ranges::copy(phonebook(directory).fids(), std::back_inserter(known));
    for (const std::string& fid : known) {
      if (std::ranges::find(fids, fid_of(fid)) == fids.end()) fids.push_back(fid_of(fid));
    }
  }
  for (const std::uint16_t fid : fids) {
    if (fid == 0) continue;
    auto file = child(directory, fid);
    if (file && file->header.fid.value == fid) out.push_back(*std::move(file));
    if (!file && file.error().code == ErrorCode::kIo) return tl::unexpected(file.error());
  }
  if (directory == kMf) {
    for (const auto& [name, aid] : applications()) {
      auto file = select(name);
      if (file) out.push_back(*std::move(file));
      if (!file && file.error().code == ErrorCode::kIo) return tl::unexpected(file.error());
    }
  }
  return out;
}

/// What the user can do about a condition that is not met. What was given is not asked for again.
std::string CardFiles::how_to_give(const CardFile& file, const std::string& condition) {
  const bool any = condition.find(" or ") != std::string::npos || condition.find("; ") != std::string::npos;
  std::vector<std::string> missing;
  bool given = false;
  for (std::size_t at = 0; at < condition.size();) {
    const std::size_t end = std::min(condition.find_first_of(" ();", at), condition.size());
    const std::string word = condition.substr(at, end - at);
    at = end + 1;
    const auto reference = ef::pin_reference(word);
    if (!reference) continue;
    const Key key = key_for(*reference, file.path);
    if (m_given.contains(key)) {
      given = true;
      continue;
    }
    const auto left = activate(key) ? tries(*reference) : Result<std::optional<unsigned>>(std::nullopt);
    if (!left || !*left) continue;  // not needed now, or no such key
    const std::string name = word == ef::pin_name(*reference) ? word : ef::pin_name(*reference);
    missing.push_back((m_asked == Asked::kByOption ? "--pin " + name + "=VALUE" : "verify " + name) + " (" + std::to_string(**left) +
                      " tries left)");
  }
  if (missing.empty() || (any && given)) return given ? ", which was given" : "";
  std::string out = ": ";
  for (std::size_t i = 0; i < missing.size(); ++i) out += (i == 0 ? "" : any ? " or " : " and ") + missing[i];
  return out;
}

tl::unexpected<Error> CardFiles::refused(const CardFile& file, std::string_view what, StatusWord status) {
  std::string text =
      std::string(what) + " " + file.name() + " (" + file.path + "): " + to_hex(status) + " (" + std::string(meaning(status)) + ")";
  const std::string_view mode = what.starts_with("READ") ? "read" : "update";
  if (status == sw::kSecurityStatusNotSatisfied) {
    const ef::Value rules = access(file);
    if (const ef::Value* wanted = rules.find(mode); wanted != nullptr && wanted->text() != nullptr) {
      text += "; " + std::string(mode) + " needs " + *wanted->text() + how_to_give(file, *wanted->text());
    }
  }
  return fail(ErrorCode::kRefused, text);
}

Result<Bytes> CardFiles::read(const CardFile& file) {
  if (file.header.kind == uicc::FileKind::kBerTlv) return read_objects(file);
  if (m_selected != file.path) {
    if (auto again = select(file.path); !again) return tl::unexpected(again.error());
  }
  auto content = m_content.read_binary(file.header.size);
  if (!content) return tl::unexpected(content.error());
  if (content->is_refused()) return refused(file, "READ", content->status);
  return to_bytes(content->bytes);
}

Result<Bytes> CardFiles::read_record(const CardFile& file, std::size_t number) {
  if (number < 1 || number > file.header.record_count) {
    return fail(ErrorCode::kRange, file.name() + " has records 1 to " + std::to_string(file.header.record_count));
  }
  if (m_selected != file.path) {
    if (auto again = select(file.path); !again) return tl::unexpected(again.error());
  }
  const auto record = m_content.read_record(static_cast<std::uint8_t>(number), file.header.record_length);
  if (!record) return tl::unexpected(record.error());
  if (record->is_refused()) return refused(file, "READ RECORD of", record->status);
  return to_bytes(record->bytes);
}

Result<std::vector<Bytes>> CardFiles::read_records(const CardFile& file) {
  std::vector<Bytes> out;
  for (std::size_t number = 1; number <= file.header.record_count; ++number) {
    auto record = read_record(file, number);
    if (!record) return tl::unexpected(record.error());
    out.push_back(*std::move(record));
  }
  return out;
}

Result<Bytes> CardFiles::read_objects(const CardFile& file) {
  if (auto again = select(file.path); !again) return tl::unexpected(again.error());
  const auto objects = m_content.read_objects();
  if (!objects) return tl::unexpected(objects.error());
  if (objects->is_refused()) return refused(file, "READ (RETRIEVE DATA) of", objects->status);
  return to_bytes(objects->bytes);
}

Result<void> CardFiles::update(const CardFile& file, std::size_t offset, BytesView content) {
  if (offset + content.size() > file.header.size)
    return fail(ErrorCode::kRange, file.name() + " has " + std::to_string(file.header.size) + " bytes");
  if (offset + content.size() > uicc::FileExchange::kReach) return fail(ErrorCode::kRange, "UPDATE BINARY does not reach beyond 32 KB");
  if (m_selected != file.path) {
    if (auto again = select(file.path); !again) return tl::unexpected(again.error());
  }
  const auto status = m_content.update_binary(offset, content);
  if (!status) return tl::unexpected(status.error());
  if (!status->is_success()) return refused(file, "UPDATE", *status);
  return {};
}

Result<void> CardFiles::update_record(const CardFile& file, std::size_t number, BytesView content) {
  const bool cyclic = file.header.kind == uicc::FileKind::kCyclic;
  if (!cyclic && (number < 1 || number > file.header.record_count)) {
    return fail(ErrorCode::kRange, file.name() + " has records 1 to " + std::to_string(file.header.record_count));
  }
  if (m_selected != file.path) {
    if (auto again = select(file.path); !again) return tl::unexpected(again.error());
  }
  if (file.path.ends_with(kReferenceFile)) m_read_phonebooks.clear(), m_phonebooks.clear();
  const auto status = m_content.update_record(file.header.kind, static_cast<std::uint8_t>(number), content);
  if (!status) return tl::unexpected(status.error());
  if (!status->is_success()) return refused(file, "UPDATE RECORD of", *status);
  return {};
}

Result<ef::Value> CardFiles::rule(const CardFile& file) {
  using Form = uicc::SecurityAttributes::Form;
  const auto& security = file.header.security;
  const ef::Type type = ef::access_rules(file.is_directory() ? ef::AccessOf::kDirectory : ef::AccessOf::kFile);
  const auto decoded = [&](BytesView bytes) -> Result<ef::Value> {
    auto value = type.decode(bytes);
    if (!value) return fail(value.error().code, value.error().what);
    return *std::move(value);
  };
  if (security.form == Form::kExpanded) return decoded(security.value);
  if (security.form != Form::kReferenced || security.value.size() < 3) return fail(ErrorCode::kUnsupported, "no rule as text");
  // FID and record, or FID and pairs of security environment and record, of which the first is taken.
  const Fid arr = uicc::fid_at(security.value);
  const std::size_t record = security.value[security.value.size() > 3 ? 3 : 2];
  // The nearest EF_ARR of that name, from the file's directory upwards (clause 9.2.7).
  for (std::string directory = file.is_directory() ? file.path : parent_of(file.path);; directory = parent_of(directory)) {
    const std::string path = below(directory, to_hex(arr));
    const std::string key = path + "#" + std::to_string(record);
    if (const auto known = m_rules.find(key); known != m_rules.end()) return decoded(known->second);
    if (const auto found = select(path); found && found->has_records()) {
      const auto content = read_record(*found, record);
      m_rules[key] = content ? *content : Bytes();
      return decoded(m_rules[key]);
    }
    if (directory == kMf) return fail(ErrorCode::kNotFound, "no EF_ARR");
  }
}

ef::Value CardFiles::access(const CardFile& file) {
  ef::Value out{ef::Members()};
  const auto rules = rule(file);
  if (!rules) return out;
  const ef::Value* all = rules->find("rules");
  for (const ef::Value& one : *all->list()) {
    for (const ef::Value& mode : *one.find("access")->list()) out.set(*mode.text(), *one.find("condition"));
  }
  return out;
}

Result<std::optional<unsigned>> CardFiles::tries(std::uint8_t reference) {
  const auto answer = send({0x00, kVerify, 0x00, reference, {}, std::nullopt});
  if (!answer) return tl::unexpected(answer.error());
  if (answer->status == sw::kAuthenticationBlocked) return std::optional<unsigned>(0);
  if (answer->status.sw1() == 0x63 && (answer->status.sw2() & 0xF0) == 0xC0) return std::optional<unsigned>(answer->status.sw2() & 0x0FU);
  return std::optional<unsigned>();
}

Result<void> CardFiles::activate(const Key& key) {
  if (key.application.empty() || key.application == m_application) return {};
  return select(key.application).map([](const CardFile&) {});
}

void CardFiles::remember(const Key& key, const crypto::SecretBytes& value) {
  m_read_phonebooks.clear();  // what could not be read may be readable now
  m_given[key] = ef::is_local(key.reference) ? std::optional(value.clone()) : std::nullopt;
}

CardFiles::Key CardFiles::key_for(std::uint8_t reference, const std::string& path) const {
  if (!ef::is_local(reference)) return {"", reference};
  std::string application = application_of(path);
  if (application.empty()) application = m_application;
  return {application.empty() ? "ADF.USIM" : application, reference};
}

Result<void> CardFiles::verify(const Key& key, const crypto::SecretBytes& value, bool risk) {
  const std::uint8_t reference = key.reference;
  const std::string name = ef::pin_name(reference);
  if (const auto active = activate(key); !active) return active;
  const auto left = tries(reference);
  if (!left) return tl::unexpected(left.error());
  if (!*left) {  // disabled, or verified already
    remember(key, value);
    return {};
  }
  if (**left == 0) return fail(ErrorCode::kRefused, name + " is blocked");
  if (**left < kAllTries && !risk) {
    return fail(ErrorCode::kRefused,
                name + " has only " + std::to_string(**left) + " tries left, so nothing was sent (--yes-i-know sends it)");
  }
  const auto answer = send({0x00, kVerify, 0x00, reference, value.expose(crypto::ExposeSecret{"VERIFY PIN"}), std::nullopt});
  if (!answer) return tl::unexpected(answer.error());
  // 6984: it is disabled, so no access rule needs it (clause 11.1.9).
  if (answer->status == sw::kOk || answer->status.sw1() == 0x91 || answer->status == sw::kReferencedDataInvalidated) {
    remember(key, value);
    return {};
  }
  if (answer->status.sw1() == 0x63) {
    return fail(ErrorCode::kMismatch, name + " is wrong; " + std::to_string(answer->status.sw2() & 0x0F) + " tries are left");
  }
  return fail(ErrorCode::kRefused, name + ": " + to_hex(answer->status) + " (" + std::string(meaning(answer->status)) + ")");
}

}  // namespace uicclab::cli
