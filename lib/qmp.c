// SPDX-License-Identifier: LGPL-2.1-only
/* A small client of QMP. Every wait ends in bounded time, and every line is bounded. */
#include "qmp.h"
#include "internal.h"
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define GREETING_SECONDS	5
/* The longest answers that we ask for are some kilobytes. */
#define MAX_LINE		(4U << 20)

struct qmp {
	struct meminspect_context *context;
	char *path;
	int fd;
	int broken;		/* why the connection can't be used any more, or 0 */
	int64_t last_id;
	char *input;		/* received, not yet used */
	size_t input_length, input_capacity;
	size_t scanned;		/* of it, known to hold no end of line */
};

static int64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000LL + time.tv_nsec / 1000000;
}

static int broken(struct qmp *qmp, int error, const char *what)
{
	qmp->broken = error;
	return fail(qmp->context, error, "%s: %s", qmp->path, what);
}

/* Waits for the socket until @deadline. */
static int wait_for(struct qmp *qmp, short events, int64_t deadline)
{
	struct pollfd poll_fd = { .fd = qmp->fd, .events = events };
	int64_t left;
	int ready;

	do {
		left = deadline - now_ms();
		ready = left > 0 ? poll(&poll_fd, 1, left) : 0;
	} while (ready < 0 && errno == EINTR);
	if (ready < 0)
		return broken(qmp, -errno, strerror(errno));
	if (!ready)
		return broken(qmp, -ETIMEDOUT,
			      "QEMU does not answer in time: is another client connected, or the process stopped?");
	return 0;
}

static int receive(struct qmp *qmp, int64_t deadline)
{
	ssize_t length;
	int error;

	if (qmp->input_length == qmp->input_capacity) {
		size_t capacity = qmp->input_capacity ? 2 * qmp->input_capacity : 65536;
		char *input;

		if (capacity > MAX_LINE)
			return broken(qmp, -EPROTO, "a line of more than 4 MiB was received: this is not QMP");
		input = realloc(qmp->input, capacity);
		if (!input)
			return broken(qmp, -ENOMEM, "out of memory");
		qmp->input = input;
		qmp->input_capacity = capacity;
	}
	error = wait_for(qmp, POLLIN, deadline);
	if (error)
		return error;
	length = recv(qmp->fd, qmp->input + qmp->input_length,
		      qmp->input_capacity - qmp->input_length, MSG_DONTWAIT);
	if (length < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (length <= 0)
		return broken(qmp, -ENOTCONN, "QEMU closed the connection: it has ended");
	qmp->input_length += length;
	return 0;
}

/* One JSON object, which is a line of its own. */
static int receive_object(struct qmp *qmp, int64_t deadline, struct json_object **object)
{
	struct json_tokener *tokener;
	char *end;
	int error;

	for (;;) {
		end = NULL;
		if (qmp->input_length > qmp->scanned)
			end = memchr(qmp->input + qmp->scanned, '\n',
				     qmp->input_length - qmp->scanned);
		if (end)
			break;
		qmp->scanned = qmp->input_length;
		error = receive(qmp, deadline);
		if (error)
			return error;
	}
	tokener = json_tokener_new();
	if (!tokener)
		return broken(qmp, -ENOMEM, "out of memory");
	*object = json_tokener_parse_ex(tokener, qmp->input, end + 1 - qmp->input);
	json_tokener_free(tokener);
	qmp->input_length -= end + 1 - qmp->input;
	memmove(qmp->input, end + 1, qmp->input_length);
	qmp->scanned = 0;
	if (!json_object_is_type(*object, json_type_object)) {
		json_object_put(*object);
		return broken(qmp, -EPROTO, "the other end does not speak QMP: a JSON object was expected");
	}
	return 0;
}

static int send_text(struct qmp *qmp, const char *text, int64_t deadline)
{
	size_t length = strlen(text);
	ssize_t part;
	int error;

	while (length) {
		error = wait_for(qmp, POLLOUT, deadline);
		if (error)
			return error;
		part = send(qmp->fd, text, length, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (part < 0 && errno != EAGAIN && errno != EINTR)
			return broken(qmp, -ENOTCONN, "QEMU closed the connection: it has ended");
		if (part < 0)
			continue;
		text += part;
		length -= part;
	}
	return 0;
}

static int send_object(struct qmp *qmp, struct json_object *object, int64_t deadline)
{
	int error;

	error = send_text(qmp, json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN),
			  deadline);
	return error ? error : send_text(qmp, "\n", deadline);
}

static const char *error_text(struct json_object *error)
{
	struct json_object *text;

	if (json_object_object_get_ex(error, "desc", &text))
		return json_object_get_string(text);
	return "no reason given";
}

/* Events come at any time; only the answer with our number counts. */
static int receive_answer(struct qmp *qmp, const char *command, int64_t deadline,
			  struct json_object **result)
{
	struct json_object *object, *id, *value;
	int error;

	for (;;) {
		error = receive_object(qmp, deadline, &object);
		if (error)
			return error;
		if (json_object_object_get_ex(object, "id", &id) &&
		    json_object_get_int64(id) == qmp->last_id)
			break;
		json_object_put(object);
	}
	if (json_object_object_get_ex(object, "return", &value)) {
		if (result)
			*result = json_object_get(value);
	} else if (json_object_object_get_ex(object, "error", &value)) {
		error = fail(qmp->context, -EREMOTEIO, "%s: QEMU refused %s: %s", qmp->path,
			     command, error_text(value));
	} else {
		error = broken(qmp, -EPROTO, "the other end does not speak QMP: an answer without result");
	}
	json_object_put(object);
	return error;
}

int qmp_execute(struct qmp *qmp, const char *command, struct json_object *arguments,
		unsigned int seconds, struct json_object **result)
{
	int64_t deadline = now_ms() + seconds * 1000LL;
	struct json_object *request;
	int error;

	if (qmp->broken) {
		json_object_put(arguments);
		return fail(qmp->context, qmp->broken,
			    "%s: the connection to QEMU was lost before", qmp->path);
	}
	request = json_object_new_object();
	if (!request) {
		json_object_put(arguments);
		return fail(qmp->context, -ENOMEM, "out of memory");
	}
	json_object_object_add(request, "execute", json_object_new_string(command));
	json_object_object_add(request, "id", json_object_new_int64(++qmp->last_id));
	if (arguments)
		json_object_object_add(request, "arguments", arguments);
	error = send_object(qmp, request, deadline);
	json_object_put(request);
	return error ? error : receive_answer(qmp, command, deadline, result);
}

int qmp_monitor_command(struct qmp *qmp, const char *command, unsigned int seconds, char **text)
{
	struct json_object *arguments = json_object_new_object();
	struct json_object *result;
	int error;

	if (!arguments)
		return fail(qmp->context, -ENOMEM, "out of memory");
	json_object_object_add(arguments, "command-line", json_object_new_string(command));
	error = qmp_execute(qmp, "human-monitor-command", arguments, seconds, &result);
	if (error)
		return error;
	*text = strdup(json_object_is_type(result, json_type_string) ?
		       json_object_get_string(result) : "");
	json_object_put(result);
	return *text ? 0 : fail(qmp->context, -ENOMEM, "out of memory");
}

static int connect_socket(struct qmp *qmp)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(qmp->path) >= sizeof(address.sun_path))
		return fail(qmp->context, -ENAMETOOLONG,
			    "%s: a socket's path has less than %zu characters: change to its directory",
			    qmp->path, sizeof(address.sun_path));
	strcpy(address.sun_path, qmp->path);
	qmp->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (qmp->fd < 0)
		return fail(qmp->context, -errno, "socket: %s", strerror(errno));
	if (connect(qmp->fd, (struct sockaddr *)&address, sizeof(address))) {
		const char *hint = "";

		if (errno == ENOENT)
			hint = ": has this QEMU ended, or was it started without -qmp unix:PATH,server=on,wait=off?";
		else if (errno == ECONNREFUSED)
			hint = ": no QEMU listens there any more, or it isn't a socket";
		else if (errno == EAGAIN)
			hint = ": others wait for this QEMU already";
		return fail(qmp->context, -errno, "%s: %s%s", qmp->path, strerror(errno), hint);
	}
	return 0;
}

