// SPDX-License-Identifier: Apache-2.0
// CoAP messages: what is read is written so that it is read as the same message.
#include "lwm2m/transport/coap.hpp"

#include "tests/support/fuzz.hpp"

using namespace uicclab;
using namespace uicclab::lwm2m;
using test::require;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto message = coap::parse({data, size});
  if (!message) {
    require(message.error().offset <= size, "the place of an error lies in the input");
    return 0;
  }
  const Bytes written = coap::encode(*message);
  require(written.size() <= size, "the shortest form is not longer");
  const auto back = coap::parse(written);
  require(back && *back == *message, "a message is read back as it was");
  for (const std::uint16_t number : {coap::option::kBlock1, coap::option::kBlock2}) {
    if (const auto block = coap::block_in(*message, number)) require(block->size() >= 16 && block->size() <= 1024, "a block is 16 to 1024");
  }
  return 0;
}
