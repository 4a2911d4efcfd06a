// SPDX-License-Identifier: Apache-2.0
// The card's files as an application may use them by its access domains (ETSI TS 102 226 clause 8.2.1.3.2.2.2): the access rules hold for
// it as they do for remote file management. What the FileView of ETSI TS 102 241 needs.
#pragma once

#include <array>

#include "core/apdu.hpp"
#include "core/types.hpp"

namespace uicclab::applet {

/// A selection of its own, within one file system, and what was verified through it. The terminal's selection and security status have no
/// part in it.
class FileView {
 public:
  virtual ~FileView() = default;

  /// A command on files, class 0X or 8X without a channel; `out` becomes the whole answer. A transaction of its own, within the instance's
  /// if that has begun one: once it has succeeded it stays, even if the running command fails. Commands that are not about files, and
  /// SELECT by name, answer 6D00 and 6A86.
  virtual StatusWord run(const apdu::Command& command, Bytes& out) = 0;

  // What a FileView can do in addition to commands.

  /// The EF with this short identifier in the current directory becomes current. 6A82: there is none.
  virtual StatusWord select(Sfi sfi) = 0;
  /// UPDATE BINARY or UPDATE RECORD from this place in the file or record on; without data it is checked, and nothing is written. 6B00,
  /// 6700: out of its bounds.
  virtual StatusWord update(const apdu::Command& command, std::size_t offset) = 0;

  /// The current EF, or else directory.
  struct Current {
    Bytes path;                     ///< from the MF (3F00), through an ADF as 7FFF
    bool terminated = false;        ///< it, or a directory above it
    std::size_t record_length = 0;  ///< of an EF with records
  };
  virtual Current current() const = 0;

  /// What is selected, for a view of another session (position of zeros: as a new view). A file that is there no more, or is not in the
  /// view's file system, is left out.
  static constexpr std::size_t kPositionSize = 9;
  using Position = std::array<std::uint8_t, kPositionSize>;
  virtual Position position() const = 0;
  virtual void restore(const Position& position) = 0;
};

}  // namespace uicclab::applet
