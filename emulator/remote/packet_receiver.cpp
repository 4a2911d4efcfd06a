// SPDX-License-Identifier: Apache-2.0
#include "emulator/remote/packet_receiver.hpp"

#include "core/reader.hpp"
#include "emulator/remote/remote_session.hpp"
#include "emulator/runtime/instance_context.hpp"
#include "ota/secured_packet_response.hpp"

namespace uicclab::emulator {
namespace {

using ota::ResponseStatus;

/// Response packet without check, data and padding: RPL, RHL, TAR, CNTR, PCNTR and status.
constexpr std::size_t kBareResponse = 13;
constexpr std::size_t kClearPart = 6;  // never ciphered: RPL, RHL, TAR

/// Octets of data that a response of at most `packet` octets can carry.
std::size_t data_room(std::size_t packet, const ota::OpenedCommand& opened, ota::PacketKeys& keys) {
  const ota::Spi& spi = opened.response_spi;
  std::size_t check = 0;
  if (spi.por_check() != ota::Check::kNone) check = ota::PacketCheck::kMaxSize;
  std::size_t usable = packet;
  if (spi.por_ciphered()) {
    const auto cipher = keys.cipher();
    const std::size_t block = cipher ? (*cipher)->block_size() : 1;
    usable = kClearPart + (packet - kClearPart) / block * block;
  }
  return usable - std::min(usable, kBareResponse + check);
}

ota::Cntr last_counter(const Nvm& nvm, ObjectId id) {
  const auto bytes = nvm.read(id);
  return {bytes ? ByteReader(*bytes).number(ota::Cntr::kSize).value_or(ota::Cntr::kMax) : 0};
}

/// As an application sees it: in clear, without padding, and without the check, which is done.
Bytes plain_packet(const ota::ClearCommand& packet, const ota::OpenedCommand& opened) {
  constexpr std::size_t kHeader = 13;  // SPI, KIc, KID, TAR, CNTR, PCNTR
  ByteWriter out;
  out.u16(static_cast<std::uint16_t>(1 + kHeader + opened.data.size())).u8(kHeader);
  out.bytes(packet.packet.subspan(3, 7)).number(opened.cntr.value, ota::Cntr::kSize).u8(0).bytes(opened.data);
  return out.take();
}

/// The response data of the application; nothing: it takes no packets.
std::optional<Bytes> execute_packet(Session& session, const PacketTarget& target, const ota::ClearCommand& packet,
                                    const ota::OpenedCommand& opened, std::size_t room, const PacketEvent& event) {
  if (session.toolkit().wants_packets(target.instance, event.event)) {
    Bytes answer;
    const std::uint32_t instance = target.instance;
    const bool taken = session.toolkit().packet(instance, event.event, event.tag, event.objects(plain_packet(packet, opened)), answer);
    if (!taken) return std::nullopt;
    answer.resize(std::min(answer.size(), room));
    return answer;
  }
  ScriptContext& script = session.remote().script(session, target.instance);
  RemoteCommandPath commands(session, script, target.instance, target.version);
  InstanceContext context(session, target.instance, kNoChannel, script.security, target.version, &commands);
  return session.runtime().object(target.instance).on_remote_request(context, {target.tar, opened.data, room});
}

}  // namespace

PacketOutcome receive_packet(Session& session, const ota::ClearCommand& packet, std::optional<std::uint32_t> instance,
                             const AnswerRoom& room, const PacketEvent& event) {
  PacketOutcome outcome;
  const ota::Spi& spi = packet.header.spi;
  const RemoteSettings& settings = session.nvm().image().settings().remote;
  PacketTarget* target = nullptr;
  if (instance && session.runtime().is_selectable(*instance)) {
    target = &session.remote().targets.find(session.nvm(), session.runtime().registry(), *instance, packet.header, settings.policy);
  }
  const bool by_submit = spi.por_by_submit() && room.submit != 0;
  const std::size_t size = by_submit ? room.submit : room.report;

  ota::OpenedCommand opened;
  ResponseStatus status = ResponseStatus::kTarUnknown;
  Bytes data;
  bool due = false;
  if (target == nullptr) {
    opened = ota::refuse_command(packet, status, settings.quirks);
    due = opened.answer;
  } else {
    outcome.instance = target->instance;
    const ObjectId counter = packet_counter_object(target->holder, target->version, spi.check() == ota::Check::kCc);
    opened = ota::open_command(packet, target->keys, {last_counter(session.nvm(), counter), target->minimum_spi1, settings.quirks});
    status = opened.status;
    due = opened.answer;
    if (status == ResponseStatus::kOk) {
      if (opened.commit) session.nvm().write_now(counter, ByteWriter().number(opened.commit->value, ota::Cntr::kSize).view());
      auto answer = execute_packet(session, *target, packet, opened, data_room(size, opened, target->keys), event);
      outcome.executed = answer.has_value();
      if (answer) {
        data = *std::move(answer);
      } else {
        status = ResponseStatus::kTarUnknown;
        due = ota::is_answer_due(spi, status) && !settings.quirks.never_answer_errors;
      }
    }
  }
  if (!due || size < kBareResponse) return outcome;
  const auto answer = [&](ResponseStatus told, BytesView content) {
    auto response = ota::answer_command(packet, opened, told, content, target != nullptr ? &target->keys : nullptr, settings.quirks);
    if (!response) throw SystemError("a response that cannot be built: " + response.error().text);
    return *std::move(response);
  };
  if (by_submit) {
    outcome.submit = answer(status, data);
    outcome.report = answer(ResponseStatus::kBySubmit, {});
  } else {
    outcome.report = answer(status, data);
  }
  return outcome;
}

}  // namespace uicclab::emulator
