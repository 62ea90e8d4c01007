// Stub of macOS's <libkern/OSThermalNotification.h>, for syntax checks on other systems.
#pragma once

typedef enum {
  kOSThermalPressureLevelNominal = 0,
  kOSThermalPressureLevelModerate,
  kOSThermalPressureLevelHeavy,
  kOSThermalPressureLevelTrapping,
  kOSThermalPressureLevelSleeping
} OSThermalPressureLevel;

extern "C" const char* const kOSThermalNotificationPressureLevelName;
