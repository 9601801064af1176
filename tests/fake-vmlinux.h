/* SPDX-License-Identifier: GPL-2.0-only */
/* A small vmlinux, made by the assembler. */
#ifndef TESTS_FAKE_VMLINUX_H
#define TESTS_FAKE_VMLINUX_H

#include <stdio.h>
#include <stdlib.h>

#define FAKE_VMLINUX_TEXT	0xffffffff81000000ULL
/* That of the model: "model build identity" */
#define BUILD_ID "6d6f64656c206275696c64206964656e74697479"

/* Assembles @text and links it where the kernel is, with that build-id. */
static void link_image(const char *image, const char *text, const char *build_id)
{
	char command[512];
	FILE *file;

	snprintf(command, sizeof(command),
		 "gcc -nostdlib -static -no-pie -Wl,-Ttext=0x%llx -Wl,--defsym=_end=0xffffffff82000000 "
		 "-Wl,--build-id=0x%s -Wl,-e,0 -mcmodel=kernel -x assembler - -o %s", FAKE_VMLINUX_TEXT,
		 build_id, image);
	file = popen(command, "w");
	if (!file || fputs(text, file) < 0 || pclose(file)) {
		printf("Bail out! cannot link %s\n", image);
		exit(1);
	}
}

#endif /* TESTS_FAKE_VMLINUX_H */
