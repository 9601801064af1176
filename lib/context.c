// SPDX-License-Identifier: LGPL-2.1-only
/* What one user of the library has: the last error, and whom to tell of progress. */
#include "internal.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A sentence with a path in it; a longer one is cut. */
#define ERROR_LENGTH	1024

struct meminspect_context {
	char error[ERROR_LENGTH];
	meminspect_progress_function progress;
	void *progress_priv;
};

struct meminspect_context *meminspect_context_new(void)
{
	return calloc(1, sizeof(struct meminspect_context));
}

void meminspect_context_free(struct meminspect_context *context)
{
	free(context);
}

const char *meminspect_error(const struct meminspect_context *context)
{
	return context->error;
}

void meminspect_set_progress(struct meminspect_context *context,
			     meminspect_progress_function function, void *priv)
{
	context->progress = function;
	context->progress_priv = priv;
}

int fail(struct meminspect_context *context, int error, const char *format, ...)
{
	char text[ERROR_LENGTH];
	va_list arguments;

	/* By way of a second buffer: the old text may be among the arguments. */
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	memcpy(context->error, text, strlen(text) + 1);
	return error;
}

int replace_text(char **text, const char *format, va_list arguments)
{
	char *new;

	if (vasprintf(&new, format, arguments) < 0)
		return -ENOMEM;
	free(*text);
	*text = new;
	return 0;
}

void progress(struct meminspect_context *context, const char *what, uint64_t done, uint64_t total)
{
	if (context->progress)
		context->progress(context->progress_priv, what, done, total);
}
