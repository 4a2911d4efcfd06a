// SPDX-License-Identifier: Apache-2.0
// Files and PINs with the names of the standards, and the values that commands need for them.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"
#include "uicc/file.hpp"

namespace uicclab::ef {

enum class Structure : std::uint8_t { kDirectory, kTransparent, kLinear, kCyclic, kBerTlv };

/// A file that a standard names.
struct File {
  std::string_view name;  ///< "EF.IMSI"
  std::string_view path;  ///< "ADF.USIM/6F07", "3F00/2FE2"
  std::uint8_t sfi;       ///< what the standard gives it; 0: none
  Structure structure;
};

/// Structure and record length, as the FCP has them.
struct Shape {
  Structure structure = Structure::kTransparent;
  std::size_t record_length = 0;
};

/// That of a file whose FCP says this; `record_length` of files with records.
Shape shape_of(uicc::FileKind kind, std::size_t record_length);

/// What a file is called, and which of two codings its records have.
struct FileName {
  std::string_view name;  ///< "EF.IMSI"; empty: it has none
  bool by_index = false;  ///< a phonebook file of type 2 (3GPP TS 31.102 clause 4.4.2.1)
};

/// All of them, but phonebook files whose identifiers cards choose (phonebook.hpp); files below an application stand below its name,
/// "ADF.USIM".
std::span<const File> catalogue();

/// Names that a script gives to files of its own: name, path.
using GivenNames = std::map<std::string, std::string, std::less<>>;

/// "3F00/7F10/6F3A" or "ADF.USIM/6F07" of "EF.ADN", "DF.GSM/EF.IMSI", "7F10/6F3A", "ADF.USIM/6F07", "MF". A name that several files have
/// means, in this order, the one of the MF, the USIM, the ISIM, DF.TELECOM, DF.GSM. Nothing if the name is not known.
std::optional<std::string> path_of_file(std::string_view name, const GivenNames& given);

/// All of them, in that order.
std::vector<std::string> paths_of_file(std::string_view name);

/// The file at a path; nullptr if no standard has one there.
const File* file_at(std::string_view path);
/// "EF.IMSI" of "ADF.USIM/6F07"; empty if it has none. A phonebook file has one if its identifier usually means one thing only.
std::string_view name_of_file(std::string_view path);
/// The same with its FCP; an unknown shape fits all.
FileName name_of_file(std::string_view path, std::optional<Shape> shape);
/// The name of the first file with this identifier, "6F07"; empty if none has it.
std::string_view name_of_fid(std::string_view fid);

/// The identifiers of all files that the standards know directly below this path.
std::vector<std::string> fids_below(std::string_view directory);

/// SELECT commands that lead to a path: an application by its AID, what is below it or below the MF by path (ETSI TS 102 221
/// clause 11.1.1). `variable` gives the value of AID_USIM for ADF.USIM and so on; where there is none, the first seven bytes that all of
/// its kind share are used. Errors: kNotFound for an application with an unknown AID, kMalformed for an invalid path; those of
/// `variable` other than kNotFound.
Result<std::vector<Bytes>> selection(const std::string& path, const std::function<Result<Bytes>(const std::string&)>& variable);
/// The one SELECT command for a path that begins with the application that is active on the channel: by 7FFF, so that its session goes on
/// and what was verified for it stays (clauses 8.4.2, 8.5.1 and 9.4.2). Errors: kMalformed.
Result<Bytes> selection_in_application(const std::string& path);

/// A key reference of an application, not of the whole card (clause 9.5.1).
constexpr bool is_local(std::uint8_t reference) {
  return (reference & 0x80) != 0;
}

/// The key reference of PIN1 to PIN8, UPIN, ADM1 to ADM10, LPIN1 to LPIN4; PIN2 is local (ETSI TS 102 221 clause 9.5.1, table 9.3).
std::optional<std::uint8_t> pin_reference(std::string_view name);
/// "PIN1", "ADM1", or "key 1F" for what has no name.
std::string pin_name(std::uint8_t reference);

}  // namespace uicclab::ef
