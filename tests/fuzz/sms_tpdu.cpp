// SPDX-License-Identifier: Apache-2.0
// SMS-DELIVER, SMS-SUBMIT and the envelopes that bring them: what is taken can be written again and reads the same.
#include "ota/sms_tpdu.hpp"

#include "ota/sms_download.hpp"
#include "ota/sms_text.hpp"

using namespace uicclab;
using namespace uicclab::ota;

namespace {

void require(bool holds) {
  if (!holds) __builtin_trap();
}

template <typename Tpdu>
void check_tpdu(BytesView bytes) {
  const auto tpdu = Tpdu::parse(bytes);
  if (!tpdu) return;
  const auto built = tpdu->build();
  require(built && Tpdu::parse(*built) == *tpdu);
  if (const auto data = tpdu->body.parsed_user_data()) {
    Tpdu again = *tpdu;
    require(again.body.set_user_data(*data) || data->header.empty());
  }
  if (const auto text = text_of(tpdu->body)) {
    Tpdu again = *tpdu;
    require(set_text(again.body, *text) && again == *tpdu);
  }
}

template <typename Download>
void check_download(BytesView bytes) {
  const auto download = Download::parse(bytes);
  if (download) require(Download::parse(download->build()) == *download);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes(data, size);
  check_tpdu<SmsDeliver>(bytes);
  check_tpdu<SmsSubmit>(bytes);
  check_download<SmsPpDownload>(bytes);
  check_download<CellBroadcastDownload>(bytes);
  check_download<SendShortMessage>(bytes);
  if (const auto address = parse_address_value(bytes)) static_cast<void>(address->text());
  return 0;
}
