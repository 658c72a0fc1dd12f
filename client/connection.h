#ifndef ATTUNE_CLIENT_CONNECTION_H_
#define ATTUNE_CLIENT_CONNECTION_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/local_cluster.h"
#include "client/study_client.h"

namespace attune {

struct ConnectionOptions {
  std::string server;    // an address; empty: the coordinator of `database`
  std::string database;  // the path of the file
};

// What the caller is going to do.
enum class Use {
  kRead,
  kChange,
  kCreate,  // also if there is no database yet
};

// The coordinator that answers: the one at `server`, else the one that holds
// the lock of `database`, else one of our own that lives as long as this.
class Connection {
 public:
  // NOT_FOUND if there is no database where one is needed. `log_path` is that
  // of a coordinator of our own, and is as it was if that does not start;
  // empty: a temporary file. CANCELLED once `interrupted` says true.
  static absl::StatusOr<std::unique_ptr<Connection>> Open(
      const ConnectionOptions& options, Use use, const std::string& log_path,
      const std::function<bool()>& interrupted = nullptr);

  StudyClient& client() { return *client_; }
  // For messages: `attune.db`, `here:7070`.
  const std::string& place() const { return place_; }
  // Our own coordinator; null if there is another.
  LocalCoordinator* own() { return own_.get(); }

 private:
  explicit Connection(std::string place) : place_(std::move(place)) {}

  const std::string place_;
  std::unique_ptr<LocalCoordinator> own_;
  std::unique_ptr<StudyClient> client_;
};

// The study that a command is about: the one that was asked for, or the only
// one there is if none was. NOT_FOUND with the nearest name, or with all names
// if there are several, and `how` to choose: `say which`.
absl::StatusOr<std::string> ChooseStudy(const std::string& asked,
                                        const std::vector<std::string>& names,
                                        absl::string_view place,
                                        absl::string_view how);

// The same with the names that the coordinator has.
absl::StatusOr<std::string> ChooseStudy(const std::string& asked,
                                        Connection& connection,
                                        absl::string_view how);

}  // namespace attune

#endif  // ATTUNE_CLIENT_CONNECTION_H_
