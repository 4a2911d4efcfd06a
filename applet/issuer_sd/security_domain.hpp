// SPDX-License-Identifier: Apache-2.0
// A security domain, the issuer's or a supplementary one: GlobalPlatform Card Specification v2.3.1 (GP) clauses 7 and 11. Who talks to it
// is settled here, by SCP03 or, if the profile asks for it, SCP02; what happens to the card is asked of the card
// (applet/api/card_manager.hpp).
#pragma once

#include "applet/api/card_manager.hpp"
#include "applet/issuer_sd/load.hpp"
#include "applet/issuer_sd/secure_channel.hpp"

namespace uicclab::applet::issuer_sd {

class SecurityDomain final : public Applet {
 public:
  StatusWord select(Context& context, Bytes& out) override;
  void deselect(Context& context) override;
  StatusWord process(Context& context, const apdu::Command& command, Bytes& out) override;
  /// Remote application management: ETSI TS 102 226 clause 8.
  std::optional<Bytes> on_remote_request(Context& context, const RemoteRequest& request) override;
  std::unique_ptr<SecureChannel> make_secure_channel() const override;
  /// STORE DATA that the domain above passes on.
  StatusWord personalize(Context& context, const apdu::Command& store_data, Bytes& out) override;

  /// Entries of GET STATUS that did not fit yet.
  struct Listing {
    std::uint16_t p1p2 = 0;
    std::vector<Bytes> entries;
    std::size_t next = 0;
  };
  /// INSTALL commands that belong together.
  struct Installing {
    std::uint16_t form = 0;  ///< P1 and P2
    Bytes data;
  };
  /// STORE DATA commands that belong together.
  struct Storing {
    Aid target;  ///< of INSTALL [for personalization]; empty: this domain
    Bytes data;
    std::uint8_t next_block = 0;
  };
  /// What takes several commands, and belongs to whoever began it.
  struct Work {
    std::optional<LoadSequence> load;
    Installing installing;
    Listing listing;
    Storing storing;
  };

  /// One command, without secure messaging.
  struct Call {
    Context& context;
    CardManager& card;
    const apdu::Command& command;
    Bytes& out;
    Work& work;
  };
  using Handler = StatusWord (SecurityDomain::*)(Call&);
  struct Row;

 private:
  static const Row* row(std::uint8_t ins);
  StatusWord dispatch(const Row& row, Call& call);
  static Bytes told_fci(Context& context);
  /// A session that was opened on this channel.
  bool has_session(const Context& context) const { return session().is_open() && m_channel == context.channel(); }
  scp03::CardChannel& session() { return as_channel(m_session); }
  const scp03::CardChannel& session() const { return as_channel(m_session); }
  /// The session and what was begun in it.
  void forget();
  void forget_work();
  StatusWord process_remote(Context& context, CardManager& card, const apdu::Command& command, Bytes& out);
  /// Bytes that an answer to `command` may have.
  std::size_t room(const Call& call) const;

  // secure_channel.cpp: SCP03, SCP02
  StatusWord initialize_update(Call& call);
  StatusWord external_authenticate(Call& call);
  StatusWord begin_r_mac(Call& call);
  StatusWord end_r_mac(Call& call);
  // get_data.cpp: clause 11.3
  StatusWord get_data(Call& call);
  // status.cpp: clauses 11.4, 11.10
  StatusWord get_status(Call& call);
  StatusWord set_status(Call& call);
  // content.cpp: clauses 11.2, 11.5, 11.6
  StatusWord install_content(Call& call);
  StatusWord install_content(Call& call, std::uint16_t form, BytesView data);
  StatusWord load(Call& call);
  StatusWord remove(Call& call);
  // keys.cpp: clauses 11.8 and 11.2 (keys)
  StatusWord put_key(Call& call);
  /// Deciphers the keys of PUT KEY; null: they may not be sent this way.
  std::unique_ptr<scp03::KeyCipher> key_cipher(Call& call) const;
  StatusWord remove_keys(Call& call, const gp::DeleteData& which);
  // store_data.cpp: clause 11.11
  StatusWord store_data(Call& call);
  StatusWord store_own_data(Call& call);
  StatusWord store_object(Call& call, std::uint32_t tag, BytesView value);

  CardSessions m_session;
  Channel m_channel;
  scp03::Mode m_mode;  ///< of the session
  Work m_work;         ///< of the session
  Work m_remote_work;  ///< of secured packets; it goes on from packet to packet
};

}  // namespace uicclab::applet::issuer_sd
