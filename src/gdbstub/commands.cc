// The packets of one letter: registers, memory, breakpoints, running (GDB manual,
// "Packets").
#include <algorithm>
#include <utility>

#include "gdbstub/guest_memory.h"
#include "gdbstub/stub.h"
#include "gdbstub/thread_id.h"

namespace gdbstub {

using namespace core;

namespace {

// As 4.0 numbers them.
constexpr int error_bad_address = 14;
constexpr int error_bad_request = 22;
constexpr int error_no_room = 28;

constexpr std::size_t most_bytes = PacketReader::largest / 2;  // two digits each

}  // namespace

// ---- running --------------------------------------------------------------------------

// A debugger that connects asks this first and knows of no breakpoint.
void Stub::last_signal(Cursor&) {
  points_.clear();
  if (stopped_cpu_ == nullptr) {
    stopped_cpu_ = current_cpu();
  }
  reply(stop_reply());
}

void Stub::go_on(Cursor& text) {
  resume_one(text, Action::go_on);
}

void Stub::step(Cursor& text) {
  resume_one(text, Action::step);
}

// A machine takes no signals: "C sig;address" is "c address".
void Stub::go_on_with_signal(Cursor& text) {
  text.up_to(';');
  resume_one(text, Action::go_on);
}

void Stub::step_with_signal(Cursor& text) {
  text.up_to(';');
  resume_one(text, Action::step);
}

// The machine goes on without a debugger.
void Stub::detach(Cursor& text) {
  if (text.take(";")) {
    const auto process = text.number();
    if (!process || *process != 1) {
      reply_error(error_bad_request);
      return;
    }
  }
  points_.clear();
  reply_ok();
  outside_.start();
}

void Stub::kill(Cursor&) {
  outside_.quit();
}

void Stub::extended_mode(Cursor&) {
  reply_ok();
}

// ---- registers ------------------------------------------------------------------------

void Stub::read_registers(Cursor&) {
  CpuState* cpu = current_cpu();
  if (cpu == nullptr) {
    reply_error(error_bad_request);
    return;
  }
  RegisterFile registers(*cpu->vcpu);
  std::string text;
  for (std::size_t number = 0; number < register_count; ++number) {
    registers.append(text, number);
  }
  reply(text);
}

// Fewer than all is fine: the first ones then.
void Stub::write_registers(Cursor& text) {
  const auto bytes = bytes_of_hex(text.rest());
  CpuState* cpu = current_cpu();
  if (!bytes || cpu == nullptr) {
    reply_error(error_bad_request);
    return;
  }
  RegisterFile registers(*cpu->vcpu);
  std::span<const std::byte> rest(*bytes);
  bool good = true;
  for (std::size_t number = 0; number < register_count; ++number) {
    const std::size_t size = register_size(number);
    if (rest.size() < size) {
      break;
    }
    good = registers.set(number, rest.first(size)) && good;
    rest = rest.subspan(size);
  }
  good&& registers.commit() ? reply_ok() : reply_error(error_bad_request);
}

void Stub::read_register(Cursor& text) {
  const auto number = text.number();
  CpuState* cpu = current_cpu();
  if (!number || register_size(*number) == 0 || cpu == nullptr) {
    reply_error(error_bad_address);
    return;
  }
  std::string answer;
  RegisterFile(*cpu->vcpu).append(answer, *number);
  reply(answer);
}

// P number=bytes
void Stub::write_register(Cursor& text) {
  const auto number = text.number_and('=');
  const auto bytes = bytes_of_hex(text.rest());
  CpuState* cpu = current_cpu();
  if (!number || !bytes || register_size(*number) == 0 ||
      bytes->size() != register_size(*number) || cpu == nullptr) {
    reply_error(error_bad_request);
    return;
  }
  RegisterFile registers(*cpu->vcpu);
  const bool good = registers.set(*number, *bytes) && registers.commit();
  good ? reply_ok() : reply_error(error_bad_request);
}

// ---- memory ---------------------------------------------------------------------------

// Without paging an address is physical.
Sregs Stub::paging_of(CpuState& cpu) const {
  return physical_memory_ ? Sregs{} : cpu.vcpu->sregs();
}

// m address,length. What is mapped of it, if anything.
void Stub::read_memory(Cursor& text) {
  const auto address = text.number_and(',');
  const auto length = text.number();
  CpuState* cpu = current_cpu();
  if (!address || !length || !text.done() || cpu == nullptr) {
    reply_error(error_bad_request);
    return;
  }
  std::vector<std::byte> bytes(std::min<std::uint64_t>(*length, most_bytes));
  const std::size_t got = read_guest(paging_of(*cpu), *address, bytes);
  if (got == 0 && *length != 0) {
    reply_error(error_bad_address);
    return;
  }
  std::string answer;
  append_hex(answer, std::span(bytes).first(got));
  reply(answer);
}

void Stub::store_memory(std::uint64_t address, std::span<const std::byte> bytes) {
  CpuState* cpu = current_cpu();
  const bool good =
      cpu != nullptr && write_guest(paging_of(*cpu), address, bytes) == bytes.size();
  good ? reply_ok() : reply_error(error_bad_address);
}

// M address,length:hex
void Stub::write_memory(Cursor& text) {
  const auto address = text.number_and(',');
  const auto length = text.number_and(':');
  const auto bytes = bytes_of_hex(text.rest());
  if (!address || !length || !bytes || bytes->size() != *length) {
    reply_error(error_bad_request);
    return;
  }
  store_memory(*address, *bytes);
}

// X address,length:bytes
void Stub::write_memory_binary(Cursor& text) {
  const auto address = text.number_and(',');
  const auto length = text.number_and(':');
  if (!address || !length || text.rest().size() != *length) {
    reply_error(error_bad_request);
    return;
  }
  store_memory(*address, std::as_bytes(std::span(text.rest())));
}

// ---- threads --------------------------------------------------------------------------

// Hg: whose registers and memory are meant; Hc: who goes on.
void Stub::set_thread(Cursor& text) {
  const bool registers = text.take("g");
  const bool running = !registers && text.take("c");
  CpuState* cpu = cpu_of(text);
  if ((!registers && !running) || cpu == nullptr) {
    reply_error(error_bad_request);
    return;
  }
  (registers ? chosen_cpu_ : continued_cpu_) = cpu;
  reply_ok();
}

void Stub::thread_alive(Cursor& text) {
  cpu_of(text) != nullptr ? reply_ok() : reply_error(error_bad_request);
}

// ---- breakpoints ----------------------------------------------------------------------

// type,address,length
std::optional<Point> Stub::take_point(Cursor& text) {
  const auto kind = text.number_and(',');
  const auto address = text.number_and(',');
  const auto length = text.number();
  if (!kind || !address || !length || *kind > static_cast<unsigned>(PointKind::access)) {
    return std::nullopt;
  }
  return Point{static_cast<PointKind>(*kind), *address, *length};
}

void Stub::insert_point(Cursor& text) {
  const auto point = take_point(text);
  if (!point) {
    reply_error(error_bad_request);
    return;
  }
  switch (points_.insert(*point, facilities())) {
    case InsertResult::done:
      reply_ok();
      break;
    case InsertResult::unsupported:
      reply("");  // a debugger then finds another way
      break;
    case InsertResult::no_room:
      reply_error(error_no_room);
      break;
  }
}

void Stub::remove_point(Cursor& text) {
  const auto point = take_point(text);
  point&& points_.remove(*point) ? reply_ok() : reply_error(error_bad_request);
}

}  // namespace gdbstub
