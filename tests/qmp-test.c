// SPDX-License-Identifier: GPL-2.0-only
/* Collecting over QMP, from a server in this test that behaves well or badly. */
#include "command.h"
#include "directory-model.h"
#include "internal.h"
#include "qmp.h"
#include "tap.h"
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define RAM_BASE 0x40000000ULL
#define RAM_SIZE (1 << 20)

enum behaviour {
	WELL,
	NO_VMCOREINFO,
	NOT_RUNNING,
	NO_GREETING,		/* says something else */
	SILENT,
	DIES_AT_DUMP,
	REFUSES_DUMP,
	WRITES_NO_ELF,
	SHORT_FILES,
	DIES_AT_SAVE,
	NO_JSON,
	ENDLESS_LINE,
	NO_RAM,
	REFUSES_STOP,
	SILENT_AT_STOP,
	DEAF_AFTER_STOP,	/* on that connection */
	REFUSES_CONT,
	REFUSES_DUMP_AND_CONT,
};

/* What the server tells the test. */
struct seen {
	int stops, conts, saves, dumps;
	bool outside;	/* something that isn't RAM was asked for */
};

static struct meminspect_context *context;
static struct seen *seen;
static struct model *model;
static int listener;
static char directory[] = "/tmp/qmp-test-XXXXXX";
static char socket_path[sizeof(directory) + 8];

static size_t add_note(uint8_t *at, const char *name, uint32_t type, const void *bytes,
		       size_t length)
{
	const Elf64_Nhdr header = { strlen(name) + 1, length, type };
	size_t name_end = sizeof(header) + (strlen(name) + 4) / 4 * 4;

	memcpy(at, &header, sizeof(header));
	strcpy((char *)at + sizeof(header), name);
	memcpy(at + name_end, bytes, length);
	return name_end + (length + 3) / 4 * 4;
}

/* As dump-guest-memory: notes at the end of the headers, a page of memory behind them. */
static void write_dump(const char *path, bool vmcoreinfo)
{
	uint8_t file[16384] = { 0 }, prstatus[MODEL_PRSTATUS_SIZE] = { 0 };
	size_t start = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr), end = start;
	Elf64_Ehdr header = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_CORE, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		.e_phoff = sizeof(header), .e_ehsize = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2,
	};
	Elf64_Phdr programs[2] = { { .p_type = PT_NOTE }, { .p_type = PT_LOAD } };
	uint32_t cpu, pid;
	char text[300];
	FILE *out;

	for (cpu = 0; cpu < MODEL_NR_CPUS; cpu++) {
		pid = cpu + 1;
		memcpy(prstatus + 32, &pid, sizeof(pid));
		prstatus[112] = 0xa0 + cpu;
		end += add_note(file + end, "CORE", NT_PRSTATUS, prstatus, sizeof(prstatus));
	}
	snprintf(text, sizeof(text), "OSRELEASE=%s\n%s=0x%llx\n%s=0x%llx\n", MODEL_RELEASE,
		 MEMINSPECT_VMCOREINFO_KEY0, (unsigned long long)model->chunks[0][0],
		 MEMINSPECT_VMCOREINFO_KEY1, (unsigned long long)model->chunks[0][1]);
	if (vmcoreinfo)
		end += add_note(file + end, "VMCOREINFO", 0, text, strlen(text));
	programs[0].p_offset = start;
	programs[0].p_filesz = end - start;
	programs[1].p_offset = end;
	memcpy(file, &header, sizeof(header));
	memcpy(file + sizeof(header), programs, sizeof(programs));
	out = fopen(path, "w");
	if (!out || fwrite(file, end, 1, out) != 1 || fclose(out))
		_exit(1);
}

static void save_memory(struct json_object *arguments, bool cut)
{
	int64_t paddr = json_object_get_int64(json_object_object_get(arguments, "val"));
	int64_t size = json_object_get_int64(json_object_object_get(arguments, "size"));
	const char *path = json_object_get_string(json_object_object_get(arguments, "filename"));
	FILE *out = fopen(path, "w");

	if (paddr < (int64_t)RAM_BASE || paddr + size > (int64_t)RAM_BASE + RAM_SIZE) {
		seen->outside = true;
		_exit(1);
	}
	if (!out || fwrite(model_at(model, paddr), size - cut, 1, out) != 1 || fclose(out))
		_exit(1);
}

