// SPDX-License-Identifier: Apache-2.0
#include "emulator/card.hpp"

#include <utility>

#include "core/apdu.hpp"
#include "core/atr.hpp"
#include "core/reader.hpp"
#include "emulator/command_table.hpp"
#include "emulator/commands/handlers.hpp"
#include "emulator/gsm/gsm_class.hpp"
#include "emulator/registry/record.hpp"
#include "emulator/runtime/jcre.hpp"
#include "emulator/suspension.hpp"
#include "emulator/transaction.hpp"

namespace uicclab::emulator {
namespace {

constexpr std::uint8_t kSuspendUicc = 0x76;
constexpr std::uint8_t kGsmClass = 0xA0;

Bytes answer(BytesView data, StatusWord status) {
  Bytes bytes(data.size() + 2);
  std::ranges::copy(data, bytes.begin());
  bytes[data.size()] = status.sw1();
  bytes[data.size() + 1] = status.sw2();
  return bytes;
}

Bytes answer(StatusWord status) {
  return answer({}, status);
}

constexpr ObjectId partition_object() {
  return {Space::kCard, 0, static_cast<std::uint32_t>(CardObject::kPartition)};
}

/// Without memory even for an answer the card is off.
tl::unexpected<Error> dead(Card& card) {
  card.power_off();
  return fail(ErrorCode::kIo, "card is dead");  // short: no memory is needed for it
}

bool is_terminated(const Nvm& nvm) {
  return nvm.read(ObjectId(Space::kCard, 0, static_cast<std::uint32_t>(CardObject::kTerminated))).has_value();
}

}  // namespace

Card::Card(std::shared_ptr<const CardImage> image, Random& random, const Clock& clock, std::unique_ptr<NvmStore> store)
    : Card(Nvm(std::move(image), std::move(store)), random, clock) {}

Card::Card(Nvm nvm, Random& random, const Clock& clock) : m_nvm(std::move(nvm)), m_random(random), m_clock(clock) {}

Card::~Card() = default;

std::unique_ptr<Card> Card::clone(Random& random) const {
  const auto copy = [](const Nvm& nvm) { return Nvm(nvm.share_image(), nvm.overlay()); };
  std::unique_ptr<Card> out(new Card(copy(m_nvm), random, m_clock));
  if (m_others) {
    out->m_others = std::make_unique<Others>();
    for (const auto& other : *m_others) out->m_others->push_back(std::make_unique<Nvm>(copy(*other)));
  }
  return out;
}

std::uint32_t Card::add_partition(std::shared_ptr<const CardImage> image, std::unique_ptr<NvmStore> store) {
  if (!m_others) m_others = std::make_unique<Others>();
  m_others->push_back(std::make_unique<Nvm>(std::move(image), std::move(store)));
  return static_cast<std::uint32_t>(m_others->size());
}

std::uint32_t Card::partition() const {
  const auto number = m_nvm.read(partition_object());
  return number && number->size() == 4 ? *ByteReader(*number).u32() : 0;
}

Nvm* Card::find(std::uint32_t partition) {
  if (partition == 0) return &m_nvm;
  return m_others && partition <= m_others->size() ? (*m_others)[partition - 1].get() : nullptr;
}

Nvm& Card::in_use() {
  Nvm* const nvm = find(partition());
  if (nvm == nullptr) throw SystemError("partition " + std::to_string(partition()) + " was in use, and the card does not have it now");
  return *nvm;
}

void Card::set_observer(WriteObserver* observer) {
  m_nvm.set_observer(observer);
  if (!m_others) return;
  for (const auto& other : *m_others) other->set_observer(observer);
}

Result<void> Card::use_partition(std::uint32_t number) try {
  Nvm* const nvm = find(number);
  if (nvm == nullptr) return fail(ErrorCode::kNotFound, "the card has no partition " + std::to_string(number));
  if (number == partition()) return {};
  if (m_session && m_session->cat.is_busy()) {
    return fail(ErrorCode::kRefused, "catBusy: a proactive command is not answered yet, or an application waits for the terminal");
  }
  try {
    m_nvm.write_now(partition_object(), ByteWriter().u32(number).view());
    m_waiting.reset();
    if (!m_session) return {};
    nvm->recover();
    (void)m_session->use_partition(*nvm);
    begin();
    return {};
  } catch (const PowerCut&) {
    power_off();
    return fail(ErrorCode::kIo, "the power was cut while the partition changed");
  } catch (const std::exception& error) {
    power_off();
    return fail(ErrorCode::kIo, error.what());
  }
} catch (...) {
  return dead(*this);
}

Result<Atr> Card::reset() try {
  end_session();
  try {
    return start();
  } catch (const PowerCut&) {
    power_off();
    return fail(ErrorCode::kIo, "the power was cut in the middle of the reset");
  } catch (const std::exception& error) {
    power_off();
    return fail(ErrorCode::kIo, error.what());
  }
} catch (...) {
  return dead(*this);
}

Atr Card::start() {
  m_nvm.recover();  // it says which partition is in use
  Nvm& nvm = in_use();
  nvm.recover();
  m_session = std::make_unique<Session>(nvm, m_random, m_clock);
  begin();
  m_session->resumable = nvm.read(suspension_object()).has_value();
  const Atr& atr = nvm.image().settings().atr;
  const auto historical = nvm.read(registry_object(RegistryObject::kHistoricalBytes, 0));
  return historical ? with_historical_bytes(atr, *historical).value_or(atr) : atr;
}

void Card::begin() {
  ChannelState& basic = m_session->channels[0];
  Transaction transaction(*m_session, basic, m_session->security());
  commands::select_implicitly(*m_session, Channel{0});
  if (basic.instance) {
    transaction.commit();
  } else {
    transaction.rollback();
  }
  m_session->terminated = is_terminated(m_session->nvm());
}

void Card::end_session() {
  m_waiting.reset();
  m_session.reset();
}

void Card::power_off() {
  end_session();
  m_nvm.shrink();
  if (!m_others) return;
  for (const auto& other : *m_others) other->shrink();
}

Result<void> Card::select_protocol(Protocol protocol) try {
  if (!m_session) return fail(ErrorCode::kIo, "the card is not powered");
  const auto atr = parse_atr(m_session->nvm().image().settings().atr);
  const bool offered = atr && atr->offers(protocol);
  if (!offered) return fail(ErrorCode::kUnsupported, "the card's ATR does not offer this protocol");
  m_session->protocol = protocol;
  return {};
} catch (...) {
  return dead(*this);
}

Result<Bytes> Card::transmit(BytesView command) try {
  if (!m_session) return fail(ErrorCode::kIo, "the card is not powered");
  try {
    return process(command);
  } catch (...) {
    const auto status = after_exception();
    return status ? Result<Bytes>(answer(*status)) : tl::unexpected(status.error());
  }
} catch (...) {
  return dead(*this);
}

Result<StatusWord> Card::run(ChannelState& channel, const apdu::Command& command, Handler handler) try {
  if (!m_session) return fail(ErrorCode::kIo, "the card is not powered");
  try {
    Bytes out;
    Execution execution{*m_session, channel, Channel{0}, m_session->security(), command, out};
    return run_transaction(execution, handler);
  } catch (...) {
    return after_exception();
  }
} catch (...) {
  return dead(*this);
}

Result<StatusWord> Card::after_exception() {
  m_waiting.reset();
  try {
    throw;
  } catch (const PowerCut&) {
    power_off();
    return fail(ErrorCode::kIo, "the power was cut in the middle of a command");
  } catch (const StoreFailure&) {
    // The medium may have kept the command or not. What is volatile (selections, security status, the applications' objects) may be on the
    // other side, so it starts again.
    const Protocol protocol = m_session->protocol;
    if (const auto atr = reset(); !atr) return tl::unexpected(atr.error());
    m_session->protocol = protocol;
    return sw::kMemoryProblem;
  } catch (...) {
    return sw::kNoPreciseDiagnosis;
  }
}

std::optional<Card::Address> Card::address_of(std::uint8_t cla) const {
  const auto on = [&](std::uint8_t channel) {
    const bool jcre = m_session->is_of_jcre(m_session->channels[channel]);
    return Address{apdu::cla_on_basic_channel(cla), channel, jcre ? Rules::kJcre : Rules::kUicc, cla};
  };
  if (apdu::is_of_uicc(cla)) return on(apdu::channel_of(cla));
  if (jcre::has_class(cla)) {
    const Address to = on(apdu::channel_of(cla));
    if (to.rules == Rules::kJcre) return to;
  }
  if (cla == kGsmClass && m_session->nvm().image().settings().gsm_class) return Address{kGsmClass, 0, Rules::kGsm, cla};
  return std::nullopt;
}

bool Card::is_repeated(BytesView bytes) const {
  if (!m_waiting || !m_waiting->header || bytes.size() != 5) return false;
  const std::size_t size = m_waiting->data.size();
  return equal(bytes.first(4), *m_waiting->header) && bytes[4] == (size < 256 ? size : 0);
}

Bytes Card::process(BytesView bytes) {
  if (bytes.size() < 4) return answer(sw::kWrongLength);
  if (bytes[0] != kGsmClass && !m_session->nvm().image().settings().choices.uicc_class) {
    m_waiting.reset();
    return answer(sw::kClaNotSupported);
  }
  if (is_repeated(bytes)) {
    m_waiting->header.reset();  // what is left of it comes by GET RESPONSE
    return deliver_waiting(std::min<std::size_t>(m_waiting->data.size(), 256));
  }
  const auto to = address_of(bytes[0]);
  if (bytes[1] == apdu::kGetResponse) {
    const bool waits = m_waiting && !m_waiting->header && to && m_waiting->channel == to->channel;
    if (waits || !to || to->rules != Rules::kJcre) return get_response(bytes, to);
  }
  m_waiting.reset();  // GET RESPONSE must follow at once (clause 12.1.1)
  if (m_session->terminated || m_session->suspended) return answer(sw::kConditionsNotSatisfied);

  if (m_session->resumable && bytes[1] != kSuspendUicc) {
    // RESUME is the first command or none: any other begins a session that the kept one must not come into (clause 11.1.22.1).
    Transaction transaction(*m_session, m_session->channels[0], m_session->security());
    m_session->resumable = false;
    m_session->nvm().erase(suspension_object());
    transaction.commit();
  }

  if (!m_session->resumable) m_session->toolkit().first_command();

  auto command = apdu::parse(bytes);
  if (!command) return answer(sw::kWrongLength);
  // T=0 knows no header without P3: of a command of case 1 it is 00, and reads as Le (clause 7.3.1.1.2).
  if (m_session->protocol == Protocol::kT0 && command->kind() == apdu::Case::k1) command->le = 256;
  m_session->out.clear();
  if (!to) return answer(sw::kClaNotSupported);
  if (to->rules == Rules::kGsm) {
    Execution execution{*m_session, m_session->channels[0], Channel{0}, m_session->security(), *command, m_session->out};
    return present(*command, gsm::run(execution), *to);
  }
  if (!m_session->channels[to->channel].open) return answer(sw::kChannelNotSupported);
  command->cla = to->plain;
  return run_on_channel(*command, *to);
}

inline Bytes Card::run_on_channel(const apdu::Command& command, const Address& to) {
  Execution execution{*m_session, m_session->channels[to.channel], Channel{to.channel}, m_session->security(), command, m_session->out};
  execution.sent_class = to.sent;
  const StatusWord status = run_transaction(execution);
  if (status == sw::kOk && command.ins == 0xFE) m_session->terminated = is_terminated(m_session->nvm());
  return present(command, status, {to.plain, to.channel, execution.data_with_any_status ? Rules::kJcre : Rules::kUicc, to.sent});
}

StatusWord Card::with_proactive(StatusWord status) const {
  const auto size = m_session->cat.announced();
  if (!size) return status;
  if (status == sw::kOk) return sw::proactive_pending(*size);
  if (status == sw::kMoreData) return sw::kMoreDataAndProactive;
  return status == sw::kMoreDataExpected ? sw::kMoreDataExpectedAndProactive : status;
}

Bytes Card::present(const apdu::Command& command, StatusWord status, const Address& to) {
  const bool of_jcre = to.rules == Rules::kJcre;
  if (m_session->out.empty() || (!status.is_success() && !of_jcre)) return answer(with_proactive(status));
  const bool gsm = to.rules == Rules::kGsm;
  const auto keep = [&](std::size_t offset) {
    m_waiting = std::make_unique<Waiting>(Waiting{std::move(m_session->out), offset, status, to.channel, gsm});
    m_session->out.clear();
    const std::size_t left = m_waiting->data.size() - offset;
    return gsm ? sw::gsm_bytes_available(left) : sw::bytes_available(left);
  };
  const bool t0 = m_session->protocol == Protocol::kT0;
  // Case 2: the exact length under T=0, a limit under T=1. What 6Cxx cannot say, more than 256 bytes, comes in parts with 61xx behind
  // each (ISO/IEC 7816-3 clauses 12.2.6 and 12.1; ISO/IEC 7816-4 clause 5.3.4).
  if (command.data.empty() && command.le) {
    const bool in_parts = m_session->out.size() > 256 && *command.le >= 256;
    const bool fits = t0 ? m_session->out.size() == *command.le : m_session->out.size() <= *command.le;
    if (fits) return answer(m_session->out, with_proactive(status));
    if (!in_parts || gsm) {
      const StatusWord length = sw::exact_length(m_session->out.size());
      // The application is not called again: the answer waits for the command with the right Le (JCRE 3.1 clause 9.4).
      if (of_jcre) {
        (void)keep(0);
        m_waiting->header = {to.sent, command.ins, command.p1, command.p2};
      }
      return answer(length);
    }
  } else if (t0 || gsm || !command.le) {
    // Case 4 under T=0 answers 61xx, with or without Le (clause 7.3.1.1.5). Under T=1 a terminal that sent no Le gets the same, as
    // interface devices and clients exist that leave it out. A warning is sent after the data, or before it by GET RESPONSE: the clause
    // makes the terminal go on after 62xx and 63xx as after 61xx.
    const bool first = t0 && to.rules == Rules::kUicc && status.is_warning() && m_session->nvm().image().settings().choices.warning_first;
    if (!first) return answer(keep(0));
    const StatusWord warning = std::exchange(status, sw::kOk);
    (void)keep(0);
    return answer(with_proactive(warning));
  }
  if (m_session->out.size() <= *command.le) return answer(m_session->out, with_proactive(status));
  const Bytes first(m_session->out.begin(), m_session->out.begin() + static_cast<std::ptrdiff_t>(*command.le));
  return answer(first, keep(first.size()));
}

Bytes Card::get_response(BytesView bytes, const std::optional<Address>& to) {
  const auto command = apdu::parse(bytes);
  if (!command) return answer(sw::kWrongLength);
  if (!to && command->cla != kGsmClass) return answer(sw::kClaNotSupported);
  const bool gsm = to && to->rules == Rules::kGsm;
  if (!m_waiting || m_waiting->header || !to || m_waiting->channel != to->channel) {
    m_waiting.reset();
    return answer(sw::kNoPreciseDiagnosis);
  }
  if (command->p1p2() != 0) return answer(sw::kIncorrectP1P2);
  if (!command->data.empty() || !command->le) return answer(sw::kWrongLength);
  const std::size_t left = m_waiting->data.size() - m_waiting->offset;
  if (*command->le == left || (m_session->protocol == Protocol::kT1 && left <= *command->le)) {
    return deliver_waiting(left);
  }
  // Class A0 terminals read the beginning of an answer and leave the rest (3GPP TS 51.011 clause 9.2.18).
  if (*command->le < left) return deliver_waiting(*command->le);
  return answer(gsm ? StatusWord{static_cast<std::uint16_t>(0x6700 | left)} : sw::exact_length(left));
}

Bytes Card::deliver_waiting(std::size_t size) {
  const std::size_t left = m_waiting->data.size() - m_waiting->offset - size;
  const BytesView data = BytesView{m_waiting->data}.subspan(m_waiting->offset, size);
  if (left == 0 || m_waiting->gsm) {
    Bytes whole = answer(data, with_proactive(m_waiting->status));
    m_waiting.reset();
    return whole;
  }
  Bytes part = answer(data, sw::bytes_available(left));
  m_waiting->offset += size;
  return part;
}

}  // namespace uicclab::emulator
