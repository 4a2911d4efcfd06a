// SPDX-License-Identifier: Apache-2.0
// One line of a log as people post them: what other programs print when they send a command to a card. None of these forms has a
// standard; each was taken from what the program itself prints.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "core/bytes.hpp"

namespace uicclab::trace {

/// | program | command | answer |
/// |---|---|---|
/// | GlobalPlatformPro, apdu4j | `A>> T=1 (4+0008) 00A40400 08 A0..` | `A<< (0018+2) (57ms) 6F10.. 9000` |
/// | GPShell | `Command --> 80CA..`, `Wrapped command --> 84CA..` | `Response <-- 9F7F..9000` |
/// | opensc-tool | `Sending: 00 A4 ..` | `Received (SW1=0x90, SW2=0x00):`, below it the data |
/// | OpenSC's debug log | `Outgoing APDU (11 bytes):`, below it the bytes | `Incoming APDU (2 bytes):` |
/// | pySim | `-> 00a4000402 3f00`, `pySIM-shell (00:MF)> apdu 00a4...` | `<- 9f17: 6f..`, `SW: 9000, RESP: 62..` |
/// | modems (3GPP TS 27.007 clauses 8.17, 8.45) | `AT+CSIM=14,"00A4.."`, `AT+CGLA=1,14,".."` | `+CSIM: 4,"6119"`, `+CGLA: ..` |
/// | JCShell | `=> 00 A4 ..    ....`, also in more lines than one | `<= 6F 10 ..    o...` |
/// | lpac | `[DEBUG] [APDU] [TX] CLA: 81, INS: E2, ..., Data: ..`, `{"type":"apdu",..."func":"transmit","param":".."}` | `[RX] SW1: 90,
/// SW2: 00, Data: ..` | | scriptor, pyscard, others | `> 00 A4 ..`, `Command APDU: ..`, `C-APDU: ..`, `send: ..`, `TX: ..` | `< 6F 10 .. 90
/// 0`, `Response APDU: ..`, `resp: ..` |
///
/// What is before it does not matter: times, levels, names of threads. Both may be in one line: `00A4000402 3F00 -> 9F17`.
struct LogLine {
  enum class Kind {
    kCommand,
    kWrapped,  ///< the command before it, as it was really sent
    kAnswer,
    kReset,    ///< bytes: the ATR, if the line has it
    kIgnored,  ///< about a command or answer, and nothing new
  };
  Kind kind = Kind::kIgnored;
  Bytes bytes = {};
  Bytes answer = {};     ///< of a command, if the same line has it
  bool goes_on = false;  ///< more bytes may follow, in lines for dump_line()
  std::size_t due = 0;   ///< so many bytes follow, if that is known
  Bytes tail = {};       ///< comes after what follows: the status word
  std::optional<std::chrono::nanoseconds> took = {};
};

std::optional<LogLine> read_log_line(std::string_view line);

/// A line of a dump: up to 16 bytes, then the same as characters. Nothing for any other line.
std::optional<Bytes> dump_line(std::string_view line);

/// A time that a line begins with: `2024-05-06 07:08:09,123`, `07:08:09.123456`, `[12345.678]`; also after names and in brackets. It is
/// cut from `line`. Since the epoch, since midnight, or since whatever.
std::optional<std::chrono::nanoseconds> take_time(std::string_view& line);

}  // namespace uicclab::trace