static const char memory_map[] =
	"FlatView #0\r\n AS \"I/O\", root: io\r\n Root memory region: io\r\n"
	"  0000000000000000-000000000000ffff (prio 0, ram): not this one\r\n\r\n"
	"FlatView #1\r\n AS \"memory\", root: system\r\n AS \"cpu-memory-0\", root: system\r\n"
	" Root memory region: system\r\n"
	"  0000000000000000-0000000003ffffff (prio 0, romd): virt.flash0\r\n"
	"  0000000009000000-0000000009000fff (prio 0, i/o): pl011\r\n"
	"  0000000040000000-000000004007ffff (prio 0, ram): mach-virt.ram\r\n"
	"  0000000040080000-00000000400fffff (prio 0, ram): mach-virt.ram @0000000000080000\r\n\r\n"
	"FlatView #2\r\n AS \"other\", root: other\r\n"
	"  0000000080000000-00000000ffffffff (prio 0, ram): not this one\r\n\r\n";

static void answer(FILE *stream, struct json_object *request, const char *name,
		   struct json_object *value)
{
	struct json_object *reply = json_object_new_object();

	json_object_object_add(reply, name, value);
	json_object_object_add(reply, "id",
			       json_object_get(json_object_object_get(request, "id")));
	/* An event may come before any answer, and so may what was not asked. */
	fprintf(stream, "{\"event\": \"STOP\", \"timestamp\": {\"seconds\": 1}}\r\n"
		"{\"error\": {\"desc\": \"for somebody else\"}, \"id\": 0}\r\n%s\r\n",
		json_object_to_json_string(reply));
	fflush(stream);
	json_object_put(reply);
}

static struct json_object *failure(const char *text)
{
	struct json_object *error = json_object_new_object();

	json_object_object_add(error, "class", json_object_new_string("GenericError"));
	json_object_object_add(error, "desc", json_object_new_string(text));
	return error;
}

static void serve(enum behaviour behaviour);

/* Returns what the command returns, or NULL after it answered by itself. */
static struct json_object *serve_command(FILE *stream, struct json_object *request,
					 enum behaviour behaviour)
{
	const char *command = json_object_get_string(json_object_object_get(request, "execute"));
	struct json_object *arguments = json_object_object_get(request, "arguments");
	struct json_object *value = json_object_new_object();

	if ((!strcmp(command, "stop") && behaviour == REFUSES_STOP) ||
	    (!strcmp(command, "cont") && (behaviour == REFUSES_CONT || behaviour == REFUSES_DUMP_AND_CONT))) {
		json_object_put(value);
		answer(stream, request, "error", failure("the disk is full"));
		return NULL;
	}
	if (!strcmp(command, "stop") && behaviour == SILENT_AT_STOP)
		pause();
	if (!strcmp(command, "stop") && behaviour == DEAF_AFTER_STOP)
		serve(WELL);
	if (!strcmp(command, "query-status")) {
		json_object_object_add(value, "running",
				       json_object_new_boolean(behaviour != NOT_RUNNING));
	} else if (!strcmp(command, "stop")) {
		seen->stops++;
	} else if (!strcmp(command, "cont")) {
		seen->conts++;
	} else if (!strcmp(command, "human-monitor-command")) {
		return json_object_new_string(behaviour == NO_RAM ? "?" : memory_map);
	} else if (!strcmp(command, "dump-guest-memory")) {
		const char *protocol = json_object_get_string(
			json_object_object_get(arguments, "protocol"));

		seen->dumps++;
		if (behaviour == DIES_AT_DUMP)
			_exit(0);
		if (behaviour == REFUSES_DUMP || behaviour == REFUSES_DUMP_AND_CONT) {
			answer(stream, request, "error", failure("no dump today"));
			return NULL;
		}
		if (behaviour == WRITES_NO_ELF)
			fclose(fopen(protocol + strlen("file:"), "w"));
		else
			write_dump(protocol + strlen("file:"), behaviour != NO_VMCOREINFO);
	} else if (!strcmp(command, "pmemsave")) {
		seen->saves++;
		if (behaviour == DIES_AT_SAVE && seen->saves > 2)
			_exit(0);
		save_memory(arguments, behaviour == SHORT_FILES);
	} else if (!strcmp(command, "sleep")) {
		sleep(10);
	} else if (strcmp(command, "qmp_capabilities") != 0) {
		answer(stream, request, "error", failure("unknown command"));
		return NULL;
	}
	return value;
}

