// The one file that includes cpp-httplib. live_server_absent.cc stands in for it where
// the library is not installed.
#include <httplib.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

#include <sys/random.h>

#include "tools/live_server.h"

namespace tools {

namespace {

constexpr int most_pages = 8;  // each holds a thread while it is open
constexpr auto heartbeat = std::chrono::milliseconds(1000);

std::string random_token() {
  std::array<unsigned char, 16> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != std::ssize(bytes)) {
    throw std::runtime_error("the kernel gave no random numbers for the page's address");
  }
  std::string token;
  for (const unsigned char byte : bytes) {
    token += "0123456789abcdef"[byte >> 4];
    token += "0123456789abcdef"[byte & 15];
  }
  return token;
}

// Takes the same time wherever the two differ.
bool equal_secret(std::string_view one, std::string_view other) {
  unsigned char difference = one.size() == other.size() ? 0 : 1;
  for (std::size_t i = 0; i < one.size() && i < other.size(); ++i) {
    difference |= static_cast<unsigned char>(one[i] ^ other[i]);
  }
  return difference == 0;
}

void refuse(httplib::Response& response) {
  response.status = 403;
  response.set_content("the address of this page has a token; this one is not it\n",
                       "text/plain");
}

}  // namespace

class LiveServer::Http {
 public:
  Http(std::string page, LiveFeed& feed) : page_(std::move(page)), feed_(feed) {}

  ~Http() {
    server_.stop();
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  Http(const Http&) = delete;
  Http& operator=(const Http&) = delete;

  // Returns the address of the page.
  std::string listen(int port) {
    server_.new_task_queue = [] { return new httplib::ThreadPool(most_pages + 4); };
    server_.set_keep_alive_max_count(100);
    server_.set_default_headers({{"Cache-Control", "no-store"},
                                 {"X-Content-Type-Options", "nosniff"},
                                 {"Referrer-Policy", "no-referrer"}});
    server_.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          if (allowed(request)) {
            return httplib::Server::HandlerResponse::Unhandled;
          }
          refuse(response);
          return httplib::Server::HandlerResponse::Handled;
        });
    server_.Get("/[0-9a-f]+/", [this](const httplib::Request&, httplib::Response& to) {
      to.set_content(page_, "text/html; charset=utf-8");
    });
    server_.Get("/[0-9a-f]+", [this](const httplib::Request&, httplib::Response& to) {
      to.set_redirect("/" + token_ + "/");
    });
    server_.Get("/[0-9a-f]+/events",
                [this](const httplib::Request&, httplib::Response& to) { events(to); });
    const int bound = port == 0 ? server_.bind_to_any_port("127.0.0.1") : port;
    if (bound < 0 || (port != 0 && !server_.bind_to_port("127.0.0.1", port))) {
      throw std::runtime_error("cannot listen on 127.0.0.1 port " + std::to_string(port) +
                               ": is it taken? Without --port any free one is");
    }
    host_ = "127.0.0.1:" + std::to_string(bound);
    local_host_ = "localhost:" + std::to_string(bound);
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    return "http://" + host_ + "/" + token_ + "/";
  }

 private:
  // A name that resolves to this host is no way in: the Host must be the one given out.
  bool allowed(const httplib::Request& request) const {
    const std::string host = request.get_header_value("Host");
    if (host != host_ && host != local_host_) {
      return false;
    }
    std::string_view path = request.path;
    path.remove_prefix(path.starts_with('/') ? 1 : 0);
    return equal_secret(path.substr(0, path.find('/')), token_);
  }

  void events(httplib::Response& response) {
    if (pages_.fetch_add(1) >= most_pages) {
      --pages_;
      response.status = 503;
      response.set_content("too many pages watch this run\n", "text/plain");
      return;
    }
    feed_.enter();
    auto reader = std::make_shared<LiveFeed::Reader>();
    response.set_chunked_content_provider(
        "text/event-stream",
        [this, reader](std::size_t, httplib::DataSink& sink) {
          std::string text = feed_.next(*reader, heartbeat);
          if (text.empty()) {
            text = ": here\n\n";  // a comment finds out whether the page is still there
          }
          if (!sink.write(text.data(), text.size())) {
            return false;
          }
          if (reader->told_end) {
            sink.done();
          }
          return true;
        },
        [this](bool) {
          feed_.leave();
          --pages_;
        });
  }

  std::string page_;
  LiveFeed& feed_;
  std::string token_ = random_token();
  std::string host_, local_host_;
  std::atomic<int> pages_{0};
  httplib::Server server_;
  std::thread thread_;
};

LiveServer::LiveServer(std::string page, LiveFeed& feed, int port)
    : http_(std::make_unique<Http>(std::move(page), feed)), url_(http_->listen(port)) {}

LiveServer::~LiveServer() = default;

}  // namespace tools
