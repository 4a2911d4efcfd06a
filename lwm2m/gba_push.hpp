// SPDX-License-Identifier: Apache-2.0
// GBA Push: 3GPP TS 33.223, with the keys of TS 33.220. The octets of the GBA Push Info are OURS (docs/formats/gba-push-info.md): they
// carry the fields that the clauses name, in a coding of our own, and no other implementation will read them.
#pragma once

#include <string>
#include <variant>

#include "core/crypto/milenage.hpp"
#include "core/environment.hpp"

namespace uicclab::lwm2m {

/// Where the keys are made (TS 33.223 clause 4.1; TS 33.220 clauses 4 and 5).
enum class PushMode : std::uint8_t {
  kMe = 0,   ///< GBA_ME: CK and IK go to the device, AUTN is a plain one
  kUicc = 1  ///< GBA_U: they stay in the card, AUTN* has its MAC modified, the key is Ks_int_NAF
};

/// GBA Push Info.
struct PushInfo {
  PushMode mode = PushMode::kMe;
  crypto::Rand rand{};
  std::array<std::uint8_t, 16> autn{};
  std::string p_tid;        ///< names the uplink security association
  std::string application;  ///< label of the application that the keys are for
  Bytes naf_id;
  std::uint32_t lifetime = 0;  ///< seconds; 0: no end
  bool operator==(const PushInfo&) const = default;
};

/// A GPI as it came, with what its check value covers.
struct SignedPush {
  PushInfo info;
  BytesView covered;  ///< points into the input
  std::array<std::uint8_t, 16> mac{};
};

/// `integrity_key` is the Ks_(ext)_NAF of the BSF's own identifier. Throws SystemError for a text or NAF_Id over 255 bytes.
Bytes encode_push(const PushInfo& info, const crypto::SecretBytes& integrity_key);
/// Errors: kTruncated, kMalformed (a field absent, twice, of a wrong length, unknown, out of order), kUnsupported for another version,
/// kTrailing.
Result<SignedPush> parse_push(BytesView bytes);
bool is_authentic(const SignedPush& push, const crypto::SecretBytes& integrity_key);

/// 5 octets: 03 is OMA's; 0300000004 is not assigned, and a setting wherever it is used.
using UaProtocol = std::array<std::uint8_t, 5>;
inline constexpr UaProtocol kDefaultUaProtocol{0x03, 0x00, 0x00, 0x00, 0x04};

/// NAF_Id = FQDN || Ua security protocol identifier (TS 33.220 annex B.3).
Bytes naf_id_of(std::string_view fqdn, const UaProtocol& ua = kDefaultUaProtocol);
/// The private identity of a subscriber without an ISIM (TS 23.003 clause 13.3). `mnc_size` is 2 or 3. Errors: kMalformed for an IMSI
/// that is not 6 to 15 digits.
Result<std::string> impi_of(std::string_view imsi, std::size_t mnc_size);

// --- the device's end ---

struct SyncFailure {
  Bytes auts;
};
struct NotAuthenticated {};  ///< wrong MAC, context not supported, no such card

/// What GBA asks of the card (TS 31.102 clause 7.1.2).
class GbaCard {
 public:
  struct AkaKeys {
    crypto::SecretBytes ck, ik;
  };
  template <typename T>
  using Answer = std::variant<T, SyncFailure, NotAuthenticated>;

  virtual ~GbaCard() = default;
  /// AUTHENTICATE in the 3G context.
  virtual Answer<AkaKeys> authenticate(const crypto::Rand& rand, BytesView autn) = 0;
  /// AUTHENTICATE in the GBA context, bootstrapping.
  virtual Answer<std::monostate> bootstrap(const crypto::Rand& rand, BytesView autn_star) = 0;
  /// The same, NAF derivation: Ks_ext_NAF; Ks_int_NAF stays in the card.
  virtual Answer<crypto::SecretBytes> derive(BytesView naf_id, BytesView impi) = 0;
};

struct ReceivedPush {
  PushInfo info;
  crypto::SecretBytes ks_naf;  ///< Ks_NAF, or Ks_ext_NAF of GBA_U, where the session keys come from Ks_int_NAF inside the card
};

/// A push that led to no keys.
struct PushRefusal {
  enum class Reason {
    kMalformed,      ///< no GPI
    kReplayed,       ///< the card has seen its sequence number: AUTS goes back
    kRefused,        ///< the card did not accept the challenge
    kWrongIntegrity  ///< the check value is wrong
  };
  Reason reason;
  Bytes auts;
};

/// Runs a push through the card and checks it with what comes out (TS 33.223 clause 5.1.3).
tl::expected<ReceivedPush, PushRefusal> receive_push(BytesView bytes, GbaCard& card, BytesView impi, BytesView bsf_id);

// --- the network's end ---

/// HSS and BSF in one, for one subscriber: a stand-in for tests and laboratories.
class PushBsf {
 public:
  /// SQN is the last one used. Errors: kRange for a key that has not 16 bytes.
  static Result<PushBsf> from(const crypto::SecretBytes& k, const crypto::SecretBytes& opc, std::uint64_t sqn, std::string_view impi,
                              BytesView bsf_id);

  struct Push {
    Bytes gpi;
    PushInfo info;
    crypto::SecretBytes ks_naf;  ///< Ks_NAF of GBA_ME, Ks_int_NAF of GBA_U
  };
  /// A new authentication vector, used once (disposable Ks: TS 33.223 clause 4.3).
  Push push(PushMode mode, BytesView naf_id, std::uint32_t lifetime, std::string_view application, Random& random);

  /// Takes over the card's SQN from the AUTS of that RAND. Errors: as crypto::open_auts().
  Result<void> resynchronise(const crypto::Rand& rand, BytesView auts);

  /// To be kept by the caller across runs: a sequence number used twice is refused by the card.
  std::uint64_t sqn() const { return m_sqn; }

 private:
  PushBsf(crypto::Milenage algorithm, std::uint64_t sqn, std::string_view impi, BytesView bsf_id)
      : m_algorithm(std::move(algorithm)), m_sqn(sqn), m_impi(impi), m_bsf_id(to_bytes(bsf_id)) {}

  crypto::Milenage m_algorithm;
  std::uint64_t m_sqn;
  std::string m_impi;
  Bytes m_bsf_id;
};

}  // namespace uicclab::lwm2m
