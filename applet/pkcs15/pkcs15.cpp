#include "applet/pkcs15/pkcs15.hpp"

namespace uicclab::applet::pkcs15 {

StatusWord Pkcs15::process(Context& context, const apdu::Command& command, Bytes& out) {
  if ((command.cla & 0x80) == 0) return sw::kInsNotSupported;
  return context.process_security(command, out);
}

}  // namespace uicclab::applet::pkcs15
