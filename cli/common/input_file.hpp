// SPDX-License-Identifier: Apache-2.0
// Files that a user names: one way to read them, with a limit for each kind.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::cli {

/// What a file is for: how it is called in errors, and how large it may be. The limits are far above what such a file needs; they end
/// /dev/zero and mix-ups.
struct InputKind {
  std::string_view name;
  std::size_t most;
};
inline constexpr std::size_t kMebibyte = 1U << 20;
inline constexpr InputKind kKeyFile{"key file", 64 * 1024};
inline constexpr InputKind kKeyringFile{"keyring", kMebibyte};
inline constexpr InputKind kAccountsFile{"accounts file", kMebibyte};
inline constexpr InputKind kCountersFile{"counters file", 16 * kMebibyte};
inline constexpr InputKind kObjectFile{"file", kMebibyte};  ///< one object: a bootstrap, a certificate, a document, a signature
inline constexpr InputKind kLoadFile{"load file", 16 * kMebibyte};
inline constexpr InputKind kScriptFile{"script", 64 * kMebibyte};
inline constexpr InputKind kHexFile{"file of hexadecimal lines", 64 * kMebibyte};
inline constexpr InputKind kProfileFile{"profile", 64 * kMebibyte};
inline constexpr InputKind kExportFile{"export of a card's files", 64 * kMebibyte};

/// All of a regular file, or of a pipe that the shell handed over as /dev/fd/N.
/// Errors: kNotFound it cannot be read; kUnsupported a directory, a device or another pipe; kRange it is larger than its kind may be.
Result<Bytes> try_read_input(const std::string& path, const InputKind& kind);

/// The same. Throws Exit (kUsage).
Bytes read_input(const std::string& path, const InputKind& kind);
std::string read_input_text(const std::string& path, const InputKind& kind);
/// Standard input to its end, with the same limit. Throws Exit (kUsage).
std::string read_standard_input(const InputKind& kind);
/// A line of standard input, for whoever answers each before the next comes. Nothing at the end. Throws Exit (kUsage) for one of more than
/// a mebibyte.
std::optional<std::string> read_standard_line();
/// `path`, or standard input if it is "-".
std::string read_text_or_standard_input(const std::string& path, const InputKind& kind);

}  // namespace uicclab::cli
