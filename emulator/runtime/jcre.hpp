// SPDX-License-Identifier: Apache-2.0
// Commands on a channel where an application of the Java Card Runtime Environment is active (JCRE 3.1 chapter 4; applet::Module::
// follows_jcre()).
#pragma once

#include "emulator/execution.hpp"

namespace uicclab::emulator::jcre {

/// A class byte that applications of the JCRE get and no other: 1X, 9X, AX and BX.
bool has_class(std::uint8_t cla);

/// Session::is_of_jcre() holds for the channel.
StatusWord execute(Execution& e);
/// Applet::process() of the application that is active on the channel, with the command as it came.
StatusWord process(Execution& e);

}  // namespace uicclab::emulator::jcre
