// SPDX-License-Identifier: GPL-2.0-only
/* Follows the serial line and QEMU's events until the machine is as asked, or never will be. */
#include "machine.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Who hangs is silent for good; what was said before has come through by then */
static const double SILENCE_SECONDS = 3;

struct watch {
	const struct request *request;
	struct sightings *seen;
	struct qmp qmp;
	struct serial serial;
	double start, heard;
	int stopped_cpus;
	bool panicked, ended, survived;	/* what it was asked to die by */
};

static double elapsed(const struct watch *w)
{
	return now() - w->start;
}

static void once(double *when, const struct watch *w)
{
	if (*when < 0)
		*when = elapsed(w);
}

static void read_serial(struct watch *w)
{
	struct sightings *seen = w->seen;
	const char *line = w->serial.line;

	if (w->serial.file < 0)
		w->serial.file = open("serial.log", O_RDONLY | O_CLOEXEC);
	if (w->serial.file < 0)
		return;
	while (serial_next_line(&w->serial)) {
		const char *error = strstr(line, "LAB: error=");

		w->heard = now();
		if (strstr(line, "Linux version "))
			once(&seen->kernel, w);
		else if (strstr(line, "LAB: ready"))
			once(&seen->ready, w);
		else if (strstr(line, "LAB: stopping="))
			w->stopped_cpus++;
		else if (strstr(line, "LAB: hanging") || strstr(line, "LAB: alive"))
			once(&seen->asked, w);
		if (error && !*seen->error)
			snprintf(seen->error, sizeof(seen->error), "%s", error + strlen("LAB: error="));
		if (error && seen->asked >= 0)
			w->survived = true;
	}
}

static void read_events(struct watch *w)
{
	struct json_object *message, *event;
	bool closed = false;

	if (w->qmp.socket < 0 && !qmp_connect(&w->qmp))
		return;
	while ((message = qmp_next(&w->qmp, &closed))) {
		if (json_object_object_get_ex(message, "event", &event)) {
			const char *name = json_object_get_string(event);

			if (strcmp(name, "GUEST_PANICKED") == 0 && !w->request->reboot)
				w->panicked = true;
			else if (strcmp(name, "SHUTDOWN") == 0)
				w->ended = true;
		}
		json_object_put(message);
	}
	if (closed)
		qmp_close(&w->qmp);
}

static bool is_hang(const char *death)
{
	return strncmp(death, "hang", strlen("hang")) == 0;
}

/* Where only some hang, one does */
static int cpus_to_stop(const char *death)
{
	return strcmp(death, "hang") == 0 ? CPUS : 1;
}

static void conclude(struct watch *w, enum outcome outcome, const char *state)
{
	w->seen->outcome = outcome;
	snprintf(w->seen->state, sizeof(w->seen->state), "%s", state);
}

static void conclude_panic(struct watch *w)
{
	const char *death = w->request->death;

	once(&w->seen->dead, w);
	if (w->seen->ready < 0)
		conclude(w, OUTCOME_OTHER_DEATH, "panicked before it was ready");
	else if (is_hang(death) || strcmp(death, "none") == 0)
		conclude(w, OUTCOME_OTHER_DEATH, "panicked, unasked");
	else
		conclude(w, OUTCOME_AS_ASKED, "panicked");
}

/* Silent, and yet its CPUs run: only QEMU knows */
static void conclude_silence(struct watch *w)
{
	char *status = qmp_status(&w->qmp);

	once(&w->seen->dead, w);
	if (status && strcmp(status, "running") == 0)
		conclude(w, OUTCOME_AS_ASKED, "hung, CPUs running, silent");
	else
		conclude(w, OUTCOME_OTHER_DEATH, status ? status : "silent, QEMU does not answer");
	free(status);
}

static void conclude_time(struct watch *w)
{
	if (w->seen->kernel < 0)
		conclude(w, OUTCOME_NEVER_UP, "never came up");
	else if (w->seen->ready < 0)
		conclude(w, OUTCOME_NEVER_UP, "never got ready");
	else
		conclude(w, OUTCOME_TIME_LIMIT, "still alive at the time limit");
}

/* True when there is a conclusion */
static bool look(struct watch *w, pid_t pid)
{
	const char *death = w->request->death;
	const bool qemu_gone = waitpid(pid, NULL, WNOHANG) == pid;

	read_events(w);
	read_serial(w);
	if (w->panicked)
		conclude_panic(w);
	else if (qemu_gone)
		conclude(w, OUTCOME_TROUBLE, w->ended ? "guest reset itself, QEMU ended" :
			 "QEMU died, see qemu.log");
	else if (w->seen->asked >= 0 && w->request->reboot)
		conclude(w, OUTCOME_AS_ASKED, "alive, after a reboot");
	else if (w->seen->asked >= 0 && strcmp(death, "none") == 0)
		conclude(w, OUTCOME_AS_ASKED, "alive");
	else if (w->stopped_cpus == cpus_to_stop(death) && !w->survived && now() - w->heard > SILENCE_SECONDS)
		conclude_silence(w);
	else if (elapsed(w) > w->request->time_limit)
		conclude_time(w);
	else
		return false;
	if (qemu_gone && w->ended)
		w->seen->outcome = OUTCOME_OTHER_DEATH;
	return true;
}

void watch(const struct request *request, pid_t pid, struct sightings *seen)
{
	static struct watch w;

	*seen = (struct sightings){ .kernel = -1, .ready = -1, .asked = -1, .dead = -1 };
	w.request = request;
	w.seen = seen;
	w.qmp.socket = -1;
	w.serial.file = -1;
	w.start = now();
	while (!look(&w, pid))
		sleep_briefly();
	qmp_close(&w.qmp);
	if (w.serial.file >= 0)
		close(w.serial.file);
}