static void serve(enum behaviour behaviour)
{
	int connection = accept(listener, NULL, NULL);
	FILE *stream = fdopen(connection, "w");
	FILE *requests = fdopen(dup(connection), "r");
	char line[4096];

	if (behaviour == NO_GREETING)
		fputs("{\"hello\": 1}\r\n", stream);
	else if (behaviour == NO_JSON)
		fputs("220 mail server ready\r\n", stream);
	else if (behaviour != SILENT && behaviour != ENDLESS_LINE)
		fputs("{\"QMP\": {\"version\": {}, \"capabilities\": []}}\r\n", stream);
	while (behaviour == ENDLESS_LINE && fputs("\"aaaaaaaaaaaaaaaaaaaaaaaaaaaa\" ", stream) >= 0)
		;
	fflush(stream);
	while (fgets(line, sizeof(line), requests)) {
		struct json_object *request = json_tokener_parse(line);
		struct json_object *value = serve_command(stream, request, behaviour);

		if (value)
			answer(stream, request, "return", value);
		json_object_put(request);
	}
}

static pid_t start_server(enum behaviour behaviour)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	pid_t child;

	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	memset(seen, 0, sizeof(*seen));
	strcpy(address.sun_path, socket_path);
	unlink(socket_path);
	if (bind(listener, (struct sockaddr *)&address, sizeof(address)) || listen(listener, 1))
		abort();
	fflush(stdout);
	child = fork();
	if (!child) {
		signal(SIGPIPE, SIG_DFL);
		alarm(60);
		serve(behaviour);
		_exit(0);
	}
	close(listener);
	return child;
}

static void stop_server(pid_t child)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static struct meminspect_dump *collect(enum behaviour behaviour, int *error)
{
	pid_t server = start_server(behaviour);
	struct meminspect_memory *memory;
	struct meminspect_dump *dump = NULL;

	*error = meminspect_memory_open_qmp(context, socket_path, &memory);
	if (!*error) {
		*error = meminspect_collect(context, memory, &dump);
		meminspect_memory_close(memory);
	}
	stop_server(server);
	return dump;
}

/* Entries of our temporary directory besides the socket. */
static int count_files(void)
{
	DIR *entries = opendir(directory);
	struct dirent *entry;
	int count = 0;

	while ((entry = readdir(entries)))
		count += entry->d_name[0] != '.' && strcmp(entry->d_name, "socket") != 0;
	closedir(entries);
	return count;
}

static void test_well(enum behaviour behaviour, const char *what)
{
	const struct meminspect_registers *registers;
	const struct meminspect_region *region;
	struct meminspect_dump *dump;
	uint64_t jiffies = 0;
	int error;

	dump = collect(behaviour, &error);
	is_number(error, 0, "%s: collected", what);
	if (error) {
		diag("%s", meminspect_error(context));
		return;
	}
	is_number(meminspect_dump_read(dump, 0xffffffff9f300040ULL, &jiffies, 8), 0,
		  "%s: jiffies_64 can be read", what);
	is_number(jiffies, MODEL_JIFFIES, "%s: it has the right value", what);
	region = meminspect_dump_find(dump, "far", -1);
	ok(region->verdict == MEMINSPECT_PRESENT && region->pieces->data[0] == 0xa5,
	   "%s: a region far from the others is there", what);
	region = meminspect_dump_find(dump, "device", -1);
	is_number(region->verdict, MEMINSPECT_ABSENT, "%s: what isn't RAM is absent", what);
	region = meminspect_dump_find(dump, "over the end", -1);
	is_number(region->verdict, MEMINSPECT_TRUNCATED, "%s: what is partly RAM is truncated", what);
	ok(!seen->outside, "%s: nothing but RAM was asked for", what);
	registers = meminspect_dump_registers(dump, 2);
	ok(registers->source == MEMINSPECT_REGISTERS_QEMU && registers->prstatus[112] == 0xa2,
	   "%s: CPU 2 has the registers that QEMU knows", what);
	is_number(meminspect_dump_registers(dump, 1)->source, MEMINSPECT_REGISTERS_KERNEL,
		  "%s: CPU 1 has those that the kernel saved", what);
	is_number(seen->stops, behaviour != NOT_RUNNING, "%s: the guest was stopped if it ran", what);
	is_number(seen->conts, behaviour != NOT_RUNNING, "%s: and goes on if it ran", what);
	/* Ten regions within 64 KiB, and three elsewhere. */
	ok(seen->saves <= (behaviour == NO_VMCOREINFO ? 20 : 10), "%s: few requests (%d)", what,
	   seen->saves);
	is_number(count_files(), 0, "%s: no files are left", what);
	if (behaviour == NO_VMCOREINFO)
		ok(meminspect_dump_nr_problems(dump) == 1 &&
		   strstr(meminspect_dump_problem(dump, 0), "-device vmcoreinfo"),
		   "%s: what is missing is named", what);
	else
		is_number(meminspect_dump_nr_problems(dump), 0, "%s: no problem", what);
	meminspect_dump_free(dump);
}

