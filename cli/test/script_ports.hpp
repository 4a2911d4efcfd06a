// SPDX-License-Identifier: Apache-2.0
// The ports of the blocks "in scp03" and "over ota" of test scripts, with keys from a keyring.
#pragma once

#include "cli/common/keyring.hpp"
#include "core/environment.hpp"
#include "script/case_runner.hpp"

namespace uicclab::cli {

class ScriptPorts final : public script::PortMaker {
 public:
  /// `keyring` and `random` outlive this object. `forgetful`: the card is gone after the case, and its counters may be forgotten too.
  ScriptPorts(const Keyring& keyring, Random& random, bool forgetful) : m_keyring(keyring), m_random(random), m_forgetful(forgetful) {}

  Result<std::unique_ptr<CardPort>> secure_channel(CardPort& card, const Options& options) override;
  Result<std::unique_ptr<CardPort>> over_the_air(CardPort& card, const Options& options) override;

 private:
  const Keyring& m_keyring;
  Random& m_random;
  bool m_forgetful;
};

}  // namespace uicclab::cli
