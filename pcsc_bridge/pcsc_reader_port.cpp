// SPDX-License-Identifier: Apache-2.0
#include "pcsc_bridge/pcsc_reader_port.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <winscard.h>

#include "core/apdu.hpp"
#include "core/ascii.hpp"
#include "core/atr.hpp"

namespace uicclab::pcsc_bridge {

namespace {

constexpr std::size_t kLongestAnswer = 65536 + 2;

struct Words {
  LONG code;
  std::string_view text;
};

/// What the results of PC/SC mean to a person.
constexpr std::array kWords{
    Words{SCARD_E_NO_SERVICE, "no PC/SC service is running (start pcscd, or set PCSCLITE_CSOCK_NAME)"},
    Words{SCARD_E_SERVICE_STOPPED, "the PC/SC service has stopped"},
    Words{SCARD_F_COMM_ERROR, "the connection to the PC/SC service broke"},
    Words{SCARD_E_INVALID_HANDLE, "the PC/SC service was restarted"},
    Words{SCARD_W_SECURITY_VIOLATION, "the PC/SC service refuses access to this user"},
    Words{SCARD_E_NO_SMARTCARD, "there is no card in the reader"},
    Words{SCARD_W_REMOVED_CARD, "the card was removed"},
    Words{SCARD_W_RESET_CARD, "another program has reset the card"},
    Words{SCARD_W_UNRESPONSIVE_CARD, "the card does not answer a reset (is it the right way round?)"},
    Words{SCARD_W_UNPOWERED_CARD, "the card got no power, or does not answer a reset"},
    Words{SCARD_E_SHARING_VIOLATION, "another program is using the card"},
    Words{SCARD_E_READER_UNAVAILABLE, "the reader was unplugged"},
    Words{SCARD_E_UNKNOWN_READER, "the reader was unplugged"},
    Words{SCARD_E_PROTO_MISMATCH, "the card does not offer the protocol asked for"},
    Words{SCARD_E_NOT_TRANSACTED, "the card or the reader failed in the middle of the command (was the card removed?)"},
    Words{SCARD_E_INSUFFICIENT_BUFFER, "the command or its answer is longer than PC/SC can carry"},
};

bool service_is_gone(LONG code) {
  return code == SCARD_E_NO_SERVICE || code == SCARD_E_SERVICE_STOPPED || code == SCARD_F_COMM_ERROR || code == SCARD_E_INVALID_HANDLE;
}

tl::unexpected<Error> error_of(LONG code, std::string_view doing) {
  const auto found = std::ranges::find(kWords, code, &Words::code);
  std::string text(doing);
  text += ": ";
  text += found != kWords.end() ? found->text : std::string_view(pcsc_stringify_error(code));
  return fail(code == SCARD_E_PROTO_MISMATCH ? ErrorCode::kUnsupported : ErrorCode::kIo, text);
}

std::string list_of(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& name : names) out += "\n  " + name;
  return out;
}

DWORD bit_of(Protocol protocol) {
  return protocol == Protocol::kT0 ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1;
}

std::string name_of(Protocol protocol) {
  return protocol == Protocol::kT0 ? "T=0" : "T=1";
}

std::string offered_protocols(BytesView atr) {
  const auto info = parse_atr(atr);
  if (!info) return "no protocol that can be read from its ATR";
  const bool both = info->offers(Protocol::kT0) && info->offers(Protocol::kT1);
  if (both) return "T=0 and T=1";
  return info->offers(Protocol::kT0) ? "T=0 only" : info->offers(Protocol::kT1) ? "T=1 only" : "neither T=0 nor T=1";
}

/// Under T=0 a card sends data to a command with Le alone, and as much as Le says (ISO/IEC 7816-3 clause 12.2): if not, somebody between
/// followed 61xx or 6Cxx.
bool was_completed(BytesView command, BytesView answer) {
  const auto parsed = apdu::parse(command);
  if (!parsed || parsed->extended || answer.size() <= 2) return false;
  return parsed->kind() == apdu::Case::k2 ? answer.size() - 2 != *parsed->le : true;
}

}  // namespace

