// SPDX-License-Identifier: Apache-2.0
// AUTHENTICATE of the USIM and the ISIM: 3GPP TS 31.102 clause 7.1, 3GPP TS 31.103 clause 7.1; ETSI TS 102 221 clause 11.1.16.
//
// INS 88 only. INS 89 (segmented BER-TLV data, for MBMS and Local Key Establishment) is answered 6D00, as these contexts are not there.
//
// What is asked first: class, P1 P2 (6A86), the service of the context (9864, security context not supported), the application PIN (6982),
// lengths (6700), tags (6A80), then the challenge. TS 31.102 orders only the last ones.
// DEVIATION: TS 31.102 clause 7.3.2 does not list 6A80 for AUTHENTICATE; no status word there says "wrong tag", and this one means it
// (ETSI TS 102 221 clause 10.2.1.5).
//
// GBA: the AUTN of a bootstrapping is AUTN*, its MAC modified by the BSF with Trunc(SHA-1(IK)) (TS 33.220 clause 5.3.2); an AUTN with a
// plain MAC is for the 3G context and gets 9862 here, as AUTN* does there. This is how the card distinguishes the two (TS 33.220
// clause 5.2.1).
#pragma once

#include <optional>

#include "applet/aka/engine.hpp"
#include "applet/aka/gba.hpp"
#include "applet/api/applet.hpp"
#include "core/apdu.hpp"

namespace uicclab::applet::aka {

/// Service of a service table; 0: none is asked for.
struct Service {
  std::uint8_t number = 0;
};

/// The security contexts that P2 can name.
enum class SecurityContext { kGsm, kAka, kGba, kUnsupported };

struct ContextRow {
  std::uint8_t p2;
  SecurityContext context;
  Service service;
};

/// What differs between the applications.
struct Application {
  std::array<std::uint8_t, 2> service_table;  ///< EF_UST or EF_IST
  std::span<const ContextRow> contexts;
  Service kc_service;  ///< with it the answer carries Kc; 0: never
  GbaFiles gba;
};

/// The service is available in EF_UST or EF_IST (TS 31.102 clause 4.2.8).
bool has_service(Context& context, const Application& application, Service service);

/// The AUTHENTICATE of one instance. Keeps the keyed algorithms; everything else is in the context.
class Authenticator {
 public:
  explicit Authenticator(const Application& application) : m_application(application) {}

  StatusWord authenticate(Context& context, const apdu::Command& command, Bytes& out);
  /// SRES and Kc without lengths, as class A0 has them. No service is asked for.
  StatusWord run_gsm_algorithm(Context& context, BytesView rand, Bytes& out);
  /// The subscriber's algorithms; null if the instance was not personalised.
  Engine* engine(const Context& context);
  /// The subscriber is another one.
  void forget() { m_engine.reset(); }

 private:
  static StatusWord gsm(Engine& keyed, const apdu::Command& command, Bytes& out);
  StatusWord aka(Context& context, Engine& keyed, const apdu::Command& command, Bytes& out);
  StatusWord gba(Context& context, Engine& keyed, const apdu::Command& command, Bytes& out);
  StatusWord gba_bootstrap(Context& context, Engine& keyed, BytesView data, Bytes& out);
  StatusWord gba_naf(Context& context, BytesView data, Bytes& out);

  const Application& m_application;
  std::optional<Engine> m_engine;
};

}  // namespace uicclab::applet::aka
