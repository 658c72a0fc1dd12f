#include "core/trial.h"
