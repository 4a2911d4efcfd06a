// SPDX-License-Identifier: Apache-2.0
#include "lwm2m/transport/gnutls_api.hpp"

#include <string>

#include <dlfcn.h>

#include "core/result.hpp"

namespace uicclab::lwm2m::gnutls {
namespace {

constexpr const char* kLibrary = "libgnutls.so.30";

[[noreturn]] void refuse() {
  const char* reason = ::dlerror();
  throw SystemError("DTLS in the server's role and with raw public keys needs GnuTLS 3.7 (Debian: libgnutls30): " +
                    std::string(reason != nullptr ? reason : kLibrary));
}

template <typename T>
void find(void* library, const char* name, T& out) {
  void* symbol = ::dlsym(library, name);
  if (symbol == nullptr) refuse();
  out = reinterpret_cast<T>(symbol);  // NOLINT(cppcoreguidelines-pro-type-reinterpret-cast): as POSIX has it for dlsym()
}

Api load() {
  void* library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);  // never closed: sessions may be alive until the end
  if (library == nullptr) refuse();
  Api out;
#define UICCLAB_ROW(name) find(library, "gnutls_" #name, out.name);
  UICCLAB_GNUTLS_FUNCTIONS(UICCLAB_ROW)
#undef UICCLAB_ROW
  gnutls_alloc_function* allocate = nullptr;
  gnutls_free_function* release = nullptr;
  find(library, "gnutls_malloc", allocate);
  find(library, "gnutls_free", release);
  out.malloc = *allocate;
  out.free = *release;
  return out;
}

}  // namespace

const Api& api() {
  static const Api loaded = load();
  return loaded;
}

}  // namespace uicclab::lwm2m::gnutls
