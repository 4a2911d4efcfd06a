// SPDX-License-Identifier: Apache-2.0
#include "gp/host/manager.hpp"

#include "core/transceive.hpp"
#include "gp/host/words.hpp"

namespace uicclab::gp::host {
namespace {

tl::unexpected<Error> refused(const apdu::Command& command, StatusWord status) {
  return fail(ErrorCode::kRefused, command_name(command) + " answered " + explain(command, status));
}

/// Warnings 62xx too (6200: deleted, its memory is not free yet), and 91xx: a UICC has a proactive command waiting.
bool is_done(StatusWord status) {
  return status.is_success() && status.sw1() != 0x63;
}

/// Stands in for the session's key cipher in a plan, where there is no session; nothing of it is shown.
class NoCipher final : public scp03::KeyCipher {
 public:
  std::size_t block_size() const override { return crypto::kAesBlockSize; }
  Bytes encrypt(BytesView plain) override { return Bytes(plain.size()); }
  Result<Bytes> decrypt(BytesView cipher) override { return Bytes(cipher.size()); }
};

}  // namespace

Result<apdu::Response> Manager::send(const apdu::Command& plain) {
  const bool in_plain = plain.ins == apdu::kSelect || plain.ins == 0xCA;  // SELECT and GET DATA need no session
  if (m_options.plan && !in_plain) {
    m_options.plan(plain);
    return apdu::Response{{}, only_reads(plain) ? sw::kReferencedDataNotFound : sw::kOk};
  }
  return transceive(m_channel, plain);
}

Result<Bytes> Manager::must(const apdu::Command& plain) {
  auto response = send(plain);
  if (!response) return tl::unexpected(response.error());
  if (!is_done(response->status)) return refused(plain, response->status);
  return std::move(response->data);
}

Result<void> Manager::select() {
  const apdu::Command command{.cla = 0x00, .ins = 0xA4, .p1 = 0x04, .data = m_options.domain.bytes(), .le = 256};
  auto answer = transceive(m_channel, command);
  if (!answer) return tl::unexpected(answer.error());
  const bool locked = answer->status == sw::kFileDeactivated;  // GP clause 11.9.3.2: CARD_LOCKED
  if (answer->status != sw::kOk && !locked) return refused(command, answer->status);
  auto domain = SelectedDomain::parse(answer->data);
  if (!domain && m_options.domain.empty()) return tl::unexpected(domain.error());
  if (!domain) domain = SelectedDomain{};  // GP clause 11.9.3.1 wants an FCI; old cards answer 9000 alone
  domain->locked = locked;
  if (domain->aid.empty()) domain->aid = m_options.domain;
  m_information.domain = *domain;
  return {};
}

Result<CardInformation> Manager::connect() {
  m_channel.close();
  if (auto selected = select(); !selected) return tl::unexpected(selected.error());
  auto information = read_information(m_channel, m_information.domain);
  if (information) m_information = *information;
  return information;
}

/// Only what the card says for certain stops: no template, or no version named and several there, and the card cryptogram has to do.
Result<void> Manager::check_against_template(const KeyMaterial& keys) const {
  std::vector<KeyVersion> versions;
  for (const KeyInformation& key : m_information.keys) {
    if (std::ranges::find(versions, key.version) == versions.end()) versions.push_back(key.version);
  }
  if (versions.empty() || (keys.version.value == 0 && versions.size() > 1)) return {};
  const KeyVersion wanted = keys.version.value == 0 ? versions.front() : keys.version;
  if (std::ranges::find(versions, wanted) == versions.end()) {
    std::string there;
    for (const KeyVersion one : versions) there += " " + hex_byte(one.value);
    return fail(ErrorCode::kMismatch, "the card has no key version " + hex_byte(wanted.value) + "; it has:" + there +
                                          " (key information template). Nothing was sent with these keys");
  }
  // Cards list one key several times, in each of the types that it may be used as.
  for (const std::uint8_t id : std::to_array<std::uint8_t>({1, 2, 3})) {
    const crypto::SecretBytes& given = id == 1 ? keys.enc : id == 2 ? keys.mac : keys.dek;
    std::string lengths;
    bool fits = false;
    for (const KeyInformation& key : m_information.keys) {
      if (key.version != wanted || key.id.value != id) continue;
      fits = fits || key.length == given.size() || key.length == 0;
      lengths += (lengths.empty() ? "" : " or ") + std::to_string(key.length);
    }
    if (fits || lengths.empty()) continue;
    return fail(ErrorCode::kMismatch, "key " + hex_byte(id) + " of key version " + hex_byte(wanted.value) + " on the card has " + lengths +
                                          " bytes, the one in '" + keys.name + "' has " + std::to_string(given.size()) +
                                          ". Nothing was sent with these keys");
  }
  return {};
}

Result<void> Manager::open(const KeyMaterial& keys, AutoSession::Tell tell) {
  if (auto fits = check_against_template(keys); !fits) return fits;
  m_keys = keys.clone();
  m_tell = std::move(tell);
  return open_again();
}

Result<void> Manager::open_again() {
  AutoSession::Options options;
  options.version = m_keys.version;
  options.level = m_options.level;
  options.aid = m_information.domain.aid;
  options.scp02 = m_options.scp02;
  if (const auto i = m_information.mode_of(scp03::legacy::kScp02Number)) options.scp02_i = *i;
  const auto i = m_information.mode_of(scp03::kProtocolNumber);
  if (m_options.s16 || i) options.s16 = m_options.s16.value_or(i && scp03::Mode{*i}.is_s16());
  // GP clause E.1.1: of the implementation options of SCP02, the bits of what it does at commands must be those of 15 and 55.
  if (m_options.scp02 && m_information.mode_of(scp03::legacy::kScp02Number) && (options.scp02_i & 0x1F) != 0x15) {
    return fail(ErrorCode::kUnsupported, "the card speaks SCP02 with i=" + hex_byte(options.scp02_i) + ", which is not 15, 35, 55 or 75");
  }
  if (m_options.plan) return plan_session(options);
  const auto tell = [this](const Opening& opening) -> Result<void> {
    m_opening = opening;
    return m_tell ? m_tell(opening) : Result<void>{};
  };
  return m_channel.open(std::make_unique<AutoSession>(options, m_keys.clone(), tell));
}

/// What the session will be, as far as the card says without being asked for one.
Result<void> Manager::plan_session(const AutoSession::Options& options) {
  const auto i = m_information.mode_of(scp03::kProtocolNumber);
  const bool scp02 = m_options.scp02 && !i;
  m_opening = {};
  m_opening.keys = m_keys.name;
  m_opening.diversification = m_keys.diversification;
  m_opening.version = m_keys.version;
  m_opening.protocol = {scp02 ? scp03::legacy::kScp02Number : scp03::kProtocolNumber, scp02 ? options.scp02_i : i.value_or(0x70)};
  m_opening.level = options.level.value_or(scp02 ? scp03::Level::kCMacCEnc : highest_level(scp03::Mode{m_opening.protocol.i}));
  if (m_tell) {
    if (auto go = m_tell(m_opening); !go) return go;
  }
  const Bytes challenge(options.s16.value_or(false) ? 16 : 8);
  const Bytes cryptogram_and_mac(2 * challenge.size());
  (void)send({.cla = 0x80, .ins = 0x50, .p1 = m_keys.version.value, .data = challenge, .le = 256});
  (void)send({.cla = 0x84, .ins = 0x82, .p1 = m_opening.level.value(), .data = cryptogram_and_mac, .le = std::nullopt});
  return {};
}

std::size_t Manager::max_command_data() const {
  const std::size_t longest = m_information.domain.longest_command_data;
  if (const auto* session = m_channel.session()) return session->max_command_data(longest);
  const scp03::SecurityLevel level = m_opening.level;
  const bool scp02 = m_opening.protocol.number == scp03::legacy::kScp02Number;
  const std::size_t mac = scp02 ? crypto::kDesBlockSize : scp03::Mode{m_opening.protocol.i}.mac_size();
  return scp03::max_data(longest, level.c_mac() ? mac : 0,
                         !level.c_encryption() ? 0
                         : scp02               ? crypto::kDesBlockSize
                                               : crypto::kAesBlockSize);
}

Result<void> Manager::get_status(StatusOf of, RegistryAnswer& out) {
  constexpr StatusWord kMore{0x6310};
  constexpr auto kAll = "4F00"_h;
  constexpr unsigned kMaxParts = 1024;
  for (unsigned part = 0; part < kMaxParts; ++part) {
    const apdu::Command command{.cla = 0x80,
                                .ins = 0xF2,
                                .p1 = static_cast<std::uint8_t>(of),
                                .p2 = static_cast<std::uint8_t>((part == 0 ? 0x00 : 0x01) | (m_old_status ? 0x00 : 0x02)),
                                .data = kAll,
                                .le = 256};
    const auto answer = send(command);
    if (!answer) return tl::unexpected(answer.error());
    if (answer->status == sw::kReferencedDataNotFound) return {};
    if (answer->status == sw::kIncorrectP1P2 && part == 0 && !m_old_status) {
      m_old_status = true;  // GP clause 11.4.2.2: the form of before v2.2
      auto told = get_status(of, out);
      if (!told) m_old_status = false;  // neither form: it is P1 that this card does not know
      return told;
    }
    if (!is_done(answer->status) && answer->status != kMore) return refused(command, answer->status);
    m_old_status ? read_old_entries(answer->data, of, out) : read_entries(answer->data, of, out);
    if (answer->status != kMore) return {};
  }
  return fail(ErrorCode::kMalformed, "the answers to GET STATUS do not end");
}

Result<RegistryAnswer> Manager::registry() {
  RegistryAnswer out;
  for (const StatusOf of : {StatusOf::kIssuerDomain, StatusOf::kApplications}) {
    if (auto done = get_status(of, out); !done) return tl::unexpected(done.error());
  }
  const std::size_t before = out.entries.size();
  // Older cards list load files without their modules only.
  const auto with_modules = get_status(StatusOf::kLoadFilesAndModules, out);
  if (!with_modules && with_modules.error().code != ErrorCode::kRefused) return tl::unexpected(with_modules.error());
  if (out.entries.size() == before) {
    if (auto done = get_status(StatusOf::kLoadFiles, out); !done) return tl::unexpected(done.error());
  }
  return out;
}

Result<void> Manager::install(std::uint8_t form, const InstallFields& fields) {
  const Bytes data = fields.encoded();
  const auto done = must({.cla = 0x80, .ins = 0xE6, .p1 = form, .data = data, .le = 256});
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<void> Manager::remove(const Aid& aid, bool with_dependants) {
  DeleteData which;
  which.aid = aid;
  const Bytes data = which.encoded();
  const auto done = must({.cla = 0x80, .ins = 0xE4, .p2 = static_cast<std::uint8_t>(with_dependants ? 0x80 : 0), .data = data, .le = 256});
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<void> Manager::remove_keys(const DeleteData& which) {
  const Bytes data = which.encoded();
  const auto done = must({.cla = 0x80, .ins = 0xE4, .data = data, .le = 256});
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<void> Manager::put(KeyVersion replace, KeyVersion version, std::uint8_t p2, scp03::KeyType type,
                          std::initializer_list<const crypto::SecretBytes*> keys) {
  std::unique_ptr<scp03::KeyCipher> cipher = std::make_unique<NoCipher>();
  if (!m_options.plan) cipher = m_channel.session() != nullptr ? m_channel.session()->key_cipher() : nullptr;
  if (!cipher) return fail(ErrorCode::kRefused, "no secure channel session is open");
  Bytes data{version.value};
  Bytes expected{version.value};
  for (const crypto::SecretBytes* key : keys) {
    auto field = scp03::encode_key(*cipher, type, *key);
    if (!field) return tl::unexpected(field.error());
    append(data, *field);
    append(expected, BytesView(*field).last(3));  // the key check value
  }
  const auto answer = must({.cla = 0x80, .ins = 0xD8, .p1 = replace.value, .p2 = p2, .data = data, .le = 256});
  if (!answer) return tl::unexpected(answer.error());
  // GP clause 11.8.3.1: the version and the key check values; some cards report nothing, or the version only.
  if (answer->size() > 1 && !equal(*answer, expected)) {
    return fail(ErrorCode::kMismatch, "PUT KEY was carried out, but the card reports the key version and check values " + to_hex(*answer) +
                                          ", not " + to_hex(expected) + ": do not trust these keys");
  }
  return {};
}

Result<void> Manager::put_key_set(KeyVersion replace, KeyVersion version, scp03::KeyType type, const KeyMaterial& keys) {
  constexpr std::uint8_t kSeveralFromOne = 0x81;
  if (type == scp03::KeyType::kAes) {
    const auto set = keys.scp03_keys(m_opening.card_data, version);
    if (!set) return tl::unexpected(set.error());
    return put(replace, version, kSeveralFromOne, type, {&set->enc.secret(), &set->mac.secret(), &set->dek.secret()});
  }
  const auto set = keys.scp02_keys(m_opening.card_data, version);
  if (!set) return tl::unexpected(set.error());
  return put(replace, version, kSeveralFromOne, type, {&set->enc.secret(), &set->mac.secret(), &set->dek.secret()});
}

Result<void> Manager::put_key(KeyVersion replace, KeyVersion version, KeyId id, scp03::KeyType type, const crypto::SecretBytes& key) {
  return put(replace, version, id.value, type, {&key});
}

Result<void> Manager::set_card_state(CardState state) {
  const auto done = must({.cla = 0x80,
                          .ins = 0xF0,
                          .p1 = static_cast<std::uint8_t>(StatusOf::kIssuerDomain),
                          .p2 = static_cast<std::uint8_t>(state),
                          .data = m_information.domain.aid.bytes(),
                          .le = std::nullopt});
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<void> Manager::set_locked(const Aid& application, bool locked) {
  const auto done = must({.cla = 0x80,
                          .ins = 0xF0,
                          .p1 = static_cast<std::uint8_t>(StatusOf::kApplications),
                          .p2 = static_cast<std::uint8_t>(locked ? kLockedBit : 0),
                          .data = application.bytes(),
                          .le = std::nullopt});
  if (!done) return tl::unexpected(done.error());
  return {};
}

Result<void> Manager::store_data(BytesView data, std::uint8_t format, const Aid& application) {
  constexpr std::uint8_t kLast = 0x80;
  const std::size_t size = max_command_data();
  const std::size_t blocks = std::max<std::size_t>(1, (data.size() + size - 1) / size);
  if (blocks > 256) return fail(ErrorCode::kRange, "STORE DATA has at most 256 blocks; this needs " + std::to_string(blocks));
  if (!application.empty()) {
    InstallFields fields;
    fields.third = application;
    if (auto chosen = install(install::kPersonalization, fields); !chosen) return chosen;
  }
  for (std::size_t i = 0; i < blocks; ++i) {
    const BytesView block = data.subspan(i * size, std::min(size, data.size() - i * size));
    const auto p1 = static_cast<std::uint8_t>(i + 1 == blocks ? format | kLast : format);
    const auto done = must({.cla = 0x80, .ins = 0xE2, .p1 = p1, .p2 = static_cast<std::uint8_t>(i), .data = block, .le = std::nullopt});
    if (!done) return tl::unexpected(done.error());
  }
  return {};
}

}  // namespace uicclab::gp::host
