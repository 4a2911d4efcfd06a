// SPDX-License-Identifier: Apache-2.0
#include "cli/gba/push_messages.hpp"

#include "cli/common/commands.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "core/reader.hpp"

namespace uicclab::cli {
namespace {

/// The envelope of TS 24.109 clause J.3.1.2: version 1, session identifier, GPI. Widths and the number of the application are OURS
/// (docs/formats/gba-push-info.md): the clause's octets were not at hand.
constexpr std::uint8_t kEnvelopeVersion = 0x01;
constexpr const char* kGbaApplication = "x-3gpp-application:gba.ua";

std::array<std::uint8_t, 2> random_number() {
  std::array<std::uint8_t, 2> out{};
  crypto::SystemRandom().fill(out);
  return out;
}

}  // namespace

std::vector<std::string> wap_messages(const ota::WapPush& push, const std::string& number) {
  const auto from = ota::Address::from_number(number);
  if (!from) throw Exit{kUsage, number + ": " + from.error().text};
  const auto messages = ota::wap_push_messages(push, *from, random_number()[0]);
  if (!messages) throw Exit{kUsage, "the message: " + messages.error().text};
  std::vector<std::string> out;
  for (const ota::SmsDeliver& one : *messages) {
    const auto tpdu = one.build();
    if (!tpdu) throw Exit{kUsage, "SMS-DELIVER: " + tpdu.error().text};
    out.push_back(to_hex(*tpdu));
  }
  return out;
}

ota::WapPush wap_push_in(const std::vector<std::string>& messages) {
  std::vector<ota::SmsDeliver> parts;
  for (const std::string& text : messages) {
    const auto tpdu = from_hex(text);
    const auto message = tpdu ? ota::SmsDeliver::parse(*tpdu) : Result<ota::SmsDeliver>(tl::unexpected(tpdu.error()));
    if (!message) throw Exit{kUsage, "'" + text.substr(0, 16) + "...' is not an SMS-DELIVER: " + message.error().text};
    parts.push_back(*message);
  }
  auto push = ota::wap_push_of(parts);
  if (!push) throw Exit{push.error().code == ErrorCode::kTruncated ? kUsage : kCheckFailed, push.error().text};
  return *std::move(push);
}

std::vector<std::string> push_messages(BytesView gpi, const std::string& number) {
  ota::WapPush push;
  push.transaction = random_number()[0];
  push.content_type = ota::wsp_media_text(kGpiMediaType);
  push.application = kGbaApplication;
  push.body = concat({Bytes{kEnvelopeVersion}, random_number(), gpi});
  return wap_messages(push, number);
}

Bytes gpi_in(const std::vector<std::string>& messages) {
  if (messages.size() == 1 && messages[0].starts_with("475049")) {
    const auto bytes = from_hex(messages[0]);
    if (!bytes) throw Exit{kUsage, messages[0] + ": " + bytes.error().text};
    return *bytes;
  }
  const ota::WapPush push = wap_push_in(messages);
  if (push.content_type != ota::wsp_media_text(kGpiMediaType)) {
    throw Exit{kCheckFailed, std::string("no GBA Push Info: the content type must be ") + kGpiMediaType};
  }
  ByteReader in(push.body);
  const auto version = in.u8();
  if (version != kEnvelopeVersion || !in.skip(2))
    throw Exit{kCheckFailed, "a GPI envelope of another version, or without session identifier"};
  return to_bytes(in.rest());
}

}  // namespace uicclab::cli
