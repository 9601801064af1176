/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_IRQDESC_H
#define SHIM_LINUX_IRQDESC_H

struct irq_desc {
	unsigned int irq;
};

struct irq_desc *irq_to_desc(unsigned int irq);

#endif
