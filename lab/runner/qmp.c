// SPDX-License-Identifier: GPL-2.0-only
#include "machine.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Relative: a socket's path may have no more than 107 characters */
bool qmp_connect(struct qmp *qmp)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "qmp.sock" };

	qmp->length = 0;
	qmp->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (qmp->socket < 0)
		return false;
	if (connect(qmp->socket, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    !qmp_send(qmp, "{\"execute\": \"qmp_capabilities\"}\n")) {
		qmp_close(qmp);
		return false;
	}
	return true;
}

void qmp_close(struct qmp *qmp)
{
	if (qmp->socket >= 0)
		close(qmp->socket);
	qmp->socket = -1;
}

/* Commands are short: a socket that does not take one whole is not served any more */
bool qmp_send(struct qmp *qmp, const char *command)
{
	size_t length = strlen(command);

	return send(qmp->socket, command, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

struct json_object *qmp_next(struct qmp *qmp, bool *closed)
{
	struct json_object *message;
	size_t used;
	ssize_t got;
	char *end;

	for (;;) {
		end = memchr(qmp->line, '\n', qmp->length);
		if (end) {
			*end = '\0';
			message = json_tokener_parse(qmp->line);
			used = (size_t)(end + 1 - qmp->line);
			memmove(qmp->line, end + 1, qmp->length - used);
			qmp->length -= used;
			if (message)
				return message;
			continue;
		}
		if (qmp->length == sizeof(qmp->line))
			qmp->length = 0;
		got = recv(qmp->socket, qmp->line + qmp->length, sizeof(qmp->line) - qmp->length,
			   MSG_DONTWAIT);
		if (got <= 0) {
			*closed = got == 0;
			return NULL;
		}
		qmp->length += (size_t)got;
	}
}

char *qmp_status(struct qmp *qmp)
{
	const double until = now() + 5;
	bool closed = false;

	if (!qmp_send(qmp, "{\"execute\": \"query-status\"}\n"))
		return NULL;
	while (!closed && now() < until) {
		struct json_object *message = qmp_next(qmp, &closed);
		struct json_object *answer, *status;
		char *copy = NULL;

		if (!message) {
			sleep_briefly();
			continue;
		}
		if (json_object_object_get_ex(message, "return", &answer) &&
		    json_object_object_get_ex(answer, "status", &status))
			copy = strdup(json_object_get_string(status));
		json_object_put(message);
		if (copy)
			return copy;
	}
	return NULL;
}
