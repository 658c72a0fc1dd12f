#include "core/trial_machine.h"
