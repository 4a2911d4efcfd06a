// SPDX-License-Identifier: Apache-2.0
// Data fields of INSTALL, LOAD and DELETE: GP clauses 11.2.2.3, 11.5.2.3 and 11.6.2.3.
#pragma once

#include <optional>

#include "core/result.hpp"
#include "core/types.hpp"
#include "gp/privileges.hpp"

namespace uicclab::gp {

/// P1 of INSTALL (table 11-41): bits that may be combined as clause 11.5.2.1 says.
namespace install {
inline constexpr std::uint8_t kMore = 0x80;
inline constexpr std::uint8_t kRegistryUpdate = 0x40;
inline constexpr std::uint8_t kPersonalization = 0x20;
inline constexpr std::uint8_t kExtradition = 0x10;
inline constexpr std::uint8_t kMakeSelectable = 0x08;
inline constexpr std::uint8_t kInstall = 0x04;
inline constexpr std::uint8_t kLoad = 0x02;
}  // namespace install

/// INSTALL [for load] (table 11-42).
struct InstallForLoad {
  Aid load_file;
  Aid domain;        ///< empty: the one that gets the command
  Bytes hash;        ///< of the load file data block; empty: none
  Bytes parameters;  ///< install_parameters.hpp
  Bytes token;

  static Result<InstallForLoad> parse(BytesView data);
  Bytes encoded() const;
};

/// All other forms have six fields (tables 11-43 to 11-47): which of the AIDs are there differs by the form.
///
/// | form            | first           | second          | third       |
/// |-----------------|-----------------|-----------------|-------------|
/// | install         | load file       | module          | application |
/// | make selectable | -               | -               | application |
/// | extradition     | security domain | -               | application |
/// | registry update | security domain | -               | application |
/// | personalization | -               | -               | application |
struct InstallFields {
  Aid first;
  Aid second;
  Aid third;
  std::optional<Privileges> privileges;  ///< nothing: an empty field
  Bytes parameters;                      ///< install_parameters.hpp
  Bytes token;

  /// Errors: kTruncated, kTrailing, kRange (AID, length), kMalformed (privileges), with the offset.
  static Result<InstallFields> parse(BytesView data);
  Bytes encoded() const;
};

/// Data of DELETE: an object by its AID, or keys by identifier, version or both (tables 11-21, 11-22).
struct DeleteData {
  Aid aid;
  std::optional<std::uint8_t> key_id;
  std::optional<KeyVersion> key_version;
  Bytes token;

  bool is_key() const { return aid.empty(); }
  static Result<DeleteData> parse(BytesView data);
  Bytes encoded() const;
};

}  // namespace uicclab::gp
