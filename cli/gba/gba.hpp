// SPDX-License-Identifier: Apache-2.0
// What the subcommands of uicclab gba share, and what `lwm2m push` and `dm` use of them.
#pragma once

#include <memory>
#include <string>

#include "cli/common/commands.hpp"
#include "cli/common/http_api.hpp"
#include "gba/hss.hpp"
#include "gba/rest.hpp"

namespace uicclab::cli {

/// The value, or the end of the program in the words of the role that refused.
template <typename T>
T gba_value(gba::Answer<T> answer) {
  if (answer) return *std::move(answer);
  throw Exit{kCheckFailed, gba::to_text(answer.error())};
}

/// --imsi, --msisdn or --imei.
struct UserOption {
  std::string imsi, msisdn, imei;
  void add_to(App& command);
  bool given() const { return !imsi.empty() || !msisdn.empty() || !imei.empty(); }
  /// Throws Exit unless exactly one is given and good.
  gba::UserIdentity user() const;
};

/// A role that somebody else runs: HOST:PORT, and the token that it wants.
struct PeerOption {
  std::string at, token;
  void add_to(App& command, const std::string& option, const std::string& what);
  bool given() const { return !at.empty(); }
};
/// POSTs and reads the answer. `asking` is the role that says so if the peer does not answer.
gba::Answer<std::string> ask_role(const PeerOption& peer, const char* asking, const char* asked, const std::string& path,
                                  const std::string& json);

/// How a NAF reaches its BSF: over HTTP, or in this process by the BSF's policy and the HSS's subscribers.
struct BsfOption {
  PeerOption bsf;
  std::string policy;
  PeerOption hss;
  std::string subscribers;
  void add_to(App& command);
};
/// What it needs lives in the function object. Throws Exit.
gba::Zh zh_of(const PeerOption& hss, const std::string& subscribers, const char* asking);
gba::Zpn zpn_of(const BsfOption& option);

/// Keys of a NAF: its database, or HOST:PORT of its interface.
struct NafOption {
  std::string naf, token;
  void add_to(App& command, bool required);
  bool given() const { return !naf.empty(); }
  gba::Answer<gba::NafAssociation> key(const gba::KeyRequest& request) const;
};

/// "RAND:AUTS". Throws Exit.
gba::Resynchronisation resynchronisation_of(const std::string& option, const std::string& text);
/// "dm.example.com/FF00000001". Throws Exit.
Bytes naf_id_option(const std::string& option, const std::string& text);

/// A role at an HTTP interface until SIGINT or SIGTERM.
struct RoleServer {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  void add_to(App& command);
  int run(const char* role, const HttpApi::Handler& handler) const;
};
/// The token in this file, which is made if there is none. Throws Exit.
std::string token_in(const std::string& path);
/// In constant time.
bool is_token(const std::string& token, const HttpRequest& request);
HttpAnswer answer_of(const gba::Refused& refused);
/// Of any To_json-able answer.
template <typename T>
HttpAnswer answer_of(const gba::Answer<T>& answer) {
  if (!answer) return answer_of(answer.error());
  return {200, gba::to_json(*answer)};
}

using GbaAdd = void(App& gba, Action& action);
GbaAdd add_gba_hss;
GbaAdd add_gba_bsf;
GbaAdd add_gba_naf;
GbaAdd add_gba_take;

}  // namespace uicclab::cli
