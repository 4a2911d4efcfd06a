// SPDX-License-Identifier: Apache-2.0
// The API packages by number.
#pragma once

#include <array>
#include <string_view>

namespace uicclab::jcvm::machine {

/// Class numbers of API packages are in stored objects: this list grows at its end only.
inline constexpr auto kApiPackages = std::to_array<std::string_view>({
    "java/lang",
    "java/io",
    "java/rmi",
    "javacard/framework",
    "javacard/framework/service",
    "javacard/security",
    "javacardx/apdu",
    "javacardx/apdu/util",
    "javacardx/biometry",
    "javacardx/biometry1toN",
    "javacardx/crypto",
    "javacardx/external",
    "javacardx/framework/event",
    "javacardx/framework/math",
    "javacardx/framework/nio",
    "javacardx/framework/string",
    "javacardx/framework/time",
    "javacardx/framework/tlv",
    "javacardx/framework/util",
    "javacardx/framework/util/intx",
    "javacardx/security",
    "javacardx/security/cert",
    "javacardx/security/derivation",
    "javacardx/security/util",
    "org/globalplatform",
    "org/globalplatform/contactless",
    "org/globalplatform/filesystem",
    "org/globalplatform/privacy",
    "org/globalplatform/securechannel",
    "org/globalplatform/securechannel/provider",
    "org/globalplatform/upgrade",
    "sim/access",
    "sim/toolkit",
    "uicc/access",
    "uicc/access/bertlvfile",
    "uicc/access/fileadministration",
    "uicc/isim/access",
    "uicc/services/highupdatearray",
    "uicc/system",
    "uicc/toolkit",
    "uicc/usim/access",
    "uicc/usim/geolocation",
    "uicc/usim/suci",
    "uicc/usim/toolkit",
});

}  // namespace uicclab::jcvm::machine
