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
