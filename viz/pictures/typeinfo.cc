// typeinfo TYPE: the four stages of one type with this run's values.
//
//   TypeInfo --type_register--> TypeImpl --type_initialize--> class --object_new-->
//   object
//    paper                      in the table      ^ copied from the parent's class
//
#include <algorithm>

#include "viz/card.h"
#include "viz/picture.h"
#include "viz/run_words.h"
#include "viz/text.h"
#include "viz/type_story.h"

namespace viz {

namespace {

constexpr std::size_t most_objects = 6;

std::string joined(const std::vector<std::string>& names, const char* between = ", ") {
  std::string out;
  for (std::size_t i = 0; i < names.size() && i < 8; ++i) {
    out += (i ? between : "") + names[i];
  }
  return names.size() > 8 ? out + between + "\u2026" : out;
}

class TypeInfoPicture {
 public:
  TypeInfoPicture(const Run& run, const PictureOptions& options)
      : run_(run),
        options_(options),
        story_(story_of_type(run, options.subject)),
        types_(types_at(run)),
        type_(*types_.find(options.subject)) {}

  Card info() const;
  Card impl() const;
  Card klass() const;
  Card object() const;
  Graph draw() const;
  Outline outline() const;
  std::string title() const;

 private:
  const char* say(const char* en, const char* zh) const {
    return viz::say(options_, en, zh);
  }

  std::string step(std::size_t index) const {
    return index == no_step
               ? say("never", "从未")
               : say("step ", "第 ") + std::to_string(seq(index)) + say("", " 步");
  }

  std::uint64_t seq(std::size_t index) const { return run_.steps()[index].seq; }

  std::string arg(std::size_t index, const char* key) const {
    return index == no_step ? "" : std::string(run_.arg(run_.steps()[index], key));
  }

  std::string bytes(std::size_t index, const char* key) const;
  std::string cause(std::size_t index) const;

