// causes TYPE: who wanted this type's class, from main() down.
//
//   earlier: 3 phase   | main()                |
//                      | phase machine-class   |  later: 8 phase
//    1 lookup...       | select_machine pc     |
//   212 type_init...   | object_class_foreach  |  later: 20 type_initialize
//                      | type_initialize edu   |
//                      | class_init edu        |  inside: 4 ...
//
// The chain is the enclosing steps of the type's class_init; what else happened on the
// same levels is counted beside it.
#include <algorithm>

#include "viz/canvas.h"
#include "viz/picture.h"
#include "viz/run_words.h"
#include "viz/text.h"
#include "viz/type_story.h"

namespace viz {

namespace {

constexpr std::size_t longest = 60;  // real chains have 20 steps

struct Chain {
  std::vector<std::size_t> steps;                       // outermost first
  std::vector<std::vector<std::size_t>> before, after;  // on the level of each step
  std::vector<std::size_t> inside;                      // of the last
  bool made = true;                                     // the class was made
};

std::size_t step_of_class(const Run& run, const std::string& type, const char* name) {
  for (std::size_t i = 0; i < run.steps().size(); ++i) {
    const Step& step = run.steps()[i];
    if (step.name == name && run.arg(step, "name") == type) {
      return i;
    }
  }
  return no_step;
}

Chain chain_of(const Run& run, const std::string& type) {
  Chain chain;
  std::size_t at = step_of_class(run, type, "class_init");
  at = at == no_step ? step_of_class(run, type, "type_initialize") : at;
  if (at == no_step) {
    chain.made = false;
    at = step_of_class(run, type, "type_register");
  }
  if (at == no_step) {
    refuse_type(run, type);
  }
  chain.inside = run.children(at);
  for (; at != no_step && chain.steps.size() < longest; at = run.steps()[at].cause) {
    chain.steps.push_back(at);
  }
  std::reverse(chain.steps.begin(), chain.steps.end());
  for (const std::size_t step : chain.steps) {
    std::vector<std::size_t> before, after;
    const std::size_t cause = run.steps()[step].cause;
    if (cause != no_step) {
      for (const std::size_t other : run.children(cause)) {
        if (other != step) {
          (other < step ? before : after).push_back(other);
        }
      }
    } else {
      for (std::size_t i = 0; i < run.steps().size(); ++i) {
        if (run.steps()[i].cause == no_step && i != step) {
          (i < step ? before : after).push_back(i);
        }
      }
    }
    chain.before.push_back(std::move(before));
    chain.after.push_back(std::move(after));
  }
  return chain;
}

std::string title_of(const Run& run, const PictureOptions& options, const Chain& chain) {
  const std::string type = visible(options.subject);
  if (!chain.made) {
    return type + say(options, " stays on paper in ", " 在本次运行中一直停留在纸面上: ") +
           visible(run.source);
  }
  return say(options, "Who made the class of ", "是谁触发了类的创建: ") + type +
         (options.chinese ? "" : "?");
}

std::string step_words(const Run& run, const Step& step) {
  std::string words(step.name);
  for (const StepArg& arg : run.args(step)) {
    if (words.size() > 80) {
      break;
    }
    if (arg.value != "0" && !arg.value.empty()) {
      words += "  " + std::string(arg.key) + "=" + std::string(arg.value);
    }
  }
  return words;
}

constexpr double width = 400, height = 40, gap = 16, side = 330;

void draw_side(Canvas& canvas, double x, double y, const std::string& words,
               Align align) {
  if (!words.empty()) {
    canvas.text({x, y, side, height}, words,
                {.colour = canvas.theme().muted, .size = 9, .align = align});
  }
}

Graph draw_causes(const Run& run, const PictureOptions& options) {
  const Chain chain = chain_of(run, options.subject);
  const Theme& theme = *options.theme;
  Canvas canvas("causes", theme);
  double y = 0;
  if (options.legend) {
    y = canvas.title(
        -side, 0, 2 * side + width, title_of(run, options, chain),
        visible(run.source) +
            say(options,
                " · read downwards: each step happened inside the one above; "
                "beside it, what else that one did",
                " · 自上而下:每一步都发生在上一步之内;两侧是同一层的其他步骤"));
  }
  const auto box = [&](const Box& look, const std::string& first,
                       const std::string& second, bool last) {
    canvas.box({0, y, width, height}, {.fill = look.fill,
                                       .border = last ? theme.focus : look.border,
                                       .style = "rounded",
                                       .width = last ? 2.5 : 1});
    canvas.text({6, y + 3, width - 12, 18}, first,
                {.colour = look.text, .size = 11, .bold = last});
    canvas.text({6, y + 20, width - 12, 16}, second, {.colour = theme.muted, .size = 9});
  };
  box(theme.grey, "main()", say(options, "the program's own begin", "程序的入口"), false);
  for (std::size_t i = 0; i < chain.steps.size(); ++i) {
    const Step& step = run.steps()[chain.steps[i]];
    y += height + gap;
    canvas.line(width / 2, y - gap, width / 2, y, {.width = 1.4, .arrow = "normal"});
    box(box_of_category(theme, step.cat), step_words(run, step),
        say(options, "step ", "第 ") + std::to_string(step.seq) +
            say(options, "", " 步") + "  ·  " + std::string(step.loc) +
            (step.dur_ns ? "  ·  " + time_words(step.dur_ns) : ""),
        i + 1 == chain.steps.size());
    const char* others = say(options, "others", "其他");
    const std::string before = counted_by_name(run, chain.before[i], others);
    const std::string after = counted_by_name(run, chain.after[i], others);
    draw_side(canvas, -side - 12, y,
              before.empty() ? "" : say(options, "earlier: ", "之前: ") + before,
              Align::right);
    draw_side(canvas, width + 12, y,
              after.empty() ? "" : say(options, "later: ", "之后: ") + after,
              Align::left);
  }
  if (!chain.inside.empty()) {
    draw_side(canvas, 0, y + height - 4,
              say(options, "inside it: ", "其中: ") +
                  counted_by_name(run, chain.inside, say(options, "others", "其他")),
              Align::left);
  }
  return canvas.take();
}

Outline outline_causes(const Run& run, const PictureOptions& options) {
  const Chain chain = chain_of(run, options.subject);
  Outline out;
  out.title = title_of(run, options, chain);
  out.row(0, "main()");
  for (std::size_t i = 0; i < chain.steps.size(); ++i) {
    const Step& step = run.steps()[chain.steps[i]];
    std::vector<std::pair<std::string, std::string>> fields{
        {"step", std::to_string(step.seq)}, {"at", std::string(step.loc)}};
    if (!chain.before[i].empty()) {
      fields.emplace_back("earlier", counted_by_name(run, chain.before[i], "others"));
    }
    if (!chain.after[i].empty()) {
      fields.emplace_back("later", counted_by_name(run, chain.after[i], "others"));
    }
    out.row(i + 1, step_words(run, step), std::move(fields));
  }
  return out;
}

// The type of the first device that somebody realized; else of the machine.
std::string first_device(const Run& run) {
  for (const Step& step : run.steps()) {
    if (step.name == "device_set_realized") {
      const std::string_view id = run.arg(step, "device");
      return std::string(id.substr(0, id.rfind('#')));
    }
  }
  return run.machine.empty() ? "object" : run.machine;
}

const Picture causes_picture{
    .name = "causes",
    .help = "the chain of steps from main() to a type's class_init",
    .draw_run = draw_causes,
    .outline = outline_causes,
    .subject = first_device,
    .argument = "TYPE",
    .about =
        "When does this class_init run, and who caused it? The middle column is the "
        "chain of steps, each inside the one above, from main() to the type's "
        "class_init. What else happened on the same level is folded into counts: left "
        "what came earlier, right what came later. In the lecture's start it shows that "
        "looking for a machine makes every class, also those nobody asked for.",
    .about_zh =
        "这个 class_init 什么时候运行,由谁引起?中间一列是从 main() 到该 class_init "
        "的步骤链,每一步都在上一步之内;同一层的其他步骤折叠成计数:左边是之前,"
        "右边是之后。在课程的启动过程里可以看到:查找机器会把所有类都创建出来。",
};

}  // namespace

}  // namespace viz

using viz::causes_picture;
picture_init(causes_picture)
