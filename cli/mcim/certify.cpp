// SPDX-License-Identifier: Apache-2.0
// uicclab mcim ca and certify: a test CA, and certificates for the key pairs of cards (TR 33.812 clause 5.1.3.7.3.3: "there needs to be a
// process to certify the PK_D").
#include "cli/mcim/certify.hpp"

#include <iostream>

#include "cli/common/private_file.hpp"
#include "cli/mcim/provisioning_card.hpp"
#include "cli/mcim/roles.hpp"
#include "cli/mcim/suites.hpp"
#include "core/ber_tlv.hpp"
#include "core/crypto/certificate.hpp"
#include "core/crypto/certificate_issue.hpp"
#include "core/crypto/random.hpp"
#include "core/visible.hpp"
#include "mcim/certificate.hpp"

namespace uicclab::cli {
namespace {

constexpr std::uint8_t kCertificateTag = 0x82;
/// A clock that is a little behind shall not refuse a new certificate.
constexpr std::chrono::minutes kEarlier{5};

struct CertifyOptions {
  ProvisioningCardOption card;
  std::string key, certificate, ca_key, ca, request, name;
  int days = 365;
  bool no_key_identifier = false, no_store = false;
};

crypto::CertificateTerms terms_of(const CertifyOptions& options, crypto::CertificateUse use) {
  const auto now = role_time();
  return {options.name, now - kEarlier, now + std::chrono::days(options.days), use, !options.no_key_identifier};
}

int make_authority(const CertifyOptions& options) {
  crypto::SystemRandom random;
  const auto key = crypto::PrivateKey::generate(crypto::KeyKind::kP256);
  const auto made = crypto::issue_certificate(key.public_key(), terms_of(options, crypto::CertificateUse::kAuthority), key, {}, random);
  if (!made) throw Exit{kUsage, "--name: " + made.error().text};
  write_private(options.key, key.der());
  write_private(options.certificate, *made);
  std::cout << "a test CA: its key in " << options.key << ", its certificate in " << options.certificate << "\n";
  return kOk;
}

int certify(CertifyOptions options) {
  const auto ca_key = read_private_key(options.ca_key);
  const auto ca = read_der(options.ca);
  const auto facts = crypto::read_certificate(ca);
  if (!facts) throw Exit{kUsage, options.ca + ": " + facts.error().text};
  if (!facts->is_ca)
    throw Exit{kUsage, options.ca + ": not the certificate of a CA (basicConstraints); nobody would follow its signatures"};
  std::optional<ProvisioningCard> card;
  if (options.request.empty()) card.emplace(options.card);
  const Bytes der = card ? card->request() : to_bytes(read_der(options.request));
  const auto request = crypto::read_certificate_request(der);
  if (!request) throw Exit{kUsage, options.request + ": " + request.error().text};
  if (const auto good = mcim::check_key(request->key); !good) throw Exit{kCheckFailed, good.error().text};
  if (options.name.empty()) options.name = request->common_name;
  crypto::SystemRandom random;
  const auto made = crypto::issue_certificate(request->key, terms_of(options, crypto::CertificateUse::kEncryption), ca_key, ca, random);
  if (!made) throw Exit{kUsage, made.error().text};
  write_private(options.certificate, *made);
  if (card && !options.no_store) card->store(ber::encode(kCertificateTag, *made), "the certificate");
  std::cout << "certified " << visible(options.name) << (card && !options.no_store ? ", stored on the card" : "") << "\n";
  return kOk;
}

}  // namespace

void add_mcim_certify(App& command, Action& action) {
  auto* authority = command.add_subcommand("ca", "Make a test CA for certificates of devices");
  auto options = std::make_shared<CertifyOptions>();  // shared with the callbacks, which outlive this function
  options->name = "uicclab test CA";
  authority->add_option("KEY", options->key, "File for its private key (PKCS #8, DER)")->required();
  authority->add_option("CERTIFICATE", options->certificate, "File for its certificate (DER)")->required();
  authority->add_option("--name", options->name, "Common name")->capture_default_str();
  authority->add_option("--days", options->days, "Days that it is valid")->check(Range{1, 36500})->capture_default_str();
  set_example(*authority, "  uicclab mcim ca ca.key ca.crt");
  authority->callback([options, &action] { action = [options] { return make_authority(*options); }; });

  auto* certifying =
      command.add_subcommand("certify", "Certify a card's key pair: ask for its request, sign, store the certificate on the card");
  auto certify_options = std::make_shared<CertifyOptions>();
  certify_options->card.add_to(*certifying);
  certifying->add_option("CERTIFICATE", certify_options->certificate, "File for the certificate (DER), the 'device' of mcim wrap")
      ->required();
  certifying->add_option("--ca-key", certify_options->ca_key, "File with the CA's private key")->required();
  certifying->add_option("--ca", certify_options->ca, "File with the CA's certificate")->required();
  certifying->add_option("--request", certify_options->request, "File with a certificate request (PKCS #10), instead of a card");
  certifying->add_option("--name", certify_options->name, "Common name; that of the request if it is not given");
  certifying->add_option("--days", certify_options->days, "Days that it is valid")->check(Range{1, 36500})->capture_default_str();
  certifying->add_flag("--no-key-identifier", certify_options->no_key_identifier, "Without subjectKeyIdentifier");
  certifying->add_flag("--no-store", certify_options->no_store, "Do not store it on the card");
  set_example(*certifying, "  uicclab mcim certify card.crt --ca-key ca.key --ca ca.crt --card pcsc");
  certifying->callback([certify_options, &action] { action = [certify_options] { return certify(*certify_options); }; });
}

}  // namespace uicclab::cli
