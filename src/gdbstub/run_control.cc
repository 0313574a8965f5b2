// Going on and stopping: who runs, what each CPU is to stop for, and what the debugger is
// told about a stop.
#include <algorithm>
#include <cstring>
#include <system_error>
#include <utility>

#include "core/memory.h"
#include "core/report.h"
#include "gdbstub/guest_memory.h"
#include "gdbstub/stub.h"
#include "trace/event.h"

namespace gdbstub {

using namespace core;

namespace {

struct HitBreak {
  static constexpr trace::Declaration declaration{
      "gdbstub_hit_break", trace::Category::host, trace::Shape::instant,
      "A CPU came to a breakpoint or the end of a step."};
  std::int32_t cpu = 0;
  trace::Hex address;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("cpu", &HitBreak::cpu, "CPU number"),
        trace::identity("address", &HitBreak::address, "linear address of its code"));
  }
};

struct HitWatchpoint {
  static constexpr trace::Declaration declaration{
      "gdbstub_hit_watchpoint", trace::Category::host, trace::Shape::instant,
      "A CPU used data that is watched."};
  std::int32_t cpu = 0;
  std::string_view type;
  trace::Hex vaddr;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("cpu", &HitWatchpoint::cpu, "CPU number"),
        trace::identity("type", &HitWatchpoint::type, "watch, rwatch or awatch"),
        trace::identity("vaddr", &HitWatchpoint::vaddr, "linear address of the data"));
  }
};

struct HitPaused {
  static constexpr trace::Declaration declaration{
      "gdbstub_hit_paused", trace::Category::host, trace::Shape::instant,
      "The machine was stopped from outside."};

  static constexpr auto fields() { return trace::fields(); }
};

struct HitShutdown {
  static constexpr trace::Declaration declaration{
      "gdbstub_hit_shutdown", trace::Category::host, trace::Shape::instant,
      "The guest switched itself off and the machine is kept."};

  static constexpr auto fields() { return trace::fields(); }
};

struct ContinueCpu {
  static constexpr trace::Declaration declaration{
      "gdbstub_op_continue_cpu", trace::Category::host, trace::Shape::instant,
      "A CPU may go on."};
  std::int32_t cpu = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("cpu", &ContinueCpu::cpu, "CPU number"));
  }
};

struct Stepping {
  static constexpr trace::Declaration declaration{
      "gdbstub_op_stepping", trace::Category::host, trace::Shape::instant,
      "A CPU may do one instruction."};
  std::int32_t cpu = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("cpu", &Stepping::cpu, "CPU number"));
  }
};

enum Signal : int { sigint = 2, sigquit = 3, sigtrap = 5 };  // gdb's own numbers

constexpr std::uint64_t dr6_single_step = 1u << 14;
constexpr std::uint64_t step_without_interrupts = 2;  // of qqemu.sstep
constexpr std::byte int3{0xcc};

std::uint64_t linear_rip(Vcpu& vcpu) {
  const Sregs sregs = vcpu.sregs();
  const std::uint64_t at = sregs.cs.base + vcpu.regs().rip;
  return sregs.cs.l ? at : at & 0xffffffff;
}

const char* name_of_access(Watchpoint::Access access) {
  switch (access) {
    case Watchpoint::Access::write:
      return "watch";
    case Watchpoint::Access::read:
      return "rwatch";
    case Watchpoint::Access::any:
      return "awatch";
  }
  return "watch";
}

}  // namespace

// ---- going on -------------------------------------------------------------------------

// A CPU that is not in the list stays where it is.
void Stub::resume(const std::map<CpuState*, Action>& actions) {
  actions_ = actions;
  owes_stop_ = true;
  outside_.start();
}

// The packets before vCont: one CPU goes on or steps, the others run with it.
void Stub::resume_one(Cursor& text, Action action) {
  CpuState* cpu = continue_cpu();
  if (cpu == nullptr) {
    reply_error(22);
    return;
  }
  if (const auto address = text.number()) {
    Regs regs = cpu->vcpu->regs();
    regs.rip = *address;
    cpu->vcpu->set_regs(regs);
  }
  std::map<CpuState*, Action> actions;
  for (CpuState* other : cpu_list()) {
    actions[other] = Action::go_on;
  }
  actions[cpu] = action;
  resume(actions);
}

void Stub::vm_starting() {
  plan_ = points_.plan(facilities());
  steppers_.clear();
  if (CpuState* cpu = current_cpu(); cpu != nullptr) {
    compared_ = compared_bytes(*cpu);
  }
  const auto actions = std::exchange(actions_, {});
  for (CpuState* cpu : cpu_list()) {
    if (!cpu->vcpu) {
      continue;
    }
    const auto given = actions.find(cpu);
    const Action action = actions.empty()          ? Action::go_on
                          : given == actions.end() ? Action::hold
                                                   : given->second;
    DebugControl control = plan_.control;
    control.single_step = action == Action::step || !plan_.compared.empty();
    control.block_interrupts =
        action == Action::step && (step_mode_ & step_without_interrupts);
    control.enabled = control.single_step || !points_.empty();
    cpu->held = action == Action::hold;
    cpu->single_step = control.block_interrupts;
    if (action == Action::step) {
      steppers_.push_back(cpu);
      trace::instant(Stepping{.cpu = cpu->cpu_index});
    } else if (action == Action::go_on) {
      trace::instant(ContinueCpu{.cpu = cpu->cpu_index});
    }
    try {
      cpu->vcpu->set_debug(control);
    } catch (const std::system_error& error) {
      error_report(std::string("the debugger's breakpoints are not set: ") +
                   error.what());
    }
  }
  set_traps(plan_.traps);
  hit_.reset();
  stopping_ = false;
}

