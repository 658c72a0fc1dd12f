#include "core/network_settings.h"
