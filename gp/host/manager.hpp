// SPDX-License-Identifier: Apache-2.0
// Card content management from outside: one security domain of a card, over any CardPort, through a secure channel. The commands are those
// of GP chapter 11.
#pragma once

#include "gp/host/auto_session.hpp"
#include "gp/host/card_information.hpp"
#include "gp/host/load_file.hpp"
#include "gp/install.hpp"
#include "gp/registry_entry.hpp"
#include "scp03/put_key.hpp"
#include "scp03/secure_channel_port.hpp"

namespace uicclab::gp::host {

/// Hash of the load file data block in INSTALL [for load] (GP clause C.2).
enum class LoadHash { kNone, kSha1, kSha256, kSha384, kSha512 };

/// SELECT finds the domain: a card that answers it without FCI is taken to have selected Options::domain, if that is given.
/// What is asked of the card and refused is Error::kRefused, with the command, the status word in words and the clause.
class Manager {
 public:
  struct Options {
    Aid domain;                                 ///< empty: what the card selects without an AID
    std::optional<scp03::SecurityLevel> level;  ///< nothing: the highest that the card offers
    std::optional<bool> s16;                    ///< nothing: as the card recognition data says
    std::optional<scp03::legacy::Scp02Allowed> scp02;
    /// Plan only: this gets, in plain, every command that would be sent and does more than read; none of them is sent.
    std::function<void(const apdu::Command&)> plan;
  };

  /// `port` and `random` outlive this object.
  Manager(CardPort& port, Random& random, Options options) : m_channel(port, random), m_options(std::move(options)) {}

  /// Selects the security domain and reads its data that need no keys. Errors: kRefused; those of the port and of the codecs.
  Result<CardInformation> connect();

  /// Opens the secure channel; `tell` gets the parameters of the session before EXTERNAL AUTHENTICATE is sent. Before anything is sent, the
  /// keys are compared with the key information template of connect(): kMismatch.
  Result<void> open(const KeyMaterial& keys, AutoSession::Tell tell);

  /// All data of the domain, GET STATUS of the card, applications, load files with modules; in the old form (P2 00) from a card that
  /// knows no other (6A86).
  Result<RegistryAnswer> registry();

  struct Load {
    Aid domain;  ///< empty: the one that gets the command
    LoadHash hash = LoadHash::kNone;
    std::vector<Dap> daps;
    Bytes parameters;            ///< EF { .. }, as they are
    std::size_t block_size = 0;  ///< 0: the largest that fits
  };
  /// Called before each block and after the last; false stops.
  using Progress = std::function<bool(std::size_t done, std::size_t total)>;
  /// INSTALL [for load] and LOAD. If it ends early, for whatever reason, what is left on the card is looked for and deleted, in a new
  /// session if need be, and the error says how that went. Errors: kRange (over 256 blocks; nothing was sent); kRefused; kIo.
  Result<void> load(const LoadFile& file, const Load& how, const Progress& progress);

  /// INSTALL of another form (gp::install).
  Result<void> install(std::uint8_t form, const InstallFields& fields);
  Result<void> remove(const Aid& aid, bool with_dependants);
  Result<void> remove_keys(const DeleteData& which);

  /// PUT KEY of ENC, MAC and DEK, diversified for this card if `keys` say so. `replace` 0: a new key version. The card's key check values
  /// are compared: kMismatch.
  Result<void> put_key_set(KeyVersion replace, KeyVersion version, scp03::KeyType type, const KeyMaterial& keys);
  /// PUT KEY of one key.
  Result<void> put_key(KeyVersion replace, KeyVersion version, KeyId id, scp03::KeyType type, const crypto::SecretBytes& key);

  /// SET STATUS of the card (clause 11.10).
  Result<void> set_card_state(CardState state);
  Result<void> set_locked(const Aid& application, bool locked);

  /// STORE DATA in as many blocks as it takes; `format` is P1 without the bit of the last block (table 11-89): 10 BER-TLV, 08 DGI, 00 none.
  /// For an application: INSTALL [for personalization] first.
  Result<void> store_data(BytesView data, std::uint8_t format, const Aid& application);

  /// One command through the channel, whatever it is. Errors: those of the port and of the channel.
  Result<apdu::Response> send(const apdu::Command& plain);

  const Opening& opening() const { return m_opening; }
  const scp03::HostChannel* session() const { return m_channel.session(); }
  /// The longest data of a command now.
  std::size_t max_command_data() const;

 private:
  Result<void> select();
  Result<void> open_again();
  Result<void> plan_session(const AutoSession::Options& options);
  Result<void> check_against_template(const KeyMaterial& keys) const;
  Result<Bytes> must(const apdu::Command& plain);
  Result<void> get_status(StatusOf of, RegistryAnswer& out);
  Result<void> send_blocks(BytesView data, std::size_t size, const Progress& progress);
  std::string clean_up(const Aid& load_file);
  Result<void> put(KeyVersion replace, KeyVersion version, std::uint8_t p2, scp03::KeyType type,
                   std::initializer_list<const crypto::SecretBytes*> keys);

  scp03::SecureChannelPort m_channel;
  Options m_options;
  CardInformation m_information;
  bool m_old_status = false;  ///< the card knows GET STATUS in the old form only
  KeyMaterial m_keys;
  AutoSession::Tell m_tell;
  Opening m_opening;
};

}  // namespace uicclab::gp::host
