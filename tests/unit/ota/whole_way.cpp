// SPDX-License-Identifier: Apache-2.0
// A command from the platform to the card and its response back: secured, split, delivered in envelopes out of order and more than
// once, put together, opened, answered by SMS-SUBMIT in parts.
#include "ota/remote_apdu_compact.hpp"
#include "ota/sms_download.hpp"
#include "ota/sms_reassembler.hpp"
#include "ota/sms_tpdu.hpp"
#include "tests/unit/ota/packet_vectors.hpp"

using namespace uicclab;
using namespace uicclab::ota;
using namespace uicclab::test;

namespace {

constexpr Tar kTar{{0xB0, 0x00, 0x00}};
constexpr Spi kSpi{0x1E, 0x39};
const Address kPlatform = Address::from_number("+491710000000").value();

PacketKeys keys() {
  return PacketKeys(0x12, 0x12, {aes_key(Bytes(32, 0x41)), aes_key(Bytes(32, 0x42))});
}

/// The envelopes that bring a packet, as a terminal makes them.
std::vector<Bytes> envelopes(const Bytes& packet, std::uint16_t reference) {
  std::vector<Bytes> out;
  const std::vector<UserData> parts = split({{{iei::kCommandPacket, {}}}, packet}, reference).value();
  for (const UserData& part : parts) {
    SmsDeliver deliver;
    deliver.originator = kPlatform;
    REQUIRE(deliver.body.set_user_data(part));
    out.push_back(SmsPpDownload{build_address_value(kPlatform), deliver.build().value(), {}}.build());
  }
  return out;
}

/// What a terminal sends to the platform for an answer.
std::vector<Bytes> submits(const Bytes& answer, const Address& to, std::uint16_t reference) {
  std::vector<Bytes> out;
  const std::vector<UserData> parts = split({{{iei::kResponsePacket, {}}}, answer}, reference).value();
  for (const UserData& part : parts) {
    SmsSubmit submit;
    submit.destination = to;
    REQUIRE(submit.body.set_user_data(part));
    SendShortMessage command;
    command.tpdu = submit.build().value();
    out.push_back(SendShortMessage::parse(command.build()).value().tpdu);
  }
  return out;
}

}  // namespace

TEST_CASE("A script goes to the card in parts, is executed once, and its response comes back in parts") {
  SeededRandom random(20240607);
  const ManualClock clock;
  Reassembler at_card(clock);
  Reassembler at_platform(clock);
  PacketKeys sender = keys();
  PacketKeys card = keys();
  Cntr committed;
  std::size_t executed = 0;
  for (std::uint16_t round = 1; round <= 60; ++round) {
    CAPTURE(round);
    Bytes script;
    for (unsigned i = 0; i < round % 9; ++i) append(script, concat({"00D60000C8"_h, Bytes(200, static_cast<std::uint8_t>(round))}));
    append(script, "00B0000000"_h);
    const Bytes packet = build_command({{kSpi, 0x12, 0x12, kTar}, {round}, script}, sender).value();
    std::vector<Bytes> sent = envelopes(packet, round);
    // Every part twice, in an order of chance.
    const std::size_t parts = sent.size();
    for (std::size_t i = 0; i < parts; ++i) sent.push_back(sent[i]);
    for (std::size_t i = sent.size(); i > 1; --i) std::swap(sent[i - 1], sent[random.next() % i]);

    std::vector<Bytes> replies;
    for (const Bytes& envelope : sent) {
      const auto deliver = SmsDeliver::parse(SmsPpDownload::parse(envelope).value().tpdu).value();
      REQUIRE(is_sim_data_download(deliver.body.pid, deliver.body.dcs));
      const auto added = at_card.add(deliver.originator, deliver.body.parsed_user_data().value());
      if (!added.message) continue;
      REQUIRE(added.message->find(iei::kCommandPacket) != nullptr);
      const auto clear = ClearCommand::parse(added.message->payload).value();
      const auto opened = open_command(clear, card, {committed, 0x1E, {}});
      if (opened.status != ResponseStatus::kOk) {
        CHECK(opened.status == ResponseStatus::kCntrLow);  // the whole message a second time
        continue;
      }
      committed = *opened.commit;
      const auto commands = CompactScript::parse(opened.data, CommandSet::kFiles);
      CHECK_FALSE(commands.broken);
      ++executed;
      const Bytes data =
          CompactResponse{static_cast<std::uint8_t>(commands.commands.size()), sw::kOk, Bytes(37U * (round % 11U), 0x77)}.build();
      replies = submits(answer_command(clear, opened, ResponseStatus::kOk, data, &card).value(), deliver.originator, round);
    }
    CHECK(executed == round);
    CHECK(committed.value == round);

    std::size_t responses = 0;
    for (auto reply = replies.rbegin(); reply != replies.rend(); ++reply) {
      const auto submit = SmsSubmit::parse(*reply).value();
      CHECK(submit.destination == kPlatform);
      const auto added = at_platform.add(submit.destination, submit.body.parsed_user_data().value());
      if (!added.message) continue;
      const auto response = parse_response(added.message->payload, kSpi, sender).value();
      CHECK(response.protected_as_asked);
      CHECK(response.packet.tar == kTar);
      CHECK(response.packet.cntr.value == round);
      const auto compact = CompactResponse::parse(response.packet.data).value();
      CHECK(compact.executed == round % 9 + 1);
      CHECK(compact.data == Bytes(37U * (round % 11U), 0x77));
      ++responses;
    }
    CHECK(responses == 1);
  }
}
