// One row for each request whose argument says something worth reading. A request
// that is not in the table is traced by its name alone, which is safe: nothing is
// read through a pointer whose meaning is not known here.
#include "kvm/arguments.h"

#include <cstdarg>
#include <cstdio>

#include "kvm/linux_kvm.h"

#include "kvm/names.h"

namespace kvm {
namespace {

__attribute__((format(printf, 1, 2))) std::string text(const char* format, ...) {
  char buffer[256];
  va_list values;
  va_start(values, format);
  std::vsnprintf(buffer, sizeof buffer, format, values);
  va_end(values);
  return buffer;
}

using ull = unsigned long long;

// ---- arguments that are plain numbers -------------------------------------------
std::string number(std::uint64_t n) {
  return text("%llu", static_cast<ull>(n));
}

std::string hex(std::uint64_t n) {
  return text("0x%llx", static_cast<ull>(n));
}

std::string capability(std::uint64_t n) {
  std::string_view name = capability_name(n);
  return name.empty() ? number(n) : std::string(name);
}

std::string vm_type(std::uint64_t n) {
  return "type=" + number(n);
}

std::string vcpu_id(std::uint64_t n) {
  return "id=" + number(n);
}

// ---- arguments that are the address of a struct ----------------------------------
template <class T, std::string (*describe)(const T&)>
std::string pointed(std::uint64_t address) {
  return describe(*reinterpret_cast<const T*>(address));
}

std::string memory_region(const kvm_userspace_memory_region& r) {
  std::string words =
      text("slot=%u gpa=0x%llx size=0x%llx flags=", r.slot & 0xffff,
           static_cast<ull>(r.guest_phys_addr), static_cast<ull>(r.memory_size));
  if (r.flags == 0) {
    return words + "0";
  }
  words += r.flags & KVM_MEM_LOG_DIRTY_PAGES ? "LOG_DIRTY_PAGES," : "";
  words += r.flags & KVM_MEM_READONLY ? "READONLY," : "";
  words.pop_back();
  return words;
}

std::string address(const __u64& a) {
  return hex(a);
}

std::string dirty_log(const kvm_dirty_log& d) {
  return text("slot=%u", d.slot);
}

std::string irqchip(const kvm_irqchip& c) {
  static constexpr const char* names[] = {"pic-master", "pic-slave", "ioapic"};
  return std::string("chip=") + (c.chip_id < 3 ? names[c.chip_id] : "unknown");
}

std::string irq_level(const kvm_irq_level& l) {
  return text("irq=%u level=%u", l.irq, l.level);
}

std::string msi(const kvm_msi& m) {
  return text("address=%#llx data=%#x",
              static_cast<unsigned long long>(m.address_hi) << 32 | m.address_lo, m.data);
}

std::string pit_config(const kvm_pit_config& p) {
  return p.flags & KVM_PIT_SPEAKER_DUMMY ? "flags=SPEAKER_DUMMY"
                                         : text("flags=%u", p.flags);
}

std::string enable_cap(const kvm_enable_cap& e) {
  return "cap=" + capability(e.cap) + text(" args[0]=%llu", static_cast<ull>(e.args[0]));
}

std::string interrupt(const kvm_interrupt& i) {
  return text("vector=0x%x", i.irq);
}

std::string cpuid(const kvm_cpuid2& c) {
  return text("entries=%u", c.nent);
}

std::string msr_list(const kvm_msr_list& l) {
  return text("indices=%u", l.nmsrs);
}

std::string msrs(const kvm_msrs& m) {
  if (m.nmsrs == 0) {
    return "none";
  }
  std::string words = text("msr=0x%x", m.entries[0].index);
  return m.nmsrs > 1 ? words + text(" and %u more", m.nmsrs - 1) : words;
}

std::string msrs_in(const kvm_msrs& m) {
  std::string words = msrs(m);
  return m.nmsrs == 1 ? words + text(" value=0x%llx", static_cast<ull>(m.entries[0].data))
                      : words;
}

std::string regs(const kvm_regs& r) {
  return text("rip=0x%llx rsp=0x%llx rflags=0x%llx rax=0x%llx", static_cast<ull>(r.rip),
              static_cast<ull>(r.rsp), static_cast<ull>(r.rflags),
              static_cast<ull>(r.rax));
}

std::string sregs(const kvm_sregs& s) {
  return text("cs=0x%x base=0x%llx cr0=0x%llx cr3=0x%llx cr4=0x%llx efer=0x%llx",
              s.cs.selector, static_cast<ull>(s.cs.base), static_cast<ull>(s.cr0),
              static_cast<ull>(s.cr3), static_cast<ull>(s.cr4), static_cast<ull>(s.efer));
}

std::string fpu(const kvm_fpu& f) {
  return text("fcw=0x%x mxcsr=0x%x", f.fcw, f.mxcsr);
}

std::string guest_debug(const kvm_guest_debug& d) {
  if (!(d.control & KVM_GUESTDBG_ENABLE)) {
    return "off";
  }
  std::string words = "on";
  words += d.control & KVM_GUESTDBG_SINGLESTEP ? " singlestep" : "";
  words += d.control & KVM_GUESTDBG_USE_HW_BP
               ? text(" hw-breakpoints dr7=0x%llx", static_cast<ull>(d.arch.debugreg[7]))
               : "";
  return words;
}

std::string vcpu_events(const kvm_vcpu_events& e) {
  if (e.exception.injected == 0) {
    return text("interrupt=%u nmi=%u", e.interrupt.injected, e.nmi.injected);
  }
  return text("exception=%u error=", e.exception.nr) +
         (e.exception.has_error_code ? text("0x%x", e.exception.error_code) : "none");
}

std::string mp_state(const kvm_mp_state& m) {
  return text("state=%u", m.mp_state);
}

// ---- the table --------------------------------------------------------------------
using Describe = std::string (*)(std::uint64_t argument);

struct Row {
  std::uint64_t request;
  Describe in = nullptr;
  Describe out = nullptr;
};

constexpr Row rows[] = {
    {KVM_CHECK_EXTENSION, capability},
    {KVM_CREATE_VM, vm_type},
    {KVM_CREATE_VCPU, vcpu_id},
    {KVM_SET_USER_MEMORY_REGION, pointed<kvm_userspace_memory_region, memory_region>},
    {KVM_GET_DIRTY_LOG, pointed<kvm_dirty_log, dirty_log>},
    {KVM_SET_TSS_ADDR, hex},
    {KVM_SET_IDENTITY_MAP_ADDR, pointed<__u64, address>},
    {KVM_ENABLE_CAP, pointed<kvm_enable_cap, enable_cap>},
    {KVM_GET_IRQCHIP, pointed<kvm_irqchip, irqchip>},
    {KVM_SET_IRQCHIP, pointed<kvm_irqchip, irqchip>},
    {KVM_IRQ_LINE, pointed<kvm_irq_level, irq_level>},
    {KVM_SIGNAL_MSI, pointed<kvm_msi, msi>},
    {KVM_CREATE_PIT2, pointed<kvm_pit_config, pit_config>},
    {KVM_INTERRUPT, pointed<kvm_interrupt, interrupt>},
    {KVM_GET_SUPPORTED_CPUID, pointed<kvm_cpuid2, cpuid>, pointed<kvm_cpuid2, cpuid>},
    {KVM_SET_CPUID2, pointed<kvm_cpuid2, cpuid>},
    {KVM_GET_CPUID2, pointed<kvm_cpuid2, cpuid>, pointed<kvm_cpuid2, cpuid>},
    {KVM_GET_MSR_INDEX_LIST, pointed<kvm_msr_list, msr_list>,
     pointed<kvm_msr_list, msr_list>},
    {KVM_GET_MSR_FEATURE_INDEX_LIST, pointed<kvm_msr_list, msr_list>,
     pointed<kvm_msr_list, msr_list>},
    {KVM_GET_MSRS, pointed<kvm_msrs, msrs>},
    {KVM_SET_MSRS, pointed<kvm_msrs, msrs_in>},
    {KVM_GET_REGS, nullptr, pointed<kvm_regs, regs>},
    {KVM_SET_REGS, pointed<kvm_regs, regs>},
    {KVM_GET_SREGS, nullptr, pointed<kvm_sregs, sregs>},
    {KVM_SET_SREGS, pointed<kvm_sregs, sregs>},
    {KVM_GET_FPU, nullptr, pointed<kvm_fpu, fpu>},
    {KVM_SET_FPU, pointed<kvm_fpu, fpu>},
    {KVM_SET_GUEST_DEBUG, pointed<kvm_guest_debug, guest_debug>},
    {KVM_GET_VCPU_EVENTS, nullptr, pointed<kvm_vcpu_events, vcpu_events>},
    {KVM_SET_VCPU_EVENTS, pointed<kvm_vcpu_events, vcpu_events>},
    {KVM_GET_MP_STATE, nullptr, pointed<kvm_mp_state, mp_state>},
    {KVM_SET_MP_STATE, pointed<kvm_mp_state, mp_state>},
};

}  // namespace

std::string describe_argument(std::uint64_t request, std::uint64_t argument, Side side) {
  for (const Row& row : rows) {
    if (row.request == request) {
      Describe describe = side == Side::in ? row.in : row.out;
      return describe == nullptr ? std::string{} : describe(argument);
    }
  }
  return {};
}

bool returns_descriptor(std::uint64_t request) {
  return request == KVM_CREATE_VM || request == KVM_CREATE_VCPU ||
         request == KVM_GET_STATS_FD;
}

}  // namespace kvm
