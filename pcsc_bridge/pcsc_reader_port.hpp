// SPDX-License-Identifier: Apache-2.0
// A card in a reader of the PC/SC system: a real one with pcscd, or one of our own service.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/card_port.hpp"

namespace uicclab::pcsc_bridge {

/// How to use a reader.
struct PcscReaderOptions {
  /// Nobody else may use the card at the same time; another program's reset or selection in mid-session is no good to anybody.
  bool exclusive = true;
  /// The one to speak; without it the first protocol of the ATR.
  std::optional<Protocol> protocol;
};

/// What the service says of a reader, without touching its card.
struct PcscReaderState {
  std::string name;
  bool present = false;
  bool mute = false;  ///< a card that does not answer a reset
  bool in_use = false;
  Atr atr;
};

/// Talks to the card through libpcsclite. All errors are in words a person can act on; the code is kIo where nothing else is said.
class PcscReaderPort final : public CardPort {
 public:
  /// The names of all readers. Errors: kIo without a PC/SC service. No readers is an empty list.
  static Result<std::vector<std::string>> readers();
  /// The same with what is in them. Errors: as readers().
  static Result<std::vector<PcscReaderState>> states();

  /// The reader whose name contains `part` (upper and lower case alike; an empty one takes the only reader there is). It may be empty
  /// still. Of several the one with a card in it. Errors: kIo without a PC/SC service, kNotFound if no name contains it, kRefused if
  /// several do, none is it, and not one alone has a card; both list the names.
  static Result<std::unique_ptr<PcscReaderPort>> open(std::string_view part, PcscReaderOptions options = {});
  /// Switches the card off.
  ~PcscReaderPort() override;

  /// A cold reset if the card was off, a warm one if it was on. Errors: kIo (no card, mute card, reader or service gone, used by another
  /// program), kUnsupported if the card does not speak the protocol asked for or none of the reader's, kRefused if the reader does not
  /// speak it.
  Result<Atr> reset() override;
  /// T=0 carries no Le after data (ISO/IEC 7816-3 clause 12.2.1): it is left off there, and the card answers 61xx.
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override;
  /// Resets the card if it has to change. Errors: kUnsupported if the card does not offer it, kRefused if the reader does not speak it.
  Result<void> select_protocol(Protocol protocol) override;
  /// T=1 too once the reader was seen to fetch by itself what waits under T=0 (a reader of APDU level).
  Protocol protocol() const override;

  const std::string& reader() const { return m_reader; }

 private:
  class Context;
  PcscReaderPort(std::unique_ptr<Context> context, std::string reader, PcscReaderOptions options);

  Result<void> connect();
  Result<void> reconnect(unsigned long initialization, unsigned long protocols);
  Result<void> restart(unsigned long initialization);
  unsigned long wanted_protocols() const;
  Result<Atr> read_atr();
  tl::unexpected<Error> failure(long code, std::string_view doing);

  std::unique_ptr<Context> m_context;
  std::string m_reader;
  PcscReaderOptions m_options;
  long m_card = 0;  ///< handle, 0 while the card is off
  unsigned long m_protocol = 0;
  bool m_completes = false;  ///< the reader follows 61xx and 6Cxx
  Atr m_atr;
  Bytes m_buffer;
};

}  // namespace uicclab::pcsc_bridge
