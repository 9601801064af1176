/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_IRQ_H
#define SHIM_LINUX_IRQ_H

#endif
