// SPDX-License-Identifier: Apache-2.0
#include "applet/mcim/mcim.hpp"

#include "applet/remote_management/script.hpp"
#include "core/ber_tlv.hpp"
#include "core/crypto/certificate_issue.hpp"
#include "core/reader.hpp"
#include "core/utf8.hpp"

namespace uicclab::applet::mcim {
namespace {

namespace object = uicclab::mcim;
using std::chrono::sys_seconds;

constexpr std::uint8_t kGetData = 0xCA;
constexpr std::uint8_t kGetChallenge = 0x84;
constexpr std::uint8_t kStoreData = 0xE2;
constexpr std::uint16_t kPublicKey = 0xDF20;
constexpr std::uint16_t kRequest = 0xDF21;
constexpr std::uint16_t kCertificate = 0xDF22;
constexpr ber::Tag kObject = 0x80;
constexpr ber::Tag kSignature = 0x81;
constexpr ber::Tag kCertificateTag = 0x82;
constexpr std::size_t kMostCertificate = 4096;
constexpr crypto::ExposeSecret kKeep{"an instance keeps its token in its own memory"};

// State: flag, nonce, its end in seconds, tries left, version.
object::Receiver::State load_state(const Context& context) {
  object::Receiver::State state;
  ByteReader in(context.load(kStateSlot).value_or(BytesView()));
  const auto flag = in.u8();
  const auto nonce = in.bytes(std::tuple_size_v<object::Nonce>);
  const auto until = in.number(8);
  const auto tries = in.u8();
  const auto version = in.u16();
  if (!version) return state;
  if (*flag != 0 && *tries != 0) {
    state.nonce.emplace();
    std::ranges::copy(*nonce, state.nonce->begin());
  }
  state.nonce_until = sys_seconds(std::chrono::seconds(static_cast<std::int64_t>(*until)));
  state.tries_left = *tries;
  state.version = *version;
  return state;
}

Bytes encode(const object::Receiver::State& state) {
  const auto until = static_cast<std::uint64_t>(state.nonce_until.time_since_epoch().count());
  ByteWriter out;
  return out.u8(state.nonce ? 1 : 0)
      .bytes(state.nonce.value_or(object::Nonce{}))
      .number(until, 8)
      .u8(state.tries_left)
      .u16(state.version)
      .take();
}

struct Options {
  object::Receiver::Options receiver;
  crypto::KeyKind key_kind = crypto::KeyKind::kP256;
};

Options load_options(const Context& context) {
  Options options;
  ByteReader in(context.load(kOptionsSlot).value_or(BytesView()));
  const auto target = in.lv().value_or(BytesView());
  options.receiver.target.assign(target.begin(), target.end());
  options.receiver.token = crypto::SecretBytes(in.lv().value_or(BytesView()));
  if (in.u8().value_or(0) != 0) options.key_kind = crypto::KeyKind::kRsa;
  options.receiver.literal = in.u8().value_or(0) != 0;
  if (!in.empty()) {
    auto sender = crypto::PublicKey::from_der(in.rest());
    if (!sender) throw SystemError("a sender's key that was good when it was written");
    options.receiver.sender = *std::move(sender);
  }
  if (const auto token = context.load(kTokenSlot)) options.receiver.token = crypto::SecretBytes(*token);
  return options;
}

sys_seconds now(const Context& context) {
  return sys_seconds(std::chrono::floor<std::chrono::seconds>(context.clock().now()));
}

std::string_view name_of(object::Algorithm algorithm) {
  switch (algorithm) {
    case object::Algorithm::kKept:
      return "";
    case object::Algorithm::kMilenage:
      return "milenage";
    case object::Algorithm::kTuak:
      return "tuak";
    case object::Algorithm::kXor:
      return "xor";
  }
  return "";
}

/// The key pair, made at its first use and final at once: a command that is repeated with another Le must find the same. It never leaves
/// the card.
crypto::PrivateKey key_pair(Context& context) {
  if (const auto kept = context.load(kKeySlot)) {
    auto key = crypto::PrivateKey::from_der(*kept);
    if (!key) throw SystemError("a key pair that was good when it was written");
    return *std::move(key);
  }
  auto made = crypto::PrivateKey::generate(load_options(context).key_kind);
  context.store_now(kKeySlot, made.der());
  return made;
}

/// PKCS #10: the proof that the card has the private key. Its name is the device's, cut to what a common name may have.
Bytes request(Context& context) {
  std::string name = load_options(context).receiver.target;
  if (name.empty()) name = "uicclab mcim";
  while (name.size() > 64 || first_non_utf8(as_bytes(name))) name.pop_back();
  auto made = crypto::request_certificate(key_pair(context), name);
  if (!made) throw SystemError("a certificate request: " + made.error().text);
  return *std::move(made);
}

/// What an object brings goes to the USIM, and to the ISIM if the object says so, or to this instance. Anything but 9000 is an error.
StatusWord apply(Context& context, const object::Subscription& change) {
  if (change.tag == object::Tag::kToken) {
    context.store(kTokenSlot, change.new_token.expose(kKeep));
    return sw::kOk;
  }
  const ProvisionedSubscriber subscriber{change.imsi,        name_of(change.algorithm), change.ki.clone(),
                                         change.opc.clone(), change.constants,          change.mnc_digits};
  StatusWord answer = sw::kFunctionNotSupported;  // no application takes subscribers
  (void)use_service<Subscribers>(context, [&](Subscribers& subscribers, Context& server) {
    answer = subscribers.provision(server, subscriber);
    return answer != sw::kFunctionNotSupported;
  });
  if (answer != sw::kOk || change.mnc_digits == 0) return answer;
  StatusWord ims = sw::kFunctionNotSupported;  // asked for, and no ISIM: refused, not forgotten
  (void)use_service<ImsSubscribers>(context, [&](ImsSubscribers& subscribers, Context& server) {
    ims = subscribers.provision_ims(server, subscriber);
    return true;
  });
  return ims;
}

}  // namespace

StatusWord Mcim::select(Context& /*context*/, Bytes& /*out*/) {
  m_blocks.clear();
  m_request.clear();
  return sw::kOk;
}

StatusWord Mcim::process(Context& context, const apdu::Command& command, Bytes& out) {
  if (command.ins == 0x50 || command.ins == 0x82) return context.process_security(command, out);
  if (!apdu::is_proprietary(command.cla)) return sw::kInsNotSupported;
  switch (command.ins) {
    case kGetData:
      return get_data(context, command, out);
    case kGetChallenge:
      return begin(context, command, out);
    case kStoreData:
      return store(context, command);
    default:
      return sw::kInsNotSupported;
  }
}

// The commands of process() in a script (TS 102 226 clause 5), each with its own transaction; its first block starts a new message.
std::optional<Bytes> Mcim::on_remote_request(Context& context, const RemoteRequest& request) {
  return remote_management::run_script(context, request, ota::CommandSet::kApplications);
}

StatusWord Mcim::get_data(Context& context, const apdu::Command& command, Bytes& out) {
  if (!command.data.empty()) return sw::kWrongLength;
  switch (command.p1p2()) {
    case kPublicKey:
      out = key_pair(context).public_key().der();
      return sw::kOk;
    case kRequest:
      // Made once a selection: a signature has another length each time, and the terminal that got 6Cxx comes back with the old one.
      if (m_request.empty()) m_request = request(context);
      out = m_request;
      return sw::kOk;
    case kCertificate: {
      const auto kept = context.load(kCertificateSlot);
      if (!kept) return sw::kReferencedDataNotFound;
      out = to_bytes(*kept);
      return sw::kOk;
    }
    default:
      return sw::kReferencedDataNotFound;
  }
}

StatusWord Mcim::begin(Context& context, const apdu::Command& command, Bytes& out) {
  if (!command.data.empty()) return sw::kWrongLength;
  if (command.p1p2() != 0) return sw::kIncorrectP1P2;
  object::Receiver receiver(load_options(context).receiver, load_state(context));
  append(out, receiver.begin(now(context), context.random()));
  context.store(kStateSlot, encode(receiver.state()));
  return sw::kOk;
}

StatusWord Mcim::store(Context& context, const apdu::Command& command) {
  const auto message = m_blocks.add(command);
  if (!message) return message.error();
  if (!*message) return sw::kOk;
  const BytesView data = (*message)->data;
  const auto certificate = ber::find(data, kCertificateTag);
  return certificate ? keep_certificate(context, *certificate) : take_over(context, data);
}

// Of the card's own key, whoever signed it: what a CA is worth is for those to judge who make objects.
StatusWord Mcim::keep_certificate(Context& context, BytesView certificate) {
  if (certificate.size() > kMostCertificate) return sw::kIncorrectData;
  const auto key = crypto::PublicKey::from_certificate(certificate);
  if (!key || !(*key == key_pair(context).public_key())) return sw::kIncorrectData;
  context.store(kCertificateSlot, certificate);
  return sw::kOk;
}

// Whatever is wrong, the answer is 6A80, after the same work (docs/formats/mcim.md); the try is written down before anything is looked at.
StatusWord Mcim::take_over(Context& context, BytesView message) {
  const auto wrapped = ber::find(message, kObject).value_or(BytesView());
  const auto signature = ber::find(message, kSignature).value_or(BytesView());
  const auto before = load_state(context);
  object::Receiver receiver(load_options(context).receiver, before);
  if (before.nonce) {
    auto tried = before;
    --tried.tries_left;
    context.store_now(kStateSlot, encode(tried));
  }
  const auto change = receiver.accept(wrapped, signature, key_pair(context), now(context), context.random());
  if (!change || apply(context, *change) != sw::kOk) return sw::kIncorrectData;
  context.store(kStateSlot, encode(receiver.state()));
  return sw::kOk;
}

}  // namespace uicclab::applet::mcim
