# SPDX-License-Identifier: Apache-2.0
# What every target of the project shares: the language level, the warnings, the sanitizers of a preset.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

set(UICCLAB_SANITIZE "" CACHE STRING "Value of -fsanitize= for every target, for example address,undefined")
option(UICCLAB_COVERAGE "Instrument for gcov" OFF)
option(UICCLAB_WERROR "Warnings are errors" OFF)
option(UICCLAB_HARDEN "Stack protector, fortified libc calls, read-only relocations" OFF)
option(UICCLAB_PCH "Precompiled headers: a build from nothing is faster, but a missing #include goes unseen and ccache finds nothing" OFF)

option(UICCLAB_UNITY "Compile the files of a folder together: a build from nothing is faster, a change compiles more" OFF)

add_library(uicclab_options INTERFACE)
target_compile_options(uicclab_options INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
target_include_directories(uicclab_options INTERFACE "${PROJECT_SOURCE_DIR}")
# Everywhere, since libpcsclite asks for it: precompiled headers are shared only by targets that agree on it.
target_compile_options(uicclab_options INTERFACE -pthread)
target_link_options(uicclab_options INTERFACE -pthread)
if(UICCLAB_WERROR)
  target_compile_options(uicclab_options INTERFACE -Werror)
  # What g++ 12 -O2 believes of std::vector is not always true; these two stay warnings there.
  target_compile_options(uicclab_options INTERFACE
    "$<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:Release>>:-Wno-error=stringop-overflow;-Wno-error=array-bounds>")
endif()
if(UICCLAB_HARDEN)
  target_compile_options(uicclab_options INTERFACE -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fcf-protection)
  target_link_options(uicclab_options INTERFACE -Wl,-z,relro,-z,now)
endif()
if(UICCLAB_SANITIZE)
  target_compile_options(uicclab_options INTERFACE -fsanitize=${UICCLAB_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(uicclab_options INTERFACE -fsanitize=${UICCLAB_SANITIZE})
endif()
if(UICCLAB_FUZZ)
  target_compile_options(uicclab_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(UICCLAB_COVERAGE)
  target_compile_options(uicclab_options INTERFACE --coverage)
  target_link_options(uicclab_options INTERFACE --coverage)
endif()

# uicclab_precompile(TARGET headers...): compiles what most sources include once, and these headers with it, if UICCLAB_PCH is on.
# uicclab_precompile(TARGET REUSE_FROM other): shares the precompiled headers of a target with the same options.
function(uicclab_precompile target)
  # A compiler cache does better without.
  if(NOT UICCLAB_PCH OR CMAKE_CXX_COMPILER_LAUNCHER OR "${ARGV2}" STREQUAL "${target}")
    return()
  endif()
  if("${ARGV1}" STREQUAL "REUSE_FROM")
    target_precompile_headers(${target} REUSE_FROM ${ARGV2})
  else()
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <chrono> <cstdint> <functional> <iostream> <map> <memory> <optional> <span>
      <sstream> <string> <string_view> <utility> <variant> <vector> <tl/expected.hpp> "${PROJECT_SOURCE_DIR}/core/apdu.hpp"
      "${PROJECT_SOURCE_DIR}/core/ber_tlv.hpp" "${PROJECT_SOURCE_DIR}/core/card_port.hpp" "${PROJECT_SOURCE_DIR}/core/environment.hpp"
      "${PROJECT_SOURCE_DIR}/core/hex.hpp" "${PROJECT_SOURCE_DIR}/core/reader.hpp" "${PROJECT_SOURCE_DIR}/core/types.hpp"
      "${PROJECT_SOURCE_DIR}/core/crypto/secret.hpp" ${ARGN})
  endif()
endfunction()

# uicclab_unite(TARGET sources...): compiles the files of one folder whose names begin with near letters as one, if UICCLAB_UNITY is on. Names of unnamed
# namespaces must then differ within a folder. A file that is added changes no other's company.
function(uicclab_unite target)
  if(NOT UICCLAB_UNITY)
    return()
  endif()
  foreach(source IN LISTS ARGN)
    get_filename_component(folder "${source}" DIRECTORY)
    get_filename_component(name "${source}" NAME)
    get_filename_component(folder "${folder}" ABSOLUTE)
    file(RELATIVE_PATH group "${PROJECT_SOURCE_DIR}" "${folder}")
    string(REPLACE "/" "." group "${group}")  # scripts/compile-times finds the folder by it
    foreach(letters IN ITEMS a-b c-d e-h i-m n-q r-r s-z)
      if(name MATCHES "^[${letters}]")
        set_source_files_properties("${source}" PROPERTIES UNITY_GROUP "${group}.${letters}")
      endif()
    endforeach()
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  # g++ takes a class that a header declares and this file defines for one of the header.
  target_compile_options(${target} PRIVATE "$<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>")
endfunction()

# uicclab_unoptimised(TARGET scope): under the sanitizers, where optimising tests and CLI11 takes longer than compiling all of the card.
function(uicclab_unoptimised target scope)
  if(UICCLAB_SANITIZE)
    target_compile_options(${target} ${scope} -O0)
  endif()
endfunction()

# uicclab_cool(TARGET): compiled for a short build rather than for speed, where no time is spent at run time. `uicclab_ef` is the first of them, and
# makes their precompiled headers.
function(uicclab_cool target)
  if(CMAKE_BUILD_TYPE STREQUAL "Release")
    target_compile_options(${target} PRIVATE -O1)
    uicclab_precompile(${target} REUSE_FROM uicclab_ef)
  else()
    uicclab_precompile(${target} REUSE_FROM uicclab_core)
  endif()
endfunction()

# uicclab_library(NAME [COOL] DEPENDS targets... PRIVATE_DEPENDS targets... EXCLUDE patterns... NO_UNITY patterns...): the static library uicclab_NAME of all .cpp files below the
# calling folder. Others link it as uicclab::NAME, here and where it is installed; warnings, sanitizers and flags stay private.
function(uicclab_library name)
  cmake_parse_arguments(ARG "COOL" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS;EXCLUDE;NO_UNITY" ${ARGN})
  if(ARG_SOURCES)
    set(sources ${ARG_SOURCES})
  else()
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  endif()
  foreach(pattern IN LISTS ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  set(target uicclab_${name})
  add_library(${target} STATIC ${sources})
  add_library(uicclab::${name} ALIAS ${target})
  target_compile_features(${target} PUBLIC cxx_std_20)
  # Installed headers are <uicclab/core/...>; among themselves they say "core/...".
  target_include_directories(${target} PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>" "$<INSTALL_INTERFACE:include>" "$<INSTALL_INTERFACE:include/uicclab>")
  target_link_libraries(${target} PUBLIC ${ARG_DEPENDS} PRIVATE "$<BUILD_INTERFACE:uicclab_options>" ${ARG_PRIVATE_DEPENDS})
  if(ARG_COOL)
    uicclab_cool(${target})
  else()
    uicclab_precompile(${target} REUSE_FROM uicclab_core)
  endif()
  foreach(pattern IN LISTS ARG_NO_UNITY)
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  uicclab_unite(${target} ${sources})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  uicclab_install_library(${name} ${ARG_DEPENDS} ${ARG_PRIVATE_DEPENDS})
endfunction()

# uicclab_embed(TARGET file): `#include "<path of the file in the project>.inc"` in the target's sources is a string literal of the text file.
function(uicclab_embed target file)
  file(RELATIVE_PATH name "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}/${file}")
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/include")
  set(out "${folder}/${name}.inc")
  set(script "${PROJECT_SOURCE_DIR}/cmake/EmbedText.cmake")
  add_custom_command(
    OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" "-DIN=${CMAKE_CURRENT_SOURCE_DIR}/${file}" "-DOUT=${out}" -P "${script}"
    DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/${file}" "${script}"
    VERBATIM)
  target_sources(${target} PRIVATE "${out}")
  target_include_directories(${target} PRIVATE "${folder}")
endfunction()