  const Run& run_;
  const PictureOptions& options_;
  TypeStory story_;
  TypeModel types_;
  const Type& type_;
};

std::string TypeInfoPicture::bytes(std::size_t index, const char* key) const {
  const std::string text = arg(index, key);
  return text.empty()  ? say("unknown", "未知")
         : text == "0" ? say("0: the parent's", "0: 与父类型相同")
                       : text + say(" bytes", " 字节");
}

std::string TypeInfoPicture::cause(std::size_t index) const {
  if (index == no_step || run_.steps()[index].cause == no_step) {
    return say("nobody above it", "没有外层步骤");
  }
  return run_.brief(run_.steps()[run_.steps()[index].cause]);
}

Card TypeInfoPicture::info() const {
  Card card{.title = "TypeInfo",
            .subtitle = say("1 on paper: constant data, no code has run",
                            "1 纸面上:常量数据,没有运行任何代码"),
            .rows = {}};
  card.rows = {
      {.key = "name", .value = type_.name, .strong = true},
      {.key = "parent", .value = type_.parent.empty() ? "-" : type_.parent},
      {.key = "abstract", .value = type_.abstract ? "true" : "false"},
      {.key = "instance_size", .value = bytes(story_.registered, "instance_size")},
      {.key = "class_size", .value = bytes(story_.registered, "class_size")}};
  if (!type_.interfaces.empty()) {
    card.rows.push_back({.key = "interfaces", .value = joined(type_.interfaces)});
  }
  card.rows.push_back({.key = "class_init",
                       .value = story_.class_init != no_step
                                    ? say("its own", "有自己的")
                                    : say("none seen in this run", "本次运行未见")});
  const bool own = std::find(story_.instance_inits.begin(), story_.instance_inits.end(),
                             type_.name) != story_.instance_inits.end();
  card.rows.push_back({.key = "instance_init",
                       .value = own ? say("its own", "有自己的")
                                    : say("none seen in this run", "本次运行未见")});
  if (!type_.loc.empty()) {
    card.rows.push_back({.key = say("written at", "位置"), .value = type_.loc});
  }
  return card;
}

Card TypeInfoPicture::impl() const {
  Card card{.title = "TypeImpl",
            .subtitle = say("2 in the type table, still paper", "2 进入类型表,仍是纸面"),
            .rows = {}};
  card.rows = {
      {.key = say("place in the table", "表中位置"),
       .value = type_.register_order == 0 ? say("unknown", "未知")
                                          : std::to_string(type_.register_order) + " / " +
                                                std::to_string(types_.size())},
      {.key = "type_register", .value = step(story_.registered)},
      {.key = say("called by", "调用者"),
       .value = type_.registered_by.empty() ? "-" : type_.registered_by},
      {.key = say("asked for", "登记"),
       .value = story_.constructor == no_step
                    ? "-"
                    : step(story_.constructor) +
                          say(": type_init, before main()", ":type_init,在 main() 之前")},
  };
  return card;
}

Card TypeInfoPicture::klass() const {
  const std::size_t made = story_.initialized;
  Card card{
      .title = say("its class", "它的类"),
      .subtitle = made == no_step
                      ? say("3 never made in this run", "3 本次运行没有创建")
                      : say("3 made once, on first need", "3 第一次需要时创建,只一次"),
      .rows = {}};
  if (made == no_step) {
    return card;
  }
  card.rows = {
      {.key = "type_initialize", .value = step(made), .strong = true},
      {.key = say("wanted by", "由谁引起"), .value = cause(made)},
      {.key = say("took", "耗时"), .value = time_words(type_.class_init_ns)},
      {.key = say("class bytes", "类的大小"), .value = bytes(made, "class_size")},
      {.key = say("object bytes", "对象大小"), .value = bytes(made, "instance_size")}};
  if (!type_.parent.empty()) {
    card.rows.push_back(
        {.key = say("first", "先"),
         .value = say("a copy of the class of ", "复制父类: ") + type_.parent});
  }
  if (!story_.interface_classes.empty()) {
    card.rows.push_back({.key = say("interface classes", "接口类"),
                         .value = joined(story_.interface_classes)});
  }
  if (!story_.base_inits.empty()) {
    card.rows.push_back({.key = say("class_base_init of", "class_base_init 来自"),
                         .value = joined(story_.base_inits)});
  }
  card.rows.push_back({.key = "class_init", .value = step(story_.class_init)});
  return card;
}

Card TypeInfoPicture::object() const {
  Card card{.title = say("its objects", "它的对象"),
            .subtitle = story_.objects.empty()
                            ? say("4 none in this run", "4 本次运行没有对象")
                            : say("4 object_new: every level's instance_init, root first",
                                  "4 object_new:自根类型起逐层运行 instance_init"),
            .rows = {}};
  for (std::size_t i = 0; i < story_.objects.size() && i < most_objects; ++i) {
    const ObjectStory& one = story_.objects[i];
    std::string what = step(one.made);
    if (one.realized != no_step) {
      what += say(", realized ", ",实现于") + step(one.realized);
    }
    if (one.gone != no_step) {
      what += say(", gone ", ",销毁于") + step(one.gone);
    }
    card.rows.push_back({.key = one.id, .value = what, .strong = true});
    if (!one.path.empty()) {
      card.rows.push_back({.key = "", .value = one.path});
    }
  }
  if (story_.objects.size() > most_objects) {
    card.rows.push_back({.key = say("and", "还有"),
                         .value = std::to_string(story_.objects.size() - most_objects) +
                                  say(" more", " 个")});
  }
  if (!story_.instance_inits.empty()) {
    card.rows.push_back(
        {.key = "instance_init", .value = joined(story_.instance_inits, " > ")});
  }
  return card;
}

std::string TypeInfoPicture::title() const {
  return say("The four stages of ", "四个阶段: ") + visible(type_.name);
}

Graph TypeInfoPicture::draw() const {
  const Theme& theme = *options_.theme;
  Graph graph("typeinfo");
  card_page(
      graph, theme, options_.legend ? title() : "",
      visible(run_.source) +
          say(" · downwards: paper, table, class, object; beside it the classes it was "
              "copied from",
              " · 自上而下:纸面、类型表、类、对象;旁边是被复制的父类"),
      "TB", "0.35");
  const bool made = story_.initialized != no_step;
  const bool live = !story_.objects.empty();
  graph.node("info", card_attributes(info(), theme.paper, theme));
  graph.node("impl", card_attributes(impl(), theme.paper, theme));
  graph.node("class", card_attributes(klass(), made ? theme.klass : theme.paper, theme));
  graph.node("object",
             card_attributes(object(), live ? theme.instantiated : theme.paper, theme));
  graph.edge("info", "impl", {{"label", "  type_register\\n" + step(story_.registered)}});
  graph.edge("impl", "class",
             {{"label", "  type_initialize\\n" + step(story_.initialized)},
              {"style", made ? "solid" : "dashed"}});
  graph.edge("class", "object",
             {{"label", live ? "  object_new\\n" + step(story_.objects.front().made)
                             : std::string("object_new\\n") + say("never", "从未")},
              {"style", live ? "solid" : "dashed"}});
  // The classes it was copied from, oldest first.
  std::vector<const Type*> line;
  for (const Type* at = types_.find(type_.parent); at && line.size() < 12;
       at = at->parent.empty() ? nullptr : types_.find(at->parent)) {
    line.insert(line.begin(), at);
  }
  std::string below;
  for (const Type* ancestor : line) {
    const std::string id = "a" + node_id(ancestor->name);
    const Box& box = box_of(theme, ancestor->state);
    graph.node(id, {{"label", dot_escape(visible(ancestor->name))},
                    {"style", box.style},
                    {"fillcolor", box.fill},
                    {"color", box.border},
                    {"fontcolor", box.text},
                    {"tooltip", dot_escape(visible(ancestor->name))}});
    if (!below.empty()) {
      graph.edge(below, id, {{"style", "dashed"}, {"weight", "2"}});
    }
    below = id;
  }
  if (!below.empty()) {
    graph.edge(
        below, "class",
        {{"label", say("class copied,\\nthen class_init", "复制父类,\\n再 class_init")},
         {"style", "dashed"}});
  }
  return graph;
}

Outline TypeInfoPicture::outline() const {
  Outline out;
  out.title = title();
  for (const Card& card : {info(), impl(), klass(), object()}) {
    out.row(0, card.title, {{"stage", card.subtitle}});
    for (const CardRow& row : card.rows) {
      out.row(1, row.key, {{"value", row.value}});
    }
  }
  return out;
}

Graph draw_typeinfo(const Run& run, const PictureOptions& options) {
  return TypeInfoPicture(run, options).draw();
}

Outline outline_typeinfo(const Run& run, const PictureOptions& options) {
  return TypeInfoPicture(run, options).outline();
}

std::string machine_or_object(const Run& run) {
  return run.machine.empty() ? "object" : run.machine;
}

const Picture typeinfo_picture{
    .name = "typeinfo",
    .help = "one type's four stages with this run's values",
    .draw_run = draw_typeinfo,
    .outline = outline_typeinfo,
    .subject = machine_or_object,
    .argument = "TYPE",
    .about =
        "How does one line of TypeInfo become a living object? The lecture's closing "
        "diagram for any type: TypeInfo on paper, TypeImpl in the table, the class with "
        "what it was copied from and who wanted it, and the objects with the "
        "instance_init of every level; each with the step at which it happened.",
    .about_zh =
        "一个 TypeInfo 怎样变成活的对象?这是课程总结图,适用于任何类型:纸面上的 "
        "TypeInfo、类型表里的 TypeImpl、类(从谁复制、由谁引起)、对象(逐层的 "
        "instance_init),每一项都标有发生的步骤。",
};

}  // namespace

}  // namespace viz

using viz::typeinfo_picture;
picture_init(typeinfo_picture)
