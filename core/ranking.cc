#include "core/ranking.h"
