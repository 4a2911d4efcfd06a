// SPDX-License-Identifier: Apache-2.0
// A card out of a recording: --card replay:FILE, uicclab replay.
#pragma once

#include "cli/card/card_option.hpp"
#include "script/replay_port.hpp"

namespace uicclab::cli {

struct ReplayOption {
  std::string file;
  bool loose = false;
  std::string status = "6F00";
  std::vector<std::string> set;
};

class ReplayCard final : public OpenCard {
 public:
  /// Deviations are reported on standard error. Throws Exit with the place of an error.
  explicit ReplayCard(const ReplayOption& option);
  CardPort& port() override { return m_port; }
  std::size_t deviations() const { return m_port.deviations(); }

 private:
  script::ReplayPort m_port;
};

/// "FILE" or "loose:FILE". Throws Exit.
std::unique_ptr<OpenCard> open_replay(const std::string& words);

}  // namespace uicclab::cli
