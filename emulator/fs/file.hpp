// SPDX-License-Identifier: Apache-2.0
// Files, FCPs and access rules of the card are those of uicc/, which the tools read too; in the card they need no prefix.
#pragma once

#include "uicc/file.hpp"

namespace uicclab::emulator {

using namespace uicc;

}  // namespace uicclab::emulator