/// An established context, created again after a restart of the service.
class PcscReaderPort::Context {
 public:
  Context() = default;
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { release(); }

  Result<void> establish() {
    release();
    const LONG code = SCardEstablishContext(SCARD_SCOPE_SYSTEM, nullptr, nullptr, &m_context);
    m_valid = code == SCARD_S_SUCCESS;
    if (!m_valid) return error_of(code, "PC/SC");
    return {};
  }
  void release() {
    if (m_valid) (void)SCardReleaseContext(m_context);
    m_valid = false;
  }
  bool valid() const { return m_valid; }
  SCARDCONTEXT get() const { return m_context; }

  Result<std::vector<std::string>> readers() const {
    std::vector<std::string> names;
    for (;;) {  // once more if a reader was plugged in between the two calls
      DWORD size = 0;
      LONG code = SCardListReaders(m_context, nullptr, nullptr, &size);
      if (code == SCARD_E_NO_READERS_AVAILABLE) return names;
      if (code != SCARD_S_SUCCESS) return error_of(code, "listing the readers");
      std::string buffer(size, '\0');
      code = SCardListReaders(m_context, nullptr, buffer.data(), &size);
      if (code == SCARD_E_INSUFFICIENT_BUFFER) continue;
      if (code == SCARD_E_NO_READERS_AVAILABLE) return names;
      if (code != SCARD_S_SUCCESS) return error_of(code, "listing the readers");
      for (std::size_t at = 0; at < buffer.size() && buffer[at] != '\0'; at += names.back().size() + 1) names.emplace_back(&buffer[at]);
      return names;
    }
  }

  Result<std::vector<PcscReaderState>> states(const std::vector<std::string>& names) const {
    if (names.empty()) return std::vector<PcscReaderState>{};
    std::vector<SCARD_READERSTATE> queried(names.size());
    for (std::size_t i = 0; i < names.size(); ++i) {
      queried[i].szReader = names[i].c_str();
      queried[i].dwCurrentState = SCARD_STATE_UNAWARE;
    }
    const LONG code = SCardGetStatusChange(m_context, 0, queried.data(), queried.size());
    if (code != SCARD_S_SUCCESS && code != SCARD_E_TIMEOUT) return error_of(code, "asking for the readers' states");
    std::vector<PcscReaderState> states;
    for (const SCARD_READERSTATE& one : queried) {
      const auto has = [&](DWORD flag) { return (one.dwEventState & flag) != 0; };
      states.push_back({one.szReader, has(SCARD_STATE_PRESENT), has(SCARD_STATE_MUTE), has(SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE),
                        Atr(one.rgbAtr, one.rgbAtr + std::min<std::size_t>(one.cbAtr, sizeof one.rgbAtr))});
    }
    return states;
  }

 private:
  SCARDCONTEXT m_context = 0;
  bool m_valid = false;
};

Result<std::vector<std::string>> PcscReaderPort::readers() {
  Context context;
  return context.establish().and_then([&context] { return context.readers(); });
}

Result<std::vector<PcscReaderState>> PcscReaderPort::states() {
  Context context;
  if (auto established = context.establish(); !established) return tl::unexpected(established.error());
  const auto names = context.readers();
  if (!names) return tl::unexpected(names.error());
  return context.states(*names);
}

