// -watch: a program beside this one serves the steps of the run while it goes on.
#pragma once

#include <string>

namespace launcher {

// Starts `vitrine-full watch` on the record file. It reads that file and nothing else:
// the machine neither waits for it nor knows of it. It ends after the run does. Throws
// qom::Error if it cannot be started. `title` is the page's.
void start_watching(const std::string& record_file, const std::string& title);

}  // namespace launcher
