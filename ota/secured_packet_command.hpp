// SPDX-License-Identifier: Apache-2.0
// Command packets, both ends: ETSI TS 102 225 clause 5.1; 3GPP TS 31.115 clauses 4.2 and 4.3.
//
// A packet begins with its CPL; in a short message the user data header 02 70 00 comes before it. The sender builds one with
// build_command(). The receiver reads the clear header, finds the application by its TAR and the keys by KIc and KID, opens the packet,
// and then has to keep this order: write `commit` down, execute the data, answer.
#pragma once

#include <optional>

#include "ota/secured_packet_keys.hpp"

namespace uicclab::ota {

/// Ways of other implementations that a profile may imitate. Without any the standards are followed.
struct Quirks {
  std::uint8_t first_padding = 0x00;        ///< 80 pads as ISO/IEC 9797-1 method 2 does; PCNTR counts the same
  bool answer_failed_cc = false;            ///< status 01 goes out also if a CC failed, which 3GPP TS 31.111 clause 7.1.1.1 forbids
  bool never_answer_errors = false;         ///< no response packet to any security error
  bool one_higher_is_higher = false;        ///< the counter mode "one higher" lets a counter jump
  bool response_check_without_udh = false;  ///< the check of a response does not cover UDHL, IEIa and IEIDLa
  bool protect_any_error = false;           ///< see OpenedCommand::response_spi

  bool operator==(const Quirks&) const = default;
};

/// A command before it is secured.
struct CommandPacket {
  PacketHeader header;
  Cntr cntr;  ///< sent as it is, whatever the counter mode
  Bytes data;
};

/// Secures a command. `cc_size`: 8, or 4 for a short AES-CMAC. Errors: kUnsupported, kMismatch, kNotFound from the keys; kUnsupported for
/// a DS; kRange for a counter over five octets, a CC of another size or a packet over 65535 octets.
Result<Bytes> build_command(const CommandPacket& command, PacketKeys& keys, std::size_t cc_size = PacketCheck::kMaxSize,
                            const Quirks& quirks = {});

/// The part of a command packet that can be read without keys. `packet` is what was parsed.
struct ClearCommand {
  PacketHeader header;
  std::size_t check_size = 0;  ///< octets of the RC, CC or DS, from CHL
  BytesView packet;

  /// Errors, with the offset: kTruncated if CPL says more than is there; kTrailing if less; kMalformed for a CHL that does not fit.
  static Result<ClearCommand> parse(BytesView packet);
};

/// What the receiver knows and wants.
struct ReceiverRules {
  Cntr last;                      ///< counter of the key version (ETSI TS 102 225 annex A.1) as last committed
  std::uint8_t minimum_spi1 = 0;  ///< minimum security level of the application
  Quirks quirks;
};

/// A command that was opened, or why not. Only kOk may be executed.
struct OpenedCommand {
  ResponseStatus status = ResponseStatus::kUnidentifiedSecurityError;
  Cntr cntr;                   ///< of the command; 0 where it could not be read
  std::optional<Cntr> commit;  ///< to be stored, so that nothing can undo it, before anything is executed
  Bytes data;                  ///< without padding; empty unless kOk
  bool authenticated = false;  ///< a CC was there and is right
  bool answer = false;         ///< a response packet is due, by the PoR mode and the current status
  std::size_t check_size = 0;  ///< of the command; the CC of the response has the same
  /// How the response is to be protected: as the command asks. An error is answered bare if the header could not be interpreted (table 5,
  /// status 06), and (our choice, which the quirk protect_any_error undoes) if nothing authenticated the sender of a command that wants
  /// an answer under the keys of the card: else anybody could collect checksums over known text.
  Spi response_spi;
};

/// A response packet is due for this status (clause 5.1.1, PoR mode), for example one that the execution brought.
bool is_answer_due(const Spi& spi, ResponseStatus status);

/// Refuses a command before keys are looked for, with a bare answer: TAR unknown (09), no memory (07), no key set for KIc and KID (06).
OpenedCommand refuse_command(const ClearCommand& command, ResponseStatus status, const Quirks& quirks = {});

/// Deciphers, checks and judges a command, in this order: header (06), ciphering (05), check (01), minimum security level (0A),
/// counter (02, 03, 04). `keys` are those that the KIc and KID of this command name.
OpenedCommand open_command(const ClearCommand& command, PacketKeys& keys, const ReceiverRules& rules);

}  // namespace uicclab::ota
