/* SPDX-License-Identifier: LGPL-2.1-only */
/* A small client of QMP, the protocol by which QEMU is controlled, over a Unix socket. */
#ifndef MEMINSPECT_QMP_H
#define MEMINSPECT_QMP_H

#include "meminspect.h"
#include <json-c/json.h>

struct qmp;

/* Connects and negotiates: commands can follow. @context gets the text of all errors. */
int qmp_open(struct meminspect_context *context, const char *socket, struct qmp **qmp);
void qmp_close(struct qmp *qmp);
/* Drops the connection, with what was not answered, and makes another one. */
int qmp_reconnect(struct qmp *qmp);
/**
 * qmp_execute - execute a command and wait for its answer
 * @arguments: JSON object, which is consumed; NULL if there are none
 * @seconds: to wait at most
 * @result: set to what the command returned, to be put; may be NULL
 *
 * Returns -EREMOTEIO if QEMU refused, -ETIMEDOUT, -ENOTCONN if QEMU is gone, or
 * -EPROTO if the other end does not speak QMP. After the last three the
 * connection can't be used any more.
 */
int qmp_execute(struct qmp *qmp, const char *command, struct json_object *arguments,
		unsigned int seconds, struct json_object **result);
/* Executes a command of the human monitor; @text is to be freed. */
int qmp_monitor_command(struct qmp *qmp, const char *command, unsigned int seconds, char **text);

#endif /* MEMINSPECT_QMP_H */
