// A debugger that says anything: bytes as they come, and packets with the right checksum
// around anything. No crash, no hang, and what is answered is a packet.
//
// The first byte chooses between the two; packets are the lines of the rest.
#include <cstdlib>
#include <string>
#include <string_view>

#include "../gdbstub/debugged_machine.h"

namespace {

using gdbstub_test::DebuggedMachine;

// Every answer is acknowledgements and packets that our own reader takes.
void check_answers(const std::string& sent) {
  gdbstub::PacketReader reader;
  for (const char c : sent) {
    if (reader.feed(static_cast<std::uint8_t>(c)) == gdbstub::Input::bad_packet) {
      std::abort();
    }
  }
}

// Lets the machine run for a moment, then stops it as a user does.
void settle(DebuggedMachine& machine) {
  if (machine.running) {
    machine.run(2, 50);
  }
  for (int i = 0; i < 4 && machine.running; ++i) {
    machine.say("\x03");
    machine.deliver_stop();
  }
  check_answers(machine.sent);
  machine.sent.clear();
}

void as_packets(DebuggedMachine& machine, std::string_view rest) {
  while (!rest.empty() && !machine.quit) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    machine.say(gdbstub::packet_of(rest.substr(0, end)));
    settle(machine);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  DebuggedMachine machine(data[0] & 2 ? 2 : 1);
  // mov al, [0x2000] / inc ax / mov [0x2000], al / jmp back
  machine.write(gdbstub_test::code_at, {0xa0, 0, 0x20, 0x40, 0xa2, 0, 0x20, 0xeb, 0xf7});
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] & 1) {
    machine.say(rest);
    settle(machine);
  } else {
    as_packets(machine, rest);
  }
  return 0;
}
