// The files of viz/html as text, put here by the build.
#pragma once

#include <string_view>

namespace viz {

extern const std::string_view replay_template;
extern const std::string_view steps_js, state_js, replay_js, live_js;

}  // namespace viz