Result<std::unique_ptr<PcscReaderPort>> PcscReaderPort::open(std::string_view part, PcscReaderOptions options) {
  constexpr std::string_view kChoose = "choose one with --card pcsc:NAME (uicclab readers lists them)";
  auto context = std::make_unique<Context>();
  if (auto established = context->establish(); !established) return tl::unexpected(established.error());
  const auto names = context->readers();
  if (!names) return tl::unexpected(names.error());
  if (names->empty()) return fail(ErrorCode::kNotFound, "the PC/SC service has no reader (is it plugged in?)");

  std::vector<std::string> matches;
  for (const auto& name : *names) {
    if (name == part) matches = {name};
    if (name == part) break;
    if (lower(name).find(lower(part)) != std::string::npos) matches.push_back(name);
  }
  const std::string quoted = "'" + std::string(part) + "'";
  if (matches.empty()) return fail(ErrorCode::kNotFound, "no reader's name contains " + quoted + "; there are:" + list_of(*names));
  if (matches.size() > 1) {  // one of them has the card
    const auto known = context->states(matches);
    if (!known) return tl::unexpected(known.error());
    const std::string fitting =
        part.empty() ? std::to_string(matches.size()) + " readers" : quoted + " fits " + std::to_string(matches.size()) + " readers";
    std::erase_if(matches, [&](const std::string& name) {
      return std::ranges::none_of(*known, [&](const PcscReaderState& one) { return one.name == name && one.present; });
    });
    if (matches.empty()) return fail(ErrorCode::kRefused, fitting + ", and no card in any of them; insert it, or " + std::string(kChoose));
    if (matches.size() > 1) {
      return fail(ErrorCode::kRefused, fitting + ", and " + std::to_string(matches.size()) + " of them have cards; " +
                                           std::string(kChoose) + ":" + list_of(matches));
    }
  }
  return std::unique_ptr<PcscReaderPort>(new PcscReaderPort(std::move(context), matches.front(), options));
}

PcscReaderPort::PcscReaderPort(std::unique_ptr<Context> context, std::string reader, PcscReaderOptions options)
    : m_context(std::move(context)), m_reader(std::move(reader)), m_options(options), m_buffer(kLongestAnswer) {}

PcscReaderPort::~PcscReaderPort() {
  power_off();
}

tl::unexpected<Error> PcscReaderPort::failure(long code, std::string_view doing) {
  if (service_is_gone(code)) {
    m_card = 0;
    m_context->release();
  }
  return error_of(code, doing);
}

DWORD PcscReaderPort::wanted_protocols() const {
  if (m_options.protocol) return bit_of(*m_options.protocol);
  const auto info = parse_atr(m_atr);
  if (!info || info->first_protocol > 1) return SCARD_PROTOCOL_ANY;
  return info->first_protocol == 0 ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1;
}

Result<void> PcscReaderPort::connect() {
  if (!m_context->valid()) {
    if (auto established = m_context->establish(); !established) return established;
  }
  // The service knows the ATR before anybody connects.
  SCARD_READERSTATE state{};
  state.szReader = m_reader.c_str();
  LONG code = SCardGetStatusChange(m_context->get(), 0, &state, 1);
  if (code != SCARD_S_SUCCESS) return failure(code, m_reader);
  m_atr = to_bytes(BytesView(state.rgbAtr).first(std::min<std::size_t>(state.cbAtr, sizeof(state.rgbAtr))));
  // A service keeps a card at the chosen protocol, and refuses clients that ask for another one: the protocol can change only with a reset.
  const DWORD share = m_options.exclusive ? SCARD_SHARE_EXCLUSIVE : SCARD_SHARE_SHARED;
  code = SCardConnect(m_context->get(), m_reader.c_str(), share, SCARD_PROTOCOL_ANY, &m_card, &m_protocol);
  if (code == SCARD_S_SUCCESS) return {};
  m_card = 0;
  const bool no_protocol = code == SCARD_W_UNRESPONSIVE_CARD || code == SCARD_E_PROTO_MISMATCH;
  if (no_protocol && !m_atr.empty()) {
    return fail(ErrorCode::kUnsupported, m_reader + ": the card answers a reset, but the reader cannot speak with it: the card offers " +
                                             offered_protocols(m_atr) + "; try another reader");
  }
  return failure(code, m_reader);
}

