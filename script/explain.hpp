// SPDX-License-Identifier: Apache-2.0
// Commands, answers and differences explained as text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/status_word.hpp"

namespace uicclab::script {

/// "SELECT 6F07", "READ BINARY 9 bytes at 0", "VERIFY PIN 01": a command in plain words.
std::string describe_command(BytesView command);
/// "6A82 (file not found)"
std::string describe(StatusWord status);

/// Where this byte is in an answer: "62/83 file identifier, byte 0"; below nothing that is BER-TLV the layout of the file is used, by its
/// path or file identifier. Empty if nothing is known of it.
std::string field_at(BytesView data, std::size_t offset, std::string_view file);
/// Lines with the differences of two answers, field by field; empty if their fields are unknown.
std::vector<std::string> differences(BytesView expected, BytesView got, std::string_view file);
/// The data objects of an answer, one a line; empty if it has none.
std::vector<std::string> decode(BytesView data);

/// "DISPLAY TEXT" of 21; empty for a type that is not known (ETSI TS 102 223 clause 9.4).
std::string_view proactive_name(std::uint8_t type);
/// The type of "DISPLAY_TEXT", "DISPLAY-TEXT" or "21"; upper and lower case alike.
std::optional<std::uint8_t> proactive_type(std::string_view name);

}  // namespace uicclab::script
