// macro MACHINE: what one DEFINE_..._MACHINE line becomes.
//
//   DEFINE_I440FX_MACHINE(v4_0, ...) --> five symbols --> TypeImpl, class, MachineState
//
// The expansion is the macros' own rule, applied to the suffix; that the symbols were
// used, where and when, is what the trace says.
#include <stdexcept>

#include "viz/card.h"
#include "viz/picture.h"
#include "viz/run_words.h"
#include "viz/text.h"
#include "viz/type_story.h"

namespace viz {

namespace {

constexpr std::string_view type_ending = "-machine";
constexpr std::string_view function_front = "pc_machine_init_";

// "pc" as the run understood it, "pc-i440fx-4.0", "pc-i440fx-4.0-machine".
std::string type_of_machine(const Run& run, const std::string& asked) {
  for (const Step& step : run.steps()) {
    if (step.name == "select_machine" && run.arg(step, "asked") == asked) {
      return std::string(run.arg(step, "machine"));
    }
  }
  return asked.ends_with(type_ending) ? asked : asked + std::string(type_ending);
}

struct Expansion {
  bool by_macro = false;
  std::string macro, suffix, name;  // "DEFINE_I440FX_MACHINE", "v4_0", "pc-i440fx-4.0"
  std::string line;                 // the source line, rebuilt
  std::string init, options;        // functions named or made by it
};

Expansion expansion_of(const Run& run, const TypeStory& story) {
  Expansion out;
  out.name = story.name.substr(0, story.name.size() - type_ending.size());
  const std::string function =
      story.module == no_step
          ? std::string()
          : std::string(run.arg(run.steps()[story.module], "function"));
  out.by_macro = function.starts_with(function_front);
  if (!out.by_macro) {
    return out;
  }
  out.suffix = function.substr(function_front.size());
  std::string under;
  for (const char c : out.name) {
    under += c == '-' || c == '.' ? '_' : c;
  }
  out.options = under + "_machine_options";
  const bool i440fx = out.name.starts_with("pc-i440fx-");
  const bool q35 = out.name.starts_with("pc-q35-");
  out.macro = i440fx ? "DEFINE_I440FX_MACHINE"
              : q35  ? "DEFINE_Q35_MACHINE"
                     : "DEFINE_PC_MACHINE";
  out.init = i440fx || q35 ? "pc_init_" + out.suffix : "pc_init_isa";
  const std::string third = i440fx || q35 ? "NULL" : out.init;
  out.line = out.macro + "(" + out.suffix + ", \"" + out.name + "\", " + third + ", " +
             out.options + ")";
  return out;
}

class MacroPicture {
 public:
  MacroPicture(const Run& run, const PictureOptions& options)
      : run_(run),
        options_(options),
        theme_(*options.theme),
        story_(story_of_type(run, type_of_machine(run, options.subject))),
        expansion_(expansion_of(run, story_)),
        graph_("macro") {}

  Graph draw();
  Outline outline() const;

 private:
  const char* say(const char* en, const char* zh) const {
    return viz::say(options_, en, zh);
  }

  std::string step(std::size_t index) const {
    return index == no_step
               ? std::string(say("never in this run", "本次运行没有发生"))
               : say("step ", "第 ") + std::to_string(run_.steps()[index].seq) +
                     say("", " 步");
  }

  std::string place(std::size_t index) const {
    return index == no_step ? "-" : std::string(run_.steps()[index].loc);
  }

  std::string title() const {
    return say("One line makes a machine: ", "一行宏造出一台机器: ") + expansion_.name;
  }

  Card source() const;
  Card symbols() const;
  Card impl() const;
  Card klass() const;
  Card machine() const;

