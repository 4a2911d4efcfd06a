// SPDX-License-Identifier: Apache-2.0
#include "jcvm/verifier/structure.hpp"

#include <set>

#include "jcvm/verifier/checks.hpp"

namespace uicclab::jcvm::verifier {
namespace {

/// Where methods begin, as everything in the file that enters one says.
std::set<std::uint32_t> entry_points(const cap::CapFile& file) {
  std::set<std::uint32_t> out;
  for (const auto& applet : file.applets) out.insert(applet.install_method);
  for (const auto& one : file.classes.classes) {
    for (const auto* table : {&one.public_methods, &one.package_methods}) {
      for (const std::uint16_t offset : *table) {
        if (offset != 0xFFFF) out.insert(offset);
      }
    }
  }
  for (const auto& exported : file.exports) out.insert(exported.static_methods.begin(), exported.static_methods.end());
  for (const auto& constant : file.constants) {
    if (constant.kind == cap::ConstantKind::kStaticMethod && !constant.external()) out.insert(constant.offset());
  }
  if (!file.descriptor) return out;
  for (const auto& one : file.descriptor->classes) {
    if ((one.flags & cap::kDescriptorInterface) != 0) continue;
    for (const auto& method : one.methods) out.insert(method.offset);
  }
  return out;
}

void check_applets(Checks& checks, const Structure& structure) {
  constexpr std::uint8_t kInstallArguments = 3;  // install(byte[], short, byte): clause 6.6
  for (const auto& applet : checks.file.applets) {
    const MethodBody* method = structure.method_at(applet.install_method);
    if (method == nullptr) continue;  // said already
    checks.require(method->header.nargs == kInstallArguments && !method->header.is_abstract(), ErrorCode::kMalformed,
                   "Applet component: the install method of " + to_hex(applet.aid.bytes()) + " takes " +
                       std::to_string(method->header.nargs) + " cells of arguments, must be 3",
                   applet.install_method);
    constexpr std::size_t kRid = 5;
    checks.require(equal(applet.aid.bytes().first(kRid), checks.file.header.package.aid.bytes().first(kRid)), ErrorCode::kMalformed,
                   "Applet component: " + to_hex(applet.aid.bytes()) + " must begin with the RID of its package, " +
                       to_hex(checks.file.header.package.aid.bytes().first(kRid)));
  }
}

void check_imports(Checks& checks) {
  const auto& imports = checks.file.imports;
  for (std::size_t i = 0; i < imports.size(); ++i) {
    for (std::size_t other = 0; other < i; ++other) {
      checks.require(imports[other].aid != imports[i].aid, ErrorCode::kMalformed,
                     "Import component: " + to_hex(imports[i].aid.bytes()) + " is imported twice");
    }
  }
}

}  // namespace

Imports known_imports(const cap::CapFile& file) {
  Imports out;
  for (const auto& import : file.imports) {
    const packages::Package* table = packages::package_with(import.aid);
    const bool enough = table != nullptr && packages::satisfies(table->version, {import.major, import.minor});
    out.push_back(enough ? table : nullptr);
  }
  return out;
}

const MethodBody* Structure::method_at(std::uint32_t offset) const {
  const auto found = std::ranges::lower_bound(methods, offset, {}, &MethodBody::offset);
  return found == methods.end() || found->offset != offset ? nullptr : &*found;
}

Structure check_structure(const cap::CapFile& file, const Imports& imports) {
  Structure out;
  Checks checks(file, imports, out);
  const auto entries = entry_points(file);
  for (auto entry = entries.begin(); entry != entries.end(); ++entry) {
    const std::uint32_t limit = std::next(entry) == entries.end() ? file.methods.size() : *std::next(entry);
    auto body = walk_method(file.methods, *entry, limit);
    body ? out.methods.push_back(*std::move(body))
         : checks.wrong(body.error().code, "Method component: " + body.error().text, body.error().offset);
  }
  check_imports(checks);
  check_classes(checks);
  check_constants(checks);
  check_exports(checks);
  check_applets(checks, out);
  for (const MethodBody& method : out.methods) check_code(checks, method);
  check_references(checks, out);
  check_descriptor(checks, out);
  return out;
}

}  // namespace uicclab::jcvm::verifier
