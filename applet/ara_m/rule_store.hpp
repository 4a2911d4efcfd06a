// SPDX-License-Identifier: Apache-2.0
// The rules of the access rule application, as they lie in its private memory, newest first.
#pragma once

#include "applet/ara_m/ara_m.hpp"

namespace uicclab::applet::ara_m {

/// Throws SystemError for what store_rules() cannot have written.
std::vector<gp::AccessRule> load_rules(const Context& context);

/// Command-Store-REF-AR-DO (SEAC clause 5.1): the value of F0, one REF-AR-DO. Status: 9000; 6381 (there is already a rule for the same
/// applications; both count, and one that is the same in everything is kept once), 6382 (unknown data objects were left out); 6A80; 6A84.
StatusWord store_rule(Context& context, BytesView value);
/// Command-Delete: the value of F1, which is empty (all), an AID-REF-DO, a REF-DO or a REF-AR-DO. Status: 9000, 6A80, 6A88 (no such rule).
StatusWord delete_rules(Context& context, BytesView value);
/// Command-UpdateRefreshTag, and what every change of the rules does.
void renew_refresh_tag(Context& context);
Bytes refresh_tag(const Context& context);

}  // namespace uicclab::applet::ara_m