static void test_badly(enum behaviour behaviour, int expected, const char *text, const char *what)
{
	int error;

	ok(!collect(behaviour, &error), "%s: fails", what);
	is_number(error, expected, "%s: error", what);
	ok(strstr(meminspect_error(context), text), "%s: says \"%s\"", what, text);
	diag("%s", meminspect_error(context));
	is_number(count_files(), 0, "%s: no files are left", what);
}

/* Of a guest that stays stopped its user hears, though the core is whole. */
static void test_stays_stopped(void)
{
	struct model *whole = model_dead_kernel(RAM_BASE, RAM_SIZE, 2), *other = model;
	pid_t server = start_server(REFUSES_CONT);
	struct meminspect_memory *memory;

	is_number(meminspect_memory_open_qmp(context, socket_path, &memory), 0, "opened");
	is_number(meminspect_memory_close(memory), -EREMOTEIO, "QEMU refuses to let the guest go on");
	ok(strstr(meminspect_error(context), "the guest is still stopped: ") &&
	   strstr(meminspect_error(context), "QEMU refused cont: the disk is full; type cont in its monitor"),
	   "... which is said: %s", meminspect_error(context));
	is_number(count_files(), 0, "... no files are left");
	stop_server(server);

	model = whole;
	server = start_server(REFUSES_CONT);
	model = other;
	model_free(whole);
	is_number(run("build/tests/meminspect collect --qmp %s -o %s/core 2>&1", socket_path, directory), 1,
		  "collect, where QEMU refuses to let the guest go on");
	prints("meminspect: the guest is still stopped: ");
	is_number(run("build/tests/meminspect check %s/core && rm %s/core", directory, directory), 0,
		  "... the core is whole");
	stop_server(server);

	test_badly(REFUSES_DUMP_AND_CONT, -EREMOTEIO,
		   "no dump today; the guest is still stopped: ", "refused dump, and refused to go on");
	test_badly(SILENT_AT_STOP, -ETIMEDOUT, "; the guest may still be stopped: ", "silence at stop");
	test_badly(DEAF_AFTER_STOP, -ETIMEDOUT, "QEMU does not answer in time", "no answer to stop, but to another client");
	ok(!strstr(meminspect_error(context), "stopped: "), "... the guest runs");
	is_number(seen->conts, 1, "... as it was let go on over another connection");
	test_badly(REFUSES_STOP, -EREMOTEIO, "QEMU refused stop: the disk is full", "refused stop");
	ok(!strstr(meminspect_error(context), "stopped"), "... the guest runs");
	is_number(seen->conts, 0, "... and need not go on");
}

