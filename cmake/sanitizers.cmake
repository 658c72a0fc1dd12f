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
