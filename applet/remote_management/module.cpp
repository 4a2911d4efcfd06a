// SPDX-License-Identifier: Apache-2.0
#include "applet/remote_management/module.hpp"

#include "applet/remote_management/parameters.hpp"
#include "applet/remote_management/script.hpp"

namespace uicclab::applet::remote_management {
namespace {

/// There, whatever it holds: scripts may have commands of class A0.
constexpr Slot kGsmClassSlot{1};

class FileManagement final : public Applet {
 public:
  StatusWord process(Context& /*context*/, const apdu::Command& /*command*/, Bytes& /*out*/) override { return sw::kInsNotSupported; }

  std::optional<Bytes> on_remote_request(Context& context, const RemoteRequest& request) override {
    return run_script(context, request, ota::CommandSet::kFiles, context.load(kGsmClassSlot).has_value());
  }
};

}  // namespace

// Package and module of our own: RID of ETSI, application provider code of remote file management in a test card.
Aid FileManagementModule::load_file_aid() const {
  return Aid::from("A0000000090002FFFFFFFF89B001"_h).value();
}

Aid FileManagementModule::module_aid() const {
  return Aid::from("A0000000090002FFFFFFFF89B00100"_h).value();
}

Result<InitialObjects> FileManagementModule::personalise(const Parameters& parameters) const {
  const auto uicc = read_uicc(parameters);
  if (!uicc) return tl::unexpected(uicc.error());
  if (!parameters.contains("gsm_class")) return InitialObjects{};
  const auto gsm_class = parameters.flag("gsm_class");
  if (!gsm_class) return tl::unexpected(gsm_class.error());
  return *gsm_class ? InitialObjects{{kGsmClassSlot, Bytes{0x01}}} : InitialObjects{};
}

Result<Registration> FileManagementModule::registration(const Parameters& parameters) const {
  auto uicc = read_uicc(parameters);
  if (!uicc) return tl::unexpected(uicc.error());
  Registration out;
  out.uicc = *std::move(uicc);
  return out;
}

Result<InitialObjects> FileManagementModule::install(BytesView parameters) const {
  if (!parameters.empty()) return fail(ErrorCode::kMalformed, "remote file management takes no application parameters");
  return InitialObjects{};
}

std::unique_ptr<Applet> FileManagementModule::make() const {
  return std::make_unique<FileManagement>();
}

}  // namespace uicclab::applet::remote_management
