// SPDX-License-Identifier: Apache-2.0
// Bootstrap documents as XML and as WBXML (WAP-192-WBXML), by libwbxml2 (docs/decisions/025-libwbxml2.md); and what a document is, before
// it is signed or checked.
#pragma once

#include <string>

#include "core/bytes.hpp"
#include "core/result.hpp"

namespace uicclab::dm {

/// Far above what a bootstrap in 255 short messages can have.
inline constexpr std::size_t kLongestDocument = 64 * 1024;
/// Elements in one another.
inline constexpr std::size_t kDeepestDocument = 64;
/// One text or block of data: libwbxml2 takes some of them for documents, and follows their elements, too.
inline constexpr std::size_t kLongestText = 4096;

/// A WBXML document of version 1.0 to 1.3. Errors: kTruncated for an empty one; kRefused for XML, which must not be used for a bootstrap
/// (DM_Security clause 5.7.2.1); kMalformed for anything else; kRange for one that is too long.
Result<void> check_wbxml(BytesView document);

/// Version 1.2, without white space between elements. Errors: kMalformed with libwbxml2's words; kRange.
Result<Bytes> wbxml_of(std::string_view xml);
/// Errors: those of check_wbxml(); kMalformed with libwbxml2's words; kRange for elements that are nested too deeply and texts
/// that are too long.
Result<std::string> xml_of(BytesView wbxml);

}  // namespace uicclab::dm
