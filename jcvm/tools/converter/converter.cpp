// SPDX-License-Identifier: Apache-2.0
#include "jcvm/tools/converter/converter.hpp"

#include <algorithm>

#include "core/hex.hpp"
#include "jcvm/tools/converter/code_generator.hpp"
#include "jcvm/tools/converter/components.hpp"
#include "jcvm/tools/converter/export_table.hpp"
#include "jcvm/tools/converter/subset.hpp"
#include "jcvm/verifier/structure.hpp"

namespace uicclab::jcvm::converter {
namespace {

using cap::CapFile;
using cap::Component;

constexpr std::size_t kFewFields = 240;  // their indices in the constant pool have one byte
constexpr std::size_t kMostClasses = 255;
constexpr std::size_t kRid = 5;

class Converter {
 public:
  Converter(const std::vector<ClassFile>& files, const Options& options)
      : m_files(files), m_options(options), m_api(options.imports), m_program(files, m_api, m_report), m_references(m_program) {}

  tl::expected<Converted, std::vector<std::string>> run() {
    check_package();
    if (m_files.empty() || !m_of_package) return tl::unexpected(m_report.refusals());
    // Everything is looked at, so that all refusals come at once.
    check_classes();
    make_code();
    if (m_report.empty()) write();
    if (m_report.empty()) verify();
    if (!m_report.empty()) return tl::unexpected(m_report.refusals());
    Converted out{std::move(m_file), ""};
    if (!out.file.exports.empty()) out.table = export_table(m_program, m_options);
    return out;
  }

 private:
  void check_package() {
    if (m_files.empty()) m_report.refuse("no class files");
    if (m_files.size() > kMostClasses) m_report.refuse(std::to_string(m_files.size()) + " classes, must be at most 255 in a package");
    for (const ClassFile& file : m_files) {
      if (file.package() != m_options.package) {
        m_of_package = false;
        m_report.refuse(file, 0, "class " + file.name + " is not of package " + m_options.package + "; a CAP file has one package");
      }
    }
    for (const Options::Applet& applet : m_options.applets) {
      if (!equal(applet.aid.bytes().first(kRid), m_options.aid.bytes().first(kRid))) {
        m_report.refuse("applet " + to_hex(applet.aid.bytes()) + ": its first 5 bytes must be those of the package, " +
                        to_hex(m_options.aid.bytes().first(kRid)) + " (JCVM 6.6)");
      }
    }
  }

  void check_classes() {
    for (const auto& model : m_program.classes()) check_subset(m_program, *model, m_options.allow_int, m_report);
    // A package without applets is there for others: it exports whatever is public.
    const Exported exported = m_options.applets.empty() ? Exported::kAll
                              : m_options.is_exported   ? Exported::kShareable
                                                        : Exported::kNothing;
    assign_tokens(m_program, exported, m_report);
    for (const auto& model : m_program.classes()) evaluate_static_initialiser(m_program, *model, m_report);
    for (const Options::Applet& applet : m_options.applets) check_applet(applet);
  }

  void check_applet(const Options::Applet& applet) {
    const ClassModel* model = m_program.class_named(applet.class_name).own;
    if (model == nullptr) return m_report.refuse("applet class " + applet.class_name + " is not among the class files");
    if (!is_applet(*model)) {
      m_report.refuse(*model->file, 0, "class " + model->name() + " must extend javacard.framework.Applet");
    }
    if (model->is_abstract()) m_report.refuse(*model->file, 0, "applet class " + model->name() + " is abstract");
    if (install_of(applet) == nullptr) {
      m_report.refuse(*model->file, 0, "class " + model->name() + " must have 'public static void install(byte[], short, byte)'");
    }
  }

  /// Through superclasses of this package, then of imported ones.
  bool is_applet(const ClassModel& model) const {
    constexpr unsigned kMostSupers = 256;
    const ClassModel* top = &model;
    while (top->super != nullptr) top = top->super;
    const packages::Class* above = top->api_super;
    for (unsigned step = 0; above != nullptr && step < kMostSupers; ++step) {
      if (above->name == "javacard/framework/Applet") return true;
      above = m_api.class_named(above->super);
    }
    return false;
  }

  const MethodModel* install_of(const Options::Applet& applet) const {
    const MethodModel* method = m_program.own_bound(applet.class_name, "install", "([BSB)V");
    return method != nullptr && method->is_static() && (method->flags & kPublic) != 0 ? method : nullptr;
  }

