// SPDX-License-Identifier: Apache-2.0
// JCVM 3.1 chapters 4 and 6. The structure of the file has been checked by verifier/structure.hpp as far as API tables go; what comes from
// packages on the card is checked here.
#include "jcvm/machine/linker.hpp"

#include "core/hex.hpp"
#include "jcvm/machine/library.hpp"
#include "jcvm/packages/package.hpp"
#include "jcvm/verifier/structure.hpp"

namespace uicclab::jcvm::machine {
namespace {

using cap::ConstantKind;

std::string version_text(unsigned major, unsigned minor) {
  return std::to_string(major) + "." + std::to_string(minor);
}

std::string name_of(const cap::Package& package) {
  const packages::Package* table = packages::package_with(package.aid);
  return table != nullptr ? table->name : to_hex(package.aid.bytes());
}

class Linker {
 public:
  Linker(const cap::CapFile& file, std::vector<std::shared_ptr<const Module>> imports, bool fused)
      : m_file(file), m_fused(fused), m_module(std::make_shared<Module>()) {
    m_module->package = file.header.package;
    m_module->imports = std::move(imports);
    m_module->applets = file.applets;
  }

  Result<std::shared_ptr<const Module>> run() {
    verifier::Structure structure = verifier::check_structure(m_file, verifier::known_imports(m_file));
    if (!structure.sound() && m_file.descriptor) {
      // Hosts may leave the Descriptor out (GP Card Specification clause 11.6.2.3): a wrong one is passed over, as if it were not there.
      cap::CapFile code = m_file;
      code.descriptor.reset();
      code.debug.reset();
      structure = verifier::check_structure(code, verifier::known_imports(code));
    }
    if (!structure.sound()) return tl::unexpected(structure.errors.front());
    declare_methods(structure);
    declare_classes();
    for (std::size_t i = 0; i < m_module->classes.size(); ++i) {
      if (auto done = complete(m_module->classes[i], m_file.classes.classes[i]); !done) return tl::unexpected(done.error());
    }
    for (std::size_t i = 0; i < m_file.constants.size(); ++i) {
      auto resolved = resolve(m_file.constants[i]);
      if (!resolved) {
        return fail(resolved.error().code, "Constant Pool component: constant " + std::to_string(i) + ": " + resolved.error().text);
      }
      m_module->constants.push_back(*resolved);
    }
    export_classes();
    if (auto done = lay_out_statics(); !done) return tl::unexpected(done.error());
    std::size_t i = 0;
    for (const auto& body : structure.methods) {
      Method& method = m_module->methods[i++];
      if (auto done = translate(body, m_file, *m_module, method); !done) return tl::unexpected(done.error());
      if (m_fused) fuse(method);
    }
    return m_module;
  }

 private:
  void declare_methods(const verifier::Structure& structure) {
    for (const auto& body : structure.methods) {
      Method& method = m_module->methods.emplace_back();
      method.module = m_module.get();
      method.offset = body.offset;
      method.arguments = body.header.nargs;
      method.locals = static_cast<std::uint8_t>(body.header.locals());
      method.max_stack = body.header.max_stack;
      method.is_abstract = body.header.is_abstract();
      m_module->methods_at[body.offset] = &method;
    }
  }

  void declare_classes() {
    for (const cap::ClassInfo& info : m_file.classes.classes) {
      Class& klass = m_module->classes.emplace_back();
      klass.module = m_module.get();
      klass.index = static_cast<std::uint16_t>(m_module->classes.size() - 1);
      klass.name = to_hex(m_file.header.package.aid.bytes()) + "." + std::to_string(klass.index);
      klass.is_interface = info.is_interface();
    }
  }

  /// Null: there is none.
  const Class* class_of(cap::ClassRef ref) const {
    if (ref.none()) return nullptr;
    if (ref.external())
      return exported(ref.package(), ref.class_token()) == nullptr ? nullptr : exported(ref.package(), ref.class_token())->klass;
    const cap::ClassInfo* info = m_file.classes.at(ref.offset());
    return info == nullptr ? nullptr : &m_module->classes[static_cast<std::size_t>(info - m_file.classes.classes.data())];
  }

