# `make install PREFIX=P`: P/bin, P/etc/m2tts, P/share/m2tts; found relative to the binaries.
include(GNUInstallDirs)
if(TARGET m2tts-trainer)
  install(TARGETS m2tts-trainer RUNTIME DESTINATION bin)
endif()
if(M2TTS_SERVER)
  foreach(program m2ttsd m2tts)
    if(TARGET ${program})
      install(TARGETS ${program} RUNTIME DESTINATION bin)
    endif()
  endforeach()
  # What somebody has set up outlives an update.
  install(FILES configs/m2ttsd.yaml DESTINATION etc/m2tts RENAME m2ttsd.yaml.default)
  install(CODE [[
    set(kept "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/etc/m2tts/m2ttsd.yaml")
    if(EXISTS "${kept}")
      message(STATUS "Kept: ${kept} (compare it with m2ttsd.yaml.default beside it)")
    else()
      configure_file("${kept}.default" "${kept}" COPYONLY)
    endif()
  ]])
endif()
install(DIRECTORY voices/ DESTINATION share/m2tts/voices PATTERN "lexicon" EXCLUDE)
install(FILES ${PROJECT_BINARY_DIR}/lexicon/en_US.lex voices/lexicon/en_US.g2p
              voices/lexicon/en_US.phrasing
        DESTINATION share/m2tts/lexicon)
install(FILES voices/lexicon/LICENSE DESTINATION share/m2tts/lexicon)
