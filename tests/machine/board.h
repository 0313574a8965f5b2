// A built board without an accelerator, for tests: devices answer on its ports, no
// guest code runs.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/chardev.h"
#include "core/clock.h"
#include "core/isa.h"
#include "core/machine.h"
#include "core/memory.h"
#include "core/run_state.h"
#include "machine/board_config.h"
#include "machine/pc.h"

namespace machine_test {

using namespace core;

inline constexpr const char* test_cpu_type = "machine-test-cpu";

// Runs every type_init of the program, once.
void register_types();

template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

// Time that stands still until a test moves it.
struct ManualClock : ClockSource {
  std::int64_t now_ns() override { return now; }

  std::int64_t now = 0;
};

class Board {
 public:
  using Configure = std::function<void(MachineState*)>;
  // `name` without "-machine". By default 16 MiB of RAM and an image of one byte as
  // -kernel, so that no firmware is needed.
  explicit Board(const std::string& name, const Configure& configure = {});
  ~Board();
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  MachineState* machine() const { return machine_; }

  std::uint8_t in(std::uint16_t port);
  void out(std::uint16_t port, std::uint8_t value);
  void pass(std::int64_t nanoseconds);  // and runs the timers that fell due

  std::string serial_output() const { return *output_; }

  Chardev* serial() const { return chardev_; }

 private:
  void tear_down();

  MachineState* machine_ = nullptr;
  ManualClock* clock_ = nullptr;
  Chardev* chardev_ = nullptr;
  std::string* output_ = nullptr;
};

// `size` bytes at `address` as one number, the first byte its lowest.
std::uint64_t read_number(AddressSpace& space, std::uint64_t address, unsigned size);
void write_number(AddressSpace& space, std::uint64_t address, std::uint64_t value,
                  unsigned size);

// The path of a file with these bytes, deleted at the end of the program.
std::string temporary_file(const std::string& bytes);

}  // namespace machine_test
