// All pictures of one run in a folder, with a page that shows them.
#pragma once

#include <cstddef>
#include <string>

#include "viz/run.h"

namespace tools {

// Makes `folder` if it is not there. Every picture is drawn light and dark; one that this
// run has nothing for is named with the reason. Returns how many were drawn. Throws
// std::runtime_error when a file cannot be written.
std::size_t make_gallery(const viz::Run& run, const std::string& folder, bool chinese);

}  // namespace tools
