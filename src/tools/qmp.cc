#include "tools/qmp.h"

#include <stdexcept>

namespace tools {
namespace {

using nlohmann::json;

constexpr std::size_t shown = 160;      // letters of a wrong answer in a message
constexpr int events_between = 100000;  // before one answer; more is not a QEMU

std::vector<std::string> command_line(const QmpOptions& options) {
  std::vector<std::string> words = {find_program(options.binary),
                                    "-machine",
                                    "none",
                                    "-nodefaults",
                                    "-display",
                                    "none",
                                    "-S",
                                    "-qmp",
                                    "stdio"};
  words.insert(words.end(), options.arguments.begin(), options.arguments.end());
  return words;
}

std::string printable(const std::string& text) {
  std::string out;
  for (const char c : text.substr(0, shown)) {
    out += c >= 0x20 && c < 0x7f ? c : '?';
  }
  return text.size() > shown ? out + "..." : out;
}

}  // namespace

Qmp::Qmp(const QmpOptions& options)
    : binary_(options.binary),
      child_(command_line(options), std::chrono::steady_clock::now() + options.timeout) {
  json greeting;
  try {
    greeting = read_message();
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string("no QMP greeting: ") + error.what());
  }
  const auto& qemu = "/QMP/version/qemu"_json_pointer;
  if (!greeting.contains(qemu) || !greeting.at(qemu).is_object()) {
    throw std::runtime_error("'" + binary_ + "' does not greet as QMP does: '" +
                             printable(greeting.dump()) + "'; is it a QEMU?");
  }
  const json& numbers = greeting.at(qemu);
  for (const char* part : {"major", "minor", "micro"}) {
    version_ += (version_.empty() ? "" : ".") + numbers.value(part, json(0)).dump();
  }
  execute("qmp_capabilities");
}

Qmp::~Qmp() {
  try {
    child_.write("{\"execute\":\"quit\"}\n");
  } catch (const std::exception&) {
    // It is gone already, or will be killed.
  }
}

json Qmp::read_message() {
  const std::string line = child_.read_line();
  json message = json::parse(line, nullptr, false);
  if (!message.is_object()) {
    throw std::runtime_error("'" + binary_ + "' printed what is not QMP: '" +
                             printable(line) + "'; is it a QEMU?");
  }
  return message;
}

json Qmp::execute(const std::string& command, const json& arguments) {
  json request{{"execute", command}};
  if (!arguments.empty()) {
    request["arguments"] = arguments;
  }
  child_.write(request.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
  for (int i = 0; i < events_between; ++i) {
    json answer = read_message();
    if (answer.contains("return")) {
      return std::move(answer["return"]);
    }
    if (answer.contains("error")) {
      const json& error = answer["error"];
      throw std::runtime_error("'" + binary_ + "' refuses " + command + ": " +
                               printable(error.dump()));
    }
  }
  throw std::runtime_error("'" + binary_ + "' sends events and no answer to " + command);
}

}  // namespace tools
