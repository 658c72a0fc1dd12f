#ifndef ATTUNE_BENCH_MODULE_H_
#define ATTUNE_BENCH_MODULE_H_

#include <string>

namespace attune {

// A function of the module `name`.so that lies beside this program: what a
// benchmark needs in more than one build, or is not to be linked with. Null,
// with `*why_not`, if the module or what it needs is not there. It stays
// loaded.
void* FindInModule(const std::string& name, const char* function,
                   std::string* why_not);

}  // namespace attune

#endif  // ATTUNE_BENCH_MODULE_H_
