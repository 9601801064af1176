// SPDX-License-Identifier: GPL-2.0-only
/* lab.unbind=DEVICE: its driver lets go of a platform device. lab.rebind: and takes it again. */
#include "guest.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void unbind(const char *device, int again)
{
	char path[PATH_MAX], driver[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/platform/devices/%s/driver", device);
	if (!realpath(path, driver)) {
		lab_say("LAB: error=%s has no driver: %s", device, strerror(errno));
		return;
	}
	for (int i = 0; i <= !!again; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", driver, i ? "bind" : "unbind") >=
			    (int)sizeof(path) || write_text(path, device) < 0)
			lab_say("LAB: error=cannot %s %s: %s", i ? "bind" : "unbind", device,
				strerror(errno));
		else
			lab_say("LAB: %s=%s", i ? "bound" : "unbound", device);
	}
}
