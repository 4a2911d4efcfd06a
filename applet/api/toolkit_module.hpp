// SPDX-License-Identifier: Apache-2.0
// Toolkit applications: what the card tells them beside envelopes and terminal responses.
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet {

/// A module whose instances begin a session with the terminal: they are told of its profile, and can send proactive commands then.
class ToolkitModule : public Module {
 public:
  /// TERMINAL PROFILE came (ETSI TS 102 221 clause 11.2.1). `applet` is an
  /// instance of this module.
  virtual void on_terminal_profile(Applet& applet, Context& context) const = 0;
};

}  // namespace uicclab::applet
