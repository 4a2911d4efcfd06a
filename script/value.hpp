// SPDX-License-Identifier: Apache-2.0
// Values of a script: its tokens as bytes, with the variables replaced.
#pragma once

#include <map>
#include <optional>

#include "core/bytes.hpp"
#include "core/environment.hpp"
#include "script/syntax.hpp"

namespace uicclab::script {

/// Variables, each a few tokens that replace its name.
class Variables {
 public:
  void set(const std::string& name, Tokens value) { m_values[name] = std::move(value); }
  void set(const std::string& name, BytesView value);
  const Tokens* find(std::string_view name) const;

  /// The tokens with every variable replaced, also those in variables. Errors: kNotFound for an unknown one, kMalformed for one that
  /// holds itself; with the place.
  Result<Tokens> expand(const Part& part) const;

 private:
  std::map<std::string, Tokens, std::less<>> m_values;
};

/// How the length before the first ( ) is coded: as Lc of a command, or as BER does.
enum class Counting { kLc, kBer };

/// The bytes of a value whose variables were expanded. `random` serves random(). Errors: kMalformed with the place.
Result<Bytes> evaluate(const Part& part, Random& random, Counting counting = Counting::kBer);

}  // namespace uicclab::script
