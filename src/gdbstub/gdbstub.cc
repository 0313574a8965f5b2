#include "gdbstub/gdbstub.h"

#include <memory>

#include "core/report.h"
#include "core/run_state.h"
#include "gdbstub/packet.h"
#include "gdbstub/stub.h"
#include "trace/event.h"

namespace gdbstub {

using namespace core;

namespace {

struct OpStart {
  static constexpr trace::Declaration declaration{
      "gdbstub_op_start", trace::Category::host, trace::Shape::instant,
      "A debugger may connect."};
  std::string_view device;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("device", &OpStart::device, "the character device it comes by"));
  }
};

std::unique_ptr<Stub>& the_stub() {
  static std::unique_ptr<Stub> stub;
  return stub;
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

Outside outside_of(Chardev* chr) {
  return {.send = [chr](std::string_view text) { chardev_write(chr, bytes_of(text)); },
          .running = [] { return runstate_is_running(); },
          .start = [] { vm_start(); },
          .stop = [](StopCause cause) { vm_stop(cause); },
          .quit =
              [] {
                info_report("the debugger ends the run");
                request_shutdown(ShutdownCause::host_quit);
              },
          .monitor = {}};
}

}  // namespace

void gdbserver_start(Chardev* chr,
                     std::function<std::string(const std::string& command)> monitor) {
  trace::instant(OpStart{.device = chr->label});
  Outside outside = outside_of(chr);
  outside.monitor = std::move(monitor);
  the_stub() = std::make_unique<Stub>(std::move(outside));
  Stub* stub = the_stub().get();
  set_debugger(stub);
  chr->in_use = true;
  chr->can_read = [] { return static_cast<int>(PacketReader::largest); };
  chr->read = [stub](std::span<const std::uint8_t> bytes) { stub->receive(bytes); };
  chr->event = [stub](ChardevEvent event) {
    event == ChardevEvent::opened ? stub->connected() : stub->disconnected();
  };
  if (chr->is_open) {
    stub->connected();
  }
}

void gdb_exit(int status) {
  if (the_stub()) {
    the_stub()->exited(status);
    set_debugger(nullptr);
  }
}

}  // namespace gdbstub
