// SPDX-License-Identifier: Apache-2.0
// The classes of a package with their hierarchy, and the resolution of names in them: members of the package itself or of an imported one.
#pragma once

#include <deque>
#include <map>
#include <memory>

#include "jcvm/packages/package.hpp"
#include "jcvm/tools/converter/report.hpp"

namespace uicclab::jcvm::converter {

constexpr std::uint8_t kNoToken = 0xFF;

struct ClassModel;

struct FieldModel {
  const ClassModel* owner = nullptr;
  const ClassFile::Field* java = nullptr;
  std::optional<std::int32_t> constant;  ///< a static final field whose value compilers put into the code
  std::uint8_t token = kNoToken;         ///< of an instance field, or of a visible static one of a public class
  std::uint16_t offset = 0;              ///< of a static one, in the static field image
  std::optional<std::int32_t> value;     ///< of a static number, as the initialiser leaves it
  std::optional<Bytes> array;            ///< of a static array: its elements as bytes

  bool is_static() const { return (java->flags & kStatic) != 0; }
  bool is_reference() const { return java->descriptor.starts_with("L") || java->descriptor.starts_with("["); }
  /// In the static field image: bytes.
  unsigned size() const { return is_reference() || java->descriptor == "S" ? 2 : java->descriptor == "I" ? 4 : 1; }
};

struct MethodModel {
  const ClassModel* owner = nullptr;
  const ClassFile::Method* java = nullptr;  ///< null: an interface's method that an abstract class leaves to its subclasses
  std::string name;
  std::string descriptor;
  std::uint16_t flags = 0;
  std::uint8_t token = kNoToken;  ///< of a public or protected virtual one, of an interface's, or of a visible static one of a public class
  std::uint8_t package_token = kNoToken;  ///< of a package-visible virtual one, without its high bit
  std::uint16_t offset = 0;               ///< in the Method component
  std::uint16_t code_size = 0;
  std::uint16_t handler_index = 0;
  std::uint16_t handler_count = 0;

  bool is_static() const { return (flags & kStatic) != 0; }
  bool is_init() const { return name == "<init>"; }
  bool is_private() const { return (flags & kPrivate) != 0; }
  bool is_abstract() const { return (flags & kAbstract) != 0; }
  bool is_virtual() const { return !is_static() && !is_init() && !is_private(); }
  bool is_exported() const { return (flags & (kPublic | kProtected)) != 0; }
  /// Its code is found when it is called by name, not by the object's class.
  bool is_bound() const { return !is_virtual(); }
};

/// A place in a table of virtual methods.
struct Slot {
  std::string name;
  std::string descriptor;
  MethodModel* method = nullptr;  ///< null: the imported superclass has the code
};

struct ClassModel {
  const ClassFile* file = nullptr;
  ClassModel* super = nullptr;                 ///< of this package
  const packages::Class* api_super = nullptr;  ///< of another one
  std::vector<const ClassModel*> interfaces;   ///< of this package: all, direct and indirect ones
  std::vector<const packages::Class*> api_interfaces;
  std::deque<FieldModel> fields;
  std::deque<MethodModel> methods;
  std::vector<Slot> public_table;  ///< by token: with all that is inherited; of an interface: its methods
  std::vector<Slot> package_table;
  std::size_t public_base = 0;  ///< the first token that this class gives new code to
  std::size_t package_base = 0;
  std::uint8_t instance_size = 0;
  std::uint8_t first_reference = 0xFF;
  std::uint8_t reference_count = 0;
  std::uint8_t token = kNoToken;  ///< of a public one
  bool is_exported = false;
  std::uint16_t offset = 0;  ///< in the Class component
  bool shareable = false;

  const std::string& name() const { return file->name; }
  bool is_interface() const { return file->is_interface(); }
  bool is_abstract() const { return (file->flags & kAbstract) != 0; }
  MethodModel* method(std::string_view method_name, std::string_view descriptor);
  const MethodModel* method(std::string_view method_name, std::string_view descriptor) const;
};

/// The class of a name; both null: unknown.
struct ClassTarget {
  const ClassModel* own = nullptr;
  const packages::Class* api = nullptr;
  explicit operator bool() const { return own != nullptr || api != nullptr; }
  bool is_interface() const { return own != nullptr ? own->is_interface() : api != nullptr && api->is_interface; }
  bool operator==(const ClassTarget&) const = default;
};

/// The packages that can be imported: those that the user names, then the API tables of this program.
class Api {
 public:
  explicit Api(const std::vector<packages::Package>& more) : m_more(more) {}
  const packages::Package* package_of(std::string_view class_name) const;
  const packages::Class* class_named(std::string_view name) const;

 private:
  const std::vector<packages::Package>& m_more;
};

class Program {
 public:
  /// Borrows the class files and the API. What is wrong goes to the report.
  Program(const std::vector<ClassFile>& files, const Api& api, Report& report);

  /// In the order of the Class component: interfaces first, what is inherited from before what inherits (JCVM clause 6.9.2).
  const std::vector<std::unique_ptr<ClassModel>>& classes() const { return m_classes; }
  ClassTarget class_named(std::string_view name) const;
  const Api& api() const { return m_api; }

  /// A field by the class that code names it with: the declaring class is looked for upwards.
  const FieldModel* own_field(std::string_view owner, std::string_view name) const;
  struct ApiMember {
    const packages::Class* owner = nullptr;
    const packages::Member* member = nullptr;
  };
  std::optional<ApiMember> api_field(std::string_view owner, std::string_view name) const;
  /// A method that is found by name: constructors, static and private ones.
  const MethodModel* own_bound(std::string_view owner, std::string_view name, std::string_view descriptor) const;
  std::optional<ApiMember> api_static(std::string_view owner, std::string_view name, std::string_view descriptor) const;

 private:
  void order(const std::vector<ClassFile>& files, Report& report);
  void link(ClassModel& model, Report& report);
  void add_interface(ClassModel& model, const std::string& name, Report& report);
  void add_members(ClassModel& model);

  const Api& m_api;
  std::vector<std::unique_ptr<ClassModel>> m_classes;
  std::map<std::string, ClassModel*, std::less<>> m_by_name;
};

/// What other packages may import: nothing, all that is public, or, of a package with applets, its shareable interfaces (JCVM clause 6.13).
enum class Exported : std::uint8_t { kNothing, kAll, kShareable };

/// Gives fields and methods, and the classes that are exported, their tokens, and fills the tables (JCVM clause 4.3.7).
void assign_tokens(Program& program, Exported exported, Report& report);

}  // namespace uicclab::jcvm::converter
