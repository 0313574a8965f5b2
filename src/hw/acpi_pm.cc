#include "hw/acpi_pm.h"

#include "core/log.h"
#include "core/run_state.h"
#include "trace/event.h"

namespace hw {

namespace {

struct Sleep {
  static constexpr trace::Declaration declaration{
      "acpi_pm1_cnt_write", trace::Category::machine, trace::Shape::instant,
      "The guest asks the machine to sleep or to switch itself off."};
  std::uint32_t kind = 0;

  static constexpr auto fields() {
    return trace::fields(trace::identity("kind", &Sleep::kind, "0 off, 1 to RAM"));
  }
};

constexpr std::uint16_t timer_status = 1 << 0;
constexpr std::uint16_t known_events = 1 << 0 | 1 << 5 | 1 << 8 | 1 << 10;
constexpr std::uint16_t sci_enable = 1 << 0, sleep_now = 1 << 13;
constexpr std::int64_t timer_hz = 3579545, half_period = 1 << 23;
constexpr std::int64_t second = 1'000'000'000;

__extension__ using Wide = __int128;

std::int64_t ticks() {
  return static_cast<std::int64_t>(Wide{clock_virtual_ns()} * timer_hz / second);
}

// The first nanosecond at which ticks() is at least `tick`.
std::int64_t time_of(std::int64_t tick) {
  return static_cast<std::int64_t>((Wide{tick} * second + timer_hz - 1) / timer_hz);
}

std::int64_t next_overflow(std::int64_t now) {
  return (now / half_period + 1) * half_period;
}

AcpiPm* as_pm(void* opaque) {
  return static_cast<AcpiPm*>(opaque);
}

// A byte of a 16 bit register.
std::uint8_t byte_of(std::uint16_t value, std::uint64_t offset) {
  return static_cast<std::uint8_t>(value >> 8 * (offset & 1));
}

std::uint16_t with_byte(std::uint16_t value, std::uint64_t offset, std::uint64_t byte) {
  const unsigned shift = 8 * (offset & 1);
  return static_cast<std::uint16_t>((value & ~(0xffu << shift)) | (byte & 0xff) << shift);
}

}  // namespace

// The callbacks of the four regions; bytes only, wider accesses are split.
struct AcpiPm::Registers {
  static std::uint64_t event_read(void* opaque, std::uint64_t offset, unsigned) {
    AcpiPm* pm = as_pm(opaque);
    return byte_of(offset < 2 ? pm->status() : pm->enable_, offset);
  }

  static void event_write(void* opaque, std::uint64_t offset, std::uint64_t data,
                          unsigned) {
    AcpiPm* pm = as_pm(opaque);
    if (offset < 2) {
      const std::uint16_t cleared = with_byte(0, offset, data);
      pm->status_ = static_cast<std::uint16_t>(pm->status() & ~cleared);
      if (cleared & timer_status) {
        pm->overflow_ = next_overflow(ticks());
      }
    } else {
      pm->enable_ = with_byte(pm->enable_, offset, data);
    }
    pm->update_sci();
  }

  static std::uint64_t control_read(void* opaque, std::uint64_t offset, unsigned) {
    return byte_of(as_pm(opaque)->control_, offset);
  }

  static void control_write(void* opaque, std::uint64_t offset, std::uint64_t data,
                            unsigned) {
    AcpiPm* pm = as_pm(opaque);
    pm->write_control(with_byte(pm->control_, offset, data));
  }

  static std::uint64_t timer_read(void*, std::uint64_t, unsigned) {
    constexpr std::int64_t bits = (1 << 24) - 1;
    return static_cast<std::uint64_t>(ticks() & bits);
  }

  static std::uint64_t gpe_read(void* opaque, std::uint64_t offset, unsigned) {
    return as_pm(opaque)->gpe_[offset & 3];
  }

