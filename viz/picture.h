// A picture is one way to draw a run, or a model of its types. One file a picture in
// viz/pictures/, registered at its bottom: `picture_init(types_picture);`.
//
// A picture of types (`draw`) can be made of a trace, of a QEMU binary, of this program;
// a picture of a run (`draw_run`) needs a trace. Each has a plain form for terminals,
// screen readers and programs (`outline`), which says the same in words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "viz/graph.h"
#include "viz/model.h"
#include "viz/outline.h"
#include "viz/run.h"
#include "viz/select.h"
#include "viz/theme.h"

namespace viz {

struct PictureOptions {
  SelectOptions select = {};
  const Theme* theme = &light_theme();
  bool families = false;  // a tinted band behind each family of types
  bool legend = true;     // title and legend
  // Two hierarchies as one: the states mean "only in A", "in both", "only in B".
  bool comparing = false;

  // For pictures of a run.
  std::string subject = {};    // what `argument` of the picture asks for
  bool chinese = false;        // the language of what we say; names stay as they are
  std::size_t at = no_step;    // state as of this step (its index); no_step: at the end
  std::size_t window = 14;     // steps of a sequence that are drawn one by one
  std::size_t from = no_step;  // where the window begins; no_step: the picture decides
  bool unfolded = false;       // nothing is folded, however big the picture gets
  // A link for a branch left closed: this, the type's name, ".svg". Empty: no links.
  std::string link_prefix = {};
};

// What we say, in the language asked for.
inline const char* say(const PictureOptions& options, const char* en, const char* zh) {
  return options.chinese ? zh : en;
}

struct Picture {
  const char* name = nullptr;
  const char* help = nullptr;  // one line
  // Throws std::runtime_error for options that select nothing.
  Graph (*draw)(const TypeModel& model, const PictureOptions& options) = nullptr;

  Graph (*draw_run)(const Run& run, const PictureOptions& options) = nullptr;
  Outline (*outline)(const Run& run, const PictureOptions& options) = nullptr;
  // A subject worth a first look, for a picture that needs one; nullptr: needs none.
  std::string (*subject)(const Run& run) = nullptr;
  const char* argument = nullptr;  // what the subject is: "TYPE", "MACHINE"
  // The question it answers and how to read it, one paragraph.
  const char* about = nullptr;
  const char* about_zh = nullptr;
};

void picture_register(const Picture* picture);
const Picture* picture_find(std::string_view name);  // nullptr if unknown
std::vector<const Picture*> picture_list();          // by name

}  // namespace viz

#define picture_init(picture)                                            \
  static void __attribute__((constructor)) do_picture_init_##picture() { \
    ::viz::picture_register(&picture);                                   \
  }
