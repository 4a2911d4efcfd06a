// SPDX-License-Identifier: Apache-2.0
// The local policy of a BSF, in TOML:
//
//   name = "bsf.example"                          # in each P-TID
//   [[naf]]
//   name = "dm.example.com"                       # who asks
//   token = "dm.token"                            # file with what proves that over HTTP; made if there is none
//   naf_ids = ["dm.example.com/FF00000001"]       # FQDN / Ua security protocol identifier
//   longest_lifetime = 86400                      # seconds
//   gba_u = "allowed"                             # refused, allowed (where the card can), required
#pragma once

#include <map>
#include <string>

#include "gba/bsf.hpp"

namespace uicclab::cli {

struct BsfPolicyFile {
  gba::BsfPolicy policy;
  std::map<std::string, std::string> tokens;  ///< files, of each NAF that has one
};

/// Throws Exit, with the line.
BsfPolicyFile read_bsf_policy(const std::string& path);

}  // namespace uicclab::cli
