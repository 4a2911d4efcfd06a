// SPDX-License-Identifier: Apache-2.0
// A linked package: classes, methods as operations of fixed width, constants resolved. Immutable; all cards of the process share it.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "jcvm/cap/cap_file.hpp"
#include "jcvm/machine/native.hpp"
#include "jcvm/machine/object.hpp"

namespace uicclab::jcvm::machine {

struct Module;
struct Method;

/// A class or an interface.
struct Class {
  /// An interface with, by token of its methods, the token of the virtual method.
  struct Implemented {
    const Class* interface = nullptr;
    std::vector<std::uint8_t> methods;
  };

  const Module* module = nullptr;
  std::uint16_t index = 0;  ///< in the module: of API packages the token, else the place in the Class component
  std::string name;         ///< "javacard/framework/Applet"; what a CAP file does not name is "<AID>.<index>"
  bool is_interface = false;
  bool is_abstract = false;
  bool is_shareable = false;                   ///< an interface that extends Shareable, or a class that implements such a one
  const Class* super = nullptr;                ///< null for java/lang/Object and interfaces
  std::vector<const Class*> ancestors;         ///< from java/lang/Object to this class
  std::vector<Implemented> interfaces;         ///< of a class: all, inherited ones too; of an interface: its superinterfaces
  std::uint32_t first_cell = 0;                ///< cells of superclasses
  std::uint32_t cells = 0;                     ///< with those of superclasses
  std::uint32_t native_bytes = 0;              ///< with those of superclasses
  std::vector<bool> references;                ///< by cell: is it a reference?
  std::vector<const Method*> public_methods;   ///< by token; inherited ones too; null: none has this token
  std::vector<const Method*> package_methods;  ///< by token without its high bit

  /// Cells, methods and interfaces begin as those of the superclass; package-visible methods are left to the caller.
  void inherit(const Class& superclass);
  /// An object of this class is one of `other`, a class or an interface.
  bool is(const Class& other) const { return this == &other || extends(other); }
  /// The virtual methods of an interface, if it is implemented here.
  const Implemented* implemented(const Class& interface) const;

 private:
  bool extends(const Class& other) const;
};

/// What an operation does.
enum class Step : std::uint8_t {
#define STEP(name) k##name,
#define FUSED(name, ...) k##name,
#include "jcvm/machine/steps.def"
#undef FUSED
#undef STEP
};

/// One operation; `op` is a Step. What the other fields mean depends on it: translate.cpp.
struct Code {
  std::uint8_t op = 0;
  std::uint8_t a = 0;
  std::uint16_t b = 0;
  std::int32_t c = 0;
};

struct Handler {
  std::uint32_t first = 0;  ///< operations, the last one not with it
  std::uint32_t end = 0;
  std::uint32_t target = 0;
  bool any = true;
  const Class* klass = nullptr;  ///< unless any
};

struct Switch {
  struct Case {
    std::int32_t value = 0;
    std::uint32_t target = 0;
  };
  std::uint32_t fallback = 0;
  std::vector<Case> cases;  ///< by value
};

struct Method {
  const Module* module = nullptr;
  const Class* owner = nullptr;  ///< of API methods
  std::string name;              ///< of API methods: "javacard/framework/Util.arrayCopy"
  std::uint32_t offset = 0;      ///< in the Method component
  std::uint8_t arguments = 0;    ///< cells, with the object
  std::uint8_t locals = 0;       ///< cells, with the arguments
  std::uint8_t max_stack = 0;
  bool is_abstract = false;
  bool has_jsr = false;  ///< only then can return addresses be in its cells
  // Of an API method
  bool is_native = false;
  NativeFunction native = nullptr;  ///< null: an API method that is not implemented
  bool is_static = false;
  std::string descriptor;
  std::vector<char> types;              ///< of the arguments without the object: S B Z I, or L for references
  std::vector<const Class*> classes;    ///< by argument: of L and arrays of references: the class; null: not checked
  std::vector<code::ArrayType> arrays;  ///< by argument: elements of an array; kTypeClass: no array
  char result = 'V';
  // Of a CAP file's
  std::vector<Code> code;
  std::vector<Handler> handlers;
  std::vector<Switch> switches;
  std::vector<std::uint32_t> offsets;  ///< by operation: where its byte code is in the Method component
};

/// A constant of the pool, by its kind.
struct Resolved {
  const Class* klass = nullptr;    ///< kClass, kInstanceField, kVirtualMethod: the class; kSuperMethod: the superclass
  const Method* method = nullptr;  ///< kStaticMethod, kSuperMethod
  const Module* module = nullptr;  ///< kStaticField: whose static fields
  std::uint32_t place = 0;         ///< kInstanceField: cell; kStaticField: offset in the static field image; kVirtualMethod: token
};

/// What others import.
struct Exported {
  const Class* klass = nullptr;
  bool hidden = false;                       ///< for natives only: no CAP file can name it
  std::vector<std::uint16_t> static_fields;  ///< by token: offset in the static field image
  std::vector<const Method*> static_methods;
};

struct Module {
  cap::Package package;
  std::string name;  ///< of API packages
  bool is_api = false;
  std::uint16_t api_number = 0;  ///< of API packages
  std::vector<std::shared_ptr<const Module>> imports;
  std::deque<Class> classes;
  std::deque<Method> methods;
  std::map<std::uint32_t, const Method*> methods_at;  ///< by offset in the Method component
  std::vector<Resolved> constants;
  std::vector<Exported> exports;  ///< by class token
  std::vector<cap::Applet> applets;
  // Static fields: references, four bytes each, then numbers as in the static field image
  std::uint32_t static_references = 0;
  Bytes static_values;                                     ///< the body that statics begin with; references are null
  std::vector<cap::StaticField::ArrayInit> static_arrays;  ///< values of the first references

  const Method* method_at(std::uint32_t offset) const {
    const auto found = methods_at.find(offset);
    return found == methods_at.end() ? nullptr : found->second;
  }
};

/// JCVM table 6-17: 2 boolean to 5 int.
inline code::ArrayType static_array_type(const cap::StaticField::ArrayInit& init) {
  constexpr std::uint8_t kBoolean = 2;
  return static_cast<code::ArrayType>(init.type - kBoolean + code::kTypeBoolean);
}

}  // namespace uicclab::jcvm::machine
