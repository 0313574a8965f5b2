// The line between debugger and stub: bytes in, packets to their functions, replies out.
#include "gdbstub/stub.h"

#include <algorithm>
#include <utility>

#include "gdbstub/thread_id.h"
#include "trace/event.h"

namespace gdbstub {

using namespace core;

namespace {

struct IoCommand {
  static constexpr trace::Declaration declaration{
      "gdbstub_io_command", trace::Category::host, trace::Shape::instant,
      "A packet of the debugger."};
  std::string_view command;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("command", &IoCommand::command, "its beginning; '.' is binary"));
  }
};

struct IoReply {
  static constexpr trace::Declaration declaration{
      "gdbstub_io_reply", trace::Category::host, trace::Shape::instant,
      "A packet for the debugger."};
  std::string_view message;

  static constexpr auto fields() {
    return trace::fields(
        trace::state("message", &IoReply::message, "its beginning; '.' is binary"));
  }
};

struct GotNack {
  static constexpr trace::Declaration declaration{
      "gdbstub_err_got_nack", trace::Category::host, trace::Shape::instant,
      "The debugger wants the last packet again."};

  static constexpr auto fields() { return trace::fields(); }
};

struct Exiting {
  static constexpr trace::Declaration declaration{
      "gdbstub_op_exiting", trace::Category::host, trace::Shape::instant,
      "The debugger hears that the run is over."};
  std::int32_t status = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("status", &Exiting::status, "exit status of the program"));
  }
};

constexpr std::size_t shown = 96;           // characters of a packet in the trace
constexpr std::size_t most_waiting = 8192;  // bytes kept until the machine has stopped

std::string beginning(std::string_view packet) {
  std::string text(packet.substr(0, shown));
  for (char& c : text) {
    c = c >= ' ' && c <= '~' ? c : '.';
  }
  return text;
}

}  // namespace

// ---- the line -------------------------------------------------------------------------

void Stub::connected() {
  reader_ = {};
  waiting_.clear();
  last_sent_.clear();
  here_ = acknowledge_ = true;
  multiprocess_ = tells_breakpoints_ = owes_stop_ = physical_memory_ = false;
  chosen_cpu_ = continued_cpu_ = nullptr;
  if (outside_.running()) {
    stopping_ = true;
    outside_.stop(StopCause::paused);
  }
}

// Its breakpoints go with it. A machine that runs goes on without them, which needs a
// short stop; a stopped one stays so, for the next debugger or the monitor's `cont`.
void Stub::disconnected() {
  here_ = owes_stop_ = false;
  waiting_.clear();
  points_.clear();
  if (outside_.running()) {
    stopping_ = true;
    outside_.stop(StopCause::paused);
  }
}

void Stub::receive(std::span<const std::uint8_t> bytes) {
  for (const std::uint8_t byte : bytes) {
    if (exited_) {
      return;
    }
    const bool late_answer = byte == '+' || byte == '-';
    if (!outside_.running()) {
      input(byte);
    } else if (!late_answer || reader_.inside() || !waiting_.empty()) {
      if (!std::exchange(stopping_, true)) {
        outside_.stop(StopCause::paused);
      }
      constexpr std::uint8_t control_c = 3;
      if ((byte != control_c || !waiting_.empty()) && waiting_.size() < most_waiting) {
        waiting_.push_back(byte);
      }
    }
  }
}

void Stub::input(std::uint8_t byte) {
  switch (reader_.feed(byte)) {
    case Input::packet:
      if (acknowledge_) {
        outside_.send("+");
      }
      handle_packet();
      break;
    case Input::bad_packet:
    case Input::too_long:
      if (acknowledge_) {
        outside_.send("-");
      }
      break;
    case Input::nack:
      trace::instant(GotNack{});
      if (!last_sent_.empty()) {
        outside_.send(last_sent_);
      }
      break;
    case Input::ack:
      last_sent_.clear();
      break;
    case Input::interrupt:  // it is stopped
    case Input::nothing:
      break;
  }
}

