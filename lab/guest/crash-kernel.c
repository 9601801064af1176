// SPDX-License-Identifier: GPL-2.0-only
/* kdump as it is used: a second kernel in memory that was set aside. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kexec.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

void crash_kernel_load(void)
{
#ifdef SYS_kexec_file_load
	/* It has no init, and ends with a panic of its own */
	static const char cmdline[] = "console=ttyS0 no5lvl nr_cpus=1 panic=0";
	int kernel = open("/crash-kernel", O_RDONLY | O_CLOEXEC);

	if (kernel < 0)
		return;
	if (syscall(SYS_kexec_file_load, kernel, -1, sizeof(cmdline), cmdline,
		    KEXEC_FILE_ON_CRASH | KEXEC_FILE_NO_INITRAMFS) < 0)
		lab_say("LAB: error=cannot load the crash kernel: %s", strerror(errno));
	else
		lab_say("LAB: crash-kernel=loaded");
	close(kernel);
#endif
}
