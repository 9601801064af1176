/* SPDX-License-Identifier: GPL-2.0-only */
/* As much of the ringbuffer as tells where its parts are. */
#ifndef SHIM_PRINTK_RINGBUFFER_H
#define SHIM_PRINTK_RINGBUFFER_H

struct prb_desc {
	long words[3];
};

struct printk_info {
	long words[11];
};

struct prb_desc_ring {
	unsigned int count_bits;
	struct prb_desc *descs;
	struct printk_info *infos;
};

struct prb_data_ring {
	unsigned int size_bits;
	char *data;
};

struct printk_ringbuffer {
	struct prb_desc_ring desc_ring;
	struct prb_data_ring text_data_ring;
};

#endif
