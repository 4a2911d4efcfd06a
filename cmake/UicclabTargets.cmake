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
option(UICCLAB_PCH "Precompiled headers: a build from nothing is faster, but a missing #include goes unseen and ccache finds nothing" OFF)

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
    target_precompile_headers(${target} PRIVATE <algorithm> <array> <cstdint> <functional> <map> <memory> <optional> <span> <string>
      <string_view> <utility> <variant> <vector> <tl/expected.hpp> ${ARGN})
  endif()
endfunction()

# uicclab_unoptimised(TARGET scope): under the sanitizers, where optimising tests and CLI11 takes longer than compiling all of the card.
function(uicclab_unoptimised target scope)
  if(UICCLAB_SANITIZE)
    target_compile_options(${target} ${scope} -O0)
  endif()
endfunction()

# uicclab_library(NAME folder DEPENDS targets...): a static library of all .cpp files below the calling folder.
function(uicclab_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;EXCLUDE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")
  foreach(pattern IN LISTS ARG_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${pattern}")
  endforeach()
  if(sources)
    add_library(${name} STATIC ${sources})
    target_link_libraries(${name} PUBLIC uicclab_options ${ARG_DEPENDS})
    uicclab_precompile(${name} REUSE_FROM uicclab_core)
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE uicclab_options ${ARG_DEPENDS})
  endif()
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
