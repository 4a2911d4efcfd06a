// SPDX-License-Identifier: Apache-2.0
// Names for what a CAP file says by offset and token: from its Debug component, from the tables of the API packages, and where neither
// knows, by the numbers themselves.
#pragma once

#include <map>
#include <string>

#include "jcvm/cap/cap_file.hpp"
#include "jcvm/packages/package.hpp"

namespace uicclab::jcvm::tools {

class Names {
 public:
  /// The file is borrowed for the life of this object.
  explicit Names(const cap::CapFile& file);

  /// "com/example/wallet"; of a file that does not say it the AID.
  std::string package() const;
  /// "javacard/framework", or the AID.
  std::string import(std::uint8_t package) const;
  /// "com/example/Wallet", "javacard/framework/Applet"; "class@41", "A000000151000000.class3".
  std::string class_name(cap::ClassRef ref) const;
  /// "com/example/Wallet.process(Ljavacard/framework/APDU;)V"; "class@41.virtual3", "method@97".
  std::string method(std::uint32_t offset) const;
  /// What a constant names, as above.
  std::string constant(std::size_t index) const;
  /// The class of a constant; none if it is not one.
  cap::ClassRef class_of(std::size_t constant) const;
  /// A method of an interface.
  std::string interface_method(cap::ClassRef interface, std::uint8_t token) const;
  /// "([BSS)V" or "[B", of a type of the Descriptor component.
  std::string type(std::uint16_t offset) const;
  /// "Wallet.java:57" for an instruction; empty if nothing says it.
  std::string source_line(std::uint32_t method, std::uint32_t instruction) const;
  /// The name of a local variable at a place in the code; empty if nothing says it. One that is stored lives after the instruction.
  std::string variable(std::uint32_t method, std::uint32_t place, std::uint8_t local) const;

 private:
  struct Method {
    std::string name;  ///< with its class and descriptor
    const cap::Debug::Class* debug_class = nullptr;
    const cap::Debug::Method* debug = nullptr;
    std::uint32_t code = 0;
  };

  void name_by_debug();
  void name_by_tables();
  void name_by_descriptor();
  const packages::Class* external(std::uint8_t package, std::uint8_t token) const;
  std::string external_name(std::uint8_t package, std::uint8_t token) const;
  std::string virtual_method(cap::ClassRef ref, std::uint8_t token) const;
  std::string instance_field(cap::ClassRef ref, std::uint8_t token) const;
  std::string static_field(std::uint16_t offset) const;
  const Method* debugged(std::uint32_t offset) const;

  const cap::CapFile& m_file;
  std::map<std::uint16_t, std::string> m_classes;  ///< by offset
  std::map<std::uint32_t, Method> m_methods;
  std::map<std::pair<std::uint16_t, std::uint8_t>, std::string> m_fields;  ///< by class and token
  std::map<std::uint16_t, std::string> m_static_fields;
};

}  // namespace uicclab::jcvm::tools
