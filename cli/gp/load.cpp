// SPDX-License-Identifier: Apache-2.0
// uicclab gp load, install: new content on the card.
#include <iostream>
#include <sstream>

#include <unistd.h>

#include "cli/cap/faults.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/interruptible.hpp"
#include "cli/common/progress.hpp"
#include "cli/gp/applet_files.hpp"
#include "cli/gp/gp.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "gp/install_parameters.hpp"
#include "jcvm/packages/package.hpp"

namespace uicclab::cli {
namespace {

using gp::host::LoadFile;
using gp::host::Manager;

std::string hex(const Aid& aid) {
  return to_hex(aid.bytes());
}

LoadFile read_load_file(const std::string& path) {
  auto file = LoadFile::read(read_input(path, kLoadFile));
  if (!file) throw Exit{kUsage, path + ": " + file.error().text + " (at byte " + std::to_string(file.error().offset) + ")"};
  return *std::move(file);
}

struct LoadOptions {
  std::string file;
  std::string into;
  std::string hash;
  std::vector<std::string> daps;
  std::string parameters;
  std::size_t block_size = 0;

  void add_to(App& command) {
    command.add_option("--into", into, "AID of the security domain for the load file; default: that of the session");
    command.add_option("--hash", hash, "Hash of the load file in INSTALL [for load]: sha1, sha256, sha384 or sha512")
        ->check(OneOf{{"sha1", "sha256", "sha384", "sha512"}});
    command.add_option("--dap", daps, "AID:FILE: a signature over the hash, for the domain that checks it; needs --hash on most cards");
    command.add_option("--load-params", parameters, "Load parameters, in hexadecimal, as they are: EF{C6, C7, C8}");
    command.add_option("--block-size", block_size, "Bytes in a LOAD command at most; without it as many as fit")->check(Range{1, 255});
  }
  Manager::Load request() const {
    Manager::Load out;
    if (!into.empty()) out.domain = aid_option("--into", into);
    if (hash == "sha1") out.hash = gp::host::LoadHash::kSha1;
    if (hash == "sha256") out.hash = gp::host::LoadHash::kSha256;
    if (hash == "sha384") out.hash = gp::host::LoadHash::kSha384;
    if (hash == "sha512") out.hash = gp::host::LoadHash::kSha512;
    for (const std::string& dap : daps) {
      const std::size_t colon = dap.find(':');
      if (colon == std::string::npos) throw Exit{kUsage, "--dap " + dap + ": AID:FILE"};
      out.daps.push_back({aid_option("--dap", dap.substr(0, colon)), read_input(dap.substr(colon + 1), kObjectFile)});
    }
    out.parameters = hex_option("--load-params", parameters);
    out.block_size = block_size;
    return out;
  }
};

/// 6A80 does not say which import an emulated card lacks; what it has is this program's.
std::string missing_imports(GpContext& context, const LoadFile& file) {
  const auto told = context.manager.registry();
  if (!context.emulated || !told) return "";
  std::string out;
  for (const auto& import : file.cap().imports) {
    const jcvm::packages::Package* platform = jcvm::packages::package_with(import.aid);
    const bool built_in = platform != nullptr && is_implemented(*platform, {import.major, import.minor});
    const bool loaded = std::ranges::any_of(
        told->entries, [&](const auto& one) { return one.kind == gp::RegistryEntry::Kind::kLoadFile && one.aid == import.aid; });
    if (built_in || loaded) continue;
    out += out.empty() ? ". The card lacks packages that it imports: " : ", ";
    if (platform != nullptr) out += platform->name + ", ";
    out += to_text(import);
  }
  return out;
}

void load_now(GpContext& context, const LoadFile& file, const Manager::Load& how) {
  std::string says = "Load file " + to_text(file.cap().header.package) + ", " + std::to_string(file.components().size()) + " bytes";
  if (!file.cap().header.name.value_or("").empty()) says += ", " + *file.cap().header.name;
  for (const auto& applet : file.cap().applets) says += ", module " + hex(applet.aid);
  context.say(says);
  says.clear();
  for (const auto& import : file.cap().imports) says += (says.empty() ? "It imports " : ", ") + to_text(import);
  if (!says.empty()) context.say(says);
  const Interruptible signals;
  const bool bar = isatty(STDERR_FILENO) != 0 && !context.dry_run;
  const auto loaded = context.manager.load(file, how, [&](std::size_t done, std::size_t total) {
    if (bar) show_progress(done, total);
    const bool stop = done < total && signals.interrupted();
    if (stop && bar) std::cerr << "\n";
    return !stop;
  });
  if (!loaded) {
    Error error = loaded.error();
    if (error.code == ErrorCode::kRefused) error.text += missing_imports(context, file);
    gp_fail(error);
  }
  context.done("Loaded " + hex(file.cap().header.package.aid) + ".");
}

struct InstallOptions {
  LoadOptions load;
  std::string package;
  std::string module;
  std::string instance;
  std::string privileges;
  std::string parameters;
  std::string whole;
  std::optional<std::uint32_t> memory;
  std::optional<std::uint32_t> volatile_memory;
  std::vector<std::string> tars;
  unsigned menu = 0;
  unsigned menu_text = 16;
  unsigned timers = 0;
  unsigned channels = 0;
  std::string msl;
  std::vector<std::string> access;
  std::vector<std::string> administrative_access;
  bool sim = false;
  bool not_selectable = false;
};

gp::Privileges privileges_option(const std::string& text) {
  if (text.empty()) return {};
  std::istringstream names(text);
  std::uint32_t bits = 0;
  bool named = true;
  for (std::string one; std::getline(names, one, ',');) {
    const auto privilege = gp::privilege_named(one);
    named = named && privilege;
    if (privilege) bits |= gp::Privileges{*privilege}.bits();
  }
  if (named) return gp::Privileges::from_bits(bits);
  const auto bytes = from_hex(text);
  if (!bytes || (bytes->size() != 1 && bytes->size() != 3)) {
    throw Exit{kUsage, "--privileges " + text + ": names with commas (" + words(gp::Privileges::from_bits(0xFFFFF0)) +
                           "), or one or three bytes in hexadecimal"};
  }
  bytes->size() == 1 ? bits = static_cast<std::uint32_t>((*bytes)[0] << 16)
                     : bits = static_cast<std::uint32_t>((*bytes)[0] << 16 | (*bytes)[1] << 8 | (*bytes)[2]);
  return gp::Privileges::from_bits(bits);
}

bool wants_toolkit(const InstallOptions& options) {
  return !options.tars.empty() || options.menu != 0 || options.timers != 0 || options.channels != 0 || !options.msl.empty() ||
         !options.access.empty() || !options.administrative_access.empty();
}

/// "00", or "A0000000871002:00" for an application's ADF.
std::vector<gp::AccessParameters> access_parameters(const std::string& option, const std::vector<std::string>& texts) {
  std::vector<gp::AccessParameters> out;
  for (const std::string& text : texts) {
    const auto colon = text.find(':');
    gp::AccessParameters one;
    if (colon != std::string::npos) {
      const auto adf = Aid::from(hex_option(option, text.substr(0, colon)));
      if (!adf) throw Exit{kUsage, option + " " + text + ": in front of the colon must be an AID of 5 to 16 bytes"};
      one.adf = *adf;
    }
    one.domain = hex_option(option, colon == std::string::npos ? text : text.substr(colon + 1));
    out.push_back(std::move(one));
  }
  return out;
}

Bytes install_parameters(const InstallOptions& options) {
  if (!options.whole.empty()) return hex_option("--install-params", options.whole);
  gp::InstallParameters out;
  out.application = hex_option("--params", options.parameters);  // C9, empty too: GP table 11-49 has it mandatory
  out.memory = options.memory;
  out.volatile_memory = options.volatile_memory;
  if (wants_toolkit(options)) {
    auto& uicc = out.uicc.emplace();
    auto& toolkit = uicc.toolkit.emplace();
    toolkit.max_timers = static_cast<std::uint8_t>(options.timers);
    toolkit.max_channels = static_cast<std::uint8_t>(options.channels);
    toolkit.menu.resize(options.menu);
    if (options.menu != 0) toolkit.max_menu_text = static_cast<std::uint8_t>(options.menu_text);
    if (!options.msl.empty()) toolkit.minimum_spi1 = byte_option("--msl", options.msl);
    for (const std::string& text : options.tars) {
      const Bytes bytes = hex_option("--tar", text);
      if (bytes.size() != 3) throw Exit{kUsage, "--tar " + text + ": six hexadecimal digits"};
      toolkit.tars.push_back(Tar{{bytes[0], bytes[1], bytes[2]}});
    }
    uicc.access = access_parameters("--access", options.access);
    uicc.administrative_access = access_parameters("--admin-access", options.administrative_access);
    if (options.sim) out.form = gp::InstallParameters::Form::kSim;
  }
  return out.encoded();
}

std::vector<Aid> modules_of(const LoadFile& file) {
  std::vector<Aid> out;
  for (const auto& applet : file.cap().applets) out.push_back(applet.aid);
  return out;
}

std::string words_of(const std::vector<Aid>& aids) {
  std::string out;
  for (const Aid& aid : aids) out += " " + hex(aid);
  return out;
}

bool is_on_card(GpContext& context, const Aid& load_file) {
  const auto told = gp_value(context.manager.registry());
  return std::ranges::any_of(told.entries,
                             [&](const auto& one) { return one.kind == gp::RegistryEntry::Kind::kLoadFile && one.aid == load_file; });
}

/// What is wrong with the options shows before the card is touched.
struct InstallPlan {
  std::optional<LoadFile> file;
  Manager::Load load;
  std::vector<gp::InstallFields> applets;
  std::uint8_t form = gp::install::kInstall;
};

InstallPlan make_plan(const InstallOptions& options) {
  InstallPlan plan;
  gp::InstallFields fields;
  std::vector<Aid> modules;
  if (!options.module.empty()) modules.push_back(aid_option("--module", options.module));
  if (!options.load.file.empty()) {
    plan.file = read_load_file(options.load.file);
    plan.load = options.load.request();
    fields.first = plan.file->cap().header.package.aid;
    if (modules.empty()) modules = modules_of(*plan.file);
    if (modules.empty()) throw Exit{kUsage, options.load.file + " has no applets: 'gp load' loads it"};
    if (modules.size() > 1 && !options.instance.empty()) {
      throw Exit{kUsage, options.load.file + " has " + std::to_string(modules.size()) +
                             " applets, and --instance names one: choose by --module:" + words_of(modules)};
    }
  } else {
    if (options.package.empty() || modules.empty()) throw Exit{kUsage, "install takes a CAP file, or --package and --module"};
    fields.first = aid_option("--package", options.package);
  }
  fields.privileges = privileges_option(options.privileges);
  fields.parameters = install_parameters(options);
  for (const Aid& module : modules) {
    fields.second = module;
    fields.third = options.instance.empty() ? module : aid_option("--instance", options.instance);
    plan.applets.push_back(fields);
  }
  if (!options.not_selectable) plan.form |= gp::install::kMakeSelectable;
  return plan;
}

int install(GpContext& context, const InstallPlan& plan, std::span<const gp::InstallFields> applets) {
  bool loaded = false;
  const Aid& package = plan.file ? plan.file->cap().header.package.aid : applets.front().first;
  if (plan.file && is_on_card(context, package)) {
    context.say("Load file " + hex(package) + " is on the card already, it is not loaded again.");
  } else if (plan.file) {
    load_now(context, *plan.file, plan.load);
    loaded = true;
  }
  for (const auto& fields : applets) {
    if (const auto installed = context.manager.install(plan.form, fields); !installed) {
      Error error = installed.error();
      if (loaded) error.text += ". The load file stays on the card: 'gp delete " + hex(package) + "'";
      gp_fail(error);
    }
    context.done("Installed " + hex(fields.third) + ".");
  }
  return kOk;
}

void add_load(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  auto* command = gp.add_subcommand(
      "load",
      "Load a CAP file (.cap archive, or components in one file): INSTALL [for load], LOAD. After a failed load the remains are deleted");
  const auto options = std::make_shared<LoadOptions>();
  command->add_option("FILE", options->file, "The CAP file")->required();
  options->add_to(*command);
  set_example(*command, "  uicclab gp load wallet.cap --state my.card --hash sha256");
  command->callback([=, &action] {
    action = [=] {
      const LoadFile file = read_load_file(options->file);
      const Manager::Load how = options->request();
      return run_gp(*common, {GpJob::Kind::kChange, "", [&](GpContext& context) {
                                load_now(context, file, how);
                                return static_cast<int>(kOk);
                              }});
    };
  });
}

void add_install(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  auto* command =
      gp.add_subcommand("install", "Install applications: all of a CAP file, which is loaded first, or one of a load file on the card");
  const auto options = std::make_shared<InstallOptions>();
  command->add_option("FILE", options->load.file, "CAP file; without it --package");
  options->load.add_to(*command);
  command->add_option("--package", options->package, "AID of a load file on the card");
  command->add_option("--module", options->module, "AID of the module (class) in it; without it all of the CAP file");
  command->add_option("--instance", options->instance, "AID of the application; default: that of the module");
  command->add_option("--privileges", options->privileges, "Names with commas (card-reset, security-domain ..), or hexadecimal");
  command->add_option("--params", options->parameters, "Application's own parameters (C9), in hexadecimal");
  command->add_option("--memory", options->memory, "Quota of non-volatile memory in bytes (EF{C8})");
  command->add_option("--volatile-memory", options->volatile_memory, "Quota of volatile memory in bytes (EF{C7})");
  command->add_option("--tar", options->tars, "Toolkit: TAR of the application (EA{80}); several");
  command->add_option("--menu", options->menu, "Toolkit: number of menu entries")->check(Range{0, 127});
  command->add_option("--menu-text", options->menu_text, "Toolkit: longest menu text")->check(Range{0, 255})->capture_default_str();
  command->add_option("--timers", options->timers, "Toolkit: number of timers")->check(Range{0, 8});
  command->add_option("--channels", options->channels, "Toolkit: number of BIP channels")->check(Range{0, 7});
  command->add_option("--msl", options->msl, "Toolkit: minimum security level, SPI1 in hexadecimal");
  command->add_option("--access", options->access,
                      "Access domain to the shared file system, or with AID: in front to an ADF (EA{81}): 00 all, FF nothing; several");
  command->add_option("--admin-access", options->administrative_access,
                      "The same for creating, deleting and resizing files (EA{82}); several");
  command->add_flag("--sim-params", options->sim, "Toolkit parameters in the older form EF{CA}, for older SIMs");
  command->add_option("--install-params", options->whole,
                      "The whole field of install parameters in hexadecimal, instead of all of the above");
  command->add_flag("--not-selectable", options->not_selectable, "INSTALL [for install] only");
  set_example(*command,
              "  uicclab gp install --package A0000001515350 --module A000000151535041 --instance F0756963630001 \\\n"
              "      --privileges security-domain");
  command->callback([=, &action] {
    action = [=] {
      const InstallPlan plan = make_plan(*options);
      return run_gp(*common, {GpJob::Kind::kChange, "", [&](GpContext& context) { return install(context, plan, plan.applets); }});
    };
  });
}

/// Which instances are there shows in the registry: a card with a state keeps them.
std::vector<Aid> install_missing(GpContext& context, const InstallPlan& plan) {
  const auto told = gp_value(context.manager.registry());
  std::vector<gp::InstallFields> missing;
  std::vector<Aid> names;
  for (const auto& fields : plan.applets) {
    names.push_back(fields.third);
    if (std::ranges::find(told.entries, fields.third, &gp::RegistryEntry::aid) == told.entries.end()) missing.push_back(fields);
  }
  install(context, plan, missing);
  return names;
}

/// Hosts load no Descriptor component, so a card cannot follow types: it is done here, while the file has it.
void verify(const std::string& path, bool strict) {
  const auto faults = faults_of_cap(path);
  for (const std::string& fault : faults) std::cerr << (strict ? "" : "warning: ") << visible(path) << ": " << visible(fault) << "\n";
  if (strict && !faults.empty()) {
    throw Exit{kCheckFailed,
               "--applet " + path + ": the file must pass 'uicclab cap verify'; without verify=strict it is loaded with a warning"};
  }
}

/// "FILE[,aid=AID][,module=AID][,params=HEX][,verify=strict|warn]"
InstallPlan plan_of(const std::string& text) {
  InstallOptions options;
  bool strict = false;
  std::istringstream parts(text);
  std::getline(parts, options.load.file, ',');
  for (std::string part; std::getline(parts, part, ',');) {
    const std::size_t sign = part.find('=');
    const std::string name = part.substr(0, sign);
    const std::string value = sign == std::string::npos ? "" : part.substr(sign + 1);
    if (name == "aid" && !value.empty()) {
      options.instance = value;
    } else if (name == "module" && !value.empty()) {
      options.module = value;
    } else if (name == "params" && sign != std::string::npos) {
      options.parameters = value;
    } else if (name == "verify" && (value == "strict" || value == "warn")) {
      strict = value == "strict";
    } else {
      throw Exit{kUsage, "--applet " + text + ": '" + part +
                             "': after the file, only aid=AID, module=AID, params=HEX and verify=strict are possible"};
    }
  }
  const LoadFile file = read_load_file(options.load.file);
  verify(options.load.file, strict);
  if (!file.cap().applets.empty()) return make_plan(options);
  if (!options.instance.empty() || !options.module.empty()) {
    throw Exit{kUsage, "--applet " + text + ": " + options.load.file + " has no applets, so aid= and module= are not possible"};
  }
  InstallPlan plan;
  plan.file = read_load_file(options.load.file);
  return plan;
}

}  // namespace

struct AppletFiles::Plans : std::vector<InstallPlan> {};

AppletFiles::AppletFiles(const std::vector<std::string>& options) : m_plans(std::make_unique<Plans>()) {
  for (const std::string& text : options) m_plans->push_back(plan_of(text));
}

AppletFiles::~AppletFiles() = default;

std::vector<Aid> AppletFiles::install(OpenCard& card, const KeySource& keys) const {
  GpOptions options;
  options.keys = keys;
  options.quiet = true;
  std::vector<Aid> names;
  Atr atr;
  for (const InstallPlan& plan : *m_plans) {
    run_gp(options,
           {GpJob::Kind::kChange, "",
            [&](GpContext& context) {
              for (const Aid& one : install_missing(context, plan)) names.push_back(one);
              return static_cast<int>(kOk);
            }},
           card);
  }
  return names;
}

void add_gp_load(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  add_load(gp, action, common);
  add_install(gp, action, common);
}

}  // namespace uicclab::cli
