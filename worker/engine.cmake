# The training engine: nn, optim, data and the runner that joins them, as a
# shared library that is built for every instruction set from the same sources.
# The loader looks into glibc-hwcaps/<instruction set> beside the plain library
# first, so one installation is fast everywhere and no code has to choose.
set(attune_engine_dir ${CMAKE_INSTALL_LIBDIR}/attune)

# attune_engine_library(NAME FOLDER [flags...]), FOLDER below lib/.
function(attune_engine_library name folder)
  add_library(${name} SHARED ${attune_engine_sources})
  attune_compile(${name})
  target_link_libraries(${name} PUBLIC attune_core
                                PRIVATE attune_artifacts Eigen3::Eigen
                                        ZLIB::ZLIB)
  target_compile_definitions(${name} PRIVATE EIGEN_DONT_PARALLELIZE
    # A product's packed copies: on the stack, not anew from the heap.
    EIGEN_STACK_ALLOCATION_LIMIT=1048576)
  target_compile_options(${name} PRIVATE ${ARGN}
    # A square root that sets no errno can be a vector instruction.
    -fno-math-errno)
  # Also where the rest is built for debugging: training is the work.
  if(ATTUNE_SANITIZER)
    target_compile_options(${name} PRIVATE -O1)
  else()
    target_compile_options(${name} PRIVATE -O3)
    target_compile_definitions(${name} PRIVATE EIGEN_NO_DEBUG)
  endif()
  set_target_properties(${name} PROPERTIES
    OUTPUT_NAME attune_engine
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON
    LIBRARY_OUTPUT_DIRECTORY
      ${PROJECT_BINARY_DIR}/${attune_engine_dir}/${folder}
    LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/engine.map)
  target_link_options(${name} PRIVATE
    LINKER:--version-script=${CMAKE_CURRENT_SOURCE_DIR}/engine.map)
  install(TARGETS ${name}
          LIBRARY DESTINATION ${attune_engine_dir}/${folder})
endfunction()

attune_engine_library(attune_engine "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$"
   AND NOT ATTUNE_SANITIZER)
  # Tuned for no processor in particular: what GCC does for some of them costs
  # Eigen's products up to a third.
  attune_engine_library(attune_engine_v3 glibc-hwcaps/x86-64-v3
                        -march=x86-64-v3 -mtune=generic)
  add_dependencies(attune_engine attune_engine_v3)
endif()

# attune-worker finds it beside itself, in the build tree as when installed.
file(RELATIVE_PATH attune_engine_from_bin
  /${CMAKE_INSTALL_BINDIR} /${attune_engine_dir})
set(CMAKE_INSTALL_RPATH "$ORIGIN/${attune_engine_from_bin}")
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)

# The same sources in double, with Eigen's own checks, for the tests alone.
if(ATTUNE_TESTS)
  attune_library(attune_nn_double
    SOURCES ${attune_training_sources} ${attune_nn_sources}
    PUBLIC attune_core attune_artifacts Eigen3::Eigen
    PRIVATE ZLIB::ZLIB)
  target_compile_definitions(attune_nn_double PUBLIC
    ATTUNE_NN_SCALAR=double EIGEN_DONT_PARALLELIZE
    EIGEN_STACK_ALLOCATION_LIMIT=1048576
    # Tests may forbid Eigen to allocate.
    EIGEN_RUNTIME_NO_MALLOC)
  # At -O1 GCC 12 takes the memory that Eigen is about to fill for read.
  target_compile_options(attune_nn_double PUBLIC -O1
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  # And in float, for what must also be seen in the engine's own precision: the
  # engine itself shows nothing but its two functions.
  attune_library(attune_nn_float
    SOURCES ${attune_nn_sources}
    PUBLIC attune_core Eigen3::Eigen
    PRIVATE ZLIB::ZLIB)
  target_compile_definitions(attune_nn_float PUBLIC EIGEN_DONT_PARALLELIZE
    EIGEN_STACK_ALLOCATION_LIMIT=1048576)
  target_compile_options(attune_nn_float PUBLIC -fno-math-errno)
endif()