  static void gpe_write(void* opaque, std::uint64_t offset, std::uint64_t data,
                        unsigned) {
    AcpiPm* pm = as_pm(opaque);
    std::uint8_t& place = pm->gpe_[offset & 3];
    place = static_cast<std::uint8_t>(offset < 2 ? place & ~data : data);
    pm->update_sci();
  }

  static void ignore(void*, std::uint64_t, std::uint64_t, unsigned) {}
};

constexpr MemoryRegionOps AcpiPm::event_ops{.read = Registers::event_read,
                                            .write = Registers::event_write,
                                            .max_access_size = 4,
                                            .impl_max_access_size = 1};
constexpr MemoryRegionOps AcpiPm::control_ops{.read = Registers::control_read,
                                              .write = Registers::control_write,
                                              .max_access_size = 2,
                                              .impl_max_access_size = 1};
constexpr MemoryRegionOps AcpiPm::timer_ops{.read = Registers::timer_read,
                                            .write = Registers::ignore,
                                            .max_access_size = 4,
                                            .impl_min_access_size = 4,
                                            .impl_max_access_size = 4};
constexpr MemoryRegionOps AcpiPm::gpe_ops{.read = Registers::gpe_read,
                                          .write = Registers::gpe_write,
                                          .max_access_size = 4,
                                          .impl_max_access_size = 1};

AcpiPm::AcpiPm(Irq sci, std::uint8_t s4_kind)
    : sci_(sci), s4_kind_(s4_kind), timer_([this] { update_sci(); }) {}

void AcpiPm::add_regions(qom::Object* owner, MemoryRegion* block) {
  const auto add = [&](const MemoryRegionOps& ops, const char* name, std::uint64_t offset,
                       std::uint64_t size) {
    memory_region_add_subregion(block, offset,
                                memory_region_new_io(owner, &ops, this, name, size));
  };
  add(timer_ops, "acpi-tmr", 8, 4);
  add(event_ops, "acpi-evt", 0, 4);
  add(control_ops, "acpi-cnt", 4, 2);
}

MemoryRegion* AcpiPm::new_gpe_region(qom::Object* owner) {
  return memory_region_new_io(owner, &gpe_ops, this, "acpi-gpe0", gpe_.size());
}

void AcpiPm::reset() {
  status_ = enable_ = control_ = 0;
  gpe_ = {};
  overflow_ = next_overflow(ticks());
  timer_.cancel();
  update_sci();
}

void AcpiPm::enable(bool on) {
  control_ =
      static_cast<std::uint16_t>(on ? control_ | sci_enable : control_ & ~sci_enable);
}

std::uint16_t AcpiPm::status() {
  if (ticks() >= overflow_) {
    status_ |= timer_status;
  }
  return status_;
}

// The line is a level: up while an enabled event is not yet cleared.
void AcpiPm::update_sci() {
  const std::uint16_t now = status();
  bool up = (now & enable_ & known_events) != 0;
  for (std::size_t i = 0; i < 2; ++i) {
    up = up || (gpe_[i] & gpe_[i + 2]) != 0;
  }
  if (up != sci_up_) {
    sci_up_ = up;
    qemu_set_irq(sci_, up);
  }
  if ((enable_ & timer_status) && !(now & timer_status)) {
    timer_.arm(time_of(overflow_));
  } else {
    timer_.cancel();
  }
}

void AcpiPm::write_control(std::uint16_t value) {
  control_ = static_cast<std::uint16_t>(value & ~sleep_now);
  if (!(value & sleep_now)) {
    return;
  }
  const auto kind = static_cast<std::uint8_t>(value >> 10 & 7);
  trace::instant(Sleep{.kind = kind});
  if (kind == 0 || kind == s4_kind_) {
    request_shutdown(ShutdownCause::guest_shutdown);
  } else {
    qemu_log_mask(LOG_UNIMP, "ACPI sleep kind %u: the machine does not sleep\n", kind);
  }
}

}  // namespace hw
