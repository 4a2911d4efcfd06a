// SPDX-License-Identifier: Apache-2.0
#include "cli/card/file_commands.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>

#include <nlohmann/json.hpp>

#include "core/hex.hpp"
#include "core/json.hpp"

namespace uicclab::cli {
namespace {

constexpr std::string_view kFormat = "uicclab files 1";

ef::Value file_information(CardFiles& files, const CardFile& file, bool access) {
  ef::Value out{ef::Members()};
  out.set("path", file.path);
  out.set("name", file.name());
  out.set("structure", structure_words(file.header));
  if (file.header.sfi) out.set("sfi", std::uint64_t{file.header.sfi->value});
  if (!file.header.aid.empty()) out.set("aid", to_hex(file.header.aid.bytes()));
  if (file.header.life_cycle != uicc::LifeCycle::kActivated) out.set("state", state_words(file.header.life_cycle));
  if (access) out.set("access", files.access(file));
  return out;
}

/// "read always, update ADM1"
std::string access_line(const ef::Value& access) {
  std::string out;
  if (access.members() == nullptr) return out;
  for (const auto& [mode, condition] : *access.members()) {
    if (mode == "read" || mode == "update") out += (out.empty() ? "" : ", ") + mode + " " + *condition.text();
  }
  return out;
}

void print_line(CardFiles& files, const CardFile& file, const ListOptions& options, std::size_t indent, std::ostream& out) {
  const auto slash = file.path.rfind('/');
  const std::string fid = slash == std::string::npos ? to_hex(file.header.fid) : file.path.substr(slash + 1);
  out << std::string(indent, ' ') << std::left << std::setw(5) << fid << std::setw(static_cast<int>(24 - std::min<std::size_t>(indent, 20)))
      << file.name() << " " << structure_words(file.header);
  if (file.header.sfi) out << ", SFI " << to_hex(BytesView(&file.header.sfi->value, 1));
  if (file.header.life_cycle != uicc::LifeCycle::kActivated) out << ", " << state_words(file.header.life_cycle);
  if (options.details) {
    const std::string access = access_line(files.access(file));
    if (!access.empty()) out << "; " << access;
  }
  out << "\n";
}

void add_tree(CardFiles& files, const std::string& directory, bool every, std::vector<CardFile>& out) {
  for (CardFile& file : files_value(files.list(directory, every))) {
    out.push_back(file);
    if (file.is_directory()) add_tree(files, file.path, every, out);
  }
}

std::size_t depth_of(const std::string& path, const std::string& top) {
  const auto count = [](const std::string& text) { return static_cast<std::size_t>(std::ranges::count(text, '/')); };
  const std::size_t below_mf = path.starts_with("ADF.") && top == "3F00" ? 1 : 0;
  return count(path) + below_mf - std::min(count(path) + below_mf, count(top) + 1);
}

/// In the order of the text: data objects are written in it.
ef::Value value_of(const nlohmann::ordered_json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_unsigned()) return json.get<std::uint64_t>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array()) {
    ef::List out;
    for (const auto& one : json) out.push_back(value_of(one));
    return out;
  }
  if (json.is_object()) {
    ef::Value out{ef::Members()};
    for (const auto& [name, one] : json.items()) out.set(name, value_of(one));
    return out;
  }
  if (json.is_null()) return {};
  throw Exit{kUsage, "numbers are whole and not negative"};
}

/// NAME=VALUE in an existing value: JSON if it begins like a list, members or null, else a text, or what was there before.
void set_field(ef::Value& value, const std::string& assignment) {
  const auto equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0) throw Exit{kUsage, "--set " + assignment + ": FIELD=VALUE"};
  const std::string text = assignment.substr(equals + 1);
  const bool json =
      text.starts_with('[') || text.starts_with('{') || text.starts_with('"') || text == "null" || text == "true" || text == "false";
  const ef::Value given = json ? read_json(text, "--set " + assignment.substr(0, equals)) : ef::Value(text);
  if (auto done = value.set_at(assignment.substr(0, equals), given); !done)
    throw Exit{kUsage, "--set " + assignment + ": " + done.error().text};
}

