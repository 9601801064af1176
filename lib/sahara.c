// SPDX-License-Identifier: LGPL-2.1-only
/*
 * Sahara, memory debug: the device says hello and where its table of memory is;
 * then the host asks for ranges, and their bytes come without any frame around
 * them. Packets are two 32-bit words, command and length, and what belongs to
 * the command; all is little-endian. A stream socket carries what USB does.
 *
 * The device is a machine that crashed: nothing that it says is trusted, and
 * each wait ends.
 */
#include "little-endian.h"
#include "sahara.h"
#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum sahara_command {
	SAHARA_HELLO		= 0x01,
	SAHARA_HELLO_RESPONSE	= 0x02,
	SAHARA_END_OF_IMAGE	= 0x04,
	SAHARA_RESET		= 0x07,
	SAHARA_RESET_RESPONSE	= 0x08,
	SAHARA_DEBUG		= 0x09,
	SAHARA_READ		= 0x0a,
	SAHARA_DEBUG64		= 0x10,
	SAHARA_READ64		= 0x11,
};

#define MODE_MEMORY_DEBUG	2
#define HELLO_SIZE		0x30
#define VERSION			2
#define COMPATIBLE		1

/* The largest packet that is known has 0x30 bytes. */
#define MAX_PACKET		256
/* A table of 64 KiB is more than any firmware has. */
#define MAX_TABLE		(64U << 10)
#define ROW64_SIZE		64
#define ROW32_SIZE		52
#define NAME_SIZE		20

/* For the first word, as the device may still start; for an answer; for a block of data. */
#define HELLO_MS		30000
#define PACKET_MS		10000
#define BLOCK_MS		30000
/* A refusal comes in place of data: how long data may then hesitate. */
#define REFUSAL_MS		1000

struct packet {
	uint32_t command;
	uint32_t length;
	uint8_t body[MAX_PACKET];
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void put32(uint8_t *bytes, uint32_t value)
{
	value = htole32(value);
	memcpy(bytes, &value, sizeof(value));
}

static void put64(uint8_t *bytes, uint64_t value)
{
	value = htole64(value);
	memcpy(bytes, &value, sizeof(value));
}

/* Bytes received until @deadline or the end; never more than @length. */
static int receive_some(struct sahara *sahara, void *buffer, size_t length, int64_t deadline,
			size_t *done)
{
	for (*done = 0; *done < length;) {
		struct pollfd poller = { .fd = sahara->fd, .events = POLLIN };
		int64_t left = deadline - now_ms();
		ssize_t part;

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&poller, 1, left) < 0 && errno != EINTR)
			return -errno;
		if (!poller.revents)
			continue;
		part = recv(sahara->fd, (char *)buffer + *done, length - *done, MSG_DONTWAIT);
		if (part < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (part < 0)
			return -errno;
		if (!part)
			return -EPIPE;
		*done += part;
	}
	return 0;
}

static int receive(struct sahara *sahara, const char *what, void *buffer, size_t length,
		   unsigned int milliseconds)
{
	size_t done;
	int error = receive_some(sahara, buffer, length, now_ms() + milliseconds, &done);

	if (!error)
		return 0;
	sahara->broken = true;
	if (error == -ETIMEDOUT)
		return fail(sahara->context, error,
			    "%s: waited %u s for %s: %zu of %zu bytes came", sahara->socket,
			    milliseconds / 1000, what, done, length);
	return fail(sahara->context, error, "%s: %s: %zu of %zu bytes came: %s", sahara->socket, what,
		    done, length, error == -EPIPE ? "the other end hung up" : strerror(-error));
}

