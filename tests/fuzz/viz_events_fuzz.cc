// Any bytes as event lines, and as a model document: whatever is accepted can be
// selected, drawn and read back, and every type is accounted for.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "viz/model_json.h"
#include "viz/picture.h"
#include "viz/trace_lines.h"
#include "viz/tree_text.h"

namespace {

constexpr std::size_t most_types = 200;  // more cost time and show nothing new

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

void draw(const viz::TypeModel& model, const viz::PictureOptions& options) {
  const viz::Selection selection = viz::select_types(model, options.select);
  require(selection.drawn + selection.folded + selection.hidden == model.size());
  require(!viz::types_as_text(model, {.select = options.select}).empty());
  if (viz::graphviz_available()) {
    const std::string dot = viz::picture_find("types")->draw(model, options).dot();
    require(!viz::dot_round_trip(dot).empty());
  }
}

void draw_in_many_ways(const viz::TypeModel& model) {
  if (model.size() == 0 || model.size() > most_types) {
    return;
  }
  viz::PictureOptions options;
  draw(model, options);
  options.families = true;
  options.select.fold = 3;
  options.select.rows = 5;
  draw(model, options);
  options.select.all = true;
  draw(model, options);
  options.select = {};
  options.select.ancestors_of = model.types().rbegin()->first;
  if (!options.select.ancestors_of.empty()) {
    draw(model, options);
  }
  const std::string json = viz::model_to_json(model);
  require(viz::model_to_json(viz::model_from_json(json)) == json);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    draw_in_many_ways(viz::model_from_trace_lines(text));
  } catch (const std::runtime_error&) {
    // Refused with a message: as it should be.
  }
  try {
    draw_in_many_ways(viz::model_from_json(text));
  } catch (const std::runtime_error&) {
    // The same.
  }
  return 0;
}
