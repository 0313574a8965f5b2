#include "viz/diff/startup_view.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <deque>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "trace/read/reader.h"
#include "trace/read/source.h"

namespace viz::diff {

namespace {

using nlohmann::json;
using What = StartupStep::What;

// Functions of QEMU 4.0's start that both sides may name.
constexpr std::array<std::string_view, 26> functions{
    "qemu_read_default_config_file",
    "user_register_global_props",
    "select_machine",
    "object_set_machine_compat_props",
    "set_memory_options",
    "qemu_init_main_loop",
    "smp_parse",
    "configure_accelerator",
    "accel_init_machine",
    "kvm_init",
    "kvm_irqchip_create",
    "object_set_accelerator_compat_props",
    "migration_object_init",
    "net_init_clients",
    "parse_numa_opts",
    "main_loop",
    "machine_run_board_init",
    "pc_init1",
    "pc_cpus_init",
    "pc_memory_init",
    "qdev_machine_creation_done",
    "qemu_run_machine_init_done_notifiers",
    "rom_check_and_register_reset",
    "qdev_prop_check_globals",
    "accel_setup_post",
    "machine_set_property"};

// Those that begin a part of the start which both sides have in this order.
constexpr std::array<std::string_view, 4> parts{"select_machine", "configure_accelerator",
                                                "machine_run_board_init",
                                                "qdev_machine_creation_done"};

template <class List>
bool contains(const List& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::string type_of(std::string_view object) {
  return std::string(object.substr(0, std::min(object.rfind('#'), object.size())));
}

// "irq[3]" and "irq[*]" are the same request: the first free index.
std::string numbered_alike(std::string_view name) {
  const std::size_t bracket = name.find('[');
  return bracket == std::string_view::npos ? std::string(name)
                                           : std::string(name.substr(0, bracket)) + "[*]";
}

void add_class(Startup& startup, const std::string& name) {
  const std::size_t colons = name.find("::");
  if (colons == std::string::npos) {
    startup.steps.push_back({What::klass, name, "", ""});
  } else {
    startup.steps.push_back(
        {What::interface_class, name.substr(0, colons), "", name.substr(colons + 2)});
  }
}

// ---- the two sources ------------------------------------------------------------------

void add_measured(Startup& startup, const json& event, const std::string& where) {
  const auto text = [&](std::size_t i) {
    if (i >= event.size() || !event[i].is_string()) {
      throw std::runtime_error(where + " is not [kind, text, ...]");
    }
    return event[i].get<std::string>();
  };
  const std::string kind = text(0);
  if (kind == "phase") {
    startup.steps.push_back({What::function, text(1), "", ""});
  } else if (kind == "class") {
    add_class(startup, text(1));
  } else if (kind == "new") {
    startup.steps.push_back({What::made, text(1), "", ""});
  } else if (kind == "child") {
    startup.steps.push_back({What::child, text(3), text(1), numbered_alike(text(2))});
  } else if (kind == "realize" || kind == "unrealize") {
    startup.steps.push_back(
        {What::realize, text(1), "", kind == "realize" ? "true" : "false"});
  } else if (kind != "class_ready") {
    throw std::runtime_error(where + " is of an unknown kind: " + kind);
  }
}

std::string_view arg(const trace::Event& event, std::string_view name) {
  for (const trace::Arg& arg : event.args) {
    if (arg.field->name == name) {
      return arg.text.empty() ? unquoted(arg.json) : arg.text;
    }
  }
  return {};
}

void add_traced(Startup& startup, const trace::Event& event) {
  const std::string_view name = event.name();
  if (name == "object_new" || name == "object_initialize") {
    startup.steps.push_back({What::made, std::string(arg(event, "type")), "", ""});
  } else if (name == "object_property_add_child") {
    startup.steps.push_back({What::child, type_of(arg(event, "child")),
                             type_of(arg(event, "parent")),
                             numbered_alike(arg(event, "name"))});
  } else if (name == "device_set_realized") {
    startup.steps.push_back({What::realize, type_of(arg(event, "device")), "",
                             std::string(arg(event, "value"))});
  } else if (name == "type_initialize") {
    add_class(startup, std::string(arg(event, "name")));
  } else if (name == "type_register") {
    startup.types.insert(std::string(arg(event, "name")));
  } else if (name == "startup_step") {
    startup.steps.push_back(
        {What::function, std::string(arg(event, "function")), "", ""});
  } else if (name == "machine_set_property") {
    startup.steps.push_back({What::function,
                             "machine_set_property " +
                                 std::string(arg(event, "property")) + "=" +
                                 std::string(arg(event, "value")),
                             "", ""});
  } else if (contains(functions, name)) {
    startup.steps.push_back({What::function, std::string(name), "", ""});
  }
}

// ---- writing --------------------------------------------------------------------------

class Collected final : public trace::detail::Output {
 public:
  void write(std::string_view bytes) override { text += bytes; }

  void finish() override {}

  std::string text;
};

trace::KindText kind_text(const char* name, const char* cat, trace::Shape shape,
                          std::initializer_list<const char*> fields) {
  trace::KindText kind{name, cat, shape, "", {}, {}};
  for (const char* field : fields) {
    kind.fields.push_back({field, trace::Role::identity, trace::Type::text, ""});
  }
  return kind;
}

class ViewWriter {
 public:
  explicit ViewWriter(const Startup& startup) : startup_(startup), out_(collected_) {
    using trace::Shape;
    header_.schema = 1;
    header_.started = "1970-01-01T00:00:00.000Z";  // nobody measured it
    header_.metadata = {{"argv", startup.source}, {"view", "startup"}};
    header_.threads = {{1, "main"}};
    header_.kinds = {
        kind_text("phase", "machine", Shape::span, {"name"}),
        kind_text("function", "machine", Shape::instant, {"name"}),
        kind_text("type_initialize", "qom", Shape::span, {"name"}),
        kind_text("interface_class", "qom", Shape::instant, {"interface"}),
        kind_text("object_new", "qom", Shape::instant, {"type"}),
        kind_text("add_child", "qom", Shape::instant, {"parent", "name", "child"}),
        kind_text("device_set_realized", "device", Shape::instant, {"device", "value"})};
  }

  std::string write() {
    plan();
    trace::write_again(out_, header_);
    for (std::uint64_t seq = 1; seq <= lines_.size(); ++seq) {
      const Line& line = lines_[seq - 1];
      trace::Event event;
      event.kind = &header_.kinds[line.kind];
      event.phase = event.kind->shape == trace::Shape::span ? trace::Phase::span
                                                            : trace::Phase::instant;
      event.tid = 1;
      event.seq = seq;
      event.par = line.par;
      event.ts_ns = seq * 1000;
      event.dur_ns = (line.last - seq) * 1000 + 500;
      event.loc = "measured:1";
      for (std::size_t i = 0; i < event.kind->fields.size(); ++i) {
        event.args.push_back({&event.kind->fields[i], 0, line.values[i], {}});
      }
      trace::write_again(out_, event);
    }
    trace::write_end(out_);
    out_.flush();
    return std::move(collected_.text);
  }

 private:
  struct Line {
    std::size_t kind = 0;
    std::uint64_t par = 0;
    std::uint64_t last = 0;  // the last line inside it
    std::vector<std::string> values;
  };

  std::uint64_t add(std::size_t kind, std::uint64_t par,
                    std::vector<std::string> values) {
    const std::uint64_t seq = lines_.size() + 1;
    lines_.push_back({kind, par, seq, std::move(values)});
    header_.spans += header_.kinds[kind].shape == trace::Shape::span ? 1 : 0;
    header_.instants += header_.kinds[kind].shape == trace::Shape::instant ? 1 : 0;
    for (std::uint64_t at = par; at != 0; at = lines_[at - 1].par) {
      lines_[at - 1].last = seq;
    }
    return seq;
  }

  void plan() {
    std::map<std::string, std::vector<std::string>> interfaces;
    for (const StartupStep& step : startup_.steps) {
      if (step.what == What::interface_class) {
        interfaces[step.name].push_back(step.detail);
      }
    }
    std::uint64_t part = add(0, 0, {"start"});
    for (const StartupStep& step : startup_.steps) {
      if (step.what == What::function && contains(parts, step.name)) {
        part = add(0, 0, {step.name});
      } else if (step.what == What::function) {
        add(1, part, {step.name});
      } else if (step.what == What::klass) {
        const std::uint64_t klass = add(2, part, {step.name});
        for (const std::string& name : interfaces[step.name]) {
          add(3, klass, {name});
        }
      } else if (step.what == What::made) {
        add(4, part, {step.name});
      } else if (step.what == What::child) {
        add(5, part, {step.parent, step.detail, step.name});
      } else if (step.what == What::realize) {
        add(6, part, {step.name, step.detail});
      }
    }
  }

  const Startup& startup_;
  trace::TraceHeader header_;
  Collected collected_;
  trace::detail::JsonText out_;
  std::vector<Line> lines_;
};

}  // namespace

Startup startup_from_measured(std::string_view text, const std::string& name) {
  const json document = json::parse(text, nullptr, false);
  if (!document.is_object() || !document.contains("events") ||
      !document["events"].is_array()) {
    throw std::runtime_error(name + ": not a measured start: an object with `events`");
  }
  Startup startup;
  startup.source = document.value("command_line", "");
  std::size_t number = 0;
  for (const json& event : document["events"]) {
    const std::string where = name + ": event " + std::to_string(++number);
    if (!event.is_array()) {
      throw std::runtime_error(where + " is not [kind, text, ...]");
    }
    add_measured(startup, event, where);
  }
  return startup;
}

Startup startup_from_trace(const std::string& file) {
  trace::Reader reader(file);
  Startup startup;
  for (const auto& [key, value] : reader.header().metadata) {
    startup.source = key == "argv" ? value : startup.source;
  }
  trace::Event event;
  while (reader.next(event)) {
    if (!event.is_flow() && event.phase != trace::Phase::counter) {
      add_traced(startup, event);
    }
  }
  return startup;
}

Startup load_startup(const std::string& file) {
  const std::unique_ptr<trace::detail::Bytes> bytes = trace::detail::open_bytes(file);
  constexpr std::size_t largest = 64U << 20;
  std::string text(4096, '\0');
  text.resize(bytes->read(text.data(), text.size()));
  if (!text.starts_with('{')) {
    return startup_from_trace(file);
  }
  std::string more(1 << 16, '\0');
  while (const std::size_t got = bytes->read(more.data(), more.size())) {
    text.append(more, 0, got);
    if (text.size() > largest) {
      throw std::runtime_error(file + ": too large for a measured start");
    }
  }
  return startup_from_measured(text, file);
}

std::string startup_trace(const Startup& startup) {
  return ViewWriter(startup).write();
}

std::vector<ParityRow> parity(const Startup& theirs, const Startup& ours) {
  const Tree a = Tree::from_text(startup_trace(theirs), "theirs");
  const Tree b = Tree::from_text(startup_trace(ours), "ours");
  const Alignment alignment =
      align(a, b, {.unordered = {"type_initialize"}, .replacements = false});
  std::vector<ParityRow> rows;
  const auto row_of = [&](const Tree& tree, Index node) -> ParityRow& {
    const std::string phase = phase_of(tree, node);
    const auto found = std::ranges::find(rows, phase, &ParityRow::phase);
    return found != rows.end() ? *found : rows.emplace_back(ParityRow{phase});
  };
  const auto foreign = [&](Index node) {
    for (const char* field : {"type", "child", "parent", "device"}) {
      const std::string type(a.value(node, field));
      if (!type.empty() && !ours.types.contains(type)) {
        return true;
      }
    }
    const std::string& event = a.kind(node).name;
    const Index klass = event == "interface_class" ? a[node].parent : node;
    return (event == "type_initialize" || event == "interface_class") &&
           !ours.types.contains(std::string(a.value(klass, "name")));
  };
  for (Index i = 2; i < a.size(); ++i) {
    ParityRow& row = row_of(a, i);
    const Index in_b = alignment.to_b[i];
    const bool agrees = in_b != none && !alignment.moved.contains(in_b);
    (agrees                              ? row.agree
     : !ours.types.empty() && foreign(i) ? row.foreign
                                         : row.missing) += 1;
  }
  for (Index i = 2; i < b.size(); ++i) {
    const Index in_a = alignment.to_a[i];
    row_of(b, i).extra += in_a == none || alignment.moved.contains(i) ? 1 : 0;
  }
  return rows;
}

std::string parity_text(const std::vector<ParityRow>& rows) {
  std::string text;
  std::array<char, 200> line{};
  const auto add = [&](const ParityRow& row) {
    const std::uint64_t all = row.agree + row.missing + row.extra;
    std::snprintf(
        line.data(), line.size(), "%-28s %7llu %9llu %7llu %11llu %8.1f%%\n",
        row.phase.c_str(), static_cast<unsigned long long>(row.agree),
        static_cast<unsigned long long>(row.missing),
        static_cast<unsigned long long>(row.extra),
        static_cast<unsigned long long>(row.foreign),
        all == 0 ? 100.0
                 : 100.0 * static_cast<double>(row.agree) / static_cast<double>(all));
    text += line.data();
  };
  std::snprintf(line.data(), line.size(), "%-28s %7s %9s %7s %11s %9s\n", "phase",
                "agree", "missing", "extra", "not built", "parity");
  text += line.data();
  ParityRow total{"whole start"};
  for (const ParityRow& row : rows) {
    add(row);
    total.agree += row.agree;
    total.missing += row.missing;
    total.extra += row.extra;
    total.foreign += row.foreign;
  }
  add(total);
  return text;
}

}  // namespace viz::diff
