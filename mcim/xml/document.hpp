// SPDX-License-Identifier: Apache-2.0
// An MCIM in XML Encryption, signed by XML Signature: 3GPP TR 33.812 clause 5.1.3.7.3.3, NOTE 2 ("OMA DM includes support for XML
// Encryption and XML Signatures"). The document is ours: docs/formats/mcim.md, "In XML". By libxmlsec1.
#pragma once

#include "mcim/object.hpp"

namespace uicclab::mcim {

/// For a device with an RSA key; signed by a key on P-256. XML Encryption 1.1: AES-128-GCM, its key by RSA-OAEP; XML Signature: ECDSA with
/// SHA-256 over the whole document. Errors: kUnsupported for another kind of key.
Result<Bytes> wrap_xml(const Data& data, const crypto::PublicKey& device, const crypto::PrivateKey& sender);

/// Only such a document: no other elements, algorithms, references or keys than wrap_xml() writes. The signature is checked first. Errors:
/// kMalformed for a document of another form, kMismatch if it is not the sender's, kRefused with one text for everything behind that.
Result<Data> open_xml(BytesView document, const crypto::PrivateKey& device, const crypto::PublicKey& sender);

}  // namespace uicclab::mcim
