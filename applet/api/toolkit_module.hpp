// SPDX-License-Identifier: Apache-2.0
// Modules of toolkit applications.
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet {

/// A module whose instances have an entry in the toolkit registry.
class ToolkitModule : public Module {
 public:
  /// What an instance gets if neither INSTALL nor the profile has toolkit parameters (ETSI TS 102 226 clause 8.2.1.3.2.2.1). Identifiers of
  /// menu entries are wishes here: one that is taken already is replaced.
  virtual gp::ToolkitParameters default_toolkit() const { return {}; }
  /// The registrations that an instance begins with: events, menu entries, timers. Called when it is installed, and for an instance of a
  /// profile in each session until it changes its entry; it must come to the same each time. What it refuses, INSTALL refuses (6A80).
  virtual ToolkitError enrol(Context& context, ToolkitEntry& entry) const = 0;
};

}  // namespace uicclab::applet
