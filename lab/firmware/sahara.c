// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device side of Sahara's memory debug mode, on a Unix stream socket in place of USB. Packets
 * are a command, their length and what belongs to the command; what a host reads comes bare.
 *
 * device: HELLO; host: HELLO_RESPONSE; device: MEMORY_DEBUG, which says where the table of regions
 * is; host: MEMORY_READ of it, and of what it lists, in pieces as it likes; host: RESET; device:
 * RESET_RESPONSE. To what it does not like the device answers END_OF_IMAGE with a status.
 */
#include "bytes.h"
#include "firmware.h"
#include "map.h"
#include "sahara-link.h"

#include <inttypes.h>
#include <stdio.h>

enum command {
	HELLO = 0x1,
	HELLO_RESPONSE = 0x2,
	END_OF_IMAGE = 0x4,
	RESET = 0x7,
	RESET_RESPONSE = 0x8,
	MEMORY_DEBUG = 0x9,
	MEMORY_READ = 0xa,
	MEMORY_DEBUG_64 = 0x10,
	MEMORY_READ_64 = 0x11,
};

/* Lengths of whole packets */
enum {
	HELLO_LENGTH = 0x30,
	END_OF_IMAGE_LENGTH = 0x10,
	RESET_LENGTH = 0x8,
	MEMORY_LENGTH = 0x10,
	MEMORY_LENGTH_64 = 0x18,
};

enum status {
	INVALID_COMMAND = 0x01,
	PROTOCOL_MISMATCH = 0x02,
	INVALID_PACKET_SIZE = 0x05,
	UNKNOWN_HOST_ERROR = 0x15,
	INVALID_HOST_MODE = 0x18,
	INVALID_MEMORY_READ = 0x19,
};

enum {
	VERSION = 2,
	OLDEST_COMPATIBLE_VERSION = 1,
	MAX_PACKET = 0x1000,
	MODE_MEMORY_DEBUG = 2,

	ROW_SIZE = 52,
	ROW_SIZE_64 = 64,
	SAVE = 1,
};

_Static_assert((MINIDUMP_MAX_REGIONS + 1) * ROW_SIZE_64 <= PRIVATE_SIZE, "the table fits");

struct device {
	const struct options *options;
	const struct ram *ram;
	const struct regions *regions;
	struct link link;
	uint8_t table[PRIVATE_SIZE];
	uint64_t table_length;
};

/* Whether all regions are in the table: addresses of 32 bits do not reach everything */
static bool make_table(struct device *device)
{
	const struct regions *regions = device->regions;
	uint8_t *row = device->table;
	bool complete = true;

	for (unsigned int i = 0; i < regions->count; i++) {
		const struct region *region = &regions->list[i];

		if (device->options->table32) {
			if (region->address + region->size > 1ULL << 32) {
				warn("sahara: %s, address 0x%" PRIx64 ", is left out of a table "
				     "of 32 bits", region->file, region->address);
				complete = false;
				continue;
			}
			put32(row, SAVE);
			put32(row + 4, (uint32_t)region->address);
			put32(row + 8, (uint32_t)region->size);
			row += 12;
		} else {
			put64(row, SAVE);
			put64(row + 8, region->address);
			put64(row + 16, region->size);
			row += 24;
		}
		memcpy(row, region->name, FILE_NAME_SIZE);
		memcpy(row + FILE_NAME_SIZE, region->file, FILE_NAME_SIZE);
		row += 2 * FILE_NAME_SIZE;
	}
	device->table_length = (uint64_t)(row - device->table);
	return complete;
}

static void send_status(struct device *device, enum status status)
{
	uint8_t packet[END_OF_IMAGE_LENGTH] = { 0 };

	warn("sahara: END_OF_IMAGE with status 0x%x", status);
	put32(packet, END_OF_IMAGE);
	put32(packet + 4, sizeof(packet));
	put32(packet + 12, status);
	link_send(&device->link, packet, sizeof(packet));
}

static void send_hello(struct device *device)
{
	uint8_t packet[HELLO_LENGTH] = { 0 };

	put32(packet, HELLO);
	put32(packet + 4, sizeof(packet));
	put32(packet + 8, VERSION);
	put32(packet + 12, OLDEST_COMPATIBLE_VERSION);
	put32(packet + 16, MAX_PACKET);
	put32(packet + 20, MODE_MEMORY_DEBUG);
	link_send(&device->link, packet, sizeof(packet));
}

static void send_memory_debug(struct device *device)
{
	uint8_t packet[MEMORY_LENGTH_64];

	if (device->options->table32) {
		put32(packet, MEMORY_DEBUG);
		put32(packet + 4, MEMORY_LENGTH);
		put32(packet + 8, PRIVATE_BASE);
		put32(packet + 12, (uint32_t)device->table_length);
	} else {
		put32(packet, MEMORY_DEBUG_64);
		put32(packet + 4, MEMORY_LENGTH_64);
		put64(packet + 8, PRIVATE_BASE);
		put64(packet + 16, device->table_length);
	}
	link_send(&device->link, packet, get32(packet + 4));
}

