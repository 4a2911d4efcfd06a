// SPDX-License-Identifier: Apache-2.0
#include "emulator/cat/proactive.hpp"

#include <array>

#include "core/ber_tlv.hpp"
#include "core/comprehension_tlv.hpp"

namespace uicclab::emulator {
namespace {

constexpr ber::Tag kProactiveCommand = 0xD0;

}  // namespace

std::optional<ProactiveView> ProactiveView::of(BytesView command) {
  const auto whole = ber::only(command, kProactiveCommand);
  if (!whole) return std::nullopt;
  const auto details = ctlv::find(whole->value, object_tag::kDetails);
  if (!details || details->size() != 3) return std::nullopt;
  const auto devices = ctlv::find(whole->value, object_tag::kDevices);
  const std::uint8_t destination = devices && devices->size() == 2 ? (*devices)[1] : std::uint8_t{0};
  return ProactiveView{(*details)[1], (*details)[2], destination, whole->value};
}

std::optional<std::uint8_t> ProactiveView::channel() const {
  if (destination < kFirstChannelDevice || destination > kLastChannelDevice) return std::nullopt;
  return static_cast<std::uint8_t>(destination - kFirstChannelDevice + 1);
}

Bytes system_command(std::uint8_t type, std::uint8_t qualifier, BytesView objects) {
  Bytes inside;
  ctlv::write(inside, object_tag::kDetails, std::array<std::uint8_t, 3>{1, type, qualifier});
  ctlv::write(inside, object_tag::kDevices, std::array{kUiccDevice, kTerminalDevice});
  append(inside, objects);
  return ber::encode(kProactiveCommand, inside);
}

bool is_performed(BytesView response) {
  constexpr std::uint8_t kFirstFailure = 0x10;
  const auto result = ctlv::find(response, object_tag::kResult);
  return result && !result->empty() && result->front() < kFirstFailure;
}

}  // namespace uicclab::emulator
