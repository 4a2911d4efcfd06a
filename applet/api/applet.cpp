#include "applet/api/applet.hpp"

namespace uicclab::applet {

StatusWord Applet::select(Context& /*context*/, Bytes& /*out*/) {
  return sw::kOk;
}

void Applet::deselect(Context& /*context*/) {}

void Applet::on_terminal_response(Context& /*context*/, BytesView /*response*/) {}

std::optional<StatusWord> Applet::on_envelope(Context& /*context*/, std::uint8_t /*tag*/, BytesView /*value*/, Bytes& /*out*/) {
  return std::nullopt;
}

}  // namespace uicclab::applet