static void test_client(void)
{
	struct json_object *result = NULL;
	struct meminspect_memory *memory;
	char long_path[300];
	struct qmp *qmp;
	pid_t server = start_server(WELL);

	if (!is_number(qmp_open(context, socket_path, &qmp), 0, "connected"))
		return;
	is_number(qmp_execute(qmp, "query-status", NULL, 5, &result), 0, "a command is answered");
	ok(json_object_object_get_ex(result, "running", NULL), "with its result");
	json_object_put(result);
	is_number(qmp_execute(qmp, "no-such", NULL, 5, NULL), -EREMOTEIO, "QEMU's no is an error");
	ok(strstr(meminspect_error(context), "unknown command"), "with QEMU's reason");
	is_number(qmp_execute(qmp, "sleep", NULL, 1, NULL), -ETIMEDOUT, "waiting has an end");
	is_number(qmp_execute(qmp, "stop", NULL, 1, NULL), -ETIMEDOUT,
		  "after that, nothing can be asked");
	qmp_close(qmp);
	stop_server(server);

	is_number(meminspect_memory_open_qmp(context, socket_path, &memory), -ECONNREFUSED,
		  "nobody listens");
	unlink(socket_path);
	is_number(meminspect_memory_open_qmp(context, socket_path, &memory), -ENOENT, "no socket");
	ok(strstr(meminspect_error(context), socket_path) &&
	   strstr(meminspect_error(context), "-qmp unix:"), "says what to do");
	memset(long_path, 'p', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	is_number(meminspect_memory_open_qmp(context, long_path, &memory), -ENAMETOOLONG,
		  "a path that no socket can have");
}

static void add_at(const char *name, uint64_t paddr, uint64_t length)
{
	const struct meminspect_extent extent = { paddr, length };
	const struct model_region region = { .name = name, .nr_extents = 1, .extents = &extent };

	model_add_region(model, &region);
}

/* What the regions "current" lead to is fetched in one go as well. */
static void test_current(void)
{
	struct meminspect_dump *dump;
	uint32_t cpu, i;
	int error, saves;

	dump = collect(WELL, &error);
	saves = seen->saves;
	meminspect_dump_free(dump);
	for (cpu = 0; cpu < MODEL_NR_CPUS; cpu++) {
		struct meminspect_current current = {
			.half[0] = {
				.task = 0xffff888004000000 + 0x10000 * cpu, .task_size = 4096,
				.task_paddr = RAM_BASE + 0xa0000 + 0x8000 * cpu,
				.stack = 0xffffc90000000000 + 0x10000 * cpu, .stack_size = 0x4000,
				.pid = cpu, .nr_extents = 4,
			},
		};

		for (i = 0; i < 4; i++)
			current.half[0].extents[i] = current.half[0].task_paddr + 0x1000 * (4 - i);
		model_seal_half(&current.half[0]);
		model_add_current(model, cpu, &current);
	}
	dump = collect(WELL, &error);
	is_number(error, 0, "current: collected");
	for (cpu = 0; cpu < MODEL_NR_CPUS; cpu++)
		ok(meminspect_dump_find(dump, "current_stack", cpu)->verdict == MEMINSPECT_PRESENT &&
		   meminspect_dump_find(dump, "current_task", cpu)->verdict == MEMINSPECT_PRESENT,
		   "current: task and stack of CPU %u", cpu);
	ok(seen->saves <= saves + 3, "current: few requests (%d, before %d)", seen->saves, saves);
	meminspect_dump_free(dump);
}

int main(void)
{
	context = meminspect_context_new();
	model = model_dead_kernel(RAM_BASE, RAM_SIZE, 2);
	add_at("far", RAM_BASE + 0xc0000, 10000);
	add_at("device", 0x9000000, 16);
	add_at("over the end", RAM_BASE + RAM_SIZE - 8, 16);
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (seen == MAP_FAILED || !mkdtemp(directory))
		return skip_all("no temporary directory");
	snprintf(socket_path, sizeof(socket_path), "%s/socket", directory);
	setenv("TMPDIR", directory, 1);

	test_well(WELL, "well");
	test_well(NOT_RUNNING, "not running");
	test_well(NO_VMCOREINFO, "no VMCOREINFO");
	test_badly(NO_GREETING, -EPROTO, "greeting", "no greeting");
	test_badly(NO_JSON, -EPROTO, "does not speak QMP", "not QMP");
	test_badly(ENDLESS_LINE, -EPROTO, "4 MiB", "line without end");
	test_badly(NO_RAM, -EPROTO, "names no RAM", "no memory map");
	test_badly(REFUSES_DUMP, -EREMOTEIO, "no dump today", "refused dump");
	is_number(seen->conts, 1, "after a failure, the guest goes on");
	test_badly(DIES_AT_DUMP, -ENOTCONN, "closed the connection", "QEMU ends at the dump");
	test_badly(WRITES_NO_ELF, -EBADMSG, "no ELF", "dump that is empty");
	test_badly(SHORT_FILES, -ENODATA, "were expected", "memory that was cut");
	test_badly(DIES_AT_SAVE, -ENOTCONN, "closed the connection", "QEMU ends on the way");
	test_badly(SILENT, -ETIMEDOUT, "does not answer", "silence");
	test_stays_stopped();
	test_client();
	test_current();
	rmdir(directory);
	model_free(model);
	meminspect_context_free(context);
	return done_testing();
}
