// SPDX-License-Identifier: Apache-2.0
// Challenges and their answers: AUTHENTICATE of the USIM and ISIM (3GPP TS 31.102 clause 7.1.2), RUN GSM ALGORITHM (TS 51.011 9.2.16).
#pragma once

#include "core/apdu.hpp"
#include "ota/explain/field.hpp"

namespace uicclab::trace {

/// "3G context", "GBA context": what P2 asks for.
std::string context_of_authenticate(const apdu::Command& command);

/// RAND, AUTN and so on. `base` is the offset of the data in the command.
void append_authenticate(std::vector<ota::Field>& out, const apdu::Command& command, std::size_t base, std::vector<std::string>& notes);

/// RES, CK, IK, Kc; AUTS; SRES.
void append_authenticate_answer(std::vector<ota::Field>& out, const apdu::Command& command, BytesView data,
                                std::vector<std::string>& notes);

}  // namespace uicclab::trace
