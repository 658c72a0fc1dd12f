#ifndef ATTUNE_SERVER_PAGE_TOKEN_H_
#define ATTUNE_SERVER_PAGE_TOKEN_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace attune {

// Opaque to callers: where the next page begins, bound by a checksum to the
// query that it continues. `query` is a text that is different for every method
// and every other field of the request but the page's size.
std::string MakePageToken(absl::string_view query, int64_t after);

// What MakePageToken() was given; `start`, the least there can be, for the
// empty token. INVALID_ARGUMENT for a token that is not one, or is one of
// another query.
absl::StatusOr<int64_t> ReadPageToken(absl::string_view query,
                                      absl::string_view token, int64_t start);

// What a request's `page_size` means: 0 is read as `unset`, and more than `max`
// as `max`. INVALID_ARGUMENT if it is negative.
absl::StatusOr<int64_t> PageSize(int64_t page_size, int64_t unset, int64_t max);

// How large a page may grow. Clients accept 4 MiB.
inline constexpr size_t kMaxPageBytes = 2 << 20;

}  // namespace attune

#endif  // ATTUNE_SERVER_PAGE_TOKEN_H_
