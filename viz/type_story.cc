#include "viz/type_story.h"

#include <algorithm>
#include <stdexcept>

#include "viz/similar.h"
#include "viz/text.h"

namespace viz {

namespace {

void add_once(std::vector<std::string>& list, std::string_view name) {
  if (std::find(list.begin(), list.end(), name) == list.end()) {
    list.emplace_back(name);
  }
}

class Teller {
 public:
  Teller(const Run& run, const std::string& type) : run_(run) { story_.name = type; }

  TypeStory tell();

 private:
  bool about_type(std::size_t i);
  void about_object(std::size_t i);
  ObjectStory* object(std::string_view id);

  const Run& run_;
  TypeStory story_;
};

ObjectStory* Teller::object(std::string_view id) {
  if (id.substr(0, id.rfind('#')) != story_.name) {
    return nullptr;
  }
  for (auto it = story_.objects.rbegin(); it != story_.objects.rend(); ++it) {
    if (it->id == id) {
      return &*it;
    }
  }
  return nullptr;
}

// True if the step is one of a type's life.
bool Teller::about_type(std::size_t i) {
  const Step& step = run_.steps()[i];
  const bool mine = run_.arg(step, "name") == story_.name;
  const auto first = [i](std::size_t& place) { place = place == no_step ? i : place; };
  if (step.name == "type_register") {
    if (mine) {
      first(story_.registered);
    }
  } else if (step.name == "type_initialize") {
    if (mine) {
      first(story_.initialized);
    }
  } else if (step.name == "class_init") {
    if (mine) {
      first(story_.class_init);
    }
  } else if (step.name == "class_base_init") {
    if (mine) {
      add_once(story_.base_inits, run_.arg(step, "owner"));
    }
  } else if (step.name == "type_initialize_interface") {
    if (mine) {
      add_once(story_.interface_classes, run_.arg(step, "interface"));
    }
  } else {
    return false;
  }
  return true;
}

void Teller::about_object(std::size_t i) {
  const Step& step = run_.steps()[i];
  if (step.name == "object_new") {
    if (run_.arg(step, "type") == story_.name) {
      story_.objects.push_back({.id = std::string(run_.arg(step, "object")), .made = i});
    }
  } else if (step.name == "instance_init") {
    if (object(run_.arg(step, "object"))) {
      add_once(story_.instance_inits, run_.arg(step, "type"));
    }
  } else if (step.name == "object_property_add_child") {
    if (ObjectStory* made = object(run_.arg(step, "child"))) {
      made->path = run_.arg(step, "path");
    }
  } else if (step.name == "device_set_realized") {
    ObjectStory* made = object(run_.arg(step, "device"));
    if (made && run_.arg(step, "value") == "true") {
      made->realized = i;
      made->path = run_.arg(step, "path");
    }
  } else if (step.name == "object_finalize") {
    if (ObjectStory* made = object(run_.arg(step, "object"))) {
      made->gone = i;
    }
  }
}

TypeStory Teller::tell() {
  for (std::size_t i = 0; i < run_.steps().size(); ++i) {
    const std::string_view cat = run_.steps()[i].cat;
    if ((cat == "qom" || cat == "device") && !about_type(i)) {
      about_object(i);
    }
  }
  if (story_.registered == no_step && story_.initialized == no_step &&
      story_.objects.empty()) {
    refuse_type(run_, story_.name);
  }
  if (story_.registered == no_step) {
    return std::move(story_);
  }
  for (std::size_t at = story_.registered; at != no_step; at = run_.steps()[at].cause) {
    if (run_.steps()[at].name == "module_init") {
      story_.module = at;
      break;
    }
  }
  if (story_.module == no_step) {
    return std::move(story_);
  }
  const std::string_view function = run_.arg(run_.steps()[story_.module], "function");
  for (std::size_t i = 0; i < story_.module; ++i) {
    const Step& step = run_.steps()[i];
    if (step.name == "register_module_init" && run_.arg(step, "function") == function &&
        step.loc == run_.steps()[story_.module].loc) {
      story_.constructor = i;
    }
  }
  return std::move(story_);
}

}  // namespace

void refuse_type(const Run& run, const std::string& type) {
  const TypeModel model = types_at(run);
  std::string message =
      "there is no type '" + visible(type) + "' in " + visible(run.source);
  const char* between = "; similar: ";
  for (const std::string& near : similar_names(model, type)) {
    message += between + visible(near);
    between = ", ";
  }
  throw std::runtime_error(message);
}

TypeStory story_of_type(const Run& run, const std::string& type) {
  return Teller(run, type).tell();
}

}  // namespace viz
