// SPDX-License-Identifier: Apache-2.0
// A CAP file as values: JCVM 3.1 chapter 6, formats 2.1, 2.2 and 2.3 compact, every component to its last byte, and back byte for byte.
// Offsets that one component holds of another count from after the other one's tag and size, as in the specification ("the info item").
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/types.hpp"
#include "jcvm/cap/component.hpp"

namespace uicclab::jcvm::cap {

/// A package with its version (JCVM clause 6.4, package_info).
struct Package {
  std::uint8_t minor = 0;
  std::uint8_t major = 0;
  Aid aid;
  bool operator==(const Package&) const = default;
};

/// "A0000000620101 1.0"
std::string to_text(const Package& package);

/// A class or interface (JCVM clause 6.8.1): of this package by its offset in the Class component, or of an imported one by tokens.
struct ClassRef {
  std::uint16_t value = 0xFFFF;

  bool none() const { return value == 0xFFFF; }  ///< the superclass of java.lang.Object
  bool external() const { return (value & 0x8000) != 0 && !none(); }
  std::uint16_t offset() const { return value; }                                           ///< if it is of this package
  std::uint8_t package() const { return static_cast<std::uint8_t>((value >> 8) & 0x7F); }  ///< if external: index of the import
  std::uint8_t class_token() const { return static_cast<std::uint8_t>(value & 0xFF); }     ///< if external
  bool operator==(const ClassRef&) const = default;
};

/// Flags of the Header component (JCVM table 6-4).
enum HeaderFlag : std::uint8_t { kAccInt = 0x01, kAccExport = 0x02, kAccApplet = 0x04, kAccExtended = 0x08 };

/// Clause 6.4.
struct Header {
  std::uint8_t format_minor = 1;
  std::uint8_t format_major = 2;
  std::uint8_t flags = 0;
  Package package;
  std::optional<std::string> name;  ///< "com/example/wallet"; from 2.2 on, for packages with remote objects
};

/// Clause 6.5: what the other components must be.
struct Directory {
  struct Custom {
    std::uint8_t tag = kFirstCustomTag;
    std::uint16_t size = 0;
    Aid aid;
  };
  std::vector<std::uint16_t> sizes;        ///< by tag - 1: eleven in format 2.1, else twelve
  std::uint32_t static_resource_size = 0;  ///< from 2.3 on
  std::uint16_t image_size = 0;
  std::uint16_t array_init_count = 0;
  std::uint16_t array_init_size = 0;
  std::uint8_t import_count = 0;
  std::uint8_t applet_count = 0;
  std::vector<Custom> custom;
};

/// Clause 6.6.
struct Applet {
  Aid aid;
  std::uint16_t install_method = 0;  ///< offset in the Method component
  bool operator==(const Applet&) const = default;
};

/// Kinds of constants (table 6-9).
enum class ConstantKind : std::uint8_t {
  kClass = 1,
  kInstanceField,
  kVirtualMethod,
  kSuperMethod,
  kStaticField,
  kStaticMethod,
};

/// Clause 6.8: one entry, as its three bytes say.
struct Constant {
  ConstantKind kind = ConstantKind::kClass;
  std::array<std::uint8_t, 3> info{};

  /// Of kClass to kSuperMethod: the class that is named.
  ClassRef class_ref() const { return {static_cast<std::uint16_t>(info[0] << 8 | info[1])}; }
  /// The token in its class: of kInstanceField, kVirtualMethod, kSuperMethod, and of static ones if they are external.
  std::uint8_t token() const { return info[2]; }
  bool is_static() const { return kind == ConstantKind::kStaticField || kind == ConstantKind::kStaticMethod; }
  bool external() const { return is_static() ? (info[0] & 0x80) != 0 : class_ref().external(); }
  std::uint8_t package() const { return static_cast<std::uint8_t>(info[0] & 0x7F); }  ///< if external: index of the import
  std::uint8_t class_token() const { return info[1]; }                                ///< if external
  /// Of a static one of this package: offset in the static field image, or in the Method component.
  std::uint16_t offset() const { return static_cast<std::uint16_t>(info[1] << 8 | info[2]); }
};

/// Flags of classes and interfaces in the Class component (table 6-11), in the upper half of their first byte.
enum ClassFlag : std::uint8_t { kAccInterface = 0x80, kAccShareable = 0x40, kAccRemote = 0x20 };

/// Clause 6.9.2: an interface or a class.
struct ClassInfo {
  struct Implemented {
    ClassRef interface;
    std::vector<std::uint8_t> index;  ///< by token of the interface's method: token of the virtual method
  };
  struct RemoteMethod {
    std::uint16_t hash = 0;
    std::uint16_t signature_offset = 0;
    std::uint8_t virtual_method_token = 0;
  };
  struct Remote {
    std::vector<RemoteMethod> methods;
    Bytes hash_modifier;
    std::string class_name;
    std::vector<ClassRef> interfaces;
  };

