#include "core/search_space.h"
