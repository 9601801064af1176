// SPDX-License-Identifier: GPL-2.0-only
/* The command line, as a user has it: what it prints, and its exit status. */
#include "command.h"
#include "directory-model.h"
#include "printk-ring.h"
#include "sample-core.h"
#include "tap.h"

#include <json-c/json.h>

#define TOOL "build/tests/meminspect"

static struct meminspect_context *context;

static void is_clean(const char *name)
{
	size_t bad = 0;

	for (const char *byte = output; *byte; byte++)
		bad += (*byte < 0x20 && *byte != '\n' && *byte != '\t') || *byte == 0x7f;
	is_number(bad, 0, "%s: no control character reaches the terminal", name);
}

static const char *const commands[] = {
	"collect", "extract", "core", "check", "report", "regions", "log", "vmcoreinfo", "kinfo", "open",
};

static void test_documents(void)
{
	static const char *const files[] = {
		"tools/completion/meminspect.bash", "tools/completion/meminspect.zsh",
		"tools/completion/meminspect.fish",
	};

	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		is_number(run("grep -q '^.It.* Cm %s\\|^.Cm %s$' docs/meminspect.1", commands[i],
			      commands[i]), 0, "man page: %s", commands[i]);
		for (size_t j = 0; j < ARRAY_SIZE(files); j++)
			is_number(run("grep -qw %s %s", commands[i], files[j]), 0, "%s: %s",
				  files[j], commands[i]);
		/* Options that --help names. */
		run(TOOL " %s --help | grep -o -- '  --[a-z]*\\|, --[a-z]*' | tr -d ' ,' | "
		    "while read -r option; do for file in docs/meminspect.1 %s %s %s; do "
		    "grep -q -e \"${option#--}\" \"$file\" || echo \"$file lacks $option\"; done; done",
		    commands[i], files[0], files[1], files[2]);
		is_string(output, "", "%s: all options are in man page and completions",
			  commands[i]);
	}
	if (run("command -v mandoc"))
		skip("no mandoc to check the man page with");
	else
		is_number(run("mandoc -Tlint docs/meminspect.1"), 0, "mandoc finds nothing");
}

static void test_usage(void)
{
	is_number(run(TOOL " 2>&1"), 2, "no command");
	prints("Usage: meminspect COMMAND");
	is_number(run(TOOL " --help 2>/dev/null"), 0, "--help");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++) {
		char line[64];

		is_number(run(TOOL " --help | grep -c '^  %s '", commands[i]), 0,
			  "--help lists %s", commands[i]);
		snprintf(line, sizeof(line), "Usage: meminspect %s ", commands[i]);
		is_number(run(TOOL " %s --help 2>/dev/null", commands[i]), 0, "%s --help",
			  commands[i]);
		prints(line);
		prints("Exit status: 0 ");
		is_number(run(TOOL " %s --no-such-option 2>&1", commands[i]), 2,
			  "%s with an unknown option", commands[i]);
	}
	is_number(run(TOOL " --version"), 0, "--version");
	is_string(output, "meminspect 0.1\n", "... is one line");
	is_number(run(TOOL " reprot 2>&1"), 2, "a misspelt command");
	prints("did you mean 'report'?");
	is_number(run(TOOL " frobnicate 2>&1"), 2, "an unknown command");
	ok(!strstr(output, "did you mean"), "... is like no other");
	is_number(run(TOOL " check 2>&1"), 2, "check without a core");
	prints("CORE is missing");
	is_number(run(TOOL " check a b 2>&1"), 2, "check with two");
	prints("'b' is one argument too many");
	is_number(run(TOOL " check /nowhere/core 2>&1"), 2, "check of no file");
	prints("/nowhere/core: ");
	is_number(run(TOOL " check / 2>&1"), 2, "check of a directory");
	is_number(run(TOOL " collect --ram a --qmp b -o c 2>&1"), 2, "collect from two sources");
	is_number(run(TOOL " collect --ram a 2>&1"), 2, "collect without an output");
	is_number(run(TOOL " collect --minidump a --rawdump b -o c 2>&1"), 2,
		  "collect from two other sources");
	prints("expected one of --qmp, --ram, --minidump, --rawdump, --sahara and --pstore, and -o CORE");
	is_number(run(TOOL " core --format tar a -o c 2>&1"), 2, "core in an unknown format");
	prints("no format 'tar': expected elf or kdump");
	is_number(run(TOOL " collect --minidump a --reset -o c 2>&1"), 2, "nothing to reset");
	prints("--keep and --reset go with --sahara only");
}

