// SPDX-License-Identifier: Apache-2.0
// Class files of Java compilers, as far as a converter needs them: The Java Virtual Machine Specification (JVMS) chapter 4. Stack maps,
// signatures of generics and annotations are passed over.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/types.hpp"

namespace uicclab::jcvm::converter {

/// Access flags of classes, fields and methods (JVMS tables 4.1-B, 4.5-A, 4.6-A).
enum JavaFlag : std::uint16_t {
  kPublic = 0x0001,
  kPrivate = 0x0002,
  kProtected = 0x0004,
  kStatic = 0x0008,
  kFinal = 0x0010,
  kSynchronized = 0x0020,  ///< of a method
  kBridge = 0x0040,        ///< of a method
  kNative = 0x0100,
  kInterface = 0x0200,
  kAbstract = 0x0400,
  kSynthetic = 0x1000,
  kAnnotation = 0x2000,
  kEnum = 0x4000,
};

/// Tags of constants (JVMS table 4.4-A).
enum class JavaConstantTag : std::uint8_t {
  kNone = 0,
  kUtf8 = 1,
  kInteger = 3,
  kFloat = 4,
  kLong = 5,
  kDouble = 6,
  kClass = 7,
  kString = 8,
  kField = 9,
  kMethod = 10,
  kInterfaceMethod = 11,
  kNameAndType = 12,
  kMethodHandle = 15,
  kMethodType = 16,
  kDynamic = 17,
  kInvokeDynamic = 18,
  kModule = 19,
  kPackage = 20,
};

/// A field or method that code names.
struct MemberName {
  std::string owner;  ///< "javacard/framework/APDU"
  std::string name;
  std::string descriptor;
};

struct ClassFile {
  struct Constant {
    JavaConstantTag tag = JavaConstantTag::kNone;
    std::uint16_t first = 0;  ///< indices of other constants
    std::uint16_t second = 0;
    std::int32_t number = 0;  ///< kInteger
    std::string text;         ///< kUtf8
  };
  struct Field {
    std::uint16_t flags = 0;
    std::string name;
    std::string descriptor;
    std::optional<std::uint16_t> value;  ///< ConstantValue: index of the constant
  };
  struct Handler {
    std::uint16_t start = 0;
    std::uint16_t end = 0;  ///< after the last byte
    std::uint16_t handler = 0;
    std::string type;  ///< empty: any
  };
  struct Line {
    std::uint16_t start = 0;
    std::uint16_t line = 0;
  };
  struct Variable {
    std::uint16_t start = 0;
    std::uint16_t length = 0;
    std::string name;
    std::string descriptor;
    std::uint16_t index = 0;
  };
  struct Code {
    std::uint16_t max_stack = 0;
    std::uint16_t max_locals = 0;
    Bytes bytes;
    std::vector<Handler> handlers;
    std::vector<Line> lines;
    std::vector<Variable> variables;

    /// The source line of a byte; 0 if it is not known.
    unsigned line_of(std::size_t pc) const;
  };
  struct Method {
    std::uint16_t flags = 0;
    std::string name;
    std::string descriptor;
    std::optional<Code> code;
  };

  /// Checked: every count and length lies in the file, every index names a constant of the kind that must be there.
  /// Errors: kMalformed, kTruncated, kTrailing, kRange (over 1 MiB).
  static Result<ClassFile> parse(BytesView bytes);

  const Constant* constant(std::size_t index, JavaConstantTag tag) const;
  /// Of a constant kClass; nullopt for others.
  std::optional<std::string> class_at(std::size_t index) const;
  /// Of a constant kField, kMethod, kInterfaceMethod; nullopt for others.
  std::optional<MemberName> member_at(std::size_t index) const;
  JavaConstantTag tag_of(std::size_t index) const { return index < constants.size() ? constants[index].tag : JavaConstantTag::kNone; }

  const Method* method(std::string_view name, std::string_view descriptor) const;
  bool is_interface() const { return (flags & kInterface) != 0; }
  /// "com/example"; empty in the package without a name.
  std::string package() const { return name.substr(0, name.rfind('/') == std::string::npos ? 0 : name.rfind('/')); }

  std::uint16_t version = 0;  ///< 52: Java 8
  std::uint16_t flags = 0;
  std::string name;
  std::string super;  ///< empty for java/lang/Object
  std::string source_file;
  std::vector<std::string> interfaces;
  std::vector<Field> fields;
  std::vector<Method> methods;
  std::vector<Constant> constants;
};

/// Types of a method: "([BS)V".
struct Signature {
  std::vector<std::string> parameters;
  std::string result;
};
/// nullopt: no descriptor of a method.
std::optional<Signature> signature_of(std::string_view descriptor);
/// The first type of a text, "[B", "Lcom/a/B;"; empty if none begins there.
std::string_view first_type(std::string_view text);

}  // namespace uicclab::jcvm::converter
