// SPDX-License-Identifier: Apache-2.0
// uicclab mcim: wraps subscriptions for devices, and looks into the objects made.
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "cli/common/commands.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/common/progress.hpp"
#include "cli/mcim/install.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "mcim/object.hpp"

namespace uicclab::cli {
namespace {

namespace fs = std::filesystem;

struct SuiteName {
  const char* name;
  mcim::Suite suite;
};
constexpr std::array kSuites{SuiteName{"seed", mcim::Suite::kSeed}, SuiteName{"rsa", mcim::Suite::kRsa},
                             SuiteName{"cms", mcim::Suite::kCms}, SuiteName{"p256", mcim::Suite::kP256}};

Bytes read_file(const fs::path& name) {
  return read_input(name.string(), kObjectFile);
}
void write_file(const fs::path& name, BytesView bytes) {
  write_private(name.string(), bytes);
}
crypto::WipedBytes read_der(const fs::path& name) {
  Bytes content = read_file(name);
  auto der = crypto::der_of_file(content);
  crypto::wipe(content);
  if (!der) throw Exit{kUsage, name.string() + ": " + der.error().text};
  return *std::move(der);
}
crypto::PrivateKey read_private_key(const fs::path& name) {
  auto key = crypto::PrivateKey::from_der(read_der(name));
  if (!key) throw Exit{kUsage, name.string() + ": " + key.error().text};
  return *std::move(key);
}

/// Of a key's own file, or of a certificate.
Result<crypto::PublicKey> public_key_in(BytesView der) {
  auto key = crypto::PublicKey::from_der(der);
  return key ? key : crypto::PublicKey::from_certificate(der);
}

/// One line of the list: a device and what it gets.
struct Order {
  std::string name;
  fs::path device;
  mcim::Subscription subscription;
  std::uint16_t version = 1;
};

crypto::SecretBytes hex_secret(const std::string& text, const std::string& place) {
  auto bytes = from_hex(text);
  auto secret = bytes ? crypto::SecretBytes::from(*bytes) : Result<crypto::SecretBytes>(tl::unexpected(bytes.error()));
  if (bytes) crypto::wipe(*bytes);
  if (!secret || (!secret->empty() && secret->size() != 16 && secret->size() != 32))
    throw Exit{kUsage, place + ": a key is 16 or 32 bytes in hexadecimal"};
  return *std::move(secret);
}

/// name,device,imsi,ki,opc,nonce,version,target
Order parse_order(const std::string& line, const std::string& place, const fs::path& folder) {
  std::vector<std::string> fields;
  std::istringstream in(line);
  for (std::string field; std::getline(in, field, ',');) fields.push_back(field);
  if (fields.size() < 7 || fields.size() > 8) throw Exit{kUsage, place + ": a line is name,device,imsi,ki,opc,nonce,version[,target]"};
  Order order;
  order.name = fields[0];
  if (order.name.empty() || order.name.find_first_of("/\\") != std::string::npos || order.name.starts_with('.')) {
    throw Exit{kUsage, place + ": '" + order.name + "' cannot be the name of a file"};
  }
  order.device = folder / fields[1];
  order.subscription.imsi = fields[2];
  const bool digits = fields[2].find_first_not_of("0123456789") == std::string::npos;
  if (!digits || fields[2].size() < 6 || fields[2].size() > 15) throw Exit{kUsage, place + ": an IMSI is 6 to 15 digits"};
  order.subscription.ki = hex_secret(fields[3], place);
  if (order.subscription.ki.empty()) throw Exit{kUsage, place + ": Ki is missing"};
  order.subscription.opc = hex_secret(fields[4], place);
  const auto nonce = from_hex(fields[5]);
  if (!nonce || nonce->size() != order.subscription.nonce.size()) throw Exit{kUsage, place + ": a nonce is 16 bytes in hexadecimal"};
  std::ranges::copy(*nonce, order.subscription.nonce.begin());
  const char* const end = fields[6].data() + fields[6].size();
  if (const auto read = std::from_chars(fields[6].data(), end, order.version);
      read.ec != std::errc{} || read.ptr != end || order.version == 0)
    throw Exit{kUsage, place + ": a version is 1 to 65535"};
  if (fields.size() == 8) order.subscription.target = fields[7];
  return order;
}

std::vector<Order> read_orders(const std::string& name) {
  std::istringstream file(read_input_text(name, kObjectFile));
  std::vector<Order> orders;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty() || line.starts_with('#')) continue;
    orders.push_back(parse_order(line, name + ":" + std::to_string(number), fs::path(name).parent_path()));
  }
  return orders;
}

struct WrapOptions {
  std::string list, out = ".", suite = "auto", sign;
};

