// SPDX-License-Identifier: GPL-2.0-only
/* meminspect open: which vmlinux it finds, and how it starts tools, which are scripts here. */
#include "command.h"
#include "fake-source.h"
#include "fake-vmlinux.h"

#include <sys/stat.h>
#include <unistd.h>

#define RAM_BASE	0x40000000ULL

static char folder[] = "/tmp/open-test.XXXXXX";

static const char source[] =
	".text\n.globl _text\n_text: .fill 64, 1, 0x90\n"
	".section .rodata, \"a\"\nmt_slots: .byte 1, 2, 3, 4\n.size mt_slots, 4\n"
	".section .note.GNU-stack, \"\"\n";
/* Says what it was given, whether the core is there, and ends as it is told to. */
static const char script[] =
	"#!/bin/sh\necho \"${0##*/}\" \"$@\"\n"
	"for last; do case $last in *core) cp \"$last\" \"$FOLDER/seen\"; done=1;; esac; done\n"
	"eval \"$FATE\"\n";

static void write_file(const char *name, const char *contents, mode_t mode)
{
	FILE *file = fopen(name, "w");

	if (!file || fputs(contents, file) < 0 || fclose(file) || chmod(name, mode)) {
		printf("Bail out! cannot write %s\n", name);
		exit(1);
	}
}

/* With what it says on stderr */
static int run_all(const char *command)
{
	return run("{ %s; } 2>&1", command);
}

static void make_core(void)
{
	struct model *model = model_dead_kernel(RAM_BASE, 4 << 20, MODEL_NR_CPUS);
	struct meminspect_dump *dump = NULL;
	struct meminspect_memory *memory;

	model_save(model, "ram");
	if (meminspect_memory_open_ram(context, "ram", RAM_BASE, &memory) ||
	    meminspect_collect(context, memory, &dump) ||
	    meminspect_core_write(context, dump, "a core")) {
		printf("Bail out! %s\n", meminspect_error(context));
		exit(1);
	}
	meminspect_memory_close(memory);
	meminspect_dump_free(dump);
	model_free(model);
}

static void test_search(void)
{
	char line[128];

	run_all("$meminspect report 'a core'");
	prints("\n  crash --minimal vmlinux 'a core'\n");
	ok(!strstr(output, "libbpf"), "report without vmlinux: libbpf is not heard of");
	is_number(run_all("$meminspect open 'a core'"), 2, "no vmlinux anywhere");
	prints("no vmlinux with the build-id " BUILD_ID);
	prints("vmlinux: No such file or directory");
	prints("/usr/lib/debug/.build-id/6d/6f64656c206275696c64206964656e74697479.debug: ");
	prints("debuginfod: DEBUGINFOD_URLS names no server");

	link_image("vmlinux", source, "00112233445566778899aabbccddeeff00112233");
	is_number(run_all("$meminspect open 'a core'"), 2, "one of another kernel");
	prints("vmlinux: its build-id is not that of the kernel that died");
	run_all("echo >vmlinux-gdb.py; $meminspect report 'a core'; rm vmlinux-gdb.py");
	prints(" -c 'a core'\n");
	ok(!strstr(output, "vmlinux-gdb.py"), "report takes nothing of another kernel");
	is_number(run_all("$meminspect open --drgn --vmlinux vmlinux 'a core'"), 2, "... though it is asked for");
	prints("vmlinux: its build-id is not that of the kernel that died");

	link_image("right", source, BUILD_ID);
	is_number(run_all("DEBUGINFOD_URLS=http://localhost $meminspect open --drgn 'a core'"), 0, "from a server");
	prints("debuginfod-find debuginfo " BUILD_ID);
	prints("drgn -s ./right -c a core\n");
	run_all("mkdir -p debug/.build-id/6d && ln right debug/.build-id/6d/6f64656c206275696c64206964656e74697479.debug");
	is_number(run_all("$meminspect open --drgn --debug-directory debug 'a core'"), 0, "by its build-id");
	prints("drgn -s debug/.build-id/6d/6f64656c206275696c64206964656e74697479.debug -c a core\n");
	run_all("mv right vmlinux");
	is_number(run_all("cd / && $meminspect open --drgn \"$FOLDER/a core\""), 0, "beside the core");
	snprintf(line, sizeof(line), "drgn -s %s/vmlinux -c %s/a core\n", folder, folder);
	prints(line);
}

