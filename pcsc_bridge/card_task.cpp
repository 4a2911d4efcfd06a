// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/card_task.hpp"

#include <exception>
#include <utility>

namespace uicclab::pcsc_bridge {

namespace {

std::uint32_t bit_of(std::uint8_t t) {
  return t <= 1 ? std::uint32_t{1} << t : std::uint32_t{wire::kNone};
}

/// The first protocol of the ATR if it is allowed, else the other one if that is offered and allowed (ISO/IEC 7816-3 clause 6.3.1).
Result<std::uint32_t> select(CardPort& port, BytesView atr, std::uint32_t allowed) {
  const auto info = parse_atr(atr).value_or(AtrInfo{});  // an unreadable ATR means T=0
  const std::uint32_t first = bit_of(info.first_protocol);
  if ((first & allowed) != 0) return first;
  const std::uint32_t other = info.offered & allowed & (wire::kT0 | wire::kT1);
  if (other == 0) return fail(ErrorCode::kMismatch, "the card offers none of the protocols asked for");
  if (auto selected = port.select_protocol(other == wire::kT0 ? Protocol::kT0 : Protocol::kT1); !selected) {
    return tl::unexpected(selected.error());
  }
  return other;
}

template <typename Step>
auto guarded(Step step) -> decltype(step()) {
  try {
    try {
      return step();
    } catch (const std::exception& e) {
      return fail(ErrorCode::kIo, e.what());
    }
  } catch (...) {  // no std::exception, or no memory for its text
    return fail(ErrorCode::kIo, "card is dead");
  }
}

}  // namespace

CardResult run(const CardTask& task) noexcept {
  const auto power_off = [&task] {
    (void)guarded([&task]() -> Result<void> {
      task.port->power_off();
      return {};
    });
  };
  CardResult result;
  BytesView atr = task.atr;
  if (task.power_off) power_off();
  if (task.reset) {
    result.atr = guarded([&task] { return task.port->reset(); });
    if (!*result.atr) return result;
    atr = **result.atr;
  }
  if (task.power_off_again) power_off();
  if (task.protocols != wire::kNone) {
    result.protocol = guarded([&] { return select(*task.port, atr, task.protocols); });
    if (!*result.protocol) return result;
  }
  if (task.exchange) result.answer = guarded([&task] { return task.port->transmit(task.command); });
  return result;
}

}  // namespace uicclab::pcsc_bridge
