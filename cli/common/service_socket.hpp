// SPDX-License-Identifier: Apache-2.0
// Where the PC/SC service of `uicclab run` is.
#pragma once

#include <string>

namespace uicclab::cli {

/// Where the socket is if nobody says: in a directory that is this user's alone, and is made. Throws Exit.
std::string default_service_socket();

}  // namespace uicclab::cli
