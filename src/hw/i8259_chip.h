// The 8259A interrupt controller without a bus: eight inputs, one output, priorities
// (Intel 8259A data sheet, 231468). Two of them make the pair of a PC.
//
//   A0=0  write  ICW1 (bit 4), OCW2, OCW3 (bit 3)    read  IRR or ISR, or the poll word
//   A0=1  write  ICW2, ICW3, ICW4 in turn; OCW1       read  IMR
//
// Differences from the data sheet, all as in the chip sets of real PCs: a register of
// its own (ELCR) chooses edge or level for each input; an edge stays requested when its
// line falls before it is acknowledged; the 8080 mode is not there.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace hw {

class I8259 {
 public:
  // `cascade_input`: the input another 8259 hangs on, for the special fully nested
  // mode; -1: none. `output` hears every change of INT.
  I8259() = default;

  I8259(int cascade_input, std::function<void(int level)> output)
      : cascade_input_(cascade_input), output_(std::move(output)) {}

  void reset();
  std::uint8_t read(unsigned a0);
  void write(unsigned a0, std::uint8_t value);

  std::uint8_t elcr() const { return elcr_; }

  void set_elcr(std::uint8_t value);

  void set_input(int n, int level);  // n 0..7

  bool output() const { return output_level_; }

  int pending() const;  // the input INTA would take now; -1: none
  // INTA: takes the pending input into service and returns it. Nothing pending (the
  // request went away): 7 and nothing in service, the "default IR7".
  int acknowledge();

  std::uint8_t vector_base() const { return vector_base_; }

  std::uint8_t irr() const { return irr_; }

  std::uint8_t isr() const { return isr_; }

  std::uint8_t imr() const { return imr_; }

 private:
  int priority_of(unsigned mask) const;
  void write_icw1(std::uint8_t value);
  void write_ocw2(std::uint8_t value);
  void write_ocw3(std::uint8_t value);
  void write_a1(std::uint8_t value);
  void end_of_interrupt(bool rotate);
  std::uint8_t read_poll_word();
  std::uint8_t level_inputs() const;
  void update();

  enum class Expect : std::uint8_t { ocw, icw2, icw3, icw4 };

  int cascade_input_ = -1;
  std::function<void(int level)> output_;
  std::uint8_t lines_ = 0, irr_ = 0, isr_ = 0, imr_ = 0, elcr_ = 0;
  std::uint8_t vector_base_ = 0;
  int top_ = 0;  // the input with the highest priority
  Expect expect_ = Expect::ocw;
  bool icw4_follows_ = false, single_ = false, all_level_ = false;
  bool automatic_eoi_ = false, rotate_on_automatic_eoi_ = false;
  bool special_mask_ = false, special_fully_nested_ = false;
  bool poll_ = false, read_isr_ = false;
  bool output_level_ = false;
};

}  // namespace hw
