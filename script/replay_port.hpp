// SPDX-License-Identifier: Apache-2.0
// A card that answers from a recording.
#pragma once

#include <functional>
#include <map>

#include "script/recording.hpp"
#include "script/selected_file.hpp"

namespace uicclab::script {

/// Something that the recording does not have as it came.
struct Deviation {
  Place place;  ///< of what the recording has instead, or of its last line
  std::string text;
};

struct ReplayOptions {
  /// Strict: in the order of the recording; what comes otherwise deviates, and the recording stays where it is. A reset leads to the next
  /// recorded one, and from the end to the beginning. Loose: by the bytes of the command, whatever came before, with the file selected as
  /// it was; of several answers the last one.
  bool loose = false;
  StatusWord status{0x6F00};  ///< what a deviation answers
  std::function<void(const Deviation&)> on_deviation = {};
};

/// Le after data does not count, because T=0 does not carry it (ISO/IEC 7816-3 clause 12.2.1). A command whose data was masked when it was
/// recorded deviates: the value cannot be checked.
class ReplayPort final : public CardPort {
 public:
  ReplayPort(Recording recording, ReplayOptions options);

  Result<Atr> reset() override;
  /// Errors: kIo if the card is off.
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override { m_on = false; }
  /// Errors: kUnsupported if the recorded ATR does not offer it.
  Result<void> select_protocol(Protocol protocol) override;
  Protocol protocol() const override { return m_protocol; }

  std::size_t deviations() const { return m_deviations; }

 private:
  Bytes strict(BytesView command);
  Bytes loose(BytesView command);
  /// GET RESPONSE after a warning, of which the recording knows nothing: there was no data (ETSI TS 102 221 clause 7.3.1.1.4 4b).
  bool asks_behind_warning(BytesView command) const { return m_warned && command.size() > 1 && command[1] == 0xC0; }
  Bytes deviate(const Place& place, std::string text);
  Bytes refuse_masked(const Recorded& event, BytesView command);
  void index();
  Place last_place() const;

  Recording m_recording;
  ReplayOptions m_options;
  Atr m_atr;
  Protocol m_protocol = Protocol::kT0;
  bool m_on = false;
  bool m_fresh = false;    ///< nothing was sent since the last reset
  std::size_t m_next = 0;  ///< strict: the event that comes next
  bool m_warned = false;   ///< the last answer was a warning without data
  std::size_t m_deviations = 0;
  // Loose: events by command, in the context in which it was sent, and in any.
  SelectedFiles m_files;
  std::string m_before;  ///< key of the command that GET RESPONSE belongs to
  std::map<std::string, std::size_t> m_in_context;
  std::map<std::string, std::size_t> m_anywhere;
};

}  // namespace uicclab::script
