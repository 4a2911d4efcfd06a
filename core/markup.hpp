// SPDX-License-Identifier: Apache-2.0
// Text in HTML and XML documents: Extensible Markup Language 1.0 clause 2.4 and HTML Living Standard clause 13.1.4. The one escaping
// function.
#pragma once

#include <string>
#include <string_view>

namespace uicclab {

/// The text as content or as the value of an attribute in either quotes. Control characters are the caller's: see visible().
std::string escape_markup(std::string_view text);

}  // namespace uicclab
