# The warnings that all of Attune's own code compiles without.
add_library(attune_warnings INTERFACE)
target_compile_options(attune_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -Wno-missing-field-initializers
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>
  # Where GCC 12 inlines much, or a sanitizer's code stands in between, it no
  # longer sees that a std::variant or std::optional is set before it is read.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
