// What `vitrine diff` writes besides its report: drawings, the page of both boots, and
// the comparison of two guests' kernels.
#pragma once

#include <string>

#include "viz/diff/guest_diff.h"
#include "viz/diff/report.h"

namespace tools {

// Throws std::runtime_error if the file cannot be written.
void write_whole_file(const std::string& file, const std::string& text);

// Files by what they show; an empty name is not asked for. The format of a drawing is the
// end of its name.
struct DiffPictures {
  std::string objects, types, page;
};

void write_pictures(const viz::diff::Report& report, const DiffPictures& pictures);

// The consoles of both boots, if a kernel with time stamps spoke in both; else nothing.
std::string guest_text(const viz::diff::Tree& a, const viz::diff::Tree& b,
                       const viz::diff::GuestLimits& limits, bool colour);

struct GuestOutput {
  viz::diff::GuestLimits limits;
  bool json = false;
  bool colour = false;
  std::string file;  // empty: standard output
};

// Two files, traces or serial logs. Returns the exit code.
int compare_guest_files(const std::string& a, const std::string& b,
                        const GuestOutput& output);

}  // namespace tools
