// What happened to one type in a run, step by step: registered, class made, objects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "viz/run.h"

namespace viz {

struct ObjectStory {
  std::string id = {};
  std::string path = {};
  std::size_t made = no_step;
  std::size_t realized = no_step;
  std::size_t gone = no_step;
};

struct TypeStory {
  std::string name;
  std::size_t constructor = no_step;  // register_module_init of its function
  std::size_t module = no_step;       // module_init that ran it
  std::size_t registered = no_step;   // type_register
  std::size_t initialized = no_step;  // type_initialize
  std::size_t class_init = no_step;
  std::vector<std::string> base_inits;      // owners of class_base_init calls
  std::vector<std::string> instance_inits;  // types whose instance_init ran, in order
  std::vector<std::string> interface_classes;
  std::vector<ObjectStory> objects;
};

// Throws std::runtime_error with similar names if the run never names the type.
TypeStory story_of_type(const Run& run, const std::string& type);

[[noreturn]] void refuse_type(const Run& run, const std::string& type);

}  // namespace viz
