// SPDX-License-Identifier: GPL-2.0-only
/* Finds the vmlinux of the kernel that died, where builds and distributions keep it. */
#include "find-vmlinux.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_PLACES 12

struct search {
	struct meminspect_context *context;
	const struct meminspect_dump *dump;
	char *found;
	size_t nr_tried;
	char *tried[MOST_PLACES];	/* with the reason why it is not taken */
};

static char *checked(int length, char *text)
{
	if (length >= 0)
		return text;
	tool_out_of_memory();
}

static void note(struct search *search, const char *path, const char *why)
{
	char *tried;
	int length = asprintf(&tried, "%s: %s", path, why);

	search->tried[search->nr_tried++] = checked(length, tried);
}

/* Looks at a file, unless one was found. */
__attribute__((format(printf, 2, 3)))
static void try(struct search *search, const char *format, ...)
{
	va_list arguments;
	char *path;
	int length;

	if (search->found)
		return;
	va_start(arguments, format);
	length = vasprintf(&path, format, arguments);
	va_end(arguments);
	path = checked(length, path);
	if (access(path, R_OK)) {
		note(search, path, strerror(errno));
	} else if (meminspect_vmlinux_check(search->context, search->dump, path)) {
		const char *why = meminspect_error(search->context);
		size_t skip = length + strlen(": ");

		/* It begins with the path as well; of a long one it has a part and nothing else. */
		note(search, path, strlen(why) > skip ? why + skip : "can't be used");
	} else {
		search->found = path;
		return;
	}
	free(path);
}

/* A release comes from the dump: it must not lead elsewhere. */
static bool is_file_name(const char *release)
{
	return *release && *release != '.' && !strchr(release, '/');
}

/* As "6.12.1-amd64", of VMCOREINFO; NULL if it is lost. */
static char *release_of(const struct meminspect_dump *dump)
{
	const char *text = meminspect_dump_vmcoreinfo(dump), *release;
	size_t length;

	release = text ? meminspect_vmcoreinfo_value(text, "OSRELEASE", &length) : NULL;
	return release ? strndup(release, length) : NULL;
}

/* From a server, if the user has named one: it may take a while, and tells of it itself. */
static void ask_debuginfod(struct search *search, const char *build_id)
{
	const char *servers = getenv("DEBUGINFOD_URLS");
	char command[256], path[4096] = "";
	FILE *answer;

	if (search->found)
		return;
	if (!servers || !*servers) {
		note(search, "debuginfod", "DEBUGINFOD_URLS names no server");
		return;
	}
	/* Digits are all that can be in a build-id here. */
	snprintf(command, sizeof(command), "debuginfod-find debuginfo %s", build_id);
	answer = popen(command, "r");
	if (answer && fgets(path, sizeof(path), answer))
		path[strcspn(path, "\n")] = '\0';
	if (answer && !pclose(answer) && *path)
		try(search, "%s", path);
	else
		note(search, command, "no answer");
}

char *find_vmlinux(struct meminspect_context *context, const struct meminspect_dump *dump,
		   const char *core, const char *debug_directory)
{
	struct search search = { .context = context, .dump = dump };
	const struct meminspect_ident *ident = meminspect_dump_ident(dump);
	const char *slash = strrchr(core, '/');
	char build_id[2 * sizeof(ident->build_id) + 1] = "";
	char *release;

	if (!ident || ident->build_id_size < 2 || ident->build_id_size > sizeof(ident->build_id)) {
		tool_error("%s: the build-id of its kernel is lost: give the vmlinux by --vmlinux", core);
		return NULL;
	}
	for (size_t i = 0; i < ident->build_id_size; i++)
		sprintf(build_id + 2 * i, "%02x", ident->build_id[i]);
	release = release_of(dump);
	try(&search, "%.*svmlinux", slash ? (int)(slash + 1 - core) : 0, core);
	if (slash)
		try(&search, "vmlinux");
	try(&search, "%s/.build-id/%.2s/%s.debug", debug_directory, build_id, build_id + 2);
	if (release && is_file_name(release)) {
		try(&search, "%s/boot/vmlinux-%s", debug_directory, release);
		try(&search, "%s/lib/modules/%s/vmlinux", debug_directory, release);
		try(&search, "/lib/modules/%s/build/vmlinux", release);
		try(&search, "/boot/vmlinux-%s", release);
	}
	ask_debuginfod(&search, build_id);
	if (!search.found)
		tool_error("no vmlinux with the build-id %s; give it by --vmlinux. Looked at:", build_id);
	for (size_t i = 0; i < search.nr_tried; i++) {
		if (!search.found)
			tool_error("  %s", search.tried[i]);
		free(search.tried[i]);
	}
	free(release);
	return search.found;
}
