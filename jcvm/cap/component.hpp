// SPDX-License-Identifier: Apache-2.0
// Components of a CAP file: Java Card Virtual Machine Specification 3.1 (JCVM) clauses 6.1 and 6.2, table 6-1.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace uicclab::jcvm::cap {

/// Tags of components. From 128 on they are custom ones.
enum class Component : std::uint8_t {
  kHeader = 1,
  kDirectory,
  kApplet,
  kImport,
  kConstantPool,
  kClass,
  kMethod,
  kStaticField,
  kReferenceLocation,
  kExport,
  kDescriptor,
  kDebug,
  kStaticResource,
};

constexpr std::uint8_t kLastTag = 13;
constexpr std::uint8_t kFirstCustomTag = 128;

/// "Class"; what tags without a name have is "custom".
std::string_view name_of(Component component);
/// The file of an archive that holds it, "RefLocation.cap" (JCVM table 6-2); empty for custom ones.
std::string_view file_name_of(Component component);
std::optional<Component> component_with_file_name(std::string_view name);

/// What a card needs, in the order in which it is best loaded (JCVM clause 6.2; GlobalPlatform Card Specification annex C). Descriptor
/// and Debug are not among it.
constexpr auto kLoadOrder = std::to_array<Component>({Component::kHeader, Component::kDirectory, Component::kImport, Component::kApplet,
                                                      Component::kClass, Component::kMethod, Component::kStaticField, Component::kExport,
                                                      Component::kConstantPool, Component::kReferenceLocation, Component::kStaticResource});

}  // namespace uicclab::jcvm::cap
