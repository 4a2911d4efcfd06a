// Names of files, as the standards have them, and their paths.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace uicclab::script {

/// Names that a script gives to files of its own: name, path.
using GivenNames = std::map<std::string, std::string, std::less<>>;

/// "3F00/7F10/6F3A" or "ADF.USIM/6F07" of "EF.ADN", "DF.GSM/EF.IMSI", "7F10/6F3A", "ADF.USIM/6F07", "MF". A name that several files have
/// means, in this order, the one of the MF, the USIM, the ISIM, DF.TELECOM, DF.GSM. Nothing if the name is not known.
std::optional<std::string> path_of_file(std::string_view name, const GivenNames& given);

/// "EF.IMSI" of "ADF.USIM/6F07"; empty if it has none.
std::string_view name_of_file(std::string_view path);
/// The name of the first file with this identifier, "6F07"; empty if none has it.
std::string_view name_of_fid(std::string_view fid);

}  // namespace uicclab::script
