// SPDX-License-Identifier: Apache-2.0
// The contents of the API packages, by name and by token: one text table for each, <package>.txt in this folder. Linker, disassembler and
// whoever implements a package read the same one.
//
// A table: '#' and the rest of a line are a comment. Names of the table's own package are written without the package.
//   package javacard/framework 1.9 A0000000620101   name, version, AID; first
//   implemented 1.6                                  the version that this card has; without this line it has none of the package
//   class 3 Applet abstract extends java/lang/Object
//   interface 19 OwnerPINx since 1.6 extends PIN     token, name; all superinterfaces, direct and indirect
//   class ... final, shareable, remote, implements A B
//   class 254 OwnPin hidden ...                      made by natives only, of an interface of the package: no CAP file can name it
//   class 11 MessageDigest abstract inheritable 6    only its methods below token 6 are inherited by classes of CAP formats 2.1 and 2.2:
//   later ones
//                                                    were added when subclasses had those tokens (clause 6.9.2.7)
//     const NAME S 27011                             a constant: descriptor and value; converters put it into the code
//     field 0 name S protected                       token, name, descriptor
//     static-field 0 name S final
//     init 0 (S)V protected                          a constructor, with a token of the static methods
//     static 1 throwIt (S)V
//     virtual 7 process (Ljavacard/framework/APDU;)V abstract
//   since 1.2                                        on any of them: the minor version that added it
// Tokens are those of the export file (JCVM 3.1 chapter 5, clauses 4.3.7.1 to 4.3.7.7). As there, the methods of a class include those that
// it inherits.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/types.hpp"

namespace uicclab::jcvm::packages {

struct Version {
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  auto operator<=>(const Version&) const = default;
};

enum class MemberKind : std::uint8_t { kConstant, kField, kStaticField, kInit, kStatic, kVirtual };

struct Member {
  MemberKind kind = MemberKind::kVirtual;
  std::uint8_t token = 0xFF;  ///< constants have none
  std::string name;           ///< "<init>" of a constructor
  std::string descriptor;     ///< "([BS)V"
  std::int32_t value = 0;     ///< of a constant
  bool is_protected = false;
  bool is_final = false;
  bool is_abstract = false;
  Version since;
};

struct Class {
  std::uint8_t token = 0;
  std::string name;  ///< "javacard/framework/Applet"
  bool is_interface = false;
  bool is_abstract = false;
  bool is_final = false;
  bool is_shareable = false;
  bool is_remote = false;
  std::string super;  ///< full name; empty for java/lang/Object and interfaces
  std::vector<std::string> interfaces;
  std::vector<Member> members;
  std::optional<std::uint8_t> inheritable;  ///< if fewer than all virtual methods are: how many
  Version since;

  /// By token. Constructors and static methods share one numbering, static fields, instance fields and virtual methods have their own.
  const Member* static_method(std::uint8_t number) const;
  const Member* virtual_method(std::uint8_t number) const;
  const Member* static_field(std::uint8_t number) const;
  const Member* instance_field(std::uint8_t number) const;
  /// By name; for methods with the descriptor, "<init>" for constructors.
  const Member* method(std::string_view method_name, std::string_view descriptor) const;
  const Member* field(std::string_view field_name) const;
};

struct Package {
  std::string name;  ///< "javacard/framework"
  Version version;   ///< the newest that the table knows
  Aid aid;
  std::optional<Version> implemented;  ///< what a card here has of it
  std::vector<Class> classes;          ///< by token
  std::vector<Class> hidden;           ///< for natives only

  const Class* class_with(std::uint8_t token) const;
  /// By its full name or the one within the package.
  const Class* class_named(std::string_view class_name) const;
  /// Hidden ones too.
  const Class* native_class(std::string_view class_name) const;

  /// Errors: kMalformed, kRange; the text begins with the line, the offset is its number.
  static Result<Package> parse(std::string_view text);
};

/// An import is satisfied by a package of the same major version and this minor one or a newer (JCVM clause 4.5.2).
constexpr bool satisfies(const Version& available, const Version& wanted) {
  return available.major == wanted.major && available.minor >= wanted.minor;
}

/// The newest version of the table's package that the card has serves an import of this one.
inline bool is_implemented(const Package& table, const Version& wanted) {
  return table.implemented && satisfies(*table.implemented, wanted);
}

/// The tables of this folder. Each is read when it is asked for first.
const Package* package_with(const Aid& aid);
/// "javacard/framework" or "javacard.framework".
const Package* package_named(std::string_view name);
/// The class of a full name, "javacard/framework/Applet", in whichever package it is.
const Class* class_named(std::string_view name);
/// Names of all packages that have a table, sorted.
std::vector<std::string> names();

}  // namespace uicclab::jcvm::packages