  std::uint16_t offset = 0;  ///< in the component; the reader fills it in, the writer does not look at it
  std::uint8_t flags = 0;    ///< ClassFlag
  // of interfaces
  std::vector<ClassRef> superinterfaces;  ///< direct and indirect ones
  std::string interface_name;             ///< of remote ones
  // of classes
  ClassRef super;
  std::uint8_t declared_instance_size = 0;  ///< in cells of 16 bits
  std::uint8_t first_reference_token = 0xFF;
  std::uint8_t reference_count = 0;
  std::uint8_t public_table_base = 0;
  std::uint8_t package_table_base = 0;
  std::vector<std::uint16_t> public_methods;   ///< offsets in the Method component, from token public_table_base on; FFFF: inherited
  std::vector<std::uint16_t> package_methods;  ///< the same for package-visible ones
  std::vector<Implemented> interfaces;
  std::optional<Remote> remote;
  std::vector<std::uint8_t> token_mapping;  ///< from 2.3 on, by public token, with those below the base
  std::uint8_t cap22_inheritable = 0;       ///< from 2.3 on

  bool is_interface() const { return (flags & kAccInterface) != 0; }
  bool is_shareable() const { return (flags & kAccShareable) != 0; }
  bool is_remote() const { return (flags & kAccRemote) != 0; }
};

/// Clause 6.9.
struct ClassComponent {
  Bytes signature_pool;  ///< from 2.2 on: type descriptors
  std::vector<ClassInfo> classes;

  /// The class or interface that begins there; null if none does.
  const ClassInfo* at(std::uint16_t offset) const;
};

/// Clause 6.10.
struct ExceptionHandler {
  std::uint16_t start = 0;   ///< first byte of the active range, in the component
  std::uint16_t length = 0;  ///< of the range, 15 bits
  bool stop = false;
  std::uint16_t handler = 0;
  std::uint16_t catch_type = 0;  ///< index of a class in the constant pool; 0: any
  bool operator==(const ExceptionHandler&) const = default;
};

/// Flags of a method's header (table 6-15).
enum MethodFlag : std::uint8_t { kMethodExtended = 0x80, kMethodAbstract = 0x40 };

/// Clause 6.10: what stands before the byte code of a method.
struct MethodHeader {
  std::uint8_t flags = 0;  ///< MethodFlag
  std::uint8_t max_stack = 0;
  std::uint8_t nargs = 0;
  std::uint8_t max_locals = 0;  ///< without the arguments
  std::uint32_t code = 0;       ///< offset of the first instruction in the component

  bool is_abstract() const { return (flags & kMethodAbstract) != 0; }
  unsigned locals() const { return unsigned{nargs} + max_locals; }
};

/// Clause 6.10. Where a method ends only its code says, or the Descriptor component.
struct MethodComponent {
  std::vector<ExceptionHandler> handlers;
  Bytes methods;  ///< all that follows the handlers

  /// Offset in the component of the first method.
  std::uint32_t base() const { return static_cast<std::uint32_t>(1 + 8 * handlers.size()); }
  std::uint32_t size() const { return base() + static_cast<std::uint32_t>(methods.size()); }
  /// From an offset in the component to its end; empty outside of the methods.
  BytesView from(std::uint32_t offset) const;
  /// The header of the method at an offset. Errors: kRange, kTruncated, kMalformed.
  Result<MethodHeader> header_at(std::uint32_t offset) const;
};

/// Clause 6.11.
struct StaticField {
  struct ArrayInit {
    std::uint8_t type = 3;  ///< 2 boolean, 3 byte, 4 short, 5 int
    Bytes values;
  };
  std::uint16_t image_size = 0;
  std::uint16_t reference_count = 0;
  std::vector<ArrayInit> array_init;
  std::uint16_t default_value_count = 0;
  Bytes non_default_values;
};

/// Clause 6.12: where the Method component names constants, as distances of which each FF goes on to the next.
struct ReferenceLocation {
  Bytes byte_distances;   ///< to indices of one byte
  Bytes byte2_distances;  ///< to indices of two bytes

