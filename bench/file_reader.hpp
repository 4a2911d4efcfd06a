// SPDX-License-Identifier: Apache-2.0
// The content of the selected EF.
#pragma once

#include <string>
#include <vector>

#include "core/card_port.hpp"
#include "ef/catalogue.hpp"
#include "uicc/file.hpp"

namespace uicclab::bench {

struct FileContent {
  Bytes whole;                 ///< transparent: without the FF after it; BER-TLV: its data objects
  std::vector<Bytes> records;  ///< without the FF after each, and without the empty ones after the last
  std::string refused;         ///< the part that could not be read, as text; empty: all was read
};

/// Reads by READ BINARY, READ RECORD or RETRIEVE DATA (ETSI TS 102 221 clauses 11.1.3, 11.1.5, 11.3.1). A refusal of the card is reported
/// in the content. Errors: those of the card.
Result<FileContent> read_content(CardPort& card, const uicc::FileHeader& header);

}  // namespace uicclab::bench
