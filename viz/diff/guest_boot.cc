#include "viz/diff/guest_boot.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>

#include "trace/read/source.h"
#include "viz/exit_list.h"
#include "viz/text.h"

namespace viz::diff {

namespace {

constexpr std::uint64_t longest_log = 64 * 1024 * 1024;

struct Milestone {
  const char* phase;
  std::array<std::string_view, 3> begins;  // a line of the kernel, its beginning
};

// In the order in which every kernel of the last ten years comes past them.
constexpr std::array<Milestone, 12> milestones{{
    {"kernel start",
     {"Linux version", "Command line:", "BIOS-provided physical RAM map"}},
    {"memory", {"Memory: ", "SLUB: ", "SLAB: "}},
    {"interrupts and time", {"NR_IRQS:", "Console: ", "ACPI: Core revision"}},
    {"first processor", {"Calibrating delay loop", "pid_max:", "CPU: Physical"}},
    {"other processors",
     {"smp: Bringing up secondary CPUs", "smp: Brought up", "Brought up"}},
    {"core services", {"devtmpfs: initialized", "NET: Registered", "PM: RTC time"}},
    {"subsystems",
     {"ACPI: Interpreter enabled", "SCSI subsystem initialized", "vgaarb:"}},
    {"file systems and network",
     {"clocksource: Switched to clocksource", "VFS: Disk quotas",
      "TCP established hash"}},
    {"initial RAM disk",
     {"Trying to unpack rootfs image", "Unpacking initramfs",
      "Initialise system trusted"}},
    {"drivers", {"Serial: 8250/16550", "Block layer SCSI generic", "Linux agpgart"}},
    {"before user space",
     {"Freeing unused kernel", "Freeing unused decrypted",
      "Write protecting the kernel"}},
    {"user space", {"Run /", "systemd[1]:", "random: init:"}},
}};
constexpr const char* before_kernel = "boot loader";
constexpr const char* shutdown = "shutdown";
constexpr std::string_view shutdown_line = "reboot: ";

// The place of the milestone a line begins, of those behind `from`.
std::optional<std::size_t> milestone_of(std::string_view text, std::size_t from) {
  for (std::size_t i = from; i < milestones.size(); ++i) {
    for (const std::string_view begin : milestones[i].begins) {
      if (text.starts_with(begin)) {
        return i;
      }
    }
  }
  return std::nullopt;
}

// "initcall acpi_init+0x0/0x4e7 returned 0 after 1234 usecs".
std::optional<Initcall> initcall_of(std::string_view text) {
  constexpr std::string_view begin = "initcall ", returned = " returned ",
                             after = " after ";
  const std::size_t result_at = text.find(returned), after_at = text.find(after);
  if (!text.starts_with(begin) || result_at == text.npos || after_at == text.npos ||
      after_at < result_at || !text.ends_with(" usecs")) {
    return std::nullopt;
  }
  Initcall call;
  const std::string_view name = text.substr(begin.size(), result_at - begin.size());
  call.function = name.substr(0, std::min(name.find('+'), name.size()));
  const auto number = [&](std::size_t at, auto& value) {
    return std::from_chars(text.data() + at, text.data() + text.size(), value).ec ==
           std::errc();
  };
  std::uint64_t usecs = 0;
  constexpr std::uint64_t most = 1'000'000'000'000;  // eleven days
  if (!number(result_at + returned.size(), call.result) ||
      !number(after_at + after.size(), usecs) || usecs > most) {
    return std::nullopt;
  }
  call.ns = usecs * 1000;
  return call;
}

// Lines go in one after the other; phases begin where they begin them.
class Console {
 public:
  explicit Console(GuestBoot& boot) : boot_(boot) {
    boot_.phases.push_back({before_kernel, 0, 0, 0, {}, {}});
    begins_.push_back({});
  }

  void line(std::string_view text, std::uint64_t host_ns) {
    const Stamped stamped = without_stamp(text);
    guest_ns_ = std::max(guest_ns_, stamped.guest_ns);
    GuestLine line{host_ns, guest_ns_, stamped.stamped, std::string(stamped.text), 0};
    if (line.stamped) {
      begin_phase(line);
      if (std::optional<Initcall> call = initcall_of(stamped.text)) {
        call->phase = boot_.phases.size() - 1;
        boot_.initcalls.push_back(std::move(*call));
      }
    }
    line.phase = boot_.phases.size() - 1;
    ++boot_.phases.back().lines;
    boot_.lines.push_back(std::move(line));
  }

  // What lies between the beginnings is how long the phases were.
  void end(std::uint64_t host_ns) {
    begins_.push_back({host_ns, guest_ns_});
    for (std::size_t i = 0; i < boot_.phases.size(); ++i) {
      const auto length = [](std::uint64_t from, std::uint64_t to) {
        return to > from ? to - from : 0;
      };
      boot_.phases[i].host_ns = length(begins_[i].host_ns, begins_[i + 1].host_ns);
      boot_.phases[i].guest_ns = length(begins_[i].guest_ns, begins_[i + 1].guest_ns);
    }
    if (!spoke_) {
      boot_.phases.clear();
    }
  }

