// SPDX-License-Identifier: Apache-2.0
// uicclab gp put-key, lock, unlock: the keys of a security domain.
#include "cli/gp/gp.hpp"

namespace uicclab::cli {
namespace {

using gp::host::KeyMaterial;

/// What secure channel keys of the session's protocol are.
scp03::KeyType type_of_session(const GpContext& context) {
  return context.manager.opening().protocol.number == scp03::kProtocolNumber ? scp03::KeyType::kAes : scp03::KeyType::kDes;
}

/// A session with the new keys, to be sure before the old ones are forgotten.
void try_keys(GpContext& context, KeyMaterial keys, KeyVersion version) {
  if (context.dry_run) return;
  if (context.over_the_air) return context.say("No session was tried with them: over the air there are no sessions.");
  keys.version = version;
  gp_value(context.manager.connect());
  const auto opened = context.manager.open(keys, nullptr);
  if (!opened) {
    throw Exit{kCheckFailed, "PUT KEY was carried out, but no session opens with the new keys: " + opened.error().text +
                                 ". Keep the old keys and the new ones"};
  }
  context.done("A session with the new keys opens.");
}

/// What GlobalPlatformPro calls lock and unlock: the keys of the session are replaced.
int replace_session_keys(GpContext& context, const KeyMaterial& keys) {
  const KeyVersion now = context.manager.opening().version;
  // Key version FF is how cards come from their maker; it cannot be replaced, the first real one is added to it.
  const bool initial = now.value == 0xFF || now.value == 0;
  const KeyVersion version = keys.version.value != 0 ? keys.version : initial ? KeyVersion{0x01} : now;
  gp_value(context.manager.put_key_set(initial ? KeyVersion{0} : now, version, type_of_session(context), keys));
  if (context.dry_run) return kOk;
  context.done("Key version " + hex_byte(version.value) + " has the keys '" + keys.name + "' now.");
  try_keys(context, keys.clone(), version);
  return kOk;
}

void add_put_key(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  struct Options {
    KeySource keys;
    std::string replace;
    std::string type;
    std::string id;
  };
  auto* command =
      gp.add_subcommand("put-key", "Put keys into the security domain: ENC, MAC and DEK, or one key; new ones, or for old ones");
  const auto options = std::make_shared<Options>();
  options->keys.from = "";
  options->keys.add_to(*command, "new-", "The new keys");
  command->add_option("--replace", options->replace, "Key version that is replaced, two hexadecimal digits; without it keys are added");
  command->add_option("--type", options->type, "aes or des; without it as the session's keys")->check(OneOf{{"aes", "des"}});
  command->add_option("--key-id", options->id, "One key, with this identifier (two hexadecimal digits), and no others");
  set_example(*command, "  uicclab gp put-key --new-keys file:new.keys --new-key-version 31 --state my.card");
  command->callback([=, &action] {
    action = [=] {
      if (options->keys.from.empty() && options->keys.hex.empty()) throw Exit{kUsage, "put-key needs --new-keys"};
      const KeyMaterial keys = options->keys.read();
      if (keys.version.value < 0x01 || keys.version.value > 0x7F) throw Exit{kUsage, "put-key needs --new-key-version, 01 to 7F"};
      const KeyVersion replace{options->replace.empty() ? std::uint8_t{0} : byte_option("--replace", options->replace)};
      const GpJob::Kind kind = options->replace.empty() ? GpJob::Kind::kChange : GpJob::Kind::kDanger;
      return run_gp(*common, {kind, "replaces keys", [&](GpContext& context) {
                                scp03::KeyType type = type_of_session(context);
                                if (!options->type.empty()) type = options->type == "aes" ? scp03::KeyType::kAes : scp03::KeyType::kDes;
                                if (options->id.empty()) {
                                  gp_value(context.manager.put_key_set(replace, keys.version, type, keys));
                                  context.done("Key version " + hex_byte(keys.version.value) + " has the keys '" + keys.name + "'.");
                                  if (type == type_of_session(context)) try_keys(context, keys.clone(), keys.version);
                                } else {
                                  const gp::KeyId id{byte_option("--key-id", options->id)};
                                  gp_value(context.manager.put_key(replace, keys.version, id, type, keys.enc));
                                  context.done("Key " + hex_byte(id.value) + " of version " + hex_byte(keys.version.value) + " is there.");
                                }
                                return static_cast<int>(kOk);
                              }});
    };
  });
}

void add_lock(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  auto* command = gp.add_subcommand(
      "lock", "Replace the keys of the session by new ones, so that the old ones open no session (not a life cycle state)");
  const auto keys = std::make_shared<KeySource>();
  keys->from = "";
  keys->add_to(*command, "new-", "The new keys");
  set_example(*command, "  uicclab gp lock --new-keys file:new.keys --state my.card");
  command->callback([=, &action] {
    action = [=] {
      if (keys->from.empty() && keys->hex.empty()) throw Exit{kUsage, "lock needs --new-keys"};
      const KeyMaterial material = keys->read();
      return run_gp(*common, {GpJob::Kind::kDanger, "replaces the keys",
                              [&](GpContext& context) { return replace_session_keys(context, material); }});
    };
  });
}

void add_unlock(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  auto* command = gp.add_subcommand("unlock", "Replace the keys of the session by the public default keys 404142..4F");
  set_example(*command, "  uicclab gp unlock --keys file:new.keys --state my.card");
  command->callback([=, &action] {
    action = [=] {
      return run_gp(*common, {GpJob::Kind::kDanger, "replaces the keys by public ones",
                              [&](GpContext& context) { return replace_session_keys(context, gp::host::default_keys()); }});
    };
  });
}

}  // namespace

void add_gp_keys(App& gp, Action& action, const std::shared_ptr<GpOptions>& common) {
  add_put_key(gp, action, common);
  add_lock(gp, action, common);
  add_unlock(gp, action, common);
}

}  // namespace uicclab::cli
