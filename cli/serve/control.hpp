// SPDX-License-Identifier: Apache-2.0
// Operations from outside on the served cards: docs/faults.md has the requests, their arguments and answers.
#pragma once

#include <string>
#include <vector>

#include "cli/card/bench_card.hpp"
#include "fault/faulty_port.hpp"
#include "pcsc_bridge/service.hpp"
#include "pcsc_bridge/vscard_client.hpp"

namespace uicclab::cli {

class Control {
 public:
  struct Slot {
    std::string reader;  ///< its name
    fault::FaultyPort* faults = nullptr;
    BenchCard* card = nullptr;                    ///< null: not an emulated card, or one that is replaced at times
    pcsc_bridge::VscardClient* vscard = nullptr;  ///< where the card is in a reader of QEMU
  };
  /// All of it outlives this object. `service` is null where cards have no reader of ours.
  Control(pcsc_bridge::Service* service, std::vector<Slot> slots) : m_service(service), m_slots(std::move(slots)) {}

  /// A request and its answer, each one JSON object on one line. Never throws for what a request says. Thread-safe.
  std::string answer(const std::string& request);

 private:
  pcsc_bridge::Service* m_service;
  std::vector<Slot> m_slots;
};

}  // namespace uicclab::cli
