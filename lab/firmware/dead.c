// SPDX-License-Identifier: GPL-2.0-only
#include "firmware.h"

enum outcome dead_machine(struct ram *ram, struct regions *regions, const struct options *options)
{
	bool complete = true;

	ram_open(ram, options, false);
	if (options->bite)
		complete = bite_machine(ram, options->registers);
	minidump_read(regions, ram, options->lower_case);
	return complete && !regions->refused ? OUTCOME_DONE : OUTCOME_PARTIAL;
}
