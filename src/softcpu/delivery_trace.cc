// One trace event per interrupt or exception; nothing per instruction.
#include "softcpu/delivery_trace.h"

#include <array>
#include <string_view>

#include "trace/event.h"

namespace softcpu {
namespace {

struct DoInterrupt {
  static constexpr trace::Declaration declaration{
      "do_interrupt_all", trace::Category::irq, trace::Shape::instant,
      "The software CPU enters the guest's handler of an interrupt or exception."};
  std::int32_t cpu = 0;
  std::uint32_t vector = 0;
  std::string_view kind;
  std::string_view name;
  std::int64_t error = -1;
  trace::Hex address;
  trace::Hex rip;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("cpu", &DoInterrupt::cpu, "CPU number"),
        trace::identity("vector", &DoInterrupt::vector, "number in the IDT or IVT"),
        trace::identity("kind", &DoInterrupt::kind, "exception, software or hardware"),
        trace::state("name", &DoInterrupt::name, "the manuals' name of an exception"),
        trace::state("error", &DoInterrupt::error, "error code pushed; -1: none"),
        trace::state("address", &DoInterrupt::address, "CR2 of a page fault, else 0"),
        trace::volatile_field("rip", &DoInterrupt::rip, "where the handler returns to"));
  }
};

std::string_view kind_of(Cpu::Event event) {
  switch (event) {
    case Cpu::Event::exception:
      return "exception";
    case Cpu::Event::software:
      return "software";
    default:
      return "hardware";
  }
}

// Vectors 0 to 17; empty where the manuals reserve the vector. INT n is not what its
// vector is named after, a non-maskable interrupt is.
std::string_view name_of(u8 vector, Cpu::Event event) {
  static constexpr std::array<std::string_view, 18> names = {
      "#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM", "#DF",
      "",    "#TS", "#NP", "#SS", "#GP", "#PF", "",    "#MF", "#AC"};
  bool named =
      event == Cpu::Event::exception ||
      (event == Cpu::Event::external && vector == vector_nmi) ||
      (event == Cpu::Event::software && (vector == vector_bp || vector == vector_of));
  return named && vector < names.size() ? names[vector] : std::string_view();
}

}  // namespace

void trace_delivery(const Cpu& cpu, u8 vector, Cpu::Event event, std::optional<u32> error,
                    u64 interrupted_rip) {
  bool page_fault = vector == vector_pf && event == Cpu::Event::exception;
  trace::instant(DoInterrupt{
      .cpu = cpu.id,
      .vector = vector,
      .kind = kind_of(event),
      .name = name_of(vector, event),
      .error = error ? std::int64_t{*error} : -1,
      .address = {page_fault ? cpu.cr2 : 0},
      .rip = {interrupted_rip},
  });
}

}  // namespace softcpu
