// SPDX-License-Identifier: Apache-2.0
#include "applet/api/applet.hpp"

namespace uicclab::applet {

StatusWord Applet::install(Context& /*context*/, const Installation& /*installation*/) {
  return sw::kOk;
}

StatusWord Applet::uninstall(Context& /*context*/) {
  return sw::kOk;
}

StatusWord Applet::select(Context& /*context*/, Bytes& /*out*/) {
  return sw::kOk;
}

void Applet::deselect(Context& /*context*/) {}

void Applet::on_transaction_end(bool /*committed*/) {}

StatusWord Applet::personalize(Context& context, const apdu::Command& store_data, Bytes& out) {
  return process(context, store_data, out);
}

std::optional<StatusWord> Applet::on_packet(Context& /*context*/, const PacketMessage& /*message*/) {
  return std::nullopt;
}

void Applet::on_files_changed(Context& /*context*/) {}

Service* Applet::service(const Aid& /*client*/, ServiceId /*id*/) {
  return nullptr;
}

std::unique_ptr<SecureChannel> Applet::make_secure_channel() const {
  return nullptr;
}

Handled Applet::on_event(Context& /*context*/, const EventCall& /*call*/) {
  return Handled::kIgnored;
}

Handled Applet::on_terminal_response(Context& /*context*/, BytesView /*response*/) {
  return Handled::kDone;
}

Result<Registration> Module::registration(const Parameters& /*parameters*/) const {
  return Registration{};
}

std::vector<std::string> Module::remarks(const Parameters& /*parameters*/, gp::SessionVersions /*opens*/) const {
  return {};
}

Result<InitialObjects> Module::install(BytesView parameters) const {
  const auto read = Parameters::parse({reinterpret_cast<const char*>(parameters.data()), parameters.size()});
  if (!read) return tl::unexpected(read.error());
  return personalise(*read);
}

std::optional<Bytes> Applet::on_remote_request(Context& /*context*/, const RemoteRequest& /*request*/) {
  return std::nullopt;
}

}  // namespace uicclab::applet
