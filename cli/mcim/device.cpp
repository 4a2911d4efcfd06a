// SPDX-License-Identifier: Apache-2.0
// uicclab mcim device: the machine (M2ME), with the card as the TRE that has PK_D, and a key of the TRE's own that signs its evidence.
#include <iostream>

#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/dm/tree_file.hpp"
#include "cli/mcim/provisioning_card.hpp"
#include "cli/mcim/roles.hpp"
#include "core/ber_tlv.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "dm/m2m_objects.hpp"
#include "mcim/provisioning.hpp"

namespace uicclab::cli {
namespace {

struct DeviceOptions {
  ProvisioningCardOption card;
  std::string tree, device, nonce, tre_key, tre_certificate, model, output, sho;
  std::vector<std::string> measure;
};

constexpr ber::Tag kObject = 0x80, kSignature = 0x81;

/// "firmware=FILE"
mcim::Measurement measured(const std::string& text) {
  const std::size_t equal_sign = text.find('=');
  if (equal_sign == std::string::npos || equal_sign == 0) throw Exit{kUsage, "--measure " + text + ": COMPONENT=FILE"};
  return {text.substr(0, equal_sign), crypto::sha256({read_input(text.substr(equal_sign + 1), kObjectFile)})};
}

std::string evidence_of(const DeviceOptions& options, const mcim::Nonce& nonce, BytesView platform_key) {
  if (options.tre_key.empty()) return {};
  if (options.tre_certificate.empty() || options.model.empty()) throw Exit{kUsage, "--tre-key needs --tre-certificate and --model"};
  mcim::Evidence out;
  out.tre = options.device;
  out.model = options.model;
  out.nonce = nonce;
  out.platform_key = mcim::fingerprint_of(platform_key);
  out.certificate = certificates_in(options.tre_certificate)[0];
  for (const std::string& one : options.measure) out.measurements.push_back(measured(one));
  return statement_value(mcim::to_text(out, signing_key_in(options.tre_key)), options.tre_key);
}

void put(DmTreeFile& file, std::vector<dm::TreeCommand> nodes) {
  if (const auto applied = file.tree().apply({"", std::move(nodes)}); !applied) throw Exit{kCheckFailed, applied.error().text};
}

void write_object(const DeviceOptions& options, DmTreeFile& file, const char* root, const dm::ObjectDescription& object) {
  if (options.output.empty()) return;
  const auto xml = dm::tnds_of(file.tree(), root, object.ddf_name);
  if (!xml) throw Exit{kCheckFailed, xml.error().text};
  write_private(options.output, as_bytes(*xml));
}

int report(const DeviceOptions& options) {
  const auto nonce = from_hex(options.nonce);
  mcim::Nonce registration{};
  if (!nonce || nonce->size() != registration.size()) throw Exit{kUsage, "--nonce: 32 hexadecimal digits, of uicclab mcim dpf begin"};
  std::ranges::copy(*nonce, registration.begin());
  DmTreeFile file(options.tree);
  ProvisioningCard card(options.card);
  auto certificate = card.certificate();
  const bool certified = certificate.has_value();
  dm::M2mEquipment out;
  out.device = options.device;
  out.platform_key = certificate ? *std::move(certificate) : card.public_key();
  out.evidence = evidence_of(options, registration, out.platform_key);
  out.registration_nonce = *nonce;
  out.card_nonce = card.begin();
  put(file, dm::nodes_of(out));
  file.keep();
  write_object(options, file, dm::kM2mmobj, dm::m2mmobj());
  std::cout << options.device << ": registered, PK_D " << (certified ? "with a certificate" : "without a certificate")
            << (out.evidence.empty() ? ", no evidence of the TRE" : ", evidence of the TRE") << "\n";
  return kOk;
}

/// Nothing, or why the card refuses it.
std::optional<std::string> refusal(const DeviceOptions& options, const dm::M2mSubscription& subscription) {
  Bytes message = ber::encode(kObject, subscription.object);
  if (!subscription.signature.empty()) ber::write(message, kSignature, subscription.signature);
  ProvisioningCard card(options.card);
  try {
    card.store(message, "the object");
  } catch (const Exit& exit) {
    if (exit.code != kCheckFailed) throw;
    return exit.message;
  }
  return std::nullopt;
}

int install(const DeviceOptions& options) {
  options.card.refuse_unless_told();
  DmTreeFile file(options.tree);
  auto equipment = dm::read_m2mmobj(file.tree());
  if (!equipment) throw Exit{kCheckFailed, options.tree + ": " + equipment.error().text + ": uicclab mcim device report"};
  const auto subscription = dm::read_m2msimmobj(file.tree());
  if (!subscription) throw Exit{kCheckFailed, options.tree + ": " + subscription.error().text + ": uicclab dm apply"};
  if (!equal(subscription->registration_nonce, equipment->registration_nonce)) {
    throw Exit{kCheckFailed, "M2MSIMMobj is for another registration than that of M2MMobj (nonce)"};
  }
  if (!options.sho.empty() && !public_key_in(options.sho).verifies(subscription->object, subscription->signature)) {
    throw Exit{kCheckFailed, "the object is not signed by this SHO"};
  }
  const auto why = refusal(options, *subscription);
  equipment->state = why ? dm::M2mState::kRefused : dm::M2mState::kInstalled;
  put(file, dm::nodes_of(*equipment));
  file.keep();
  write_object(options, file, dm::kM2mmobj, dm::m2mmobj());
  std::cout << visible(equipment->device) << ": " << (why ? visible(*why) : "installed") << "\n";
  return why ? kCheckFailed : kOk;
}

}  // namespace

void add_mcim_device(App& mcim, Action& action) {
  auto* command =
      mcim.add_subcommand("device", "The machine: report the card's key to the DPF, and hand the card the object that comes back");
  command->require_subcommand();
  const auto with = [&](const char* name, const char* what, int (*run)(const DeviceOptions&), const char* example) {
    auto* out = command->add_subcommand(name, what);
    const auto options = std::make_shared<DeviceOptions>();  // shared with the callback, which outlives this function
    options->card.add_to(*out);
    out->add_option("--tree", options->tree, "File with the device's management tree")->required();
    out->add_option("-o,--output", options->output, "M2MMobj as a TNDS document, for the DPF");
    set_example(*out, example);
    out->callback([options, run, &action] { action = [options, run] { return run(*options); }; });
    return std::pair(out, options);
  };
  {
    const auto [one, o] =
        with("report", "Begin a registration with the card, and put its key and nonce and the TRE's evidence into M2MMobj", report,
             "  uicclab mcim device report --device meter-0001 --nonce 0011... --tree device.tree --state card.db --tre-key tre.pem "
             "--tre-certificate tre.crt --model m1 --measure firmware=firmware.bin -o m2mmobj.xml");
    one->add_option("--device", o->device, "Identifier of the device")->required();
    one->add_option("--nonce", o->nonce, "Registration nonce of the DPF")->required();
    one->add_option("--tre-key", o->tre_key, "File with the private key on P-256 with which the TRE signs its evidence");
    one->add_option("--tre-certificate", o->tre_certificate, "File with that key's certificate");
    one->add_option("--model", o->model, "Model of the platform, as the PVA knows it");
    one->add_option("--measure", o->measure, "COMPONENT=FILE: a part of the platform, by its SHA-256");
  }
  {
    const auto [one, o] = with("install", "Take the object out of M2MSIMMobj and hand it to the card", install,
                               "  uicclab mcim device install --tree device.tree --state card.db --sho sho.pub -o m2mmobj.xml");
    one->add_option("--sho", o->sho, "File with the SHO's public key or certificate: an object of anybody else is not given to the card");
  }
}

}  // namespace uicclab::cli
