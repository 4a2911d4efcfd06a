// SPDX-License-Identifier: Apache-2.0
// Data fields of GlobalPlatform's commands and answers. Of the keys in PUT KEY only the length is shown.
#pragma once

#include "core/apdu.hpp"
#include "ota/explain/field.hpp"

namespace uicclab::trace {

void append_management(std::vector<ota::Field>& out, const apdu::Command& command, std::size_t base);
void append_management_answer(std::vector<ota::Field>& out, const apdu::Command& command, BytesView data);

}  // namespace uicclab::trace