Bytes wrap_one(const Order& order, const std::string& suite_name) {
  const mcim::Data data{mcim::Tag::kMcim, mcim::encode_subscription(order.subscription), order.version};
  const crypto::WipedBytes der = read_der(order.device);
  const auto made = [&]() -> Result<Bytes> {
    const auto named = std::ranges::find_if(kSuites, [&](const SuiteName& one) { return one.name == suite_name; });
    if (named != kSuites.end() && named->suite == mcim::Suite::kCms) return mcim::wrap_cms(data, der);
    const auto device = public_key_in(der);
    if (!device) return tl::unexpected(device.error());
    const auto suite = named != kSuites.end() ? Result<mcim::Suite>(named->suite) : mcim::default_suite(*device);
    if (!suite) return tl::unexpected(suite.error());
    crypto::SystemRandom random;
    return mcim::wrap(data, *device, *suite, random);
  }();
  if (!made) throw Exit{kUsage, order.device.string() + ": " + made.error().text};
  return *made;
}

int wrap(const WrapOptions& options) {
  const std::vector<Order> orders = read_orders(options.list);
  const auto sender = options.sign.empty() ? std::nullopt : std::optional(read_private_key(options.sign));
  fs::create_directories(options.out);
  std::size_t done = 0;
  for (const Order& order : orders) {
    const Bytes object = wrap_one(order, options.suite);
    write_file(fs::path(options.out) / (order.name + ".mcim"), object);
    if (sender) {
      const auto signature = sender->sign(object);
      if (!signature) throw Exit{kUsage, options.sign + ": " + signature.error().text};
      write_file(fs::path(options.out) / (order.name + ".mcim.sig"), *signature);
    }
    show_progress(++done, orders.size());
  }
  std::cout << done << " objects in " << options.out << "\n";
  return kOk;
}

struct InspectOptions {
  std::string object, key, sender;
};

int inspect(const InspectOptions& options) {
  const Bytes object = read_file(options.object);
  const auto outline = mcim::inspect(object);
  if (!outline) {
    std::cout << visible(options.object + ": " + outline.error().text) << "\n";
    return kCheckFailed;
  }
  const auto suite = std::ranges::find(kSuites, outline->suite, &SuiteName::suite);
  std::cout << "suite " << suite->name << ", key block " << outline->key_block << " bytes, protected data " << outline->protected_data
            << " bytes\n";
  if (!options.sender.empty()) {
    const auto sender = public_key_in(read_der(options.sender));
    if (!sender) throw Exit{kUsage, options.sender + ": " + sender.error().text};
    const bool good = sender->verifies(object, read_file(options.object + ".sig"));
    std::cout << "signature " << (good ? "good" : "not this sender's") << "\n";
    if (!good) return kCheckFailed;
  }
  if (options.key.empty()) return kOk;
  crypto::SystemRandom random;
  const auto data = mcim::open(object, read_private_key(options.key), random);
  if (!data) {
    std::cout << visible(data.error().text) << "\n";
    return kCheckFailed;
  }
  std::cout << "version " << data->version << ", payload " << data->payload.size() << " bytes\n";
  if (const auto subscription = mcim::parse_subscription(data->payload)) {
    std::cout << "IMSI " << visible(subscription->imsi) << ", nonce " << to_hex(subscription->nonce) << ", Ki and OPc present, not shown\n";
    if (!subscription->target.empty()) std::cout << "for " << visible(subscription->target) << "\n";
  }
  return kOk;
}

}  // namespace

void add_mcim(App& app, Action& action) {
  auto* command = app.add_subcommand("mcim", "Wrap subscriptions for machines (TR 33.812), examine the objects, install them on cards");
  command->require_subcommand();

  auto* wrapping = command->add_subcommand("wrap", "Make an object for each line of a list");
  auto wrap_options = std::make_shared<WrapOptions>();  // shared with the callback, which outlives this function
  wrapping
      ->add_option("LIST", wrap_options->list,
                   "File with lines name,device,imsi,ki,opc,nonce,version[,target]; 'device' is a file with a public key or certificate")
      ->required();
  wrapping->add_option("--out", wrap_options->out, "Folder for the objects")->capture_default_str();
  wrapping->add_option("--suite", wrap_options->suite, "auto (by the key: rsa or p256), seed, rsa, p256, cms (needs a certificate)")
      ->check(OneOf{{"auto", "seed", "rsa", "p256", "cms"}})
      ->capture_default_str();
  wrapping->add_option("--sign", wrap_options->sign, "File with the sender's private key on P-256: signatures next to the objects");
  set_example(*wrapping, "  uicclab mcim wrap meters.csv --out objects --sign operator.pem");
  wrapping->callback([wrap_options, &action] { action = [wrap_options] { return wrap(*wrap_options); }; });

  add_mcim_install(*command, action);

  auto* inspecting = command->add_subcommand("inspect", "Describe an object; with the device's key also its content, without the secrets");
  auto inspect_options = std::make_shared<InspectOptions>();
  inspecting->add_option("OBJECT", inspect_options->object, "File with the object")->required();
  inspecting->add_option("--key", inspect_options->key, "File with the device's private key");
  inspecting->add_option("--sender", inspect_options->sender, "File with the sender's public key: OBJECT.sig is checked");
  set_example(*inspecting, "  uicclab mcim inspect objects/meter-1.mcim --key meter-1.pem");
  inspecting->callback([inspect_options, &action] { action = [inspect_options] { return inspect(*inspect_options); }; });
}

}  // namespace uicclab::cli
