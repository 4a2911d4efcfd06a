// SPDX-License-Identifier: Apache-2.0
// Command and answer in one string of bytes, as GSMTAP has them: where the command ends is said by its instruction.
#pragma once

#include <optional>

#include "core/bytes.hpp"

namespace uicclab::trace {

/// The instruction of this header (four bytes at least) brings data, so that P3 is Lc; otherwise P3 is Le.
bool brings_data(BytesView header);

/// Bytes of the command in front of the data and the status word that follow it: 4 without P3; with P3, data and, if it is there, Le.
/// Nothing if the string is shorter than a header with a status word.
std::optional<std::size_t> command_size(BytesView exchange);

}  // namespace uicclab::trace
