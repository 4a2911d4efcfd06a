// SPDX-License-Identifier: Apache-2.0
#include "applet/mcim/module.hpp"

#include <algorithm>
#include <array>

#include "applet/mcim/mcim.hpp"
#include "applet/remote_management/parameters.hpp"
#include "core/crypto/public_key.hpp"
#include "core/reader.hpp"
#include "mcim/certificate.hpp"

namespace uicclab::applet::mcim {

namespace {

Result<Bytes> optional_hex(const Parameters& parameters, std::string_view key) {
  return parameters.contains(key) ? parameters.hex(key) : Result<Bytes>(Bytes());
}

/// The key pair that the card shall have, instead of making one, and its certificate.
Result<void> add_key_pair(const Parameters& parameters, InitialObjects& objects) {
  auto der = optional_hex(parameters, "key");
  if (!der) return tl::unexpected(der.error());
  const auto certificate = optional_hex(parameters, "certificate");
  if (!certificate) return tl::unexpected(certificate.error());
  if (der->empty()) {
    if (certificate->empty()) return {};
    return fail(ErrorCode::kNotFound,
                "certificate needs key: a key pair that the card makes itself is certified later (uicclab mcim certify)");
  }
  if (parameters.contains("key_kind")) return fail(ErrorCode::kRefused, "key and key_kind exclude each other");
  const auto key = crypto::PrivateKey::from_der(*der);
  if (!key) return fail(ErrorCode::kMalformed, "key must be a private key in PKCS #8");
  if (const auto good = uicclab::mcim::check_key(key->public_key()); !good) return fail(good.error().code, "key: " + good.error().text);
  objects.emplace_back(kKeySlot, *std::move(der));
  if (certificate->empty()) return {};
  const auto certified = crypto::PublicKey::from_certificate(*certificate);
  if (!certified || !(*certified == key->public_key()))
    return fail(ErrorCode::kMismatch, "certificate must be an X.509 certificate of key");
  objects.emplace_back(kCertificateSlot, *certificate);
  return {};
}

}  // namespace

Aid McimModule::load_file_aid() const {
  return Aid::from("F075696363 6C616203"_h).value();
}

Aid McimModule::module_aid() const {
  return Aid::from("F075696363 6C616203 01"_h).value();
}

Result<InitialObjects> McimModule::personalise(const Parameters& parameters) const {
  static constexpr auto kNames = std::to_array<std::string_view>(
      {"target", "token", "sender", "key_kind", "literal", "key", "certificate", "tars", "minimum_security"});
  for (const auto& [name, value] : parameters.all()) {
    if (std::ranges::find(kNames, name) == kNames.end()) return fail(ErrorCode::kMalformed, name + " is not a parameter of mcim");
  }
  const auto target = parameters.contains("target") ? parameters.text("target") : Result<std::string>("");
  if (!target) return tl::unexpected(target.error());
  if (target->size() > 0xFF) return fail(ErrorCode::kRange, "target has up to 255 bytes");
  const auto token = optional_hex(parameters, "token");
  if (!token) return tl::unexpected(token.error());
  if (token->size() > crypto::SecretBytes::kCapacity) return fail(ErrorCode::kRange, "token has up to 64 bytes");
  const auto sender = optional_hex(parameters, "sender");
  if (!sender) return tl::unexpected(sender.error());
  if (!sender->empty()) {
    const auto key = crypto::PublicKey::from_der(*sender);
    if (!key || key->kind() != crypto::KeyKind::kP256) return fail(ErrorCode::kMalformed, "sender must be a public key on P-256");
  }
  const auto kind = parameters.contains("key_kind") ? parameters.text("key_kind") : Result<std::string>("p256");
  if (!kind) return tl::unexpected(kind.error());
  if (*kind != "p256" && *kind != "rsa") return fail(ErrorCode::kUnsupported, "key_kind must be p256 or rsa");
  const auto literal = parameters.contains("literal") ? parameters.flag("literal") : Result<bool>(false);
  if (!literal) return tl::unexpected(literal.error());
  ByteWriter options;
  options.lv(as_bytes(*target)).lv(*token).u8(*kind == "rsa" ? 1 : 0).u8(*literal ? 1 : 0).bytes(*sender);
  InitialObjects objects{{kOptionsSlot, options.take()}};
  if (const auto added = add_key_pair(parameters, objects); !added) return tl::unexpected(added.error());
  return objects;
}

Result<Registration> McimModule::registration(const Parameters& parameters) const {
  auto toolkit = remote_management::read_toolkit(parameters);
  if (!toolkit) return tl::unexpected(toolkit.error());
  Registration out;
  out.uicc.toolkit = *std::move(toolkit);
  return out;
}

std::unique_ptr<Applet> McimModule::make() const {
  return std::make_unique<Mcim>();
}

}  // namespace uicclab::applet::mcim
