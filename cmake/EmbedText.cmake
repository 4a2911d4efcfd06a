# SPDX-License-Identifier: Apache-2.0
# Script for uicclab_embed: writes the text IN as a C++ raw string literal to OUT.
file(READ "${IN}" text)
if(text MATCHES "\\)embedded\"")
  message(FATAL_ERROR "${IN} holds the end mark of a raw string literal")
endif()
file(WRITE "${OUT}" "R\"embedded(${text})embedded\"\n")
