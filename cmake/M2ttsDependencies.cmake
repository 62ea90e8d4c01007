# Third-party packages; deploy/setup.sh installs them.
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(absl REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(EXPAT REQUIRED)
find_package(PNG REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(EBUR128 REQUIRED IMPORTED_TARGET libebur128)
pkg_check_modules(SNDFILE REQUIRED IMPORTED_TARGET sndfile)
pkg_check_modules(SOXR REQUIRED IMPORTED_TARGET soxr)
pkg_check_modules(UTF8PROC REQUIRED IMPORTED_TARGET libutf8proc)

if(NOT TARGET yaml-cpp::yaml-cpp)  # the name before yaml-cpp 0.8
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()

find_package(Torch REQUIRED)
# LibTorch's flags are wanted, its directory-wide side effects are not.
add_library(m2tts_torch INTERFACE)
# PyTorch's own builds of LibTorch export parts of another libstdc++ (std::filesystem), which do not fit ours and end the
# program: where names are looked up, the compiler's comes first.
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
  target_link_libraries(m2tts_torch INTERFACE "-Wl,--push-state,--no-as-needed,-lstdc++,--pop-state")
endif()
target_link_libraries(m2tts_torch INTERFACE ${TORCH_LIBRARIES} Threads::Threads)
target_include_directories(m2tts_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
# They also bring headers of another fmt, which come before ours and have no library to link.
find_path(M2TTS_TORCH_FMT fmt/base.h PATHS ${TORCH_INCLUDE_DIRS} NO_DEFAULT_PATH)
if(M2TTS_TORCH_FMT)
  target_compile_definitions(m2tts_torch INTERFACE FMT_HEADER_ONLY)
endif()

# m2tts_torch_pch(NAME HEADERS...): a target whose precompiled headers others reuse.
function(m2tts_torch_pch name)
  set(source ${CMAKE_BINARY_DIR}/generated/${name}.cc)
  file(GENERATE OUTPUT ${source} CONTENT "// Holds the precompiled headers of ${name}.\n")
  add_library(${name} STATIC ${source})
  target_link_libraries(${name} PUBLIC m2tts_torch PRIVATE m2tts_flags)
  target_precompile_headers(${name} PRIVATE ${ARGN})
endfunction()
m2tts_torch_pch(m2tts_torch_pch <torch/torch.h>)

function(m2tts_use_torch target)
  target_link_libraries(${target} PUBLIC m2tts_torch)
  target_precompile_headers(${target} REUSE_FROM m2tts_torch_pch)
endfunction()

if(M2TTS_SERVER)
  set(protobuf_MODULE_COMPATIBLE ON)
  find_package(Protobuf REQUIRED)
  find_package(gRPC REQUIRED)
  find_package(prometheus-cpp REQUIRED COMPONENTS core)
  find_package(httplib QUIET)
  find_package(SQLiteCpp REQUIRED)
endif()
if(M2TTS_TESTS)
  find_package(GTest REQUIRED)
endif()
