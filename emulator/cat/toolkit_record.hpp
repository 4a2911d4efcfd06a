// SPDX-License-Identifier: Apache-2.0
// The record of one application in the toolkit registry, and its format in NVM (our own). ETSI TS 102 241 clause 6.7.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "applet/api/toolkit.hpp"
#include "gp/install_parameters.hpp"

namespace uicclab::emulator {

struct ToolkitRecord {
  struct Item {
    std::uint8_t identifier = 0;
    std::uint8_t position = 0;  ///< that INSTALL asked for
    bool initialised = false;
    bool enabled = true;
    applet::MenuEntry entry;
    Bytes attribute;  ///< of its text; empty: none
    bool shown() const { return initialised && enabled; }
  };

  /// A file, whether it is there or not: by its path below the MF, or below an ADF.
  struct Watched {
    std::optional<Aid> adf;
    std::vector<Fid> path;
    bool operator==(const Watched&) const = default;
  };

  std::vector<applet::Event> events;  ///< set as events, and those that go along with something else
  std::vector<Item> menu;             ///< in the order of the install parameters
  std::uint8_t timers = 0;            ///< bit 1: timer 1
  std::uint8_t services = 0;          ///< bit 1: service 0
  std::int16_t polling = 0;           ///< ToolkitEntry::request_poll_interval()
  std::vector<Watched> files;         ///< whose updates are events for it
  std::string title;

  bool is_set(applet::Event event) const;
  void set(applet::Event event, bool on);

  /// An application that has registered for nothing yet.
  static ToolkitRecord from(const gp::ToolkitParameters& parameters);
  Bytes encoded() const;
  /// nullopt if the object is malformed.
  static std::optional<ToolkitRecord> decode(BytesView object);
};

}  // namespace uicclab::emulator