  const Run& run_;
  const PictureOptions& options_;
  const Theme& theme_;
  TypeStory story_;
  Expansion expansion_;
  Graph graph_;
};

Card MacroPicture::source() const {
  Card card{
      .title = say("one line of source", "源代码中的一行"), .subtitle = {}, .rows = {}};
  if (!expansion_.by_macro) {
    card.rows = {{.key = "",
                  .value = say("no macro: TypeInfo and type_init written out",
                               "没有用宏:直接写 TypeInfo 和 type_init")},
                 {.key = say("at", "位置"), .value = place(story_.registered)}};
    return card;
  }
  card.rows = {{.key = "", .value = expansion_.macro + "(", .strong = true},
               {.key = say("suffix", "后缀"), .value = expansion_.suffix},
               {.key = say("name", "名字"), .value = "\"" + expansion_.name + "\""},
               {.key = say("options", "选项函数"), .value = expansion_.options},
               {.key = "", .value = ")", .strong = true},
               {.key = say("at", "位置"), .value = place(story_.module)}};
  return card;
}

Card MacroPicture::symbols() const {
  const std::string& suffix = expansion_.suffix;
  const bool chained = expansion_.macro != "DEFINE_PC_MACHINE";
  Card card{
      .title = say("what it generates", "生成的符号"),
      .subtitle = say("## glues the suffix into each name", "## 把后缀拼进每个名字"),
      .rows = {}};
  card.rows = {
      {.key = chained ? say("init function", "初始化函数")
                      : say("init function, given", "初始化函数(给定)"),
       .value = expansion_.init + "(MachineState*)",
       .port = "init"},
      {.key = "class_init",
       .value = "pc_machine_" + suffix + "_class_init()",
       .port = "classinit"},
      {.key = "TypeInfo", .value = "pc_machine_type_" + suffix, .port = "info"},
      {.key = say("register function", "注册函数"),
       .value = "pc_machine_init_" + suffix + "()",
       .port = "register"},
      {.key = "type_init",
       .value =
           say("a constructor that runs before main()", "在 main() 之前运行的构造函数"),
       .port = "ctor"},
  };
  return card;
}

Card MacroPicture::impl() const {
  return {.title = "TypeImpl",
          .subtitle = say("on paper, in the type table", "纸面上,在类型表里"),
          .rows = {{.key = "name", .value = story_.name, .strong = true},
                   {.key = "parent",
                    .value = story_.registered == no_step
                                 ? std::string("-")
                                 : std::string(run_.arg(run_.steps()[story_.registered],
                                                        "parent"))},
                   {.key = "register_module_init", .value = step(story_.constructor)},
                   {.key = "module_init", .value = step(story_.module)},
                   {.key = "type_register", .value = step(story_.registered)}}};
}

Card MacroPicture::klass() const {
  Card card{
      .title = "MachineClass",
      .subtitle = story_.initialized == no_step
                      ? say("never made in this run", "本次运行没有创建")
                      : say("made when somebody looked for a machine", "查找机器时创建"),
      .rows = {{.key = "type_initialize", .value = step(story_.initialized)},
               {.key = "class_init", .value = step(story_.class_init)}}};
  if (story_.initialized != no_step) {
    const std::size_t cause = run_.steps()[story_.initialized].cause;
    card.rows.push_back(
        {.key = say("wanted by", "由谁引起"),
         .value = cause == no_step ? "-" : run_.brief(run_.steps()[cause])});
    card.rows.push_back({.key = say("took", "耗时"),
                         .value = time_words(run_.steps()[story_.initialized].dur_ns)});
  }
  if (expansion_.by_macro) {
    card.rows.push_back(
        {.key = say("filled by", "由谁填写"), .value = expansion_.options});
    card.rows.push_back({.key = "mc->init", .value = expansion_.init});
  }
  return card;
}

Card MacroPicture::machine() const {
  if (story_.objects.empty()) {
    return {.title = "MachineState",
            .subtitle = say("this run chose another machine", "本次运行选了别的机器"),
            .rows = {}};
  }
  const ObjectStory& one = story_.objects.front();
  const std::size_t board = run_.find("machine_run_board_init");
  return {.title = "MachineState",
          .subtitle = "current_machine",
          .rows = {{.key = say("object", "对象"), .value = one.id, .strong = true},
                   {.key = say("path", "路径"), .value = one.path},
                   {.key = "object_new", .value = step(one.made)},
                   {.key = "mc->init()", .value = step(board)},
                   {.key = say("built the board in", "搭建主板耗时"),
                    .value = board == no_step ? "-"
                                              : time_words(run_.steps()[board].dur_ns)}}};
}

Graph MacroPicture::draw() {
  card_page(graph_, theme_, options_.legend ? title() : "",
            visible(run_.source) +
                say(" · above: what was written and generated; below: what this run did "
                    "with it",
                    " · 上:写的和生成的;下:本次运行怎样用它"),
            "TB", "0.35");
  graph_.node("source", card_attributes(source(), theme_.grey, theme_));
  graph_.node("impl", card_attributes(impl(), theme_.paper, theme_));
  const bool made = story_.initialized != no_step, live = !story_.objects.empty();
  graph_.node("class",
              card_attributes(klass(), made ? theme_.klass : theme_.paper, theme_));
  graph_.node(
      "machine",
      card_attributes(machine(), live ? theme_.instantiated : theme_.paper, theme_));
  if (expansion_.by_macro) {
    graph_.node("symbols", card_attributes(symbols(), theme_.violet, theme_));
    graph_.edge("source", "symbols", {{"label", say("  expands to", "  展开为")}});
    const auto used = [this](const char* port, const char* to, const char* words) {
      graph_.edge("symbols", to,
                  {{"tailport", std::string(port) + ":e"},
                   {"label", words},
                   {"style", "dashed"}});
    };
    used("register", "impl", "type_register");
    used("classinit", "class", say("runs it", "运行它"));
    used("init", "machine", say("builds the board", "搭建主板"));
  } else {
    graph_.edge("source", "impl", {{"label", "type_register"}});
  }
  graph_.edge("impl", "class", {{"label", "  type_initialize"}, {"penwidth", "1.6"}});
  graph_.edge("class", "machine",
              {{"label", live ? "  object_new" : say("not chosen", "未被选中")},
               {"style", live ? "solid" : "dashed"},
               {"penwidth", "1.6"}});
  return std::move(graph_);
}

Outline MacroPicture::outline() const {
  Outline out;
  out.title = title();
  std::vector<Card> cards{source(), impl(), klass(), machine()};
  if (expansion_.by_macro) {
    cards.insert(cards.begin() + 1, symbols());
  }
  for (const Card& card : cards) {
    out.row(0, card.title, {{"stage", card.subtitle}});
    for (const CardRow& row : card.rows) {
      out.row(1, row.key, {{"value", row.value}});
    }
  }
  return out;
}

Graph draw_macro(const Run& run, const PictureOptions& options) {
  return MacroPicture(run, options).draw();
}

Outline outline_macro(const Run& run, const PictureOptions& options) {
  return MacroPicture(run, options).outline();
}

std::string machine_of_run(const Run& run) {
  if (run.machine.empty()) {
    throw std::runtime_error(
        "the trace " + run.source +
        " names no machine: say which one, as in `vitrine draw macro "
        "pc-i440fx-4.0 TRACE`");
  }
  return run.machine;
}

const Picture macro_picture{
    .name = "macro",
    .help = "one machine's macro line, what it generates, and what the run made of it",
    .draw_run = draw_macro,
    .outline = outline_macro,
    .subject = machine_of_run,
    .argument = "MACHINE",
    .about =
        "How does one DEFINE_I440FX_MACHINE line become a machine? Left the line and the "
        "five symbols it generates: an init function, a class_init, a TypeInfo, a "
        "register function and a constructor that runs before main(). Right what this "
        "run did with each: TypeImpl, MachineClass, MachineState, with steps.",
    .about_zh =
        "一行 DEFINE_I440FX_MACHINE 怎样变成一台机器?左边是这一行和它生成的五个符号:"
        "初始化函数、class_init、TypeInfo、注册函数、在 main() 之前运行的构造函数;"
        "右边是本次运行用它们做了什么:TypeImpl、MachineClass、MachineState 及步骤。",
};

}  // namespace

}  // namespace viz

using viz::macro_picture;
picture_init(macro_picture)
