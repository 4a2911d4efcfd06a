// SPDX-License-Identifier: Apache-2.0
// uicclab mcim dpf: the download and provisioning function of the registration operator, the DM server of the story.
#include <filesystem>
#include <iostream>

#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/dm/tree_file.hpp"
#include "cli/mcim/registration_database.hpp"
#include "cli/mcim/roles.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "dm/m2m_objects.hpp"
#include "dm/wbxml.hpp"
#include "mcim/provisioning.hpp"

namespace uicclab::cli {
namespace {

namespace fs = std::filesystem;

struct DpfOptions {
  std::string database, list, output, name = "dpf", server = "https://dm.example.com", peer, key, form = "session", device;
  std::vector<std::string> devices, files;
  bool wbxml = false;
};

/// What can be the name of a file, and a node of a tree.
void check_device(const std::string& device) {
  const bool good = !device.empty() && device.size() <= 64 && device[0] != '.' && std::ranges::all_of(device, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == ':';
  });
  if (!good) throw Exit{kUsage, "'" + visible(device) + "': a device is named by up to 64 letters, digits and -._:"};
}

std::vector<std::string> lines_of(const std::string& file) {
  std::vector<std::string> out;
  const std::string text = read_input_text(file, kObjectFile);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty() && !line.starts_with('#')) out.push_back(std::move(line));
  }
  return out;
}

int begin(const DpfOptions& options) {
  std::vector<std::string> devices = options.devices;
  if (!options.list.empty()) {
    for (std::string& one : lines_of(options.list)) devices.push_back(std::move(one));
  }
  if (devices.empty()) throw Exit{kUsage, "which devices? DEVICE, or --list FILE with one in each line"};
  for (const std::string& one : devices) check_device(one);
  RegistrationDatabase database(options.database);
  crypto::SystemRandom random;
  for (const std::string& one : devices) {
    Registration registration;
    registration.device = one;
    random.fill(registration.nonce);
    database.begin(registration);
    std::cout << one << " " << to_hex(registration.nonce) << "\n";
  }
  return kOk;
}

dm::M2mEquipment equipment_in(const std::string& file) {
  dm::ManagementTree tree;
  auto applied = tree.apply(read_dm_document(read_input(file, kObjectFile), file));
  auto read = applied ? dm::read_m2mmobj(tree) : Result<dm::M2mEquipment>(tl::unexpected(applied.error()));
  if (!read) throw Exit{kUsage, file + ": " + read.error().text};
  return *std::move(read);
}

int take(const DpfOptions& options) {
  RegistrationDatabase database(options.database);
  for (const std::string& file : options.files) {
    const auto equipment = equipment_in(file);
    check_device(equipment.device);
    database.change(equipment.device, [&](Registration& registration) {
      if (!std::ranges::equal(equipment.registration_nonce, registration.nonce)) {
        throw Exit{kCheckFailed, file + ": M2MMobj is not of the registration that is going on (nonce)"};
      }
      if (equipment.state != dm::M2mState::kRegistered) {
        if (registration.state < DpfState::kDelivered) throw Exit{kCheckFailed, file + ": nothing was delivered to " + equipment.device};
        registration.state = equipment.state == dm::M2mState::kInstalled ? DpfState::kInstalled : DpfState::kRefused;
      } else {
        if (registration.state >= DpfState::kInstalled) throw Exit{kCheckFailed, file + ": this registration is over"};
        if (equipment.card_nonce.size() != registration.card_nonce.size()) throw Exit{kUsage, file + ": CardNonce has 16 bytes"};
        const bool same = registration.platform_key == equipment.platform_key && registration.evidence == equipment.evidence;
        if (!same) registration.validation.clear();
        // An object that is here already stays: mcim dpf deliver compares its nonce.
        if (!same || registration.state == DpfState::kBegun) registration.state = DpfState::kReported;
        registration.platform_key = equipment.platform_key;
        registration.evidence = equipment.evidence;
        std::ranges::copy(equipment.card_nonce, registration.card_nonce.begin());
      }
      std::cout << registration.device << ": " << name_of(registration.state) << "\n";
    });
  }
  return kOk;
}

Registration registration_of(const DpfOptions& options, DpfState least, const char* missing) {
  auto found = RegistrationDatabase(options.database).find(options.device);
  if (!found) throw Exit{kCheckFailed, visible(options.device) + ": no registration is going on: uicclab mcim dpf begin"};
  if (found->state < least) throw Exit{kCheckFailed, options.device + ": " + missing};
  return *std::move(found);
}

int evidence(const DpfOptions& options) {
  const auto registration = registration_of(options, DpfState::kReported, "its M2MMobj is missing: uicclab mcim dpf take");
  if (registration.evidence.empty()) throw Exit{kCheckFailed, options.device + ": its M2MMobj has no evidence of the TRE"};
  write_private(options.output, as_bytes(registration.evidence));
  return kOk;
}

