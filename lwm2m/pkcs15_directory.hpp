// SPDX-License-Identifier: Apache-2.0
// The way to the bootstrap file: EF(ODF) and EF(DODF) of PKCS #15 v1.1 clauses 6.2 and 6.9 (ISO/IEC 7816-15), as
// OMA-TS-LightweightM2M_Core appendix G.3.3 uses them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::lwm2m {

/// AID of the PKCS #15 application.
inline constexpr auto kPkcs15Aid = "A000000063504B43532D3135"_h;
/// 2.23.43.9.1: wap(43) of joint-iso-itu-t identified organizations, lwm2m(9), bootstrap(1); the contents octets.
inline constexpr auto kBootstrapOid = "672B0901"_h;
/// What the applicationName of the entry is (appendix G.3.3).
inline constexpr std::string_view kBootstrapApplicationName = "LwM2M Bootstrap";

/// The coding of the object identifier of a DODF entry in the file.
enum class OidCoding {
  kCorrect,       ///< 06 04 672B0901
  kDoublyEncoded  ///< 06 06 06 04 672B0901: what the example of LwM2M 1.0.2, 1.1.1 and 1.2 printed, and real cards carry
};

/// Paths of the data object directories that an EF(ODF) names, in its order; other object types are passed over, and so is FF or 00
/// padding. Each path is a FID or several. Errors: kMalformed, kTruncated with the offset.
Result<std::vector<Bytes>> parse_odf(BytesView bytes);
Bytes encode_odf(const std::vector<Bytes>& paths);

/// One entry of type oidDO.
struct DataObject {
  std::string label;
  bool is_private = false;  ///< protected by a PIN
  bool is_modifiable = false;
  bool has_flags = false;
  std::string application_name;
  Bytes oid;  ///< contents octets, as they should be
  OidCoding coding = OidCoding::kCorrect;
  Bytes path;

  bool operator==(const DataObject&) const = default;
};

/// Entries of type oidDO of an EF(DODF); others are passed over, and so is padding. Takes an object identifier in either coding.
/// Errors: kMalformed, kTruncated with the offset.
Result<std::vector<DataObject>> parse_dodf(BytesView bytes);
/// Throws SystemError if the path is empty or the object identifier of `object` is.
Bytes encode_dodf(const DataObject& object);

/// The entry that leads to a bootstrap file in `path`.
DataObject bootstrap_data_object(BytesView path, OidCoding coding = OidCoding::kCorrect);
/// The first entry whose identifier is kBootstrapOid. Errors: as parse_dodf(); kNotFound.
Result<DataObject> find_bootstrap(BytesView dodf);
/// The same directory, byte for byte, with another path of the same length in that entry, and in entries of other types that lead to the
/// same file. Errors: as find_bootstrap(); kRange.
Result<Bytes> with_bootstrap_path(BytesView dodf, BytesView path);

}  // namespace uicclab::lwm2m
