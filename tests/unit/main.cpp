// SPDX-License-Identifier: Apache-2.0
// Both, since precompiled headers may have brought doctest's first half in already, where the second name would set the first.
#define DOCTEST_CONFIG_IMPLEMENT
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
