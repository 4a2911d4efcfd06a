// SPDX-License-Identifier: Apache-2.0
// Names of the data objects and bytes of answers and files.
#pragma once

#include <string>
#include <string_view>

#include "core/bytes.hpp"

namespace uicclab::script {

/// "file identifier" of "62/83"; empty if it has none. The tags above decide: 80 is a file size in 62 and UICC characteristics in 62/A5.
std::string field_name(std::string_view path);

/// Some bytes of a file, or of a record of it.
struct FileField {
  std::string_view fid;
  std::string_view name;
  std::size_t offset;
  std::size_t size;  ///< 0: to the end
};
/// The field that holds this byte; nullptr if the file is not known. `file` is a path or an identifier.
const FileField* file_field(std::string_view file, std::size_t offset);
/// All fields of the file.
std::span<const FileField> file_fields(std::string_view file);

}  // namespace uicclab::script
