#include "launcher/watch.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <cstring>

#include "launcher/verb.h"
#include "qom/object.h"

namespace launcher {

// Its own process group: ^C is for the machine, whose end it then sees.
static int spawn(const std::string& program, const std::string& record_file,
                 const std::string& title) {
  std::string words[] = {program, "watch", record_file, "--title", title};
  char* const argv[] = {words[0].data(), words[1].data(), words[2].data(),
                        words[3].data(), words[4].data(), nullptr};
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  // What it says goes where messages go; standard output may be the guest's.
  ::posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
  pid_t child = 0;
  const int error =
      ::posix_spawn(&child, program.c_str(), &files, &attributes, argv, ::environ);
  ::posix_spawn_file_actions_destroy(&files);
  ::posix_spawnattr_destroy(&attributes);
  return error;
}

void start_watching(const std::string& record_file, const std::string& title) {
  const std::string program = program_beside("vitrine-full");
  if (program.empty()) {
    qom::Error error(
        "-watch: the program that serves the page, vitrine-full, is not beside "
        "this one");
    error.hint = "Build or install the target vitrine-full.";
    throw qom::Error(error);
  }
  if (const int error = spawn(program, record_file, title); error != 0) {
    throw qom::Error("-watch: cannot start " + program + ": " + std::strerror(error));
  }
}

}  // namespace launcher
