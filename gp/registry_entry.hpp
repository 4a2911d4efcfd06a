// SPDX-License-Identifier: Apache-2.0
// An application or a load file in the registry, as GET STATUS returns it: GP clause 11.4.3.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/types.hpp"
#include "gp/life_cycle.hpp"

namespace uicclab::gp {

/// P1 of GET STATUS and SET STATUS (GP clause 11.4.2.1).
enum class StatusOf : std::uint8_t {
  kIssuerDomain = 0x80,
  kApplications = 0x40,  ///< with supplementary security domains
  kLoadFiles = 0x20,
  kLoadFilesAndModules = 0x10,
};

struct RegistryEntry {
  enum class Kind : std::uint8_t { kIssuerDomain, kApplication, kLoadFile };

  Kind kind = Kind::kApplication;
  Aid aid;
  std::optional<std::uint8_t> life_cycle;        ///< nothing: not reported
  Privileges privileges;                         ///< of applications
  Aid load_file;                                 ///< of applications: the load file; empty: not reported
  Aid domain;                                    ///< associated security domain; empty: not reported
  Bytes version;                                 ///< of load files: major and minor, or empty
  std::vector<Aid> modules;                      ///< of load files
  std::vector<std::uint8_t> implicit_selection;  ///< of applications: parameters CF (clause 11.1.7)

  bool operator==(const RegistryEntry&) const = default;
};

/// The life cycle state as text, as tables 11-3 to 11-6 name it: "SELECTABLE", "LOCKED (was SELECTABLE)", "SECURED", "LOADED"; states of
/// an application's own as "SELECTABLE (0F)"; "unknown" if the card does not report it.
std::string life_cycle_words(const RegistryEntry& entry);

/// One entry as a template E3 (table 11-36); the modules only when `with_modules`. `tags` is the tag list of 5C: only these objects, all if
/// empty.
Bytes encode_entry(const RegistryEntry& entry, bool with_modules, BytesView tags = {});
/// The same in the old form, without tags (tables 11-34 and 11-35).
Bytes encode_old_entry(const RegistryEntry& entry, bool with_modules);

/// The registry as a card reported it.
struct RegistryAnswer {
  std::vector<RegistryEntry> entries;
  /// One line for each thing that could not be read: "entry A0000000041010: load file (C4) has 0 bytes, an AID has 5 to 16". The rest of
  /// that entry, and all others, are there.
  std::vector<std::string> oddities;
};

/// The templates E3 of an answer, added to `out`; unknown objects in them are skipped. `of` says what the entries are.
void read_entries(BytesView data, StatusOf of, RegistryAnswer& out);
/// The same in the old form, without tags (tables 11-34 and 11-35).
void read_old_entries(BytesView data, StatusOf of, RegistryAnswer& out);

}  // namespace uicclab::gp
