// Stands in for live_server_http.cc where cpp-httplib is not installed.
#include <stdexcept>

#include "tools/live_server.h"

namespace tools {

class LiveServer::Http {};

LiveServer::LiveServer(std::string, LiveFeed&, int) {
  throw std::runtime_error(
      "this program is built without an HTTP server, so it cannot serve a live page: "
      "install libcpp-httplib-dev and build again, or use `vitrine top`");
}

LiveServer::~LiveServer() = default;

}  // namespace tools
