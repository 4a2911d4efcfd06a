// SPDX-License-Identifier: Apache-2.0
#include "cli/profile/profile_source.hpp"

#include <filesystem>

#include "cli/common/commands.hpp"
#include "cli/common/input_file.hpp"
#include "cli/profile/backup_script.hpp"
#include "cli/profile/fsdump.hpp"
#include "cli/profile/package_text.hpp"
#include "gp/host/load_file.hpp"
#include "profile/check.hpp"
#include "profile/default.hpp"
#include "profile/toml.hpp"

namespace uicclab::cli {

namespace {

/// The CAP file of a load file, next to the profile that names it.
Result<void> read_components(const std::string& profile, profile::LoadFileSpec& file) {
  if (file.file.empty()) return {};
  const std::string path = (std::filesystem::path(profile).parent_path() / file.file).string();
  const auto bytes = try_read_input(path, kLoadFile);
  const auto read = bytes ? gp::host::LoadFile::read(*bytes) : tl::unexpected(bytes.error());
  if (!read) {
    profile::Profile named;
    named.source = profile;
    return fail(read.error().code,
                to_text(named, {profile::Finding::Severity::kError, file.place, "load file " + path, read.error().text, ""}));
  }
  file.components = read->components();
  return {};
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
    if (auto read = read_components(name, file); !read) return tl::unexpected(read.error());
  }
  return profile::package::Imported{*std::move(profile), {}};
}

}  // namespace uicclab::cli