static void test_collect(void)
{
	struct model *model = model_dead_kernel(0x80000000, 1 << 20, 2);
	char *image = sample_path("ram@2"), *core = sample_path("core");
	char *again = sample_path("again"), *based = sample_path("based");
	struct json_object *object, *regions;

	model_save(model, image);
	is_number(run(TOOL " collect --ram %s -o %s 2>&1", image, core), 0, "collect from an image");
	prints("11 regions: 11 present; 13.9 KiB in ");
	is_number(run(TOOL " collect --ram %s@0x80000000 -o %s 2>&1", image, based), 0,
		  "collect, told where it starts");
	prints("11 regions: 11 present");
	is_number(run("test $(stat -c %%a %s) = 600", core), 0, "only its owner reads the core");
	is_number(run(TOOL " collect --ram %s -o %s 2>&1", image, core), 2, "the core exists");
	prints("exists; give the name of a new file");
	is_number(run(TOOL " core %s -o %s 2>&1", core, again), 0, "core from a core");
	is_number(run("cmp %s %s", core, again), 0, "... is the same file");
	unlink(again);
	is_number(run(TOOL " core %s -o %s 2>&1", image, again), 0, "core from an image");
	is_number(run(TOOL " check %s", core), 0, "check");
	prints("  present    time             8 B  jiffies_64\n");
	prints("  present    cpu            368 B  crash_note[cpu 3]\n");
	prints("\n4 CPUs: registers of 3 saved by the kernel, of 0 by QEMU, of 1 by nobody\n");
	/* One CPU has no registers, and the log is not marked. */
	prints("  drgn does not answer get_dmesg for want of: <log>\n");
	prints("  gdb does not answer info threads for want of: <registers>\n");
	prints("  crash opens it with --minimal only, for want of: ");
	is_number(run(TOOL " check --vmlinux /dev/null %s 2>&1", core), 2, "check with what is no vmlinux");
	prints("/dev/null: ");
	is_number(run("mkfifo %s.fifo; timeout -s KILL 5 " TOOL " collect --ram %s.fifo -o %s.x 2>&1",
		      image, image, core), 2, "collect from a FIFO does not wait");
	prints("neither a file nor a block device");
	is_number(run("timeout -s KILL 5 " TOOL " core %s.fifo -o %s.x 2>&1", image, core), 2,
		  "nor does core");
	prints("neither a file nor a block device");
	run("rm %s.fifo", image);
	is_number(run(TOOL " report %s", core), 0, "report");
	prints("  release   " MODEL_RELEASE "\n");
	prints("  build-id  6d6f64656c206275696c64206964656e74697479\n");
	prints("  why       panic: sysrq triggered crash\n");
	prints("  when      2023-11-14 22:13:25 UTC, 5.000 s after boot\n");
	prints("  1   registers saved by the kernel; panicked here\n");
	prints("  no backtrace of what ran on CPU 2\n");
	prints("  gdb -ex 'symbol-file -o 0x1e000000 vmlinux' -c ");
	is_number(run(TOOL " regions %s", core), 0, "regions");
	prints("ffffffff9f300040 ");
	is_number(run(TOOL " regions --json %s", core), 0, "regions --json");
	object = json_tokener_parse(output);
	ok(json_object_object_get_ex(object, "regions", &regions) &&
	   json_object_array_length(regions) == 11, "... is JSON with all regions");
	json_object_put(object);
	is_number(run("truncate -s 40000 %s; " TOOL " check %s", core, core), 1,
		  "check of a core without its end");
	prints("meminspect_directory_mirror: absent: the file ends at offset 40000");
	prints("ends at offset 40000, expected 53248");
	unlink(again);
	is_number(run(TOOL " core %s -o %s 2>&1", core, again), 1, "core from a core without its end");
	is_number(run(TOOL " check %s", again), 1, "... remembers what is missing");
	prints("absent: the file ends at offset 40000");
	is_number(run(TOOL " check %s > /dev/full 2>&1", core), 2, "output to a full disk");
	model_free(model);
	unlink(image);
	unlink(core);
	unlink(again);
	unlink(based);
	free(image);
	free(core);
	free(again);
	free(based);
}