  /// Offsets in the Method component.
  static std::vector<std::uint32_t> offsets(BytesView distances);
};

/// Clause 6.13: one class or interface that others may import; its place in the list is its token.
struct ExportedClass {
  std::uint16_t class_offset = 0;
  std::vector<std::uint16_t> static_fields;   ///< by token: offset in the static field image
  std::vector<std::uint16_t> static_methods;  ///< by token: offset in the Method component
};

/// Flags of classes (table 6-20), and of fields and methods (tables 6-21, 6-22), in the Descriptor component.
enum DescriptorFlag : std::uint8_t {
  kDescriptorPublic = 0x01,
  kDescriptorPrivate = 0x02,
  kDescriptorProtected = 0x04,
  kDescriptorStatic = 0x08,
  kDescriptorFinal = 0x10,
  kDescriptorInterface = 0x40,  ///< of a class; of a method: abstract
  kDescriptorAbstract = 0x80,   ///< of a class; of a method: <init>
};
constexpr std::uint8_t kDescriptorAbstractMethod = 0x40;
constexpr std::uint8_t kDescriptorInit = 0x80;

/// Clause 6.14.
struct Descriptor {
  struct Field {
    std::uint8_t token = 0xFF;
    std::uint8_t flags = 0;
    std::array<std::uint8_t, 3> reference{};  ///< as in a Constant: kStaticField or kInstanceField, by the flags
    std::uint16_t type = 0;                   ///< 8002 boolean, 8003 byte, 8004 short, 8005 int; else an offset in the types
  };
  struct Method {
    std::uint8_t token = 0xFF;
    std::uint8_t flags = 0;
    std::uint16_t offset = 0;  ///< in the Method component; 0 for methods of interfaces
    std::uint16_t type = 0;    ///< offset in the types
    std::uint16_t code_size = 0;
    std::uint16_t handler_count = 0;
    std::uint16_t handler_index = 0;
  };
  struct Class {
    std::uint8_t token = 0xFF;
    std::uint8_t flags = 0;
    ClassRef self;
    std::vector<ClassRef> interfaces;
    std::vector<Field> fields;
    std::vector<Method> methods;
  };
  std::vector<Class> classes;
  std::vector<std::uint16_t> constant_types;  ///< by index of the constant: offset in the types; FFFF for classes
  Bytes types;                                ///< type descriptors, one after the other

  /// The nibbles of the type descriptor at an offset, which counts from constant_pool_count on. Errors: kRange, kTruncated.
  Result<Bytes> type_at(std::uint16_t offset) const;
};

/// Clause 6.15.
struct Debug {
  struct Field {
    std::uint16_t name = 0;
    std::uint16_t descriptor = 0;
    std::uint16_t flags = 0;
    std::uint32_t contents = 0;  ///< the token, the offset in the static field image, or the value of a constant
  };
  struct Variable {
    std::uint8_t index = 0;
    std::uint16_t name = 0;
    std::uint16_t descriptor = 0;
    std::uint16_t start = 0;  ///< of the range in which it lives, in the method's code
    std::uint16_t length = 0;
  };
  struct Line {
    std::uint16_t start = 0;  ///< first and last byte of the line's instructions, in the method's code
    std::uint16_t end = 0;
    std::uint16_t line = 0;
  };
  struct Method {
    std::uint16_t name = 0;
    std::uint16_t descriptor = 0;
    std::uint16_t flags = 0;
    std::uint16_t location = 0;  ///< offset in the Method component
    std::uint8_t header_size = 0;
    std::uint16_t body_size = 0;
    std::vector<Variable> variables;
    std::vector<Line> lines;
  };
  struct Class {
    std::uint16_t name = 0;
    std::uint16_t flags = 0;
    ClassRef location;
    std::uint16_t super_name = 0;
    std::uint16_t source_file = 0;
    std::vector<std::uint16_t> interface_names;
    std::vector<Field> fields;
    std::vector<Method> methods;
  };
  std::vector<std::string> strings;
  std::uint16_t package_name = 0;
  std::vector<Class> classes;

  /// The string of an index; empty if there is none.
  std::string_view text(std::uint16_t index) const { return index < strings.size() ? std::string_view(strings[index]) : ""; }
};

/// Clause 6.16.
struct StaticResource {
  std::uint16_t id = 0;
  Bytes value;
};

struct CustomComponent {
  std::uint8_t tag = kFirstCustomTag;
  Bytes content;
};

/// Everything that a CAP file holds.
struct CapFile {
  /// Reads components that come one after the other, the Header first, in any order. Checked: each component is there at most once, those
  /// that every package has are there (Descriptor and Debug may be missing: GP annex C), each is filled exactly, sizes and counts are those
  /// of the Directory, flags fit the components, and the references in Applet, Method, Static Field and Export are inside what they point
  /// into. Errors: kTruncated, kMalformed, kRange, kUnsupported (another format, the extended one, unknown flags and components); the text
  /// says which component, what must be and what was found; the offset counts from the beginning of `components`.
  static Result<CapFile> parse(BytesView components);

  Header header;
  Directory directory;
  std::vector<Applet> applets;
  std::vector<Package> imports;
  std::vector<Constant> constants;
  ClassComponent classes;
  MethodComponent methods;
  StaticField static_fields;
  ReferenceLocation references;
  std::vector<ExportedClass> exports;
  std::optional<Descriptor> descriptor;
  std::optional<Debug> debug;
  std::vector<StaticResource> static_resources;
  std::vector<CustomComponent> custom;
  std::vector<std::uint8_t> order;  ///< tags, in the order in which the components came

  bool has(Component component) const;
  /// A component with its tag and size; empty if the file has none. Throws SystemError if it is too large for its size field.
  Bytes encode(Component component) const;
  /// All components in their order: what parse() read.
  Bytes encode() const;
  /// The components of this list that the file has.
  Bytes encode(std::span<const Component> components) const;
};

}  // namespace uicclab::jcvm::cap
