// What the guest says, as trace events. See guest_events.h.
#include "core/guest_events.h"

#include <map>
#include <string>

#include "core/exit_watch.h"
#include "qom/object.h"

namespace core {
namespace {

struct Mark {
  static constexpr trace::Declaration declaration{"guest_mark", trace::Category::guest,
                                                  trace::Shape::instant,
                                                  "The guest wrote to the mark port."};
  trace::Hex value;

  static constexpr auto fields() {
    return trace::fields(trace::identity("value", &Mark::value, "what it wrote"));
  }
};

struct ConsoleLine {
  static constexpr trace::Declaration declaration{
      "guest_console", trace::Category::guest, trace::Shape::instant,
      "The guest finished a line on a console."};
  trace::ObjectId device;
  std::string_view text;

  static constexpr auto fields() {
    return trace::fields(trace::identity("device", &ConsoleLine::device, "the console"),
                         trace::identity("text", &ConsoleLine::text, "the line"));
  }
};

struct GuestExit {
  static constexpr trace::Declaration declaration{
      "guest_exit", trace::Category::guest, trace::Shape::instant, "The run is over."};
  std::string_view cause;
  std::int32_t status = 0;

  static constexpr auto fields() {
    return trace::fields(
        trace::identity("cause", &GuestExit::cause, "why"),
        trace::state("status", &GuestExit::status, "exit code or signal"));
  }
};

constexpr std::size_t longest_line = 256;

using Lines = std::map<std::pair<std::string, std::uint32_t>, std::string>;

// Unfinished lines by device (type and number: the device itself may be gone).
Lines& lines() {
  static Lines all;
  return all;
}

void append_shown(std::string& line, std::uint8_t byte) {
  constexpr char digits[] = "0123456789abcdef";
  if ((byte >= 0x20 && byte < 0x7f) || byte == '\t')
    line.push_back(static_cast<char>(byte));
  else
    line.append("\\x").append({digits[byte >> 4], digits[byte & 15]});
}

void emit(trace::ObjectId device, std::string& line) {
  trace::instant(ConsoleLine{.device = device, .text = line});
  line.clear();
}

}  // namespace

void guest_mark(std::uint64_t value) {
  trace::instant(Mark{.value = {value}});
}

void guest_console_byte(qom::Object* dev, std::uint8_t byte) {
  const trace::ObjectId id = qom::object_id(dev);
  std::string& line = lines()[{std::string(id.type), id.number}];
  if (byte == '\n') {
    exit_watches_printed();
    emit(id, line);
    return;
  }
  if (byte == '\r')
    return;
  append_shown(line, byte);
  if (line.size() >= longest_line)
    emit(id, line);
}

void guest_console_flush() {
  for (auto& [id, line] : lines())
    if (!line.empty())
      emit({.type = id.first, .number = id.second}, line);
  lines().clear();
}

void guest_exit_event(std::string_view cause, int status) {
  trace::instant(GuestExit{.cause = cause, .status = status});
}

}  // namespace core
