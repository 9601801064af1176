/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_PREEMPT_H
#define SHIM_LINUX_PREEMPT_H

#include "shim.h"

#define preempt_disable()		((void)shim_preempt_count++)
#define preempt_enable()		((void)shim_preempt_count--)

#endif
