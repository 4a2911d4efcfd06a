// SPDX-License-Identifier: Apache-2.0
// uicclab gba take: the UE's side of GBA Push, with the USIM of any card; gba keys: what it has.
#include "cli/gba/take.hpp"

#include <filesystem>
#include <iostream>

#include "cli/card/card_option.hpp"
#include "cli/card/pin_option.hpp"
#include "cli/common/file_lock.hpp"
#include "cli/common/input_file.hpp"
#include "cli/common/private_file.hpp"
#include "cli/common/secret_text.hpp"
#include "cli/common/trace_option.hpp"
#include "cli/gba/gba.hpp"
#include "cli/gba/push_messages.hpp"
#include "core/crypto/random.hpp"
#include "core/hex.hpp"
#include "core/identity.hpp"
#include "core/visible.hpp"
#include "core/wall_clock.hpp"
#include "gba/identity.hpp"
#include "gba/time_text.hpp"
#include "gba/usim_gba.hpp"
#include "uicc/application.hpp"

namespace uicclab::cli {
namespace {

template <typename T>
T card_value(Result<T> result) {
  if (!result) throw failed(result.error(), kCheckFailed);
  return *std::move(result);
}

Bytes read_usim_file(lwm2m::device::CardFiles& files, BytesView path, const char* name) {
  const auto file = card_value(files.select(path));
  const auto content = file.status.is_success() ? card_value(files.read(file.size)) : uicc::ReadContent{file.status, {}};
  if (content.is_refused()) throw Exit{kCheckFailed, std::string(name) + ": the card answers " + to_hex(content.status)};
  return to_bytes(content.bytes);
}

[[noreturn]] void refused(const gba::PushRefusal& refusal, BytesView gpi) {
  using Reason = gba::PushRefusal::Reason;
  switch (refusal.reason) {
    case Reason::kMalformed:
      throw Exit{kCheckFailed, "this is not a GBA Push Info"};
    case Reason::kOtherNaf:
      throw Exit{kCheckFailed,
                 "the push is for the NAF " + gba::naf_name(gba::parse_push(gpi)->info.naf_id) + ", which is not the one that is wanted"};
    case Reason::kReplayed:
      throw Exit{kCheckFailed, "the card has seen this sequence number, or a later one; resynchronise the network with --resync " +
                                   to_hex(gba::parse_push(gpi)->info.rand) + ":" + to_hex(refusal.auts)};
    case Reason::kWrongIntegrity:
      throw Exit{kCheckFailed, "the check value of the push is wrong: it was changed on its way"};
    case Reason::kRefused:
      break;
  }
  throw Exit{kWrongKeys, "the card does not accept the challenge of this push"};
}

struct TakeOptions {
  CardOption card;
  TraceOption trace;
  std::vector<std::string> messages;
  std::string pin, naf;
  NafKeysOption keys;
};

int take(const TakeOptions& options) {
  const Bytes gpi = gpi_in(options.messages);
  const Bytes wanted = options.naf.empty() ? Bytes() : naf_id_option("--naf", options.naf);
  crypto::SystemRandom random;
  NafKeysFile file(options.keys, random);
  file.keep();  // a file that cannot be written, or a wrong storage key, shows before the push is spent
  Trace trace(options.trace);
  Atr atr;
  const auto card = options.card.open(atr, trace.sink());
  lwm2m::device::CardFiles files(card->port());
  const CardSubscriber subscriber = subscriber_of(files, options.pin);
  auto received = take_push(card->port(), gpi, subscriber.impi, wanted);
  const gba::PushInfo& info = received.info;
  gba::NafKey key;
  key.p_tid = info.p_tid;
  key.mode = info.mode;
  key.naf_id = info.naf_id;
  key.key = std::move(received.ks_naf);
  key.expires = info.lifetime == 0 ? 0 : file.now() + info.lifetime;
  const std::int64_t expires = key.expires;
  file.keys().add(std::move(key));
  file.keep();
  std::cout << name_of(info.mode) << ": " << (info.mode == gba::PushMode::kMe ? "Ks_NAF" : "Ks_ext_NAF") << " for "
            << gba::naf_name(info.naf_id) << " (" << visible(info.application) << "), NAF security association " << visible(info.p_tid)
            << (expires == 0 ? std::string(", without end") : ", until " + gba::time_text(expires)) << "\n";
  if (info.mode == gba::PushMode::kUicc) std::cout << "Ks_int_NAF stays in the card\n";
  return kOk;
}

int list(const NafKeysOption& option) {
  crypto::SystemRandom random;
  NafKeysFile file(option, random);
  file.keep();  // those that are over are forgotten
  for (const gba::NafKey& one : file.keys().all()) {
    std::cout << gba::naf_name(one.naf_id) << "  " << name_of(one.mode) << "  " << visible(one.p_tid) << "  "
              << (one.expires == 0 ? std::string("without end") : "until " + gba::time_text(one.expires)) << "\n";
  }
  return kOk;
}

}  // namespace

CardSubscriber subscriber_of(lwm2m::device::CardFiles& files, const std::string& pin) {
  const auto usim = card_value(files.select_application(uicc::kUsimAid));
  if (!usim.status.is_success()) throw Exit{kCheckFailed, "the card has no USIM: SELECT answers " + to_hex(usim.status)};
  if (!pin.empty() && card_value(files.ask_pin(0x01)) != sw::kOk) {
    const auto status = card_value(files.verify_pin(0x01, pin_value(pin, "--pin")));
    if (status != sw::kOk) throw Exit{kWrongKeys, "VERIFY PIN answers " + to_hex(status)};
  }
  const auto imsi = decode_imsi(read_usim_file(files, "7FFF6F07"_h, "EF_IMSI"));
  if (!imsi) throw Exit{kCheckFailed, "EF_IMSI does not contain an IMSI"};
  const Bytes ad = read_usim_file(files, "7FFF6FAD"_h, "EF_AD");
  const std::size_t digits = ad.size() > 3 && (ad[3] & 0x0F) == 3 ? 3 : 2;  // TS 31.102 clause 4.2.18
  return {*imsi, card_value(gba::impi_of(*imsi, digits))};
}

gba::ReceivedPush take_push(CardPort& port, BytesView gpi, const std::string& impi, BytesView naf_id) {
  gba::UsimGba usim(port);
  auto received = gba::receive_push(gpi, usim, as_bytes(impi), naf_id);
  if (!received) refused(received.error(), gpi);
  return *std::move(received);
}

void NafKeysOption::add_to(App& command, bool required) {
  command.add_option("--keys", name, "File with the NAF keys of the device, sealed")->required(required);
  command.add_option("--storage-key", storage_key,
                     "Key that encrypts that file: file:PATH or env:VARIABLE, 64 hexadecimal digits; default: a file next to it");
}

NafKeysFile::NafKeysFile(const NafKeysOption& option, Random& random)
    : m_option(option),
      m_lock(lock_file(option.name)),
      m_random(random),
      m_storage_key(cli::storage_key(option.storage_key, option.name, random)),
      m_now(std::chrono::duration_cast<std::chrono::seconds>(WallClock().now()).count()) {
  if (!std::filesystem::exists(option.name)) return;
  auto keys = gba::NafKeys::open(read_input(option.name, kObjectFile), m_storage_key);
  if (!keys) throw Exit{kWrongKeys, option.name + ": " + keys.error().text};
  m_keys = *std::move(keys);
  m_keys.forget_over(m_now);
}

void NafKeysFile::keep() const {
  write_private(m_option.name, m_keys.sealed(m_storage_key, m_random));
}

void add_gba_take(App& gba, Action& action) {
  const auto options = std::make_shared<TakeOptions>();  // shared with the callbacks, which outlive this function
  auto* taking = gba.add_subcommand("take", "The UE: check a push with the card's USIM and keep its NAF key, sealed");
  taking->add_option("MESSAGE", options->messages, "SMS-DELIVER of a WAP push in hexadecimal, all parts; or the GBA Push Info itself")
      ->required();
  options->card.add_to(*taking);
  taking->add_option("--pin", options->pin, std::string("PIN (key reference 01), sent if the card requires it: ") + kSecretForms);
  taking->add_option("--naf", options->naf, "Take it only if it is for this NAF: FQDN, or FQDN/Ua security protocol identifier");
  options->keys.add_to(*taking, true);
  Trace::add_to(*taking, options->trace);
  set_example(*taking, "  uicclab gba take 475049... --state card.db --keys naf-keys --naf dm.example.com");
  taking->callback([options, &action] { action = [options] { return take(*options); }; });

  auto* listing = gba.add_subcommand("keys", "Print which NAF keys the UE has; those that are over are forgotten");
  options->keys.add_to(*listing, true);
  set_example(*listing, "  uicclab gba keys --keys naf-keys");
  listing->callback([options, &action] { action = [options] { return list(options->keys); }; });
}

}  // namespace uicclab::cli
