# ATTUNE_SANITIZER=address|thread, for everything that is compiled.
if(ATTUNE_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined
                      -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(ATTUNE_SANITIZER STREQUAL "thread")
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_link_options(-fsanitize=thread)
elseif(ATTUNE_SANITIZER)
  message(FATAL_ERROR "ATTUNE_SANITIZER is '${ATTUNE_SANITIZER}', "
                      "expected address, thread or nothing")
endif()
if(ATTUNE_SANITIZER)
  # With the sanitizers' own code in between, GCC 12 no longer sees that a
  # std::variant or std::optional is set before it is read.
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
endif()