// An address that is not mapped now gets its trap at a later start.
void Stub::set_traps(std::span<const std::uint64_t> addresses) {
  CpuState* cpu = current_cpu();
  if (cpu == nullptr || addresses.empty()) {
    return;
  }
  for (const std::uint64_t address : addresses) {
    const auto physical = translate(cpu->vcpu->sregs(), address);
    const auto ram =
        physical ? address_space_memory().ram(*physical, 1) : std::span<std::byte>{};
    if (!ram.empty()) {
      traps_.push_back({*physical, std::exchange(ram[0], int3)});
      memory_invalidate(*physical, 1);
    }
  }
}

// What the guest itself wrote there meanwhile stays. In reverse: of two traps at one
// place the first knows what was there before.
void Stub::remove_traps() {
  while (!traps_.empty()) {
    const Trap trap = traps_.back();
    traps_.pop_back();
    const auto ram = address_space_memory().ram(trap.physical, 1);
    if (!ram.empty() && ram[0] == int3) {
      ram[0] = trap.before;
      memory_invalidate(trap.physical, 1);
    }
  }
}

// ---- stopping -------------------------------------------------------------------------

// Memory that is not mapped compares as zero.
std::vector<std::byte> Stub::compared_bytes(CpuState& cpu) const {
  std::vector<std::byte> bytes;
  for (const Watchpoint& point : plan_.compared) {
    std::vector<std::byte> part(point.length);
    read_guest(cpu.vcpu->sregs(), point.address, part);
    bytes.insert(bytes.end(), part.begin(), part.end());
  }
  return bytes;
}

// A CPU that does single instructions only because memory must be compared: is there
// nothing to tell? If there is, `why` says what.
bool Stub::goes_on(CpuState& cpu, exit::Debug& why) {
  if (plan_.compared.empty()) {
    return false;
  }
  const std::vector<std::byte> now = compared_bytes(cpu);
  std::size_t at = 0;
  for (std::size_t i = 0; i < plan_.compared.size(); ++i) {
    const std::size_t length = plan_.compared[i].length;
    if (std::memcmp(&now[at], &compared_[at], length) != 0) {
      why.watchpoint = static_cast<std::int32_t>(i);
      return false;
    }
    at += length;
  }
  if (std::find(steppers_.begin(), steppers_.end(), &cpu) != steppers_.end()) {
    return false;
  }
  why.dr6 = 0;
  return points_.breakpoint_at(linear_rip(*cpu.vcpu)) == nullptr;
}

std::string Stub::reason_of(CpuState& cpu, const exit::Debug& why) const {
  const auto& watched =
      plan_.compared.empty() ? plan_.control.watchpoints : plan_.compared;
  const auto index = static_cast<std::size_t>(why.watchpoint);
  if (why.watchpoint >= 0 && index < watched.size()) {
    const std::string_view type = name_of_access(watched[index].access);
    trace::instant(HitWatchpoint{
        .cpu = cpu.cpu_index, .type = type, .vaddr = {watched[index].address}});
    std::string text(type);
    text += ':';
    append_hex(text, watched[index].address, 16);
    return text + ";";
  }
  const std::uint64_t here = linear_rip(*cpu.vcpu);
  trace::instant(HitBreak{.cpu = cpu.cpu_index, .address = {here}});
  const Point* point = points_.breakpoint_at(here);
  if (point == nullptr || !tells_breakpoints_ || (why.dr6 & dr6_single_step)) {
    return {};
  }
  return point->kind == PointKind::hardware ? "hwbreak:;" : "swbreak:;";
}

void Stub::debug_exit(CpuState& cpu, const exit::Debug& engines_word) {
  exit::Debug why = engines_word;
  if (goes_on(cpu, why)) {
    return;
  }
  if (!hit_) {
    hit_ = Hit{&cpu, reason_of(cpu, why)};
  }
  outside_.stop(StopCause::debug);
}

void Stub::prepare_stop_reply(StopCause cause) {
  if (hit_) {
    signal_ = sigtrap;
    stopped_cpu_ = hit_->cpu;
  } else if (cause == StopCause::shutdown) {
    trace::instant(HitShutdown{});
    signal_ = sigquit;
  } else {
    trace::instant(HitPaused{});
    signal_ = sigint;
  }
}

std::string Stub::stop_reply() const {
  std::string text = "T";
  append_hex(text, static_cast<std::uint64_t>(signal_), 2);
  if (hit_) {
    text += hit_->reason;
  }
  if (stopped_cpu_ != nullptr) {
    text += "thread:" + name_of(*stopped_cpu_) + ";";
  }
  return text;
}

void Stub::vm_stopped(StopCause cause) {
  remove_traps();
  for (CpuState* cpu : cpu_list()) {
    cpu->held = cpu->single_step = false;
  }
  stopped_cpu_ = current_cpu();
  prepare_stop_reply(cause);
  const bool was_stopping = std::exchange(stopping_, false);
  if (!here_) {
    // It went away while the machine ran.
    if (was_stopping || hit_) {
      outside_.start();
    }
    return;
  }
  if (std::exchange(owes_stop_, false)) {
    chosen_cpu_ = continued_cpu_ = nullptr;
    reply(stop_reply());
  }
  receive(std::exchange(waiting_, {}));
}

}  // namespace gdbstub
