// A start with options, and what is said about it: for tests of the command line.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "process.h"

namespace launcher_test {

using Words = std::vector<std::string>;

struct OptionsTest : testing::Test {
  std::string folder = make_folder();
  std::string trace = folder + "/trace.json";

  Outcome run(Words more, bool machine = true) {
    Words words = {vitrine(), "run",           "-nodefaults", "-display",     "none",
                   "-trace",  "file=" + trace, "-stop-at",    "machine.ready"};
    if (machine) {
      words.insert(words.end(), {"-machine", "pc,accel=tcg"});
    }
    words.insert(words.end(), more.begin(), more.end());
    return run_program(words, {}, folder);
  }

  // What is said about a mistake, without the program's name.
  std::string refusal(Words more, bool machine = true) {
    const Outcome outcome = run(std::move(more), machine);
    EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
    const std::string name = "vitrine: ";
    return outcome.err.starts_with(name) ? outcome.err.substr(name.size()) : outcome.err;
  }

  // The values of one argument of every event of a name, in order.
  Words values(const std::string& event, const std::string& argument) {
    Words found;
    for (const auto& row : nlohmann::json::parse(read_file(trace), nullptr, false)) {
      if (row.value("name", "") == event && row.contains("args") &&
          row["args"].contains(argument)) {
        found.push_back(row["args"][argument].get<std::string>());
      }
    }
    return found;
  }

  nlohmann::json args_of(const std::string& event) {
    for (const auto& row : nlohmann::json::parse(read_file(trace), nullptr, false)) {
      if (row.value("name", "") == event) {
        return row["args"];
      }
    }
    return {};
  }

  // "cpus sockets cores threads maxcpus" of a start.
  std::string topology(const std::string& smp) {
    EXPECT_EQ(run({"-smp", smp}).exit_code, 0);
    const nlohmann::json args = args_of("smp_parse");
    std::string text;
    for (const char* key : {"cpus", "sockets", "cores", "threads", "maxcpus"}) {
      text += (text.empty() ? "" : " ") + std::to_string(args.value(key, 0));
    }
    return text;
  }

  std::string machine_of(const Words& more) {
    run(more, false);
    const auto events = nlohmann::json::parse(read_file(trace), nullptr, false);
    return events[0]["args"]["metadata"].value("machine", "");
  }
};

}  // namespace launcher_test
