#include "launcher/failure.h"

#include <cstdio>
#include <stdexcept>
#include <system_error>

#include "core/chardev.h"
#include "core/report.h"
#include "launcher/exit_codes.h"
#include "launcher/pid_file.h"
#include "launcher/startup.h"
#include "trace/session.h"

namespace launcher {

struct Failed {
  static constexpr trace::Declaration declaration{"error_report", trace::Category::host,
                                                  trace::Shape::instant,
                                                  "The program ends with an error."};
  std::string_view text;

  static constexpr auto fields() {
    return trace::fields(trace::identity("text", &Failed::text, "the message"));
  }
};

static int report(const std::string& text, const std::string& hint) {
  trace::instant(Failed{.text = text});
  std::fprintf(stderr, "%s: %s\n", program_name().c_str(), text.c_str());
  if (!hint.empty()) {
    std::fprintf(stderr, "%s\n", hint.c_str());
  }
  return static_cast<int>(ExitCode::user_error);
}

static int report_current() {
  try {
    throw;
  } catch (const options::Answer& answer) {
    std::fputs(answer.out.c_str(), stdout);
    std::fflush(stdout);
    std::fputs(answer.err.c_str(), stderr);
    return answer.status;
  } catch (const qom::Error& error) {
    return report(error.what(), error.hint);
  } catch (const std::logic_error& error) {
    report(std::string("internal error: ") + error.what(),
           "This is a mistake in the program, not in what you asked for.");
    return static_cast<int>(ExitCode::program_error);
  } catch (const std::exception& error) {
    return report(error.what(), {});
  }
}

int report_failure() {
  const int code = report_current();
  try {
    // Terminals get their settings back.
    if (current_machine != nullptr) {
      chardev_close_all();
    }
    remove_pid_file();
    trace::close();
  } catch (const std::exception& error) {
    return report(error.what(), {});
  }
  return code;
}

}  // namespace launcher
