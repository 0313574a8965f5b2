// A teacher's notes beside a trace: a text file whose headings name steps.
//
//   # Title of the lesson            (optional; becomes the page's title)
//   ## machine.selected  Which one?  a step's number (#412), or the first step of that
//                                    name; what follows two blanks is the note's title
//   Plain text, as many lines as one likes.
//   ? Which types have a class now?  a question; the lines of its answer begin with "!"
//   ! All of them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace viz {

struct LessonNote {
  std::string at;  // "#412", "machine.selected", "type_initialize edu"
  std::string title;
  std::string text;
  std::vector<std::pair<std::string, std::string>> questions;  // with the answer
};

struct Lesson {
  std::string title;
  std::vector<LessonNote> notes;
};

// Throws std::runtime_error naming the line: text before the first heading, an answer
// without a question, a question without an answer.
Lesson parse_lesson(std::string_view text, const std::string& name);

// [{"at", "title", "text", "questions": [{"question", "answer"}]}]
std::string lesson_json(const Lesson& lesson);

}  // namespace viz
