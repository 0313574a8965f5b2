#include "tools/run_account.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace tools {

namespace {

// Lines by which firmware and Linux say how far they are.
constexpr std::string_view known_lines[] = {
    "SeaBIOS (version",      "Booting from", "Linux version",
    "Freeing initrd memory", "Run /",        "reboot: "};

constexpr std::string_view first_run = "vcpu.first_run", run_end = "guest.exit";

std::string value_of(const trace::Event& event, std::string_view field) {
  for (const trace::Arg& arg : event.args) {
    if (arg.field->name == field) {
      std::string_view text = arg.text.empty() ? arg.json : arg.text;
      if (text.size() >= 2 && text.starts_with('"')) {
        text = text.substr(1, text.size() - 2);
      }
      return std::string(text);
    }
  }
  return {};
}

std::uint64_t number_of(const trace::Event& event, std::string_view field) {
  for (const trace::Arg& arg : event.args) {
    if (arg.field->name == field) {
      return arg.bits;
    }
  }
  return 0;
}

std::string hex(std::uint64_t value) {
  char digits[24];
  return "0x" + std::string(digits,
                            std::to_chars(digits, digits + sizeof digits, value, 16).ptr);
}

// The exit a vCPU is in, until its next one.
struct OpenExit {
  bool open = false;
  Share share{};
  std::string reason, where{}, place{};
  std::uint64_t end_ns = 0;  // when the guest stopped
  std::size_t phase = 0;
};

class Accountant {
 public:
  Accountant(const core::Symbols& symbols, const std::vector<std::string>& phases)
      : symbols_(symbols), wanted_(phases) {
    account_.phases.push_back({.name = "start"});
  }

  void take(const trace::Event& event) {
    account_.last_ns = std::max(account_.last_ns, event.ts_ns + event.dur_ns);
    const std::string_view name = event.name();
    if (name == "vcpu_run") {
      take_run(event);
    } else if (name == "memory_region_ops_read" || name == "memory_region_ops_write") {
      take_access(event, name.ends_with("read") ? "read" : "write");
    } else if (name == "memory_region_unassigned") {
      take_unassigned(event);
    } else if (name == run_end) {
      end_ns_ = event.ts_ns;
    } else if (name == first_run) {
      begin_phase("first instruction", event.ts_ns);
    } else if (name == "guest_mark") {
      begin_phase("mark " + hex(number_of(event, "value")), event.ts_ns);
    } else if (name == "guest_console") {
      take_line(value_of(event, "text"), event.ts_ns);
    }
  }

  RunAccount finish() {
    // What ends a run is dealt with until the run is over; the program goes on.
    const std::uint64_t end = end_ns_ == 0 ? account_.last_ns : end_ns_;
    for (auto& [tid, exit] : exits_) {
      close(tid, exit, end);
    }
    account_.phases.back().end_ns = end;
    return std::move(account_);
  }

 private:
  void take_run(const trace::Event& event) {
    OpenExit& exit = exits_[event.tid];
    close(event.tid, exit, event.ts_ns);
    exit = {.open = true,
            .share = {.exits = 1, .guest_ns = event.dur_ns},
            .reason = value_of(event, "reason"),
            .end_ns = event.ts_ns + event.dur_ns,
            .phase = account_.phases.size() - 1};
    const std::uint64_t rip = number_of(event, "rip");
    const std::string symbol = symbols_.name(rip);
    exit.place = symbol.empty() ? hex(rip) : symbol;
  }

  void close(int tid, OpenExit& exit, std::uint64_t now) {
    if (!exit.open) {
      return;
    }
    exit.open = false;
    exit.share.host_ns = now > exit.end_ns ? now - exit.end_ns : 0;
    account_.all.add(exit.share);
    account_.reasons[exit.reason].add(exit.share);
    account_.places[exit.place].add(exit.share);
    account_.cpus[tid].add(exit.share);
    account_.phases[exit.phase].share.add(exit.share);
    if (!exit.where.empty()) {
      account_.registers[exit.where].add(exit.share);
    }
  }

  // The first register of an exit is the one the guest touched; others are touched by it.
  void name_register(int tid, std::string where) {
    const auto exit = exits_.find(tid);
    if (exit != exits_.end() && exit->second.open && exit->second.where.empty()) {
      exit->second.where = std::move(where);
    }
  }

  void take_access(const trace::Event& event, std::string_view direction) {
    name_register(event.tid, value_of(event, "device") + " " + value_of(event, "region") +
                                 "+" + hex(number_of(event, "offset")) + " " +
                                 std::string(direction));
  }

  void take_unassigned(const trace::Event& event) {
    name_register(event.tid, "nobody " + value_of(event, "space") + " " +
                                 hex(number_of(event, "address")) +
                                 (number_of(event, "write") != 0 ? " write" : " read"));
  }

  void take_line(const std::string& line, std::uint64_t now) {
    const auto in_line = [&](std::string_view text) {
      return line.find(text) != std::string::npos;
    };
    if (std::any_of(std::begin(known_lines), std::end(known_lines), in_line) ||
        std::any_of(wanted_.begin(), wanted_.end(), in_line)) {
      begin_phase(line, now);
    }
  }

  void begin_phase(std::string name, std::uint64_t now) {
    account_.phases.back().end_ns = now;
    account_.phases.push_back({.name = std::move(name), .start_ns = now});
  }

  const core::Symbols& symbols_;
  const std::vector<std::string>& wanted_;
  RunAccount account_;
  std::uint64_t end_ns_ = 0;  // of the run
  std::map<int, OpenExit> exits_;
};

}  // namespace

RunAccount account_of(trace::Reader& reader, const core::Symbols& symbols,
                      const std::vector<std::string>& phases) {
  Accountant accountant(symbols, phases);
  trace::Event event;
  while (reader.next(event)) {
    if (!event.is_flow()) {
      accountant.take(event);
    }
  }
  RunAccount account = accountant.finish();
  for (const auto& [key, value] : reader.header().metadata) {
    account.sampled = account.sampled ||
                      (key == "window" && value.find("one of ") != std::string::npos);
  }
  return account;
}

}  // namespace tools
