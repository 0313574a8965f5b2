#include "core/hang_watch.h"

#include <algorithm>
#include <cstdio>

#include "core/memory.h"
#include "core/report.h"
#include "core/run_internal.h"
#include "trace/event.h"

namespace core {

namespace {

struct GuestHang {
  static constexpr trace::Declaration declaration{
      "guest_hang", trace::Category::guest, trace::Shape::instant,
      "The guest has done nothing new for some seconds: what it keeps doing, and where."};
  std::string_view doing;
  std::string_view symbol;
  std::uint64_t exits = 0;
  trace::Hex rip;
  std::string_view text;

  static constexpr auto fields() {
    return trace::fields(
        trace::state("doing", &GuestHang::doing, "its most frequent exit"),
        trace::volatile_field("symbol", &GuestHang::symbol, "where that is, by name"),
        trace::volatile_field("exits", &GuestHang::exits,
                              "since it last did a new thing"),
        trace::volatile_field("rip", &GuestHang::rip, "where its first CPU is"),
        trace::volatile_field("text", &GuestHang::text, "the message"));
  }
};

std::string hex(std::uint64_t value) {
  char text[20];
  std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(value));
  return text;
}

// ---- kinds of exits -----------------------------------------------------------------
// Address in the upper bits, then the direction, then the reason plus one.

constexpr unsigned direction_shift = 4, address_shift = 5;
constexpr std::uint64_t reason_mask = 0xf;

std::uint64_t key_of(const Exit& exit) {
  std::uint64_t key = exit.index() + 1;
  if (const auto* io = std::get_if<exit::Io>(&exit)) {
    key |= std::uint64_t{io->direction == Direction::out} << direction_shift |
           std::uint64_t{io->port.value} << address_shift;
  } else if (const auto* mmio = std::get_if<exit::Mmio>(&exit)) {
    key |= std::uint64_t{mmio->direction == Direction::out} << direction_shift |
           mmio->address.value << address_shift;
  }
  return key;
}

// "reads of port 0x61 (pcspk)"
std::string text_of(std::uint64_t key) {
  const std::size_t reason = (key & reason_mask) - 1;
  const std::uint64_t address = key >> address_shift;
  const bool write = (key >> direction_shift & 1) != 0;
  constexpr const char* reasons[] = {"",
                                     "",
                                     "halts",
                                     "shutdowns",
                                     "windows for interrupts",
                                     "interruptions by the host",
                                     "debug stops",
                                     "system events",
                                     "errors"};
  if (reason > 1) {
    return reasons[std::min(reason, std::size(reasons) - 1)];
  }
  AddressSpace& space = reason == 0 ? address_space_io() : address_space_memory();
  const FlatRange* range = space.find(address);
  const bool nobody = range == nullptr || range->region == space.root();
  return std::string(write ? "writes to " : "reads of ") +
         (reason == 0 ? "port " : "address ") + hex(address) + " (" +
         (nobody ? "nobody answers" : range->region->name) + ")";
}

bool is_access(std::uint64_t key) {
  return (key & reason_mask) - 1 <= 1;
}

}  // namespace

HangWatcher::HangWatcher(double seconds, Symbols symbols)
    : patience_(seconds), symbols_(std::move(symbols)) {
  exit_watch_add(this);
  thread_ = std::jthread([this](const std::stop_token& stop) { watch(stop); });
}

HangWatcher::~HangWatcher() {
  thread_.request_stop();
  thread_.join();
  exit_watch_remove(this);
}

// ---- on vCPU threads ----------------------------------------------------------------

