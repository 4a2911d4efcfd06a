// SPDX-License-Identifier: Apache-2.0
// The codecs by subject; codecs() joins them.
#pragma once

#include "ef/codec.hpp"

namespace uicclab::ef {

std::vector<Codec> card_codecs();        ///< MF: ICCID, DIR, PL, ARR, UMPC
std::vector<Codec> subscriber_codecs();  ///< IMSI, AD, ACC, services, names
std::vector<Codec> network_codecs();     ///< PLMN lists, location information, home networks
std::vector<Codec> telephony_codecs();   ///< numbers, short messages, voice groups
std::vector<Codec> phonebook_codecs();   ///< files of DF.PHONEBOOK but ADN and EXT1
std::vector<Codec> security_codecs();    ///< keys, GBA, SUCI
std::vector<Codec> ims_codecs();         ///< ISIM, ePDG
std::vector<Codec> lwm2m_codecs();       ///< PKCS #15 and the LwM2M bootstrap file

/// The codec of one record type under several names.
inline void add_all(std::vector<Codec>& out, std::initializer_list<std::string_view> names, std::string_view clause, const Type& type) {
  for (const std::string_view name : names) out.push_back({name, "", clause, type});
}

/// One field that is the whole file.
inline Type whole(std::string_view name, const Type& type) {
  return exact([name, type](Coder& c) { c.rest(name, type); });
}

}  // namespace uicclab::ef
