// The packets with names: q asks, Q sets, v does (GDB manual, "General Query Packets",
// "Packets").
#include <algorithm>
#include <utility>

#include "gdbstub/stub.h"
#include "gdbstub/thread_id.h"

namespace gdbstub {

using namespace core;

namespace {

constexpr int error_bad_request = 22;
constexpr std::uint64_t known_step_bits = 7;

}  // namespace

void Stub::query(Cursor& text) {
  // A name that begins like a longer one comes after it.
  static constexpr Command names[] = {
      {"Supported", &Stub::supported},
      {"C", &Stub::current_thread},
      {"fThreadInfo", &Stub::first_threads},
      {"sThreadInfo", &Stub::more_threads},
      {"ThreadExtraInfo,", &Stub::thread_info},
      {"Xfer:features:read:", &Stub::features},
      {"Attached", &Stub::attached},
      {"Rcmd,", &Stub::monitor_command},
      {"qemu.sstepbits", &Stub::step_bits},
      {"qemu.sstep=", &Stub::set_step_mode},
      {"qemu.sstep", &Stub::step_mode},
      {"qemu.PhyMemMode", &Stub::memory_mode},
  };
  if (!dispatch(names, text)) {
    reply("");
  }
}

void Stub::set(Cursor& text) {
  static constexpr Command names[] = {
      {"StartNoAckMode", &Stub::no_acknowledgements},
      {"qemu.sstep=", &Stub::set_step_mode},
      {"qemu.PhyMemMode:", &Stub::set_memory_mode},
  };
  if (!dispatch(names, text)) {
    reply("");
  }
}

void Stub::verb(Cursor& text) {
  static constexpr Command names[] = {
      {"Cont?", &Stub::continue_actions},
      {"Cont;", &Stub::continue_threads},
      {"Attach;", &Stub::attach},
      {"Kill;", &Stub::kill_process},
  };
  if (!dispatch(names, text)) {
    reply("");
  }
}

// ---- what both sides can do ---------------------------------------------------------

void Stub::supported(Cursor& text) {
  const std::string_view offers = text.rest();
  multiprocess_ = offers.find("multiprocess+") != std::string_view::npos;
  tells_breakpoints_ = offers.find("swbreak+") != std::string_view::npos &&
                       offers.find("hwbreak+") != std::string_view::npos;
  std::string answer = "PacketSize=";
  append_hex(answer, PacketReader::largest, 4);
  answer += ";qXfer:features:read+;vContSupported+;QStartNoAckMode+";
  answer += multiprocess_ ? ";multiprocess+" : "";
  answer += tells_breakpoints_ ? ";swbreak+;hwbreak+" : "";
  reply(answer);
}

void Stub::no_acknowledgements(Cursor&) {
  reply_ok();
  acknowledge_ = false;
  last_sent_.clear();
}

// target.xml:offset,length. "m": there is more after it; "l": the last piece.
void Stub::features(Cursor& text) {
  const bool known = text.take("target.xml:");
  const auto offset = known ? text.number_and(',') : std::nullopt;
  const auto length = offset ? text.number() : std::nullopt;
  if (!length) {
    reply_error(0);
    return;
  }
  const std::string xml = target_xml();
  const std::string_view rest =
      std::string_view(xml).substr(std::min<std::uint64_t>(*offset, xml.size()));
  const std::uint64_t most = std::min<std::uint64_t>(*length, PacketReader::largest - 1);
  reply((rest.size() > most ? "m" : "l") + std::string(rest.substr(0, most)));
}

// It was here before the debugger, which therefore leaves it running at the end.
void Stub::attached(Cursor&) {
  reply("1");
}

// ---- threads --------------------------------------------------------------------------

void Stub::current_thread(Cursor& text) {
  CpuState* cpu = current_cpu();
  if (!text.done() || cpu == nullptr) {  // "qCRC:...", for one
    reply("");
    return;
  }
  reply("QC" + name_of(*cpu));
}

void Stub::first_threads(Cursor& text) {
  next_listed_ = 0;
  more_threads(text);
}

void Stub::more_threads(Cursor&) {
  constexpr std::size_t in_one_packet = 256;
  std::string answer;
  const auto& all = cpu_list();
  for (std::size_t listed = 0; next_listed_ < all.size() && listed < in_one_packet;
       ++next_listed_) {
    const CpuState* cpu = all[next_listed_];
    if (cpu->vcpu) {
      answer += (answer.empty() ? "m" : ",") + name_of(*cpu);
      ++listed;
    }
  }
  reply(answer.empty() ? "l" : answer);
}

void Stub::thread_info(Cursor& text) {
  const CpuState* cpu = cpu_of(text);
  if (cpu == nullptr) {
    reply_error(error_bad_request);
    return;
  }
  reply(to_hex("CPU#" + std::to_string(cpu->cpu_index) +
               (cpu->halted ? " [halted ]" : " [running]")));
}

// ---- running --------------------------------------------------------------------------

void Stub::continue_actions(Cursor&) {
  reply("vCont;c;C;s;S");
}

// One "action[:thread]". A CPU obeys the first that names it.
bool Stub::take_action(Cursor& text, std::map<CpuState*, Action>& actions) {
  std::string_view word = text.up_to(';');
  Cursor part(word);
  const bool steps = part.take("s") || part.take("S");
  if (!steps && !part.take("c") && !part.take("C")) {
    return false;
  }
  if (part.rest().find(':') != std::string_view::npos) {
    part.up_to(':');  // a signal may be in front of it
  } else {
    part = Cursor("-1");
  }
  const auto id = take_thread_id(part);
  if (!id) {
    return false;
  }
  for (CpuState* cpu : cpu_list()) {
    if (cpu->vcpu && id->includes(cpu->cpu_index)) {
      actions.try_emplace(cpu, steps ? Action::step : Action::go_on);
    }
  }
  return true;
}

void Stub::continue_threads(Cursor& text) {
  std::map<CpuState*, Action> actions;
  while (!text.done()) {
    if (!take_action(text, actions)) {
      reply_error(error_bad_request);
      return;
    }
  }
  if (actions.empty()) {
    reply_error(error_bad_request);
    return;
  }
  resume(actions);
}

void Stub::attach(Cursor& text) {
  const auto process = text.number();
  if (!process || *process != 1) {
    reply_error(error_bad_request);
    return;
  }
  Cursor nothing("");
  last_signal(nothing);
}

void Stub::kill_process(Cursor&) {
  reply_ok();
  outside_.quit();
}

// ---- QEMU's own ---------------------------------------------------------------------

// Its monitor's text, in pieces; gdb prints them one after the other.
void Stub::monitor_command(Cursor& text) {
  const auto bytes = bytes_of_hex(text.rest());
  if (!bytes || !outside_.monitor) {
    reply_error(error_bad_request);
    return;
  }
  std::string command(bytes->size(), '\0');
  std::transform(bytes->begin(), bytes->end(), command.begin(),
                 [](std::byte byte) { return static_cast<char>(byte); });
  const std::string answer = outside_.monitor(command);
  constexpr std::size_t piece = PacketReader::largest / 2 - 1;
  for (std::size_t at = 0; at < answer.size(); at += piece) {
    reply("O" + to_hex(std::string_view(answer).substr(at, piece)));
  }
  reply_ok();
}

void Stub::step_bits(Cursor&) {
  reply("ENABLE=1,NOIRQ=2,NOTIMER=4");
}

void Stub::step_mode(Cursor&) {
  std::string answer = "0x";
  append_hex(answer, step_mode_, 1);
  reply(answer);
}

void Stub::set_step_mode(Cursor& text) {
  text.take("0x");
  const auto mode = text.number();
  if (!mode || *mode > known_step_bits) {
    reply_error(error_bad_request);
    return;
  }
  step_mode_ = *mode;
  reply_ok();
}

void Stub::memory_mode(Cursor&) {
  reply(physical_memory_ ? "1" : "0");
}

void Stub::set_memory_mode(Cursor& text) {
  const auto mode = text.number();
  if (!mode || *mode > 1) {
    reply_error(error_bad_request);
    return;
  }
  physical_memory_ = *mode == 1;
  reply_ok();
}

}  // namespace gdbstub