  // The phase in which something happened.
  std::size_t at(std::uint64_t host_ns) const {
    const auto behind = std::ranges::upper_bound(
        begins_.begin() + 1, begins_.begin() + static_cast<std::ptrdiff_t>(phases()),
        host_ns, {}, &Begin::host_ns);
    return static_cast<std::size_t>(behind - begins_.begin()) - 1;
  }

  void starts(std::uint64_t host_ns) { begins_.front().host_ns = host_ns; }

 private:
  struct Begin {
    std::uint64_t host_ns = 0, guest_ns = 0;
  };

  std::size_t phases() const { return boot_.phases.size(); }

  void begin_phase(const GuestLine& line) {
    const std::optional<std::size_t> found = milestone_of(line.text, next_);
    if (found) {
      next_ = *found + 1;
      open(milestones[*found].phase, line);
    } else if (line.text.starts_with(shutdown_line) && !down_) {
      down_ = true;
      next_ = milestones.size();
      open(shutdown, line);
    } else if (!spoke_) {
      open(milestones.front().phase, line);
    }
  }

  void open(const char* phase, const GuestLine& line) {
    spoke_ = true;
    boot_.phases.push_back({phase, 0, 0, 0, {}, {}});
    begins_.push_back({line.host_ns, line.guest_ns});
  }

  GuestBoot& boot_;
  std::vector<Begin> begins_;
  std::uint64_t guest_ns_ = 0;
  std::size_t next_ = 0;
  bool spoke_ = false, down_ = false;
};

std::string what_of(const Run& run, const Exit& exit) {
  std::string what = access_words(run, exit);
  if (what.empty()) {
    return exit.reason;
  }
  std::string who = answerer(run, exit);
  who.resize(std::min(who.size(), who.rfind('#')));  // whichever object of its type
  return what + (who.empty() ? "" : " " + who);
}

}  // namespace

GuestBoot guest_boot_of_log(std::string_view text, const std::string& source) {
  GuestBoot boot;
  boot.source = source;
  Console console(boot);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    console.line(line, 0);
  }
  console.end(0);
  return boot;
}

GuestBoot guest_boot_of_run(const Run& run) {
  GuestBoot boot;
  boot.source = run.source;
  boot.has_host_times = true;
  Console console(boot);
  std::uint64_t end_ns = 0;
  for (const Step& step : run.steps()) {
    if (step.name == "guest_console") {
      console.line(run.arg(step, "text"), step.ts_ns);
    } else if (step.name == "vcpu.first_run" && boot.lines.empty()) {
      console.starts(step.ts_ns);
    }
    end_ns = std::max(end_ns, step.ts_ns + step.dur_ns);
  }
  console.end(end_ns);
  if (boot.phases.empty()) {
    return boot;
  }
  for (const Exit& exit : exits_of(run)) {
    const Step& step = run.steps()[exit.run];
    KernelPhase& phase = boot.phases[console.at(step.ts_ns)];
    const std::uint64_t time_ns =
        exit.access == no_step ? 0 : run.steps()[exit.access].dur_ns;
    boot.has_exits = true;
    for (ExitSum* sum : {&phase.exits, &phase.exits_by[what_of(run, exit)]}) {
      ++sum->count;
      sum->time_ns += time_ns;
    }
  }
  return boot;
}

bool kernel_speaks(const Tree& tree) {
  for (Index i = 1; i < tree.size(); ++i) {
    if (tree.kind(i).name == "guest_console" &&
        without_stamp(tree.value(i, "text")).stamped) {
      return true;
    }
  }
  return false;
}

GuestBoot load_guest_boot(const std::string& file) {
  std::string text(1 << 16, '\0');
  const auto bytes = trace::detail::open_bytes(file);
  text.resize(bytes->read(text.data(), text.size()));
  const bool is_trace =
      text.starts_with("[\n") || text.starts_with("{\"trace\":\"vitrine\"");
  GuestBoot boot;
  if (is_trace) {
    boot = guest_boot_of_run(run_from_trace(file));
    boot.source = file;
  } else {
    std::string block(1 << 16, '\0');
    while (const std::size_t got = bytes->read(block.data(), block.size())) {
      text.append(block, 0, got);
      if (text.size() > longest_log) {
        throw std::runtime_error(file +
                                 ": a serial log of more than 64 MiB is none of a boot");
      }
    }
    boot = guest_boot_of_log(text, file);
  }
  if (boot.phases.empty()) {
    throw std::runtime_error(
        file +
        ": no line here has a time stamp of a Linux kernel (\"[    1.234567] ...\"); "
        "boot it without `quiet`, with its console on the serial port");
  }
  return boot;
}

}  // namespace viz::diff
