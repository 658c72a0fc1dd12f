# The training engine: nn, optim, data and the runner that joins them, as a
# shared library that is built for every instruction set from the same sources.
# The loader looks into glibc-hwcaps/<instruction set> beside the plain library
# first, so one installation is fast everywhere and no code has to choose.
set(attune_engine_dir ${CMAKE_INSTALL_LIBDIR}/attune)

# attune_engine_compile(TARGET ISA): as the engine is compiled for that one.
function(attune_engine_compile target isa)
  attune_compile(${target})
  target_link_libraries(${target} PRIVATE Eigen3::Eigen)
  target_compile_definitions(${target} PRIVATE EIGEN_DONT_PARALLELIZE
    # Eigen's temporary copies: on the stack, not anew from the heap.
    EIGEN_STACK_ALLOCATION_LIMIT=1048576)
  # A square root that sets no errno can be a vector instruction.
  target_compile_options(${target} PRIVATE -fno-math-errno)
  if(isa MATCHES "^x86-64-v")
    # Tuned for no processor in particular: what GCC does for some of them costs
    # products up to a third.
    target_compile_options(${target} PRIVATE -march=${isa} -mtune=generic)
  endif()
  # GCC 12 takes what its own AVX-512 headers leave open for a mistake.
  target_compile_options(${target} PRIVATE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-uninitialized;-Wno-maybe-uninitialized>)
  # Also where the rest is built for debugging: training is the work.
  if(ATTUNE_SANITIZER)
    target_compile_options(${target} PRIVATE -O1)
  else()
    target_compile_options(${target} PRIVATE -O3)
    target_compile_definitions(${target} PRIVATE EIGEN_NO_DEBUG)
  endif()
endfunction()

# attune_engine_library(NAME ISA FOLDER), FOLDER below lib/. What is compiled is
# NAME_objects, which tests and benchmarks link with where the library does not
# export what they need.
function(attune_engine_library name isa folder)
  add_library(${name}_objects OBJECT ${attune_engine_sources})
  attune_engine_compile(${name}_objects ${isa})
  target_link_libraries(${name}_objects
    PUBLIC attune_core attune_artifacts ZLIB::ZLIB)
  set_target_properties(${name}_objects PROPERTIES
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
  add_library(${name} SHARED)
  target_link_libraries(${name} PUBLIC attune_core PRIVATE ${name}_objects)
  set_target_properties(${name} PROPERTIES
    OUTPUT_NAME attune_engine
    LIBRARY_OUTPUT_DIRECTORY
      ${PROJECT_BINARY_DIR}/${attune_engine_dir}/${folder}
    LINK_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/engine.map)
  target_link_options(${name} PRIVATE
    LINKER:--version-script=${CMAKE_CURRENT_SOURCE_DIR}/engine.map)
  set_property(GLOBAL APPEND PROPERTY ATTUNE_ENGINE_ISAS ${isa})
  set_property(GLOBAL PROPERTY ATTUNE_ENGINE_${isa} ${name})
  install(TARGETS ${name}
          LIBRARY DESTINATION ${attune_engine_dir}/${folder})
endfunction()

# The inner loops keep their sums in registers only if they are optimized; else
# every one of them is a load that a sanitizer looks at.
if(ATTUNE_SANITIZER)
  set_source_files_properties(nn/product.cc nn/bf16_product.cc nn/correlation.cc
                              PROPERTIES COMPILE_OPTIONS -O3)
endif()

# The builds' names, as EngineName() says them. The plain one is for all others.
set(attune_engine_isas generic)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$")
  set(attune_engine_isas x86-64)
  if(NOT ATTUNE_SANITIZER)
    list(APPEND attune_engine_isas x86-64-v3 x86-64-v4)
  endif()
endif()

list(POP_FRONT attune_engine_isas attune_engine_plain)
attune_engine_library(attune_engine ${attune_engine_plain} "")
foreach(isa IN LISTS attune_engine_isas)
  attune_engine_library(attune_engine_${isa} ${isa} glibc-hwcaps/${isa})
  add_dependencies(attune_engine attune_engine_${isa})
endforeach()

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
endif()
