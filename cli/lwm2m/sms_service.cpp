// SPDX-License-Identifier: Apache-2.0
#include "cli/lwm2m/sms_service.hpp"

#include <sstream>
#include <system_error>

#include <toml++/toml.h>

#include "cli/common/input_file.hpp"
#include "core/hex.hpp"
#include "core/json.hpp"
#include "core/wall_clock.hpp"

namespace uicclab::cli {
namespace {

constexpr std::chrono::seconds kAfterFailure{60};
constexpr std::size_t kMostMessages = 255;  // parts of one message
constexpr std::size_t kMostSending = 64;    // refreshes that a service centre is being given at a time, a thread each

}  // namespace

void SmsServiceOption::add_to(App& command) {
  command.add_option(
      "--sms", devices,
      "File in TOML with the devices of the SMS binding: [[device]] endpoint, server_keys, refresh (rfm, ram, push, push-u), "
      "account, number, subscriber, naf (docs/lwm2m.md)");
  common.link.security.add_keys_to(command);
  command.add_option("--key-set", common.link.security.key_set, "OTA key version for rfm and ram")->capture_default_str();
  command.add_option("--counters", common.link.counters, "File with the OTA counters of all cards; without it that of this user");
  command.add_option("--smsc", common.esme.smsc,
                     "HOST:PORT of an SMPP service centre that refreshes go to; without it they stand in the events");
  command.add_option("--smsc-account", common.esme.account, "System id and password there, with a colon between them")
      ->capture_default_str();
}

SmsService::SmsService(const SmsServiceOption& option, Random& random, Event event) : m_random(random), m_event(std::move(event)) {
  toml::table table;
  try {
    table = toml::parse(read_input_text(option.devices, kObjectFile));
  } catch (const toml::parse_error& error) {
    throw Exit{kUsage, option.devices + ": " + std::string(error.description()) + ", line " + std::to_string(error.source().begin.line)};
  }
  const toml::array* devices = table["device"].as_array();
  if (devices == nullptr) throw Exit{kUsage, option.devices + ": it must have [[device]] tables"};
  for (const toml::node& node : *devices) {
    const toml::table* one = node.as_table();
    const auto text = [&](const char* key) { return one == nullptr ? std::string() : (*one)[key].value_or(std::string()); };
    Device& device = m_devices.emplace_back();
    device.endpoint = text("endpoint");
    device.number = text("number");
    device.keys.name = text("server_keys");
    device.keys.storage_key = text("storage_key");
    device.refresh = option.common;
    device.refresh.way = text("refresh");
    device.refresh.account.file = text("account");
    device.refresh.link.security.key_card = text("card").empty() ? option.common.link.security.key_card : text("card");
    device.refresh.push.subscriber = text("subscriber");
    device.refresh.push.naf = text("naf");
    device.refresh.esme.to = device.number;
    static constexpr std::array<std::string_view, 4> kWays{"rfm", "ram", "push", "push-u"};
    if (device.endpoint.empty() || device.keys.name.empty() || std::ranges::find(kWays, device.refresh.way) == kWays.end()) {
      throw Exit{kUsage, option.devices + ": a device has endpoint, server_keys, and refresh = \"rfm\", \"ram\", \"push\" or \"push-u\""};
    }
    const auto ledger = ServerKeyFile(device.keys, m_random).load();  // a wrong storage key shows here
    device.due_at = ledger.rules().due_at();
  }
}

lwm2m::Instant SmsService::now() {
  return std::chrono::duration_cast<lwm2m::Instant>(WallClock().now());
}

void SmsService::failed(Device& device, const std::string& why, lwm2m::Instant now) {
  device.not_before = now + kAfterFailure;
  m_event(Json::object().set("event", "refresh failed").set("endpoint", device.endpoint).set("reason", why).text());
}

/// Keeps the ledger, and sends what is due. Returns the messages as a list in JSON.
Json SmsService::refresh(Device& device, lwm2m::ServerLedger& ledger, const ServerKeyFile& file, lwm2m::Instant now) {
  std::vector<std::string> messages;
  std::optional<MadeRefresh> made;
  if (now >= device.not_before) {
    try {
      made = make_refresh(device.refresh, ledger, now, m_random);
    } catch (const Exit& exit) {
      failed(device, exit.message, now);
    }
  }
  file.keep(ledger);
  device.due_at = ledger.rules().due_at();
  if (!made) return Json::array_of(messages);
  for (const ota::SmsDeliver& one : made->messages) messages.push_back(to_hex(one.build().value_or(Bytes())));
  m_event(Json::object()
              .set("event", "keys sent")
              .set("endpoint", device.endpoint)
              .set("generation", made->generation)
              .set("again", made->again)
              .set("way", device.refresh.way)
              .set("messages", Json::array_of(messages))
              .text());
  if (!device.refresh.esme.is_set()) return Json::array_of(messages);
  if (m_sending.size() >= kMostSending) {
    failed(device, "the service centre did not accept the earlier refreshes", now);
    return Json::array_of(messages);
  }
  try {
    send(device, std::move(made->messages));
  } catch (const std::system_error& error) {  // no thread to be had
    failed(device, error.what(), now);
  }
  return Json::array_of(messages);
}

void SmsService::send(const Device& device, std::vector<ota::SmsDeliver> messages) {
  m_sending.push_back({device.endpoint, std::async(std::launch::async, [option = device.refresh.esme, messages = std::move(messages)] {
                         try {
                           Esme esme(option);
                           for (const ota::SmsDeliver& one : messages) esme.submit(one);
                         } catch (const Exit& exit) {
                           return exit.message;
                         } catch (const std::exception& error) {
                           return std::string(error.what());
                         }
                         return std::string();
                       })});
}

void SmsService::look_at_sending(lwm2m::Instant now) {
  m_sending.remove_if([&](Sending& one) {
    if (one.result.wait_for(std::chrono::seconds(0)) != std::future_status::ready) return false;
    const std::string why = one.result.get();
    const auto device = std::ranges::find(m_devices, one.endpoint, &Device::endpoint);
    if (!why.empty() && device != m_devices.end()) failed(*device, why, now);
    return true;
  });
}

Result<std::string> SmsService::receive(const std::string& messages) {
  std::istringstream words(messages);
  std::vector<std::string> tpdus;
  for (std::string one; words >> one && tpdus.size() < kMostMessages;) tpdus.push_back(one);
  std::string why = "no device of --sms has these session keys";
  for (Device& device : m_devices) {
    try {
      const ServerKeyFile file(device.keys, m_random);
      lwm2m::ServerLedger ledger = file.load();
      const lwm2m::Instant at = now();
      const SmsAnswer answer = answer_sms(ledger, tpdus, {}, at);
      file.keep(ledger);
      const Json refreshed = refresh(device, ledger, file, at);
      const auto code = answer.code == lwm2m::coap::kEmpty ? answer.got.code : answer.code;
      const auto describe = [&](Json out) {
        return out.set("endpoint", device.endpoint)
            .set("code", lwm2m::coap::name(code))
            .set("messages", Json::array_of(answer.messages))
            .set("refresh", refreshed)
            .text();
      };
      m_event(describe(Json::object().set("event", "short message")));
      return describe(Json::object());
    } catch (const Exit& exit) {
      if (exit.code != kWrongKeys) return fail(ErrorCode::kRefused, exit.message);
    }
  }
  return fail(ErrorCode::kRefused, why);
}

Result<std::string> SmsService::set_awake(const std::string& endpoint, bool awake) {
  const auto device = std::ranges::find(m_devices, endpoint, &Device::endpoint);
  if (device == m_devices.end()) return fail(ErrorCode::kNotFound, "no device of --sms is named " + endpoint);
  try {
    const ServerKeyFile file(device->keys, m_random);
    lwm2m::ServerLedger ledger = file.load();
    const lwm2m::Instant at = now();
    if (awake) {
      ledger.rules().on_awake(at);
    } else {
      ledger.rules().on_asleep();
    }
    return Json::object().set("endpoint", endpoint).set("refresh", refresh(*device, ledger, file, at)).text();
  } catch (const Exit& exit) {
    return fail(ErrorCode::kRefused, exit.message);
  }
}

void SmsService::on_time() {
  const lwm2m::Instant at = now();
  look_at_sending(at);
  for (Device& device : m_devices) {
    if (!device.due_at || at < *device.due_at || at < device.not_before) continue;
    try {
      const ServerKeyFile file(device.keys, m_random);
      lwm2m::ServerLedger ledger = file.load();
      (void)refresh(device, ledger, file, at);
    } catch (const Exit& exit) {
      failed(device, exit.message, at);
    }
  }
}

std::optional<std::chrono::milliseconds> SmsService::wake_up() const {
  std::optional<std::chrono::milliseconds> out;
  if (!m_sending.empty()) out = std::chrono::milliseconds(200);
  for (const Device& device : m_devices) {
    if (!device.due_at) continue;
    const std::chrono::milliseconds at = std::max(*device.due_at, device.not_before);
    const auto left = std::max(at - WallClock().now(), std::chrono::milliseconds(0));
    out = std::min(out.value_or(left), left);
  }
  return out;
}

}  // namespace uicclab::cli
