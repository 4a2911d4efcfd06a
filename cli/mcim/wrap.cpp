// SPDX-License-Identifier: Apache-2.0
// uicclab mcim wrap: an object for each line of a list. Whose key it is, and whether the device can take what it gets, is checked for all
// lines before anything is written.
#include "cli/mcim/wrap.hpp"

#include <filesystem>
#include <iostream>

#include "cli/common/private_file.hpp"
#include "cli/common/progress.hpp"
#include "cli/mcim/orders.hpp"
#include "cli/mcim/roles.hpp"
#include "cli/mcim/suites.hpp"
#include "core/crypto/certificate_chain.hpp"
#include "core/crypto/random.hpp"
#include "mcim/certificate.hpp"
#include "mcim/xml/document.hpp"

namespace uicclab::cli {
namespace {

namespace fs = std::filesystem;
using std::chrono::sys_seconds;

constexpr const char* kXml = "xml";  // no suite of the object's header

struct WrapOptions {
  std::string list, out = ".", suite = "auto", sign, ca;
};

/// What the file of a device holds.
struct Recipient {
  crypto::PublicKey key;
  Bytes certificate;  ///< empty: a bare public key
};

Recipient read_recipient(const fs::path& name, const std::vector<Bytes>& anchors, sys_seconds now) {
  const auto refuse = [&](const std::string& text) { return Exit{kUsage, name.string() + ": " + text}; };
  const auto bare = crypto::PublicKey::from_der(read_der(name));
  if (bare) {
    if (const auto good = mcim::check_key(*bare); !good) throw refuse(good.error().text);
    if (!anchors.empty()) throw refuse("a bare public key; with --ca a device must have a certificate (uicclab mcim certify)");
    return {*bare, {}};
  }
  const auto chain = crypto::certificates_of_file(read_input(name.string(), kObjectFile));
  if (!chain) throw refuse("neither a public key nor a certificate");
  const auto key = mcim::check_certificate(*chain, anchors, now);
  if (!key) throw refuse(key.error().text);
  return {*key, chain->front()};
}

/// `sender` is there for XML, which is signed inside.
Bytes wrap_one(const Order& order, const Recipient& recipient, const std::string& suite_name,
               const std::optional<crypto::PrivateKey>& sender) {
  const mcim::Data data{order.subscription.tag, mcim::encode_subscription(order.subscription), order.version};
  const auto made = [&]() -> Result<Bytes> {
    if (suite_name == kXml) return mcim::wrap_xml(data, recipient.key, *sender);
    const auto named = std::ranges::find_if(kSuites, [&](const SuiteName& one) { return one.name == suite_name; });
    if (named != kSuites.end() && named->suite == mcim::Suite::kCms) {
      if (recipient.certificate.empty()) return fail(ErrorCode::kRefused, "suite cms needs a certificate, this is a bare public key");
      return mcim::wrap_cms(data, recipient.certificate);
    }
    const auto suite = named != kSuites.end() ? Result<mcim::Suite>(named->suite) : mcim::default_suite(recipient.key);
    if (!suite) return tl::unexpected(suite.error());
    crypto::SystemRandom random;
    return mcim::wrap(data, recipient.key, *suite, random);
  }();
  if (!made) throw Exit{kUsage, order.device.string() + ": " + made.error().text};
  return *made;
}

int wrap(const WrapOptions& options) {
  const auto now = role_time();
  std::vector<Bytes> anchors;
  if (!options.ca.empty()) {
    auto read = crypto::certificates_of_file(read_input(options.ca, kObjectFile));
    if (!read) throw Exit{kUsage, options.ca + ": " + read.error().text};
    anchors = *std::move(read);
  }
  const std::vector<Order> orders = read_orders(options.list, now);
  std::vector<Recipient> recipients;
  bool unvouched = false;
  for (const Order& order : orders) {
    recipients.push_back(read_recipient(order.device, anchors, now));
    unvouched = unvouched || (anchors.empty() && !recipients.back().certificate.empty());
  }
  const bool xml = options.suite == kXml;
  if (xml && options.sign.empty()) throw Exit{kUsage, "--suite xml needs --sign: the document is signed"};
  const auto sender = options.sign.empty() ? std::nullopt : std::optional(read_private_key(options.sign));
  if (unvouched) std::cerr << "note: without --ca nobody vouches for the certificates: whose keys these are was not checked\n";
  fs::create_directories(options.out);
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const Bytes object = wrap_one(orders[i], recipients[i], options.suite, sender);
    const fs::path path = fs::path(options.out) / (orders[i].name + (xml ? ".xml" : ".mcim"));
    write_private(path.string(), object);
    if (sender && !xml) {
      const auto signature = sender->sign(object);
      if (!signature) throw Exit{kUsage, options.sign + ": " + signature.error().text};
      write_private(path.string() + ".sig", *signature);
    }
    show_progress(i + 1, orders.size());
  }
  std::cout << orders.size() << " objects in " << options.out << "\n";
  return kOk;
}

}  // namespace

void add_mcim_wrap(App& command, Action& action) {
  auto* wrapping = command.add_subcommand("wrap", "Make an object for each line of a list");
  auto options = std::make_shared<WrapOptions>();  // shared with the callback, which outlives this function
  wrapping
      ->add_option(
          "LIST", options->list,
          "File with lines name,device,imsi,ki,opc,nonce,version[,target], or with a first line that names its columns, also "
          "kind, algorithm, constants, token, new-token, not-after, mnc-digits; 'device' is a file with a public key or certificate")
      ->required();
  wrapping->add_option("--out", options->out, "Folder for the objects")->capture_default_str();
  wrapping
      ->add_option("--suite", options->suite,
                   "auto (by the key: rsa or p256), seed, rsa, p256, cms (needs a certificate), literal (for devices told to take it), "
                   "xml (XML Encryption, signed inside: RSA devices, needs --sign)")
      ->check(OneOf{{"auto", "seed", "rsa", "p256", "cms", "literal", kXml}})
      ->capture_default_str();
  wrapping->add_option("--ca", options->ca, "File with certificates of CAs: each device must have a certificate of one of them");
  wrapping->add_option("--sign", options->sign, "File with the sender's private key on P-256: signatures next to the objects");
  set_example(*wrapping, "  uicclab mcim wrap meters.csv --out objects --sign operator.pem --ca ca.crt");
  wrapping->callback([options, &action] { action = [options] { return wrap(*options); }; });
}

}  // namespace uicclab::cli
