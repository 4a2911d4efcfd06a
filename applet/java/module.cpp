// SPDX-License-Identifier: Apache-2.0
#include "applet/java/module.hpp"

#include <mutex>

#include "applet/api/toolkit_module.hpp"
#include "applet/java/globalplatform/globalplatform.hpp"
#include "applet/java/security/security.hpp"
#include "applet/java/uicc/access.hpp"
#include "applet/java/uicc/toolkit.hpp"

namespace uicclab::applet::java {
namespace {

Session& session_of(Context& context) {
  return static_cast<Session&>(context.code()->session());
}

constexpr std::uint8_t kMultiSelectable = 17;  // in javacard.framework

/// All applets of the package implement javacard.framework.MultiSelectable (JCRE clause 4.2): the classes below Applet, and what looks like
/// one below a class of another package.
bool all_multiselectable(const jcvm::cap::CapFile& file) {
  const auto is_of_framework = [&](jcvm::cap::ClassRef ref, std::uint8_t token) {
    constexpr std::array<std::uint8_t, 7> kFramework{0xA0, 0x00, 0x00, 0x00, 0x62, 0x01, 0x01};
    return ref.external() && ref.class_token() == token && ref.package() < file.imports.size() &&
           equal(file.imports[ref.package()].aid.bytes(), kFramework);
  };
  const auto& classes = file.classes.classes;
  bool any = false;
  for (const auto& one : classes) {
    if ((one.flags & jcvm::cap::kAccInterface) != 0) continue;
    bool has_it = false;
    const auto* at = &one;
    for (std::size_t depth = 0; at != nullptr && depth <= classes.size(); ++depth) {
      has_it = has_it ||
               std::ranges::any_of(at->interfaces, [&](const auto& each) { return is_of_framework(each.interface, kMultiSelectable); });
      const auto above = at->super;
      if (above.none() || above.external()) break;
      const auto found = std::ranges::find(classes, above.offset(), &jcvm::cap::ClassInfo::offset);
      at = found == classes.end() ? nullptr : &*found;
    }
    const bool is_applet = at != nullptr && is_of_framework(at->super, jcvm::machine::kApplet.token);
    if (is_applet && !has_it) return false;
    any = any || has_it;
  }
  return any;
}

class JavaApplet final : public Applet {
 public:
  JavaApplet(std::uint16_t package, const Aid& module) : m_package(package), m_module(module) {}

  StatusWord install(Context& context, const Installation& installation) override {
    return session_of(context).install(context, m_package, m_module, installation);
  }
  StatusWord uninstall(Context& context) override { return session_of(context).uninstall(context); }
  StatusWord select(Context& context, Bytes& /*out*/) override { return session_of(context).select(context); }
  void deselect(Context& context) override { session_of(context).deselect(context); }
  StatusWord process(Context& context, const apdu::Command& command, Bytes& out) override {
    return session_of(context).process(context, command, out);
  }
  StatusWord personalize(Context& context, const apdu::Command& store_data, Bytes& out) override {
    return session_of(context).personalize(context, store_data, out);
  }
  Handled on_event(Context& context, const EventCall& call) override { return session_of(context).on_event(context, call); }
  Handled on_terminal_response(Context& context, BytesView response) override {
    return session_of(context).on_terminal_response(context, response);
  }

 private:
  std::uint16_t m_package;
  Aid m_module;
};

/// `Base`: Module, or ToolkitModule of a package that imports the toolkit's.
template <typename Base>
class JavaModule : public Base {
 public:
  JavaModule(const LoadFile& file, const Aid& module, bool multiselectable)
      : m_package(static_cast<std::uint16_t>(file.number)), m_file(file.aid), m_module(module), m_multiselectable(multiselectable) {}

  std::string_view name() const override { return "java"; }
  Aid load_file_aid() const override { return m_file; }
  Aid module_aid() const override { return m_module; }
  Result<InitialObjects> personalise(const Parameters& /*parameters*/) const override { return InitialObjects{}; }
  Result<InitialObjects> install(BytesView /*parameters*/) const override { return InitialObjects{}; }
  bool writes_at_once() const override { return true; }
  bool is_multiselectable() const override { return m_multiselectable; }
  bool follows_jcre() const override { return true; }
  std::unique_ptr<Applet> make() const override { return std::make_unique<JavaApplet>(m_package, m_module); }

 private:
  std::uint16_t m_package;
  Aid m_file;
  Aid m_module;
  bool m_multiselectable;
};

/// What an instance registers for it does itself in install(), which comes after.
class JavaToolkitModule final : public JavaModule<ToolkitModule> {
 public:
  using JavaModule<ToolkitModule>::JavaModule;
  ToolkitError enrol(Context& /*context*/, ToolkitEntry& /*entry*/) const override { return ToolkitError::kNone; }
};

bool imports_toolkit(const jcvm::cap::CapFile& file) {
  // ETSI TS 101 220 annex D: uicc.toolkit, sim.toolkit
  constexpr std::array kToolkits{"A0000000090005FFFFFFFF8912000000"_h, "A0000000090003FFFFFFFF8910710002"_h};
  return std::ranges::any_of(file.imports, [&](const auto& import) {
    return std::ranges::any_of(kToolkits, [&](const auto& aid) { return equal(import.aid.bytes(), aid); });
  });
}

class JavaCode final : public ManagedCode {
 public:
  explicit JavaCode(std::uint64_t byte_codes) : m_byte_codes(byte_codes) {}
  std::shared_ptr<const Module> module(const LoadFile& file, const Aid& module_aid) const override {
    const auto cap = jcvm::cap::CapFile::parse(file.components);
    if (!cap || std::ranges::find(cap->applets, module_aid, &jcvm::cap::Applet::aid) == cap->applets.end()) return nullptr;
    const bool multiselectable = all_multiselectable(*cap);
    if (imports_toolkit(*cap)) return std::make_shared<const JavaToolkitModule>(file, module_aid, multiselectable);
    return std::make_shared<const JavaModule<Module>>(file, module_aid, multiselectable);
  }
  std::unique_ptr<CodeSession> make_session() const override { return std::make_unique<Session>(library(), m_byte_codes); }

 private:
  /// Read when a card needs it first: most never do, and it takes longer than all the rest of a start.
  const std::shared_ptr<const jcvm::machine::Library>& library() const {
    std::call_once(m_once, [this] {
      jcvm::machine::NativeTable natives;
      add_framework(natives);
      add_toolkit(natives);
      add_globalplatform(natives);
      add_security(natives);
      add_access(natives);
      m_library = std::make_shared<const jcvm::machine::Library>(natives);
    });
    return m_library;
  }

  std::uint64_t m_byte_codes;
  mutable std::once_flag m_once;
  mutable std::shared_ptr<const jcvm::machine::Library> m_library;  // shared: with the machines
};

}  // namespace

std::shared_ptr<const ManagedCode> java_code() {
  constexpr std::uint64_t kByteCodes = 2'000'000'000;  // of a command: many seconds
  static const auto code = java_code(kByteCodes);
  return code;
}

std::shared_ptr<const ManagedCode> java_code(std::uint64_t byte_codes) {
  return std::make_shared<const JavaCode>(byte_codes);
}

}  // namespace uicclab::applet::java
