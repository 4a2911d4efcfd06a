// SPDX-License-Identifier: Apache-2.0
// Command APDUs have one coding: what is read is written back byte for byte. Responses are data and two bytes.
#include "core/apdu.hpp"

#include "tests/support/fuzz.hpp"

using namespace uicclab;
using test::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes{data, size};
  if (const auto command = apdu::parse(bytes)) {
    require(equal(apdu::encode(*command), bytes), "a command is written back as it came");
    require(!command->le || (*command->le >= 1 && *command->le <= (command->extended ? 65536U : 256U)), "Le is in its range");
    require(command->data.size() <= (command->extended ? 65535U : 255U), "the data fits its form");
  } else {
    require(command.error().offset <= size, "the place of an error lies in the input");
  }
  const auto response = apdu::parse_response(bytes);
  require(response.has_value() == (size >= 2), "two bytes are a response");
  if (response) require(response->data.size() + 2 == size, "a response is data and a status word");
  if (size >= 1) {
    for (std::uint8_t channel = 0; channel <= 19; ++channel) {
      const auto cla = static_cast<std::uint8_t>(data[0] & 0x9F);
      require(apdu::channel_of(apdu::cla_for_channel(cla, channel)) == channel, "a class byte keeps the channel it was given");
    }
  }
  return 0;
}