  void make_code() {
    std::size_t fields = 0;
    for (const auto& model : m_program.classes()) fields += model->fields.size();
    const GeneratorOptions options{m_options.allow_int, fields <= kFewFields};
    for (const auto& model : m_program.classes()) {
      if (model->is_interface() || (model->file->flags & kEnum) != 0) continue;
      for (MethodModel& method : model->methods) {
        MethodUnit unit;
        unit.owner = model.get();
        unit.method = &method;
        if (method.java != nullptr && method.java->code) {
          unit.code = generate(*model, method, m_references, options, m_report);
          find_caught(unit);
        }
        m_units.push_back(std::move(unit));
      }
    }
    m_references.finish();
  }

  void find_caught(MethodUnit& unit) {
    for (const auto& handler : unit.method->java->code->handlers) {
      unit.caught.emplace_back();
      if (handler.type.empty()) continue;
      unit.caught.back() = m_references.class_named(handler.type);
      if (!unit.caught.back()) {
        m_report.refuse(*unit.owner->file, unit.method->java->code->line_of(handler.handler),
                        "class " + handler.type + " is in no package that can be imported");
      }
    }
  }

  void write() {
    auto& header = m_file.header;
    header.format_minor = m_options.with_debug ? 2 : 1;
    if (m_options.with_debug) header.name.emplace();  // of a package without remote objects: empty
    header.package = {m_options.version.minor, m_options.version.major, m_options.aid};
    write_methods(m_units, m_references, m_file, m_report);
    const StaticImage image = place_static_fields(m_program, m_report);
    if (!m_report.empty()) return;
    write_classes(m_program, m_references, m_file);
    write_constants(m_references, m_file);
    write_static_fields(image, m_file);
    if (m_options.is_exported || m_options.applets.empty()) write_exports(m_program, m_file);
    write_descriptor(m_program, m_references, m_file);
    if (m_options.with_debug) write_debug(m_program, m_units, m_options, m_file);
    for (const auto& applet : m_options.applets) m_file.applets.push_back({applet.aid, install_of(applet)->offset});
    m_file.imports = m_references.imports().list();
    finish();
  }

  /// Flags, order and Directory, of what there is.
  void finish() {
    auto& header = m_file.header;
    for (const Component component : cap::kLoadOrder) {
      if (component == Component::kApplet && m_file.applets.empty()) continue;
      if (component == Component::kExport && m_file.exports.empty()) continue;
      if (component == Component::kStaticResource) continue;
      m_file.order.push_back(static_cast<std::uint8_t>(component));
    }
    m_file.order.push_back(static_cast<std::uint8_t>(Component::kDescriptor));
    if (m_file.debug) m_file.order.push_back(static_cast<std::uint8_t>(Component::kDebug));
    if (m_options.allow_int) header.flags |= cap::kAccInt;
    if (!m_file.exports.empty()) header.flags |= cap::kAccExport;
    if (!m_file.applets.empty()) header.flags |= cap::kAccApplet;
    cap::Directory& directory = m_file.directory;
    directory.image_size = m_file.static_fields.image_size;
    directory.array_init_count = static_cast<std::uint16_t>(m_file.static_fields.array_init.size());
    std::size_t array_bytes = 0;
    for (const auto& array : m_file.static_fields.array_init) array_bytes += array.values.size();
    directory.array_init_size = static_cast<std::uint16_t>(array_bytes);
    directory.import_count = static_cast<std::uint8_t>(m_file.imports.size());
    directory.applet_count = static_cast<std::uint8_t>(m_file.applets.size());
    directory.sizes.assign(header.format_minor >= 2 ? 12 : 11, 0);
    for (const std::uint8_t tag : m_file.order) {
      const std::size_t size = m_file.encode(static_cast<Component>(tag)).size() - 3;
      directory.sizes[tag - std::size_t{1}] = static_cast<std::uint16_t>(size);
    }
  }

  /// What is wrong here is this converter's mistake; a file that a card would refuse is not handed out.
  void verify() {
    const auto read = CapFile::parse(m_file.encode());
    if (!read) return m_report.refuse("the converter made a file that cannot be read: " + read.error().text);
    verifier::Imports imports;
    for (const auto& import : read->imports) {
      const auto own = std::ranges::find(m_options.imports, import.aid, &packages::Package::aid);
      imports.push_back(own != m_options.imports.end() ? &*own : packages::package_with(import.aid));
    }
    for (const Error& error : verifier::check_structure(*read, imports).errors) {
      m_report.refuse("the converter made a file that is not sound: " + error.text);
    }
  }

  const std::vector<ClassFile>& m_files;
  const Options& m_options;
  Report m_report;
  bool m_of_package = true;
  Api m_api;
  Program m_program;
  References m_references;
  std::vector<MethodUnit> m_units;
  CapFile m_file;
};

}  // namespace

tl::expected<Converted, std::vector<std::string>> convert(const std::vector<ClassFile>& classes, const Options& options) {
  return Converter(classes, options).run();
}

}  // namespace uicclab::jcvm::converter
