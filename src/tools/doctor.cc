// `vitrine doctor`: what this host can do, and for each "no" what to do about it.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "core/loader.h"
#include "cpu/x86_cpu.h"
#include "softcpu/softcpu.h"
#include "tools/child.h"
#include "tools/tool.h"
#include "viz/graph.h"

#ifdef VITRINE_HAVE_KVM
#include "kvm/system.h"
#endif

namespace tools {

namespace {

struct Finding {
  std::string name;
  bool ok = false;
  std::string found;   // what is there, or what was tried
  std::string advice;  // what to do; empty if ok
};

// ---- KVM --------------------------------------------------------------------------

#ifdef VITRINE_HAVE_KVM
std::string kvm_kind_text(const std::string& kind) {
  if (kind == "pvm") {
    return "usable, kind pvm: no VMX or SVM behind it, guest code is mostly emulated";
  }
  return "usable, kind " + kind;
}

Finding find_kvm() {
  try {
    const kvm::System system;
    return {"kvm", true, "/dev/kvm: " + kvm_kind_text(kvm::host_kind()), {}};
  } catch (const kvm::Unavailable& why) {
    return {"kvm", false, why.what(), why.hint + "; -accel tcg works without it"};
  } catch (const std::exception& why) {
    return {"kvm", false, why.what(), "use -accel tcg"};
  }
}
#else
Finding find_kvm() {
  return {"kvm", false, "this build has no KVM layer",
          "build on x86 Linux with linux-libc-dev installed, or use -accel tcg"};
}
#endif

// ---- the software CPU ---------------------------------------------------------------

constexpr std::uint64_t page = 4096;

struct alignas(page) GuestPage {
  std::byte bytes[page];
};

// A real-mode loop of two instructions a turn, ended by hlt:
//   mov ecx, turns;  l: dec ecx;  jnz l;  hlt
std::vector<std::byte> counting_guest(std::uint32_t turns) {
  const std::uint8_t code[] = {0x66,
                               0xb9,
                               static_cast<std::uint8_t>(turns),
                               static_cast<std::uint8_t>(turns >> 8),
                               static_cast<std::uint8_t>(turns >> 16),
                               static_cast<std::uint8_t>(turns >> 24),
                               0x66,
                               0x49,
                               0x75,
                               0xfc,
                               0xf4};
  const auto bytes = std::as_bytes(std::span(code));
  return {bytes.begin(), bytes.end()};
}

// Millions of guest instructions a second.
double measure_software_cpu() {
  constexpr std::uint32_t turns = 2'000'000;
  std::vector<GuestPage> memory(2);
  const std::vector<std::byte> code = counting_guest(turns);
  std::copy(code.begin(), code.end(), memory[1].bytes);

  const auto vm = softcpu::make_vm();
  vm->map_memory(0, core::GuestPhysAddr(0),
                 std::span(memory[0].bytes, memory.size() * page),
                 core::MemoryAccess::read_write);
  const auto cpu = vm->create_vcpu(0);
  cpu->reset();
  core::Sregs sregs = cpu->sregs();
  sregs.cs.base = 0;
  sregs.cs.selector = 0;
  cpu->set_sregs(sregs);
  core::Regs regs = cpu->regs();
  regs.rip = page;
  cpu->set_regs(regs);

  const auto begin = std::chrono::steady_clock::now();
  const core::Exit exit = cpu->run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  return std::holds_alternative<core::exit::Hlt>(exit) ? 2.0 * turns / 1e6 / took.count()
                                                       : 0;
}

Finding find_software_cpu() {
  if (const std::string wrong = softcpu::self_check(); !wrong.empty()) {
    return {"software-cpu", false, wrong,
            "please report it with the output of `vitrine --version`"};
  }
  const double speed = measure_software_cpu();
  char text[80];
  std::snprintf(text, sizeof text,
                "%.0f million instructions a second in a counting loop", speed);
  if (speed <= 0) {
    return {"software-cpu", false, "the counting loop did not end as it should",
            "please report it with the output of `vitrine --version`"};
  }
  return {"software-cpu", true, text, {}};
}

Finding find_hidden_features() {
  const std::string hidden =
      cpu::feature_names(cpu::tcg_features_hidden_by(softcpu::supported_cpuid()));
  if (hidden.empty()) {
    return {
        "cpu-features", true, "the software CPU executes all that QEMU 4.0's does", {}};
  }
  return {"cpu-features", false, "guests of the software CPU do not see " + hidden,
          "accel=kvm shows a guest what the host has"};
}

// ---- programs and files ---------------------------------------------------------------

Finding find_graphviz() {
  if (viz::graphviz_available()) {
    return {"graphviz", true, "version " + viz::graphviz_version(), {}};
  }
  return {"graphviz", false, "not part of this build",
          "apt install libgraphviz-dev, then configure and build again"};
}

Finding find_qemu() {
  try {
    return {"qemu", true, find_program("qemu-system-x86_64"), {}};
  } catch (const std::exception& why) {
    return {"qemu", false, why.what(),
            "apt install qemu-system-x86 (only for `vitrine types --qemu`)"};
  }
}

Finding find_seabios() {
  const auto path = core::find_firmware("bios-256k.bin");
  if (path) {
    return {"firmware", true, *path, {}};
  }
  return {"firmware", false,
          "bios-256k.bin was not found where distributions put SeaBIOS",
          "apt install seabios, or give -L DIRECTORY; -kernel works without it"};
}

// ---- output -------------------------------------------------------------------------

void print_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  for (const Finding& f : findings) {
    all.push_back(
        {{"name", f.name}, {"ok", f.ok}, {"found", f.found}, {"advice", f.advice}});
  }
  std::printf("%s\n", all.dump(2).c_str());
}

void print_text(const std::vector<Finding>& findings) {
  for (const Finding& f : findings) {
    std::printf("%-4s %-13s %s\n", f.ok ? "yes" : "no", f.name.c_str(), f.found.c_str());
    if (!f.advice.empty()) {
      std::printf("%18s -> %s\n", "", f.advice.c_str());
    }
  }
}

int doctor_main(int argc, char** argv) {
  CLI::App app{"Says what this host can do, and what to do about each \"no\".",
               "vitrine doctor"};
  bool json = false;
  app.add_flag("--json", json, "As JSON, for programs");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 1;
  }
  const std::vector<Finding> findings = {
      find_kvm(),      find_software_cpu(), find_hidden_features(),
      find_graphviz(), find_seabios(),      find_qemu()};
  json ? print_json(findings) : print_text(findings);
  return 0;
}

constexpr Tool doctor_tool{"doctor",
                           "say what this host can do, and what to do about each no",
                           Group::look, doctor_main};

}  // namespace

tool_init(doctor_tool)

}  // namespace tools
