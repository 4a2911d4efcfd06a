// SPDX-License-Identifier: Apache-2.0
// EF_LWM2M_Bootstrap: OMA-TS-LightweightM2M_Core appendix G.3.3.
// number of objects (2) | bytes that follow (2) | for each object: identifier (2), version (1 or 2), length (2), its instances in TLV.
#pragma once

#include "lwm2m/object_model.hpp"

namespace uicclab::lwm2m {

/// One object of the file.
struct BootstrapObject {
  std::uint16_t id = 0;
  /// Written as its two bytes; nothing is the one byte 00: 1.0, or what the enabler's version says.
  std::optional<ObjectVersion> version;
  std::vector<ObjectInstance> instances;
  bool operator==(const BootstrapObject&) const = default;
};

struct BootstrapFile {
  std::vector<BootstrapObject> objects;

  /// The first object with that identifier; nothing if there is none.
  const BootstrapObject* find(std::uint16_t object) const;
  bool operator==(const BootstrapFile&) const = default;
};

/// The largest file on a card (appendix G.3.3).
inline constexpr std::size_t kMaxBootstrapFile = std::size_t{32} * 1024;

/// Reads a file, which may be padded with FF after its end. Errors: kTruncated; kNotFound if there is nothing but FF; kRange over 32 KB;
/// kMalformed for instances that are not TLV, an object that occurs twice, or a number that is not that of the objects; kTrailing
/// for other bytes than FF after the end. Offsets are from the begin of the file.
Result<BootstrapFile> parse_bootstrap_file(BytesView bytes);

/// Writes it without padding. Errors: kRange over 32 KB or for a version with major 0.
Result<Value> encode_bootstrap_file(const BootstrapFile& file);

}  // namespace uicclab::lwm2m