/* Nothing frames the data: bytes that nobody asked for would be taken for the next ones. */
static bool has_unasked(struct sahara *sahara)
{
	struct pollfd poller = { .fd = sahara->fd, .events = POLLIN };
	uint8_t byte;

	return poll(&poller, 1, 0) > 0 && recv(sahara->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

static int send_all(struct sahara *sahara, const void *bytes, size_t length)
{
	int64_t deadline = now_ms() + PACKET_MS;
	size_t done = 0;

	if (has_unasked(sahara)) {
		sahara->broken = true;
		return fail(sahara->context, -EPROTO,
			    "%s: the device sent more than it was asked for: what comes next can't be told",
			    sahara->socket);
	}
	while (done < length) {
		struct pollfd poller = { .fd = sahara->fd, .events = POLLOUT };
		ssize_t part = send(sahara->fd, (const char *)bytes + done, length - done,
				    MSG_NOSIGNAL | MSG_DONTWAIT);

		if (part > 0) {
			done += part;
			continue;
		}
		if (errno != EINTR && errno != EAGAIN)
			break;
		errno = ETIMEDOUT;
		if (now_ms() >= deadline)
			break;
		poll(&poller, 1, 100);
	}
	if (done == length)
		return 0;
	sahara->broken = true;
	return fail(sahara->context, -errno, "%s: can't send: %s", sahara->socket, strerror(errno));
}

static int receive_packet(struct sahara *sahara, const char *what, unsigned int milliseconds,
			  struct packet *packet)
{
	uint8_t start[8];
	int error;

	memset(packet, 0, sizeof(*packet));
	error = receive(sahara, what, start, sizeof(start), milliseconds);
	if (error)
		return error;
	packet->command = get32(start);
	packet->length = get32(start + 4);
	if (packet->length < sizeof(start) || packet->length - sizeof(start) > MAX_PACKET) {
		sahara->broken = true;
		return fail(sahara->context, -EPROTO,
			    "%s: %s: a packet %#x of %u bytes came; expected 8 to %d: is Sahara spoken there?",
			    sahara->socket, what, packet->command, packet->length, MAX_PACKET + 8);
	}
	return receive(sahara, what, packet->body, packet->length - sizeof(start), PACKET_MS);
}

static int unexpected(struct sahara *sahara, const char *what, const struct packet *packet)
{
	return fail(sahara->context, -EPROTO, "%s: expected %s, but a packet %#x of %u bytes came",
		    sahara->socket, what, packet->command, packet->length);
}

static int say_hello(struct sahara *sahara)
{
	uint8_t answer[HELLO_SIZE] = { 0 };
	struct packet packet;
	int error = receive_packet(sahara, "hello", HELLO_MS, &packet);

	if (error)
		return error;
	if (packet.command != SAHARA_HELLO || packet.length != HELLO_SIZE)
		return unexpected(sahara, "hello", &packet);
	if (get32(packet.body + 12) != MODE_MEMORY_DEBUG)
		return fail(sahara->context, -EPROTO,
			    "%s: the device is in mode %u, not in memory debug (%d): it does not offer a dump",
			    sahara->socket, get32(packet.body + 12), MODE_MEMORY_DEBUG);
	put32(answer, SAHARA_HELLO_RESPONSE);
	put32(answer + 4, HELLO_SIZE);
	put32(answer + 8, VERSION);
	put32(answer + 12, COMPATIBLE);
	put32(answer + 20, MODE_MEMORY_DEBUG);
	return send_all(sahara, answer, sizeof(answer));
}

static int request(struct sahara *sahara, uint64_t address, size_t length)
{
	uint8_t packet[24];

	put32(packet, sahara->wide ? SAHARA_READ64 : SAHARA_READ);
	put32(packet + 4, sahara->wide ? 24 : 16);
	if (sahara->wide) {
		put64(packet + 8, address);
		put64(packet + 16, length);
	} else {
		put32(packet + 8, address);
		put32(packet + 12, length);
	}
	return send_all(sahara, packet, sahara->wide ? 24 : 16);
}

/* The device says no by a packet where data should be; data may begin like one, but goes on. */
static bool is_refusal(const uint8_t *bytes, size_t length)
{
	return length >= 16 && get32(bytes) == SAHARA_END_OF_IMAGE && get32(bytes + 4) == 16;
}

int sahara_read(struct sahara *sahara, uint64_t address, void *buffer, size_t length)
{
	size_t first = length < 16 ? length : 16, done;
	uint8_t *bytes = buffer;
	int error = request(sahara, address, length);

	if (!error)
		error = receive(sahara, "data", bytes, first, BLOCK_MS);
	if (error || first == length)
		return error;
	if (!is_refusal(bytes, first))
		return receive(sahara, "data", bytes + first, length - first, BLOCK_MS);
	error = receive_some(sahara, bytes + first, length - first, now_ms() + REFUSAL_MS, &done);
	if (!error)
		return 0;
	if (error == -ETIMEDOUT && !done)
		return fail(sahara->context, -EREMOTEIO,
			    "%s: the device refuses to read %zu bytes at %#llx: status %#x",
			    sahara->socket, length, (unsigned long long)address, get32(bytes + 12));
	return receive(sahara, "data", bytes + first + done, length - first - done, BLOCK_MS);
}

static void take_row(const uint8_t *bytes, bool wide, struct sahara_row *row)
{
	const uint8_t *name = bytes + (wide ? 24 : 12) + NAME_SIZE;

	row->address = wide ? get64(bytes + 8) : get32(bytes + 4);
	row->length = wide ? get64(bytes + 16) : get32(bytes + 8);
	memcpy(row->name, name, NAME_SIZE);
	row->name[NAME_SIZE] = '\0';
}

static int read_table(struct sahara *sahara)
{
	uint64_t address, length;
	struct packet packet;
	uint8_t *table;
	size_t size;
	int error = receive_packet(sahara, "the place of the table", PACKET_MS, &packet);

	if (error)
		return error;
	sahara->wide = packet.command == SAHARA_DEBUG64;
	if (!(sahara->wide && packet.length == 24) &&
	    !(packet.command == SAHARA_DEBUG && packet.length == 16))
		return unexpected(sahara, "the place of the table", &packet);
	address = sahara->wide ? get64(packet.body) : get32(packet.body);
	length = sahara->wide ? get64(packet.body + 8) : get32(packet.body + 4);
	size = sahara->wide ? ROW64_SIZE : ROW32_SIZE;
	if (length < size || length > MAX_TABLE)
		return fail(sahara->context, -EPROTO,
			    "%s: the device's table has %llu bytes; expected %zu to %u: no dump?",
			    sahara->socket, (unsigned long long)length, size, MAX_TABLE);
	table = malloc(length);
	sahara->nr_rows = length / size;
	sahara->rows = calloc(sahara->nr_rows, sizeof(*sahara->rows));
	if (!table || !sahara->rows) {
		free(table);
		return fail(sahara->context, -ENOMEM, "out of memory");
	}
	error = sahara_read(sahara, address, table, length);
	for (size_t i = 0; !error && i < sahara->nr_rows; i++)
		take_row(table + i * size, sahara->wide, &sahara->rows[i]);
	free(table);
	return error;
}

static int connect_socket(struct sahara *sahara)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (strlen(sahara->socket) >= sizeof(address.sun_path))
		return fail(sahara->context, -ENAMETOOLONG, "%s: too long for the name of a socket",
			    sahara->socket);
	strcpy(address.sun_path, sahara->socket);
	/* Else it would wait for who does not accept. */
	sahara->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sahara->fd >= 0 &&
	    !connect(sahara->fd, (struct sockaddr *)&address, sizeof(address)))
		return 0;
	return fail(sahara->context, -errno, "%s: can't connect: %s%s", sahara->socket,
		    strerror(errno), errno == EAGAIN ? ": others wait for this device already" : "");
}

int sahara_open(struct meminspect_context *context, const char *socket, struct sahara *sahara)
{
	int error;

	*sahara = (struct sahara) { .context = context, .socket = socket, .fd = -1 };
	error = connect_socket(sahara);
	if (!error)
		error = say_hello(sahara);
	if (!error)
		error = read_table(sahara);
	if (error)
		sahara_close(sahara);
	return error;
}

int sahara_reset(struct sahara *sahara)
{
	struct packet packet;
	uint8_t reset[8];
	int error;

	put32(reset, SAHARA_RESET);
	put32(reset + 4, sizeof(reset));
	error = send_all(sahara, reset, sizeof(reset));
	if (!error)
		error = receive_packet(sahara, "the answer to reset", PACKET_MS, &packet);
	if (!error && packet.command != SAHARA_RESET_RESPONSE)
		error = unexpected(sahara, "the answer to reset", &packet);
	return error;
}

void sahara_close(struct sahara *sahara)
{
	if (sahara->fd >= 0)
		close(sahara->fd);
	free(sahara->rows);
	sahara->fd = -1;
	sahara->rows = NULL;
}