Bytes new_content(const CardFile& file, const WriteOptions& options, BytesView before) {
  if (!options.hex.empty()) {
    const auto bytes = from_hex(options.hex);
    if (!bytes) throw Exit{kUsage, "'" + options.hex + "' is not hexadecimal: fields are written by --set, JSON by --value"};
    if (file.has_records() && bytes->size() != before.size()) {
      throw Exit{kUsage,
                 "a record of " + file.name() + " has " + std::to_string(before.size()) + " bytes, not " + std::to_string(bytes->size())};
    }
    return *bytes;
  }
  const ef::Codec* codec = file.codec();
  if (codec == nullptr) throw Exit{kUsage, file.name() + " has no known fields: write it in hexadecimal"};
  ef::Value value;
  if (!options.value.empty()) {
    value = read_json(options.value, "--value");
  } else {
    const ef::Decoded decoded = ef::decode(*codec, before);
    // What cannot be read is not touched by changing one field of it. What says the same in another coding is written in the usual one.
    if (decoded.wrong)
      throw Exit{kCheckFailed, file.name() + " cannot be changed field by field: " + decoded.wrong->text + "; --value writes all of it"};
    const auto again = decoded.canonical ? Result<Bytes>(Bytes()) : ef::encode(*codec, decoded.value, before.size());
    const bool lost = !again || (!decoded.canonical && ef::decode(*codec, *again).value != decoded.value);
    if (lost)
      throw Exit{kCheckFailed, file.name() + " contains data that its fields do not cover; --value or hexadecimal digits write all of it"};
    value = decoded.value;
  }
  for (const std::string& one : options.set) set_field(value, one);
  const auto bytes = ef::encode(*codec, value, before.size());
  if (!bytes) throw Exit{kUsage, file.name() + ": " + bytes.error().text};
  return *bytes;
}

void print_change(const CardFile& file, BytesView before, BytesView after, std::ostream& out) {
  if (equal(before, after)) {
    out << file.name() << " (" << file.path << ") is already so\n";
    return;
  }
  out << file.name() << " (" << file.path << ")\n";
  for (const ef::Difference& one : ef::differences(ef::shown(file.codec(), before), ef::shown(file.codec(), after)))
    out << "  " << ef::to_text(one) << "\n";
}

const std::string& text_in(const ef::Value& value, std::string_view name) {
  static const std::string kNone;
  const ef::Value* found = value.find(name);
  return found == nullptr || found->text() == nullptr ? kNone : *found->text();
}

const ef::Value* file_in(const ef::Value& tree, const std::string& path) {
  const ef::Value* files = tree.find("files");
  if (files == nullptr || files->list() == nullptr) return nullptr;
  const auto found = std::ranges::find_if(*files->list(), [&](const ef::Value& one) { return text_in(one, "path") == path; });
  return found == files->list()->end() ? nullptr : &*found;
}

}  // namespace

void files_fail(const Error& error) {
  switch (error.code) {
    case ErrorCode::kIo:
      throw Exit{kEnvironment, error.text};
    case ErrorCode::kMismatch:
      throw Exit{kWrongKeys, error.text};
    case ErrorCode::kRange:
      throw Exit{kUsage, error.text};
    default:
      throw Exit{kCheckFailed, error.text};
  }
}

ef::Value read_json(const std::string& text, const std::string& source) {
  if (const auto at = json_too_deep(text)) {
    throw Exit{kUsage,
               source + ": JSON deeper than " + std::to_string(kMaxJsonDepth) + " lists and objects at byte " + std::to_string(*at + 1)};
  }
  try {
    return value_of(nlohmann::ordered_json::parse(text));
  } catch (const nlohmann::ordered_json::parse_error& error) {
    throw Exit{kUsage, source + ": no JSON at byte " + std::to_string(error.byte)};
  }
}

