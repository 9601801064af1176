// SPDX-License-Identifier: GPL-2.0-only
#include "bytes.h"
#include "sahara-link.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	PACKET_HEADER_SIZE = 8,
	/* What goes out at once: as much as a host of today asks for */
	BLOCK = 512 * 1024,
};

static const char *socket_path;

static void remove_socket(void)
{
	unlink(socket_path);
}

static void wait_for(struct link *link, short event, const char *what)
{
	struct pollfd pollfd = { .fd = link->socket, .events = event };
	int ready;

	do {
		ready = poll(&pollfd, 1, (int)link->timeout * 1000);
	} while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		fail(OUTCOME_PARTIAL, "sahara: no host %s within %u seconds", what, link->timeout);
}

void link_open(struct link *link, const struct options *options)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(options->socket) >= sizeof(address.sun_path))
		fail(OUTCOME_TROUBLE, "%s: is too long for the name of a socket, which has at most "
		     "%zu bytes", options->socket, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, options->socket);
	if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) < 0)
		fail(OUTCOME_TROUBLE, "%s: cannot make a socket: %s", options->socket,
		     strerror(errno));
	socket_path = options->socket;
	atexit(remove_socket);
	if (listen(listener, 1) < 0)
		fail(OUTCOME_TROUBLE, "%s: cannot listen: %s", options->socket, strerror(errno));
	link->timeout = options->timeout;
	link->hang_up_after = options->hang_up_after;
	link->socket = listener;
	wait_for(link, POLLIN, "came");
	link->socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (link->socket < 0)
		fail(OUTCOME_TROUBLE, "%s: cannot accept: %s", options->socket, strerror(errno));
	close(listener);
}

void link_send(struct link *link, const void *bytes, size_t length)
{
	const uint8_t *from = bytes;

	while (length) {
		ssize_t sent;

		wait_for(link, POLLOUT, "took anything");
		sent = send(link->socket, from, length, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			fail(OUTCOME_PARTIAL, "sahara: the host is gone: %s", strerror(errno));
		from += sent;
		length -= (size_t)sent;
	}
}

void link_send_data(struct link *link, const void *bytes, uint64_t length)
{
	const uint8_t *from = bytes;

	while (length) {
		uint64_t left = link->hang_up_after - link->data_sent;
		uint64_t block = length < BLOCK ? length : BLOCK;

		if (block > left)
			block = left;
		link_send(link, from, block);
		link->data_sent += block;
		from += block;
		length -= block;
		if (link->data_sent == link->hang_up_after)
			fail(OUTCOME_PARTIAL, "sahara: hung up after %llu bytes, as asked",
			     (unsigned long long)link->data_sent);
	}
}

static void receive(struct link *link, uint8_t *to, size_t length)
{
	while (length) {
		ssize_t received;

		wait_for(link, POLLIN, "sent anything");
		received = recv(link->socket, to, length, 0);
		if (received < 0 && errno == EINTR)
			continue;
		if (received <= 0)
			fail(OUTCOME_PARTIAL, "sahara: the host left without a reset");
		to += received;
		length -= (size_t)received;
	}
}

bool link_receive(struct link *link, uint8_t *packet, size_t size)
{
	uint32_t length;

	memset(packet, 0, size);
	receive(link, packet, PACKET_HEADER_SIZE);
	length = get32(packet + 4);
	if (length < PACKET_HEADER_SIZE || length > size)
		return false;
	receive(link, packet + PACKET_HEADER_SIZE, length - PACKET_HEADER_SIZE);
	return true;
}
