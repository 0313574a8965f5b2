// What the option table says to people: -help and the hint after a wrong word.
#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "options/option_table.h"

namespace options {

static std::string help_line(const OptionRow& row) {
  constexpr std::size_t help_column = 24;
  std::string left = std::string("-") + row.name;
  if (row.argument != nullptr) {
    left += std::string(" ") + row.argument;
  }
  if (left.size() + 2 > help_column) {
    left += "\n" + std::string(help_column, ' ');
  } else {
    left.resize(help_column, ' ');
  }
  return left + row.help + (row.status == Status::unbuilt ? " (not built yet)" : "") +
         "\n";
}

// launcher/exit_codes.h, for users.
static constexpr const char* exit_codes =
    "\nExit codes:\n"
    "0       the guest ended the run, or a text was asked for\n"
    "1       nothing ran: a wrong option, a missing file, a host that cannot do it\n"
    "2       the guest reported a panic\n"
    "4       triple fault\n"
    "6       the accelerator met an instruction or a state it cannot run\n"
    "8       a limit of -limit was reached\n"
    "70      a mistake in the program\n"
    "odd     isa-debug-exit: the guest wrote v, the code is (v << 1) | 1\n"
    "signal  ^C, SIGTERM, SIGHUP: the trace is completed, then the program dies of it\n";

std::string help_text(std::string_view program) {
  // Under QEMU's name the options come first, otherwise after the verb.
  const std::string verb = program.starts_with("qemu-system-") ? "" : " run";
  std::string text =
      "usage: " + std::string(program) + verb + " [options] [disk_image]\n";
  for (auto section = Section::standard; section != Section::hidden;
       section = static_cast<Section>(static_cast<int>(section) + 1)) {
    text += std::string("\n") + section_title(section) + ":\n";
    for (const OptionRow& row : option_rows()) {
      if (row.section == section) {
        text += help_line(row);
      }
    }
  }
  return text + exit_codes +
         "\nOptions may begin with - or --. A word without '-' is a disk image, as after "
         "-hda.\n";
}

// ---- hints --------------------------------------------------------------------

// How many letters must be added, taken away, changed or swapped with a neighbour.
static std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1,
                                             std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      const std::size_t changed = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[a.size()][b.size()];
}

// Options that were removed before 4.0 or never were upstream, and what to write instead.
struct Elsewhere {
  const char* name;
  const char* hint;
};

static constexpr Elsewhere elsewhere[] = {
    {"nodefconfig", "It was removed in QEMU 3.1; leave it out."},
    {"localtime", "It was removed in QEMU 3.1; write '-rtc base=localtime'."},
    {"startdate", "It was removed in QEMU 3.1; write '-rtc base=DATE'."},
    {"rtc-td-hack", "It was removed in QEMU 3.1; write '-rtc driftfix=slew'."},
    {"tdf", "It was removed in QEMU 3.1; write '-global kvm-pit.lost_tick_policy=slew'."},
    {"no-kvm-pit-reinjection",
     "It was removed in QEMU 3.1; write '-global kvm-pit.lost_tick_policy=discard'."},
    {"no-kvm-pit", "It was removed in QEMU 3.1; write '-machine kernel-irqchip=off'."},
    {"no-kvm-irqchip",
     "It was removed in QEMU 3.1; write '-machine kernel-irqchip=off'."},
    {"kvm-shadow-memory", "It was removed; write '-machine kvm-shadow-mem=SIZE'."},
    {"no-frame", "It was removed in QEMU 3.1; leave it out."},
    {"balloon", "It was removed in QEMU 3.1; write '-device virtio-balloon'."},
    {"redir", "It was removed in QEMU 3.1; write '-netdev user,hostfwd=...'."},
    {"tftp", "It was removed in QEMU 3.1; write '-netdev user,tftp=...'."},
    {"bootp", "It was removed in QEMU 3.1; write '-netdev user,bootfile=...'."},
    {"smb", "It was removed in QEMU 3.1; write '-netdev user,smb=...'."},
    {"hdachs", "It was removed in QEMU 3.1; write '-device ide-hd,cyls=...'."},
    {"std-vga", "It was removed; write '-vga std'."},
    {"clock", "It was removed; leave it out."},
    {"pcidevice", "It was removed; write '-device vfio-pci,host=...'."},
    {"mem-merge", "It never was an option; write '-machine mem-merge=off'."},
    {"enable-hvf", "It is for macOS; write '-accel kvm' or '-accel tcg'."},
    {"enable-whpx", "It is for Windows; write '-accel kvm' or '-accel tcg'."},
    {"id", "It belongs to Proxmox; leave it and its argument out."},
    {"shim", "It came with QEMU 10.0 and is not built."},
    {"nouserconfig", "Did you mean '-no-user-config'?"},
};

std::string nearest_spelling(std::string_view word, std::span<const std::string> names) {
  const std::size_t limit = word.size() < 4 ? 1 : 2;
  std::size_t best = limit + 1;
  std::string nearest;
  for (const std::string& name : names) {
    const std::size_t more = std::max(name.size(), word.size());
    const std::size_t less = std::min(name.size(), word.size());
    if (more - less > limit) {
      continue;
    }
    if (const std::size_t distance = edit_distance(word, name); distance < best) {
      best = distance;
      nearest = name;
    }
  }
  return nearest;
}

static std::string nearest_option(std::string_view head) {
  std::vector<std::string> names;
  for (const OptionRow& row : option_rows()) {
    if (row.status != Status::refused && std::string_view(row.name).size() > 1) {
      names.emplace_back(row.name);
    }
  }
  return nearest_spelling(head, names);
}

// "-nettap,ifname=tap0" was "-net tap,ifname=tap0" before it lost a blank.
static std::string lost_blank(std::string_view word) {
  std::string_view longest;
  for (const OptionRow& row : option_rows()) {
    const std::string_view name = row.name;
    const bool prefix =
        row.argument != nullptr && word.size() > name.size() && word.starts_with(name);
    const bool one_letter = name.size() == 1 && !(word[1] >= '0' && word[1] <= '9');
    if (prefix && !one_letter && name.size() > longest.size()) {
      longest = name;
    }
  }
  if (longest.empty()) {
    return {};
  }
  std::string_view rest = word.substr(longest.size());
  if (rest[0] == '=') {
    rest.remove_prefix(1);
  }
  return std::string(longest) + " " + std::string(rest);
}

std::string spelling_hint(std::string_view word) {
  const std::string_view head = word.substr(0, word.find_first_of(",= "));
  if (head.empty() || word.size() > 200) {
    return {};
  }
  for (const Elsewhere& row : elsewhere) {
    if (head == row.name) {
      return row.hint;
    }
  }
  std::string suggestion = nearest_option(head);
  if (suggestion.empty()) {
    suggestion = lost_blank(word);
  }
  return suggestion.empty() ? "" : "Did you mean '-" + suggestion + "'?";
}

}  // namespace options
