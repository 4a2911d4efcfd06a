#include "applet/builtin.hpp"

#include "applet/isim/module.hpp"
#include "applet/usim/module.hpp"

namespace uicclab::applet {

ModuleCatalogue builtin_modules() {
  return {
      std::make_shared<usim::UsimModule>(),
      std::make_shared<isim::IsimModule>(),
  };
}

}  // namespace uicclab::applet
