// commandline: the command line of a run, host half left, guest half right.
//
// The words are the trace's own (lookup_opt); what they mean is `vitrine explain`'s. It
// stands here and not in viz/, because it asks the option table.
#include <stdexcept>

#include "tools/explain_model.h"
#include "viz/picture.h"
#include "viz/run_words.h"
#include "viz/text.h"

namespace tools {

namespace {

std::vector<std::string> words_of(const viz::Run& run) {
  std::vector<std::string> words;
  for (const viz::Step& step : run.steps()) {
    if (step.name != "lookup_opt") {
      continue;
    }
    const std::string option(run.arg(step, "option"));
    if (option == "trace") {
      continue;  // ours, and about this very file
    }
    words.push_back("-" + option);
    if (const std::string_view argument = run.arg(step, "argument"); !argument.empty()) {
      words.emplace_back(argument);
    }
  }
  if (words.empty()) {
    throw std::runtime_error(viz::visible(run.source) +
                             " tells of no option: the command line was empty, or the "
                             "option events were switched off");
  }
  return words;
}

// Made once: explaining registers the types and parses the options, and a process draws
// one run only, however often.
const Explanation& explanation_of(const viz::Run& run) {
  static const Explanation explanation = explain_command_line(words_of(run));
  return explanation;
}

std::string title_of(const viz::Run& run, const viz::PictureOptions& options) {
  return viz::say(options, "The command line, host half and guest half: ",
                  "命令行的宿主一半和客户机一半: ") +
         viz::visible(run.source);
}

viz::Graph draw_commandline(const viz::Run& run, const viz::PictureOptions& options) {
  viz::Graph graph =
      explanation_graph(explanation_of(run), options.chinese, *options.theme);
  if (options.legend) {
    graph.graph_attributes({{"labelloc", "t"},
                            {"labeljust", "l"},
                            {"fontsize", "18"},
                            {"fontcolor", options.theme->title},
                            {"pad", "0.25"},
                            {"label", viz::dot_escape(title_of(run, options)) + "\\l"}});
  }
  return graph;
}

viz::Outline outline_commandline(const viz::Run& run,
                                 const viz::PictureOptions& options) {
  const Explanation& explanation = explanation_of(run);
  viz::Outline out;
  out.title = title_of(run, options);
  for (const Argument& argument : explanation.arguments) {
    std::vector<std::pair<std::string, std::string>> fields{
        {"half", argument.half == Half::host    ? "host"
                 : argument.half == Half::guest ? "guest"
                                                : "none"},
        {"status", verdict_name(argument.verdict)},
        {"meaning", options.chinese ? argument.meaning.zh : argument.meaning.en}};
    for (const NamedId& named : argument.names) {
      fields.emplace_back("belongs_to", named.with == 0
                                            ? named.id + " (nowhere on this line)"
                                            : std::to_string(named.with));
    }
    out.row(0, argument.text, std::move(fields));
  }
  return out;
}

const viz::Picture commandline_picture{
    .name = "commandline",
    .help = "the run's command line: host half, guest half, and what belongs together",
    .draw_run = draw_commandline,
    .outline = outline_commandline,
    .about =
        "Which argument makes something on the host, which something the guest sees, and "
        "which two belong together? Left the host half, right the guest half, an edge "
        "for every id that one argument names and another owns. A dashed border is not "
        "built yet, a dotted one was refused.",
    .about_zh =
        "哪些参数在宿主上建立东西,哪些是客户机看得到的,哪两个是一对?左边是宿主一半,"
        "右边是客户机一半;一个参数引用另一个参数的 id 就有一条边。虚线边框表示尚未"
        "实现,点线边框表示被拒绝。",
};

}  // namespace

}  // namespace tools

using tools::commandline_picture;
picture_init(commandline_picture)
