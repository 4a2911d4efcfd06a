// SPDX-License-Identifier: Apache-2.0
// uicclab mcim sho: the selected home operator, who has the subscriptions and packs them for devices.
#include <filesystem>
#include <iostream>

#include <toml++/toml.h>

#include "applet/aka/subscriber.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/common/secret_text.hpp"
#include "cli/mcim/roles.hpp"
#include "cli/mcim/subscription_database.hpp"
#include "cli/mcim/suites.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "mcim/certificate.hpp"
#include "mcim/provisioning.hpp"

namespace uicclab::cli {
namespace {

namespace fs = std::filesystem;

struct ShoOptions {
  std::string database, list, name = "sho", key, dpf, pva, makers, suite = "auto", token, target, output;
  std::vector<std::string> devices, orders;
  bool uncertified = false;
};

mcim::Subscription subscription_of(const OwnedSubscription& owned) {
  mcim::Subscription out;
  out.imsi = owned.imsi;
  out.ki = owned.ki.clone();
  out.algorithm = owned.algorithm;
  out.opc = owned.opc.clone();
  out.mnc_digits = owned.mnc_digits;
  return out;
}

/// One [[subscriber]] of a list, with the names of `gba hss import`.
OwnedSubscription listed(const toml::table& table, const std::string& where) {
  applet::Parameters keys;
  keys.set("algorithm", std::string("milenage"));
  OwnedSubscription out;
  for (const auto& [name, node] : table) {
    const auto text = node.value_exact<std::string>();
    if (name == "mnc_digits") {
      const auto digits = node.value_exact<std::int64_t>();
      if (digits != 2 && digits != 3) throw Exit{kUsage, where + ": mnc_digits must be 2 or 3"};
      out.mnc_digits = static_cast<std::uint8_t>(*digits);
      continue;
    }
    if (name == "msisdn" || name == "imei" || name == "gba_u") continue;  // the HSS's
    if (!text) throw Exit{kUsage, where + ": " + std::string(name.str()) + " must be a text"};
    if (name == "imsi") {
      out.imsi = *text;
    } else if (name == "algorithm" || name == "k" || name == "opc" || name == "op" || name == "topc" || name == "top") {
      keys.set(std::string(name.str()), *text);
    } else {
      throw Exit{kUsage, where + ": " + std::string(name.str()) + " cannot be in an MCIM object"};
    }
  }
  if (out.imsi.size() < 6 || out.imsi.size() > 15 || out.imsi.find_first_not_of("0123456789") != std::string::npos) {
    throw Exit{kUsage, where + ": imsi must be 6 to 15 digits"};
  }
  auto read = applet::aka::read_subscriber(keys);
  if (!read) throw Exit{kUsage, where + ": " + read.error().text};
  auto& subscriber = read->subscriber;
  using From = applet::aka::Algorithm;
  switch (subscriber.algorithm) {
    case From::kMilenage:
      out.algorithm = mcim::Algorithm::kMilenage;
      break;
    case From::kTuak:
      out.algorithm = mcim::Algorithm::kTuak;
      break;
    case From::kXor:
      out.algorithm = mcim::Algorithm::kXor;
      break;
    default:
      throw Exit{kUsage, where + ": an MCIM object has Milenage, TUAK or XOR"};
  }
  out.ki = std::move(subscriber.k);
  out.opc = std::move(subscriber.opc);
  if (const auto good = mcim::check(subscription_of(out)); !good) throw Exit{kUsage, where + ": " + good.error().text};
  return out;
}

int import(const ShoOptions& options) {
  toml::table table;
  try {
    table = toml::parse(read_input_text(options.list, kProfileFile));
  } catch (const toml::parse_error& error) {
    throw Exit{kUsage, options.list + ":" + std::to_string(error.source().begin.line) + ": " + std::string(error.description())};
  }
  const toml::array* list = table["subscriber"].as_array();
  if (list == nullptr) throw Exit{kUsage, options.list + ": [[subscriber]] is missing: imsi, algorithm, k, opc or topc"};
  std::vector<OwnedSubscription> read;
  for (const toml::node& one : *list) {
    const std::string where = options.list + ":" + std::to_string(one.source().begin.line);
    if (!one.is_table()) throw Exit{kUsage, where + ": [[subscriber]] must be a table"};
    read.push_back(listed(*one.as_table(), where));
  }
  SubscriptionDatabase database(options.database);
  for (const OwnedSubscription& one : read) database.add(one);
  std::cout << read.size() << (read.size() == 1 ? " subscription imported\n" : " subscriptions imported\n");
  return kOk;
}

int prepare(const ShoOptions& options) {
  SubscriptionDatabase database(options.database);
  for (const std::string& one : options.devices) std::cout << visible(one) << " " << database.reserve(one).imsi << "\n";
  return kOk;
}

/// PK_D, if the device's certificate is good; a key without one only if that is what was agreed.
crypto::PublicKey device_key(const ShoOptions& options, const mcim::Order& order, const std::vector<Bytes>& makers,
                             const std::string& where) {
  auto bare = crypto::PublicKey::from_der(order.platform_key);
  if (bare) {
    if (!options.uncertified) throw Exit{kCheckFailed, where + ": PK_D has no certificate; --uncertified takes it all the same"};
    if (const auto strong = mcim::check_key(*bare); !strong) throw Exit{kCheckFailed, where + ": PK_D: " + strong.error().text};
    return *std::move(bare);
  }
  if (makers.empty()) throw Exit{kUsage, "--makers: the certificates of those who certify devices' keys"};
  const std::vector<Bytes> chain{order.platform_key};
  auto key = mcim::check_certificate(chain, makers, role_time());
  if (!key) throw Exit{kCheckFailed, where + ": PK_D: " + key.error().text};
  return *std::move(key);
}

/// What does not fit the key shows before anything is spent.
mcim::Suite suite_for(const ShoOptions& options, const mcim::Order& order, const crypto::PublicKey& key, const std::string& where) {
  const auto fitting = mcim::default_suite(key);
  if (!fitting) throw Exit{kCheckFailed, where + ": PK_D: " + fitting.error().text};
  const auto named = std::ranges::find_if(kSuites, [&](const SuiteName& one) { return options.suite == one.name; });
  if (named == kSuites.end()) return *fitting;
  const bool rsa = key.kind() == crypto::KeyKind::kRsa;
  const bool wants_rsa = named->suite == mcim::Suite::kSeed || named->suite == mcim::Suite::kRsa;
  if ((wants_rsa && !rsa) || (named->suite == mcim::Suite::kP256 && rsa)) {
    throw Exit{kCheckFailed, where + ": the suite " + options.suite + " needs " + (wants_rsa ? "an RSA key" : "a key on P-256")};
  }
  if (named->suite == mcim::Suite::kCms && crypto::PublicKey::from_der(order.platform_key)) {
    throw Exit{kCheckFailed, where + ": the suite cms needs a certificate of PK_D"};
  }
  return named->suite;
}

Bytes packed(const ShoOptions& options, const mcim::Order& order, const crypto::PublicKey& key, mcim::Suite suite,
             const OwnedSubscription& owned, const std::string& where) {
  mcim::Subscription subscription = subscription_of(owned);
  subscription.nonce = order.card_nonce;
  subscription.target = options.target;
  if (!options.token.empty()) subscription.token = read_secret("--token", options.token).bytes("--token", SecretText::Form::kHex);
  if (const auto good = mcim::check(subscription); !good) throw Exit{kUsage, where + ": " + good.error().text};
  const mcim::Data data{mcim::Tag::kMcim, mcim::encode_subscription(subscription), owned.version};
  crypto::SystemRandom random;
  auto object = suite == mcim::Suite::kCms ? mcim::wrap_cms(data, order.platform_key) : mcim::wrap(data, key, suite, random);
  if (!object) throw Exit{kCheckFailed, where + ": " + object.error().text};
  return *std::move(object);
}

int provide(const ShoOptions& options) {
  const auto own = signing_key_in(options.key);
  const auto dpf = public_key_in(options.dpf);
  const auto pva = public_key_in(options.pva);
  const auto makers = options.makers.empty() ? std::vector<Bytes>() : certificates_in(options.makers);
  SubscriptionDatabase database(options.database);
  const bool many = options.orders.size() > 1 || fs::is_directory(options.output);
  if (many) fs::create_directories(options.output);
  for (const std::string& file : options.orders) {
    const auto order = statement_value(mcim::read_order(read_input_text(file, kObjectFile), dpf), file);
    const auto validation = statement_value(mcim::read_validation(order.validation, pva), file + ": its validation");
    const auto good = mcim::check_validation(validation, order.device, order.nonce, order.platform_key, role_time());
    if (!good) throw Exit{kCheckFailed, file + ": " + good.error().text};
    const auto key = device_key(options, order, makers, file);
    const auto suite = suite_for(options, order, key, file);
    // The version is used up before there is an object with it: none ever has two.
    const OwnedSubscription owned = database.next(order.device);
    mcim::Delivery delivery{options.name, order.device, order.nonce, order.card_nonce, owned.version, {}, {}};
    delivery.object = packed(options, order, key, suite, owned, file);
    delivery.signature = statement_value(own.sign(delivery.object), options.key);
    const std::string path =
        many ? (fs::path(options.output) / (fs::path(order.device).filename().string() + ".delivery")).string() : options.output;
    write_private(path, as_bytes(statement_value(mcim::to_text(delivery, own), options.key)));
    std::cout << visible(order.device) << ": " << owned.imsi << ", version " << owned.version << "\n";
  }
  return kOk;
}

int list(const ShoOptions& options) {
  for (const OwnedSubscription& one : SubscriptionDatabase(options.database).all()) {
    std::cout << one.imsi << "  " << (one.device.empty() ? "free" : visible(one.device));
    if (one.version != 0) std::cout << "  version " << one.version;
    std::cout << "\n";
  }
  return kOk;
}

/// For the operator's HSS: what devices have.
int give(const ShoOptions& options) {
  constexpr crypto::ExposeSecret kForHss{"the SHO gives its subscribers to its HSS, in a file of the owner's"};
  constexpr std::array<const char*, 4> kNames{"", "milenage", "tuak", "xor"};
  std::string text;
  std::size_t count = 0;
  for (const OwnedSubscription& one : SubscriptionDatabase(options.database).all()) {
    if (one.device.empty()) continue;
    ++count;
    text += "[[subscriber]]\nimsi = \"" + one.imsi + "\"\nalgorithm = \"" + kNames[static_cast<std::size_t>(one.algorithm) % 4] +
            "\"\nk = \"" + to_hex(one.ki.expose(kForHss)) + "\"\n";
    if (one.mnc_digits != 0) text += "mnc_digits = " + std::to_string(one.mnc_digits) + "\n";
    if (!one.opc.empty())
      text += std::string(one.algorithm == mcim::Algorithm::kTuak ? "topc" : "opc") + " = \"" + to_hex(one.opc.expose(kForHss)) + "\"\n";
  }
  write_private(options.output, as_bytes(text));
  crypto::wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  std::cout << count << (count == 1 ? " subscriber in " : " subscribers in ") << options.output << "\n";
  return kOk;
}

}  // namespace

void add_mcim_sho(App& mcim, Action& action) {
  auto* command =
      mcim.add_subcommand("sho", "The selected home operator: subscriptions, packed and signed for devices that were validated");
  command->require_subcommand();
  const auto with = [&](const char* name, const char* what, int (*run)(const ShoOptions&), const char* example) {
    auto* out = command->add_subcommand(name, what);
    const auto options = std::make_shared<ShoOptions>();  // shared with the callback, which outlives this function
    out->add_option("--database", options->database, "SQLite file with the subscriptions, readable by its owner only")->required();
    set_example(*out, example);
    out->callback([options, run, &action] { action = [options, run] { return run(*options); }; });
    return std::pair(out, options);
  };
  {
    const auto [one, o] = with("import", "Take subscriptions from a list", import, "  uicclab mcim sho import list.toml --database sho.db");
    one->add_option("LIST", o->list,
                    "TOML with [[subscriber]], as for gba hss import: imsi, algorithm (milenage, tuak, xor), k, opc or topc")
        ->required();
  }
  {
    const auto [one, o] = with("prepare", "Reserve a subscription for each device, before it is ordered", prepare,
                               "  uicclab mcim sho prepare meter-0001 meter-0002 --database sho.db");
    one->add_option("DEVICE", o->devices, "Which devices")->required();
  }
  {
    const auto [one, o] =
        with("provide",
             "Pack a subscription for each order of a DPF: check the order, the PVA's validation and PK_D's certificate "
             "first, sign what comes out",
             provide,
             "  uicclab mcim sho provide meter-0001.order --database sho.db --key sho.pem --dpf dpf.pub --pva pva.pub --makers ca.pem "
             "-o meter-0001.delivery");
    one->add_option("ORDER", o->orders, "What the DPF signed")->required();
    one->add_option("--key", o->key, "File with the SHO's private key on P-256")->required();
    one->add_option("--name", o->name, "Name of the SHO")->capture_default_str();
    one->add_option("--dpf", o->dpf, "File with the DPF's public key or certificate")->required();
    one->add_option("--pva", o->pva, "File with the PVA's public key or certificate")->required();
    one->add_option("--makers", o->makers, "File with the certificates of those who certify devices' keys (PK_D)");
    one->add_flag("--uncertified", o->uncertified, "Take a PK_D that has no certificate");
    one->add_option("--suite", o->suite, "auto (by the key: rsa or p256), seed, literal, rsa, p256, cms (needs a certificate)")
        ->check(OneOf{{"auto", "seed", "literal", "rsa", "p256", "cms"}})
        ->capture_default_str();
    one->add_option("--token", o->token,
                    std::string("What authorizes the provisioning of these devices, as their user gave it: ") + kSecretForms);
    one->add_option("--target", o->target, "Identifier that the TRE must have; without it the nonce alone says for whom the object is");
    one->add_option("-o,--output", o->output, "The delivery; for several orders a folder")->required();
  }
  (void)with("list", "Print the subscriptions; keys stay hidden", list, "  uicclab mcim sho list --database sho.db");
  {
    const auto [one, o] =
        with("export", "The subscriptions that devices have, as a list for the operator's HSS", give,
             "  uicclab mcim sho export --database sho.db -o subscribers.toml; uicclab gba hss import subscribers.toml --database hss.db");
    one->add_option("-o,--output", o->output, "The list, readable by its owner only")->required();
  }
}

}  // namespace uicclab::cli
