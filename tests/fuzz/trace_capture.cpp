// SPDX-License-Identifier: Apache-2.0
// Captures and logs: whatever a file holds, it comes to an end, and no packet is longer than the file.
#include <sstream>

#include "trace/capture.hpp"
#include "trace/datagram.hpp"
#include "trace/source.hpp"

using namespace uicclab;
using namespace uicclab::trace;

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string file(reinterpret_cast<const char*>(data), size);
  std::istringstream capture(file);
  CaptureReader reader(capture);
  std::size_t total = 0;
  while (true) {
    const auto packet = reader.next();
    if (!packet || !*packet) {
      require(packet.has_value() || packet.error().offset <= size);
      require(!reader.next().value());
      break;
    }
    total += (*packet)->bytes.size();
    require(total <= size);
    const auto datagram = udp_datagram((*packet)->link_type, (*packet)->bytes);
    require(!datagram || datagram->payload.size() < (*packet)->bytes.size());
  }
  std::istringstream in(file);
  const auto source = open_source(in);
  for (std::size_t events = 0;; ++events) {
    require(events <= size);
    const auto event = source->next();
    if (!event || !*event) break;
    require((*event)->command.size() + (*event)->answer.size() <= size);
  }
  return 0;
}
