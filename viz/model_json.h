// The type model as a JSON document, and back: one type a line, keys and types in
// fixed order, so that two models can be compared with diff(1).
#pragma once

#include <string>
#include <string_view>

#include "viz/model.h"

namespace viz {

std::string model_to_json(const TypeModel& model);

// True if the text starts as model_to_json() writes it.
bool looks_like_model_json(std::string_view text);

// A settled model. Throws std::runtime_error naming the place and what is wrong.
TypeModel model_from_json(std::string_view text);

// A settled model from a plain list of types, as QMP's qom-list-types gives it ("name",
// "parent", "abstract"), bare, as "return", or as "types" of a document. Throws as above.
TypeModel model_from_list_json(std::string_view text);

}  // namespace viz
