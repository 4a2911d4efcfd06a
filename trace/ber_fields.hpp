// SPDX-License-Identifier: Apache-2.0
// BER-TLV data objects as fields, with the names and values of FCP, FCI, registry entries and the like.
#pragma once

#include "core/ber_tlv.hpp"
#include "ota/explain/field.hpp"

namespace uicclab::trace {

using ota::Field;

/// Appends the data objects of `bytes`, constructed ones with what is in them. `base` is the offset of `bytes` in the message. What breaks
/// off is appended unchanged, in a field that says so. `path` is that of the objects around: "62/A5".
void append_objects(std::vector<Field>& out, BytesView bytes, std::size_t base, const std::string& path = {});

/// `bytes` are whole data objects to their end.
bool is_ber(BytesView bytes);

/// What a value means at this path ("62/82"), in plain words; empty if nothing is known.
std::string meaning_of_object(const std::string& path, BytesView value);

}  // namespace uicclab::trace
