// SPDX-License-Identifier: Apache-2.0
// API packages as modules: their classes from the tables of jcvm/packages, their methods from the natives.
#include "jcvm/machine/library.hpp"

#include "jcvm/machine/linker.hpp"
#include "jcvm/packages/package.hpp"

namespace uicclab::jcvm::machine {
namespace {

constexpr std::string_view kShareableName = "javacard/framework/Shareable";

/// Makes the modules of all tables at once: a class may extend one of any other package.
class ApiBuilder {
 public:
  explicit ApiBuilder(const NativeTable& natives) : m_natives(natives) {}

  std::vector<std::shared_ptr<const Module>> build() {
    std::vector<std::shared_ptr<const Module>> out;
    for (std::size_t i = 0; i < kApiPackages.size(); ++i) {
      const packages::Package* table = packages::package_named(kApiPackages[i]);
      if (table == nullptr) {
        out.push_back(nullptr);
        continue;
      }
      auto module = std::make_shared<Module>();
      module->package = {table->version.minor, table->version.major, table->aid};
      module->name = table->name;
      module->is_api = true;
      module->api_number = static_cast<std::uint16_t>(Library::kFirstNumber + i);
      for (const auto& one : table->classes) declare(*module, *table, one);
      for (const auto& one : table->hidden) {
        declare(*module, *table, one);
        module->exports[one.token].hidden = true;
      }
      out.push_back(module);
    }
    for (auto& [name, entry] : m_classes) complete(entry);
    return out;
  }

 private:
  struct Entry {
    Module* module = nullptr;
    Class* klass = nullptr;
    const packages::Package* package = nullptr;
    const packages::Class* table = nullptr;
    bool done = false;
  };

  void declare(Module& module, const packages::Package& package, const packages::Class& one) {
    Class& klass = module.classes.emplace_back();
    klass.module = &module;
    klass.index = one.token;
    klass.name = one.name;
    klass.is_interface = one.is_interface;
    klass.is_abstract = one.is_abstract;
    if (module.exports.size() <= one.token) module.exports.resize(one.token + 1U);
    module.exports[one.token].klass = &klass;
    m_classes[one.name] = {&module, &klass, &package, &one, false};
  }

  Entry& entry(const std::string& name) {
    const auto found = m_classes.find(name);
    if (found == m_classes.end()) throw SystemError("package tables: there is no class " + name);
    return found->second;
  }

  void complete(Entry& entry) {
    if (entry.done) return;
    entry.done = true;  // before superclasses: a circle ends
    Class& klass = *entry.klass;
    const packages::Class& table = *entry.table;
    if (!table.super.empty()) {
      Entry& super = this->entry(table.super);
      complete(super);
      klass.inherit(*super.klass);
    }
    for (const std::string& name : table.interfaces) {
      complete(this->entry(name));
      // Methods of interfaces are joined below, when the class has its own.
      klass.interfaces.push_back({this->entry(name).klass, {}});
      for (const auto& indirect : this->entry(name).klass->interfaces) {
        if (klass.implemented(*indirect.interface) == nullptr) klass.interfaces.push_back({indirect.interface, {}});
      }
    }
    klass.ancestors.push_back(&klass);
    klass.is_shareable |=
        table.name == kShareableName || std::ranges::any_of(klass.interfaces, [](const auto& one) { return one.interface->is_shareable; });
    if (!klass.is_interface) lay_out(entry);
    add_methods(entry);
    if (!klass.is_interface) join_interfaces(entry);
    if (klass.is_interface && m_natives.has_layout(entry.package->aid, entry.table->token)) embody(entry);
  }

  /// An interface that objects of the runtime are of: behind the virtual methods of java/lang/Object come its own, by their tokens.
  void embody(Entry& entry) {
    Class& klass = *entry.klass;
    Entry& object = this->entry("java/lang/Object");
    complete(object);
    lay_out(entry);
    auto methods = object.klass->public_methods;
    const auto first = static_cast<std::uint8_t>(methods.size());
    methods.insert(methods.end(), klass.public_methods.begin(), klass.public_methods.end());
    klass.public_methods = std::move(methods);
    klass.interfaces.push_back({&klass, {}});
    join_interfaces(entry);
    for (auto& one : klass.interfaces) {
      for (std::uint8_t& token : one.methods) token = static_cast<std::uint8_t>(token == 0xFF ? token : token + first);
    }
  }

  void lay_out(Entry& entry) {
    const NativeLayout layout = m_natives.layout_of(entry.package->aid, entry.table->token);
    Class& klass = *entry.klass;
    klass.cells += layout.references + layout.numbers;
    klass.references.insert(klass.references.end(), layout.references, true);
    klass.references.insert(klass.references.end(), layout.numbers, false);
    klass.native_bytes += layout.bytes;
  }

  void add_methods(Entry& entry) {
    Exported& exported = entry.module->exports[entry.table->token];
    for (const packages::Member& member : entry.table->members) {
      if (member.kind == packages::MemberKind::kVirtual) {
        auto& table = entry.klass->public_methods;
        if (table.size() <= member.token) table.resize(member.token + 1U);
        const NativeFunction function = m_natives.function(entry.package->aid, entry.table->token, true, member.token);
        if (function == nullptr && table[member.token] != nullptr) continue;  // inherited
        table[member.token] = &method(entry, member, function);
      } else if (member.kind == packages::MemberKind::kStatic || member.kind == packages::MemberKind::kInit) {
        auto& table = exported.static_methods;
        if (table.size() <= member.token) table.resize(member.token + 1U);
        table[member.token] = &method(entry, member, m_natives.function(entry.package->aid, entry.table->token, false, member.token));
      }
    }
  }

