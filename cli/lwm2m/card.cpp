// SPDX-License-Identifier: Apache-2.0
// uicclab lwm2m read, provision: the bootstrap file of a card.
#include <iostream>

#include "cli/card/pin_option.hpp"
#include "cli/common/secret_text.hpp"
#include "cli/lwm2m/files.hpp"
#include "cli/lwm2m/lwm2m.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "core/json.hpp"
#include "core/visible.hpp"
#include "lwm2m/validation.hpp"
#include "lwm2m/view.hpp"

namespace uicclab::cli {
namespace {

using lwm2m::device::BootstrapPlace;
using lwm2m::device::CardAccess;

constexpr std::uint8_t kPin1 = 0x01, kAdm1 = 0x0A;

struct ReadOptions {
  BootstrapCardOptions card;
  bool json = false, secrets = false;
};

std::string coding_word(const lwm2m::DataObject& entry) {
  return entry.coding == lwm2m::OidCoding::kDoublyEncoded ? "doubly encoded, as older texts printed it" : "as it should be";
}

void print_text(const lwm2m::device::CardReading& reading, lwm2m::Secrets secrets) {
  const BootstrapPlace& place = reading.place;
  std::cout << "# PKCS #15 application " << to_hex(place.aid.bytes()) << (place.in_ef_dir ? ", in EF_DIR" : ", not in EF_DIR") << "\n"
            << "# EF(ODF) " << to_hex(place.odf) << " -> EF(DODF) " << to_hex(place.dodf) << " -> EF_LWM2M_Bootstrap " << to_hex(place.path)
            << ", " << reading.content.size() << " bytes; object identifier " << coding_word(place.entry) << "\n"
            << "# read " << (reading.secured ? "through SCP03" : "in plain") << (reading.pin_used ? ", PIN given" : "") << "\n\n"
            << lwm2m::to_toml(reading.file, secrets);
  print_refusals(lwm2m::validate(reading.file));
}

/// The view with what was found on the way in front, so that it can be provisioned as it is.
void print_json(const lwm2m::device::CardReading& reading, lwm2m::Secrets secrets) {
  const BootstrapPlace& place = reading.place;
  Json found = Json::object();
  found.set("aid", to_hex(place.aid.bytes())).set("in_ef_dir", place.in_ef_dir).set("odf", to_hex(place.odf));
  found.set("dodf", to_hex(place.dodf)).set("path", to_hex(place.path)).set("size", reading.content.size());
  found.set("secured", reading.secured).set("pin", reading.pin_used);
  std::string line = found.text();
  line.back() = ',';
  std::cout << line << "\n" << std::string_view(lwm2m::to_json(reading.file, secrets)).substr(1);
}

int read(const ReadOptions& options) {
  BootstrapCard card(options.card);
  const auto reading = lwm2m_value(card.files().read());
  const auto secrets = options.secrets ? lwm2m::Secrets::kShown : lwm2m::Secrets::kHidden;
  if (options.json) {
    print_json(reading, secrets);
  } else {
    print_text(reading, secrets);
  }
  return kOk;
}

struct ProvisionCommand {
  BootstrapCardOptions card;
  ProvisionOptions how;
  std::string file, endpoint;
};

int provision(const ProvisionCommand& command) {
  std::cout << provision_card(read_bootstrap(command.file), command.card, command.how, command.endpoint) << "\n";
  return kOk;
}

/// SCP03 with everything protected (appendix H: EXTERNAL AUTHENTICATE with P1 = 33).
Result<void> open_scp03(scp03::SecureChannelPort& port, const gp::host::KeyMaterial& keys, Channel channel, const Aid& aid) {
  const scp03::HostSession::Options options{
      .key_version = keys.version, .level = scp03::Level::kAll, .s16 = false, .channel = channel, .aid = aid};
  const auto opened = port.open(options, [&keys](const scp03::InitializeUpdateAnswer& answer) {
    return keys.scp03_keys(answer.diversification, answer.key_version);
  });
  if (!opened) return fail(opened.error().code, "secure channel with the PKCS #15 application: " + opened.error().text);
  return {};
}

}  // namespace

void BootstrapCardOptions::add_to(App& command) {
  card.add_to(command);
  keys.add_to(command, "", "Keys of the secure channel");
  command.add_option("--scp03", scp03, "always: SCP03 level 33 before anything is read; auto: if the card refuses to show the file; never")
      ->check(OneOf{{"auto", "always", "never"}})
      ->capture_default_str();
  command.add_option("--pin", pin, std::string("PIN (key reference 01), sent if the card refuses to show the file: ") + kSecretForms);
  Trace::add_to(command, trace);
}

BootstrapCard::BootstrapCard(const BootstrapCardOptions& options, const std::string& secret, bool is_adm, bool extended)
    : m_trace(options.trace) {
  CardAccess access;
  if (!secret.empty()) access.pin = pin_value(secret, is_adm ? "--adm" : "--pin");
  access.pin_reference = is_adm ? kAdm1 : kPin1;
  access.secure_from_the_start = options.scp03 == "always";
  auto keys = options.scp03 == "never" ? nullptr : std::make_shared<gp::host::KeyMaterial>(options.keys.read());
  Atr atr;
  m_card = options.card.open(atr, m_trace.sink());
  if (auto* guard = m_card->guard())
    guard->allow_authentication(true);  // the host end checks the card's cryptogram before it sends its own
  if (extended && lwm2m::device::takes_extended_length(atr) && m_card->port().select_protocol(Protocol::kT1)) {
    access.longest_command = lwm2m::kMaxBootstrapFile;
  }
  m_random = std::make_unique<crypto::SystemRandom>();
  m_port = std::make_unique<scp03::SecureChannelPort>(m_card->port(), *m_random);
  if (keys) {
    access.open_secure_channel = [port = m_port.get(), keys](Channel channel, const Aid& aid) {
      return open_scp03(*port, *keys, channel, aid);
    };
  }
  m_files = std::make_unique<lwm2m::device::CardBootstrap>(*m_port, std::move(access));
}

BootstrapCard::~BootstrapCard() = default;

void ProvisionOptions::add_to(App& command, const std::string& only_with) {
  const std::array options{
      command.add_option("--adm", adm, std::string("ADM1, which may write the files (") + kSecretForms + ")"),
      command.add_flag("--legacy-oid", legacy_oid, "Encode the object identifier twice, as on older cards"),
      command.add_flag("--force", force, "Write it even if a device would refuse it"),
      command.add_option(
          "--spare", spare,
          "FID of a second file, which gets content that does not fit into one command; the directory entry then points to it"),
      command.add_flag("--may-tear", may_tear, "Use several commands in place: a power cut leaves the card without an account"),
      command.add_flag("--short", only_short, "Use no extended length, even if the card supports it")};
  for (Option* one : options) {
    if (!only_with.empty()) one->needs(only_with);
  }
}

std::string provision_card(const lwm2m::BootstrapFile& file, const BootstrapCardOptions& card_options, const ProvisionOptions& options,
                           const std::string& endpoint) {
  if (print_refusals(lwm2m::validate(file, {.endpoint_name = endpoint})) && !options.force) {
    throw Exit{kCheckFailed, "a device would refuse this; nothing was written (--force writes it)"};
  }
  lwm2m::device::ProvisionOptions where;
  if (options.legacy_oid) where.coding = lwm2m::OidCoding::kDoublyEncoded;
  if (!options.spare.empty()) {
    const auto fid = from_hex(options.spare);
    if (!fid || fid->size() != 2) throw Exit{kUsage, "--spare " + options.spare + ": a file identifier has four hexadecimal digits"};
    where.spare = *fid;
  }
  where.may_tear = options.may_tear;
  BootstrapCard card = BootstrapCard::for_writing(card_options, options.adm, options.only_short);
  const auto place = card.files().write(file, where);
  if (!place && place.error().code == ErrorCode::kUnsupported) {
    throw Exit{kCheckFailed, place.error().text + "; use a card and a reader with extended length (T=1), or --spare FID, or --may-tear"};
  }
  if (!place) lwm2m_fail(place.error());
  if (card_options.card.is_forgotten()) {
    std::cerr << "This emulated card is discarded; keep its memory with --state FILE.\n";
  }
  return "EF_LWM2M_Bootstrap (" + to_hex(place->path) + ") of " + to_hex(place->aid.bytes()) + ": " + (place->unchanged ? "these " : "") +
         std::to_string(*place->size) + (place->unchanged ? " bytes are there already; nothing was written" : " bytes written");
}

bool print_refusals(const std::vector<lwm2m::Refusal>& refusals) {
  bool refused = false;
  for (const lwm2m::Refusal& one : refusals) {
    const bool warning = one.severity == lwm2m::Refusal::Severity::kWarning;
    std::cerr << one.path << ": " << (warning ? "warning: " : "") << visible(one.reason) << "\n";
    refused = refused || !warning;
  }
  return refused;
}

void lwm2m_fail(const Error& error) {
  switch (error.code) {
    case ErrorCode::kIo:
      throw Exit{kEnvironment, error.text};
    case ErrorCode::kMismatch:
      throw Exit{kWrongKeys, error.text};
    default:
      throw Exit{kCheckFailed, error.text};
  }
}

void add_lwm2m_card(App& lwm2m, Action& action) {
  const auto reading = std::make_shared<ReadOptions>();  // shared with the callbacks, which outlive this function
  auto* read_command = lwm2m.add_subcommand("read", "Find and print the bootstrap file of a card, as a device reads it; keys stay hidden");
  reading->card.add_to(*read_command);
  read_command->add_flag("--json", reading->json, "As JSON, with the path to the file");
  read_command->add_flag("--secrets", reading->secrets, "Print keys, too");
  set_example(*read_command, "  uicclab lwm2m read\n  uicclab lwm2m read --card pcsc:Omnikey --pin 1234 --scp03 never --json");
  read_command->callback([reading, &action] { action = [reading] { return read(*reading); }; });

  const auto writing = std::make_shared<ProvisionCommand>();
  auto* provision_command = lwm2m.add_subcommand("provision", "Write a bootstrap file to a card, and its directory entry if missing");
  provision_command->add_option("FILE", writing->file, kBootstrapForms)->required();
  writing->card.add_to(*provision_command);
  provision_command->add_option("--endpoint", writing->endpoint, "Endpoint name of the device, which its certificate must have");
  writing->how.add_to(*provision_command);
  set_example(*provision_command, "  uicclab lwm2m provision bootstrap.toml --adm 88888888 --card sim --state card.db");
  provision_command->callback([writing, &action] { action = [writing] { return provision(*writing); }; });
}

}  // namespace uicclab::cli
