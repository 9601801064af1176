/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What C tests use to speak TAP.
 *
 * A test calls ok() and its relatives, and ends main() with
 * "return done_testing();". The plan comes last, so that a test that dies on
 * the way has none, which prove reports.
 */
#ifndef TESTS_TAP_H
#define TESTS_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static unsigned int tap_count, tap_failed;

/* A diagnostic: each of its lines starts with '#'. */
__attribute__((format(printf, 1, 2), unused))
static void diag(const char *format, ...)
{
	char text[4096];
	char *line = text;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	do {
		size_t length = strcspn(line, "\n");

		printf("# %.*s\n", (int)length, line);
		line += length;
		line += *line == '\n';
	} while (*line);
	fflush(stdout);
}

__attribute__((unused))
static bool tap_result(bool good, const char *file, int line, const char *name)
{
	tap_count++;
	tap_failed += !good;
	/* A '#' in a name would start a directive. */
	printf("%sok %u - ", good ? "" : "not ", tap_count);
	for (; *name; name++)
		putchar(*name == '#' || *name == '\n' ? ' ' : *name);
	putchar('\n');
	fflush(stdout);
	if (!good)
		diag("failed at %s:%d", file, line);
	return good;
}

__attribute__((format(printf, 4, 5), unused))
static bool tap_ok(bool good, const char *file, int line, const char *format, ...)
{
	char name[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(name, sizeof(name), format, arguments);
	va_end(arguments);
	return tap_result(good, file, line, name);
}

__attribute__((format(printf, 5, 6), unused))
static bool tap_is_string(const char *got, const char *expected, const char *file, int line,
			  const char *format, ...)
{
	bool good = got && expected ? !strcmp(got, expected) : got == expected;
	char name[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(name, sizeof(name), format, arguments);
	va_end(arguments);
	tap_result(good, file, line, name);
	if (!good)
		diag("     got: %s\nexpected: %s", got ? got : "NULL",
		     expected ? expected : "NULL");
	return good;
}

__attribute__((format(printf, 5, 6), unused))
static bool tap_is_number(int64_t got, int64_t expected, const char *file, int line,
			  const char *format, ...)
{
	bool good = got == expected;
	char name[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(name, sizeof(name), format, arguments);
	va_end(arguments);
	tap_result(good, file, line, name);
	if (!good)
		diag("     got: %" PRId64 " (%#" PRIx64 ")\nexpected: %" PRId64 " (%#" PRIx64 ")",
		     got, got, expected, expected);
	return good;
}

/* Each takes the name of the test last, as for printf; each returns whether it was good. */
#define ok(good, ...)			tap_ok(good, __FILE__, __LINE__, __VA_ARGS__)
#define is_string(got, expected, ...)	\
	tap_is_string(got, expected, __FILE__, __LINE__, __VA_ARGS__)
#define is_number(got, expected, ...)	\
	tap_is_number((int64_t)(got), (int64_t)(expected), __FILE__, __LINE__, __VA_ARGS__)

/* Counts as a test that was not made; the reason is for people. */
__attribute__((format(printf, 1, 2), unused))
static void skip(const char *format, ...)
{
	va_list arguments;

	printf("ok %u # SKIP ", ++tap_count);
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
}

/* For a test that can't run at all: "return skip_all(...)" from main(), before any ok(). */
__attribute__((format(printf, 1, 2), unused))
static int skip_all(const char *format, ...)
{
	va_list arguments;

	printf("1..0 # SKIP ");
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
	fflush(stdout);
	return 0;
}

/* Prints the plan; the result is the exit status. */
__attribute__((unused))
static int done_testing(void)
{
	if (!tap_count) {
		printf("1..1\nnot ok 1 - some test was made\n");
		return 1;
	}
	printf("1..%u\n", tap_count);
	if (tap_failed)
		diag("%u of %u failed", tap_failed, tap_count);
	return tap_failed != 0;
}

#endif /* TESTS_TAP_H */
