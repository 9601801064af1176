// SPDX-License-Identifier: GPL-2.0-only
/*
 * full-dump SOCKET FILE: has QEMU write its own dump of all of a guest's memory,
 * which is what collecting the marked regions is measured against.
 */
#include "qmp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct meminspect_context *context = meminspect_context_new();
	struct json_object *arguments = json_object_new_object();
	struct qmp *qmp;
	char *protocol;

	if (argc != 3 || !context || !arguments) {
		fputs("usage: full-dump SOCKET FILE\n", stderr);
		return 2;
	}
	if (asprintf(&protocol, "file:%s", argv[2]) < 0)
		return 1;
	json_object_object_add(arguments, "paging", json_object_new_boolean(false));
	json_object_object_add(arguments, "protocol", json_object_new_string(protocol));
	if (qmp_open(context, argv[1], &qmp) < 0 ||
	    qmp_execute(qmp, "dump-guest-memory", arguments, 300, NULL) < 0) {
		fprintf(stderr, "full-dump: %s\n", meminspect_error(context));
		return 1;
	}
	qmp_close(qmp);
	free(protocol);
	meminspect_context_free(context);
	return 0;
}
