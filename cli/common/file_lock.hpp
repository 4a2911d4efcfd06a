// SPDX-License-Identifier: Apache-2.0
// One program at a time between reading a file and replacing it.
#pragma once

#include <string>

#include "core/net/fd.hpp"

namespace uicclab::cli {

/// Waits until no other program holds it. The lock is a file of its own, NAME.lock: NAME is replaced as a whole, and a lock would stay with
/// the old file. Released when the result is destroyed, or with the process. Throws Exit.
net::Fd lock_file(const std::string& name);

}  // namespace uicclab::cli
