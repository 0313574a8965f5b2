#include "viz/lesson.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace viz {

namespace {

using Json = nlohmann::ordered_json;

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) {
    return {};
  }
  return std::string(text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1));
}

class Parser {
 public:
  explicit Parser(std::string name) : name_(std::move(name)) {}

  void line(std::string_view text);
  Lesson finish();

 private:
  [[noreturn]] void refuse(std::size_t number, const std::string& why) const {
    throw std::runtime_error("cannot read the notes '" + name_ + "': line " +
                             std::to_string(number) + ": " + why);
  }

  LessonNote& note() {
    if (lesson_.notes.empty()) {
      refuse(number_, "text before the first '## STEP' heading");
    }
    return lesson_.notes.back();
  }

  void no_open_question() const {
    if (open_question_ != 0) {
      refuse(open_question_, "a question without an answer ('! ...' behind it)");
    }
  }

  void heading(std::string_view text);
  void answer(std::string_view text);

  std::string name_;
  Lesson lesson_;
  std::size_t number_ = 0;
  std::size_t open_question_ = 0;  // its line
  bool answering_ = false;
};

void Parser::heading(std::string_view text) {
  no_open_question();
  const std::string words = trimmed(text);
  const std::size_t gap = std::min(words.find("  "), words.size());
  LessonNote note;
  note.at = words.substr(0, gap);
  note.title = trimmed(words.substr(gap));
  if (note.at.empty()) {
    refuse(number_, "'##' without a step");
  }
  lesson_.notes.push_back(std::move(note));
}

void Parser::answer(std::string_view text) {
  if (open_question_ == 0 && !answering_) {
    refuse(number_, "an answer without a question ('? ...' before it)");
  }
  std::string& words = note().questions.back().second;
  words += (words.empty() ? "" : "\n") + trimmed(text);
  open_question_ = 0;
}

void Parser::line(std::string_view text) {
  ++number_;
  const bool answer_line = text.starts_with("!");
  answering_ = answering_ && answer_line;
  if (text.starts_with("## ") || text == "##") {
    heading(text.substr(2));
  } else if (text.starts_with("# ") && lesson_.notes.empty()) {
    lesson_.title = trimmed(text.substr(2));
  } else if (text.starts_with("?")) {
    no_open_question();
    note().questions.emplace_back(trimmed(text.substr(1)), "");
    open_question_ = number_;
  } else if (answer_line) {
    answer(text.substr(1));
    answering_ = true;
  } else if (!trimmed(text).empty() || (!lesson_.notes.empty() && !note().text.empty())) {
    no_open_question();
    std::string& words = note().text;
    words += (words.empty() ? "" : "\n") + trimmed(text);
  }
}

Lesson Parser::finish() {
  no_open_question();
  for (LessonNote& one : lesson_.notes) {
    while (one.text.ends_with('\n')) {
      one.text.pop_back();
    }
  }
  return std::move(lesson_);
}

}  // namespace

Lesson parse_lesson(std::string_view text, const std::string& name) {
  Parser parser(name);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    parser.line(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.finish();
}

std::string lesson_json(const Lesson& lesson) {
  Json list = Json::array();
  for (const LessonNote& note : lesson.notes) {
    Json questions = Json::array();
    for (const auto& [question, answer] : note.questions) {
      questions.push_back({{"question", question}, {"answer", answer}});
    }
    list.push_back({{"at", note.at},
                    {"title", note.title},
                    {"text", note.text},
                    {"questions", std::move(questions)}});
  }
  return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace viz
