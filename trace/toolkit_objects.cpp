// SPDX-License-Identifier: Apache-2.0
#include "trace/toolkit_objects.hpp"

#include <algorithm>

#include "ota/sms_address.hpp"
#include "ota/sms_coding.hpp"
#include "script/explain.hpp"

namespace uicclab::trace {
namespace {

struct Word {
  std::uint8_t value;
  std::string_view text;
};

template <std::size_t N>
std::string_view word(const std::array<Word, N>& words, std::uint8_t value) {
  const auto found = std::ranges::find(words, value, &Word::value);
  return found == words.end() ? std::string_view() : found->text;
}

std::string hex(std::uint8_t value) {
  return to_hex(BytesView{&value, 1});
}

/// The word, or the number.
std::string or_number(std::string_view text, std::uint8_t value) {
  return text.empty() ? hex(value) : std::string(text);
}

// Clause 8.7.
constexpr auto kDevices =
    std::to_array<Word>({{0x01, "keypad"}, {0x02, "display"}, {0x03, "earpiece"}, {0x81, "UICC"}, {0x82, "terminal"}, {0x83, "network"}});

std::string device(std::uint8_t value) {
  if (value >= 0x10 && value <= 0x17) return "card reader " + std::to_string(value - 0x10);
  if (value >= 0x21 && value <= 0x27) return "channel " + std::to_string(value - 0x20);
  if (value >= 0x31 && value <= 0x3F) return "eCAT client " + std::to_string(value - 0x30);
  return or_number(word(kDevices, value), value);
}

// Clause 8.25.
constexpr auto kEvents = std::to_array<Word>({
    {0x00, "MT call"},
    {0x01, "call connected"},
    {0x02, "call disconnected"},
    {0x03, "location status"},
    {0x04, "user activity"},
    {0x05, "idle screen available"},
    {0x06, "card reader status"},
    {0x07, "language selection"},
    {0x08, "browser termination"},
    {0x09, "data available"},
    {0x0A, "channel status"},
    {0x0B, "access technology change"},
    {0x0C, "display parameters changed"},
    {0x0D, "local connection"},
    {0x0E, "network search mode change"},
    {0x0F, "browsing status"},
    {0x10, "frames information change"},
    {0x11, "WLAN access status"},
    {0x12, "network rejection"},
    {0x13, "HCI connectivity"},
    {0x14, "access technology change, multiple"},
    {0x15, "CSG cell selection"},
    {0x16, "contactless state request"},
    {0x17, "IMS registration"},
    {0x18, "incoming IMS data"},
    {0x19, "profile container"},
    {0x1B, "secured profile container"},
    {0x1C, "poll interval negotiation"},
    {0x1D, "data connection status change"},
});

// Clause 8.12.
constexpr auto kResults = std::to_array<Word>({
    {0x00, "command performed successfully"},
    {0x01, "performed with partial comprehension"},
    {0x02, "performed with missing information"},
    {0x03, "REFRESH performed with additional EFs read"},
    {0x04, "performed, but requested icon could not be displayed"},
    {0x05, "performed, but modified by call control by NAA"},
    {0x06, "performed successfully, limited service"},
    {0x07, "performed with modification"},
    {0x08, "REFRESH performed, but indicated NAA was not active"},
    {0x09, "performed successfully, tone not played"},
    {0x10, "proactive session terminated by the user"},
    {0x11, "backward move requested by the user"},
    {0x12, "no response from user"},
    {0x13, "help information required by the user"},
    {0x14, "USSD or SS transaction terminated by the user"},
    {0x20, "terminal currently unable to process command"},
    {0x21, "network currently unable to process command"},
    {0x22, "user did not accept the command"},
    {0x23, "user cleared down call before connection or network release"},
    {0x24, "action in contradiction with the timer state"},
    {0x25, "interaction with call control by NAA, temporary problem"},
    {0x26, "launch browser generic error"},
    {0x27, "MMS temporary problem"},
    {0x30, "command beyond terminal's capabilities"},
    {0x31, "command type not understood by terminal"},
    {0x32, "command data not understood by terminal"},
    {0x33, "command number not known by terminal"},
    {0x34, "SS return error"},
    {0x35, "SMS RP-ERROR"},
    {0x36, "error, required values are missing"},
    {0x37, "USSD return error"},
    {0x38, "multiple card command error"},
    {0x39, "interaction with call control by NAA, permanent problem"},
    {0x3A, "bearer independent protocol error"},
    {0x3B, "access technology unable to process command"},
    {0x3C, "frames error"},
    {0x3D, "MMS error"},
});

// Clauses 8.12.2 and 8.12.11.
constexpr auto kTerminalProblems = std::to_array<Word>({
    {0x00, "no specific cause"},
    {0x01, "screen is busy"},
    {0x02, "busy on call"},
    {0x03, "ME busy on SS transaction"},
    {0x04, "no service"},
    {0x05, "access control class bar"},
    {0x06, "radio resource not granted"},
    {0x07, "not in speech call"},
    {0x08, "ME busy on USSD"},
    {0x09, "busy on SEND DTMF"},
    {0x0A, "no NAA active"},
});
constexpr auto kChannelProblems = std::to_array<Word>({
    {0x00, "no specific cause"},
    {0x01, "no channel available"},
    {0x02, "channel closed"},
    {0x03, "channel identifier not valid"},
    {0x04, "buffer size not available"},
    {0x05, "security error"},
    {0x06, "transport level not available"},
    {0x07, "remote device not reachable"},
    {0x08, "service error"},
    {0x09, "service identifier unknown"},
    {0x10, "port not available"},
    {0x11, "launch parameters missing or incorrect"},
    {0x12, "application launch failed"},
});

// Clause 8.6, command qualifiers.
struct Qualifier {
  std::uint8_t command;
  std::uint8_t value;
  std::string_view text;
};
constexpr auto kQualifiers = std::to_array<Qualifier>({
    {0x01, 0x00, "NAA initialisation and full file change notification"},
    {0x01, 0x01, "file change notification"},
    {0x01, 0x02, "NAA initialisation and file change notification"},
    {0x01, 0x03, "NAA initialisation"},
    {0x01, 0x04, "UICC reset"},
    {0x01, 0x05, "NAA application reset"},
    {0x01, 0x06, "NAA session reset"},
    {0x01, 0x07, "steering of roaming"},
    {0x26, 0x00, "location information"},
    {0x26, 0x01, "IMEI"},
    {0x26, 0x02, "network measurement results"},
    {0x26, 0x03, "date, time, time zone"},
    {0x26, 0x04, "language setting"},
    {0x26, 0x05, "timing advance"},
    {0x26, 0x06, "access technology"},
    {0x26, 0x08, "IMEISV"},
    {0x27, 0x00, "start"},
    {0x27, 0x01, "deactivate"},
    {0x27, 0x02, "get current value"},
    {0x43, 0x00, "store data in the buffer"},
    {0x43, 0x01, "send data immediately"},
});

std::string devices(BytesView value) {
  return value.size() == 2 ? device(value[0]) + " to " + device(value[1]) : "";
}

std::string address(BytesView value) {
  const auto parsed = ota::parse_address_value(value);
  return parsed ? parsed->text() : "";
}

/// A text of its coding: 8 bit and UCS2 as they are, 7 bit unpacked; what is no ASCII is shown as UTF-8 or a dot.
std::string utf8(std::uint32_t c) {
  std::string out;
  if (c < 0x20 || c == 0x7F) return ".";
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c >= 0xD800 && c <= 0xDFFF) {
    return ".";
  } else {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
  return out;
}

std::string gsm_character(std::uint8_t c) {
  // 3GPP TS 23.038 clause 6.2.1 where it differs from ASCII.
  if (c == 0x00) return "@";
  if (c == 0x02) return "$";
  if (c == 0x11) return "_";
  return c < 0x20 || c >= 0x7B || c == 0x24 || c == 0x40 || (c >= 0x5B && c <= 0x60) ? "." : std::string(1, static_cast<char>(c));
}

std::string ucs2(BytesView bytes) {
  std::string out;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) out += utf8(static_cast<std::uint32_t>((bytes[i] << 8) | bytes[i + 1]));
  return out;
}

/// Clause 8.15: a coding scheme and the text.
std::string text_string(BytesView value) {
  if (value.empty()) return "\"\"";
  const BytesView text = value.subspan(1);
  std::string out;
  switch (ota::data_coding(value[0]).alphabet) {
    case ota::Alphabet::kUcs2:
      out = ucs2(text);
      break;
    case ota::Alphabet::k8Bit:
      for (const std::uint8_t c : text) out += gsm_character(c);
      break;
    case ota::Alphabet::kGsm7:
      for (std::size_t i = 0; i < text.size() * 8 / 7; ++i) {
        const std::size_t bit = i * 7;
        unsigned two = text[bit / 8];
        if (bit / 8 + 1 < text.size()) two |= static_cast<unsigned>(text[bit / 8 + 1]) << 8;
        out += gsm_character(static_cast<std::uint8_t>((two >> (bit % 8)) & 0x7F));
      }
      break;
  }
  return "\"" + out + "\"";
}

/// Clause 8.2 and ETSI TS 102 221 annex A: the 7 bit alphabet with a byte for each character, or UCS2 behind 80.
std::string alpha(BytesView value) {
  std::string out;
  if (!value.empty() && value[0] == 0x80) {
    out = ucs2(value.subspan(1));
  } else {
    for (const std::uint8_t c : value) out += gsm_character(c);
  }
  return "\"" + out + "\"";
}

std::string item(BytesView value) {
  return value.empty() ? "none" : std::to_string(value[0]) + " " + alpha(value.subspan(1));
}

std::string one_number(BytesView value) {
  return value.size() == 1 ? std::to_string(value[0]) : "";
}

std::string duration(BytesView value) {
  constexpr std::array<std::string_view, 3> kUnits{" minutes", " seconds", " tenths of a second"};
  if (value.size() != 2 || value[0] >= kUnits.size()) return "";
  return std::to_string(value[1]) + std::string(kUnits[value[0]]);
}

std::string events(BytesView value) {
  std::string out;
  for (const std::uint8_t one : value) out += (out.empty() ? "" : ", ") + or_number(word(kEvents, one), one);
  return value.empty() ? "none" : out;
}

/// Digits swapped, as in clause 8.38: "00:01:30".
std::string clock(BytesView value) {
  std::string out;
  for (const std::uint8_t one : value) {
    const std::string digits = hex(static_cast<std::uint8_t>((one << 4) | (one >> 4)));
    out += (out.empty() ? "" : ":") + digits;
  }
  return value.size() == 3 ? out : "";
}

std::string transport(BytesView value) {
  constexpr std::array<std::string_view, 6> kTypes{"",           "UDP, remote", "TCP client, remote",
                                                   "TCP server", "UDP, local",  "TCP client, local"};
  if (value.size() != 3) return "";
  const std::string_view type = value[0] < kTypes.size() ? kTypes[value[0]] : std::string_view();
  return or_number(type, value[0]) + ", port " + std::to_string((value[1] << 8) | value[2]);
}

std::string other_address(BytesView value) {
  if (value.size() != 5 || value[0] != 0x21) return value.empty() ? "dynamic" : "";
  std::string out;
  for (const std::uint8_t one : value.subspan(1)) out += (out.empty() ? "" : ".") + std::to_string(one);
  return out;
}

std::string channel_status(BytesView value) {
  if (value.size() != 2) return "";
  return "channel " + std::to_string(value[0] & 0x07) + ((value[0] & 0x80) != 0 ? ", link established" : ", no link") +
         (value[1] == 0x05 ? ", link dropped" : "");
}

std::string two_bytes(BytesView value) {
  return value.size() == 2 ? std::to_string((value[0] << 8) | value[1]) + " bytes" : "";
}

std::string ascii(BytesView value) {
  const bool printable = std::ranges::all_of(value, [](std::uint8_t c) { return c >= 0x20 && c < 0x7F; });
  return printable && !value.empty() ? std::string(value.begin(), value.end()) : "";
}

/// Labels with their lengths in front, as in the DNS (3GPP TS 23.003 clause 9.1).
std::string network_name(BytesView value) {
  std::string out;
  while (!value.empty() && value[0] < value.size()) {
    const std::string label = ascii(value.subspan(1, value[0]));
    if (label.empty()) return "";
    out += (out.empty() ? "" : ".") + label;
    value = value.subspan(std::size_t{1} + value[0]);
  }
  return out;
}

std::string location_status(BytesView value) {
  constexpr std::array<std::string_view, 3> kWords{"normal service", "limited service", "no service"};
  return value.size() == 1 && value[0] < kWords.size() ? std::string(kWords[value[0]]) : "";
}

std::string plmn(BytesView value) {
  if (value.size() < 3) return "";
  const auto digit = [](int nibble) { return nibble == 0x0F ? std::string() : std::string(1, "0123456789ABCDE"[nibble]); };
  return digit(value[0] & 0x0F) + digit(value[0] >> 4) + digit(value[1] & 0x0F) + "-" + digit(value[2] & 0x0F) + digit(value[2] >> 4) +
         digit(value[1] >> 4);
}

std::string location(BytesView value) {
  if (value.size() < 5) return "";
  return "PLMN " + plmn(value) + ", area " + to_hex(value.subspan(3, 2)) + (value.size() > 5 ? ", cell " + to_hex(value.subspan(5)) : "");
}

std::string imei(BytesView value) {
  std::string out;
  for (const std::uint8_t one : value) {
    const auto swapped = hex(static_cast<std::uint8_t>((one << 4) | (one >> 4)));
    out += swapped;
  }
  // The first half byte is the type of identity.
  return out.size() > 1 ? out.substr(1) : "";
}

std::string response_length(BytesView value) {
  return value.size() == 2 ? std::to_string(value[0]) + " to " + std::to_string(value[1]) + " characters" : "";
}

struct Object {
  std::uint16_t tag;
  std::string_view name;
  std::string_view clause;  ///< of ETSI TS 102 223, or with its document
  std::string (*meaning)(BytesView value);
};
constexpr auto kObjects = std::to_array<Object>({
    {0x01, "command details", "8.6", nullptr},
    {0x02, "device identities", "8.7", devices},
    {0x03, "result", "8.12", result_words},
    {0x04, "duration", "8.8", duration},
    {0x05, "alpha identifier", "8.2", alpha},
    {0x06, "address", "8.1", address},
    {0x07, "capability configuration parameters", "8.4", nullptr},
    {0x08, "subaddress", "8.3", nullptr},
    {0x09, "SS string or PLMN", "8.14", nullptr},
    {0x0A, "USSD string", "8.17", text_string},
    {0x0B, "SMS TPDU", "8.13", nullptr},
    {0x0C, "cell broadcast page", "8.5", nullptr},
    {0x0D, "text string", "8.15", text_string},
    {0x0E, "tone", "8.16", nullptr},
    {0x0F, "item", "8.9", item},
    {0x10, "item identifier", "8.10", one_number},
    {0x11, "response length", "8.11", response_length},
    {0x12, "file list", "8.18", nullptr},
    {0x13, "location information", "8.19", location},
    {0x14, "IMEI", "8.20", imei},
    {0x15, "help request", "8.21", nullptr},
    {0x16, "network measurement results", "8.22", nullptr},
    {0x17, "default text", "8.23", text_string},
    {0x18, "items next action indicator", "8.24", nullptr},
    {0x19, "event list", "8.25", events},
    {0x1A, "cause", "8.26", nullptr},
    {0x1B, "location status", "8.27", location_status},
    {0x1C, "transaction identifier", "8.28", nullptr},
    {0x1D, "BCCH channel list", "8.29", nullptr},
    {0x1E, "icon identifier", "8.31", nullptr},
    {0x1F, "item icon identifier list", "8.32", nullptr},
    {0x20, "card reader status", "8.33", nullptr},
    {0x21, "card ATR", "8.34", nullptr},
    {0x22, "C-APDU", "8.35", nullptr},
    {0x23, "R-APDU", "8.36", nullptr},
    {0x24, "timer identifier", "8.37", one_number},
    {0x25, "timer value", "8.38", clock},
    {0x26, "date, time and time zone", "8.39", nullptr},
    {0x28, "AT command", "8.40", ascii},
    {0x29, "AT response", "8.41", ascii},
    {0x2A, "BC repeat indicator", "8.42", nullptr},
    {0x2B, "immediate response", "8.43", nullptr},
    {0x2C, "DTMF string", "8.44", nullptr},
    {0x2D, "language", "8.45", ascii},
    {0x2E, "timing advance", "8.46", nullptr},
    {0x2F, "AID", "8.60", nullptr},
    {0x30, "browser identity", "8.47", nullptr},
    {0x31, "URL", "8.48", ascii},
    {0x32, "bearer", "8.49", nullptr},
    {0x33, "provisioning file reference", "8.50", nullptr},
    {0x34, "browser termination cause", "8.51", nullptr},
    {0x35, "bearer description", "8.52", nullptr},
    {0x36, "channel data", "8.53", nullptr},
    {0x37, "channel data length", "8.54", one_number},
    {0x38, "channel status", "8.56", channel_status},
    {0x39, "buffer size", "8.55", two_bytes},
    {0x3A, "card reader identifier", "8.57", nullptr},
    {0x3B, "file update information", "3GPP TS 31.111 8.75", nullptr},
    {0x3C, "UICC/terminal interface transport level", "8.59", transport},
    {0x3E, "other address", "8.58", other_address},
    {0x3F, "access technology", "8.61", nullptr},
    {0x40, "display parameters or DNS server address", "8.62", nullptr},
    {0x41, "service record", "8.63", nullptr},
    {0x42, "device filter", "8.64", nullptr},
    {0x43, "service search", "8.65", nullptr},
    {0x44, "attribute information", "8.66", nullptr},
    {0x45, "service availability", "8.67", nullptr},
    {0x46, "ESN", "8.69", nullptr},
    {0x47, "network access name", "8.70", network_name},
    {0x48, "CDMA-SMS TPDU", "8.71", nullptr},
    {0x49, "remote entity address", "8.68", nullptr},
    {0x50, "text attribute", "8.72", nullptr},
    {0x51, "item text attribute list", "8.73", nullptr},
    {0x60, "MAC", "", nullptr},
    {0x62, "IMEISV", "8.74", imei},
    {0x63, "battery state", "8.75", nullptr},
    {0x64, "browsing status", "8.76", nullptr},
    {0x65, "network search mode", "8.77", nullptr},
    {0x66, "frame layout", "8.78", nullptr},
    {0x67, "frames information", "8.79", nullptr},
    {0x68, "frame identifier", "8.80", nullptr},
    {0x6D, "MEID", "8.81", nullptr},
    {0x72, "PLMN and access technology list", "3GPP TS 31.111 8.90", nullptr},
});

std::string details(BytesView value, std::uint8_t command) {
  if (value.size() != 3) return "";
  std::string name(script::proactive_name(value[1]));
  if (name.empty()) name = "command " + hex(value[1]);
  std::string out = "number " + std::to_string(value[0]) + ", " + name;
  const auto known =
      std::ranges::find_if(kQualifiers, [&](const Qualifier& one) { return one.command == command && one.value == value[2]; });
  if (known != kQualifiers.end()) return out + ", " + std::string(known->text);
  return value[2] == 0 ? out : out + ", qualifier " + hex(value[2]);
}

}  // namespace

