// SPDX-License-Identifier: Apache-2.0
// --applet: CAP files that are loaded and installed before a card is served, as 'uicclab gp install' does.
#pragma once

#include "cli/card/card_option.hpp"
#include "cli/common/key_source.hpp"
#include "core/types.hpp"

namespace uicclab::cli {

class AppletFiles {
 public:
  /// Each "FILE[,aid=AID][,module=AID][,params=HEX][,verify=strict|warn]". Reads the files. Throws Exit.
  explicit AppletFiles(const std::vector<std::string>& options);
  ~AppletFiles();

  /// At a card that is on; what it has already stays as it is. The AIDs of the applets, in the order of the options. Throws Exit.
  std::vector<Aid> install(OpenCard& card, const KeySource& keys) const;

 private:
  struct Plans;
  std::unique_ptr<Plans> m_plans;
};

}  // namespace uicclab::cli
