// SPDX-License-Identifier: Apache-2.0
// uicclab cap: contents, verification and differences of CAP files.
#include <iomanip>
#include <iostream>

#include "cli/cap/cap_build.hpp"
#include "cli/cap/faults.hpp"
#include "cli/common/commands.hpp"
#include "cli/common/input_file.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "jcvm/archive/cap_archive.hpp"
#include "jcvm/tools/difference.hpp"
#include "jcvm/tools/disassembler.hpp"
#include "jcvm/verifier/data_flow.hpp"

namespace uicclab::cli {
namespace {

using jcvm::cap::CapFile;
using jcvm::cap::Component;
using jcvm::verifier::Structure;

std::string with_place(const Error& error) {
  return error.text + " (at byte " + std::to_string(error.offset) + ")";
}

/// `components`: all of the file's; its size is what was read.
Result<CapFile> parse(const std::string& path, bool as_loaded) {
  using jcvm::archive::Keep;
  const auto components = jcvm::archive::read_components(read_input(path, kLoadFile), as_loaded ? Keep::kForCard : Keep::kAll);
  if (!components) return tl::unexpected(components.error());
  auto file = CapFile::parse(*components);
  if (file && file->encode() != *components) throw SystemError(path + ": it is not written back as it was read");
  return file;
}

CapFile read_cap(const std::string& path) {
  auto file = parse(path, false);
  if (!file) throw Exit{kUsage, path + ": " + with_place(file.error())};
  return *std::move(file);
}

Structure structure_of(const CapFile& file) {
  return jcvm::verifier::check_structure(file, jcvm::verifier::known_imports(file));
}

std::string version(unsigned major, unsigned minor) {
  return std::to_string(major) + "." + std::to_string(minor);
}

/// What is known of an imported package, and whether the card has it.
std::string state_of(const jcvm::cap::Package& import) {
  const jcvm::packages::Package* table = jcvm::packages::package_with(import.aid);
  if (table == nullptr) return "not an API package: another CAP file must be loaded first";
  const jcvm::packages::Version wanted{import.major, import.minor};
  if (is_implemented(*table, wanted)) {
    return "the card has " + version(table->implemented->major, table->implemented->minor);
  }
  if (table->implemented) return "the card has only " + version(table->implemented->major, table->implemented->minor);
  return "the card does not have it";
}

void print_info(const CapFile& file) {
  const jcvm::tools::Names names(file);
  const auto& header = file.header;
  std::cout << "Package     " << names.package() << " " << version(header.package.major, header.package.minor) << ", AID "
            << to_hex(header.package.aid.bytes()) << "\n";
  std::cout << "Format      " << version(header.format_major, header.format_minor);
  const std::pair<jcvm::cap::HeaderFlag, const char*> flags[] = {
      {jcvm::cap::kAccInt, "type int"}, {jcvm::cap::kAccExport, "exports"}, {jcvm::cap::kAccApplet, "applets"}};
  for (const auto& [flag, name] : flags) {
    if ((header.flags & flag) != 0) std::cout << ", " << name;
  }
  std::cout << "\n";
  for (const auto& applet : file.applets) {
    std::cout << "Applet      " << to_hex(applet.aid.bytes()) << "  " << names.method(applet.install_method) << "\n";
  }
  for (std::size_t i = 0; i < file.imports.size(); ++i) {
    const auto& import = file.imports[i];
    std::cout << "Import      " << names.import(static_cast<std::uint8_t>(i)) << " " << version(import.major, import.minor) << ", AID "
              << to_hex(import.aid.bytes()) << ": " << state_of(import) << "\n";
  }
  for (const std::uint8_t tag : file.order) {
    const auto component = static_cast<Component>(tag);
    std::cout << "Component   " << std::left << std::setw(20) << jcvm::cap::name_of(component) << std::right << std::setw(6)
              << file.encode(component).size() - (component == Component::kStaticResource ? 5 : 3) << " bytes\n";
  }
  const Structure structure = structure_of(file);
  std::size_t instructions = 0;
  for (const auto& method : structure.methods) instructions += method.instructions.size();
  std::cout << "Code        " << file.classes.classes.size() << " classes, " << structure.methods.size() << " methods, " << instructions
            << " instructions, " << file.constants.size() << " constants, " << file.static_fields.image_size << " bytes of static fields\n";
  std::cout << "To load     " << file.encode(jcvm::cap::kLoadOrder).size() << " bytes\n";
}

/// The types along every way through the code.
jcvm::verifier::DataFlow follow_types(const CapFile& file, const Structure& structure) {
  const jcvm::tools::Names names(file);
  return jcvm::verifier::check_data_flow(file, jcvm::verifier::known_imports(file), structure,
                                         [&](std::uint32_t offset) { return names.method(offset); });
}

bool verify_types(const std::string& path, const CapFile& file, const Structure& structure) {
  const auto flow = follow_types(file, structure);
  for (const Error& error : flow.errors) std::cout << visible(path) << ": " << visible(error.text) << "\n";
  if (!flow.correct()) return false;
  std::cout << visible(path) << ": types fit in " << flow.methods << " methods";
  if (flow.unknown > 0) std::cout << "; " << flow.unknown << " more call interfaces of packages that are not known here";
  std::cout << "\n";
  return true;
}

int verify(const std::vector<std::string>& paths, bool as_loaded) {
  bool sound = true;
  for (const std::string& path : paths) {
    const auto file = parse(path, as_loaded);
    if (!file) {
      std::cout << visible(path) << ": refused: " << with_place(file.error()) << "\n";
      sound = false;
      continue;
    }
    const Structure structure = structure_of(*file);
    for (const Error& error : structure.errors) std::cout << visible(path) << ": " << error.text << "\n";
    sound = sound && structure.sound();
    if (!structure.sound()) continue;
    std::size_t instructions = 0;
    for (const auto& method : structure.methods) instructions += method.instructions.size();
    std::cout << visible(path) << ": sound: " << structure.methods.size() << " methods, " << instructions << " instructions";
    if (!file->descriptor) {
      std::cout << "; types not followed: no Descriptor component\n";
      continue;
    }
    std::cout << "\n";
    sound = verify_types(path, *file, structure) && sound;
  }
  return sound ? kOk : kCheckFailed;
}

App* add_file_command(App& cap, const std::string& name, const std::string& help, const std::shared_ptr<std::string>& path) {
  App* command = cap.add_subcommand(name, help);
  command->add_option("FILE", *path, "A CAP file: the archive of a converter (.cap), or components one after the other (.ijc)")->required();
  return command;
}

void add_info(App& cap, Action& action) {
  auto path = std::make_shared<std::string>();  // shared with the callback, which outlives this function
  App* command = add_file_command(cap, "info", "Show package, applets, imports and sizes of a CAP file", path);
  set_example(*command, "  uicclab cap info wallet.cap");
  command->callback([path, &action] {
    action = [path] {
      print_info(read_cap(*path));
      return kOk;
    };
  });
}

void add_dump(App& cap, Action& action) {
  auto path = std::make_shared<std::string>();  // as above
  App* command = add_file_command(cap, "dump", "Show all contents of a CAP file, its byte code with names and source lines", path);
  set_example(*command, "  uicclab cap dump wallet.cap | less");
  command->callback([path, &action] {
    action = [path] {
      const CapFile file = read_cap(*path);
      const Structure structure = structure_of(file);
      jcvm::tools::write_dump(std::cout, file, structure);
      for (const Error& error : structure.errors) std::cerr << "uicclab: " << visible(*path) << ": " << error.text << "\n";
      return structure.sound() ? kOk : kCheckFailed;
    };
  });
}

void add_verify(App& cap, Action& action) {
  struct Options {
    std::vector<std::string> files;
    bool as_loaded = false;
  };
  auto options = std::make_shared<Options>();  // as above
  App* command =
      cap.add_subcommand("verify", "Verify CAP files: code, constants, tokens and classes; with a Descriptor component also all types");
  command->add_option("FILE", options->files, "CAP files")->required();
  command->add_flag("--as-loaded", options->as_loaded, "Leave out Descriptor, Debug and custom components, as when a card is loaded");
  set_example(*command, "  uicclab cap verify wallet.cap loyalty.cap");
  command->callback([options, &action] { action = [options] { return verify(options->files, options->as_loaded); }; });
}

void add_diff(App& cap, Action& action) {
  struct Options {
    std::string first;
    std::string second;
  };
  auto options = std::make_shared<Options>();  // as above
  App* command = cap.add_subcommand("diff", "Show the differences of two CAP files, method by method; exit code 0: equal, 1: different");
  command->add_option("FIRST", options->first, "A CAP file")->required();
  command->add_option("SECOND", options->second, "Another one")->required();
  set_example(*command, "  uicclab cap diff wallet-1.0.cap wallet-1.1.cap");
  command->callback([options, &action] {
    action = [options] {
      const CapFile first = read_cap(options->first);
      const CapFile second = read_cap(options->second);
      return jcvm::tools::write_difference(std::cout, {first, structure_of(first)}, {second, structure_of(second)}) ? kCheckFailed : kOk;
    };
  });
}

}  // namespace

std::vector<std::string> faults_of(const CapFile& file) {
  const jcvm::tools::Names names(file);
  std::vector<std::string> faults;
  const auto errors = jcvm::verifier::check_file(file, [&](std::uint32_t offset) { return names.method(offset); });
  for (const Error& error : errors) faults.push_back(error.text);
  return faults;
}

std::vector<std::string> faults_of_cap(const std::string& path) {
  return faults_of(read_cap(path));
}

void add_cap(App& app, Action& action) {
  App* cap = app.add_subcommand("cap", "Java Card applets: examine CAP files, make them");
  cap->require_subcommand();
  add_info(*cap, action);
  add_dump(*cap, action);
  add_verify(*cap, action);
  add_diff(*cap, action);
  add_cap_build(*cap, action);
  add_cap_stubs(*cap, action);
}

}  // namespace uicclab::cli
