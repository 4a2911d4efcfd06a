// SPDX-License-Identifier: Apache-2.0
// The files of an application that INSTALL makes: a copy of what the profile made for the first instance of its module, as it was
// personalised, with the local PINs. ETSI TS 102 222 leaves the creation of an ADF to the installation of its application.
#pragma once

#include "emulator/session.hpp"

namespace uicclab::emulator {

/// The ADF that `module`'s instances are given a copy of; nothing if the profile has no instance of it with files.
std::optional<FileId> adf_template(const CardImage& image, const applet::Module& module);
/// Bytes of free memory that a copy takes.
std::uint32_t adf_cost(const CardImage& image, FileId adf);
/// In the open transaction.
FileId copy_adf(Session& session, FileId from, const Aid& aid);
void remove_adf(Session& session, FileId adf);

}  // namespace uicclab::emulator
