/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef SHIM_LINUX_SECURITY_H
#define SHIM_LINUX_SECURITY_H

#include "shim.h"

#define security_locked_down(what)	(shim_locked_down ? -1 : 0)

#endif
