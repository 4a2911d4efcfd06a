// SPDX-License-Identifier: Apache-2.0
// Paths of files, and the body on the card of a file's content in a profile.
#pragma once

#include <optional>
#include <string_view>

#include "profile/profile.hpp"
#include "uicc/application.hpp"

namespace uicclab::profile {

inline constexpr std::string_view kMfPath = "3F00";
inline constexpr std::string_view kDirPath = "3F00/2F00";  ///< EF_DIR, ETSI TS 102 221 clause 13.1

using uicc::kIsimAid;
using uicc::kUsimAid;

/// "3F00/7F10/6F3A" -> "3F00/7F10"; empty for the MF and for an ADF.
std::string_view parent_path(std::string_view path);

/// The FID that ends a path: four hexadecimal digits. Nothing for the name of an ADF, or if the path breaks the form.
std::optional<Fid> last_fid(std::string_view path);

/// A path names an ADF: "ADF.USIM".
bool is_adf_name(std::string_view path);

/// Steps below the MF or the ADF: "3F00" 0, "ADF.USIM/6F07" 1.
std::size_t depth(std::string_view path);

/// The whole body: content, then the fill pattern; records each filled to their length. A content that is too long is cut (find_errors()
/// refuses it). Nothing for a directory.
Bytes make_body(const FileSpec& file);

}  // namespace uicclab::profile
