// SPDX-License-Identifier: Apache-2.0
// Logs as people post them: one sample of each program's form.
#include "trace/posted_log.hpp"

#include <sstream>

#include <doctest/doctest.h>

#include "trace/log.hpp"

using namespace uicclab;
using namespace uicclab::trace;
using namespace std::chrono_literals;

namespace {

std::vector<RecordedEvent> read(const std::string& text) {
  std::istringstream in(text);
  LogSource source(in);
  std::vector<RecordedEvent> out;
  for (;;) {
    auto event = source.next();
    REQUIRE(event);
    if (!*event) return out;
    out.push_back(**event);
  }
}

/// Resets as "reset ATR", exchanges as "COMMAND>ANSWER".
std::vector<std::string> words(const std::string& text) {
  std::vector<std::string> out;
  for (const RecordedEvent& event : read(text)) {
    out.push_back(event.kind == TraceEvent::Kind::kReset ? "reset " + to_hex(event.answer)
                                                         : to_hex(event.command) + ">" + to_hex(event.answer));
  }
  return out;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("GlobalPlatformPro and apdu4j: A>> and A<<, with protocol, lengths and time") {
  const std::string log =
      "# gp -l -d\n# GlobalPlatformPro v21.12.31\n"
      "# SCardConnect(\"ACME Reader 00\", T=*) -> T=1, 3B8580018073C821100E\n"
      "SCardBeginTransaction(\"ACME Reader 00\")\n"
      "A>> T=1 (4+0000) 00A40400 00 \n"
      "A<< (0018+2) (26ms) 6F108408A000000151000000A5049F6501FF 9000\n"
      "[TRACE] GlobalPlatform -  [6F]\n[TRACE] GlobalPlatform -      [84] A000000151000000\n"
      "[DEBUG] GlobalPlatform - Host challenge: EC255ADBCDB6C751\n"
      "A>> T=1 (4+0008) 80500000 08 EC255ADBCDB6C751 00\n"
      "A<< (0000+2) (1s569ms) 6A88\n"
      "# SCardDisconnect(\"ACME Reader 00\", false) tx:13/rx:2 in 97ms\n";
  CHECK(words(log) ==
        Words{"reset 3B8580018073C821100E", "00A4040000>6F108408A000000151000000A5049F6501FF9000", "8050000008EC255ADBCDB6C75100>6A88"});
  CHECK(read(log)[1].took == 26ms);
  CHECK(read(log)[2].took == 1569ms);
  CHECK(words("A>> 4+8 00A40400 08 A000000003000000\nA<< 6A82\n").empty());  // lengths without parentheses are no bytes
}

TEST_CASE("GPShell: what was wrapped is what was sent") {
  CHECK(words("mode_211\nestablish_context\ncard_connect\n* reader name Virtual PCD 00 00\n"
              "select -AID a000000003000000\n"
              "Command --> 00A4040008A000000003000000\nWrapped command --> 00A4040008A000000003000000\n"
              "Response <-- 6F108408A000000003000000A5049F6501FF9000\nUnwrapped response <-- 6F108408A000000003000000A5049F6501FF9000\n"
              "Command --> 80E80000020102\nWrapped command --> 84E800000A01020102030405060708\nResponse <-- 009000\n") ==
        Words{"00A4040008A000000003000000>6F108408A000000003000000A5049F6501FF9000", "84E800000A01020102030405060708>009000"});
  // Before it wrapped anything.
  CHECK(words("Command --> 80CA9F7F00\nResponse <-- 6A88\n") == Words{"80CA9F7F00>6A88"});
}

TEST_CASE("opensc-tool: the data is below the status word, with its characters") {
  CHECK(words("Using reader with a card: uicclab 00 00\n"
              "Sending: 00 A4 00 04 02 2F E2 \nReceived (SW1=0x90, SW2=0x00)\n"
              "Sending: 00 B0 00 00 0A \nReceived (SW1=0x90, SW2=0x00):\n98 88 12 01 00 00 00 00 00 01 ..........\n"
              "Sending: 00 A4 04 00 09 A0 00 00 03 08 00 00 10 00 00 \nReceived (SW1=0x62, SW2=0x83):\n"
              "61 39 4F 0B A0 00 00 03 08 00 00 10 00 01 00 79 a9O............y\n"
              "20 50 49 56 20 41 42 20                          PIV AB \n"
              "Sending: 00 A4 00 04 02 12 34 \nReceived (SW1=0x6A, SW2=0x82)\n") ==
        Words{"00A40004022FE2>9000", "00B000000A>988812010000000000019000",
              "00A4040009A0000003080000100000>61394F0BA00000030800001000010079205049562041422062"
              "83",
              "00A40004021234>6A82"});
}

TEST_CASE("OpenSC's debug log: dumps below a line with their length, with the time of the line before") {
  const auto events = read(
      "0x7fd485e77880 17:20:53.811 [opensc-tool] apdu.c:378:sc_single_transmit: CLA:0, INS:CA, P1:1, P2:8D, data(0) (nil)\n"
      "0x7fd485e77880 17:20:53.811 [opensc-tool] reader-pcsc.c:285:pcsc_transmit:\nOutgoing APDU (5 bytes):\n00 CA 01 8D 02 .....\n"
      "0x7fd485e77880 17:20:53.812 [opensc-tool] reader-pcsc.c:213:pcsc_internal_transmit: called\n"
      "P:3452; T:8240 2020-06-08 17:20:53.815 [opensc-tool] reader-pcsc.c:294:pcsc_transmit:\nIncoming APDU (4 bytes):\n01 80 90 00 ....\n"
      "0x7fd485e77880 17:20:53.816 [opensc-tool] apdu.c:390:sc_single_transmit: returning with: 0 (Success)\n");
  REQUIRE(events.size() == 1);
  CHECK(to_hex(events[0].command) == "00CA018D02");
  CHECK(to_hex(events[0].answer) == "01809000");
  CHECK(events[0].time == 17h + 20min + 53s + 811ms);
}

TEST_CASE("pySim: the status word before the data") {
  CHECK(words("-- RESET\n-> 00a4000402 3f00\n<- 9f17: \n-> 00c0000004 \n<- 9000: 62028205\n"
              "2024-01-02 03:04:05,678 DEBUG pySim: -> 00b0000002 \n2024-01-02 03:04:05,690 DEBUG pySim: <- 6982: \n") ==
        Words{"reset ", "00A40004023F00>9F17", "00C0000004>620282059000", "00B0000002>6982"});
}

TEST_CASE("AT+CSIM and AT+CGLA dialogues of modems (3GPP TS 27.007 clauses 8.17 and 8.45)") {
  CHECK(words("AT+CSIM=?\r\nOK\r\nAT+CSIM=14,\"00A40000023F00\"\r\n+CSIM: 4,\"6119\"\r\n\r\nOK\r\n"
              "[2024-05-06 07:08:09.100] > AT+CSIM=10,\"00C0000002\"\nAT+CSIM=10,\"00C0000002\"\n[2024-05-06 07:08:09.150] < +CSIM: "
              "8,\"62009000\"\n"
              "at+csim=10,00b0000000\n+CSIM: 4,6982\n"
              "AT+CGLA=1,10,\"01B0000001\"\n+CGLA: 6,\"AA9000\"\nOK\n"
              "AT+CSIM=24,\"01A4040007A0000005590010\"\n+CME ERROR: 0\n") ==
        Words{"00A40000023F00>6119", "00C0000002>62009000", "00B0000000>6982", "01B0000001>AA9000", "01A4040007A0000005590010>"});
}

TEST_CASE("JCShell: dumps with characters, of more lines than one") {
  CHECK(words("cm>  /card\n--Waiting for card...\nATR=3B F8 13 00 00 81 31 FE 45 4A 43 4F 50 76 32 34    ;.....1.EJCOPv24\n"
              " => 00 A4 04 00 08 A0 00 00 00 03 00 00 00 00          ..............\n (1234 usec)\n"
              " <= 6F 10 84 08 A0 00 00 00 03 00 00 00 A5 04 9F 65    o..............e\n"
              "    01 FF 90 00                                        ....\n"
              "Status: No Error\n"
              " => 80 CA 00 66 00                                     ...f.\n (99 usec)\n <= 6A 88                                         "
              "     j.\n"
              "Status: Reference data not found\n") == Words{"reset 3BF81300008131FE454A434F50763234",
                                                             "00A4040008A00000000300000000>6F108408A000000003000000A5049F6501FF9000",
                                                             "80CA006600>6A88"});
}

TEST_CASE("lpac: fields, and its own JSON") {
  CHECK(words("[DEBUG] [APDU] [TX] CLA: 81, INS: E2, P1: 91, P2: 00, Lc: 03, Data: BF 2E 00\n"
              "[DEBUG] [APDU] [RX] SW1: 61, SW2: 15, Data:\n"
              "\x1b[0;32m[DEBUG] [APDU] [TX] CLA: 81, INS: C0, P1: 00, P2: 00, Lc: 15\x1b[0m\n"
              "\x1b[0;31m[DEBUG] [APDU] [RX] SW1: 90, SW2: 00, Data: BF2E00\x1b[0m\n"
              "{\"type\":\"apdu\",\"payload\":{\"func\":\"connect\",\"param\":null}}\n"
              "{\"type\":\"apdu\",\"payload\":{\"func\":\"transmit\",\"param\":\"81E2910003BF2E00\"}}\n"
              "{\"type\":\"apdu\",\"payload\":{\"ecode\":0,\"data\":\"6115\"}}\n") ==
        Words{"81E2910003BF2E00>6115", "81C0000015>BF2E009000", "81E2910003BF2E00>6115"});
}

TEST_CASE("Words before command and answer, as in many programs, after times and names") {
  for (const char* log :
       {"Command APDU: 00 A4 00 04 02 3F 00\nResponse APDU: 61 19\n", "C-APDU: 00A40004023F00\nR-APDU: 6119\n",
        "DEBUG [main] (PcscProvider.java:50) - send: 00 A4 00 04 02 3F 00\nDEBUG [main] (PcscProvider.java:61) - resp: 61 19\n",
        "SEND: 00a40004023f00  //  SELECT_MF\nRCV: 6119 // OK\n", "2018-06-21 01:29:25,00 A4 00 04 02 3F 00 \n2018-06-21 01:29:25,61 19 \n",
        "[   12.345678] TX: 00:A4:00:04:02:3F:00\n[   12.400000] RX: 61:19\n",
        "Sending: 00 A4 00 04 02 3F 00 \nReceived: 61 19  (more data)\n", "> 00 A4 00 04 02 3F 00\n< 61 19 : 0x19 bytes of response\n",
        "connecting to uicclab 00 00\n> 00 A4 00 04 02 3F 00\n<  [] 61 19\n", "12:01:02 >> 00A40004023F00\n12:01:02 << 6119\n",
        "Sending command APDU: 00a40004023f00\n<- Received response APDU: 6119\n",
        "send: 0x00, 0xA4, 0x00, 0x04, 0x02, 0x3F, 0x00\nrecv: 0x61, 0x19\n"}) {
    CHECK_MESSAGE(words(log) == Words{"00A40004023F00>6119"}, std::string(log));
  }
  CHECK(words("> 00 B0 00 00 02\n<  AA BB 90 0 \n") == Words{"00B0000002>AABB9000"});  // pyscard
}

TEST_CASE("Command and answer in one line") {
  for (const char* log :
       {"00A4000402 3F00 -> 6119\n", "12:00:01.5 00A40004023F00 => 6119 more data\n", "Command APDU: 00A40004023F00, Response APDU: 6119\n",
        "send: 00 A4 00 04 02 3F 00 resp: 61 19\n", ">> 00A40004023F00 << 6119\n", "apdu=x C-APDU: 00A40004023F00 R-APDU: 6119\n"}) {
    CHECK_MESSAGE(words(log) == Words{"00A40004023F00>6119"}, std::string(log));
  }
}

TEST_CASE("pySim's shell: the command that was typed, and what it prints") {
  CHECK(
      words(
          "pySIM-shell (00:MF)> apdu 00a40004023f00\nSW: 9000, RESP: 62028205\npySIM-shell (00:MF)> apdu 00b0000001\nSW: 6986, RESP: \n") ==
      Words{"00A40004023F00>620282059000", "00B0000001>6986"});
}

TEST_CASE("ModemManager's debug log") {
  CHECK(words("<debug> [1714979289.123456] [modem0/ttyUSB2/at] --> 'AT+CSIM=10,\"0020000100\"<CR>'\n"
              "<debug> [1714979289.223456] [modem0/ttyUSB2/at] <-- '<CR><LF>+CSIM: 4,\"63C3\"<CR><LF><CR><LF>OK<CR><LF>'\n") ==
        Words{"0020000100>63C3"});
}

TEST_CASE("Times: with a date, of the day, past midnight, of the kernel") {
  const auto events = read("23:59:59.900 -> 00b0000001\n00:00:00.100 <- 6982:\n00:00:01 -> 00b0000001\n00:00:02 <- 6982:\n");
  REQUIRE(events.size() == 2);
  CHECK(events[0].took == 200ms);
  CHECK(events[1].time == 24h + 1s);
  std::string_view line = "2024-05-06T07:08:09.5Z: rest";
  CHECK(take_time(line) == 1714979289500ms);
  CHECK(line == "rest");
  for (std::string_view no : {"00:A4:00:04:02", "00:20:00:01", "12:60:00", "25:00:00", "rest", "", "[12]", "2024-13-01 00:00:00x"}) {
    const std::string_view before = no;
    CHECK_FALSE(take_time(no));
    CHECK(no == before);
  }
}

TEST_CASE("Words that look like bytes are ignored") {
  for (const char* line :
       {"-> add", "Response: dead end", "=> SCARD_S_SUCCESS", "Received: a face", "send: be careful", "<- back", "> cd /tmp", "A>> ",
        "A<< (", "SW1: 9", "CLA: 00, INS: A4, lc: 1", "+CSIM:", "+CSIM: 4,\"", "AT+CSIM=", "AT+CSIM=2,\"0\"", "{\"type\":\"apdu\"",
        "Outgoing APDU (", "Incoming APDU (99999999999999999999 bytes):", "a => b"}) {
    CHECK_MESSAGE(words(std::string(line) + "\n").empty(), std::string(line));
  }
  CHECK_FALSE(dump_line("hello"));
  CHECK_FALSE(dump_line(""));
  CHECK(dump_line("30 31 01") == Bytes{0x30, 0x31});  // its characters are 0 and 1
  CHECK(dump_line("41 42 43") == Bytes{0x41, 0x42, 0x43});
}
