#ifndef ATTUNE_CLIENT_SETTINGS_LISTING_H_
#define ATTUNE_CLIENT_SETTINGS_LISTING_H_

#include "client/report.h"

namespace attune {

// What a network study can set and tune.
Listing ListSettings();

}  // namespace attune

#endif  // ATTUNE_CLIENT_SETTINGS_LISTING_H_
