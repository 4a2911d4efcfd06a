// SPDX-License-Identifier: Apache-2.0
// Data objects of the toolkit by name, with their values as text: ETSI TS 102 223 clauses 8 and 9.3.
#pragma once

#include "core/comprehension_tlv.hpp"
#include "ota/explain/field.hpp"

namespace uicclab::trace {

inline constexpr std::uint16_t kCommandDetailsTag = 0x01;
inline constexpr std::uint16_t kResultTag = 0x03;
inline constexpr std::uint16_t kShortMessageTag = 0x0B;

/// A data object as a field. `offset` is that of its tag; `command` the type of the proactive command that it belongs to, 0 if none.
ota::Field toolkit_object(const ctlv::Tlv& object, std::size_t offset, std::uint8_t command);

/// The words of this object are worth a place in the line of the exchange: texts, items, events, results.
bool says_most(std::uint16_t tag);

/// "command performed successfully", "no response from user"; with the additional information (clause 8.12).
std::string result_words(BytesView value);

/// Adds `by` to the offset of each field, at any depth.
void shift(std::vector<ota::Field>& fields, std::size_t by);

}  // namespace uicclab::trace
