// SPDX-License-Identifier: GPL-2.0-only
/*
 * What operations of the kernel's table cost with many live regions, with the
 * kernel's sources in user space: the curve is what counts, not the numbers.
 */
#include <linux/errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tests/table-load.h"

#define REPEATED	20000U

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return time.tv_sec * 1e9 + time.tv_nsec;
}

enum { REGISTER, LOOK_UP, REMOVE_VA, REMOVE, TRAVERSE, NR_COLUMNS };

static const char *const columns[NR_COLUMNS] = {
	"register", "look up", "by address", "by handle", "traverse",
};

struct line {
	double ns[NR_COLUMNS];
	double nodes;		/* of the tree, that a look-up looks at */
	size_t kernel_bytes, directory_bytes;
};

static void ignore(void *priv, const struct inspect_entry *entry)
{
	volatile const void **last = priv;

	*last = entry->va;
}

static size_t kmalloc_size(size_t size)
{
	size_t power = 8;

	while (power < size)
		power *= 2;
	return power;
}

static double time_of(void (*operation)(unsigned int nr), unsigned int from, unsigned int to)
{
	double before = now();
	unsigned int i;

	for (i = from; i < to; i++)
		operation(i);
	return (now() - before) / (to - from);
}

/*
 * The last regions of all are marked and unmarked while the others are live.
 * Few operations among few regions are repeated: a clock is not that fine.
 */
static void measure(unsigned int size, struct line *line)
{
	unsigned int nr = size < 2000 ? size / 2 : size < 40000 ? size / 4 : 10000;
	unsigned int rounds = DIV_ROUND_UP(REPEATED, nr), i;
	const void *last;
	double before;

	load_begin(size);
	line->kernel_bytes = meminspect_nr_chunks * kmalloc_size(sizeof(struct meminspect_chunk));
	line->directory_bytes = meminspect_nr_chunks * MEMINSPECT_COPIES * MEMINSPECT_CHUNK_SIZE;
	time_of(load_mark, 0, size - nr);
	for (i = 0; i < rounds; i++) {
		line->ns[REGISTER] += time_of(load_mark, size - nr, size) / rounds / 2;
		shim_steps = 0;
		line->ns[LOOK_UP] += time_of(load_look_up, 0, nr) / rounds;
		line->nodes = (double)shim_steps / nr;
		line->ns[REMOVE_VA] += time_of(load_unmark_va, size - nr, size) / rounds;
		line->ns[REGISTER] += time_of(load_mark, size - nr, size) / rounds / 2;
		line->ns[REMOVE] += time_of(load_unmark, size - nr, size) / rounds;
	}
	time_of(load_mark, size - nr, size);
	rounds = DIV_ROUND_UP(10 * REPEATED, size);
	before = now();
	for (i = 0; i < rounds; i++)
		meminspect_traverse(&last, ignore);
	line->ns[TRAVERSE] = (now() - before) / rounds / size;
}

/* Each size in a process of its own: the table never shrinks. */
static struct line line_of(unsigned int size)
{
	struct line line = { 0 };
	int ends[2], status;
	pid_t child;

	fflush(stdout);
	if (pipe(ends))
		shim_die("pipe() failed");
	child = fork();
	if (!child) {
		measure(size, &line);
		_exit(write(ends[1], &line, sizeof(line)) != sizeof(line));
	}
	close(ends[1]);
	if (child < 0 || read(ends[0], &line, sizeof(line)) != sizeof(line) ||
	    waitpid(child, &status, 0) != child || status)
		shim_die("measuring %u regions failed", size);
	close(ends[0]);
	return line;
}

int main(void)
{
	static const unsigned int sizes[] = { 100, 1000, 10000, 100000, 200000, 1000000 };
	struct line lines[ARRAY_SIZE(sizes)];
	size_t i, j;

	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		lines[i] = line_of(sizes[i]);

	printf("ns for one region, and in brackets how many times that is of 1000 regions\n\n%8s", "regions");
	for (j = 0; j < NR_COLUMNS; j++)
		printf("  %14s", columns[j]);
	printf("  nodes looked at\n");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		printf("%8u", sizes[i]);
		for (j = 0; j < NR_COLUMNS; j++)
			printf("  %7.0f (%4.1f)", lines[i].ns[j], lines[i].ns[j] / lines[1].ns[j]);
		printf("  %4.0f (%4.1f)\n", lines[i].nodes, lines[i].nodes / lines[1].nodes);
	}
	printf("\nbytes for one region; a chunk's slots, %zu bytes, are taken for the next power of two\n\n%8s  %8s  %10s  %8s\n",
	       sizeof(struct meminspect_chunk), "regions", "slots", "directory", "together");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		double slots = (double)lines[i].kernel_bytes / sizes[i];
		double directory = (double)lines[i].directory_bytes / sizes[i];

		printf("%8u  %8.0f  %10.0f  %8.0f\n", sizes[i], slots, directory,
		       slots + directory);
	}
	return 0;
}
