// SPDX-License-Identifier: Apache-2.0
// A personalisation profile: everything that makes a card, in the words of the standards. It comes from TOML (profile/toml.hpp), is checked
// (profile/check.hpp) and becomes a CardImage (profile/build.hpp). Two profiles are equal when they make the same card.
#pragma once

#include <string>
#include <vector>

#include "applet/api/parameters.hpp"
#include "core/card_port.hpp"
#include "emulator/choices.hpp"
#include "emulator/fs/file.hpp"
#include "emulator/remote/settings.hpp"

namespace uicclab::profile {

/// A place in the profile text; line 0: none (a profile made by a program).
struct SourcePlace {
  std::size_t line = 0;
  std::size_t column = 0;
  /// Always true: the place does not affect equality.
  constexpr bool operator==(const SourcePlace&) const { return true; }
};

/// Who the subscriber is. Files whose content follows from it take it from here, unless the profile gives them a content of their own
/// (profile/complete.hpp says which). Every text may be empty: what would follow from it does not.
struct Identity {
  std::string imsi;    ///< 6 to 15 digits
  std::string mcc;     ///< 3 digits; empty: the first three of the IMSI
  std::string mnc;     ///< 2 or 3 digits; the IMSI does not say how many
  std::string iccid;   ///< 18 to 20 digits with the check digit
  std::string msisdn;  ///< "+491710000001"
  std::string smsc;    ///< address of the short message service centre, "+491710760000"
  std::string spn;     ///< service provider name, up to 16 characters of the SMS default alphabet that are ASCII
  std::string impi;    ///< IMS private identity; empty: from IMSI, MCC and MNC (3GPP TS 23.003 clause 13.3), like the next two
  std::vector<std::string> impu;
  std::string domain;
  SourcePlace place;

  bool operator==(const Identity&) const = default;
};

/// A PIN or ADM (ETSI TS 102 221 clause 9.5).
struct PinSpec {
  KeyReference key;
  std::string scope;  ///< empty: global; else the path of the directory that holds this local key, "ADF.USIM", "3F00/7F10"
  Bytes value;        ///< 8 bytes, padded with FF
  bool enabled = true;
  std::uint8_t max_tries = 3;  ///< 1 to 15
  Bytes puk;                   ///< 8 bytes, or empty: it cannot be unblocked
  std::uint8_t max_puk_tries = 10;
  bool can_be_disabled = true;  ///< PINs; ADMs never
  SourcePlace place;

  bool operator==(const PinSpec&) const = default;
};

/// One file. EFs and DFs alike; the order is free, but a parent must be there.
struct FileSpec {
  std::string path;            ///< "3F00/7F10/6F3A" or "ADF.USIM/6F07"; the MF itself is "3F00", an ADF "ADF.USIM"
  std::string name;            ///< "EF.IMSI", for people
  uicc::FileHeader header;     ///< parent, fid and aid follow from the path and the application; only an ADF brings its own fid
  Bytes content;               ///< transparent: what the body begins with; BER-TLV: the data objects
  std::vector<Bytes> records;  ///< record structured: the first records, each what the record begins with
  Bytes fill;                  ///< the rest of the body, or of each record, repeats this; empty: FF
  std::string link;            ///< path of the EF whose content this one shares; structure and size are those of that one
  SourcePlace place;

  bool operator==(const FileSpec&) const = default;
};

/// A load file, whose byte code the card runs (GlobalPlatform Card Specification clause 6.2).
struct LoadFileSpec {
  std::string file;  ///< the CAP file, for whoever reads the profile: `components` are what is in it
  Bytes components;  ///< as LOAD gets them
  SourcePlace place;
  bool verify_strictly = false;  ///< whoever reads the file refuses it unless its types fit: LOAD gets no Descriptor

  bool operator==(const LoadFileSpec&) const = default;
};

/// An application instance.
struct ApplicationSpec {
  std::string module;  ///< "usim"; of a load file: the AID of the applet in it, in hexadecimal
  Aid load_file = {};  ///< empty: the module is one of the card's program
  Aid aid;
  std::string label;   ///< for EF_DIR tag 50 and for people
  std::string adf;     ///< name used in paths, "ADF.USIM"; empty: an application without files
  bool in_dir = true;  ///< listed in EF_DIR when EF_DIR has no records of its own
  applet::Parameters parameters;
  SourcePlace place;

  bool operator==(const ApplicationSpec&) const = default;
};

/// A whole card.
struct Profile {
  std::string source;  ///< the name of the text it came from, for messages; empty: made by a program
  std::string name = "unnamed";
  Atr atr;
  SourcePlace atr_place;
  Identity identity;
  std::vector<PinSpec> pins;
  std::vector<LoadFileSpec> load_files;  ///< imported ones before those that import them
  std::vector<ApplicationSpec> applications;
  std::vector<FileSpec> files;
  std::uint32_t free_memory = 262144;         ///< bytes left for new files (TS 102 222) and applications
  std::uint8_t logical_channels = 19;         ///< besides the basic one, 0 to 19
  bool gsm_class = true;                      ///< class A0 (3GPP TS 51.011) is answered
  std::uint32_t max_suspend_seconds = 86400;  ///< longest suspension that SUSPEND UICC grants; 0: the command is not supported

  emulator::RemoteSettings remote;  ///< secured packets
  emulator::CardChoices choices;    ///< what standards leave to the card

  bool operator==(const Profile&) const = default;
};

}  // namespace uicclab::profile