std::string result_words(BytesView value) {
  if (value.empty()) return "";
  std::string out = or_number(word(kResults, value[0]), value[0]);
  if (value.size() < 2) return out;
  const std::string_view more = value[0] == 0x3A   ? word(kChannelProblems, value[1])
                                : value[0] == 0x20 ? word(kTerminalProblems, value[1])
                                                   : std::string_view();
  return out + ", " + (more.empty() ? to_hex(value.subspan(1)) : std::string(more));
}

ota::Field toolkit_object(const ctlv::Tlv& object, std::size_t offset, std::uint8_t command) {
  const auto found = std::ranges::find(kObjects, object.tag, &Object::tag);
  if (found == kObjects.end()) {
    const std::array<std::uint8_t, 2> tag{static_cast<std::uint8_t>(object.tag >> 8), static_cast<std::uint8_t>(object.tag)};
    return {"object " + to_hex(BytesView(tag).subspan(tag[0] == 0 ? 1 : 0)), "", offset, to_bytes(object.value), "", {}};
  }
  std::string clause(found->clause);
  if (!clause.empty() && clause[0] == '8') clause.insert(0, "ETSI TS 102 223 ");
  std::string meaning;
  if (object.tag == kCommandDetailsTag) {
    meaning = details(object.value, command);
  } else if (found->meaning != nullptr) {
    meaning = found->meaning(object.value);
  }
  return {std::string(found->name), std::move(clause), offset, to_bytes(object.value), std::move(meaning), {}};
}

bool says_most(std::uint16_t tag) {
  constexpr std::array<std::uint16_t, 7> kTags{0x05, 0x0D, 0x10, 0x19, 0x0A, 0x24, 0x38};
  return std::ranges::find(kTags, tag) != kTags.end();
}

void shift(std::vector<ota::Field>& fields, std::size_t by) {
  for (ota::Field& field : fields) {
    if (field.content == ota::Content::kWhole) continue;  // it counts from its own beginning
    field.offset += by;
    shift(field.parts, by);
  }
}

}  // namespace uicclab::trace