/* A path that is longer than the text of an error */
static void test_long_path(void)
{
	run_all("d=$(printf '%0250d' 0); d=$d/$d/$d/$d/$d/$d; mkdir -p $d && cp 'a core' $d/core");
	link_image("wrong", source, "00112233445566778899aabbccddeeff00112233");
	is_number(run_all("d=$(printf '%0250d' 0); d=$d/$d/$d/$d/$d/$d; mv wrong $d/vmlinux;"
			  "mv vmlinux right; $meminspect open $d/core"), 2, "a vmlinux of another kernel at a long path");
	prints("000/vmlinux: can't be used\n");
	run_all("mv right vmlinux");
}

static void test_crash(void)
{
	is_number(run_all("sha256sum <'a core' >before; $meminspect open 'a core' -- -s -i 'a file'"), 0, "crash");
	prints("vmlinux is vmlinux\n");
	prints("crash --minimal vmlinux ");
	prints("/core -s -i a file\n");
	is_number(run_all("cp seen whole; $meminspect regions whole"), 0, "... on a core");
	prints("mt_slots");
	is_number(run_all("ls tmp | grep ."), 1, "... nothing is left over");
	is_number(run_all("sha256sum <'a core' | cmp - before"), 0, "... the core is as it was");
	is_number(run_all("$meminspect open whole"), 0, "crash, on a core that has what is in vmlinux");
	prints("crash --minimal vmlinux whole\n");
	is_number(run_all("FATE='exit 7' $meminspect open 'a core'"), 7, "its exit status is handed on");
	is_number(run_all("FATE='kill -SEGV $$' $meminspect open 'a core'"), 128 + 11, "so is a signal that ends it");
	is_number(run_all("ls tmp | grep ."), 1, "... nothing is left over");
	is_number(run_all("FATE='kill $PPID; sleep 20' timeout 10 $meminspect open 'a core'"), 128 + 15,
		  "what ends us ends it");
	is_number(run_all("ls tmp | grep ."), 1, "... nothing is left over");
	is_number(run_all("$meminspect open --crash=bin/other 'a core'"), 0, "another crash");
	prints("other --minimal vmlinux ");
	is_number(run_all("$meminspect open --crash=nowhere 'a core'"), 2, "one that is not there");
	prints("nowhere: not found: install it");
}

static void test_gdb(void)
{
	is_number(run_all("$meminspect open --gdb=bin/other 'a core' -- -batch"), 0, "gdb");
	prints("other -ex symbol-file -o 0x1e000000 vmlinux -c a core -batch\n");
	is_number(run_all("echo >vmlinux-gdb.py; mkdir -p 'o d'; ln -s ../vmlinux ../vmlinux-gdb.py 'o d';"
		      "$meminspect open --gdb=bin/other --vmlinux 'o d/vmlinux' 'a core'"), 0,
		  "gdb, with the kernel's own commands");
	prints("other -iex add-auto-load-safe-path ");
	prints("/vmlinux-gdb.py -ex symbol-file -o 0x1e000000 o\\ d/vmlinux -c a core\n");
}

/* Everything happens in the folder, whose scripts come first. */
static void enter(void)
{
	char path[4096];

	if (!mkdtemp(folder) || !getcwd(path, 1024))
		exit(1);
	strcat(path, "/build/tests/meminspect");
	setenv("meminspect", path, 1);
	setenv("FOLDER", folder, 1);
	snprintf(path, sizeof(path), "%s/bin:%s", folder, getenv("PATH"));
	setenv("PATH", path, 1);
	snprintf(path, sizeof(path), "%s/tmp", folder);
	setenv("TMPDIR", path, 1);
	unsetenv("DEBUGINFOD_URLS");
	if (chdir(folder) || mkdir("bin", 0755) || mkdir("tmp", 0755))
		exit(1);
	write_file("bin/crash", script, 0755);
	write_file("bin/drgn", script, 0755);
	write_file("bin/other", script, 0755);
	write_file("bin/debuginfod-find",
		   "#!/bin/sh\necho \"debuginfod-find $*\" >&2\necho ./right\n", 0755);
}

int main(void)
{
	context = meminspect_context_new();
	enter();
	make_core();
	test_search();
	test_long_path();
	test_crash();
	test_gdb();
	meminspect_context_free(context);
	run_all("rm -r $FOLDER");
	return done_testing();
}