/* A core at a level says what it is; what has no memory of the machine can't have the highest. */
static void test_levels(void)
{
	struct model *model = model_dead_kernel(0x80000000, 1 << 20, 2);
	char *image = sample_path("image"), *core = sample_path("core");

	model_add_bytes(model, "irq_desc", MEMINSPECT_CLASS_IRQ, 0xffff888000001000, "interrupt", 9);
	model_add_bytes(model, "timer_bases", MEMINSPECT_CLASS_TIME, 0xffff888000002000, "timers", 6);
	model_save(model, image);
	is_number(run(TOOL " collect --ram %s --level rich --vmlinux %s -o %s 2>&1", image, image, core), 1,
		  "rich with what is no vmlinux");
	prints("\n  pointers were not followed: ");
	prints(", 1 beyond the level rich; ");
	run(TOOL " regions %s; rm %s", core, core);
	ok(!strstr(output, "timer_bases"), "... has no base whose timers are not there");
	is_number(run(TOOL " collect --ram %s --level small -o %s", image, core), 0, "collect --level small");
	prints(", 2 beyond the level small; ");
	is_number(run(TOOL " check %s", core), 0, "... which is no damage");
	prints(", 2 beyond the level small; ");
	is_number(run(TOOL " collect --ram %s --level rich -o %s.x 2>&1", image, core), 2, "rich without vmlinux");
	prints("--level rich needs --vmlinux");
	is_number(run(TOOL " core %s --level rich -o %s.x 2>&1", core, core), 2, "core --level rich");
	prints("see 'meminspect extract'");
	is_number(run(TOOL " core %s --level much -o %s.x 2>&1", core, core), 2, "a level that there is not");
	prints("no level 'much': expected small, default or rich");
	is_number(run(TOOL " extract %s.none --vmlinux %s -o %s.x 2>&1", core, image, core), 2,
		  "extract of what is not there");
	prints(".none: No such file or directory");
	is_number(run(TOOL " extract %s --vmlinux %s -o %s.x 2>&1", image, image, core), 2,
		  "extract of what is no dump");
	prints("no dump of memory that libkdumpfile can read");
	is_number(run(TOOL " extract %s -o %s.x 2>&1", image, core), 2, "extract without vmlinux");
	prints("extract: --vmlinux FILE is missing");
	is_number(run(TOOL " extract %s --vmlinux %s -o %s 2>&1", image, image, core), 2,
		  "extract does not overwrite");
	is_number(run("test -e %s.x", core), 1, "none of these leaves a file");
	unlink(image);
	unlink(core);
	free(image);
	free(core);
	model_free(model);
}

/* What policy left out is told, and no reason for another exit status. */
static void test_left_out(void)
{
	struct model *model = model_dead_kernel(0x80000000, 1 << 20, 2);
	struct meminspect_current current = {
		.half[0] = {
			.task = 0xffff888004000000, .task_paddr = model_alloc(model, 100),
			.task_size = 100, .stack = 0xffffc90000010000, .stack_size = 8192,
			.pid = 77, .nr_extents = 2,
			.extents = { model_alloc(model, 4096), model_alloc(model, 4096) },
		},
	};
	char *image = sample_path("image"), *core = sample_path("core");
	struct json_object *object, *regions, *region, *value;
	static const struct {
		int index;
		const char *name, *verdict, *why;
		const char *origin;
	} expected[] = {
		{ 9, "secret", "left-out", "denied by policy", "directory" },
		{ 10, "la\\x1brge", "left-out", "left out for the byte budget", "directory" },
		{ 11, "current", "present", "", "directory" },
		{ 14, "current_task", "present", "", "derived" },
		{ 15, "current_stack", "present", "", "derived" },
	};

	/* Its last page has no like in the core. */
	memset(model_at(model, current.half[0].extents[1]), 'S', 4096);
	model_seal_half(&current.half[0]);
	model_add_left_out(model, "secret", MEMINSPECT_CLASS_PAGETABLE, 3 << 20, 1);
	model_add_left_out(model, "la\x1brge", MEMINSPECT_CLASS_SYMBOLS, 5000, 2);
	model_add_current(model, 3, &current);
	model_save(model, image);
	is_number(run(TOOL " collect --ram %s -o %s 2>&1", image, core), 0,
		  "collect where policy left regions out");
	prints(": 16 regions: 14 present, 2 left-out; 22.4 KiB in ");
	prints("\n  secret: left-out: denied by policy\n"
	       "  la\\x1brge: left-out: left out for the byte budget\n");
	is_number(run(TOOL " check %s", core), 0, "check");
	prints("  left-out   pagetable    3.0 MiB  secret\n");
	prints("  present    current      8.0 KiB  current_stack[pid 77]\n");
	prints("\nLeft out by policy:\n  secret: left-out: denied by policy\n"
	       "  la\\x1brge: left-out: left out for the byte budget\n\n"
	       "16 regions: 14 present, 2 left-out; 22.4 KiB\n");
	ok(!strstr(output, "Missing or damaged"), "... nothing is missing");
	is_number(run(TOOL " report %s", core), 0, "report");
	prints("\n\nLeft out by policy\n  secret: left-out: denied by policy\n");
	ok(!strstr(output, "Missing or damaged"), "... nothing is missing");
	is_number(run(TOOL " regions %s", core), 0, "regions");
	prints("\n-                -                   3145728          0 left-out  pagetable secret\n");
	prints("present   current   current_task[pid 77]\n");
	prints("present   current   current[cpu 3]\n");
	is_number(run(TOOL " regions --json %s", core), 0, "regions --json");
	object = json_tokener_parse(output);
	json_object_object_get_ex(object, "regions", &regions);
	is_number(json_object_array_length(regions), 16, "... has them all");
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++) {
		region = json_object_array_get_idx(regions, expected[i].index);
		json_object_object_get_ex(region, "name", &value);
		is_string(json_object_get_string(value), expected[i].name, "region %d",
			  expected[i].index);
		json_object_object_get_ex(region, "verdict", &value);
		is_string(json_object_get_string(value), expected[i].verdict, "... its verdict");
		json_object_object_get_ex(region, "why", &value);
		is_string(json_object_get_string(value), expected[i].why, "... and why");
		json_object_object_get_ex(region, "origin", &value);
		is_string(json_object_get_string(value), expected[i].origin, "... where it comes from");
	}
	json_object_put(object);
	is_number(run(TOOL " core %s -o %s.again && cmp %s %s.again", core, core, core, core), 0,
		  "a core of the core is the same");
	run("rm %s.again", core);
	/* One damaged region beside them does count, and alone is called missing. */
	is_number(run("truncate -s -4096 %s; " TOOL " check %s", core, core), 1,
		  "check of a core without its last page");
	prints("\nMissing or damaged:\n  current_stack[pid 77]: truncated: ");
	prints("\n\nLeft out by policy:\n  secret: ");
	prints("16 regions: 13 present, 1 truncated, 2 left-out; ");
	unlink(image);
	unlink(core);
	model_free(model);
	free(image);
	free(core);
}

