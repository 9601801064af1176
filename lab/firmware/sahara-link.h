/* SPDX-License-Identifier: GPL-2.0-only */
/* sahara-link.c: what stands for the USB cable. A host that goes away ends the program. */
#ifndef LAB_FIRMWARE_SAHARA_LINK_H
#define LAB_FIRMWARE_SAHARA_LINK_H

#include "firmware.h"

struct link {
	int socket;
	unsigned int timeout;
	uint64_t data_sent;
	/* Hang up when that much data is sent, as when the cable is pulled */
	uint64_t hang_up_after;
};

/* Waits for a host */
void link_open(struct link *link, const struct options *options);
void link_send(struct link *link, const void *bytes, size_t length);
void link_send_data(struct link *link, const void *bytes, uint64_t length);
/* Receives a packet, whose first words are command and length; false when that is no length */
bool link_receive(struct link *link, uint8_t *packet, size_t size);

#endif
