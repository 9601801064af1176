/* SPDX-License-Identifier: GPL-2.0-only */
/* What pstore calls for meminspect. */
#ifndef _LINUX_MEMINSPECT_PSTORE_H
#define _LINUX_MEMINSPECT_PSTORE_H

#include <linux/kmsg_dump.h>

struct pstore_info;

#ifdef CONFIG_MEMINSPECT_PSTORE

void meminspect_pstore_attach(struct pstore_info *psi);
void meminspect_pstore_detach(struct pstore_info *psi);
void meminspect_pstore_dump(struct pstore_info *psi,
			    enum kmsg_dump_reason reason, int crash);

#else /* !CONFIG_MEMINSPECT_PSTORE */

static inline void meminspect_pstore_attach(struct pstore_info *psi) { }
static inline void meminspect_pstore_detach(struct pstore_info *psi) { }
static inline void meminspect_pstore_dump(struct pstore_info *psi,
					  enum kmsg_dump_reason reason,
					  int crash) { }

#endif /* CONFIG_MEMINSPECT_PSTORE */

#endif /* _LINUX_MEMINSPECT_PSTORE_H */
