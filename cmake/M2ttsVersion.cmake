# generated/m2tts_version.h: version, commit and build type, for --version everywhere.
execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} rev-parse --short=12 HEAD
                OUTPUT_VARIABLE M2TTS_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT M2TTS_COMMIT)
  set(M2TTS_COMMIT "unknown")
endif()
configure_file(${PROJECT_SOURCE_DIR}/cmake/m2tts_version.h.in ${PROJECT_BINARY_DIR}/generated/m2tts_version.h)

# A commit makes the next build configure again, so that --version names it.
if(EXISTS ${PROJECT_SOURCE_DIR}/.git/logs/HEAD)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/.git/logs/HEAD)
endif()