int accept(const DpfOptions& options) {
  const auto pva = public_key_in(options.peer);
  RegistrationDatabase database(options.database);
  for (const std::string& file : options.files) {
    const std::string text = read_input_text(file, kObjectFile);
    const auto validation = statement_value(mcim::read_validation(text, pva), file);
    database.change(validation.tre, [&](Registration& registration) {
      const auto good = mcim::check_validation(validation, registration.device, registration.nonce, registration.platform_key, role_time());
      if (!good) throw Exit{kCheckFailed, file + ": " + good.error().text};
      registration.validation = text;
      if (registration.state == DpfState::kReported) registration.state = DpfState::kValidated;
      std::cout << registration.device << ": " << name_of(registration.state) << "\n";
    });
  }
  return kOk;
}

int order(const DpfOptions& options) {
  const auto key = signing_key_in(options.key);
  RegistrationDatabase database(options.database);
  const bool many = options.devices.empty();
  if (many) fs::create_directories(options.output);
  std::size_t count = 0;
  for (const Registration& one : database.all()) {
    const bool wanted = many ? one.state == DpfState::kValidated : one.device == options.devices[0];
    if (!wanted) continue;
    if (one.validation.empty()) throw Exit{kCheckFailed, one.device + ": must be validated by the PVA first: uicclab mcim dpf accept"};
    if (one.state >= DpfState::kInstalled) throw Exit{kCheckFailed, one.device + ": this registration is over"};
    const mcim::Order out{options.name, one.device, one.nonce, one.card_nonce, one.platform_key, one.validation};
    const std::string path = many ? (fs::path(options.output) / (one.device + ".order")).string() : options.output;
    write_private(path, as_bytes(statement_value(mcim::to_text(out, key), options.key)));
    ++count;
  }
  if (count == 0)
    throw Exit{kCheckFailed, many ? "no device is validated and without an object" : options.devices[0] + ": no registration is going on"};
  std::cout << count << (count == 1 ? " order\n" : " orders\n");
  return kOk;
}

int store(const DpfOptions& options) {
  const auto sho = public_key_in(options.peer);
  RegistrationDatabase database(options.database);
  for (const std::string& file : options.files) {
    const std::string text = read_input_text(file, kObjectFile);
    const auto delivery = statement_value(mcim::read_delivery(text, sho), file);
    database.change(delivery.device, [&](Registration& registration) {
      if (delivery.nonce != registration.nonce) throw Exit{kCheckFailed, file + ": the object is for another registration (nonce)"};
      if (registration.state >= DpfState::kInstalled) throw Exit{kCheckFailed, file + ": this registration is over"};
      registration.delivery = text;
      registration.state = DpfState::kPrepared;
      std::cout << registration.device << ": " << name_of(registration.state) << "\n";
    });
  }
  return kOk;
}

/// The object that was prepared goes to the device that is here now: the nonces of both must be the same.
int deliver(const DpfOptions& options) {
  const auto sho = public_key_in(options.peer);
  RegistrationDatabase database(options.database);
  database.change(options.device, [&](Registration& registration) {
    if (registration.state >= DpfState::kInstalled) throw Exit{kCheckFailed, options.device + ": this registration is over"};
    if (registration.delivery.empty()) throw Exit{kCheckFailed, options.device + ": no object is prepared: uicclab mcim dpf store"};
    const auto delivery = statement_value(mcim::read_delivery(registration.delivery, sho), options.database);
    if (delivery.card_nonce != registration.card_nonce) {
      throw Exit{kCheckFailed, options.device + ": the object was prepared for another nonce of its card: order again"};
    }
    const dm::M2mSubscription subscription{delivery.sho, to_bytes(delivery.nonce), delivery.object, delivery.signature};
    const dm::BootstrapMessage message{options.server, dm::nodes_of(subscription)};
    dm::ManagementTree tree;
    (void)tree.apply(message);
    const std::string xml = options.form == "tnds" ? dm::tnds_of(tree, dm::kM2msimmobj, dm::m2msimmobj().ddf_name).value()
                                                   : dm::to_xml(message, options.device);
    if (options.wbxml) {
      const auto wbxml = dm::wbxml_of(xml);
      if (!wbxml) throw Exit{kCheckFailed, wbxml.error().text};
      write_private(options.output, *wbxml);
    } else {
      write_private(options.output, as_bytes(xml));
    }
    registration.state = DpfState::kDelivered;
    std::cout << options.device << ": " << name_of(registration.state) << "\n";
  });
  return kOk;
}

int list(const DpfOptions& options) {
  for (const Registration& one : RegistrationDatabase(options.database).all()) {
    std::cout << visible(one.device) << "  " << name_of(one.state) << "  " << to_hex(one.nonce) << "\n";
  }
  return kOk;
}

