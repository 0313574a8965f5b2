// Runs that several tests draw, written as rows of a trace.
#pragma once

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "viz/run.h"

namespace viz_test {

// Builds the .ndjson form of a trace, one step after the other.
class Rows {
 public:
  using Args = std::initializer_list<std::pair<const char*, std::string>>;

  // Returns the step's seq.
  std::uint64_t span(std::uint64_t par, const char* cat, const char* name, Args args,
                     int tid = 1) {
    return add(par, cat, name, args, tid, true);
  }

  std::uint64_t instant(std::uint64_t par, const char* cat, const char* name, Args args,
                        int tid = 1) {
    return add(par, cat, name, args, tid, false);
  }

  viz::Run run(const std::string& source = "sample.json") const {
    return viz::run_from_trace_text(text_, source);
  }

  const std::string& text() const { return text_; }

 private:
  std::uint64_t add(std::uint64_t par, const char* cat, const char* name, Args args,
                    int tid, bool span) {
    nlohmann::ordered_json row{{"seq", ++seq_},
                               {"par", par},
                               {"tid", tid},
                               {"shape", span ? "span" : "instant"},
                               {"name", name},
                               {"cat", cat},
                               {"ts", static_cast<double>(seq_) * 2},
                               {"loc", "a.cc:1"}};
    if (span) {
      row["dur"] = 1.5;
    }
    nlohmann::ordered_json values = nlohmann::ordered_json::object();
    for (const auto& [key, value] : args) {
      values[key] = value;
    }
    row["args"] = values;
    text_ +=
        row.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    return seq_;
  }

  std::string text_;
  std::uint64_t seq_ = 0;
};

// A whole start in small: a machine of type `word`-machine on which a serial port on a
// bus, a PCI device and RAM below a ROM are, and three exits. `word` stands in every
// text that could come from outside.
inline Rows small_start(const std::string& word = "toy") {
  Rows rows;
  const std::string machine = word + "-machine", device = word + "-dev";
  rows.instant(0, "module", "register_module_init",
               {{"type", "QOM"}, {"function", "pc_machine_init_" + word}});
  const auto module =
      rows.span(0, "module", "module_init",
                {{"function", "pc_machine_init_" + word}, {"type", "QOM"}});
  for (const auto& [name, parent] :
       std::initializer_list<std::pair<std::string, std::string>>{{"object", ""},
                                                                  {"bus", "object"},
                                                                  {"isa", "bus"},
                                                                  {machine, "object"},
                                                                  {device, "object"},
                                                                  {"lonely", "object"}}) {
    rows.instant(module, "qom", "type_register",
                 {{"name", name},
                  {"parent", parent},
                  {"abstract", "false"},
                  {"interfaces", word},
                  {"instance_size", "8"},
                  {"class_size", "0"}});
  }
  const auto phase = rows.span(0, "machine", "phase", {{"name", "machine-class" + word}});
  const auto select = rows.span(phase, "machine", "select_machine",
                                {{"asked", word}, {"machine", machine}});
  for (const std::string& name : {std::string("object"), machine, device}) {
    const auto initialize = rows.span(select, "qom", "type_initialize",
                                      {{"name", name}, {"class_size", "16"}});
    rows.span(initialize, "qom", "class_init", {{"name", name}});
  }
  rows.instant(0, "machine", "machine.selected", {});
  for (const std::string& type :
       {std::string("container"), machine, std::string("isa"), device}) {
    rows.span(0, "qom", "object_new", {{"object", type + "#1"}, {"type", type}});
  }
  const auto child = [&](const std::string& part, const std::string& whole,
                         const std::string& name) {
    rows.instant(0, "qom", "object_property_add_child",
                 {{"child", part}, {"parent", whole}, {"name", name}, {"path", ""}});
  };
  child(machine + "#1", "container#1", "machine");
  child("isa#1", machine + "#1", "isa.0" + word);
  child(device + "#1", machine + "#1", word);
  child("qemu:memory-region#1", device + "#1", "io[0]");
  rows.instant(
      0, "qom", "object_property_set_link",
      {{"object", "isa#1"}, {"property", "child[0]"}, {"target", device + "#1"}});
  rows.instant(
      0, "qom", "object_property_set_link",
      {{"object", device + "#1"}, {"property", word}, {"target", machine + "#1"}});
  rows.span(0, "device", "device_set_realized",
            {{"device", device + "#1"},
             {"value", "true"},
             {"path", "/machine/" + word},
             {"realized", "true"}});
  const auto region = [&](const char* id, const std::string& name, const char* kind,
                          const char* size, const char* target = "",
                          const char* offset = "0x0") {
    rows.instant(0, "memory", "memory_region_init",
                 {{"region", id},
                  {"name", name},
                  {"kind", kind},
                  {"size", size},
                  {"target", target},
                  {"offset", offset}});
  };
  const auto put = [&](const char* id, const char* into, const char* address,
                       const char* priority) {
    rows.instant(0, "memory", "memory_region_add_subregion",
                 {{"region", id},
                  {"container", into},
                  {"address", address},
                  {"priority", priority}});
  };
  region("mr#1", "system", "container", "0xffffffffffffffff");
  rows.instant(0, "memory", "address_space_init", {{"name", word}, {"root", "mr#1"}});
  region("mr#2", "ram" + word, "ram", "0x100000");
  region("mr#3", "rom", "rom", "0x1000");
  region("mr#4", "low", "alias", "0x80000", "mr#2", "0x1000");
  put("mr#4", "mr#1", "0x0", "0");
  put("mr#3", "mr#1", "0x2000", "1");
  rows.instant(0, "device", "pci_register_bar",
               {{"device", device + "#1"},
                {"bar", "0"},
                {"kind", "mem"},
                {"size", "0x100000"},
                {"region", word}});
  rows.instant(0, "device", "pci_qdev_realize",
               {{"device", device + "#1"},
                {"bus", "isa#1"},
                {"devfn", "0x20"},
                {"vendor_id", "0x1234"},
                {"device_id", "0x11e8"},
                {"class_id", "0xff"},
                {"pin", "1"},
                {"line", "3"},
                {"multifunction", "false"}});
  rows.instant(0, "device", "pci_update_mappings_add",
               {{"device", device + "#1"},
                {"bar", "0"},
                {"address", "0xfea00000"},
                {"size", "0x100000"}});
  rows.instant(0, "machine", "machine.ready", {});
  for (const char* port : {"0x3f8", "0x3f8", "0x99"}) {
    rows.span(0, "vcpu", "vcpu_run", {{"cpu", "0"}, {"reason", "io"}, {"rip", "0x10"}},
              10);
    const auto access = rows.span(0, "vcpu", "cpu_out",
                                  {{"port", port}, {"size", "1"}, {"value", "0x41"}}, 10);
    if (std::string(port) == "0x3f8") {
      rows.span(access, "device", "memory_region_ops_write",
                {{"device", device + "#1"},
                 {"region", word},
                 {"offset", "0x0"},
                 {"size", "1"},
                 {"value", "0x41"}},
                10);
    }
  }
  rows.instant(0, "guest", "guest_console", {{"device", device + "#1"}, {"text", word}},
               10);
  return rows;
}

}  // namespace viz_test
