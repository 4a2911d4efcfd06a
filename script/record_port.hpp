// SPDX-License-Identifier: Apache-2.0
// A card whose exchanges are written down as a test script, while they happen.
#pragma once

#include <functional>
#include <map>

#include "core/card_port.hpp"
#include "script/selected_file.hpp"

namespace uicclab::script {

/// Takes some lines of the recording, and has them stored when it returns. Errors: kIo.
using RecordingWriter = std::function<Result<void>(std::string_view lines)>;

/// Passes everything on, and writes each exchange as `raw COMMAND -> ANSWER`, each reset and power-off as such, with a comment that names
/// the command and its file. The lines are stored before the caller gets the answer, so whoever kills the process finds a whole script. The
/// data of commands that hold secrets (secrets.hpp) stand there as variables, $masked_1 and so on, the same value as the same variable,
/// unless `with_secrets` is set.
class RecordPort final : public CardPort {
 public:
  /// `card` outlives this object.
  RecordPort(CardPort& card, RecordingWriter write, bool with_secrets)
      : m_card(card), m_write(std::move(write)), m_with_secrets(with_secrets) {}

  Result<Atr> reset() override;
  /// Errors: those of the card; kIo if the recording cannot be written.
  Result<Bytes> transmit(BytesView command) override;
  void power_off() override;
  Result<void> select_protocol(Protocol protocol) override;
  Protocol protocol() const override { return m_card.protocol(); }

 private:
  std::string command_text(BytesView command);
  std::string explain(BytesView command) const;
  Result<void> note_error(const Error& error);

  CardPort& m_card;
  RecordingWriter m_write;
  bool m_with_secrets;
  SelectedFiles m_files;
  std::map<Bytes, std::string> m_masked;  ///< values by the names of their variables; lives no longer than the recording
};

/// The beginning of a recording of `card`.
std::string recording_header(std::string_view card, bool with_secrets);

}  // namespace uicclab::script