void Stub::reply(std::string_view text) {
  if (trace::enabled<IoReply>()) {
    trace::instant(IoReply{.message = beginning(text)});
  }
  const std::string packet = packet_of(text);
  last_sent_ = acknowledge_ ? packet : std::string();
  outside_.send(packet);
}

void Stub::reply_error(int number) {
  const char text[] = {'E', static_cast<char>('0' + number / 10),
                       static_cast<char>('0' + number % 10)};
  reply({text, sizeof text});
}

bool Stub::dispatch(std::span<const Command> table, Cursor& text) {
  for (const Command& command : table) {
    if (text.take(command.name)) {
      (this->*command.handler)(text);
      return true;
    }
  }
  return false;
}

void Stub::exited(int status) {
  trace::instant(Exiting{.status = status});
  if (here_ && !exited_) {
    std::string text = "W";
    append_hex(text, static_cast<std::uint64_t>(status) & 0xff, 2);
    reply(text);
  }
  exited_ = true;
}

// ---- packets by their first letter --------------------------------------------------

void Stub::handle_packet() {
  static constexpr Command letters[] = {
      {"?", &Stub::last_signal},
      {"c", &Stub::go_on},
      {"C", &Stub::go_on_with_signal},
      {"s", &Stub::step},
      {"S", &Stub::step_with_signal},
      {"D", &Stub::detach},
      {"k", &Stub::kill},
      {"!", &Stub::extended_mode},
      {"g", &Stub::read_registers},
      {"G", &Stub::write_registers},
      {"p", &Stub::read_register},
      {"P", &Stub::write_register},
      {"m", &Stub::read_memory},
      {"M", &Stub::write_memory},
      {"X", &Stub::write_memory_binary},
      {"H", &Stub::set_thread},
      {"T", &Stub::thread_alive},
      {"Z", &Stub::insert_point},
      {"z", &Stub::remove_point},
      {"q", &Stub::query},
      {"Q", &Stub::set},
      {"v", &Stub::verb},
  };
  const std::string packet = reader_.packet();
  if (trace::enabled<IoCommand>()) {
    trace::instant(IoCommand{.command = beginning(packet)});
  }
  Cursor text(packet);
  if (!dispatch(letters, text)) {
    reply("");  // that is how a stub says "unknown"
  }
}

// ---- CPUs -----------------------------------------------------------------------------

// One that was chosen may be gone by now.
static CpuState* still_there(CpuState* cpu) {
  const auto& all = cpu_list();
  const bool there = std::find(all.begin(), all.end(), cpu) != all.end();
  return there && cpu->vcpu ? cpu : nullptr;
}

static CpuState* first_cpu() {
  const auto& all = cpu_list();
  const auto found = std::find_if(
      all.begin(), all.end(), [](const CpuState* cpu) { return cpu->vcpu != nullptr; });
  return found == all.end() ? nullptr : *found;
}

CpuState* Stub::current_cpu() {
  if (CpuState* cpu = still_there(chosen_cpu_)) {
    return cpu;
  }
  CpuState* stopped = still_there(stopped_cpu_);
  return stopped != nullptr ? stopped : first_cpu();
}

CpuState* Stub::continue_cpu() {
  CpuState* cpu = still_there(continued_cpu_);
  return cpu != nullptr ? cpu : current_cpu();
}

CpuState* Stub::cpu_of(Cursor& text) {
  const auto id = take_thread_id(text);
  if (!id) {
    return nullptr;
  }
  if (id->thread == ThreadId::any || id->thread == ThreadId::all) {
    return id->includes(0) ? current_cpu() : nullptr;
  }
  for (CpuState* cpu : cpu_list()) {
    if (cpu->vcpu && id->includes(cpu->cpu_index)) {
      return cpu;
    }
  }
  return nullptr;
}

std::string Stub::name_of(const CpuState& cpu) const {
  return thread_name(cpu.cpu_index, multiprocess_);
}

DebugFacilities Stub::facilities() {
  CpuState* cpu = first_cpu();
  return cpu == nullptr ? DebugFacilities{} : cpu->vcpu->debug_facilities();
}

}  // namespace gdbstub
