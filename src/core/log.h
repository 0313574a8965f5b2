// The log of -d: what the guest does wrong, what is not built, what the CPU executes.
// For people, beside the trace, and off unless an item is switched on; asking costs one
// relaxed load. Names and lines are QEMU's, so that its users and their scripts know
// them.
//
// Every call writes whole lines with one write(2): nothing is lost when the program dies,
// and lines of several threads do not mix.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace core {

enum LogMask : std::uint32_t {
  CPU_LOG_TB_OUT_ASM = 1u << 0,
  CPU_LOG_TB_IN_ASM = 1u << 1,
  CPU_LOG_TB_OP = 1u << 2,
  CPU_LOG_TB_OP_OPT = 1u << 3,
  CPU_LOG_INT = 1u << 4,
  CPU_LOG_EXEC = 1u << 5,
  CPU_LOG_PCALL = 1u << 6,
  CPU_LOG_TB_CPU = 1u << 8,
  CPU_LOG_RESET = 1u << 9,
  LOG_UNIMP = 1u << 10,
  LOG_GUEST_ERROR = 1u << 11,
  CPU_LOG_MMU = 1u << 12,
  CPU_LOG_TB_NOCHAIN = 1u << 13,
  CPU_LOG_PAGE = 1u << 14,
  CPU_LOG_TB_OP_IND = 1u << 16,
  CPU_LOG_TB_FPU = 1u << 17,
};

inline std::atomic<std::uint32_t> qemu_loglevel{0};

inline bool qemu_loglevel_mask(std::uint32_t mask) {
  return (qemu_loglevel.load(std::memory_order_relaxed) & mask) != 0;
}

// Writes `text`, which ends in a newline, whatever is switched on.
void qemu_log(std::string_view text);
// Writes if one of the items of `mask` is on. `format` as printf's, with its newline.
[[gnu::format(printf, 2, 3)]] void qemu_log_mask(std::uint32_t mask, const char* format,
                                                 ...);
// Adds formatted text to `out`; for messages made of several lines.
[[gnu::format(printf, 2, 3)]] void append_format(std::string& out, const char* format,
                                                 ...);

// Switches on exactly the items of `mask`; opens the file once one is on.
// Throws Error when it cannot be opened.
void qemu_set_log(std::uint32_t mask);
// Where the log goes; empty: standard error. One %d becomes the process number. Throws
// Error on any other '%'. To be called before qemu_set_log().
void qemu_set_log_filename(const std::string& path);
// -dfilter: FIRST..LAST, FIRST+LENGTH, LAST-LENGTH, separated by commas. Blocks of code
// outside are not logged. Throws Error.
void qemu_set_dfilter_ranges(const std::string& text);
// Is code at `address` to be logged? Always, without -dfilter.
bool qemu_log_in_addr_range(std::uint64_t address);

}  // namespace core
