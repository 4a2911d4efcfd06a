// SPDX-License-Identifier: Apache-2.0
// Remote management as an application sees it: data sent to its TAR in a secured packet, and commands that are executed in the name
// of whoever sent it. ETSI TS 102 225 clause 4; ETSI TS 102 226 clauses 5, 7 and 8.
#pragma once

#include <string>

#include "core/apdu.hpp"
#include "core/types.hpp"

namespace uicclab::applet {

/// What a secured packet held. Its check, its counter and the minimum security level of the application are settled.
struct RemoteRequest {
  Tar tar;
  BytesView data;
  std::size_t room = 0;  ///< bytes that the answer may have; more of it is lost
};

/// A secured packet as it came in short messages.
struct PacketMessage {
  Tar tar;
  std::string originator;  ///< TP-OA, if it is a number: "+4917..."
  BytesView packet;        ///< from CPL
};

/// Commands of a script. Each is a transaction of its own: what was carried out before one that fails, stays.
class RemoteCommands {
 public:
  virtual ~RemoteCommands() = default;

  /// A new script: nothing is verified, and the directory that the application's rights begin with is selected.
  virtual void begin() = 0;
  /// Continues where the last kept script stopped; false if there is none.
  virtual bool resume() = 0;
  /// The next script may resume().
  virtual void keep() = 0;

  /// A command of remote file management (TS 102 226 clause 7), with the rights to files that the application has. All of the answer is in
  /// `out`, whatever the length.
  virtual StatusWord run_file_command(const apdu::Command& command, Bytes& out) = 0;
  /// The same in class A0 (3GPP TS 51.011): translated there and back, 9Fxx left to whoever asks.
  virtual StatusWord run_gsm_command(const apdu::Command& command, Bytes& out) = 0;
  /// A command for the application itself: Applet::process() gets it, with Context::secured_by() set.
  virtual StatusWord run_own_command(const apdu::Command& command, Bytes& out) = 0;
};

}  // namespace uicclab::applet
