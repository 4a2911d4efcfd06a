// SPDX-License-Identifier: Apache-2.0
#include "mcim/provisioning.hpp"

#include <algorithm>

namespace uicclab::mcim {
namespace {

constexpr std::string_view kOrder = "order", kDelivery = "delivery";
constexpr std::size_t kLongestKey = 16 * 1024, kLongestObject = 64 * 1024, kLongestValidation = 16 * 1024;

Result<Nonce> nonce_of(const Statement& in, std::string_view name) {
  const auto octets = in.octets(name, std::tuple_size_v<Nonce>, std::tuple_size_v<Nonce>);
  if (!octets) return tl::unexpected(octets.error());
  Nonce out{};
  std::ranges::copy(*octets, out.begin());
  return out;
}

}  // namespace

Result<std::string> to_text(const Order& order, const crypto::PrivateKey& dpf) {
  Statement out(kOrder);
  out.add("dpf", order.dpf).add("device", order.device).add("nonce", BytesView(order.nonce)).add("card-nonce", BytesView(order.card_nonce));
  out.add("platform-key", BytesView(order.platform_key)).add("validation", as_bytes(order.validation));
  return out.signed_by(dpf);
}

Result<Order> read_order(std::string_view text, const crypto::PublicKey& dpf) {
  const auto in = Statement::parse(text, kOrder);
  if (!in) return tl::unexpected(in.error());
  if (!in->is_by(dpf)) return fail(ErrorCode::kRefused, "the order is not signed by this DPF");
  if (auto good = in->only({"dpf", "device", "nonce", "card-nonce", "platform-key", "validation"}); !good)
    return tl::unexpected(good.error());
  const auto nonce = nonce_of(*in, "nonce");
  if (!nonce) return tl::unexpected(nonce.error());
  const auto card_nonce = nonce_of(*in, "card-nonce");
  if (!card_nonce) return tl::unexpected(card_nonce.error());
  auto key = in->octets("platform-key", 1, kLongestKey);
  if (!key) return tl::unexpected(key.error());
  const auto validation = in->octets("validation", 1, kLongestValidation);
  if (!validation) return tl::unexpected(validation.error());
  return Order{in->value("dpf"), in->value("device"), *nonce,
               *card_nonce,      *std::move(key),     std::string(validation->begin(), validation->end())};
}

Result<std::string> to_text(const Delivery& delivery, const crypto::PrivateKey& sho) {
  Statement out(kDelivery);
  out.add("sho", delivery.sho).add("device", delivery.device).add("nonce", BytesView(delivery.nonce));
  out.add("card-nonce", BytesView(delivery.card_nonce)).add("version", std::to_string(delivery.version));
  out.add("object", BytesView(delivery.object)).add("object-signature", BytesView(delivery.signature));
  return out.signed_by(sho);
}

Result<Delivery> read_delivery(std::string_view text, const crypto::PublicKey& sho) {
  const auto in = Statement::parse(text, kDelivery);
  if (!in) return tl::unexpected(in.error());
  if (!in->is_by(sho)) return fail(ErrorCode::kRefused, "the delivery is not signed by this SHO");
  if (auto good = in->only({"sho", "device", "nonce", "card-nonce", "version", "object", "object-signature"}); !good)
    return tl::unexpected(good.error());
  const auto nonce = nonce_of(*in, "nonce");
  if (!nonce) return tl::unexpected(nonce.error());
  const auto card_nonce = nonce_of(*in, "card-nonce");
  if (!card_nonce) return tl::unexpected(card_nonce.error());
  const std::string& version = in->value("version");
  const bool digits = !version.empty() && version.size() <= 5 && version.find_first_not_of("0123456789") == std::string::npos;
  const unsigned long number = digits ? std::stoul(version) : 0;
  if (number == 0 || number > 0xFFFF) return fail(ErrorCode::kMalformed, "version must be 1 to 65535");
  auto object = in->octets("object", 1, kLongestObject);
  if (!object) return tl::unexpected(object.error());
  auto signature = in->octets("object-signature", 1, 128);
  if (!signature) return tl::unexpected(signature.error());
  return Delivery{in->value("sho"),   in->value("device"),  *nonce, *card_nonce, static_cast<std::uint16_t>(number),
                  *std::move(object), *std::move(signature)};
}

crypto::Sha256Digest fingerprint_of(BytesView platform_key) {
  return crypto::sha256({platform_key});
}

Result<void> check_validation(const Validation& validation, const std::string& device, const Nonce& nonce, BytesView platform_key,
                              std::chrono::sys_seconds now) {
  if (!validation.trusted) return fail(ErrorCode::kRefused, "the PVA does not trust the TRE: " + validation.reason);
  if (validation.tre != device) return fail(ErrorCode::kRefused, "the validation is that of " + validation.tre);
  if (validation.nonce != nonce) return fail(ErrorCode::kRefused, "the validation is of another registration (nonce)");
  if (validation.platform_key != fingerprint_of(platform_key))
    return fail(ErrorCode::kRefused, "the validation is for another platform key");
  if (validation.until <= now.time_since_epoch().count()) return fail(ErrorCode::kRefused, "the validation is over");
  return {};
}

}  // namespace uicclab::mcim
