#ifndef ATTUNE_CORE_SERVER_ADDRESS_H_
#define ATTUNE_CORE_SERVER_ADDRESS_H_

#include <string>

namespace attune {

// What is wrong with `address` as that of a coordinator to call, for people;
// empty if it is `unix:PATH` or `host:port`.
std::string CheckServerAddress(const std::string& address);

}  // namespace attune

#endif  // ATTUNE_CORE_SERVER_ADDRESS_H_
