// Serves one live page to this host, as HTTP: the page, and its feed of server-sent
// events. Only 127.0.0.1 is listened on, and only addresses with the token are answered:
// another user of the host, or a page of another site, cannot guess it.
#pragma once

#include <memory>
#include <string>

#include "tools/live_feed.h"

namespace tools {

class LiveServer {
 public:
  // Listens at once, on a thread of its own; port 0: any free one. `feed` must outlive
  // the server. Throws std::runtime_error if the port is taken, or where the program is
  // built without the library.
  LiveServer(std::string page, LiveFeed& feed, int port);
  ~LiveServer();
  LiveServer(const LiveServer&) = delete;
  LiveServer& operator=(const LiveServer&) = delete;

  // "http://127.0.0.1:40123/TOKEN/"
  const std::string& url() const { return url_; }

 private:
  class Http;
  std::unique_ptr<Http> http_;
  std::string url_;
};

}  // namespace tools
