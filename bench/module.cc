#include "bench/module.h"

#include <dlfcn.h>

#include <filesystem>

namespace attune {

void* FindInModule(const std::string& name, const char* function,
                   std::string* why_not) {
  const std::filesystem::path path =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() /
      (name + ".so");
  void* const module = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  void* const found = module == nullptr ? nullptr : dlsym(module, function);
  if (found == nullptr) *why_not = dlerror();
  return found;
}

}  // namespace attune
