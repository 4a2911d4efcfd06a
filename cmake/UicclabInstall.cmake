# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts in place for those who link the libraries: archives, headers, the CMake package, one .pc file for each library.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# How a dependency is called in a .pc file; empty where it is headers alone, or part of the system.
function(uicclab_pkg_config_name out dependency)
  if(dependency MATCHES "^uicclab_(.*)$")
    string(REPLACE "_" "-" result "uicclab-${CMAKE_MATCH_1}")
  elseif(dependency STREQUAL "OpenSSL::Crypto")
    set(result libcrypto)
  elseif(dependency STREQUAL "OpenSSL::SSL")
    set(result libssl)
  elseif(dependency STREQUAL "ZLIB::ZLIB")
    set(result zlib)
  elseif(dependency STREQUAL "PkgConfig::SQLITE3")
    set(result sqlite3)
  elseif(dependency STREQUAL "PkgConfig::PCSCLITE")
    set(result libpcsclite)
  elseif(dependency STREQUAL "PkgConfig::WBXML")
    set(result libwbxml2)
  elseif(dependency STREQUAL "PkgConfig::XMLSEC")
    set(result xmlsec1-openssl)
  elseif(dependency STREQUAL "PkgConfig::EXPAT")
    set(result expat)
  elseif(dependency STREQUAL "PkgConfig::TOMLPLUSPLUS")
    set(result tomlplusplus)
  else()
    set(result "")
  endif()
  set(${out} "${result}" PARENT_SCOPE)
endfunction()

# uicclab_install_library(NAME dependencies...): called by uicclab_library.
function(uicclab_install_library name)
  install(TARGETS uicclab_${name} EXPORT uicclab COMPONENT development ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
  set(requires "")
  foreach(dependency IN LISTS ARGN)
    uicclab_pkg_config_name(one "${dependency}")
    if(one)
      list(APPEND requires ${one})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES requires)
  list(JOIN requires " " requires)
  string(REPLACE "_" "-" package "uicclab-${name}")
  # The prefix is wherever the file ends up: `cmake --install --prefix` may choose another one than the configuration.
  file(RELATIVE_PATH up "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
  file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/pkgconfig/${package}.pc" @ONLY CONTENT
"prefix=\${pcfiledir}/@up@
libdir=\${prefix}/@CMAKE_INSTALL_LIBDIR@
includedir=\${prefix}/@CMAKE_INSTALL_INCLUDEDIR@

Name: @package@
Description: uicclab, a UICC emulator and smart-card toolkit: library @name@
Version: @PROJECT_VERSION@
Requires: @requires@
Libs: -L\${libdir} -luicclab_@name@ -pthread
Cflags: -I\${includedir} -I\${includedir}/uicclab -std=c++20
")
  install(FILES "${PROJECT_BINARY_DIR}/pkgconfig/${package}.pc" COMPONENT development DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endfunction()

# uicclab_install(FOLDER...): the headers of these folders, the CMake package, the program and its manual page.
function(uicclab_install)
  foreach(folder IN LISTS ARGN)
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/${folder}" COMPONENT development DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/uicclab FILES_MATCHING PATTERN "*.hpp" PATTERN "*.def")
  endforeach()
  set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/uicclab)
  install(EXPORT uicclab COMPONENT development NAMESPACE uicclab:: FILE uicclab-targets.cmake DESTINATION ${package_dir})
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/uicclab-config.cmake.in" "${PROJECT_BINARY_DIR}/uicclab-config.cmake" INSTALL_DESTINATION ${package_dir})
  # Until 1.0 each minor version may change what the headers offer.
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/uicclab-config-version.cmake" COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/uicclab-config.cmake" "${PROJECT_BINARY_DIR}/uicclab-config-version.cmake" COMPONENT development DESTINATION ${package_dir})
  install(TARGETS uicclab COMPONENT program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install(FILES "${PROJECT_BINARY_DIR}/uicclab.1" COMPONENT program DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES "${PROJECT_BINARY_DIR}/uicclab.bash" COMPONENT program DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME uicclab)
  install(FILES "${PROJECT_BINARY_DIR}/uicclab.zsh" COMPONENT program DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions RENAME _uicclab)
endfunction()
