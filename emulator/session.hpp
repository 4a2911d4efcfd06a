// SPDX-License-Identifier: Apache-2.0
// Everything a powered card holds outside its NVM. A reset builds a new Session, power-off destroys it.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "core/card_port.hpp"
#include "emulator/partition.hpp"

namespace uicclab::emulator {

class Transaction;

/// The position of a chained RETRIEVE DATA or SET DATA (ETSI TS 102 221 clauses 11.3.1 and 11.3.2).
struct DataTransfer {
  enum class Kind : std::uint8_t { kNone, kRetrieve, kSet };
  Kind kind = Kind::kNone;
  FileId file;
  Bytes object;              ///< retrieve: the whole answer; set: what came so far
  std::size_t sent = 0;      ///< retrieve: bytes already delivered
  std::size_t last = 0;      ///< retrieve: size of the last block, for retransmission
  std::size_t expected = 0;  ///< set: size of the whole data object
};

/// What is selected on a channel.
struct Selection {
  FileId directory = kMfId;               ///< current DF
  std::optional<FileId> file;             ///< current EF
  std::uint8_t record = 0;                ///< record pointer; 0: not set
  std::optional<std::uint32_t> instance;  ///< active application
  std::optional<FileId> adf;              ///< its ADF, what 7FFF means
};

/// One logical channel (ETSI TS 102 221 clause 8.7), or the selection context of a remote script.
struct ChannelState : Selection {
  bool open = false;
  DataTransfer transfer;
  std::unique_ptr<applet::SecureChannel> secure;  ///< of the active application

  FileId adf_or_mf() const { return adf.value_or(kMfId); }
  void select_directory(FileId id) {
    directory = id;
    file.reset();
    record = 0;
    transfer = {};
  }
  /// Also of the EF that is current already. The record pointer is not set, that of a cyclic EF neither: TS 102 268 demands it.
  void select_file(FileId id, const FileHeader& header) {
    directory = header.parent;
    file = id;
    record = 0;
    transfer = {};
  }
};

/// A session is one power cycle of one card: channels, toolkit session and transport, over the partition in use.
struct Session {
  static constexpr std::size_t kChannels = 20;

  Session(Nvm& nvm_, Random& random_, const Clock& clock_);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Of the partition in use.
  Nvm& nvm() const { return m_partition->nvm; }
  FileSystem& files() { return m_partition->files; }
  const FileSystem& files() const { return m_partition->files; }
  AccessControl& access() { return m_partition->access; }
  const AccessControl& access() const { return m_partition->access; }
  TerminalSecurity& security() { return m_partition->security; }
  const TerminalSecurity& security() const { return m_partition->security; }
  Runtime& runtime() { return m_partition->runtime; }
  const Runtime& runtime() const { return m_partition->runtime; }
  ToolkitRuntime& toolkit() { return m_partition->toolkit; }
  const ToolkitRuntime& toolkit() const { return m_partition->toolkit; }

  /// Another partition is in use from now on. Nothing is selected or verified, channels but the basic one are closed, and applications have
  /// no volatile state; the terminal has sent its profile and gets the new menu and events. Returns false and does nothing while the
  /// toolkit session is busy (a proactive command is on its way, or an application waits). Throws SystemError inside a transaction.
  bool use_partition(Nvm& nvm);

  /// Bytes left for new files, load files and instances.
  std::uint32_t free_memory() const {
    const std::uint32_t left = files().free_memory();
    return left - std::min(left, runtime().registry().memory_used());
  }

  /// Bytes of volatile memory that no instance has, and none is kept for (GP clause 9.7). Built-in applications take none: APDU buffers and
  /// the state of channels are there whatever is installed.
  std::uint32_t free_volatile_memory();
  static constexpr std::uint32_t kVolatileMemory = 16384;

  /// The instance, or (with `load_file`) any of the load file that it is of, is active on another channel than this one.
  bool is_active_elsewhere(std::uint32_t instance, Channel channel, bool load_file) const;
  /// An application without an ADF that follows the JCRE is active there (applet::Module::follows_jcre()).
  bool is_of_jcre(const ChannelState& channel) const { return channel.instance && !channel.adf && channel.open && follows_jcre(channel); }

  /// The open transaction takes more than there is, or more than an instance's quota (GP clause 9.7).
  bool exceeds_memory() const;

  RemoteSession& remote();
  /// Keys, instances or what is theirs changed.
  void forget_packet_keys() noexcept;

  /// What is kept of the NVM follows a transaction: after a commit, `final` if the writes are not part of an outer one; after a rollback.
  /// If there is no memory for reading it again now, catch_up() does it before the next transaction.
  void follow_commit(bool final) noexcept {
    if (runtime().registry().changed()) follow_registry();
    if (!final) return;
    files().committed();
    runtime().registry().committed();
  }
  void follow_rollback() noexcept;
  void catch_up() {
    if (m_partition->stale) read_again();
  }

  Random& random;
  const Clock& clock;
  CatSession cat;

  /// Selections of the applications' file views (runtime/file_commands.hpp); each puts itself here, and takes itself out.
  std::vector<const ChannelState*> views;

 private:
  std::optional<Partition> m_partition;  ///< never empty; before the channels, whose secure channels are of its applications

 public:
  std::array<ChannelState, kChannels> channels;
  Bytes out;  ///< answer of the running command; kept for its capacity
  Bytes terminal_capability;
  bool terminated = false;  ///< TERMINATE CARD USAGE was executed, now or before
  bool suspended = false;   ///< SUSPEND UICC was executed: only a reset helps now
  bool resumable = false;   ///< no command yet, and a suspended session is kept
  Protocol protocol = Protocol::kT0;
  Transaction* transaction = nullptr;  ///< the innermost that is open

 private:
  bool follows_jcre(const ChannelState& channel) const;
  void follow_registry() noexcept;
  void read_again();
};

}  // namespace uicclab::emulator