static int greet(struct qmp *qmp)
{
	struct json_object *greeting;
	bool right;
	int error;

	error = receive_object(qmp, now_ms() + GREETING_SECONDS * 1000LL, &greeting);
	if (error)
		return error;
	right = json_object_object_get_ex(greeting, "QMP", NULL);
	json_object_put(greeting);
	if (!right)
		return broken(qmp, -EPROTO, "the other end does not speak QMP: its greeting is missing");
	return qmp_execute(qmp, "qmp_capabilities", NULL, GREETING_SECONDS, NULL);
}

int qmp_reconnect(struct qmp *qmp)
{
	if (qmp->fd >= 0)
		close(qmp->fd);
	qmp->input_length = 0;
	qmp->scanned = 0;
	qmp->broken = connect_socket(qmp);
	return qmp->broken ? qmp->broken : greet(qmp);
}

int qmp_open(struct meminspect_context *context, const char *socket, struct qmp **result)
{
	struct qmp *qmp = calloc(1, sizeof(*qmp));
	int error;

	if (!qmp)
		return fail(context, -ENOMEM, "out of memory");
	qmp->context = context;
	qmp->fd = -1;
	qmp->path = strdup(socket);
	error = qmp->path ? qmp_reconnect(qmp) : fail(context, -ENOMEM, "out of memory");
	if (error) {
		qmp_close(qmp);
		return error;
	}
	*result = qmp;
	return 0;
}

void qmp_close(struct qmp *qmp)
{
	if (!qmp)
		return;
	if (qmp->fd >= 0)
		close(qmp->fd);
	free(qmp->input);
	free(qmp->path);
	free(qmp);
}
