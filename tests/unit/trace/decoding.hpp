// SPDX-License-Identifier: Apache-2.0
// Exchanges from hexadecimal, and fields by name, for the tests of this folder.
#pragma once

#include "core/hex.hpp"
#include "trace/decoder.hpp"

namespace uicclab::test {

inline RecordedEvent recorded(const std::string& command, const std::string& answer) {
  RecordedEvent event;
  event.command = from_hex(command).value();
  event.answer = from_hex(answer).value();
  return event;
}

inline trace::Exchange decode(trace::Decoder& decoder, const std::string& command, const std::string& answer,
                              const std::string& status = {}) {
  return decoder.decode(recorded(command, answer + status));
}

inline const trace::Field* find(const std::vector<trace::Field>& fields, std::string_view name) {
  for (const auto& one : fields) {
    if (one.name == name) return &one;
    if (const auto* found = one.find(name)) return found;
  }
  return nullptr;
}

/// "bytes|meaning"
inline std::string field(const std::vector<trace::Field>& fields, std::string_view name) {
  const auto* found = find(fields, name);
  return found == nullptr ? "(none)" : to_hex(found->bytes) + "|" + found->meaning;
}

}  // namespace uicclab::test
