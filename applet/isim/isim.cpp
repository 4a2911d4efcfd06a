// SPDX-License-Identifier: Apache-2.0
#include "applet/isim/isim.hpp"

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

}  // namespace

Isim::Isim() : m_authenticator(kIsim) {}

StatusWord Isim::process(Context& context, const apdu::Command& command, Bytes& out) {
  if (command.ins != kAuthenticate) return sw::kInsNotSupported;
  if (apdu::is_proprietary(command.cla)) return sw::kClaNotSupported;
  return m_authenticator.authenticate(context, command, out);
}

}  // namespace uicclab::applet::isim
