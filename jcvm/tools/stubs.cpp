// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/stubs.hpp"

#include <algorithm>
#include <set>
#include <sstream>

#include "core/hex.hpp"
#include "jcvm/tools/converter/class_file.hpp"

namespace uicclab::jcvm::tools {
namespace {

using packages::Class;
using packages::Member;
using packages::MemberKind;
using packages::Package;

constexpr unsigned kMostSupers = 32;

std::string dotted(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '/', '.');
  std::ranges::replace(out, '$', '.');
  return out;
}

/// "[S": "short[]".
std::string java_type(std::string_view type) {
  switch (type.front()) {
    case 'V':
      return "void";
    case 'Z':
      return "boolean";
    case 'B':
      return "byte";
    case 'S':
      return "short";
    case 'I':
      return "int";
    case '[':
      return java_type(type.substr(1)) + "[]";
    default:
      return dotted(type.substr(1, type.size() - 2));
  }
}

/// What a parameter is called: tables do not say it. Behind an array come an offset and a length.
std::string parameter_name(std::string_view type, unsigned behind_array) {
  if (type.starts_with("[")) return "array";
  if (type == "Z") return "flag";
  if (type == "S" || type == "B") return behind_array == 1 ? "offset" : behind_array == 2 ? "length" : "value";
  if (type == "I") return "value";
  std::string name(type.substr(type.find_last_of("/$") + 1));
  name.pop_back();
  name.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(name.front())));
  const bool is_capital = name.size() > 1 && std::isupper(static_cast<unsigned char>(name[1])) != 0;  // AID: aID
  if (is_capital) std::ranges::transform(name, name.begin(), [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return name;
}

std::string parameters(const std::vector<std::string>& types) {
  std::string out;
  std::set<std::string> used;
  unsigned behind_array = 3;
  for (const std::string& type : types) {
    behind_array = type.starts_with("[") ? 0 : behind_array + 1;
    std::string name = parameter_name(type, behind_array);
    const std::string plain = name;
    for (int number = 2; !used.insert(name).second; ++number) name = plain + std::to_string(number);
    out += (out.empty() ? "" : ", ") + java_type(type) + " " + name;
  }
  return out;
}

bool is_subclass(const Class* one, std::string_view top) {
  for (unsigned step = 0; one != nullptr && step < kMostSupers; ++step) {
    if (one->name == top) return true;
    one = one->super.empty() ? nullptr : packages::class_named(one->super);
  }
  return false;
}

class StubWriter {
 public:
  explicit StubWriter(const Package& package) : m_package(package) {}

  std::string source(const Class& top) {
    m_out << "// The API as the table of package " << dotted(m_package.name) << " says; methods do nothing.\n";
    m_out << "package " << dotted(m_package.name) << ";\n\n";
    class_(top, "");
    return m_out.str();
  }

 private:
  std::string simple(const Class& one) const { return one.name.substr(one.name.find_last_of("/$") + 1); }

  std::string version(packages::Version number) const { return std::to_string(number.major) + "." + std::to_string(number.minor); }

  std::string since(packages::Version number) const { return "since " + dotted(m_package.name) + " " + version(number); }

  void class_(const Class& one, const std::string& indent) {
    const bool nested = !indent.empty();
    m_out << indent << "/**\n"
          << indent << " * Class " << unsigned{one.token} << " of " << dotted(m_package.name) << " " << version(m_package.version)
          << ", AID " << to_hex(m_package.aid.bytes()) << ", " << since(one.since) << ".\n";
    m_out << indent << " * "
          << (m_package.implemented ? "The emulated card has version " + version(*m_package.implemented) + " of this package."
                                    : std::string("The emulated card does not have this package."))
          << "\n"
          << indent << " */\n";
    m_out << indent << "public " << (nested && !one.is_interface ? "static " : "");
    if (one.is_interface) {
      m_out << "interface " << simple(one);
    } else {
      m_out << (one.is_abstract ? "abstract " : "") << (one.is_final ? "final " : "") << "class " << simple(one);
      if (!one.super.empty() && one.super != "java/lang/Object") m_out << " extends " << dotted(one.super);
    }
    const char* separator = one.is_interface ? " extends " : " implements ";
    for (const std::string& interface : one.interfaces) {
      m_out << separator << dotted(interface);
      separator = ", ";
    }
    m_out << " {\n";
    const std::string inner = indent + "  ";
    const bool has_constructor = std::ranges::any_of(one.members, [](const Member& member) { return member.kind == MemberKind::kInit; });
    if (!has_constructor && !one.is_interface) {
      m_out << inner << (one.is_final ? "private " : "protected ") << simple(one) << "() {" << super_call(one) << "}\n";
    }
    for (const Member& member : one.members) {
      if (!is_inherited(one, member) && !is_bridge(one, member)) this->member(one, member, inner);
    }
    for (const Class& other : m_package.classes) {
      if (is_nested(other, one)) class_(other, inner);
    }
    m_out << indent << "}\n";
  }

  static bool is_nested(const Class& inner, const Class& outer) {
    return inner.name.starts_with(outer.name + "$") && inner.name.find('$', outer.name.size() + 1) == std::string::npos;
  }

  /// Tables list what a class inherits; in a source it need not be said again, unless it is no longer abstract.
  static bool is_inherited(const Class& one, const Member& member) {
    if (member.kind != MemberKind::kVirtual || one.is_interface) return false;
    const Class* above = one.super.empty() ? nullptr : packages::class_named(one.super);
    for (unsigned step = 0; above != nullptr && step < kMostSupers; ++step) {
      const Member* inherited = above->method(member.name, member.descriptor);
      if (inherited != nullptr) return !inherited->is_abstract || member.is_abstract;
      above = above->super.empty() ? nullptr : packages::class_named(above->super);
    }
    return false;
  }

  /// The bridge method that a compiler adds to one with a narrower result; a source has only the latter.
  static bool is_bridge(const Class& one, const Member& member) {
    const auto is_narrower = [&](const Member& other) {
      if (other.name != member.name || other.kind != member.kind || other.descriptor == member.descriptor) return false;
      const auto mine = converter::signature_of(member.descriptor);
      const auto theirs = converter::signature_of(other.descriptor);
      return mine && theirs && mine->parameters == theirs->parameters && extends(theirs->result, mine->result);
    };
    return std::ranges::any_of(one.members, is_narrower);
  }

  /// Whether a reference type can be used where another one is expected.
  static bool extends(std::string_view type, std::string_view wanted) {
    if (wanted == "Ljava/lang/Object;") return true;
    const auto name = [](std::string_view of) { return std::string(of.substr(1, of.size() - 2)); };
    const Class* one = type.starts_with("L") ? packages::class_named(name(type)) : nullptr;
    if (one == nullptr || !wanted.starts_with("L")) return false;
    return is_subclass(one, name(wanted)) || std::ranges::find(one->interfaces, name(wanted)) != one->interfaces.end();
  }

  /// The first constructor of the superclass, with zeroes.
  static std::string super_call(const Class& one) {
    const Class* above = one.super.empty() ? nullptr : packages::class_named(one.super);
    if (above == nullptr) return "";
    const auto init = std::ranges::find(above->members, MemberKind::kInit, &Member::kind);
    if (init == above->members.end()) return "";
    std::string arguments;
    const auto signature = converter::signature_of(init->descriptor);
    for (const std::string& type : signature->parameters) {
      const bool is_reference = type.starts_with("L") || type.starts_with("[");
      arguments += (arguments.empty() ? "" : ", ") +
                   (type == "Z" ? std::string("false") : "(" + java_type(type) + ") " + (is_reference ? "null" : "0"));
    }
    return arguments.empty() ? "" : " super(" + arguments + "); ";
  }

  void member(const Class& one, const Member& member, const std::string& indent) {
    if (member.since > one.since) m_out << indent << "/** " << since(member.since) << " */\n";
    m_out << indent << (member.is_protected ? "protected " : "public ");
    switch (member.kind) {
      case MemberKind::kConstant:
        m_out << "static final " << java_type(member.descriptor) << " " << member.name << " = "
              << (member.descriptor == "Z" ? std::string(member.value != 0 ? "true" : "false")
                                           : "(" + java_type(member.descriptor) + ") " + std::to_string(member.value))
              << ";\n";
        return;
      case MemberKind::kField:
      case MemberKind::kStaticField:
        // Not final: a compiler would want to know its value.
        m_out << (member.kind == MemberKind::kStaticField ? "static " : "") << java_type(member.descriptor) << " " << member.name << ";\n";
        return;
      case MemberKind::kInit:
        m_out << simple(one) << "(" << parameters(converter::signature_of(member.descriptor)->parameters) << ") {" << super_call(one)
              << "}\n";
        return;
      case MemberKind::kStatic:
      case MemberKind::kVirtual:
        return method(one, member);
    }
  }

  void method(const Class& one, const Member& member) {
    const auto signature = converter::signature_of(member.descriptor);
    const bool has_code = !member.is_abstract;
    m_out << (member.kind == MemberKind::kStatic ? "static " : "") << (member.is_final ? "final " : "")
          << (member.is_abstract && !one.is_interface ? "abstract " : "") << java_type(signature->result) << " " << member.name << "("
          << parameters(signature->parameters) << ")" << thrown(one, member);
    if (!has_code) {
      m_out << ";\n";
      return;
    }
    m_out << " {";
    const char result = signature->result.front();
    if (result == 'V') {
      m_out << "}\n";
    } else {
      m_out << " return " << (result == 'Z' ? "false" : result == 'L' || result == '[' ? "null" : "0") << "; }\n";
    }
  }

  /// Tables do not say what a method throws; a compiler asks for it where a checked exception is caught.
  static std::string thrown(const Class& one, const Member& member) {
    const bool is_checked = is_subclass(&one, "java/lang/Exception") && !is_subclass(&one, "java/lang/RuntimeException");
    if (member.kind == MemberKind::kStatic && member.name == "throwIt" && is_checked) return " throws " + dotted(one.name);
    return "";
  }

  const Package& m_package;
  std::ostringstream m_out;
};

}  // namespace

std::vector<StubSource> stub_sources(const Package& package) {
  std::vector<StubSource> out;
  for (const Class& one : package.classes) {
    if (one.name.find('$') == std::string::npos) out.push_back({one.name + ".java", StubWriter(package).source(one)});
  }
  return out;
}

std::vector<StubSource> all_stub_sources() {
  std::vector<StubSource> out;
  for (const std::string& name : packages::names()) {
    if (name.starts_with("java/")) continue;
    for (StubSource& source : stub_sources(*packages::package_named(name))) out.push_back(std::move(source));
  }
  return out;
}

}  // namespace uicclab::jcvm::tools