  const Exported* exported(std::uint8_t package, std::uint8_t token) const {
    if (package >= m_module->imports.size()) return nullptr;
    const Module& import = *m_module->imports[package];
    return token < import.exports.size() && !import.exports[token].hidden ? &import.exports[token] : nullptr;
  }

  std::string text_of(cap::ClassRef ref) const {
    if (!ref.external()) return "the class at " + std::to_string(ref.offset()) + " of the Class component";
    const bool known = ref.package() < m_file.imports.size();
    return "class " + std::to_string(ref.class_token()) + " of " +
           (known ? name_of(m_file.imports[ref.package()]) : "import " + std::to_string(ref.package()));
  }

  Result<const Class*> need_class(cap::ClassRef ref) const {
    const Class* found = class_of(ref);
    if (found == nullptr) return fail(ErrorCode::kNotFound, text_of(ref) + " does not exist");
    return found;
  }

  Result<void> complete(Class& klass, const cap::ClassInfo& info) {
    if (klass.is_interface) return complete_interface(klass, info);
    // Every object is one of java/lang/Object (Class::is): a second class of that kind would have the fields of all others.
    if (info.super.none()) return fail(ErrorCode::kMalformed, klass.name + ": it must have a superclass");
    auto super = need_class(info.super);
    if (!super) return tl::unexpected(super.error());
    if ((*super)->is_interface) return fail(ErrorCode::kMalformed, klass.name + ": its superclass is an interface");
    if ((*super)->ancestors.empty())
      return fail(ErrorCode::kMalformed, klass.name + ": its superclass must come before it in the Class component");
    // Each class keeps what it inherits: without an end to it a small file would take very much memory.
    constexpr std::size_t kMostAncestors = 255;
    if ((*super)->ancestors.size() >= kMostAncestors || (*super)->interfaces.size() + info.interfaces.size() > kMostAncestors)
      return fail(ErrorCode::kUnsupported, klass.name + ": it has more than 255 superclasses or interfaces");
    klass.inherit(**super);
    klass.ancestors.push_back(&klass);
    klass.cells += info.declared_instance_size;
    klass.references.resize(klass.cells, false);
    constexpr std::uint32_t kMostCells = 0x7FFF;
    if (klass.cells > kMostCells)
      return fail(ErrorCode::kRange, klass.name + ": " + std::to_string(klass.cells) + " cells with those of its superclasses");
    for (unsigned i = 0; i < info.reference_count; ++i) {
      const std::size_t cell = klass.first_cell + info.first_reference_token + i;
      if (cell >= klass.references.size()) return fail(ErrorCode::kRange, klass.name + ": references are after its last field");
      klass.references[cell] = true;
    }
    return add_methods(klass, info).and_then([&] { return add_interfaces(klass, info); });
  }

  Result<void> complete_interface(Class& klass, const cap::ClassInfo& info) {
    for (const cap::ClassRef ref : info.superinterfaces) {
      auto super = need_class(ref);
      if (!super) return tl::unexpected(super.error());
      klass.interfaces.push_back({*super, {}});
      klass.is_shareable |= (*super)->is_shareable;
    }
    klass.ancestors.push_back(&klass);
    return {};
  }

  /// Tables begin with what is inherited: clause 6.9.2, public_method_table_base.
  Result<void> add_methods(Class& klass, const cap::ClassInfo& info) {
    const bool same_package = klass.super != nullptr && klass.super->module == klass.module;
    if (same_package) klass.package_methods = klass.super->package_methods;
    for (std::size_t i = 0; i < info.token_mapping.size(); ++i) {
      if (info.token_mapping[i] != i && info.token_mapping[i] != 0xFF) {
        return fail(ErrorCode::kUnsupported,
                    klass.name + ": its superclass numbers method " + std::to_string(i) + " otherwise (token mapping)");
      }
    }
    return add_table(klass, klass.public_methods, info.public_table_base, info.public_methods, "public").and_then([&] {
      return add_table(klass, klass.package_methods, info.package_table_base, info.package_methods, "package-visible");
    });
  }

