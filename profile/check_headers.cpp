// SPDX-License-Identifier: Apache-2.0
// Headers that stumble terminals: FCPs too long for a one-byte length, access rules that lead nowhere, keys that are not there.
#include <set>

#include "profile/checker.hpp"
#include "uicc/access_rule.hpp"
#include "uicc/fcp.hpp"

namespace uicclab::profile {
namespace {

constexpr std::string_view kReferenceClause = "ETSI TS 102 221 clause 9.2.7";

std::string_view root_of(std::string_view path) {
  return path.substr(0, path.find('/'));
}

bool is_defined(const Checker& checker, KeyReference key, std::string_view path) {
  const std::string_view root = root_of(path);
  return std::ranges::any_of(checker.profile().pins, [&](const PinSpec& pin) {
    if (pin.key != key) return false;
    // Outside the applications a local key is that of the one that is active.
    return !key.is_local() || !is_adf_name(root) || pin.scope == root || path == pin.scope || path.starts_with(pin.scope + "/");
  });
}

/// The EF_ARR of a reference: next to the file, then upwards; for a directory from its parent on.
const FileSpec* find_arr(const Checker& checker, const FileSpec& file, std::string_view fid) {
  std::string_view at = file.path == kMfPath ? kMfPath : parent_path(file.path);
  for (;;) {
    const std::string_view directory = at.empty() ? kMfPath : at;  // the MF is the parent of an ADF
    if (const FileSpec* found = checker.find(std::string(directory).append("/").append(fid))) return found;
    if (directory == kMfPath) return nullptr;
    at = parent_path(directory);
  }
}

/// The record that a reference means for security environment 01.
std::optional<std::uint8_t> record_of(const Bytes& reference) {
  if (reference.size() == 3) return reference[2];
  for (std::size_t i = 2; i + 1 < reference.size(); i += 2) {
    if (reference[i] <= 0x01) return reference[i + 1];
  }
  return std::nullopt;
}

/// The rule, or nothing after a warning.
std::optional<uicc::AccessRule> read_rule(Checker& checker, const FileSpec& file) {
  using Form = uicc::SecurityAttributes::Form;
  const uicc::SecurityAttributes& security = file.header.security;
  const auto keep = [&](Result<uicc::AccessRule> rule, const std::string& what) -> std::optional<uicc::AccessRule> {
    if (rule) return std::move(*rule);
    checker.warn(file,
                 what + " cannot be read, so nothing is allowed: " + rule.error().text + " at byte " + std::to_string(rule.error().offset),
                 "ETSI TS 102 221 clause 9.2");
    return std::nullopt;
  };
  if (security.form == Form::kNone) {
    checker.warn(file, "it has no access rule, so nothing is allowed", "ETSI TS 102 221 clause 9.2");
    return std::nullopt;
  }
  if (security.form == Form::kCompact) return keep(uicc::AccessRule::from_compact(security.value), "its access rule");
  if (security.form == Form::kExpanded) return keep(uicc::AccessRule::from_expanded(security.value), "its access rule");

  const auto record = security.value.size() < 3 ? std::nullopt : record_of(security.value);
  if (!record) {
    checker.warn(file, "its access rule names no record of an EF_ARR", kReferenceClause);
    return std::nullopt;
  }
  const std::string fid = to_hex(BytesView(security.value).first(2));
  const FileSpec* arr = find_arr(checker, file, fid);
  const std::string what = "record " + std::to_string(*record) + " of EF_ARR " + (arr != nullptr ? arr->path : fid);
  if (arr == nullptr || arr->header.kind != uicc::FileKind::kLinearFixed) {
    checker.warn(file, "its access rule is in EF_ARR " + fid + ", which is not found above it", kReferenceClause);
  } else if (*record < 1 || *record > arr->header.record_count) {
    checker.warn(file, "its access rule is " + what + ", which does not exist", kReferenceClause);
  } else if (*record > arr->records.size() || arr->records[*record - 1U].empty()) {
    checker.warn(file, "its access rule is " + what + ", which is empty", kReferenceClause);
  } else {
    return keep(uicc::AccessRule::from_expanded(arr->records[*record - 1U]), what);
  }
  return std::nullopt;
}

void check_keys(Checker& checker, const FileSpec& file, const uicc::AccessRule& rule) {
  std::set<KeyReference> missing;
  rule.for_each_key([&](KeyReference key) {
    if (!is_defined(checker, key, file.path)) missing.insert(key);
  });
  for (KeyReference key : missing) {
    checker.warn(file, "its access rule asks for the key " + to_hex(BytesView{&key.value, 1}) + ", which is not in pins",
                 "ETSI TS 102 221 clause 9.5.1");
  }
}

/// The longest FCP that the card answers: for a directory with what the card adds (SELECT: characteristics, memory, system commands).
void check_fcp(Checker& checker, const FileSpec& file) {
  uicc::FcpExtras extras;
  extras.proprietary = [](Bytes& out) { out.resize(out.size() + 12); };
  uicc::FileHeader header = file.header;
  for (const ApplicationSpec& application : checker.profile().applications) {
    if (header.kind == uicc::FileKind::kAdf && application.adf == file.path) header.aid = application.aid;
  }
  Bytes fcp;
  encode_fcp(header, extras, fcp);
  if (fcp.size() <= 127 + 2) return;
  checker.warn(file, "its FCP has " + std::to_string(fcp.size()) + " bytes; many terminals read a length of one byte only",
               "ETSI TS 102 221 clause 11.1.1.3");
}

void check_directory(Checker& checker, const FileSpec& file) {
  if (file.header.keys.empty()) {
    checker.warn(file, "it has no keys, so its FCP has no PIN status template", "ETSI TS 102 221 clause 11.1.1.3.2");
  }
  for (KeyReference key : file.header.keys) {
    if (is_defined(checker, key, file.path)) continue;
    checker.warn(file, "its PIN status template names the key " + to_hex(BytesView{&key.value, 1}) + ", which is not in pins",
                 "ETSI TS 102 221 clause 9.5.2");
  }
}

}  // namespace

void check_headers(Checker& checker) {
  for (const FileSpec& file : checker.profile().files) {
    check_fcp(checker, file);
    if (is_directory(file.header.kind)) check_directory(checker, file);
    if (const auto rule = read_rule(checker, file)) check_keys(checker, file, *rule);
  }
}

}  // namespace uicclab::profile
