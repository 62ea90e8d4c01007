# Language level, warnings, ccache: settings that hold for every target.
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Installed programs find a LibTorch that lies outside of the system's folders, as PyTorch's does.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(M2TTS_CCACHE ccache)
if(M2TTS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # A precompiled header needs these relaxations, or every use of it is a cache miss. The compiler's list of
  # included files takes the place of a run of the preprocessor, which costs a third of a compilation.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1
      CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${M2TTS_CCACHE})
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()

# Every target of ours links this; generated code does not.
add_library(m2tts_flags INTERFACE)
# What the next version of a library calls deprecated must not end a build. And GCC 13 and later say that std::vector<bool>,
# where LibTorch 2's headers use it, writes out of bounds: a known false alarm.
target_compile_options(m2tts_flags INTERFACE -Wall -Wextra -Werror -Wno-error=deprecated-declarations
  "$<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_GREATER_EQUAL:$<CXX_COMPILER_VERSION>,13>>:-Wno-array-bounds;-Wno-stringop-overflow>"
  $<$<CXX_COMPILER_ID:Clang,AppleClang>:-Wthread-safety>)
target_include_directories(m2tts_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)

# Nine tenths of the time of a source that sees gRPC, absl or fmt go into reading their headers.
set(M2TTS_COMMON_HEADERS <algorithm> <chrono> <deque> <filesystem> <functional> <map> <memory> <optional> <string>
                         <unordered_map> <vector> <absl/status/statusor.h> <fmt/format.h>)

# Most of the time of a source goes into templates that every source instantiates anew (LibTorch, gRPC,
# CLI11), so several are compiled as one. Names in anonymous namespaces therefore differ within a target.
option(M2TTS_UNITY "Compile sources several at a time" ON)
set(CMAKE_UNITY_BUILD ${M2TTS_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 6)

# m2tts_library(NAME SOURCES... [LINKS ...] [TORCH]): one target per folder.
function(m2tts_library name)
  cmake_parse_arguments(ARG "TORCH" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_LINKS} PRIVATE m2tts_flags)
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
  if(ARG_TORCH)
    m2tts_use_torch(${name})
  endif()
endfunction()
