#ifndef ATTUNE_CORE_SERVER_ADDRESS_H_
#define ATTUNE_CORE_SERVER_ADDRESS_H_

#include <string>

#include "absl/strings/string_view.h"

namespace attune {

// What is wrong with `address` as that of a coordinator to call, for people;
// empty if it is `unix:PATH` or `host:port`.
std::string CheckServerAddress(const std::string& address);

// What is wrong with the path of a Unix socket; empty if nothing is.
std::string CheckSocketPath(absl::string_view path);

}  // namespace attune

#endif  // ATTUNE_CORE_SERVER_ADDRESS_H_