int describe(const DpfOptions& options) {
  const auto& object = options.form == "m2mmobj" ? dm::m2mmobj() : dm::m2msimmobj();
  std::cout << dm::ddf_of(object);
  return kOk;
}

}  // namespace

void add_mcim_dpf(App& mcim, Action& action) {
  auto* command =
      mcim.add_subcommand("dpf", "The download and provisioning function, a DM server: registrations, orders, objects for devices");
  command->require_subcommand();
  const auto with = [&](const char* name, const char* what, int (*run)(const DpfOptions&), const char* example) {
    auto* out = command->add_subcommand(name, what);
    const auto options = std::make_shared<DpfOptions>();  // shared with the callback, which outlives this function
    set_example(*out, example);
    out->callback([options, run, &action] { action = [options, run] { return run(*options); }; });
    return std::pair(out, options);
  };
  const auto with_database = [&](const char* name, const char* what, int (*run)(const DpfOptions&), const char* example) {
    const auto [out, options] = with(name, what, run, example);
    out->add_option("--database", options->database, "SQLite file with the registrations, readable by its owner only")->required();
    return std::pair(out, options);
  };
  {
    const auto [one, o] = with_database("begin", "Begin a registration for each device: its nonce", begin,
                                        "  uicclab mcim dpf begin meter-0001 --database dpf.db");
    one->add_option("DEVICE", o->devices, "Which devices");
    one->add_option("--list", o->list, "File with a device in each line");
  }
  {
    const auto [one, o] = with_database("take", "Take what devices report: M2MMobj, in XML or WBXML", take,
                                        "  uicclab mcim dpf take m2mmobj.xml --database dpf.db");
    one->add_option("M2MMOBJ", o->files, "TNDS documents or DM messages")->required();
  }
  {
    const auto [one, o] = with_database("evidence", "The evidence of a device's TRE, for the PVA", evidence,
                                        "  uicclab mcim dpf evidence meter-0001 --database dpf.db -o evidence.txt");
    one->add_option("DEVICE", o->device, "Which device")->required();
    one->add_option("-o,--output", o->output, "The file")->required();
  }
  {
    const auto [one, o] = with_database("accept", "Accept validations of the PVA for registrations that are going on", accept,
                                        "  uicclab mcim dpf accept validation.txt --pva pva.pub --database dpf.db");
    one->add_option("VALIDATION", o->files, "What the PVA signed")->required();
    one->add_option("--pva", o->peer, "File with the PVA's public key or certificate")->required();
  }
  {
    const auto [one, o] = with_database("order", "Order a subscription for a device, or for all that are validated", order,
                                        "  uicclab mcim dpf order meter-0001 --key dpf.pem --database dpf.db -o meter-0001.order\n"
                                        "  uicclab mcim dpf order --key dpf.pem --database dpf.db -o orders");
    one->add_option("DEVICE", o->devices, "Which device; without it all that are validated and have no object");
    one->add_option("--key", o->key, "File with the DPF's private key on P-256")->required();
    one->add_option("--name", o->name, "Name of the DPF")->capture_default_str();
    one->add_option("-o,--output", o->output, "The order; for all devices a folder")->required();
  }
  {
    const auto [one, o] = with_database("store", "Store objects that the SHO prepared", store,
                                        "  uicclab mcim dpf store deliveries/*.delivery --sho sho.pub --database dpf.db");
    one->add_option("DELIVERY", o->files, "What the SHO signed")->required();
    one->add_option("--sho", o->peer, "File with the SHO's public key or certificate")->required();
  }
  {
    const auto [one, o] = with_database("deliver", "M2MSIMMobj for a device, with the object that was prepared for it", deliver,
                                        "  uicclab mcim dpf deliver meter-0001 --sho sho.pub --database dpf.db -o session.xml");
    one->add_option("DEVICE", o->device, "Which device")->required();
    one->add_option("--sho", o->peer, "File with the SHO's public key or certificate")->required();
    one->add_option("--form", o->form, "session: a DM message; tnds: a TNDS document")
        ->check(OneOf{{"session", "tnds"}})
        ->capture_default_str();
    one->add_option("--server", o->server, "LocURI of the DM server, in the message")->capture_default_str();
    one->add_flag("--wbxml", o->wbxml, "As WBXML in place of XML");
    one->add_option("-o,--output", o->output, "The document")->required();
  }
  (void)with_database("list", "Print the registrations", list, "  uicclab mcim dpf list --database dpf.db");
  {
    const auto [one, o] = with("ddf", "Print the description (DDF) of a management object", describe, "  uicclab mcim dpf ddf m2mmobj");
    one->add_option("OBJECT", o->form, "m2mmobj or m2msimmobj")->required()->check(OneOf{{"m2mmobj", "m2msimmobj"}});
  }
}

}  // namespace uicclab::cli
