// SPDX-License-Identifier: Apache-2.0
// A finished image as bytes, without its profile. Our own format, for the program that wrote it: the built-in
// card is compiled into the program in it, and the fingerprint of an image is taken over it.
#pragma once

#include "emulator/nvm/image.hpp"

namespace uicclab::emulator {

/// Everything in the image but the catalogue of modules; instances name theirs.
Bytes encode_image(const CardImage& image);

/// The inverse: encode_image() of the result gives the same bytes.
/// Errors: kTruncated, kTrailing, kMalformed (with the offset); kNotFound for a module that is not in the catalogue; what
/// CardImageBuilder::build() refuses. The image is shared, as CardImageBuilder says.
Result<std::shared_ptr<const CardImage>> decode_image(BytesView bytes, const applet::ModuleCatalogue& modules);

}  // namespace uicclab::emulator