Result<void> PcscReaderPort::reconnect(unsigned long initialization, unsigned long protocols) {
  const DWORD share = m_options.exclusive ? SCARD_SHARE_EXCLUSIVE : SCARD_SHARE_SHARED;
  const LONG code = SCardReconnect(m_card, share, protocols, initialization, &m_protocol);
  if (code != SCARD_S_SUCCESS) return failure(code, m_reader);
  m_completes = false;
  // A reader that does not speak the protocol makes pcscd choose the other one, without a word.
  if ((protocols & m_protocol) != 0) return {};
  const std::string wanted = name_of(protocols == SCARD_PROTOCOL_T0 ? Protocol::kT0 : Protocol::kT1);
  return fail(ErrorCode::kRefused,
              m_reader + ": the reader does not speak " + wanted + "; without " + wanted + ", or in another reader, the card can be used");
}

/// With the requested protocol; without a request, with any that card and reader agree on.
Result<void> PcscReaderPort::restart(unsigned long initialization) {
  auto done = reconnect(initialization, wanted_protocols());
  if (done || m_options.protocol || done.error().code == ErrorCode::kIo) return done;
  return reconnect(initialization, SCARD_PROTOCOL_ANY);
}

Result<Atr> PcscReaderPort::read_atr() {
  std::array<std::uint8_t, MAX_ATR_SIZE> atr{};
  DWORD size = atr.size();
  DWORD state = 0;
  DWORD name_size = 0;
  const LONG code = SCardStatus(m_card, nullptr, &name_size, &state, &m_protocol, atr.data(), &size);
  if (code != SCARD_S_SUCCESS) return failure(code, m_reader);
  m_atr = to_bytes(BytesView(atr).first(std::min<std::size_t>(size, atr.size())));
  return m_atr;
}

Result<Atr> PcscReaderPort::reset() {
  // A handle of before does not outlive a card that was removed, nor a reader or a service.
  if (m_card != 0) {
    if (auto warm = restart(SCARD_RESET_CARD); warm) return read_atr();
    power_off();
  }
  if (auto connected = connect(); !connected) return tl::unexpected(connected.error());
  auto cold = restart(SCARD_UNPOWER_CARD);
  auto atr = cold ? read_atr() : tl::unexpected(cold.error());
  if (!atr) power_off();
  return atr;
}

Result<Bytes> PcscReaderPort::transmit(BytesView command) {
  if (m_card == 0) return fail(ErrorCode::kIo, m_reader + ": the card is off");
  const bool t0 = m_protocol == SCARD_PROTOCOL_T0;
  if (t0) {
    const auto parsed = apdu::parse(command);
    if (parsed && !parsed->extended && parsed->kind() == apdu::Case::k4) command = command.first(command.size() - 1);
  }
  DWORD size = m_buffer.size();
  const LONG code =
      SCardTransmit(m_card, t0 ? SCARD_PCI_T0 : SCARD_PCI_T1, command.data(), command.size(), nullptr, m_buffer.data(), &size);
  if (code != SCARD_S_SUCCESS) return failure(code, m_reader);
  if (size < 2)
    return fail(ErrorCode::kIo, m_reader + ": the card was removed in the middle of the command: it answered without a status word");
  const BytesView answer = BytesView(m_buffer).first(size);
  if (t0 && was_completed(command, answer)) m_completes = true;
  return to_bytes(answer);
}

Protocol PcscReaderPort::protocol() const {
  return m_protocol == SCARD_PROTOCOL_T1 || m_completes ? Protocol::kT1 : Protocol::kT0;
}

void PcscReaderPort::power_off() {
  if (m_card != 0) (void)SCardDisconnect(m_card, SCARD_UNPOWER_CARD);
  m_card = 0;
}

Result<void> PcscReaderPort::select_protocol(Protocol protocol) {
  if (m_card == 0) return fail(ErrorCode::kIo, m_reader + ": the card is off");
  if (m_protocol == bit_of(protocol)) return {};
  return reconnect(SCARD_RESET_CARD, bit_of(protocol));
}

}  // namespace uicclab::pcsc_bridge
