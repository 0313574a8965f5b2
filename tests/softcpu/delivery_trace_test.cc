// What the trace tells of interrupts and exceptions: one event for each that entered its
// handler, and nothing else.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <functional>

#include "machine.h"
#include "trace/read/reader.h"
#include "trace/session.h"

namespace softcpu_test {
namespace {

constexpr u64 handler_at = 0x1800;

// "vector kind name error address" of every delivery while `body` runs.
std::vector<std::string> deliveries(const std::function<void()>& body) {
  std::string file = (std::filesystem::temp_directory_path() /
                      ("delivery_trace_" + std::to_string(getpid()) + ".json"))
                         .string();
  trace::open({.file = file});
  body();
  trace::close();
  std::vector<std::string> found;
  {
    trace::Reader reader(file);
    trace::Event event;
    while (reader.next(event)) {
      if (event.name() == "do_interrupt_all") {
        std::string line;
        for (const trace::Arg& arg : event.args) {
          if (arg.field->name != "cpu" && arg.field->name != "rip") {
            line += (line.empty() ? "" : " ") + std::string(arg.json);
          }
        }
        EXPECT_EQ(event.cat(), "irq");
        found.push_back(line);
      }
    }
  }
  std::filesystem::remove(file);
  return found;
}

using Lines = std::vector<std::string>;

void handler_halts(Machine& machine, unsigned vector) {
  machine.gate64(vector, handler_at);
  machine.write(handler_at, {0xf4});
}

TEST(SoftCpuTrace, an_exception_is_told_with_its_name) {
  Machine machine;
  machine.long_mode();
  handler_halts(machine, 6);

  Lines told = deliveries([&] { machine.run_code({0x90, 0x0f, 0x0b}); });

  EXPECT_EQ(told, Lines{R"(6 "exception" "#UD" -1 "0x0")"});
}

TEST(SoftCpuTrace, a_page_fault_is_told_with_error_code_and_address) {
  Machine machine;
  machine.long_mode();
  handler_halts(machine, 14);
  machine.put<u64>(Machine::page_entry(data_at), 0);

  Lines told = deliveries([&] {  // mov [0x5008],eax
    machine.run_code({0x89, 0x04, 0x25, 0x08, 0x50, 0x00, 0x00});
  });

  EXPECT_EQ(told, Lines{R"(14 "exception" "#PF" 2 "0x5008")"});
}

TEST(SoftCpuTrace, a_software_interrupt_is_not_named_after_an_exception) {
  Machine machine;
  machine.long_mode();
  handler_halts(machine, 6);

  Lines told = deliveries([&] { machine.run_code({0xcd, 0x06}); });

  EXPECT_EQ(told, Lines{R"(6 "software" "" -1 "0x0")"});
}

TEST(SoftCpuTrace, an_injected_interrupt_is_told_as_hardware) {
  Machine machine;
  machine.long_mode();
  handler_halts(machine, 0x20);
  machine.vcpu->inject_irq(0x20);

  Lines told = deliveries([&] { machine.run_code({0x90}); });

  EXPECT_EQ(told, Lines{R"(32 "hardware" "" -1 "0x0")"});
}

TEST(SoftCpuTrace, a_fault_that_cannot_be_delivered_is_told_as_the_double_fault) {
  Machine machine;
  machine.long_mode();
  handler_halts(machine, 8);
  machine.put<u64>(idt_at + 13 * 16, 0);  // no gate for #GP: #NP on the way

  Lines told = deliveries([&] { machine.run_code({0xb0, 0xff, 0x8e, 0xd8}); });

  EXPECT_EQ(told, Lines{R"(8 "exception" "#DF" 0 "0x0")"});
}

TEST(SoftCpuTrace, instructions_without_an_interrupt_are_not_told) {
  Machine machine;
  machine.long_mode();

  Lines told = deliveries([&] { machine.run_code(std::vector<u8>(200, 0x90)); });

  EXPECT_EQ(told, Lines{});
}

}  // namespace
}  // namespace softcpu_test
