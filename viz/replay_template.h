// viz/html/replay.html as text, put here by the build.
#pragma once

#include <string_view>

namespace viz {

extern const std::string_view replay_template;

}  // namespace viz