  Result<void> add_table(const Class& klass, std::vector<const Method*>& table, std::uint8_t base, const std::vector<std::uint16_t>& own,
                         const std::string& kind) {
    if (base > table.size()) {
      return fail(ErrorCode::kRange, klass.name + ": its " + kind + " methods begin with token " + std::to_string(base) +
                                         ", its superclass has " + std::to_string(table.size()));
    }
    table.resize(std::max(table.size(), base + own.size()), nullptr);
    for (std::size_t i = 0; i < own.size(); ++i) {
      const Method* method = own[i] == 0xFFFF ? table[base + i] : m_module->method_at(own[i]);
      if (method == nullptr)
        return fail(ErrorCode::kNotFound, klass.name + ": there is no " + kind + " method " + std::to_string(base + i) + " to inherit");
      table[base + i] = method;
    }
    return {};
  }

  Result<void> add_interfaces(Class& klass, const cap::ClassInfo& info) {
    for (const auto& one : info.interfaces) {
      auto interface = need_class(one.interface);
      if (!interface) return tl::unexpected(interface.error());
      if (!(*interface)->is_interface)
        return fail(ErrorCode::kMalformed, klass.name + " implements " + (*interface)->name + ", which is a class");
      for (const std::uint8_t token : one.index) {
        if (token >= klass.public_methods.size()) {
          return fail(ErrorCode::kRange, klass.name + ": a method of " + (*interface)->name + " is its method " + std::to_string(token) +
                                             ", which the card lacks");
        }
      }
      std::erase_if(klass.interfaces, [&](const auto& inherited) { return inherited.interface == *interface; });
      klass.interfaces.push_back({*interface, one.index});
      klass.is_shareable |= (*interface)->is_shareable;
    }
    return {};
  }

  Result<Resolved> resolve(const cap::Constant& constant) const {
    if (constant.is_static())
      return constant.kind == ConstantKind::kStaticField ? resolve_static_field(constant) : resolve_static_method(constant);
    auto found = need_class(constant.class_ref());
    if (!found) return tl::unexpected(found.error());
    Resolved out;
    out.klass = *found;
    out.place = constant.token();
    if (constant.kind == ConstantKind::kClass) return out;
    if (out.klass->is_interface) return fail(ErrorCode::kMalformed, out.klass->name + " is an interface");
    if (constant.kind == ConstantKind::kInstanceField) {
      out.place += out.klass->first_cell;
      // Cells of API classes are their natives'.
      if (out.klass->module->is_api || out.place >= out.klass->cells)
        return fail(ErrorCode::kRange, out.klass->name + " has no field " + std::to_string(constant.token()));
      return out;
    }
    if (constant.kind == ConstantKind::kSuperMethod) out.klass = out.klass->super;
    if (out.klass == nullptr) return fail(ErrorCode::kMalformed, "a super method of a class without a superclass");
    return resolve_virtual(constant, out);
  }

  Result<Resolved> resolve_virtual(const cap::Constant& constant, Resolved out) const {
    const bool package_visible = (constant.token() & 0x80) != 0;
    if (package_visible && out.klass->module != m_module.get()) {
      return fail(ErrorCode::kRefused, "a package-visible method of " + out.klass->name + ", of another package");
    }
    const auto& table = package_visible ? out.klass->package_methods : out.klass->public_methods;
    const std::size_t token = constant.token() & 0x7FU;
    if (token >= table.size() || table[token] == nullptr) {
      return fail(ErrorCode::kNotFound,
                  out.klass->name + " has no " + (package_visible ? "package-visible" : "virtual") + " method " + std::to_string(token));
    }
    if (constant.kind == ConstantKind::kSuperMethod) out.method = table[token];
    return out;
  }

  Result<Resolved> resolve_static_field(const cap::Constant& constant) const {
    Resolved out;
    if (!constant.external()) {
      out.module = m_module.get();
      out.place = constant.offset();
      return out;
    }
    const Exported* found = exported(constant.package(), constant.class_token());
    if (found == nullptr || constant.token() >= found->static_fields.size()) {
      return fail(ErrorCode::kNotFound,
                  "static field " + std::to_string(constant.token()) + " of " + external_text(constant) + " does not exist");
    }
    out.module = m_module->imports[constant.package()].get();
    out.place = found->static_fields[constant.token()];
    return out;
  }

