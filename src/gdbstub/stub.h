// A gdb stub: answers a debugger's packets about the machine's CPUs.
//
//   bytes -> PacketReader -> handle_packet: one letter, one function (commands.cc)
//                            q, Q, v packets                        (queries.cc)
//   "go on" -> vm_start -> vm_starting: each CPU is told what to stop for
//   a CPU stops -> debug_exit -> vm_stop -> vm_stopped: the stop reply
//
// All threads stop together and a debugger is answered only while they do; a byte that
// comes while the machine runs stops it.
//
// Thread rule: the main loop thread with the big lock held; debug_exit on a vCPU's
// thread with the big lock held.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/run_state.h"
#include "gdbstub/hex.h"
#include "gdbstub/packet.h"
#include "gdbstub/points.h"
#include "gdbstub/registers.h"

namespace gdbstub {

// What the stub needs from its surroundings; a test brings its own.
struct Outside {
  std::function<void(std::string_view bytes)> send;
  std::function<bool()> running;
  std::function<void()> start;
  std::function<void(core::StopCause)> stop;
  std::function<void()> quit;
  // Runs a monitor command, returns what it says. May be empty.
  std::function<std::string(const std::string& command)> monitor;
};

class Stub : public core::Debugger {
 public:
  explicit Stub(Outside outside) : outside_(std::move(outside)) {}

  // The debugger came, went, or said something. Any bytes.
  void connected();
  void disconnected();
  void receive(std::span<const std::uint8_t> bytes);
  // The run is over with this status; the debugger hears of it.
  void exited(int status);

  void debug_exit(core::CpuState& cpu, const core::exit::Debug& why) override;
  void vm_stopped(core::StopCause cause) override;
  void vm_starting() override;

 private:
  enum class Action : std::uint8_t { hold, go_on, step };

  struct Hit {  // why the machine stopped
    core::CpuState* cpu = nullptr;
    std::string reason;  // "watch:1000;", "swbreak:;", or nothing
  };

  struct Trap {  // an INT3 that stands in guest memory while the machine runs
    std::uint64_t physical = 0;
    std::byte before{};
  };

  using Handler = void (Stub::*)(Cursor&);

  struct Command {
    std::string_view name;
    Handler handler;
  };

  // ---- the line (stub.cc)
  void input(std::uint8_t byte);
  void handle_packet();
  void reply(std::string_view text);

  void reply_ok() { reply("OK"); }

  void reply_error(int number);  // E and two digits, as 4.0 numbers them
  bool dispatch(std::span<const Command> table, Cursor& text);

  // ---- running (run_control.cc)
  void resume(const std::map<core::CpuState*, Action>& actions);
  void resume_one(Cursor& text, Action action);
  std::string stop_reply() const;
  void prepare_stop_reply(core::StopCause cause);
  std::string reason_of(core::CpuState& cpu, const core::exit::Debug& why) const;
  void set_traps(std::span<const std::uint64_t> addresses);
  void remove_traps();
  std::vector<std::byte> compared_bytes(core::CpuState& cpu) const;
  bool goes_on(core::CpuState& cpu, core::exit::Debug& why);
  void forget_points();

  // ---- CPUs
  core::CpuState* current_cpu();   // of H g; nullptr: there is none
  core::CpuState* continue_cpu();  // of H c
  core::CpuState* cpu_of(Cursor& text);
  std::string name_of(const core::CpuState& cpu) const;
  core::DebugFacilities facilities();

  // ---- letters (commands.cc)
  void last_signal(Cursor&);
  void go_on(Cursor&);
  void go_on_with_signal(Cursor&);
  void step(Cursor&);
  void step_with_signal(Cursor&);
  void detach(Cursor&);
  void kill(Cursor&);
  void extended_mode(Cursor&);
  void read_registers(Cursor&);
  void write_registers(Cursor&);
  void read_register(Cursor&);
  void write_register(Cursor&);
  void read_memory(Cursor&);
  void write_memory(Cursor&);
  void write_memory_binary(Cursor&);
  void store_memory(std::uint64_t address, std::span<const std::byte> bytes);
  void set_thread(Cursor&);
  void thread_alive(Cursor&);
  void insert_point(Cursor&);
  void remove_point(Cursor&);
  std::optional<Point> take_point(Cursor& text);
  core::Sregs paging_of(core::CpuState& cpu) const;

  // ---- names (queries.cc)
  void query(Cursor&);
  void set(Cursor&);
  void verb(Cursor&);
  void supported(Cursor&);
  void current_thread(Cursor&);
  void first_threads(Cursor&);
  void more_threads(Cursor&);
  void thread_info(Cursor&);
  void features(Cursor&);
  void attached(Cursor&);
  void monitor_command(Cursor&);
  void step_bits(Cursor&);
  void step_mode(Cursor&);
  void set_step_mode(Cursor&);
  void memory_mode(Cursor&);
  void set_memory_mode(Cursor&);
  void no_acknowledgements(Cursor&);
  void continue_actions(Cursor&);
  void continue_threads(Cursor&);
  void attach(Cursor&);
  void kill_process(Cursor&);
  bool take_action(Cursor& text, std::map<core::CpuState*, Action>& actions);

  Outside outside_;
  PacketReader reader_;
  std::vector<std::uint8_t> waiting_;  // came while the machine was on its way to stop
  std::string last_sent_;
  bool here_ = false;  // a debugger is connected
  bool acknowledge_ = true;
  bool multiprocess_ = false;
  bool tells_breakpoints_ = false;  // the debugger knows swbreak and hwbreak
  bool stopping_ = false;           // vm_stop was asked for
  bool owes_stop_ = false;          // the debugger waits for a stop reply
  bool physical_memory_ = false;    // addresses of m, M, X are physical
  bool exited_ = false;

  PointList points_;
  Plan plan_;  // in force since the machine last started
  std::vector<Trap> traps_;
  std::vector<std::byte> compared_;  // the bytes of plan_.compared, one after the other
  std::vector<core::CpuState*> steppers_;  // those that were told to do one instruction
  std::map<core::CpuState*, Action> actions_;  // for the next start; empty: all go on
  std::optional<Hit> hit_;
  int signal_ = 5;  // of the last stop
  std::uint64_t step_mode_ = 7;
  core::CpuState* stopped_cpu_ = nullptr;
  core::CpuState* chosen_cpu_ = nullptr;     // by H g
  core::CpuState* continued_cpu_ = nullptr;  // by H c
  std::size_t next_listed_ = 0;              // for qsThreadInfo
};

}  // namespace gdbstub