void list_files(CardFiles& files, const std::string& directory, const ListOptions& options, std::ostream& out) {
  const auto all = files_value(files.list(directory, options.every));
  if (options.json) {
    ef::List list;
    for (const CardFile& file : all) list.push_back(file_information(files, file, options.details));
    out << ef::to_json(list) << "\n";
    return;
  }
  for (const CardFile& file : all) print_line(files, file, options, 0, out);
}

void print_tree(CardFiles& files, const std::string& directory, const ListOptions& options, std::ostream& out) {
  std::vector<CardFile> all;
  add_tree(files, directory, options.every, all);
  if (options.json) {
    ef::List list;
    for (const CardFile& file : all) list.push_back(file_information(files, file, options.details));
    out << ef::to_json(list) << "\n";
    return;
  }
  for (const CardFile& file : all) print_line(files, file, options, 2 * depth_of(file.path, directory), out);
}

void show_file(CardFiles& files, const std::string& path, const ShowOptions& options, std::ostream& out) {
  const CardFile file = files_value(files.select(path));
  ef::Value told = options.information || file.is_directory() ? file_information(files, file, true) : ef::Value(ef::Members());
  if (options.information || file.is_directory()) told.set("fcp", to_hex(file.fcp));
  if (file.is_directory()) {
    out << (options.json ? ef::to_json(told) + "\n" : ef::to_text(told));
    return;
  }
  std::vector<std::pair<std::size_t, Bytes>> contents;
  if (!file.has_records()) {
    contents.emplace_back(0, files_value(files.read(file)));
  } else if (options.record != 0) {
    contents.emplace_back(options.record, files_value(files.read_record(file, options.record)));
  } else {
    for (Bytes& record : files_value(files.read_records(file))) contents.emplace_back(contents.size() + 1, std::move(record));
  }
  if (options.raw) {
    for (const auto& [number, bytes] : contents) out << to_hex(bytes) << "\n";
    return;
  }
  const bool one = !file.has_records() || options.record != 0;
  if (options.json) {
    ef::List records;
    for (const auto& [number, bytes] : contents) records.push_back(ef::shown(file.codec(), bytes));
    const ef::Value value = one ? records.front() : ef::Value(std::move(records));
    if (!options.information) {
      out << ef::to_json(value) << "\n";
      return;
    }
    told.set(one ? "value" : "records", value);
    out << ef::to_json(told) << "\n";
    return;
  }
  if (options.information) out << ef::to_text(told);
  std::size_t empty = 0;
  for (const auto& [number, bytes] : contents) {
    const ef::Value value = ef::shown(file.codec(), bytes);
    const bool blank = std::ranges::all_of(bytes, [](std::uint8_t byte) { return byte == 0xFF; });
    if (!one && blank && value.find("error") == nullptr) {
      ++empty;
      continue;
    }
    if (number != 0) out << "record " << number << "\n";
    out << ef::to_text(value, number != 0 ? 2 : 0);
  }
  if (empty != 0) out << empty << (empty == 1 ? " record is" : " records are") << " empty\n";
}

void write_file(CardFiles& files, const std::string& path, const WriteOptions& options, std::ostream& out) {
  if (!options.hex.empty() && (!options.set.empty() || !options.value.empty()))
    throw Exit{kUsage, "either hexadecimal digits, or --set and --value"};
  if (options.hex.empty() && options.set.empty() && options.value.empty())
    throw Exit{kUsage, "nothing to write: give hexadecimal digits, --set or --value"};
  const CardFile file = files_value(files.select(path));
  if (file.is_directory() || file.header.kind == uicc::FileKind::kBerTlv)
    throw Exit{kUsage, file.name() + " is not a file with bytes or records"};
  if (file.has_records() && options.record == 0)
    throw Exit{kUsage, file.name() + " has records: --record 1 to " + std::to_string(file.header.record_count)};
  // A file that cannot be read can still be written as a whole.
  Bytes before;
  auto read = file.has_records() ? files.read_record(file, options.record) : files.read(file);
  if (read) {
    before = *std::move(read);
  } else if (read.error().code == ErrorCode::kRefused && options.set.empty()) {
    before.assign(file.has_records() ? file.header.record_length : file.header.size, 0xFF);
  } else {
    files_fail(read.error());
  }
  const Bytes content = new_content(file, options, before);
  Bytes after = content;
  if (!file.has_records()) {
    after = before;
    if (options.offset + content.size() > after.size()) throw Exit{kUsage, file.name() + " has " + std::to_string(after.size()) + " bytes"};
    std::ranges::copy(content, after.begin() + static_cast<std::ptrdiff_t>(options.offset));
  }
  print_change(file, before, after, out);
  if (options.dry_run || equal(before, after)) return;
  if (file.has_records()) {
    files_value(files.update_record(file, options.record, content));
  } else {
    files_value(files.update(file, options.offset, content));
  }
}

