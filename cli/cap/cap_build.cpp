// SPDX-License-Identifier: Apache-2.0
#include "cli/cap/cap_build.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/common/input_file.hpp"
#include "core/hex.hpp"
#include "jcvm/archive/cap_archive.hpp"
#include "jcvm/archive/zip.hpp"
#include "jcvm/packages/export_file.hpp"
#include "jcvm/tools/converter/converter.hpp"
#include "jcvm/tools/stubs.hpp"

namespace uicclab::cli {
namespace {

using jcvm::converter::ClassFile;

constexpr InputKind kClassFile{"class file", kMebibyte};
constexpr InputKind kTableFile{"package table", kMebibyte};
constexpr std::size_t kMostFiles = 1000;

struct BuildOptions {
  std::string package;
  std::string aid;
  std::string version = "1.0";
  std::vector<std::string> applets;
  std::vector<std::string> imports;
  std::vector<std::string> classes;
  std::string output;
  std::string table;
  bool allow_int = false;
  bool is_exported = false;
  bool no_debug = false;
};

Aid parse_aid(const std::string& text, const std::string& option) {
  const auto bytes = from_hex(text);
  const auto aid = bytes ? Aid::from(*bytes) : Result<Aid>(tl::unexpected(bytes.error()));
  if (!aid) throw Exit{kUsage, option + " " + text + ": an AID must be 5 to 16 bytes in hexadecimal"};
  return *aid;
}

std::string slashed(std::string name) {
  std::ranges::replace(name, '.', '/');
  return name;
}

/// Class files by name; of a folder all below it, sorted.
std::vector<std::string> find_files(const std::vector<std::string>& paths, const std::string& ending) {
  std::vector<std::string> out;
  for (const std::string& path : paths) {
    if (!std::filesystem::is_directory(path)) {
      out.push_back(path);
      continue;
    }
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
      if (entry.path().extension() == ending) found.push_back(entry.path().string());
    }
    if (found.empty()) throw Exit{kUsage, path + ": no files *" + ending + " in this folder"};
    std::ranges::sort(found);
    out.insert(out.end(), found.begin(), found.end());
  }
  if (out.size() > kMostFiles) throw Exit{kUsage, std::to_string(out.size()) + " files, must be at most 1000"};
  return out;
}

ClassFile parse_class(const std::string& path, BytesView bytes) {
  auto file = ClassFile::parse(bytes);
  if (!file) throw Exit{kUsage, path + ": " + file.error().text + " (at byte " + std::to_string(file.error().offset) + ")"};
  return *std::move(file);
}

std::vector<ClassFile> read_classes(const std::vector<std::string>& paths) {
  std::vector<ClassFile> out;
  for (const std::string& path : find_files(paths, ".class")) {
    if (!path.ends_with(".jar")) {
      out.push_back(parse_class(path, read_input(path, kClassFile)));
      continue;
    }
    const Bytes bytes = read_input(path, kLoadFile);
    const auto archive = jcvm::archive::ZipArchive::open(bytes);
    if (!archive) throw Exit{kUsage, path + ": " + archive.error().text};
    for (const std::string& name : archive->names()) {
      if (!name.ends_with(".class")) continue;
      const auto entry = archive->extract(name);
      if (!entry) throw Exit{kUsage, path + ", " + name + ": " + entry.error().text};
      out.push_back(parse_class(path + ", " + name, *entry));
    }
  }
  return out;
}

jcvm::packages::Version parse_version(const std::string& text) {
  unsigned major = 0;
  unsigned minor = 0;
  char dot = 0;
  std::istringstream in(text);
  const bool is_version = (in >> major >> dot >> minor) && in.eof() && dot == '.' && major <= 255 && minor <= 255;
  if (!is_version) throw Exit{kUsage, "--version " + text + ": must be MAJOR.MINOR, each at most 255"};
  return {static_cast<std::uint8_t>(major), static_cast<std::uint8_t>(minor)};
}

jcvm::converter::Options converter_options(const BuildOptions& options) {
  jcvm::converter::Options out;
  out.package = slashed(options.package);
  out.aid = parse_aid(options.aid, "--aid");
  out.version = parse_version(options.version);
  for (const std::string& applet : options.applets) {
    const std::size_t colon = applet.find(':');
    if (colon == std::string::npos) throw Exit{kUsage, "--applet " + applet + ": must be AID:CLASS"};
    std::string name = slashed(applet.substr(colon + 1));
    if (name.find('/') == std::string::npos) name = out.package + "/" + name;
    out.applets.push_back({parse_aid(applet.substr(0, colon), "--applet"), name});
  }
  out.allow_int = options.allow_int;
  out.is_exported = options.is_exported;
  out.with_debug = !options.no_debug;
  for (const std::string& path : options.imports) {
    const Bytes bytes = read_input(path, kTableFile);
    auto table = jcvm::packages::is_export_file(bytes) ? jcvm::packages::read_export_file(bytes)
                                                       : jcvm::packages::Package::parse(std::string(bytes.begin(), bytes.end()));
    if (!table) throw Exit{kUsage, path + ": " + table.error().text};
    out.imports.push_back(*std::move(table));
  }
  return out;
}

void write_file(const std::filesystem::path& path, BytesView bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  file.close();
  if (!file) throw Exit{kEnvironment, path.string() + ": cannot be written"};
}

/// As text, or as an export file if it is called .exp.
void write_table(const std::string& path, const std::string& table, const std::vector<jcvm::packages::Package>& imports) {
  if (!path.ends_with(".exp")) return write_file(path, as_bytes(table));
  const auto package = jcvm::packages::Package::parse(table);
  if (!package) throw SystemError("the table of the package's exports cannot be read: " + package.error().text);
  write_file(path, jcvm::packages::write_export_file(*package, [&](std::string_view name) {
               for (const auto& import : imports) {
                 if (const auto* found = import.class_named(name)) return found;
               }
               return jcvm::packages::class_named(name);
             }));
}

int build(const BuildOptions& options) {
  const auto classes = read_classes(options.classes);
  const auto settings = converter_options(options);
  const auto converted = jcvm::converter::convert(classes, settings);
  if (!converted) {
    for (const std::string& refusal : converted.error()) std::cerr << refusal << "\n";
    std::cerr << "uicclab: " << options.output << " was not written: " << converted.error().size() << " refusals\n";
    return kCheckFailed;
  }
  const auto* file = &converted->file;
  if (!options.table.empty()) {
    if (converted->table.empty()) throw Exit{kUsage, "--table: the package exports nothing; give --export, and make a class public"};
    write_table(options.table, converted->table, settings.imports);
  }
  write_file(options.output, jcvm::archive::write_archive(settings.package, *file));
  std::cout << options.output << ": " << file->classes.classes.size() << " classes, " << file->methods.methods.size()
            << " bytes of methods, " << file->encode(jcvm::cap::kLoadOrder).size() << " bytes to load\n";
  return kOk;
}

int write_stubs(const std::string& folder) {
  const auto sources = jcvm::tools::all_stub_sources();
  for (const auto& source : sources) {
    const auto path = std::filesystem::path(folder) / source.path;
    std::error_code error;
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) throw Exit{kEnvironment, path.parent_path().string() + ": " + error.message()};
    write_file(path, BytesView(reinterpret_cast<const std::uint8_t*>(source.text.data()), source.text.size()));
  }
  std::cout << folder << ": " << sources.size() << " sources\n";
  return kOk;
}

}  // namespace

