// SPDX-License-Identifier: Apache-2.0
// uicclab mcim: subscriptions for machines, and a look into the objects made.
#include <algorithm>
#include <iostream>

#include "cli/mcim/certify.hpp"
#include "cli/mcim/install.hpp"
#include "cli/mcim/roles.hpp"
#include "cli/mcim/suites.hpp"
#include "cli/mcim/wrap.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "mcim/xml/document.hpp"

namespace uicclab::cli {
namespace {

struct InspectOptions {
  std::string object, key, sender;
  bool literal = false;
};

const char* name_of(mcim::Tag tag) {
  switch (tag) {
    case mcim::Tag::kMcim:
      return "MCIM";
    case mcim::Tag::kAlgorithm:
      return "algorithm";
    case mcim::Tag::kUpdate:
      return "update";
    case mcim::Tag::kToken:
      return "token";
  }
  return "";
}
const char* name_of(mcim::Algorithm algorithm) {
  switch (algorithm) {
    case mcim::Algorithm::kKept:
      return "";
    case mcim::Algorithm::kMilenage:
      return "Milenage";
    case mcim::Algorithm::kTuak:
      return "TUAK";
    case mcim::Algorithm::kXor:
      return "XOR";
  }
  return "";
}

/// Everything but the secrets, of which only the presence is said.
void show(const mcim::Subscription& content) {
  if (!content.imsi.empty()) std::cout << "IMSI " << visible(content.imsi) << ", ";
  std::cout << "nonce " << to_hex(content.nonce);
  if (!content.ki.empty()) std::cout << ", Ki present, not shown";
  if (!content.opc.empty()) std::cout << ", OPc present, not shown";
  if (!content.token.empty()) std::cout << ", token present, not shown";
  if (!content.new_token.empty()) std::cout << ", new token present, not shown";
  std::cout << "\n";
  if (content.algorithm != mcim::Algorithm::kKept) {
    std::cout << "algorithm " << name_of(content.algorithm) << (content.constants.empty() ? "" : ", with its constants") << "\n";
  }
  if (content.mnc_digits != 0) std::cout << "the ISIM follows, MNC of " << int{content.mnc_digits} << " digits\n";
  if (!content.target.empty()) std::cout << "for " << visible(content.target) << "\n";
  if (content.not_after) std::cout << "not after " << content.not_after->time_since_epoch().count() << " seconds since 1970\n";
}

int show(const mcim::Data& data) {
  std::cout << name_of(data.tag) << ", version " << data.version << ", payload " << data.payload.size() << " bytes\n";
  const auto content = mcim::parse_subscription(data.payload, data.tag);
  if (!content) {
    std::cout << "no device takes this: " << visible(content.error().text) << "\n";
    return kCheckFailed;
  }
  show(*content);
  return kOk;
}

int inspect_xml(const InspectOptions& options, BytesView document) {
  if (options.key.empty() || options.sender.empty()) {
    throw Exit{kUsage, options.object + ": an XML document is opened with --key and --sender: its signature is checked first"};
  }
  const auto data = mcim::open_xml(document, read_private_key(options.key), public_key_in(options.sender));
  if (!data) {
    std::cout << visible(options.object + ": " + data.error().text) << "\n";
    return kCheckFailed;
  }
  std::cout << "XML Encryption, signature good\n";
  return show(*data);
}

int inspect(const InspectOptions& options) {
  const Bytes object = read_input(options.object, kObjectFile);
  // The literal form begins with cipher text, which is '<' once in 256 objects.
  if (!options.literal && !object.empty() && object.front() == '<') return inspect_xml(options, object);
  if (options.literal) {
    std::cout << "suite literal, " << object.size() << " bytes\n";
  } else {
    const auto outline = mcim::inspect(object);
    if (!outline) {
      std::cout << visible(options.object + ": " + outline.error().text)
                << (mcim::has_header(object) ? "" : " with a header; --literal reads the form without") << "\n";
      return kCheckFailed;
    }
    const auto suite = std::ranges::find(kSuites, outline->suite, &SuiteName::suite);
    std::cout << "suite " << suite->name << ", key block " << outline->key_block << " bytes, protected data " << outline->protected_data
              << " bytes\n";
  }
  if (!options.sender.empty()) {
    const bool good = public_key_in(options.sender).verifies(object, read_input(options.object + ".sig", kObjectFile));
    std::cout << "signature " << (good ? "good" : "not this sender's") << "\n";
    if (!good) return kCheckFailed;
  }
  if (options.key.empty()) return kOk;
  crypto::SystemRandom random;
  const auto key = read_private_key(options.key);
  const auto data = options.literal ? mcim::open_literal(object, key, random) : mcim::open(object, key, random);
  if (!data) {
    std::cout << visible(data.error().text) << "\n";
    return kCheckFailed;
  }
  return show(*data);
}

}  // namespace

void add_mcim(App& app, Action& action) {
  auto* command = app.add_subcommand("mcim", "Wrap subscriptions for machines (TR 33.812), examine the objects, install them on cards");
  command->require_subcommand();
  add_mcim_wrap(*command, action);
  add_mcim_install(*command, action);
  add_mcim_certify(*command, action);
  add_mcim_pva(*command, action);
  add_mcim_dpf(*command, action);
  add_mcim_sho(*command, action);
  add_mcim_device(*command, action);

  auto* inspecting = command->add_subcommand("inspect", "Describe an object; with the device's key also its content, without the secrets");
  auto inspect_options = std::make_shared<InspectOptions>();
  inspecting->add_option("OBJECT", inspect_options->object, "File with the object")->required();
  inspecting->add_option("--key", inspect_options->key, "File with the device's private key");
  inspecting->add_option("--sender", inspect_options->sender,
                         "File with the sender's public key: OBJECT.sig, or the signature in an XML document, is checked");
  inspecting->add_flag("--literal", inspect_options->literal, "The object is in the literal form, without a header");
  set_example(*inspecting, "  uicclab mcim inspect objects/meter-1.mcim --key meter-1.pem");
  inspecting->callback([inspect_options, &action] { action = [inspect_options] { return inspect(*inspect_options); }; });
}

}  // namespace uicclab::cli
