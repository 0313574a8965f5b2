// Boots of Linux guests by what their consoles say: phases, initcalls, exits, and what of
// them differs and why. The recorded log is of Debian's kernel 6.1 under an emulator.
#include <gtest/gtest.h>
#include <algorithm>
#include <fstream>
#include <sstream>

#include "../trace/schema_check.h"
#include "diff_traces.h"
#include "viz/diff/guest_diff.h"

namespace {

using namespace viz::diff;

std::string recorded() {
  std::ifstream file(VITRINE_SOURCE_DIR "/tests/data/linux/debian-6.1-boot.log");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

GuestBoot boot_of(const std::string& log) {
  return guest_boot_of_log(log, "a log");
}

std::vector<std::string> names(const GuestBoot& boot) {
  std::vector<std::string> names;
  for (const KernelPhase& phase : boot.phases) {
    names.push_back(phase.name);
  }
  return names;
}

const KernelPhase& phase(const GuestBoot& boot, const std::string& name) {
  return *std::ranges::find(boot.phases, name, &KernelPhase::name);
}

const GuestPhaseDiff& phase(const GuestDiff& diff, const std::string& name) {
  return *std::ranges::find(diff.phases, name, &GuestPhaseDiff::name);
}

std::string with(std::string log, const std::string& from, const std::string& to) {
  return log.replace(log.find(from), from.size(), to);
}

// ---- lines ----------------------------------------------------------------------------

TEST(DiffGuest, a_stamp_is_seconds_and_microseconds) {
  const Stamped line = without_stamp("[    1.295459] smp: Bringing up");

  EXPECT_TRUE(line.stamped);
  EXPECT_EQ(line.guest_ns, 1'295'459'000U);
  EXPECT_EQ(line.text, "smp: Bringing up");
}

TEST(DiffGuest, a_stamp_may_have_a_level_in_front_and_a_caller_behind) {
  const Stamped line = without_stamp("<6>[    0.000001][    T1] text");

  EXPECT_EQ(line.guest_ns, 1000U);
  EXPECT_EQ(line.text, "text");
}

TEST(DiffGuest, brackets_that_are_no_clock_are_text) {
  for (const char* line : {"[mem 0x1000-0x2000] x", "[", "[]", "[1.5] x", "[ 1.12345x] y",
                           "[99999999999999999999.000000] z", "[    1.000000", ""}) {
    EXPECT_FALSE(without_stamp(line).stamped) << line;
    EXPECT_EQ(without_stamp(line).text, line);
  }
}

TEST(DiffGuest, how_long_an_initcall_took_is_not_what_it_is) {
  EXPECT_EQ(without_times("[    1.0] x"), "[    1.0] x");
  EXPECT_EQ(without_times("[    1.000000] initcall a+0x0/0x1 returned 0 after 12 usecs"),
            without_times("[    2.000000] initcall a+0x0/0x1 returned 0 after 99 usecs"));
}

// ---- a boot ---------------------------------------------------------------------------

TEST(DiffGuest, a_recorded_boot_goes_through_its_phases_in_order) {
  EXPECT_EQ(names(boot_of(recorded())),
            (std::vector<std::string>{
                "boot loader", "kernel start", "memory", "interrupts and time",
                "first processor", "other processors", "core services", "subsystems",
                "file systems and network", "initial RAM disk", "drivers",
                "before user space", "user space", "shutdown"}));
}

TEST(DiffGuest, a_phase_lasts_until_the_line_that_begins_the_next) {
  const GuestBoot boot = boot_of(recorded());

  EXPECT_EQ(phase(boot, "initial RAM disk").guest_ns, 4'801'012'000U - 3'157'741'000U);
}

TEST(DiffGuest, initcalls_are_told_with_their_times_and_phases) {
  const GuestBoot boot = boot_of(recorded());

  const auto found = std::ranges::find(boot.initcalls, "acpi_init", &Initcall::function);
  ASSERT_NE(found, boot.initcalls.end());
  EXPECT_EQ(found->ns, 136'000'000U);
  EXPECT_EQ(boot.phases[found->phase].name, "subsystems");
}

TEST(DiffGuest, a_clock_that_jumps_back_does_not_make_a_phase_negative) {
  const GuestBoot boot = boot_of(
      "[    0.088000] Linux version 6\n[    0.000544] Memory: 1K\n[    0.100000] "
      "NR_IRQS: 1\n");

  EXPECT_EQ(phase(boot, "kernel start").guest_ns, 0U);
  EXPECT_EQ(phase(boot, "memory").guest_ns, 12'000'000U);
}

TEST(DiffGuest, a_log_without_a_kernel_has_no_phases) {
  EXPECT_TRUE(boot_of("SeaBIOS (version 1.16)\nBooting from hard disk\n").phases.empty());
}

TEST(DiffGuest, any_bytes_are_a_log) {
  std::string log = recorded();
  for (std::size_t i = 0; i < log.size(); i += 7) {
    log[i] = static_cast<char>(i * 31);
  }

  EXPECT_NO_THROW(compare_guests(boot_of(log), boot_of(recorded())));
}

// ---- two boots ------------------------------------------------------------------------

TEST(DiffGuest, a_boot_does_not_differ_from_itself) {
  const GuestBoot boot = boot_of(recorded());

  const GuestDiff diff = compare_guests(boot, boot);

  EXPECT_EQ(diff.verdict(), 0);
  EXPECT_TRUE(std::ranges::none_of(diff.phases, &GuestPhaseDiff::time_differs));
}

// Two seconds in one initcall: its phase is slower, the initcall and the silence say why.
TEST(DiffGuest, a_slower_phase_names_the_initcall_that_grew) {
  std::string log = recorded();
  log = with(log, "acpi_init+0x0/0x4bd returned 0 after 136000",
             "acpi_init+0x0/0x4bd returned 0 after 2136000");
  for (std::size_t at = log.find("[    1.686325]"); at != std::string::npos;
       at = log.find("\n[", at + 1)) {
    const std::size_t digits = log.find('[', at) + 1;
    const double seconds = std::stod(log.substr(digits, 12));
    char text[16];
    std::snprintf(text, sizeof text, "%12.6f", seconds + 2);
    log.replace(digits, 12, text);
  }

  const GuestDiff diff = compare_guests(boot_of(recorded()), boot_of(log));

  EXPECT_EQ(diff.verdict(), 2);
  const GuestPhaseDiff& slower = phase(diff, "subsystems");
  EXPECT_TRUE(slower.time_differs);
  ASSERT_FALSE(slower.reasons.empty());
  EXPECT_EQ(slower.reasons[0].what, "acpi_init");
  EXPECT_EQ(slower.reasons[0].more, 2'000'000'000);
  EXPECT_FALSE(phase(diff, "drivers").time_differs);
}

TEST(DiffGuest, a_difference_must_be_over_both_limits) {
  const GuestBoot a = boot_of(
      "[    0.000000] Linux version 6\n[    1.000000] Memory: 1K\n[    1.000100] "
      "NR_IRQS: 1\n");
  const GuestBoot b = boot_of(
      "[    0.000000] Linux version 6\n[    1.200000] Memory: 1K\n[    1.200900] "
      "NR_IRQS: 1\n");

  const GuestDiff diff = compare_guests(a, b);

  EXPECT_FALSE(phase(diff, "kernel start").time_differs);  // a fifth more
  EXPECT_FALSE(phase(diff, "memory").time_differs);        // less than a millisecond
}

TEST(DiffGuest, an_initcall_of_one_side_only_is_another_structure) {
  const std::string line =
      "[    1.686325] initcall acpi_init+0x0/0x4bd returned 0 after "
      "136000 usecs\n";

  const GuestDiff diff =
      compare_guests(boot_of(recorded()), boot_of(with(recorded(), line, "")));

  EXPECT_EQ(diff.only_a, std::vector<std::string>{"acpi_init"});
  EXPECT_EQ(diff.verdict(), 1);
}

TEST(DiffGuest, a_phase_of_one_side_only_is_told_in_its_place) {
  const GuestDiff diff = compare_guests(
      boot_of("[    0.000000] Linux version 6\n[    1.000000] Memory: 1K\n"),
      boot_of("[    0.000000] Linux version 6\n[    1.000000] NR_IRQS: 1\n"));

  ASSERT_EQ(diff.phases.size(), 4U);
  EXPECT_EQ(diff.phases[2].name, "memory");
  EXPECT_FALSE(diff.phases[2].in_b);
}

TEST(DiffGuest, its_json_is_as_the_schema_says) {
  const GuestBoot a = boot_of(recorded());
  const GuestBoot b =
      boot_of(with(recorded(), "[    9.796755] Run /init", "[   12.796755] Run /init"));
  std::ifstream schema(VITRINE_SOURCE_DIR "/trace/schema/vitrine-guest-diff.schema.json");

  const std::string json = guest_diff_json(a, b, compare_guests(a, b));

  EXPECT_EQ(trace_test::schema_error(nlohmann::json::parse(schema),
                                     nlohmann::json::parse(json)),
            "");
}

// ---- in the comparison of traces
// --------------------------------------------------------

TEST(DiffGuest, lines_that_differ_only_in_their_stamps_are_the_same_step) {
  const auto trace = [](const std::string& line) {
    trace::KindText kind;
    kind.name = "guest_console";
    kind.cat = "guest";
    kind.shape = trace::Shape::instant;
    kind.fields = {{"device", trace::Role::identity, trace::Type::text, ""},
                   {"text", trace::Role::identity, trace::Type::text, ""}};
    trace::TraceHeader header = diff_test::header_text(0);
    header.instants = 1;
    header.kinds = {kind};
    diff_test::Collected collected;
    trace::detail::JsonText out(collected);
    trace::write_again(out, header);
    trace::Event event;
    event.phase = trace::Phase::instant;
    event.kind = &kind;
    event.tid = 1;
    event.seq = 1;
    event.loc = "a.cc:1";
    event.args = {{&kind.fields[0], 0, "serial", {}}, {&kind.fields[1], 0, line, {}}};
    trace::write_again(out, event);
    trace::write_end(out);
    out.flush();
    return Tree::from_text(collected.text, "made up");
  };

  EXPECT_EQ(trace("[    0.100000] Memory: 1K")[0].hash,
            trace("[    7.300000] Memory: 1K")[0].hash);
  EXPECT_NE(trace("[    0.100000] Memory: 1K")[0].hash,
            trace("[    0.100000] Memory: 2K")[0].hash);
}

}  // namespace
