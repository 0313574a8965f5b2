// Finding the record file of a run that goes on, for verbs that look at one.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "trace/read/follow.h"

namespace tools {

// The record file of a trace that is being written: "boot.json" means "boot.json.rec".
std::string record_of(const std::string& trace);

// Opens it as soon as it is there. Null if `give_up` says so before; throws
// std::runtime_error, telling what to do, if `patience` is over.
std::unique_ptr<trace::Follower> attach(const std::string& record,
                                        std::chrono::milliseconds patience,
                                        const std::function<bool()>& give_up);

// True once ^C, SIGTERM or SIGHUP has come; the first call arranges that they only set
// this.
bool asked_to_end();

}  // namespace tools
