// SPDX-License-Identifier: Apache-2.0
#include "applet/builtin.hpp"

#include "applet/ara_m/module.hpp"
#include "applet/csim/module.hpp"
#include "applet/isim/module.hpp"
#include "applet/issuer_sd/module.hpp"
#include "applet/java/module.hpp"
#include "applet/lwm2m_sms/module.hpp"
#include "applet/mcim/module.hpp"
#include "applet/pkcs15/module.hpp"
#include "applet/remote_management/module.hpp"
#include "applet/toolkit_demo/module.hpp"
#include "applet/usim/module.hpp"

namespace uicclab::applet {

ModuleCatalogue builtin_modules() {
  ModuleCatalogue modules{
      std::make_shared<usim::UsimModule>(),
      std::make_shared<isim::IsimModule>(),
      std::make_shared<issuer_sd::DomainModule>(issuer_sd::DomainModule::Kind::kIssuer),
      std::make_shared<issuer_sd::DomainModule>(issuer_sd::DomainModule::Kind::kSupplementary),
      std::make_shared<remote_management::FileManagementModule>(),
      std::make_shared<pkcs15::Pkcs15Module>(),
      std::make_shared<mcim::McimModule>(),
      std::make_shared<lwm2m_sms::SmsSecurityModule>(),
      std::make_shared<csim::CsimModule>(),
      std::make_shared<toolkit_demo::DemoModule>(),
      std::make_shared<ara_m::AraMModule>(),
  };
  modules.managed = java::java_code();
  return modules;
}

}  // namespace uicclab::applet
