// The start-up itself, defined in main.cc so that it is the first thing to read.
#pragma once

// `vitrine run OPTIONS`: argv[0] is the verb. Returns the exit code; throws what the
// phases throw (launcher/startup.h).
int start_machine(int argc, char** argv);
