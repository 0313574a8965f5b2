#include "hw/i8259_chip.h"

namespace hw {

namespace {

enum : std::uint8_t {  // ICW1
  icw1_icw4_needed = 0x01,
  icw1_single = 0x02,
  icw1_level = 0x08,
  icw1_marker = 0x10,
};

enum : std::uint8_t {  // ICW4
  icw4_automatic_eoi = 0x02,
  icw4_special_fully_nested = 0x10,
};

enum : std::uint8_t {  // OCW2, bits 7 to 5
  ocw2_rotate_in_aeoi_clear = 0,
  ocw2_eoi = 1,
  ocw2_specific_eoi = 3,
  ocw2_rotate_in_aeoi_set = 4,
  ocw2_rotate_eoi = 5,
  ocw2_set_priority = 6,
  ocw2_rotate_specific_eoi = 7,
};

enum : std::uint8_t {  // OCW3
  ocw3_read_isr = 0x01,
  ocw3_read_select = 0x02,
  ocw3_poll = 0x04,
  ocw3_marker = 0x08,
  ocw3_special_mask = 0x20,
  ocw3_special_mask_select = 0x40,
};

constexpr std::uint8_t bit(int n) {
  return static_cast<std::uint8_t>(1u << (n & 7));
}

constexpr int no_priority = 8;

}  // namespace

void I8259::reset() {
  const std::uint8_t lines = lines_;
  const int cascade = cascade_input_;
  std::function<void(int)> output = std::move(output_);
  const bool level = output_level_;
  *this = I8259(cascade, std::move(output));
  lines_ = lines;
  output_level_ = level;
  update();
}

// 0 is the highest priority, 7 the lowest; 8: no bit of the mask is set.
int I8259::priority_of(unsigned mask) const {
  for (int priority = 0; priority < no_priority; ++priority) {
    if (mask & bit(top_ + priority)) {
      return priority;
    }
  }
  return no_priority;
}

int I8259::pending() const {
  const int wanted = priority_of(irr_ & ~imr_ & 0xffu);
  unsigned in_service = isr_;
  if (special_mask_) {
    in_service &= ~static_cast<unsigned>(imr_);
  }
  if (special_fully_nested_ && cascade_input_ >= 0) {
    in_service &= ~static_cast<unsigned>(bit(cascade_input_));
  }
  return wanted < priority_of(in_service) ? (top_ + wanted) & 7 : -1;
}

int I8259::acknowledge() {
  const int n = pending();
  if (n < 0) {
    return 7;
  }
  if (!automatic_eoi_) {
    isr_ |= bit(n);
  } else if (rotate_on_automatic_eoi_) {
    top_ = (n + 1) & 7;
  }
  if ((level_inputs() & bit(n)) == 0) {
    irr_ &= static_cast<std::uint8_t>(~bit(n));
  }
  update();
  return n;
}

std::uint8_t I8259::level_inputs() const {
  return all_level_ ? 0xff : elcr_;
}

void I8259::set_input(int n, int level) {
  const std::uint8_t mask = bit(n);
  const bool was_high = (lines_ & mask) != 0;
  if (level != 0) {
    lines_ |= mask;
    if (!was_high || (level_inputs() & mask) != 0) {
      irr_ |= mask;
    }
  } else {
    lines_ &= static_cast<std::uint8_t>(~mask);
    if ((level_inputs() & mask) != 0) {
      irr_ &= static_cast<std::uint8_t>(~mask);
    }
  }
  update();
}

void I8259::set_elcr(std::uint8_t value) {
  elcr_ = value;
}

void I8259::update() {
  const bool level = pending() >= 0;
  if (level != output_level_) {
    output_level_ = level;
    if (output_) {
      output_(level ? 1 : 0);
    }
  }
}

// ---- registers ----------------------------------------------------------------

std::uint8_t I8259::read(unsigned a0) {
  if (poll_) {
    return read_poll_word();
  }
  if (a0 & 1) {
    return imr_;
  }
  return read_isr_ ? isr_ : irr_;
}

// A read after the poll command is an INTA: bit 7 and the input's number.
std::uint8_t I8259::read_poll_word() {
  poll_ = false;
  if (pending() < 0) {
    return 0;
  }
  return static_cast<std::uint8_t>(0x80 | acknowledge());
}

void I8259::write(unsigned a0, std::uint8_t value) {
  if (a0 & 1) {
    write_a1(value);
  } else if (value & icw1_marker) {
    write_icw1(value);
  } else if (value & ocw3_marker) {
    write_ocw3(value);
  } else {
    write_ocw2(value);
  }
  update();
}

void I8259::write_icw1(std::uint8_t value) {
  icw4_follows_ = (value & icw1_icw4_needed) != 0;
  single_ = (value & icw1_single) != 0;
  all_level_ = (value & icw1_level) != 0;
  irr_ = lines_ & level_inputs();  // the edge sense circuit is reset
  isr_ = imr_ = 0;
  top_ = 0;
  automatic_eoi_ = rotate_on_automatic_eoi_ = false;
  special_mask_ = special_fully_nested_ = false;
  poll_ = read_isr_ = false;
  expect_ = Expect::icw2;
}

void I8259::write_a1(std::uint8_t value) {
  switch (expect_) {
    case Expect::ocw:
      imr_ = value;
      break;
    case Expect::icw2:
      vector_base_ = value & 0xf8;
      expect_ = single_ ? (icw4_follows_ ? Expect::icw4 : Expect::ocw) : Expect::icw3;
      break;
    case Expect::icw3:  // which inputs have slaves, or the slave's number: wired here
      expect_ = icw4_follows_ ? Expect::icw4 : Expect::ocw;
      break;
    case Expect::icw4:
      automatic_eoi_ = (value & icw4_automatic_eoi) != 0;
      special_fully_nested_ = (value & icw4_special_fully_nested) != 0;
      expect_ = Expect::ocw;
      break;
  }
}

void I8259::write_ocw2(std::uint8_t value) {
  const int n = value & 7;
  switch (value >> 5) {
    case ocw2_rotate_in_aeoi_clear:
    case ocw2_rotate_in_aeoi_set:
      rotate_on_automatic_eoi_ = (value >> 5) == ocw2_rotate_in_aeoi_set;
      break;
    case ocw2_eoi:
    case ocw2_rotate_eoi:
      end_of_interrupt((value >> 5) == ocw2_rotate_eoi);
      break;
    case ocw2_rotate_specific_eoi:
      isr_ &= static_cast<std::uint8_t>(~bit(n));
      top_ = (n + 1) & 7;
      break;
    case ocw2_specific_eoi:
      isr_ &= static_cast<std::uint8_t>(~bit(n));
      break;
    case ocw2_set_priority:
      top_ = (n + 1) & 7;
      break;
    default:  // no operation
      break;
  }
}

// Ends the interrupt of highest priority; in special mask mode never a masked one.
void I8259::end_of_interrupt(bool rotate) {
  const unsigned candidates = special_mask_ ? isr_ & ~static_cast<unsigned>(imr_) : isr_;
  const int priority = priority_of(candidates);
  if (priority == no_priority) {
    return;
  }
  const int n = (top_ + priority) & 7;
  isr_ &= static_cast<std::uint8_t>(~bit(n));
  if (rotate) {
    top_ = (n + 1) & 7;
  }
}

void I8259::write_ocw3(std::uint8_t value) {
  poll_ = (value & ocw3_poll) != 0;
  if (value & ocw3_read_select) {
    read_isr_ = (value & ocw3_read_isr) != 0;
  }
  if (value & ocw3_special_mask_select) {
    special_mask_ = (value & ocw3_special_mask) != 0;
  }
}

}  // namespace hw
