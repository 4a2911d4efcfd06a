// SPDX-License-Identifier: Apache-2.0
// uicclab dm verify, receive: the device's end of a bootstrap.
#include <filesystem>
#include <iostream>

#include "cli/dm/dm.hpp"
#include "cli/dm/tree_file.hpp"
#include "cli/gba/push_messages.hpp"
#include "core/hex.hpp"
#include "core/visible.hpp"
#include "dm/management_tree.hpp"
#include "dm/wbxml.hpp"

namespace uicclab::cli {
namespace {

struct DeviceOptions {
  std::string document, content_type, tree;
  std::vector<std::string> messages;
  DmDeviceOptions device;
};

int verify(const DeviceOptions& options) {
  const auto wsp = from_hex(options.content_type);
  const auto type = wsp ? dm::parse_wsp(*wsp) : dm::parse_content_type(options.content_type);
  if (!type) throw Exit{kUsage, type.error().text};
  check_bootstrap(options.device, *type, read_wbxml(options.document));
  std::cout << "good\n";
  return kOk;
}

/// A device carries out what it receives: a method that anyone can sign with is taken only if it was agreed on.
void refuse_weak_unless_required(const DmDeviceOptions& options, const dm::DmContentType& type) {
  if (!options.required.empty() || !type.sec || dm::weakness_of(*type.sec).empty()) return;
  const std::string name(dm::name_of(*type.sec));
  throw Exit{kCheckFailed, "the document is protected with " + name + ": " + std::string(dm::weakness_of(*type.sec)) + "; --require " +
                               name + " takes it all the same"};
}

int receive(const DeviceOptions& options) {
  const ota::WapPush push = wap_push_in(options.messages);
  const auto type = dm::parse_wsp(push.content_type);
  if (!type) throw Exit{kCheckFailed, "the push: " + type.error().text};
  if (type->media_type != dm::kDmMediaType) {
    throw Exit{kCheckFailed, "the MIME type must be " + std::string(dm::kDmMediaType) + ", is " + type->media_type};
  }
  if (push.application && *push.application != ota::WapApplication(ota::kSyncmlDmApplication)) {
    throw Exit{kCheckFailed, "the push is for another application than x-wap-application:syncml.dm (7)"};
  }
  if (const auto good = dm::check_wbxml(push.body); !good) throw Exit{kCheckFailed, good.error().text};
  if (std::filesystem::weakly_canonical(options.tree) == std::filesystem::weakly_canonical(options.device.keys.name)) {
    throw Exit{kUsage, "--tree and --keys must be two files, both are " + options.tree};  // each is locked
  }
  DmTreeFile file(options.tree);  // a file that cannot be read is refused before a push is spent
  refuse_weak_unless_required(options.device, *type);
  check_bootstrap(options.device, *type, push.body);
  const auto xml = dm::xml_of(push.body);
  const auto message = xml ? dm::read_bootstrap(*xml) : Result<dm::BootstrapMessage>(tl::unexpected(xml.error()));
  if (!message) throw Exit{kCheckFailed, message.error().text};
  if (const auto applied = file.apply_from_server(*message); !applied) throw Exit{kCheckFailed, applied.error().text};
  file.keep();
  std::cout << "bootstrap of " << visible(message->server) << ", " << dm::name_of(*type->sec) << ": " << message->commands.size()
            << " commands carried out, the tree has " << file.tree().nodes().size() << " nodes\n";
  return kOk;
}

}  // namespace

void add_dm_device(App& dm, Action& action) {
  const auto options = std::make_shared<DeviceOptions>();  // shared with the callbacks, which outlive this function
  auto* verifying = dm.add_subcommand("verify", "Check a document against its content type");
  verifying->add_option("DOCUMENT", options->document, "File with the WBXML document")->required();
  verifying->add_option("--content-type", options->content_type, "As received: text, or WSP's short coding in hexadecimal")->required();
  options->device.add_to(*verifying);
  set_example(*verifying,
              "  uicclab dm verify bootstrap.wbxml --pin 1234 --content-type 'application/vnd.syncml.dm+wbxml; SEC=USERPIN; MAC=...'\n"
              "  uicclab dm verify bootstrap.wbxml --keys naf-keys --naf-id dm.example.com --require NETWORKID_GBA --content-type '...'");
  verifying->callback([options, &action] { action = [options] { return verify(*options); }; });

  auto* receiving =
      dm.add_subcommand("receive", "The device: check a bootstrap that came as short messages, and carry it out in the management tree");
  receiving->add_option("MESSAGE", options->messages, "SMS-DELIVER of a WAP push in hexadecimal, all parts")->required();
  receiving->add_option("--tree", options->tree, "File with the device's management tree")->required();
  options->device.add_to(*receiving);
  set_example(*receiving,
              "  uicclab dm receive 4005A1... --tree device.tree --keys naf-keys --naf-id dm.example.com --require NETWORKID_GBA");
  receiving->callback([options, &action] { action = [options] { return receive(*options); }; });
}

}  // namespace uicclab::cli
