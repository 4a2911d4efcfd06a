// SPDX-License-Identifier: Apache-2.0
// How the registry lies in NVM: Space::kRegistry, a format of our own.
#pragma once

#include "emulator/registry/registry.hpp"

namespace uicclab::emulator {

/// Owners in Space::kRegistry. Numbers are kept in state files: never change one.
enum class RegistryObject : std::uint32_t {
  kNextInstance = 1,        ///< index 0; four bytes
  kInstance = 2,            ///< index: instance number
  kLoadFile = 3,            ///< index: load file number
  kLoadFileComponents = 4,  ///< index: load file number; the CAP components as they were loaded
  kNextLoadFile = 5,        ///< index 0; four bytes
  kHistoricalBytes = 6,     ///< index 0; of the ATR, where an application has set them
};

constexpr ObjectId registry_object(RegistryObject kind, std::uint32_t index) {
  return {Space::kRegistry, static_cast<std::uint32_t>(kind), index};
}

/// The record of a deleted instance of the image.
Bytes deleted_instance();
Bytes encode_instance(const InstanceSpec& spec);
Bytes encode_load_file(const LoadFileRecord& file);

/// An instance record read back; its module is to be looked up by `load_file` and `module_aid`.
struct InstanceRecord {
  bool deleted = false;
  Aid load_file;
  Aid module_aid;
  InstanceSpec spec;
};
std::optional<InstanceRecord> decode_instance(BytesView bytes);
std::optional<LoadFileRecord> decode_load_file(BytesView bytes);

}  // namespace uicclab::emulator
