// SPDX-License-Identifier: Apache-2.0
// Secrets in commands and answers, by kind of data: only the owner of a card should read them. The only place that decides: traces, pages
// and recordings ask here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"

namespace uicclab::script {

/// Bytes that are secret.
struct Secret {
  std::size_t offset = 0;
  std::size_t size = 0;
  std::string_view kind;  ///< "PIN", "key"; a literal

  bool operator==(const Secret&) const = default;
};

/// The kind of secret that a file holds, by its path ("ADF.USIM/6F08"; "/SFI" parts as they come); empty if it holds none. A file that no
/// standard has at its path counts by its identifier.
std::string_view secret_of_file(std::string_view path);

/// PIN values (ETSI TS 102 221 clauses 11.1.9 to 11.1.13), PUT KEY and STORE DATA (GPCS clauses 11.8 and 11.11), data objects of ISO/IEC
/// 7816-4 PUT DATA, and whatever goes into a file with keys. `path`: of the file that the command is about. Offsets count from the class
/// byte. Of a command that cannot be parsed, all after its header.
std::vector<Secret> secrets_of_command(BytesView command, std::string_view path);

/// Results of AUTHENTICATE (3GPP TS 31.102 clause 7.1.2, TS 51.011 clause 9.2.16), what was deciphered (ISO/IEC 7816-8), LwM2M messages
/// that the card's application opened, and whatever comes out of a file with keys. `data`: of the answer, without status word.
std::vector<Secret> secrets_of_answer(BytesView command, std::string_view path, BytesView data);

/// The answer to this command may hold secrets, whatever its bytes are.
bool may_answer_secrets(BytesView command, std::string_view path);

}  // namespace uicclab::script
