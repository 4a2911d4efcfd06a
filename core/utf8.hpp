// SPDX-License-Identifier: Apache-2.0
// Text as the standards of devices define it: UTF-8 (Unicode table 3-7) without NUL.
#pragma once

#include <optional>

#include "core/bytes.hpp"

namespace uicclab {

/// Where `bytes` stops being such text; nothing if all of it is.
std::optional<std::size_t> first_non_utf8(BytesView bytes);

}  // namespace uicclab