ef::Value export_files(CardFiles& files, const std::string& directory, BytesView atr, bool every) {
  std::vector<CardFile> all{files_value(files.select(directory))};
  if (all.front().is_directory()) add_tree(files, directory, every, all);
  ef::List list;
  for (const CardFile& file : all) {
    ef::Value one = file_information(files, file, true);
    if (!file.is_directory()) {
      const auto content = file.has_records() ? Result<Bytes>(Bytes()) : files.read(file);
      const auto records = file.has_records() ? files.read_records(file) : Result<std::vector<Bytes>>(std::vector<Bytes>());
      if (!content || !records) {
        const Error& error = !content ? content.error() : records.error();
        if (error.code == ErrorCode::kIo) files_fail(error);
        one.set("refused", error.text);
      } else if (file.has_records()) {
        ef::List values;
        ef::List raw;
        for (const Bytes& record : *records) {
          values.push_back(ef::shown(file.codec(), record));
          raw.emplace_back(to_hex(record));
        }
        if (file.codec() != nullptr) one.set("records", std::move(values));
        one.set("raw", std::move(raw));
      } else {
        if (file.codec() != nullptr) one.set("value", ef::shown(file.codec(), *content));
        one.set("raw", to_hex(*content));
      }
    }
    list.push_back(std::move(one));
  }
  ef::Value out{ef::Members()};
  out.set("format", kFormat);
  out.set("atr", to_hex(atr));
  out.set("files", std::move(list));
  return out;
}

std::string export_text(const ef::Value& tree) {
  std::string out = "{\"format\":" + ef::to_json(*tree.find("format")) + ",\"atr\":" + ef::to_json(*tree.find("atr")) + ",\"files\":[";
  bool first = true;
  for (const ef::Value& file : *tree.find("files")->list()) {
    out += (first ? "\n " : ",\n ") + ef::to_json(file);
    first = false;
  }
  return out + "\n]}\n";
}

std::size_t print_differences(const ef::Value& before, const ef::Value& after, std::ostream& out) {
  for (const ef::Value* tree : {&before, &after}) {
    if (text_in(*tree, "format") != kFormat || tree->find("files") == nullptr || tree->find("files")->list() == nullptr) {
      throw Exit{kUsage, "no export: 'uicclab fs export' makes them"};
    }
  }
  std::size_t count = 0;
  for (const ef::Value& file : *before.find("files")->list()) {
    const std::string& path = text_in(file, "path");
    const ef::Value* other = file_in(after, path);
    if (other != nullptr && *other == file) continue;
    ++count;
    out << text_in(file, "name") << " (" << path << ")";
    if (other == nullptr) {
      out << " is only on the first card\n";
      continue;
    }
    out << "\n";
    for (const ef::Difference& one : ef::differences(file, *other)) {
      // The bytes say it again, unless they alone do.
      const bool bytes = one.place.starts_with("raw") && (file.find("value") != nullptr || file.find("records") != nullptr);
      if (!bytes) out << "  " << ef::to_text(one) << "\n";
    }
  }
  for (const ef::Value& file : *after.find("files")->list()) {
    if (file_in(before, text_in(file, "path")) != nullptr) continue;
    ++count;
    out << text_in(file, "name") << " (" << text_in(file, "path") << ") is only on the second card\n";
  }
  return count;
}

}  // namespace uicclab::cli
