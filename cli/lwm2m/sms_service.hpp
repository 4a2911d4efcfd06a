// SPDX-License-Identifier: Apache-2.0
// The SMS side of lwm2m serve: messages of devices that come in by the HTTP interface, and new session keys when they are due.
#pragma once

#include <functional>
#include <future>
#include <list>

#include "cli/lwm2m/key_file.hpp"
#include "cli/lwm2m/sms_ends.hpp"
#include "core/json.hpp"

namespace uicclab::cli {

struct SmsServiceOption {
  std::string devices;  ///< file in TOML; empty: no SMS side
  RefreshOption common;

  void add_to(App& command);
};

class SmsService {
 public:
  using Event = std::function<void(const std::string& json)>;

  /// `event` gets what happened, as one JSON object. Throws Exit.
  SmsService(const SmsServiceOption& option, Random& random, Event event);

  /// SMS-SUBMIT in hexadecimal, all parts of one message: what came of it, as JSON. Errors: kRefused with the reason for what is dropped.
  Result<std::string> receive(const std::string& messages);
  /// The device has woken up, or falls asleep. Errors: kNotFound.
  Result<std::string> set_awake(const std::string& endpoint, bool awake);

  /// Sends what is due.
  void on_time();
  /// How long until then; nothing if nothing will be.
  std::optional<std::chrono::milliseconds> wake_up() const;

 private:
  struct Device {
    std::string endpoint, number;
    KeyFileOption keys;
    RefreshOption refresh;
    lwm2m::Instant not_before{0};          ///< after a failure
    std::optional<lwm2m::Instant> due_at;  ///< as of the last look
  };
  /// What a service centre is being given, beside everything else: it may take its time. The result is why it failed; empty: it did not.
  struct Sending {
    std::string endpoint;
    std::future<std::string> result;
  };
  void send(const Device& device, std::vector<ota::SmsDeliver> messages);
  void look_at_sending(lwm2m::Instant now);
  Json refresh(Device& device, lwm2m::ServerLedger& ledger, const ServerKeyFile& file, lwm2m::Instant now);
  void failed(Device& device, const std::string& why, lwm2m::Instant now);
  static lwm2m::Instant now();

  Random& m_random;
  Event m_event;
  std::list<Device> m_devices;
  std::list<Sending> m_sending;
};

}  // namespace uicclab::cli