  Result<Resolved> resolve_static_method(const cap::Constant& constant) const {
    Resolved out;
    if (!constant.external()) {
      out.method = m_module->method_at(constant.offset());
    } else {
      const Exported* found = exported(constant.package(), constant.class_token());
      if (found != nullptr && constant.token() < found->static_methods.size()) out.method = found->static_methods[constant.token()];
    }
    if (out.method == nullptr) {
      return fail(ErrorCode::kNotFound, constant.external() ? "static method " + std::to_string(constant.token()) + " of " +
                                                                  external_text(constant) + " does not exist"
                                                            : "there is no method at " + std::to_string(constant.offset()));
    }
    return out;
  }

  std::string external_text(const cap::Constant& constant) const {
    cap::ClassRef ref{static_cast<std::uint16_t>(0x8000 | constant.package() << 8 | constant.class_token())};
    return text_of(ref);
  }

  void export_classes() {
    for (const cap::ExportedClass& one : m_file.exports) {
      Exported& out = m_module->exports.emplace_back();
      out.klass = class_of({one.class_offset});
      out.static_fields = one.static_fields;
      for (const std::uint16_t offset : one.static_methods) out.static_methods.push_back(m_module->method_at(offset));
    }
  }

  /// Clause 6.11: references, two bytes each in the file, then numbers that begin with 0, then those with values.
  Result<void> lay_out_statics() {
    const cap::StaticField& fields = m_file.static_fields;
    constexpr std::size_t kReference = 4;
    m_module->static_references = fields.reference_count;
    m_module->static_values.assign(fields.reference_count * kReference + fields.default_value_count, 0);
    append(m_module->static_values, fields.non_default_values);
    m_module->static_arrays = fields.array_init;
    for (const auto& init : fields.array_init) {
      constexpr std::size_t kMostElements = 0x7FFF;
      if (init.values.size() / element_size(static_array_type(init)) <= kMostElements) continue;
      return fail(ErrorCode::kRange, "Static Field component: an array with values of " + std::to_string(init.values.size()) +
                                         " bytes, must be at most 32767 elements");
    }
    return {};
  }

  const cap::CapFile& m_file;
  bool m_fused;
  std::shared_ptr<Module> m_module;
};

}  // namespace

Result<std::vector<std::shared_ptr<const Module>>> find_imports(const Library& library, const cap::CapFile& file,
                                                                std::span<const std::shared_ptr<const Module>> on_card) {
  std::vector<std::shared_ptr<const Module>> out;
  for (const cap::Package& import : file.imports) {
    const packages::Version wanted{import.major, import.minor};
    const auto refuse = [&](const std::string& there_is) {
      return fail(ErrorCode::kNotFound,
                  "the package imports " + name_of(import) + " " + version_text(import.major, import.minor) + ", the card has " + there_is);
    };
    // A package of the card goes before a table of the same AID: TS 102 268 brings uicc.test.util as a CAP file.
    const auto loaded = std::ranges::find_if(on_card, [&](const auto& one) { return one->package.aid == import.aid; });
    if (loaded != on_card.end()) {
      const cap::Package& there = (*loaded)->package;
      if (!packages::satisfies({there.major, there.minor}, wanted)) return refuse(version_text(there.major, there.minor));
      out.push_back(*loaded);
      continue;
    }
    const packages::Package* table = packages::package_with(import.aid);
    const auto available = table == nullptr ? std::nullopt : library.available(*table);
    if (!available) return refuse("no such package");
    if (!packages::satisfies(*available, wanted)) return refuse(version_text(available->major, available->minor));
    out.push_back(library.api(import.aid));
    if (out.back() == nullptr) return refuse("no such package");
  }
  return out;
}

Result<std::shared_ptr<const Module>> link_module(const cap::CapFile& file, std::vector<std::shared_ptr<const Module>> imports,
                                                  bool fused) {
  return Linker(file, std::move(imports), fused).run();
}

}  // namespace uicclab::jcvm::machine
