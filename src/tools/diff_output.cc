#include "tools/diff_output.h"

#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "viz/diff/diff_page.h"
#include "viz/diff/draw.h"

namespace tools {

namespace {

using namespace viz::diff;

void write_drawing(const std::string& file, const viz::Graph& graph) {
  const std::string format = file.substr(file.find_last_of('.') + 1);
  write_whole_file(file, format == "dot" ? graph.dot() : graph.render(format));
}

}  // namespace

void write_whole_file(const std::string& file, const std::string& text) {
  std::ofstream out(file, std::ios::binary);
  out << text;
  out.close();
  if (!out) {
    throw std::runtime_error("diff: cannot write " + file);
  }
}

void write_pictures(const Report& report, const DiffPictures& pictures) {
  if (!pictures.objects.empty()) {
    write_drawing(pictures.objects, draw_objects(report, viz::light_theme()));
  }
  if (!pictures.types.empty()) {
    write_drawing(pictures.types, draw_types(report, viz::light_theme()));
  }
  if (!pictures.page.empty()) {
    write_whole_file(pictures.page, diff_page(report));
  }
}

std::string guest_text(const Tree& a, const Tree& b, const GuestLimits& limits,
                       bool colour) {
  if (!kernel_speaks(a) || !kernel_speaks(b)) {
    return {};
  }
  const GuestBoot boot_a = load_guest_boot(a.file());
  const GuestBoot boot_b = load_guest_boot(b.file());
  return "\n" +
         guest_diff_text(boot_a, boot_b, compare_guests(boot_a, boot_b, limits), colour);
}

int compare_guest_files(const std::string& a, const std::string& b,
                        const GuestOutput& output) {
  const GuestBoot boot_a = load_guest_boot(a), boot_b = load_guest_boot(b);
  const GuestDiff diff = compare_guests(boot_a, boot_b, output.limits);
  const std::string text = output.json
                               ? guest_diff_json(boot_a, boot_b, diff)
                               : guest_diff_text(boot_a, boot_b, diff, output.colour);
  if (output.file.empty()) {
    std::fwrite(text.data(), 1, text.size(), stdout);
  } else {
    write_whole_file(output.file, text);
  }
  return diff.verdict();
}

}  // namespace tools
