// SPDX-License-Identifier: Apache-2.0
// User data headers, and a reassembler that is given parts in any sequence: its memory stays bounded.
// The input: a control byte (sender, seconds that pass), a length byte, that many bytes of user data with a header; and so on.
#include "core/reader.hpp"
#include "ota/sms_reassembler.hpp"

using namespace uicclab;
using namespace uicclab::ota;

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr Reassembler::Limits kLimits{4, 600, std::chrono::seconds(100)};
  ManualClock clock;
  Reassembler reassembler(clock, kLimits);
  ByteReader reader({data, size});
  while (const auto control = reader.u8()) {
    clock.advance(std::chrono::seconds(*control >> 2));
    const auto bytes = reader.lv();
    const auto part = parse_user_data(bytes ? *bytes : reader.rest(), true);
    if (part) {
      const auto encoded = part->encode();
      require(part->header.empty() || (encoded && parse_user_data(*encoded, true) == *part));
      Address sender;
      sender.type = *control & 0x03;
      const auto added = reassembler.add(sender, *part);
      const bool given_out = added.event == Reassembler::Event::kSingle || added.event == Reassembler::Event::kComplete;
      require(added.message.has_value() == given_out);
      require(reassembler.bytes() <= kLimits.bytes && reassembler.pending() <= kLimits.messages);
      if (added.message) {
        const auto parts = split(*added.message, *control);
        require(!parts || !parts->empty());
      }
    }
    if (!bytes) break;
  }
  return 0;
}
