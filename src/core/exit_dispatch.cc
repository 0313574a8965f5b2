// What the machine does about each way a vCPU can stop. See exit_dispatch.h.
#include "core/exit_dispatch.h"

#include <algorithm>
#include <cstdio>
#include <string>

#include "core/exit_watch.h"
#include "core/memory.h"
#include "core/run_internal.h"

namespace core {
namespace {

struct CpuIn {
  static constexpr trace::Declaration declaration{
      "cpu_in", trace::Category::vcpu, trace::Shape::span, "The guest reads a port."};
  trace::Hex port;
  std::uint32_t size = 0;

  struct Result {
    trace::Hex value;

    static constexpr auto fields() {
      return trace::fields(trace::state("value", &Result::value, "what it got"));
    }
  };

  static constexpr auto fields() {
    return trace::fields(trace::identity("port", &CpuIn::port, "port number"),
                         trace::identity("size", &CpuIn::size, "bytes"));
  }
};

struct CpuOut {
  static constexpr trace::Declaration declaration{
      "cpu_out", trace::Category::vcpu, trace::Shape::span, "The guest writes a port."};
  trace::Hex port;
  std::uint32_t size = 0;
  trace::Hex value;

  static constexpr auto fields() {
    return trace::fields(trace::identity("port", &CpuOut::port, "port number"),
                         trace::identity("size", &CpuOut::size, "bytes"),
                         trace::state("value", &CpuOut::value, "what it wrote"));
  }
};

struct AddressSpaceRw {
  static constexpr trace::Declaration declaration{
      "address_space_rw", trace::Category::vcpu, trace::Shape::span,
      "The guest touches memory that is not RAM."};
  trace::Hex address;
  std::uint32_t size = 0;
  bool write = false;

  struct Result {
    trace::Hex value;

    static constexpr auto fields() {
      return trace::fields(trace::state("value", &Result::value, "what was moved"));
    }
  };

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("address", &AddressSpaceRw::address, "guest physical address"),
        trace::identity("size", &AddressSpaceRw::size, "bytes"),
        trace::identity("write", &AddressSpaceRw::write, "true for a write"));
  }
};

// The first eight bytes as a number, little endian.
std::uint64_t number(std::span<const std::byte> data) {
  std::uint64_t value = 0;
  for (std::size_t i = std::min<std::size_t>(data.size(), 8); i-- > 0;)
    value = value << 8 | static_cast<std::uint64_t>(data[i]);
  return value;
}

std::string hex(std::uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

std::string byte_list(const exit::InternalError& error) {
  std::string out;
  for (std::size_t i = 0; i < std::min<std::size_t>(error.byte_count, error.bytes.size());
       ++i) {
    char text[4];
    std::snprintf(text, sizeof text, " %02x", error.bytes[i]);
    out += text;
  }
  return out;
}

// ---- one function an exit -------------------------------------------------------------

// String instructions arrive as `count` items for one port, in order.
void handle(CpuState&, exit::Io& io) {
  AddressSpace& space = address_space_io();
  for (std::uint32_t i = 0; i < io.count; ++i) {
    const auto item = io.data.subspan(std::size_t{i} * io.size, io.size);
    if (io.direction == Direction::out) {
      trace::Span span{
          CpuOut{.port = {io.port.value}, .size = io.size, .value = {number(item)}}};
      space.write(io.port.value, item);
    } else {
      trace::Span span{CpuIn{.port = {io.port.value}, .size = io.size}};
      space.read(io.port.value, item);
      span.result(CpuIn::Result{.value = {number(item)}});
    }
  }
}

void handle(CpuState&, exit::Mmio& mmio) {
  AddressSpace& space = address_space_memory();
  const bool write = mmio.direction == Direction::out;
  trace::Span span{AddressSpaceRw{.address = {mmio.address.value},
                                  .size = static_cast<std::uint32_t>(mmio.data.size()),
                                  .write = write}};
  if (write)
    space.write(mmio.address.value, mmio.data);
  else
    space.read(mmio.address.value, mmio.data);
  span.result(AddressSpaceRw::Result{.value = {number(mmio.data)}});
}

// A step onto HLT is complete: nothing else would end it.
void handle(CpuState& cpu, exit::Hlt&) {
  cpu.halted = true;
  if (cpu.single_step && current_debugger())
    current_debugger()->debug_exit(cpu, {.rip = cpu.vcpu->exit_rip()});
}

void handle(CpuState&, exit::Shutdown&) {
  request_reset(ShutdownCause::triple_fault);
}

// The loop looks for interrupts and requests before it runs again: nothing to do here.
void handle(CpuState&, exit::IrqWindow&) {}

void handle(CpuState&, exit::Intr&) {}

void handle(CpuState& cpu, exit::Debug& debug) {
  if (current_debugger()) {
    current_debugger()->debug_exit(cpu, debug);
    return;
  }
  request_internal_error("debug stop at rip " + hex(debug.rip) + " (dr6 " +
                         hex(debug.dr6) + ") and no debugger is attached");
}

// Numbers of KVM_SYSTEM_EVENT_*, which an engine passes on as they are.
void handle(CpuState&, exit::SystemEvent& event) {
  switch (event.type) {
    case 1:
      request_shutdown(ShutdownCause::guest_shutdown);
      break;
    case 2:
      request_reset(ShutdownCause::guest_reset);
      break;
    case 3:
      request_shutdown(ShutdownCause::guest_panic);
      break;
    default:
      request_internal_error("unknown system event " + std::to_string(event.type));
  }
}

void handle(CpuState& cpu, exit::InternalError& error) {
  std::string detail = "CPU " + std::to_string(cpu.cpu_index) + " at rip " +
                       hex(error.rip) + ": " + error.why;
  if (error.byte_count)
    detail += "; instruction bytes" + byte_list(error);
  request_internal_error(detail);
}

}  // namespace

void exit_dispatch(CpuState& cpu, Exit& exit) {
  if (first_exit_watch != nullptr)
    exit_watches_tell(cpu, exit);
  std::visit([&](auto& reason) { handle(cpu, reason); }, exit);
}

std::string_view exit_reason_name(const Exit& exit) {
  constexpr std::string_view names[] = {"io",       "mmio",         "hlt",
                                        "shutdown", "irq-window",   "intr",
                                        "debug",    "system-event", "internal-error"};
  static_assert(std::size(names) == std::variant_size_v<Exit>);
  return names[exit.index()];
}

}  // namespace core
