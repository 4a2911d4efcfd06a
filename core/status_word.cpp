// SPDX-License-Identifier: Apache-2.0
#include "core/status_word.hpp"

#include <array>

#include "core/bytes.hpp"

namespace uicclab {
namespace {

struct Meaning {
  std::uint16_t value;
  std::uint16_t mask;
  std::string_view text;
};

// ETSI TS 102 221 clause 10.2.1, 3GPP TS 31.102 clause 7.3, 3GPP TS 51.011 clause 9.4; the first line that fits counts.
constexpr auto kMeanings = std::to_array<Meaning>({
    {0x9000, 0xFFFF, "normal ending of the command"},
    {0x9100, 0xFF00, "normal ending of the command, a proactive command waits to be fetched"},
    {0x9200, 0xFF00, "normal ending of the command, ongoing data transfer session"},
    {0x9300, 0xFFFF, "card application toolkit is busy, try later"},
    {0x6100, 0xFF00, "normal ending of the command, response data waits for GET RESPONSE"},
    {0x9F00, 0xFF00, "normal ending of the command, response data waits for GET RESPONSE (class A0)"},
    {0x6C00, 0xFF00, "wrong Le, repeat with the length given in SW2"},
    {0x6200, 0xFFFF, "warning: no information given, memory unchanged"},
    {0x6281, 0xFFFF, "warning: part of the returned data may be corrupted"},
    {0x6282, 0xFFFF, "warning: end of file or record reached, or unsuccessful search"},
    {0x6283, 0xFFFF, "warning: selected file is deactivated"},
    {0x6285, 0xFFFF, "warning: selected file is in termination state"},
    {0x62F1, 0xFFFF, "more data available"},
    {0x62F2, 0xFFFF, "more data available and proactive command pending"},
    {0x62F3, 0xFFFF, "response data available"},
    {0x63F1, 0xFFFF, "more data expected"},
    {0x63F2, 0xFFFF, "more data expected and proactive command pending"},
    {0x63C0, 0xFFF0, "verification failed, the last digit gives the tries left"},
    {0x6400, 0xFFFF, "execution error: no information given, memory unchanged"},
    {0x6500, 0xFFFF, "execution error: no information given, memory changed"},
    {0x6581, 0xFFFF, "memory problem"},
    {0x6700, 0xFFFF, "wrong length"},
    {0x6800, 0xFFFF, "functions in CLA not supported"},
    {0x6881, 0xFFFF, "logical channel not supported"},
    {0x6882, 0xFFFF, "secure messaging not supported"},
    {0x6900, 0xFFFF, "command not allowed"},
    {0x6981, 0xFFFF, "command incompatible with file structure"},
    {0x6982, 0xFFFF, "security status not satisfied"},
    {0x6983, 0xFFFF, "authentication method or PIN blocked"},
    {0x6984, 0xFFFF, "referenced data invalidated"},
    {0x6985, 0xFFFF, "conditions of use not satisfied"},
    {0x6986, 0xFFFF, "command not allowed, no EF selected"},
    {0x6989, 0xFFFF, "command not allowed, secure channel required"},
    {0x6A80, 0xFFFF, "incorrect parameters in the data field"},
    {0x6A81, 0xFFFF, "function not supported"},
    {0x6A82, 0xFFFF, "file not found"},
    {0x6A83, 0xFFFF, "record not found"},
    {0x6A84, 0xFFFF, "not enough memory space"},
    {0x6A86, 0xFFFF, "incorrect parameters P1 to P2"},
    {0x6A87, 0xFFFF, "Lc inconsistent with P1 to P2"},
    {0x6A88, 0xFFFF, "referenced data not found"},
    {0x6A89, 0xFFFF, "file already exists"},
    {0x6A8A, 0xFFFF, "DF name already exists"},
    {0x6B00, 0xFFFF, "wrong parameters P1-P2"},
    {0x6D00, 0xFFFF, "instruction code not supported or invalid"},
    {0x6E00, 0xFFFF, "class not supported"},
    {0x6F00, 0xFFFF, "technical problem, no precise diagnosis"},
    {0x9850, 0xFFFF, "INCREASE cannot be performed, maximum value reached"},
    {0x9862, 0xFFFF, "authentication error, incorrect MAC"},
    {0x9863, 0xFFFF, "security session or association expired"},
    {0x9864, 0xFFFF, "minimum UICC suspension time is too long"},
    {0x9804, 0xFFFF, "access condition not fulfilled, or verification failed (class A0)"},
    {0x9808, 0xFFFF, "in contradiction with CHV status (class A0)"},
    {0x9810, 0xFFFF, "in contradiction with invalidation status (class A0)"},
    {0x9840, 0xFFFF, "CHV blocked (class A0)"},
    {0x9400, 0xFFFF, "no EF selected (class A0)"},
    {0x9402, 0xFFFF, "out of range, invalid address (class A0)"},
    {0x9404, 0xFFFF, "file ID or pattern not found (class A0)"},
    {0x9408, 0xFFFF, "file is inconsistent with the command (class A0)"},
});

}  // namespace

std::string to_hex(StatusWord status) {
  const std::array<std::uint8_t, 2> bytes{status.sw1(), status.sw2()};
  return to_hex(BytesView{bytes});
}

std::string_view meaning(StatusWord status) {
  for (const Meaning& line : kMeanings) {
    if ((status.value & line.mask) == line.value) return line.text;
  }
  return "no meaning given by ETSI TS 102 221";
}

}  // namespace uicclab
