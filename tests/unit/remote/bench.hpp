// SPDX-License-Identifier: Apache-2.0
// A card and a platform that sends it secured short messages, through the terminal's commands.
#pragma once

#include <doctest/doctest.h>

#include "applet/builtin.hpp"
#include "core/hex.hpp"
#include "emulator/card.hpp"
#include "ota/secured_packet_response.hpp"
#include "ota/sms_download.hpp"
#include "ota/sms_tpdu.hpp"
#include "profile/build.hpp"
#include "profile/default.hpp"

namespace uicclab::test {

inline Bytes hex(std::string_view text) {
  auto bytes = from_hex(text);
  REQUIRE_MESSAGE(bytes, std::string(text));
  return *std::move(bytes);
}

inline Tar tar(std::string_view text) {
  const Bytes bytes = hex(text);
  return Tar{{bytes.at(0), bytes.at(1), bytes.at(2)}};
}

inline ota::OtaKey des_key(std::string_view text) {
  return crypto::DesKey::from(crypto::SecretBytes(hex(text))).value();
}
inline ota::OtaKey aes_key(std::string_view text) {
  return crypto::AesKey::from(crypto::SecretBytes(hex(text))).value();
}

/// The keys of the default card's version 1 (3DES) and 2 (AES).
inline ota::PacketKeys keys_1(std::uint8_t kic = 0x15, std::uint8_t kid = 0x15, ota::AlgorithmPolicy policy = {}) {
  return {kic, kid, {des_key("404142434445464748494A4B4C4D4E4F"), des_key("505152535455565758595A5B5C5D5E5F")}, policy};
}
inline ota::PacketKeys keys_2(std::uint8_t kic = 0x22, std::uint8_t kid = 0x22, ota::AlgorithmPolicy policy = {}) {
  return {kic, kid, {aes_key("101112131415161718191A1B1C1D1E1F"), aes_key("202122232425262728292A2B2C2D2E2F")}, policy};
}

inline std::shared_ptr<const emulator::CardImage> image_of(const profile::Profile& profile) {
  auto image = profile::build_image(profile, applet::builtin_modules());
  REQUIRE_MESSAGE(image, image.error().text);
  return *image;
}

inline const std::shared_ptr<const emulator::CardImage>& default_image() {
  static const auto image = image_of(profile::default_profile().value());
  return image;
}

/// What the card did with a message.
struct Told {
  StatusWord status;                         ///< without 91xx: that is looked at by fetch()
  Bytes report;                              ///< data for the report
  std::optional<ota::ReceivedResponse> por;  ///< in it
};

class Platform {
 public:
  explicit Platform(std::shared_ptr<const emulator::CardImage> image = default_image()) : card(std::move(image), random, clock) {
    restart();
  }

  void restart() {
    REQUIRE(card.reset());
    REQUIRE(card.select_protocol(Protocol::kT1));
    REQUIRE(transmit("8010000004FFFFFFFF") == "9000");
  }

  std::string transmit(std::string_view command) { return to_hex(card.transmit(hex(command)).value()); }

  Bytes packet(std::string_view data) {
    return ota::build_command({{spi, keys.kic(), keys.kid(), to}, {counter}, hex(data)}, keys, cc_size, quirks).value();
  }

  static ota::SmsDeliver message(const ota::UserData& part) {
    ota::SmsDeliver deliver;
    deliver.originator = ota::Address::from_number("+491710000000").value();
    REQUIRE(deliver.body.set_user_data(part));
    return deliver;
  }

  Told envelope(const Bytes& template_value) {
    apdu::Command command;
    command.cla = 0x80;
    command.ins = 0xC2;
    command.data = template_value;
    command.le = 256;
    const auto answer = apdu::parse_response(card.transmit(apdu::encode(command)).value()).value();
    Told told{answer.status, answer.data, {}};
    if (told.status.sw1() == 0x91) told.status = sw::kOk;
    if (answer.data.size() > 3 && to_hex(BytesView(answer.data).first(3)) == "027100") {
      auto por = ota::parse_response(BytesView(answer.data).subspan(3), spi, keys, quirks);
      REQUIRE_MESSAGE(por, por.error().text);
      told.por = *std::move(por);
    }
    return told;
  }
  Told deliver(const ota::SmsDeliver& deliver) {
    return envelope(ota::SmsPpDownload{hex("9194710700F0"), deliver.build().value(), {}}.build());
  }

  std::vector<ota::UserData> parts(const Bytes& secured) {
    return ota::split({{{ota::iei::kCommandPacket, {}}}, secured}, reference++).value();
  }

  /// All parts of a packet; what was told of the last.
  Told send_packet(const Bytes& secured) {
    Told told;
    for (const ota::UserData& part : parts(secured)) told = deliver(message(part));
    return told;
  }
  /// Under the next counter.
  Told send(std::string_view data) {
    ++counter;
    return send_packet(packet(data));
  }
  /// Response data of a packet that must have been executed.
  std::string answer(std::string_view data) {
    const Told told = send(data);
    REQUIRE(told.status == sw::kOk);
    REQUIRE(told.por);
    REQUIRE(told.por->packet.status == ota::ResponseStatus::kOk);
    return to_hex(told.por->packet.data);
  }

  /// The short message that the card wants to be sent; the terminal says it was.
  std::optional<ota::SmsSubmit> fetch() {
    const auto answer = apdu::parse_response(card.transmit(hex("8012000000")).value()).value();
    if (!answer.status.is_success()) return std::nullopt;
    const auto command = ota::SendShortMessage::parse(answer.data);
    REQUIRE(command);
    const std::string ended = transmit("801400000C810301130002028281830100");
    REQUIRE((ended == "9000" || ended.starts_with("91")));
    return ota::SmsSubmit::parse(command->tpdu).value();
  }

  SeededRandom random{1};
  ManualClock clock;
  emulator::Card card;
  ota::PacketKeys keys = keys_2();
  ota::Spi spi{0x16, 0x19};
  Tar to = tar("B00140");
  std::uint64_t counter = 0;
  std::size_t cc_size = 8;
  ota::Quirks quirks;
  std::uint16_t reference = 1;
};

}  // namespace uicclab::test
