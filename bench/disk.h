#ifndef ATTUNE_BENCH_DISK_H_
#define ATTUNE_BENCH_DISK_H_

#include <filesystem>

namespace attune {

// How often a second the disk of `folder` takes a page: pages of a file
// overwritten and synced one at a time, as a WAL is. That is what it can do at
// best. It takes half a second, and leaves a file `sync` there.
double SyncsPerSecond(const std::filesystem::path& folder);

}  // namespace attune

#endif  // ATTUNE_BENCH_DISK_H_
