// SPDX-License-Identifier: Apache-2.0
// The modules that every card can have without loading them. The only place that knows all applications.
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet {

ModuleCatalogue builtin_modules();

}  // namespace uicclab::applet
