// What the guest did wrong, as a value: raised by a handler, delivered by
// exceptions.cc. SDM vol. 3 chapter 6.
#pragma once

#include "softcpu/insn.h"

namespace softcpu {

enum Vector : u8 {
  vector_de = 0,
  vector_db = 1,
  vector_nmi = 2,
  vector_bp = 3,
  vector_of = 4,
  vector_br = 5,
  vector_ud = 6,
  vector_nm = 7,
  vector_df = 8,
  vector_ts = 10,
  vector_np = 11,
  vector_ss = 12,
  vector_gp = 13,
  vector_pf = 14,
  vector_mf = 16,
  vector_ac = 17,
};

struct Fault {
  u8 vector = 0;
  bool has_error = false;
  u32 error = 0;
};

enum PageFaultBit : u32 {
  pf_present = 1,
  pf_write = 2,
  pf_user = 4,
  pf_reserved = 8,
  pf_fetch = 16,
};

}  // namespace softcpu