void HangWatcher::exited(CpuState& cpu, const Exit& exit) {
  const std::uint64_t key = key_of(exit);
  if (asked_) {
    const bool known = std::any_of(places_.begin(), places_.end(), [&](const Place& at) {
      return at.cpu == cpu.cpu_index;
    });
    if (!known) {
      constexpr std::uint64_t interrupts_on = 0x200;
      const Regs regs = cpu.vcpu->regs();
      places_.push_back({.cpu = cpu.cpu_index,
                         .rip = regs.rip,
                         .halted = cpu.vcpu->halted(),
                         .interruptible = (regs.rflags & interrupts_on) != 0});
    }
    if (std::holds_alternative<exit::Intr>(exit)) {
      return;  // it came because we asked
    }
  }
  ++exits_;
  constexpr std::uint64_t spread = 0x9e3779b97f4a7c15;
  std::size_t at = (key * spread) >> 54;
  while (kinds_[at].key != key && kinds_[at].key != 0) {
    at = (at + 1) % kinds_max;
  }
  Kind& kind = kinds_[at];
  if (kind.key == 0) {
    progress_ = true;
    if (kinds_known_ + 1 == kinds_max) {  // one stays free, so that searches end
      return;
    }
    ++kinds_known_;
    kind.key = key;
  }
  kind.count = kind.period == period_ ? kind.count + 1 : 1;
  kind.period = period_;
}

// ---- on the watching thread ---------------------------------------------------------

void HangWatcher::watch(const std::stop_token& stop) {
  constexpr int looks = 8;  // in the time of patience
  std::unique_lock lock(big_lock());
  int quiet = 0;
  while (!stop.stop_requested()) {
    wake_.wait_for(lock, stop, patience_ / looks, [] { return false; });
    if (progress_ || !runstate_is_running()) {
      progress_ = false;
      quiet = 0;
      exits_ = 0;
      ++period_;
    } else if (++quiet == looks) {  // once: it has to do something new before the next
      ask_cpus();
      wake_.wait_for(lock, stop, std::chrono::milliseconds(100), [] { return false; });
      asked_ = false;
      if (!stop.stop_requested() && !is_idle()) {
        report(patience_.count());
      }
    }
  }
}

void HangWatcher::ask_cpus() {
  places_.clear();
  asked_ = true;
  cpus_kick_all();
}

// Every CPU waits for an interrupt: nothing is wrong with that, as long as one can come.
// A CPU in a HLT that is our own business does not run, so it is not among those asked.
bool HangWatcher::is_idle() const {
  return std::all_of(places_.begin(), places_.end(),
                     [](const Place& at) { return at.halted && at.interruptible; });
}

std::vector<HangWatcher::Kind> HangWatcher::most_frequent() const {
  std::vector<Kind> kinds;
  std::copy_if(kinds_.begin(), kinds_.end(), std::back_inserter(kinds),
               [this](const Kind& kind) {
                 return kind.key != 0 && kind.period == period_ && is_access(kind.key);
               });
  std::sort(kinds.begin(), kinds.end(),
            [](const Kind& a, const Kind& b) { return a.count > b.count; });
  constexpr std::size_t shown = 4;
  kinds.resize(std::min(kinds.size(), shown));
  return kinds;
}

std::string HangWatcher::places_text(std::string& first_symbol) const {
  constexpr std::size_t shown = 4;
  std::string text;
  for (const Place& at : places_) {
    if (&at - places_.data() == shown) {
      return text + "; ...";
    }
    const std::string symbol = symbols_.name(at.rip);
    first_symbol = text.empty() ? symbol : first_symbol;
    text += "; CPU " + std::to_string(at.cpu) + " at " + hex(at.rip);
    text += symbol.empty() ? "" : " (" + symbol + ")";
    text += !at.halted         ? ""
            : at.interruptible ? ", halted"
                               : ", halted for good:"
                                 " interrupts are off";
  }
  return text;
}

void HangWatcher::report(double seconds) {
  const std::vector<Kind> kinds = most_frequent();
  const std::string doing = kinds.empty() ? "" : text_of(kinds.front().key);
  std::string text = "the guest has done nothing new for ";
  char time[24];
  std::snprintf(time, sizeof time, "%g s", seconds);
  text += time;
  if (kinds.empty()) {
    text += ", and touches no device";
  }
  for (const Kind& kind : kinds) {
    text += (&kind == kinds.data() ? ": " : ", ") + std::to_string(kind.count) + " " +
            text_of(kind.key);
  }
  std::string symbol;
  text += places_text(symbol);
  trace::instant(GuestHang{.doing = doing,
                           .symbol = symbol,
                           .exits = exits_,
                           .rip = {places_.empty() ? 0 : places_.front().rip},
                           .text = text});
  warn_report(text);
}

}  // namespace core
