// SPDX-License-Identifier: Apache-2.0
// The content of files that a command reads or writes, decoded if the file's coding is known.
#pragma once

#include "ef/codec.hpp"
#include "ota/explain/field.hpp"

namespace uicclab::trace {

/// Appends what these bytes of the file mean. `offset` is that of the first byte in the file (0 in a record), `base` that in the message.
/// `codec` is that of the file, or null. Nothing for a file whose coding is not known.
void append_content(std::vector<ota::Field>& out, const std::string& path, const ef::Codec* codec, BytesView bytes, std::size_t offset,
                    std::size_t base, bool record);

/// The answer to SELECT and STATUS of class A0 (3GPP TS 51.011 clause 9.2.1).
void append_gsm_select(std::vector<ota::Field>& out, BytesView data);

}  // namespace uicclab::trace
