// SPDX-License-Identifier: Apache-2.0
// The card's files as an application may use them by its access domains (ETSI TS 102 226 clause 8.2.1.3.2.2.2): the access rules hold for
// it as they do for remote file management. What the FileView of ETSI TS 102 241 needs.
#pragma once

#include "core/apdu.hpp"

namespace uicclab::applet {

/// A selection of its own, and what was verified through it. The terminal's selection and security status have no part in it.
class FileView {
 public:
  virtual ~FileView() = default;

  /// A command on files, class 0X or 8X without a channel; `out` becomes the whole answer. A transaction of its own, within the instance's
  /// if that has begun one: once it has succeeded it stays, even if the running command fails. Commands that are not about files, and
  /// SELECT by name, answer 6D00 and 6A86.
  virtual StatusWord run(const apdu::Command& command, Bytes& out) = 0;
};

}  // namespace uicclab::applet