/* The log where policy denies it. */
static void test_log_left_out(void)
{
	struct meminspect_dump *dump = sample_dump_without_regions();
	char *core = sample_path("core");

	sample_add_region(dump, "prb", 0, NULL, 0, MEMINSPECT_LEFT_OUT, "denied by policy");
	dump->regions->class = MEMINSPECT_CLASS_LOG;
	if (!ok(!meminspect_core_write(context, dump, core), "write: %s", meminspect_error(context)))
		return;
	is_number(run(TOOL " log %s 2>&1", core), 2, "log that was left out");
	prints("meminspect: prb: left-out: denied by policy\n");
	unlink(core);
	meminspect_dump_free(dump);
	free(core);
}

/* The dump of a machine whose log and names want to do harm. */
static struct meminspect_dump *hostile_dump(void)
{
	static const char banner[] = "Linux version \x1b[2J\n";
	static const uint8_t online[8] = { 0x05 };
	struct ring *ring = ring_new(&linux_layout, 5, 10);
	struct meminspect_dump *dump = sample_dump_without_regions(), *log;

	for (uint64_t i = 1; i <= 20; i++) {
		char text[32];

		snprintf(text, sizeof(text), "line %d", (int)i);
		ring_write(ring, i * 1000000000, 6, text, strlen(text));
	}
	ring_write(ring, 21000000000, 6, "\x1b]0;evil\a\xff\x9b\nsecond line", 23);
	log = ring_dump(ring);
	free(dump->vmcoreinfo);
	dump->vmcoreinfo = log->vmcoreinfo;
	dump->nr_regions = log->nr_regions;
	dump->regions = reallocarray(log->regions, log->nr_regions + 3, sizeof(*dump->regions));
	log->vmcoreinfo = NULL;
	log->regions = NULL;
	log->nr_regions = 0;
	meminspect_dump_free(log);
	ring_free(ring);
	ring_add_region(dump, "linux_banner", 0xffffffff9f200000, (const uint8_t *)banner,
			sizeof(banner));
	ring_add_region(dump, "cpu_online_at_panic", 0xffffffff9f300000, online, sizeof(online));
	ring_add_region(dump, "na\x1b[31mme\n", 0xffffffff9f400000, online, sizeof(online));
	return dump;
}

