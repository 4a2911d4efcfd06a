// SPDX-License-Identifier: Apache-2.0
#include "cli/ota/link.hpp"

#include "core/transceive.hpp"
#include "core/wall_clock.hpp"
#include "ota/sms_time.hpp"

namespace uicclab::cli {
namespace {

ota::ScriptFormat format_of(const std::string& format, const KeyringCard& card, const Tar& tar) {
  if (format == "compact") return ota::ScriptFormat::kCompact;
  if (format == "expanded") return ota::ScriptFormat::kExpanded;
  if (format != "auto") throw Exit{kUsage, "--format " + format + ": auto, compact or expanded"};
  const bool expanded = std::ranges::find(card.expanded, tar) != card.expanded.end();
  return expanded ? ota::ScriptFormat::kExpanded : ota::ScriptFormat::kCompact;
}

}  // namespace

void OtaLinkOption::add_to(App& command) {
  security.add_to(command, true);
  command.add_option("--format", format, "Format of the commands: compact, expanded, or auto (by the application's entry in the keyring)")
      ->capture_default_str();
  command.add_option("--counters", counters,
                     "File with the counters of all cards; default: that of this user, or none for a card without --state");
  command.add_option("--counter-value", counter, "Begin with this counter");
  command.add_option("--from", originator, "Originating number of the short messages, or a name of up to 11 letters")
      ->capture_default_str();
}

OtaLink::OtaLink(const OtaLinkOption& option, const KeyringCard& card, const std::string& iccid) {
  ota::PacketSender::Settings settings;
  settings.header = option.security.header(card);
  const auto originator = ota::Address::from_text(option.originator);
  if (!originator) throw Exit{kUsage, "--from " + option.originator + ": " + originator.error().text};
  settings.originator = *originator;
  settings.timestamp = ota::timestamp(WallClock().now());
  m_commands = ota::command_set_of(settings.header.tar);
  m_format = format_of(option.format, card, settings.header.tar);
  if (option.forgetful && option.counters.empty()) {
    m_counters = std::make_unique<ota::MemoryCounters>(ota::Cntr{option.counter.value_or(1) - 1});
  } else {
    const std::string name = !iccid.empty() ? iccid : card.iccid;
    m_file.emplace(option.counters, name.empty() ? card.name : name);
    if (option.rehearsal && !option.counter) {
      m_counters = std::make_unique<CountersBeside>(*m_file);
    } else if (option.rehearsal) {
      m_counters = std::make_unique<ota::MemoryCounters>(ota::Cntr{*option.counter - 1});
    } else {
      m_counters = std::make_unique<CountersFrom>(*m_file, option.counter ? std::optional(ota::Cntr{*option.counter}) : std::nullopt);
    }
  }
  const std::uint8_t kic = settings.header.kic;
  const std::uint8_t kid = settings.header.kid;
  m_sender.emplace(std::move(settings), card.packet_keys(kic, kid), *m_counters);
}

std::string read_iccid(CardPort& card) {
  // EF_ICCID below the MF, 10 bytes, digits swapped (ETSI TS 102 221 clause 13.2).
  const auto selected = transceive(card, "00A40004 02 2FE2"_h);
  if (!selected || !selected->status.is_success()) return {};
  const auto read = transceive(card, "00B000000A"_h);
  if (!read || !read->status.is_success()) return {};
  std::string digits;
  for (const std::uint8_t byte : read->data) {
    for (const int digit : {byte & 0x0F, byte >> 4}) {
      if (digit < 10) digits += static_cast<char>('0' + digit);
    }
  }
  return digits;
}

ota::Address service_centre() {
  return ota::Address::from_number("+491710000099").value();
}

}  // namespace uicclab::cli
