/* SPDX-License-Identifier: GPL-2.0-only */
/* zlib with a workspace, as the kernel has it: all input is given at once. */
#ifndef SHIM_LINUX_ZLIB_H
#define SHIM_LINUX_ZLIB_H

#include <zlib.h>

struct shim_stream {
	const void *next_in;
	unsigned long avail_in;
	void *next_out;
	unsigned long avail_out, total_out;
	void *workspace;
};

#define z_stream_s			shim_stream
#define DEF_MEM_LEVEL			8
#define zlib_deflate_workspacesize(bits, level)	((size_t)4096)
#define zlib_deflateInit2(stream, level, method, bits, memory, strategy)	\
	((stream)->workspace && (bits) == -15 ? Z_OK : Z_STREAM_ERROR)
#define zlib_deflateEnd(stream)		((void)(stream))

static inline int zlib_deflate(struct shim_stream *stream, int flush)
{
	z_stream real = {
		.next_in = (void *)stream->next_in, .avail_in = stream->avail_in,
		.next_out = stream->next_out, .avail_out = stream->avail_out,
	};
	int result = deflateInit2(&real, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, DEF_MEM_LEVEL,
				  Z_DEFAULT_STRATEGY);

	if (result == Z_OK)
		result = deflate(&real, flush);
	stream->total_out = real.total_out;
	deflateEnd(&real);
	return result;
}

#endif