/* Makes an m of an l, and the like. */
static void damage(const char *path, long offset)
{
	FILE *file = fopen(path, "r+");
	int byte;

	if (!file || fseek(file, offset, SEEK_SET) || (byte = getc(file)) == EOF ||
	    fseek(file, offset, SEEK_SET) || putc(byte ^ 1, file) == EOF || fclose(file))
		abort();
}

static void test_report(void)
{
	struct meminspect_dump *dump = hostile_dump();
	char *core = sample_path("hostile core's");

	if (!ok(!meminspect_core_write(context, dump, core), "write: %s", meminspect_error(context)))
		return;
	is_number(run(TOOL " report \"%s\" 2>&1", core), 1, "report of a core with a problem");
	is_clean("report");
	prints("  release   6.12.0-test\n");
	prints("  build-id  0102fe00000000000000000000000000000000ab\n");
	prints("  machine   x86_64, 3 CPUs, pages of 4096 bytes, KASLR offset 0x1e000000\n");
	prints("  banner    Linux version \\x1b[2J\n");
	prints("  booted    2023-11-14 22:13:20 UTC\n");
	prints("  why       panic after an oops: Fatal exception\n");
	prints("  when      2023-11-14 22:15:00 UTC, 100.000 s after boot\n");
	prints("  where     CPU 2, task a \\x1b[31m task (PID 77, task_struct at 0xffff8c0001234580)\n");
	prints("  0   online   registers saved by the kernel\n");
	prints("  1   offline  registers not saved\n");
	prints("  2   online   registers from QEMU, after the death; panicked here\n");
	prints("  CPUs online when the panic started: 2\n");
	prints("  no backtrace of what ran on CPU 1\n");
	/* 15 lines: 13 of one line each, and the last record has two. */
	prints("last lines\n  [    8.000000] line 8\n  [    9.000000] line 9\n");
	prints("  [   21.000000] \\x1b]0;evil\\x07\\xff\\x9b\n  [   21.000000] second line\n");
	prints("  21 records in all, 0 lost\n");
	prints("na\\x1b[31mme\\x0a\n");
	prints("  the row 5 is damaged\n");
	prints("hostile core'\\''s'\n");
	is_number(run(TOOL " regions --json \"%s\"", core), 1, "regions --json");
	is_clean("regions --json");
	is_number(run(TOOL " check \"%s\" 2>&1", core), 1, "check");
	is_clean("check");
	is_number(run(TOOL " regions \"%s\" 2>&1", core), 1, "regions");
	is_clean("regions");
	is_number(run("grep -abo 'line 10' \"%s\" | cut -d: -f1", core), 0, "find a message");
	damage(core, atol(output));
	is_number(run(TOOL " log \"%s\" 2>&1", core), 1, "log with a damaged message");
	prints("] mine 10\n");
	prints("text: corrupt: ");
	is_number(run("grep -abo 'OSRELEASE=6' \"%s\" | cut -d: -f1", core), 0, "find VMCOREINFO");
	damage(core, atol(output));
	is_number(run(TOOL " vmcoreinfo \"%s\" OSRELEASE 2>&1", core), 1, "vmcoreinfo, damaged");
	prints("were damaged after they had been written");
	unlink(core);

	/* Without a capture block nothing is said of CPUs at the panic. */
	dump->has_capture = false;
	ring_dump_cut(dump, "text", 100);
	if (!ok(!meminspect_core_write(context, dump, core), "write: %s", meminspect_error(context)))
		return;
	is_number(run(TOOL " report \"%s\" 2>&1", core), 1, "report of a machine that hung");
	prints("  no record of a panic is left; the directory or the core is damaged, see below\n");
	prints("  0   registers saved by the kernel\n");
	prints("  text: corrupt: the core's table calls it present, but has not all of its bytes");
	unlink(core);

	free(dump->problems[0]);
	dump->nr_problems = 0;
	if (!ok(!meminspect_core_write(context, dump, core), "write: %s", meminspect_error(context)))
		return;
	run(TOOL " report \"%s\" 2>&1", core);
	prints("  no panic was recorded: a hang, a reset from outside, power, or it still ran\n");
	unlink(core);
	meminspect_dump_free(dump);
	free(core);
}

int main(void)
{
	if (access(TOOL, X_OK))
		return skip_all(TOOL " isn't built: run make check-fast at the top");
	context = meminspect_context_new();
	test_usage();
	test_documents();
	test_collect();
	test_levels();
	test_left_out();
	test_log_left_out();
	test_report();
	is_number(sample_end(), 0, "nothing is left behind");
	meminspect_context_free(context);
	return done_testing();
}
