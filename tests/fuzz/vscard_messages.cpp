// SPDX-License-Identifier: Apache-2.0
// What QEMU's end of a VSCARD connection may send: however a stream is cut into pieces, the messages are the same, and each is what
// encode() makes of it. The same bytes are read as QEMU's log.
#include "pcsc_bridge/vscard_messages.hpp"

#include "tests/support/fuzz.hpp"

namespace {

using namespace uicclab;
using namespace uicclab::pcsc_bridge;
using test::require;

struct Read {
  Bytes messages;  ///< encoded again
  bool refused = false;
  std::vector<vscard::PowerLog::Action> power;
  bool operator==(const Read&) const = default;
};

Read read(BytesView stream, std::size_t piece) {
  vscard::MessageReader reader;
  vscard::PowerLog log;
  Read out;
  while (!stream.empty()) {
    const auto now = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(now.size());
    for (const auto action : log.received(now)) out.power.push_back(action);
    if (out.refused) continue;
    reader.received(now);
    for (;;) {
      const auto message = reader.next();
      out.refused = !message;
      if (!message || !*message) break;
      append(out.messages, vscard::encode((*message)->type, (*message)->reader, (*message)->payload));
      (void)vscard::check_init((*message)->payload);
      (void)vscard::error_code((*message)->payload);
    }
  }
  return out;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const BytesView stream(data + 1, size - 1);
  const Read whole = read(stream, 1 << 20);
  require(whole.messages.size() <= stream.size() && equal(whole.messages, stream.first(whole.messages.size())), "a message is its bytes");
  require(read(stream, std::size_t{data[0]} + 1) == whole, "the pieces do not matter");
  return 0;
}
