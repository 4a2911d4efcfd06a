// SPDX-License-Identifier: Apache-2.0
// Where the secrets of an exchange are: those of its command and answer (script/secrets.hpp), and those in messages and toolkit objects
// that it carries. redact() of report.hpp takes them out.
#pragma once

#include <map>

#include "core/apdu.hpp"
#include "core/types.hpp"
#include "ota/explain/field.hpp"
#include "script/secrets.hpp"

namespace uicclab::trace {

using script::Secret;

/// Places that are secret.
struct Secrets {
  std::vector<Secret> sent;      ///< in Exchange::command
  std::vector<Secret> received;  ///< in Exchange::data
  std::vector<Secret> command;   ///< where Exchange::command_fields count from, and in Plain::command
  std::vector<Secret> answer;    ///< where Exchange::answer_fields count from, and in Plain::data
  std::vector<Secret> message;   ///< in a message put together from parts

  bool none() const { return sent.empty() && received.empty() && command.empty() && answer.empty() && message.empty(); }
};

/// What of one card has to be remembered to know what is secret. Its size does not grow with the trace.
class SecretMemory {
 public:
  /// The messages in these fields: what scripts and their responses hold; parts of messages whose beginning was not seen, or is not
  /// ciphered.
  void in_messages(const std::vector<ota::Field>& fields, std::vector<Secret>& out, std::vector<Secret>& whole_message);

 private:
  void user_data(const ota::Field& field, std::vector<Secret>& out);
  void packet(const ota::Field& packet, std::vector<Secret>& out);
  /// True if the response to the script contains secrets.
  static bool script(const ota::Field& script, std::vector<Secret>& out);

  std::map<unsigned, bool> m_open_parts;  ///< by the reference of a concatenated message: it is a packet in the clear
  std::map<Tar, bool> m_asked;            ///< a script for this TAR asked for secrets, or could not be read
};

/// What toolkit commands and their responses hold (ETSI TS 102 223): input that the terminal hides (clause 6.4.3), logins and passwords of
/// OPEN CHANNEL (6.4.27), APDUs for another card (6.4.19), AT commands (6.4.24). `objects` are at `offset`.
void secrets_of_toolkit(BytesView objects, std::size_t offset, std::vector<Secret>& out);

/// Writes `*` over the bytes.
void overwrite(Bytes& bytes, const std::vector<Secret>& secrets);
/// The same in fields: what is secret as a whole says so instead.
void overwrite(std::vector<ota::Field>& fields, const std::vector<Secret>& secrets, const std::vector<Secret>& whole_message);

}  // namespace uicclab::trace
