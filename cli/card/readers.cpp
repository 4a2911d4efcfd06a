// SPDX-License-Identifier: Apache-2.0
// uicclab readers: lists PC/SC readers and the cards in them.
#include <iostream>

#include "cli/common/commands.hpp"
#include "core/bytes.hpp"
#include "core/visible.hpp"
#include "pcsc_bridge/pcsc_reader_port.hpp"

namespace uicclab::cli {

void add_readers(App& app, Action& action) {
  auto* command = app.add_subcommand("readers", "List the PC/SC readers and the cards in them");
  set_example(*command, "  uicclab readers\n  PCSCLITE_CSOCK_NAME=SOCKET uicclab readers");
  command->callback([&action] {
    action = [] {
      const auto readers = pcsc_bridge::PcscReaderPort::states();
      if (!readers) throw Exit{kEnvironment, readers.error().text};
      if (readers->empty()) std::cout << "no reader\n";
      for (const pcsc_bridge::PcscReaderState& reader : *readers) {
        std::cout << visible(reader.name) << "\n    "
                  << (!reader.present ? std::string("no card")
                      : reader.mute   ? std::string("a card that does not answer")
                                      : "card, ATR " + to_hex(reader.atr))
                  << (reader.in_use ? ", in use" : "") << "\n";
      }
      return kOk;
    };
  });
}

}  // namespace uicclab::cli
