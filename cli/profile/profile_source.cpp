// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/profile_source.hpp"

#include <filesystem>

#include "cli/cap/faults.hpp"
#include "cli/common/commands.hpp"
#include "cli/common/input_file.hpp"
#include "cli/profile/backup_script.hpp"
#include "cli/profile/fsdump.hpp"
#include "cli/profile/package_text.hpp"
#include "gp/host/load_file.hpp"
#include "jcvm/archive/cap_archive.hpp"
#include "profile/check.hpp"
#include "profile/default.hpp"
#include "profile/toml.hpp"

namespace uicclab::cli {

namespace {

/// What is wrong with its types, where the file must pass `cap verify`: LOAD gets no Descriptor.
Result<void> verify(BytesView components) {
  const auto cap = jcvm::cap::CapFile::parse(components);
  if (!cap) return tl::unexpected(cap.error());
  const auto faults = faults_of(*cap);
  if (faults.empty()) return {};
  return fail(ErrorCode::kRefused, "must pass 'uicclab cap verify' (verify = \"strict\"): " + faults.front());
}

/// The CAP file of a load file, next to the profile that names it.
Result<void> read_components(const std::string& path, profile::LoadFileSpec& file, bool strict) {
  if (file.file.empty()) return strict ? verify(file.components) : Result<void>{};
  const auto bytes = try_read_input(path, kLoadFile);
  if (!bytes) return tl::unexpected(bytes.error());
  if (strict) {
    const auto all = jcvm::archive::read_components(*bytes, jcvm::archive::Keep::kAll);
    const auto sound = all ? verify(*all) : tl::unexpected(all.error());
    if (!sound) return sound;
  }
  const auto read = gp::host::LoadFile::read(*bytes);
  if (!read) return tl::unexpected(read.error());
  file.components = read->components();
  return {};
}

Result<void> read_load_file(const std::string& profile, profile::LoadFileSpec& file, bool strict) {
  const std::string path = (std::filesystem::path(profile).parent_path() / file.file).string();
  const auto read = read_components(path, file, strict);
  if (read) return {};
  profile::Profile named;
  named.source = profile;
  const std::string subject = "load file" + (file.file.empty() ? "" : " " + path);
  return fail(read.error().code, to_text(named, {profile::Finding::Severity::kError, file.place, subject, read.error().text, ""}));
}

}  // namespace

std::string profile_text(const std::string& name) {
  if (name.empty() || name == "default") return std::string(profile::default_profile_text());
  return read_input_text(name, kProfileFile);
}

Result<profile::package::Imported> read_profile(const std::string& name) {
  const std::string text = profile_text(name);
  if (profile::package::is_package(as_bytes(text))) return profile::package::read_package(as_bytes(text), name);
  if (const auto package = package_of_text(text)) return profile::package::read_package(*package, name);
  if (is_value_notation(text)) {
    return fail(ErrorCode::kUnsupported, name +
                                             ": a profile package in ASN.1 value notation; it must be DER, or DER in hexadecimal or base64 "
                                             "(an ASN.1 compiler with the module "
                                             "of the Interoperable Format converts it)");
  }
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin != std::string::npos && text[begin] == '{') return read_fsdump(text, name);
  if (is_backup_script(text)) return read_backup_script(text, name);
  auto profile = profile::parse_profile(text, name);
  if (!profile) return tl::unexpected(profile.error());
  for (profile::LoadFileSpec& file : profile->load_files) {
    const bool strict = file.verify_strictly || profile->choices.verify_strictly;
    if (auto read = read_load_file(name, file, strict); !read) return tl::unexpected(read.error());
  }
  return profile::package::Imported{*std::move(profile), {}};
}

}  // namespace uicclab::cli
