// Executable load files in CAP format: Java Card Virtual Machine Specification v3.0.5 (JCVM) chapter 6, as they come concatenated in LOAD
// commands (GP annex C is their order). The byte code itself is looked at by whoever runs it.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "core/result.hpp"
#include "core/types.hpp"

namespace uicclab::gp {

/// Tags of components (JCVM table 6-1).
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
};

/// A CAP file, checked; the components point into the bytes that were parsed.
struct CapFile {
  struct Package {
    std::uint8_t minor = 0;
    std::uint8_t major = 0;
    Aid aid;
    bool operator==(const Package&) const = default;
  };
  struct Applet {
    Aid aid;
    std::uint16_t install_method = 0;  ///< offset in the method component
    bool operator==(const Applet&) const = default;
  };

  std::uint8_t format_minor = 0;
  std::uint8_t format_major = 0;
  std::uint8_t flags = 0;
  Package package;
  std::string name;  ///< "com/example/wallet", or empty
  std::vector<Package> imports;
  std::vector<Applet> applets;
  std::uint16_t static_image_size = 0;  ///< bytes of static fields
  std::array<BytesView, 13> components{};  ///< by tag, without tag and size; empty if it is not there

  BytesView component(Component which) const { return components[static_cast<std::size_t>(which)]; }

  /// The components in the order they have; custom ones are kept unread. Checked: each component is there once and has the size that the
  /// directory tells; header, applets, imports, constant pool, methods' exception table, static field image, reference locations and exports fill
  /// their component exactly; AIDs; flags against components; install methods lie in the method component.
  /// Errors: kTruncated, kMalformed, kRange, kUnsupported (format or flags), with the offset.
  static Result<CapFile> parse(BytesView components);
};

/// A signature over the hash of a load file, for the domain that verifies it (GP clauses 11.6.2.3 and C.3).
struct Dap {
  Aid domain;
  Bytes signature;
};

/// What stands in a load file data block (GP clause 11.6.2.3): an E2 {4F, C3} for each DAP, then the C4. Errors: kTruncated, kMalformed,
/// kUnsupported (a ciphered block D4).
struct LoadFileBlocks {
  std::vector<Dap> daps;
  BytesView components;
  static Result<LoadFileBlocks> parse(BytesView load_file);
};

}  // namespace uicclab::gp
