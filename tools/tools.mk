# SPDX-License-Identifier: GPL-2.0-only
# meminspect(1): one file a subcommand.
tools_sources := $(wildcard tools/*.c)
tools_objects := $(tools_sources:%.c=build/%.o)

# It has the script in it
build/tools/gdb-frames.o build/sanitized/tools/gdb-frames.o: tools/frames.py

build/meminspect: $(tools_objects) build/libmeminspect.a
	$(QUIET_LD)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(lib_libraries)

# make install [PREFIX=/usr/local] [DESTDIR=]
PREFIX ?= /usr/local
.PHONY: install
install: build/meminspect
	install -D -m 755 build/meminspect $(DESTDIR)$(PREFIX)/bin/meminspect
	install -D -m 644 docs/meminspect.1 $(DESTDIR)$(PREFIX)/share/man/man1/meminspect.1
	install -D -m 644 tools/completion/meminspect.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/meminspect
	install -D -m 644 tools/completion/meminspect.zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_meminspect
	install -D -m 644 tools/completion/meminspect.fish \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/meminspect.fish
