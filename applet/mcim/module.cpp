// SPDX-License-Identifier: Apache-2.0
#include "applet/mcim/module.hpp"

#include "applet/mcim/mcim.hpp"
#include "core/crypto/public_key.hpp"
#include "core/reader.hpp"

namespace uicclab::applet::mcim {

Aid McimModule::load_file_aid() const {
  return Aid::from("F075696363 6C616203"_h).value();
}

Aid McimModule::module_aid() const {
  return Aid::from("F075696363 6C616203 01"_h).value();
}

Result<InitialObjects> McimModule::personalise(const Parameters& parameters) const {
  for (const auto& [name, value] : parameters.all()) {
    if (name != "target" && name != "token" && name != "sender") return fail(ErrorCode::kMalformed, name + " is not a parameter of mcim");
  }
  ByteWriter options;
  const auto target = parameters.contains("target") ? parameters.text("target") : Result<std::string>("");
  if (!target) return tl::unexpected(target.error());
  const auto token = parameters.contains("token") ? parameters.hex("token") : Result<Bytes>(Bytes());
  if (!token) return tl::unexpected(token.error());
  const auto sender = parameters.contains("sender") ? parameters.hex("sender") : Result<Bytes>(Bytes());
  if (!sender) return tl::unexpected(sender.error());
  if (target->size() > 0xFF) return fail(ErrorCode::kRange, "target has up to 255 bytes");
  if (token->size() > crypto::SecretBytes::kCapacity) return fail(ErrorCode::kRange, "token has up to 64 bytes");
  if (!sender->empty()) {
    const auto key = crypto::PublicKey::from_der(*sender);
    if (!key || key->kind() != crypto::KeyKind::kP256) return fail(ErrorCode::kMalformed, "sender must be a public key on P-256");
  }
  options.lv(as_bytes(*target)).lv(*token).bytes(*sender);
  return InitialObjects{{kOptionsSlot, options.take()}};
}

std::unique_ptr<Applet> McimModule::make() const {
  return std::make_unique<Mcim>();
}

}  // namespace uicclab::applet::mcim
