# Compile time, not speed, is what these five targets cost: they parse options, JSON and HTTP. They
# get -O1; the arithmetic (ggml, llama) keeps -O3. CMake reads this file through
# CMAKE_PROJECT_llama.cpp_INCLUDE, before the targets exist, so the work is deferred to the end.
function(optimise_lightly)
  foreach(target llama-common server-context llama-server-impl mtmd cpp-httplib)
    if(TARGET ${target} AND NOT MSVC)
      target_compile_options(${target} PRIVATE -O1)
    endif()
  endforeach()
endfunction()
cmake_language(DEFER CALL optimise_lightly)

# Most of these files include most of C++'s own headers. They are read once for each target.
function(precompile_headers)
  foreach(target llama llama-common server-context llama-server-impl mtmd)
    if(TARGET ${target} AND NOT MSVC)
      target_precompile_headers(${target} PRIVATE <algorithm> <cmath> <fstream> <functional> <map>
          <memory> <regex> <sstream> <string> <thread> <unordered_map> <vector>)
    endif()
  endforeach()
endfunction()
cmake_language(DEFER CALL precompile_headers)

# Intel's AMX stays unused. GCC 12 drops the writes to the description of the tiles, although an
# instruction reads it (ldtilecfg): where the processor knows AMX, the first request ends the program
# with an illegal instruction.
include(CheckCXXCompilerFlag)
check_cxx_compiler_flag(-mno-amx-int8 CAN_LEAVE_AMX)
function(leave_amx)
  if(CAN_LEAVE_AMX AND TARGET ggml-cpu)
    target_compile_options(ggml-cpu PRIVATE -mno-amx-int8)
  endif()
endfunction()
cmake_language(DEFER CALL leave_amx)
