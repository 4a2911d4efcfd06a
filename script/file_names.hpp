// SPDX-License-Identifier: Apache-2.0
// Names of files and PINs in scripts are those of ef/.
#pragma once

#include "ef/catalogue.hpp"

namespace uicclab::script {

using ef::fids_below;
using ef::GivenNames;
using ef::name_of_fid;
using ef::name_of_file;
using ef::path_of_file;
using ef::pin_name;
using ef::pin_reference;
using ef::selection;

}  // namespace uicclab::script