static bool is_inside(uint64_t address, uint64_t length, uint64_t start, uint64_t size)
{
	return length && address >= start && address - start <= size &&
	       length <= size - (address - start);
}

/* A host gets what the table lists and the table itself, nothing else. */
static const uint8_t *find_bytes(const struct device *device, uint64_t address, uint64_t length)
{
	const char *unreadable = device->options->unreadable;

	if (is_inside(address, length, PRIVATE_BASE, device->table_length))
		return device->table + (address - PRIVATE_BASE);
	for (unsigned int i = 0; i < device->regions->count; i++) {
		const struct region *region = &device->regions->list[i];

		if (!is_inside(address, length, region->address, region->size))
			continue;
		if (unreadable && strcmp(unreadable, region->file) == 0)
			return NULL;
		return ram_at(device->ram, address, length);
	}
	return NULL;
}

static void answer_read(struct device *device, uint64_t address, uint64_t length)
{
	const uint8_t *bytes = find_bytes(device, address, length);

	if (bytes) {
		link_send_data(&device->link, bytes, length);
		return;
	}
	warn("sahara: the host may not read 0x%" PRIx64 " bytes at 0x%" PRIx64, length, address);
	send_status(device, INVALID_MEMORY_READ);
}

/* What the host is told when it does not answer as it should, or 0 */
static enum status check_hello_response(const uint8_t *packet)
{
	if (get32(packet) != HELLO_RESPONSE)
		return INVALID_COMMAND;
	if (get32(packet + 4) != HELLO_LENGTH)
		return INVALID_PACKET_SIZE;
	if (get32(packet + 8) < OLDEST_COMPATIBLE_VERSION || get32(packet + 12) > VERSION)
		return PROTOCOL_MISMATCH;
	if (get32(packet + 16))
		return UNKNOWN_HOST_ERROR;
	if (get32(packet + 20) != MODE_MEMORY_DEBUG)
		return INVALID_HOST_MODE;
	return 0;
}

/* What the length of a packet has to be, or 0 when the device does not know the command now */
static uint32_t expected_length(const struct device *device, uint32_t command)
{
	if (command == RESET)
		return RESET_LENGTH;
	if (command == MEMORY_READ && device->options->table32)
		return MEMORY_LENGTH;
	if (command == MEMORY_READ_64 && !device->options->table32)
		return MEMORY_LENGTH_64;
	return 0;
}

/* Whether the host wants to go on */
static bool answer(struct device *device, const uint8_t *packet)
{
	static const uint8_t reset_response[] = { RESET_RESPONSE, 0, 0, 0, RESET_LENGTH, 0, 0, 0 };
	const uint32_t command = get32(packet), length = expected_length(device, command);

	if (!length)
		send_status(device, INVALID_COMMAND);
	else if (get32(packet + 4) != length)
		send_status(device, INVALID_PACKET_SIZE);
	else if (command == MEMORY_READ)
		answer_read(device, get32(packet + 8), get32(packet + 12));
	else if (command == MEMORY_READ_64)
		answer_read(device, get64(packet + 8), get64(packet + 16));
	else
		link_send(&device->link, reset_response, sizeof(reset_response));
	return length != RESET_LENGTH || get32(packet + 4) != length;
}

/* Returns when the host has reset the device; a host that leaves otherwise ends the program. */
static void serve(struct device *device)
{
	uint8_t packet[MAX_PACKET];
	enum status status;

	send_hello(device);
	if (!link_receive(&device->link, packet, sizeof(packet))) {
		send_status(device, INVALID_PACKET_SIZE);
		fail(OUTCOME_PARTIAL, "sahara: the host sends no packets");
	}
	status = check_hello_response(packet);
	if (status) {
		send_status(device, status);
		fail(OUTCOME_PARTIAL, "sahara: the host does not answer HELLO as it should");
	}
	send_memory_debug(device);
	do {
		if (!link_receive(&device->link, packet, sizeof(packet))) {
			send_status(device, INVALID_PACKET_SIZE);
			fail(OUTCOME_PARTIAL, "sahara: the host sends no packets");
		}
	} while (answer(device, packet));
}

enum outcome sahara(const struct options *options)
{
	static struct device device;
	static struct regions regions;
	struct ram ram;
	enum outcome outcome = dead_machine(&ram, &regions, options);

	device.options = options;
	device.ram = &ram;
	device.regions = &regions;
	if (!make_table(&device))
		outcome = OUTCOME_PARTIAL;
	link_open(&device.link, options);
	serve(&device);
	printf("firmware: %llu bytes to the host, and reset\n",
	       (unsigned long long)device.link.data_sent);
	return outcome;
}
