// SPDX-License-Identifier: Apache-2.0
// eUICC profile packages: TCA (formerly SIMalliance) "eUICC Profile Package: Interoperable Format Technical Specification" v3.3.1, in this
// folder "IF". A package is a sequence of profile elements in DER; here it becomes a profile and a profile becomes one.
#pragma once

#include "profile/profile.hpp"

namespace uicclab::profile::package {

/// Something of a package or profile that the other does not have.
struct Notice {
  std::size_t offset = 0;  ///< in the package; 0 where there is none yet
  std::string place;       ///< "akaParameter (element 11)"; "application pkcs15"
  std::string text;        ///< a plain sentence
};

struct Imported {
  Profile profile;
  std::vector<Notice> notices;
};

struct Exported {
  Bytes package;
  std::vector<Notice> notices;
};

/// "ts48.der: byte 5120: akaParameter (element 11): sequence numbers that differ ..."
std::string to_text(std::string_view source, const Notice& notice);

/// The digits of an ICCID: in a header from the left, in EF_ICCID with the two of each byte swapped (ETSI TS 102 221 clause 13.2).
Bytes swapped_nibbles(BytesView digits);

/// Does it begin as a package does: with a header element?
bool is_package(BytesView bytes);

/// Reads a package. What it holds and a card of ours does not do is noticed. `source` is its name in messages.
/// Errors: what the DER, the format or the file system forbids, with the offset, the element and the field in the text.
Result<Imported> read_package(BytesView package, std::string_view source);

/// Writes a package; read_package() gives an equal profile back for one that came from a package.
/// Errors: kUnsupported: a profile without a card's essentials (MF with EF_ICCID, EF_DIR and EF_ARR).
Result<Exported> write_package(const Profile& profile);

}  // namespace uicclab::profile::package
