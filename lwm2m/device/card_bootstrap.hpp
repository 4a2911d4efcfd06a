// SPDX-License-Identifier: Apache-2.0
// The bootstrap file of a card, as a device finds and reads it: OMA-TS-LightweightM2M_Core appendices G (EF_DIR, ODF, DODF, the file) and
// H (inside a secure channel); and the same way to write it.
#pragma once

#include <functional>

#include "lwm2m/bootstrap_file.hpp"
#include "lwm2m/device/card_files.hpp"
#include "lwm2m/pkcs15_directory.hpp"
#include "lwm2m/session_key_file.hpp"

namespace uicclab::lwm2m::device {

/// What opens files that are not open to everybody. Nothing of it is used before the card has refused, unless it says so.
struct CardAccess {
  /// Opens the secure channel on this logical channel, where the application with this AID is selected; afterwards the port given to
  /// CardBootstrap protects. Empty: there are no keys.
  std::function<Result<void>(Channel, const Aid&)> open_secure_channel;
  bool secure_from_the_start = false;
  /// The longest data of a command: more than 255 where the way to the card takes extended length.
  std::size_t longest_command = 255;
  /// The longest data of a command and of an answer that still fit when they are protected.
  std::size_t longest_secured_command = 223;
  std::size_t longest_secured_answer = 239;
  crypto::SecretBytes pin;  ///< its characters; empty: none
  std::uint8_t pin_reference = 0x01;
};

/// Where the file is, and what was found on the way.
struct BootstrapPlace {
  Aid aid;
  bool in_ef_dir = false;
  Bytes odf, dodf, path;  ///< below the MF, as SELECT takes them; 7FFF is the application
  DataObject entry;
  std::optional<std::size_t> size;  ///< of the file
  bool unchanged = false;           ///< write() found everything as it was to be, and wrote nothing
};

struct CardReading {
  BootstrapPlace place;
  BootstrapFile file;
  crypto::WipedBytes content;  ///< all bytes, with padding
  bool secured = false;        ///< through the secure channel
  bool pin_used = false;
};

/// What provisioning writes in addition to the file itself, if the card's ODF and DODF do not lead to it yet; and how it replaces a file
/// that is there.
struct ProvisionOptions {
  Bytes dodf = {0x64, 0x30};
  Bytes file = {0x64, 0x32};
  OidCoding coding = OidCoding::kCorrect;
  Bytes spare = {};       ///< FID of a second file of the same size, next to the first; empty: none
  bool may_tear = false;  ///< a power cut may leave the card without the file
};

class CardBootstrap {
 public:
  /// `port` outlives this object; the card is on.
  CardBootstrap(CardPort& port, CardAccess access);

  /// Errors: kNotFound (no application, no directory that names the file, no file, an empty file), kRefused (the card refuses to show it
  /// with the given PIN and keys), kMismatch (a wrong PIN; the tries left are reported), those of the codecs, of the secure channel and of
  /// the port.
  Result<CardReading> read();

  /// The session-key file (docs/formats/session-keys.md) of the same application. Errors: as read().
  Result<SessionKeyRecord> read_session_keys();

  /// Writes the file, padded with FF to its end, and ODF and DODF where they do not lead to it. What was written is read back if the card
  /// lets. Whenever the power goes, a reader finds the old file whole or the new one: what differs goes in one command; or, if that does
  /// not hold it, into the spare file, and the entry of the DODF is turned to it in one command (then the old file is blanked). Errors: as
  /// read(); kRange (the file is too small, and how large it is), kMismatch (the card gives back something else), kUnsupported (several
  /// commands, no spare file, and a file to lose).
  Result<BootstrapPlace> write(const BootstrapFile& file, const ProvisionOptions& options = {});

 private:
  Result<void> select_application(BootstrapPlace& place);
  Result<bool> find_in_ef_dir(BootstrapPlace& place);
  Result<void> find_file(BootstrapPlace& place);
  Result<void> secure(const BootstrapPlace& place);
  Result<bool> unlock(const BootstrapPlace& place);
  Result<crypto::WipedBytes> read_file(const BootstrapPlace& place, BytesView path, std::string_view name,
                                       std::optional<std::size_t>& size);
  enum class Steps { kAny, kOne };  ///< of writing: kOne unless there is nothing to lose
  /// False: it takes several commands, and nothing was written.
  Result<bool> write_file(const BootstrapPlace& place, BytesView path, std::string_view name, BytesView content, Steps steps);
  Result<void> write_new(BootstrapPlace& place, BytesView content, const ProvisionOptions& options);
  Result<void> replace(BootstrapPlace& place, BytesView content, const ProvisionOptions& options);

  CardAccess m_access;
  CardFiles m_files;
  std::optional<BootstrapPlace> m_selected;
  bool m_secured = false;
  bool m_pin_used = false;
  bool m_written = false;  ///< something, by write()
};

}  // namespace uicclab::lwm2m::device