void add_cap_build(App& cap, Action& action) {
  auto options = std::make_shared<BuildOptions>();  // shared with the callback, which outlives this function
  App* command = cap.add_subcommand("build", "Convert class files of a Java compiler to a CAP file");
  command->add_option("CLASSES", options->classes, "Class files, folders of them, or .jar files, all of one package")->required();
  command->add_option("--package", options->package, "The package to convert, com.example.wallet")->required();
  command->add_option("--aid", options->aid, "AID of the package")->required();
  command->add_option("--version", options->version, "Version of the package, MAJOR.MINOR")->capture_default_str();
  command->add_option("--applet", options->applets, "An applet, AID:CLASS; may be repeated")->allow_extra_args(false);
  command
      ->add_option("--import", options->imports,
                   "Table, or export file (.exp), of an imported package that is not part of the API; may be repeated")
      ->allow_extra_args(false);
  command->add_flag("--int", options->allow_int, "Use type int on the card; not every card supports it");
  command->add_flag("--export", options->is_exported, "Let other packages import public members; of applets, shareable interfaces");
  command->add_option("--table", options->table,
                      "Write a table of the exports for --import; a FILE.exp is an export file, for other converters");
  command->add_flag("--no-debug", options->no_debug, "Leave out names, lines and variables; format 2.1");
  command->add_option("-o,--output", options->output, "The CAP file to write")->required();
  set_example(*command,
              "  uicclab cap stubs stubs\n"
              "  javac --release 8 -g -sourcepath stubs -d classes Wallet.java\n"
              "  uicclab cap build --package com.example --aid F000000001 --applet F00000000101:Wallet classes/com/example -o wallet.cap");
  command->callback([options, &action] { action = [options] { return build(*options); }; });
}

void add_cap_stubs(App& cap, Action& action) {
  auto folder = std::make_shared<std::string>();  // as above
  App* command = cap.add_subcommand("stubs", "Write the API as Java sources to compile against");
  command->add_option("FOLDER", *folder, "Where to write them")->required();
  set_example(*command,
              "  uicclab cap stubs stubs\n"
              "  javac --release 8 -g -sourcepath stubs -d classes Wallet.java");
  command->callback([folder, &action] { action = [folder] { return write_stubs(*folder); }; });
}

}  // namespace uicclab::cli
