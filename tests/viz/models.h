// Models that several tests draw.
#pragma once

#include <fstream>
#include <iterator>
#include <string>

#include "viz/model.h"
#include "viz/model_json.h"

namespace viz_test {

inline std::string read_text(const std::string& name) {
  std::ifstream in(std::string(VITRINE_SOURCE_DIR) + "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The 753 types of a QEMU 7.2.
inline viz::TypeModel big_model() {
  return viz::model_from_json(read_text("tests/data/qemu-7.2-types.json"));
}

// object <- device <- isa-device <- edu; edu has two objects, `lonely` is on paper.
inline viz::TypeModel small_model() {
  viz::TypeModel model;
  model.source = "small";
  const auto add = [&](const char* name, const char* parent,
                       viz::State state) -> viz::Type& {
    viz::Type& type = model.type(name);
    type.parent = parent;
    type.state = state;
    return type;
  };
  add("object", "", viz::State::klass).abstract = true;
  add("interface", "", viz::State::klass).abstract = true;
  add("hotplug-handler", "interface", viz::State::klass).abstract = true;
  add("device", "object", viz::State::klass).abstract = true;
  add("isa-device", "device", viz::State::klass).interfaces = {"hotplug-handler"};
  viz::Type& edu = add("edu", "isa-device", viz::State::instantiated);
  edu.objects = 2;
  edu.loc = "src/hw/edu.cc:40";
  add("lonely", "device", viz::State::paper);
  model.settle();
  return model;
}

// `object` with `leaves` leaf children and one inner child of three leaves.
inline viz::TypeModel fan_model(int leaves) {
  viz::TypeModel model;
  model.source = "fan";
  model.type("object");
  model.type("inner").parent = "object";
  for (int i = 0; i < 3; ++i) {
    model.type("inner-" + std::to_string(i)).parent = "inner";
  }
  for (int i = 0; i < leaves; ++i) {
    model.type("leaf-" + std::to_string(1000 + i)).parent = "object";
  }
  model.settle();
  return model;
}

// Names that would break a picture if any of them reached it unescaped.
inline viz::TypeModel hostile_model() {
  viz::TypeModel model;
  model.source = "<script>alert(1)</script> & \"quotes\" \\";
  const std::string names[] = {
      "object",
      "<script>alert(1)</script>",
      "a\"quote\"",
      "it's",
      "back\\slash",
      "ends with backslash\\",
      "two\\\\",
      "&amp; &nbsp; &#0;",
      "new\nline",
      std::string("nul\0inside", 10),
      "esc\x1b[31mred",
      "rtl\xe2\x80\xaegnp.exe",
      "bad\xff\xfeutf8",
      "%leaves",
      "~leaves",
      "object~leaves",
      "object%leaves",
      "<B>bold</B>",
      "]]>",
      "--",
      "\xe4\xb8\xad\xe6\x96\x87",
      "node [label=x]; }",
      std::string(10000, 'x'),
      std::string(9999, '\\'),
      "\\N\\G\\E",
      " ",
      "cluster_device",
      "subgraph",
  };
  for (const std::string& name : names) {
    viz::Type& type = model.type(name);
    type.parent = name == "object" ? "" : "object";
    type.loc = name;
    type.interfaces = {name + "i", "]]>", "<"};
    type.registered_by = name;
  }
  for (const std::string& name : names) {  // one level more, so that they are nodes too
    model.type(name + "/child").parent = name;
  }
  model.settle();
  return model;
}

}  // namespace viz_test
