// SPDX-License-Identifier: Apache-2.0
// Install parameters of INSTALL: GP table 11-49; what a UICC adds to them: ETSI TS 102 226 clause 8.2.1.3.2.
#pragma once

#include <optional>
#include <vector>

#include "core/result.hpp"
#include "core/types.hpp"

namespace uicclab::gp {

/// What an application has of the toolkit (TS 102 226 clause 8.2.1.3.2.2.1).
struct ToolkitParameters {
  struct MenuEntry {
    std::uint8_t position = 0;  ///< 00: at the end
    std::uint8_t id = 0;        ///< 00: any
    bool operator==(const MenuEntry&) const = default;
  };

  std::uint8_t priority = 0xFF;
  std::uint8_t max_timers = 0;     ///< up to 8
  std::uint8_t max_menu_text = 0;  ///< bytes
  std::vector<MenuEntry> menu;
  std::uint8_t max_channels = 0;  ///< up to 7
  std::uint8_t minimum_spi1 = 0;  ///< minimum security level: the first byte of SPI that a secured packet must reach; 00: any
  std::vector<Tar> tars;          ///< empty: the TAR in the instance's AID
  std::uint8_t max_services = 0;  ///< up to 8

  bool operator==(const ToolkitParameters&) const = default;
};

/// What an application may do with the files of one file system (clause 8.2.1.3.2.2.2).
struct AccessParameters {
  Aid adf;       ///< empty: the UICC's shared file system
  Bytes domain;  ///< 00 all; FF nothing; 02 and three bytes: as if these PINs were verified; others are proprietary
  Bytes dap;     ///< access domain DAP

  bool operator==(const AccessParameters&) const = default;
};

/// Bits of an implicit selection parameter (GP clause 11.1.7); the low five are a logical channel.
inline constexpr std::uint8_t kImplicitContactless = 0x80;
inline constexpr std::uint8_t kImplicitByContact = 0x40;

struct UiccParameters {
  std::optional<ToolkitParameters> toolkit;
  std::vector<AccessParameters> access;
  std::vector<AccessParameters> administrative_access;

  bool operator==(const UiccParameters&) const = default;
  /// The value of EA. Errors: kTruncated, kTrailing, kMalformed (unknown or repeated object), kRange (more timers, channels or services
  /// than there are, lengths of MSL and TARs, a TAR twice, an AID), kUnsupported (a toolkit parameters DAP, an MSL of another kind).
  static Result<UiccParameters> parse(BytesView value);
  Bytes encoded() const;
};

/// The field "install parameters" of INSTALL.
struct InstallParameters {
  /// Coding of UICC parameters: as EA, or as the older CA in EF of a SIM (clause 8.2.1.3.2.1). A field has one of them.
  enum class Form : std::uint8_t { kUicc, kSim };

  std::optional<Bytes> application;                ///< C9
  std::optional<std::uint32_t> code_memory;        ///< EF C6: bytes, at least
  std::optional<std::uint32_t> volatile_memory;    ///< EF C7: quota in bytes; of a load file: at least
  std::optional<std::uint32_t> memory;             ///< EF C8: the same of non-volatile memory
  std::optional<std::uint32_t> reserved_volatile;  ///< EF D7: bytes
  std::optional<std::uint32_t> reserved_memory;    ///< EF D8: bytes
  Bytes services;                                  ///< EF CB: two bytes for each global service
  std::vector<std::uint8_t> implicit_selection;    ///< EF CF, one each
  std::optional<UiccParameters> uicc;
  Form form = Form::kUicc;

  bool operator==(const InstallParameters&) const = default;
  /// Errors: kTruncated, kMalformed (an object that is unknown or occurs twice, EA together with CA), and those of UiccParameters, with
  /// the offset in the field or in EA.
  static Result<InstallParameters> parse(BytesView field);
  /// With C9 only if there is one. In the form of a SIM, only the toolkit and one access domain of the shared file system are written.
  Bytes encoded() const;
};

}  // namespace uicclab::gp
