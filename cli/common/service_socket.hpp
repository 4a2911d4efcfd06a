// SPDX-License-Identifier: Apache-2.0
// Where the PC/SC service of `uicclab run` is.
#pragma once

#include <string>

namespace uicclab::cli {

/// The default place of the socket: in a private directory of this user, which is created. Throws Exit.
std::string default_service_socket();

}  // namespace uicclab::cli
