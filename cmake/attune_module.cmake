# Our only CMake functions. One library a folder; its links say what it may
# include (tests/tidy_test.cc checks the same in the sources).

# A build takes several sources of a target at once (CMake's unity build), which
# halves its time, as most of that is for headers. ALONE are those that cannot
# share: they have names of their own that another source of the target has too.
function(attune_alone)
  if(ARGN)
    set_source_files_properties(${ARGN} PROPERTIES
                                SKIP_UNITY_BUILD_INCLUSION ON)
  endif()
endfunction()

function(attune_compile target)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}
                                              ${PROJECT_BINARY_DIR})
  target_link_libraries(${target} PRIVATE attune_warnings)
endfunction()

# attune_library(NAME SOURCES... [PUBLIC targets...] [PRIVATE targets...]
#                [ALONE sources...])
function(attune_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;PUBLIC;PRIVATE;ALONE" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  attune_alone(${arg_ALONE})
  attune_compile(${name})
  target_link_libraries(${name} PUBLIC ${arg_PUBLIC} PRIVATE ${arg_PRIVATE})
endfunction()

# attune_binary(NAME SOURCES... LINK targets... [INSTALL] [FOLDER bench])
function(attune_binary name)
  cmake_parse_arguments(arg "INSTALL" "FOLDER" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  attune_compile(${name})
  target_link_libraries(${name} PRIVATE ${arg_LINK})
  if(arg_FOLDER)
    set_target_properties(${name} PROPERTIES
      RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${arg_FOLDER})
  endif()
  if(arg_INSTALL)
    install(TARGETS ${name} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  endif()
endfunction()

# attune_test(NAME SOURCES... LINK targets... [ALONE sources...]
#             [LABELS labels...] [ENVIRONMENT NAME=value...] [TIMEOUT seconds])
# One test binary a folder; every TEST is a ctest test of its own. The label
# `tsan` says that nothing in it loads gRPC: Debian's gRPC is not instrumented,
# so only these run under ThreadSanitizer (target tsan_tests builds them).
add_custom_target(tsan_tests)
function(attune_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;LINK;ALONE;LABELS;ENVIRONMENT"
                        ${ARGN})
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 120)
  endif()
  add_executable(${name} ${arg_SOURCES})
  attune_compile(${name})
  attune_alone(${arg_ALONE})
  set_target_properties(${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  target_link_libraries(${name} PRIVATE ${arg_LINK} attune_testing
                                        GTest::gmock GTest::gtest_main)
  if("tsan" IN_LIST arg_LABELS)
    add_dependencies(tsan_tests ${name})
  endif()
  # An empty value would be lost, and the next property's name be taken for it.
  set(properties TIMEOUT ${arg_TIMEOUT})
  foreach(property LABELS ENVIRONMENT)
    if(arg_${property})
      list(APPEND properties ${property} "${arg_${property}}")
    endif()
  endforeach()
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES ${properties})
endfunction()
