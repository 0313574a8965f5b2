// "Did you mean": names near one that does not exist.
#pragma once

#include <string>
#include <vector>

#include "viz/model.h"

namespace viz {

// Names of the model that resemble `name`, best first, at most five.
std::vector<std::string> similar_names(const TypeModel& model, const std::string& name);

}  // namespace viz
