// SPDX-License-Identifier: Apache-2.0
// The module "usim": parameters of a profile, first objects of an instance.
//
//   [[applications]]
//   module = "usim"
//   [applications.parameters]     (a table below it makes dotted names: sqn.start)
//
// | key                | value                                                              | without it                      |
// |--------------------|--------------------------------------------------------------------|---------------------------------|
// | algorithm          | milenage, tuak, xor, comp128v1, comp128v2, comp128v3               | an error                        |
// | k                  | hex, 16 bytes; tuak also 32                                        | an error                        |
// | opc, op            | hex, 16 bytes; milenage, one of the two                            | an error                        |
// | topc, top          | hex, 32 bytes; tuak, one of the two                                | an error                        |
// | r1 .. r5           | 0 to 127 bits; milenage                                            | 64, 0, 32, 64, 96               |
// | c1 .. c5           | hex, 16 bytes; milenage                                            | 0, 1, 2, 4, 8                   |
// | res_length         | bytes: milenage 4 to 8, xor 4 to 16, tuak 4, 8, 16, 32             | 8; xor 16                       |
// | mac_length         | bytes: 8, 16, 32; tuak. AUTN has 8 bytes more                      | 8                               |
// | ck_length, ik_length | bytes: 16, 32; tuak                                              | 16                              |
// | keccak_iterations  | 1 to 255; tuak                                                     | 1                               |
// | gsm_algorithm      | of the GSM context: derived (c2, c3), derived-truncated, xor,      | derived; not with a comp128     |
// |                    | comp128v1 .. v3. Truncated: SRES is the first half of RES          | algorithm                       |
// | gsm_ki             | hex, 16 bytes; with a gsm_algorithm that is not derived            | k                               |
// | sqn.ind_bits       | length of IND, 0 to 8                                              | 5                               |
// | sqn.start          | SQN last accepted, 48 bits: 0xFF9BB4D0B5FF; no SEQ up to its own   | 0                               |
// |                    | is fresh                                                           |                                 |
// | sqn.delta          | largest jump of SEQ (SQN without IND); 0: any                      | 268435456 (2^28)                |
// | sqn.age_limit      | L, how far SEQ may lie back; 0: any distance                       | 0                               |
// | pin                | key reference of the application PIN: 1 to 8, or 17                | 1                               |
//
// A comp128 algorithm takes only algorithm, k and pin: it has no 3G context. A key that the algorithm does not know is an error.
// The keys for the SUCI are not parameters: they are in EF_SUCI_Calc_Info (ADF.USIM/5FD0/4F01).
#pragma once

#include "applet/api/applet.hpp"

namespace uicclab::applet::usim {

/// Load file F0 "uicclab" 01 with the modules F0 "uicclab" 01 01 (USIM) and 01 02 (ISIM): unregistered, ISO/IEC 7816-4 clause 8.2.1.2.
class UsimModule final : public Module {
 public:
  std::string_view name() const override { return "usim"; }
  Aid load_file_aid() const override;
  Aid module_aid() const override;
  /// Errors: those of aka::read_subscriber.
  Result<InitialObjects> personalise(const Parameters& parameters) const override;
  bool has_files() const override { return true; }
  std::unique_ptr<Applet> make() const override;
};

}  // namespace uicclab::applet::usim
