// SPDX-License-Identifier: Apache-2.0
// A connection of an SMPP client: whatever comes, in whatever pieces, the session answers with whole PDUs and keeps its limits.
#include "ota/smpp/session.hpp"

using namespace uicclab;
using namespace uicclab::ota::smpp;

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

}  // namespace

/// First byte: size of the pieces, and whether a bind goes before.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ManualClock clock;
  MessageCentre centre(clock, {4, 4});
  Session::Host host = Session::host_of(centre);
  host.authenticate = [](const Bind&) { return Status::kOk; };
  host.submit = [&](const std::string& system_id, const ShortMessage& message) {
    require(ShortMessage::parse(message.encode()) == message);
    Submitted out = centre.submit(system_id, message);
    require(out.status != Status::kOk);  // there is no card
    if (centre.mailbox(system_id).is_full()) return out;
    out.status = Status::kOk;
    require(centre.mailbox(system_id).add(message));
    return out;
  };
  Session session(host, clock, {.window = 2});
  if ((data[0] & 1) != 0) session.receive(Pdu{0x09, 0, 1, Bind{"fuzz", "", "", 0x34, {}}.encode()}.encode());
  const std::size_t piece = 1U + (data[0] >> 1);
  BytesView rest(data + 1, size - 1);
  std::size_t delivered = 0;
  while (!rest.empty()) {
    session.receive(rest.first(std::min(piece, rest.size())));
    rest = rest.subspan(std::min(piece, rest.size()));
    Bytes output = session.take_output();
    while (auto pdu = take_pdu(output).value()) delivered += pdu->command == 0x05 ? 1 : 0;
    require(output.empty());
  }
  require(delivered < size);
  return 0;
}