  Method& method(Entry& entry, const packages::Member& member, NativeFunction function) {
    Method& out = entry.module->methods.emplace_back();
    out.module = entry.module;
    out.owner = entry.klass;
    out.name = entry.table->name + "." + member.name + member.descriptor;
    out.is_native = true;
    out.is_abstract = function == nullptr && (member.is_abstract || entry.table->is_interface);
    out.native = function;
    out.is_static = member.kind == packages::MemberKind::kStatic;
    out.descriptor = member.descriptor;
    read_descriptor(out);
    return out;
  }

  /// "([BSLa/B;)V"
  void read_descriptor(Method& method) {
    std::string_view text = method.descriptor;
    const auto malformed = [&] { return SystemError("package tables: the descriptor of " + method.name + " cannot be read"); };
    if (!text.starts_with('(')) throw malformed();
    text.remove_prefix(1);
    unsigned cells = method.is_static ? 0 : 1;
    while (!text.empty() && text.front() != ')') {
      const bool array = text.front() == '[';
      if (array) text.remove_prefix(1);
      if (text.empty()) throw malformed();
      const char letter = text.front();
      const Class* klass = nullptr;
      std::size_t size = 1;
      if (letter == 'L') {
        size = text.find(';') + 1;
        if (size == 0) throw malformed();
        const auto found = m_classes.find(std::string(text.substr(1, size - 2)));
        if (found != m_classes.end()) klass = found->second.klass;
      }
      text.remove_prefix(size);
      method.types.push_back(array || letter == 'L' ? 'L' : letter);
      method.classes.push_back(klass);
      method.arrays.push_back(!array          ? code::kTypeClass
                              : letter == 'Z' ? code::kTypeBoolean
                              : letter == 'B' ? code::kTypeByte
                              : letter == 'S' ? code::kTypeShort
                              : letter == 'I' ? code::kTypeInt
                                              : code::kTypeReferences);
      cells += method.types.back() == 'I' ? 2 : 1;
    }
    if (text.size() < 2) throw malformed();
    method.result = text[1] == '[' ? 'L' : text[1];
    method.arguments = method.locals = static_cast<std::uint8_t>(cells);
  }

  /// By name and descriptor: which virtual method is which of an interface.
  void join_interfaces(Entry& entry) {
    for (auto& one : entry.klass->interfaces) {
      const packages::Class& interface = *this->entry(one.interface->name).table;
      for (const packages::Member& member : interface.members) {
        if (member.kind != packages::MemberKind::kVirtual) continue;
        if (one.methods.size() <= member.token) one.methods.resize(member.token + 1U, 0xFF);
        if (const std::uint8_t token = virtual_token(entry, member); token != 0xFF) one.methods[member.token] = token;
      }
    }
  }

  std::uint8_t virtual_token(Entry& entry, const packages::Member& wanted) {
    const packages::Member* found = entry.table->method(wanted.name, wanted.descriptor);
    return found == nullptr ? std::uint8_t{0xFF} : found->token;
  }

  const NativeTable& m_natives;
  std::map<std::string, Entry> m_classes;
};

}  // namespace

Library::Library(const NativeTable& natives, Accept accept, Translation translation)
    : m_accept(accept), m_translation(translation), m_api(ApiBuilder(natives).build()) {}

std::optional<packages::Version> Library::available(const packages::Package& table) const {
  return m_accept == Accept::kEvery ? table.version : table.implemented;
}

std::shared_ptr<const Module> Library::api(const Aid& aid) const {
  const auto found = std::ranges::find_if(m_api, [&](const auto& one) { return one != nullptr && one->package.aid == aid; });
  return found == m_api.end() ? nullptr : *found;
}

std::shared_ptr<const Module> Library::api_with_number(std::uint16_t number) const {
  const std::size_t place = number < kFirstNumber ? m_api.size() : static_cast<std::size_t>(number - kFirstNumber);
  return place < m_api.size() ? m_api[place] : nullptr;
}

void Library::no_class(ApiClass name) {
  throw SystemError("there is no class " + std::to_string(name.token) + " of the API package " + std::string(name.package));
}

Result<std::shared_ptr<const Module>> Library::link(const cap::CapFile& file,
                                                    std::span<const std::shared_ptr<const Module>> on_card) const {
  auto imports = find_imports(*this, file, on_card);
  if (!imports) return tl::unexpected(imports.error());
  Key key{file.encode(cap::kLoadOrder), {}};
  for (const auto& import : *imports) key.imports.push_back(import.get());
  {
    const std::scoped_lock lock(m_mutex);
    if (const auto found = m_linked.find(key); found != m_linked.end()) {
      if (auto module = found->second.lock()) return module;
    }
  }
  auto module = link_module(file, *std::move(imports), m_translation == Translation::kFused);
  if (!module) return tl::unexpected(module.error());
  const std::scoped_lock lock(m_mutex);
  std::erase_if(m_linked, [](const auto& one) { return one.second.expired(); });
  m_linked[std::move(key)] = *module;
  // Otherwise a single card would link its files again after each reset.
  constexpr std::size_t kKept = 64;
  m_kept.push_back(*module);
  if (m_kept.size() > kKept) m_kept.pop_front();
  return module;
}

}  // namespace uicclab::jcvm::machine
