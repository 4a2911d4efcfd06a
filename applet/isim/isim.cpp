// SPDX-License-Identifier: Apache-2.0
#include "applet/isim/isim.hpp"

#include "applet/aka/provision.hpp"
#include "core/identity.hpp"

namespace uicclab::applet::isim {
namespace {

using aka::SecurityContext;

constexpr std::uint8_t kAuthenticate = 0x88;
constexpr aka::Service kGba{2};  // of EF_IST (TS 31.103 clause 4.2.7)

// P2 of AUTHENTICATE (TS 31.103 clause 7.1.2).
constexpr auto kContexts = std::to_array<aka::ContextRow>({
    {0x81, SecurityContext::kAka, {}},
    {0x82, SecurityContext::kUnsupported, {}},  // HTTP Digest
    {0x84, SecurityContext::kGba, kGba},
    {0x86, SecurityContext::kUnsupported, {}},  // Local Key Establishment
});

constexpr aka::Application kIsim{
    .service_table = {0x6F, 0x07}, .contexts = kContexts, .kc_service = {}, .gba = {{0x6F, 0xD5}, {0x6F, 0xD7}}};

// TS 31.103 clauses 4.2.2 to 4.2.4.
constexpr auto kPrivateIdentityFile = "6F02"_h;
constexpr auto kDomainFile = "6F03"_h;
constexpr auto kPublicIdentityFile = "6F04"_h;

/// The identity, FF behind it. False: no such file, or too small.
bool write_identity(Files& files, BytesView path, const std::string& text) {
  auto content = files.read_binary(path);
  const Bytes identity = encode_ims_identity(text);
  if (!content || content->size() < identity.size()) return false;
  std::ranges::fill(*content, std::uint8_t{0xFF});
  std::ranges::copy(identity, content->begin());
  return files.update_binary(path, 0, *content);
}

/// Identities of an IMSI as a UE without an ISIM derives them (TS 23.003 clauses 13.2, 13.3 and 13.4B). Other public identities are those
/// of the old subscriber.
bool write_identities(Files& files, const std::string& imsi, std::size_t mnc_digits) {
  const std::string domain = ims_domain(imsi.substr(0, 3), imsi.substr(3, mnc_digits));
  bool good = write_identity(files, kPrivateIdentityFile, imsi + "@" + domain) && write_identity(files, kDomainFile, domain) &&
              files.update_record(kPublicIdentityFile, 1, encode_ims_identity("sip:" + imsi + "@" + domain));
  for (std::size_t record = 2; good && record <= files.record_count(kPublicIdentityFile); ++record) {
    good = files.update_record(kPublicIdentityFile, record, {});
  }
  return good;
}

}  // namespace

Isim::Isim() : m_authenticator(kIsim) {}

StatusWord Isim::process(Context& context, const apdu::Command& command, Bytes& out) {
  if (command.ins != kAuthenticate) return sw::kInsNotSupported;
  if (apdu::is_proprietary(command.cla)) return sw::kClaNotSupported;
  return m_authenticator.authenticate(context, command, out);
}

applet::Service* Isim::service(const Aid& /*client*/, ServiceId id) {
  return id == ServiceId::kImsSubscribers ? static_cast<ImsSubscribers*>(this) : nullptr;
}

StatusWord Isim::provision_ims(Context& context, const ProvisionedSubscriber& subscriber) {
  m_authenticator.forget();
  if (!subscriber.algorithm.empty()) {
    if (const auto status = aka::provision_keys(context, subscriber); status != sw::kOk) return status;
  }
  aka::forget_gba(context, kIsim.gba);
  const bool good = subscriber.imsi.empty() || write_identities(context.files(), subscriber.imsi, subscriber.mnc_digits);
  return good ? sw::kOk : sw::kIncorrectData;
}

}  // namespace uicclab::applet::isim
