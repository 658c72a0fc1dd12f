#include "core/unit_cube.h"
