// SPDX-License-Identifier: Apache-2.0
// The [files] part of a profile's text.
#pragma once

#include "profile/toml_table.hpp"

namespace uicclab::profile {

/// Every directory followed by its EFs, in the order of the text.
std::vector<FileSpec> read_files(const toml::table& table, Complaints& complaints);

/// A key reference, which is one byte; complains about `key` and gives nothing if it is not.
std::optional<KeyReference> read_key(TableReader& in, std::string_view key, const Bytes& bytes);

}  // namespace uicclab::profile
