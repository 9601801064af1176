// SPDX-License-Identifier: LGPL-2.1-only
/* Reads a vmlinux with libelf. */
#include "vmlinux.h"
#include "little-endian.h"
#include "sorted.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUILD_ID_NAME	"GNU"
/* Sections may overlap in a hostile file. No kernel's image has more bytes, or nearly as many sections. */
#define MAX_BYTES	(1ULL << 30)
#define MAX_SECTIONS	4096U

struct range {
	uint64_t start, end;
	const uint8_t *bytes;
};

struct relocation {
	uint64_t address;
	uint64_t value;
};

struct vmlinux {
	struct meminspect_context *context;
	const char *path;
	int fd;
	Elf *elf;
	size_t nr_sections;
	struct range *sections;		/* what is loaded and has bytes */
	size_t nr_functions;
	struct range *functions;	/* by start */
	size_t nr_relocations;
	struct relocation *relocations;	/* by address */
	uint64_t image_start, image_end;
	Elf_Data *symbols;
	size_t nr_symbols;
	size_t names;			/* section of their names */
	bool has_build_id;
};

static int refuse(struct vmlinux *vmlinux, const char *why)
{
	return fail(vmlinux->context, -EINVAL, "%s: %s", vmlinux->path, why);
}

static int add_loaded(struct vmlinux *vmlinux, const GElf_Shdr *header, Elf_Data *data)
{
	struct range *sections;

	if (vmlinux->nr_sections == MAX_SECTIONS)
		return refuse(vmlinux, "it has more sections than any kernel");
	if (header->sh_addr > UINT64_MAX - data->d_size)
		return refuse(vmlinux, "a section ends behind the last address");
	sections = reallocarray(vmlinux->sections, vmlinux->nr_sections + 1, sizeof(*sections));
	if (!sections)
		return -ENOMEM;
	vmlinux->sections = sections;
	sections[vmlinux->nr_sections++] = (struct range) {
		header->sh_addr, header->sh_addr + data->d_size, data->d_buf,
	};
	return 0;
}

static int check_build_id(struct vmlinux *vmlinux, Elf_Data *data,
			  const struct meminspect_ident *ident)
{
	size_t at = 0, name, contents;
	GElf_Nhdr note;

	while ((at = gelf_getnote(data, at, &note, &name, &contents)) > 0) {
		if (note.n_type != NT_GNU_BUILD_ID || note.n_namesz != sizeof(BUILD_ID_NAME) ||
		    memcmp((uint8_t *)data->d_buf + name, BUILD_ID_NAME, sizeof(BUILD_ID_NAME)))
			continue;
		if (note.n_descsz != ident->build_id_size ||
		    note.n_descsz > sizeof(ident->build_id) ||
		    memcmp((uint8_t *)data->d_buf + contents, ident->build_id, note.n_descsz))
			return refuse(vmlinux, "its build-id is not that of the kernel that died");
		vmlinux->has_build_id = true;
	}
	return 0;
}

/* Where words are 0 in the image, and what belongs there stands beside it. */
static int add_relocations(struct vmlinux *vmlinux, const GElf_Shdr *header, Elf_Data *data)
{
	size_t nr = header->sh_entsize ? data->d_size / header->sh_entsize : 0;
	struct relocation *relocations;
	GElf_Rela rela;

	relocations = reallocarray(vmlinux->relocations, vmlinux->nr_relocations + nr + 1,
				   sizeof(*relocations));
	if (!relocations)
		return -ENOMEM;
	vmlinux->relocations = relocations;
	for (size_t i = 0; i < nr; i++) {
		if (!gelf_getrela(data, (int)i, &rela) ||
		    GELF_R_TYPE(rela.r_info) != R_AARCH64_RELATIVE)
			continue;
		relocations[vmlinux->nr_relocations++] = (struct relocation) {
			rela.r_offset, (uint64_t)rela.r_addend,
		};
	}
	return 0;
}

static bool is_wanted(const GElf_Shdr *header)
{
	return header->sh_type != SHT_NOBITS &&
	       (header->sh_type == SHT_SYMTAB || header->sh_type == SHT_NOTE ||
		header->sh_flags & SHF_ALLOC);
}

static int read_sections(struct vmlinux *vmlinux, const struct meminspect_ident *ident)
{
	Elf_Scn *section = NULL;
	uint64_t left = MAX_BYTES;
	int error = 0;

	while (!error && (section = elf_nextscn(vmlinux->elf, section))) {
		GElf_Shdr header;
		Elf_Data *data;

		if (!gelf_getshdr(section, &header))
			return refuse(vmlinux, elf_errmsg(-1));
		if (!is_wanted(&header))
			continue;
		if (header.sh_size > left)
			return refuse(vmlinux, "its sections have more than 1 GiB");
		left -= header.sh_size;
		data = elf_getdata(section, NULL);
		if (!data || !data->d_size)
			continue;
		if (header.sh_type == SHT_SYMTAB) {
			vmlinux->symbols = data;
			vmlinux->nr_symbols = header.sh_entsize ? data->d_size / header.sh_entsize : 0;
			vmlinux->names = header.sh_link;
		} else if (header.sh_type == SHT_NOTE) {
			error = check_build_id(vmlinux, data, ident);
		} else if (header.sh_type == SHT_RELA && header.sh_flags & SHF_ALLOC) {
			error = add_relocations(vmlinux, &header, data);
		}
		/* What is per CPU has no address of its own. */
		if (!error && header.sh_flags & SHF_ALLOC && header.sh_addr)
			error = add_loaded(vmlinux, &header, data);
	}
	if (vmlinux->nr_relocations)
		qsort(vmlinux->relocations, vmlinux->nr_relocations, sizeof(*vmlinux->relocations),
		      sorted_compare);
	return error;
}

/* Entries from assembly have a size, but no type. */
static bool is_function(const GElf_Sym *symbol)
{
	int type = GELF_ST_TYPE(symbol->st_info);

	return (type == STT_FUNC || type == STT_NOTYPE) && symbol->st_size &&
	       symbol->st_value <= UINT64_MAX - symbol->st_size;
}

static int read_functions(struct vmlinux *vmlinux)
{
	GElf_Sym symbol;
	uint64_t size;

	if (!vmlinux->nr_symbols)
		return refuse(vmlinux, "it has no symbols");
	vmlinux->functions = calloc(vmlinux->nr_symbols, sizeof(*vmlinux->functions));
	if (!vmlinux->functions)
		return -ENOMEM;
	for (size_t i = 0; i < vmlinux->nr_symbols; i++) {
		if (!gelf_getsym(vmlinux->symbols, (int)i, &symbol) || !is_function(&symbol))
			continue;
		vmlinux->functions[vmlinux->nr_functions++] = (struct range) {
			symbol.st_value, symbol.st_value + symbol.st_size, NULL,
		};
	}
	qsort(vmlinux->functions, vmlinux->nr_functions, sizeof(*vmlinux->functions),
	      sorted_compare);
	if (vmlinux_symbol(vmlinux, "_text", &vmlinux->image_start, &size) ||
	    vmlinux_symbol(vmlinux, "_end", &vmlinux->image_end, &size))
		return refuse(vmlinux, "it has no symbols _text and _end: is it a vmlinux?");
	return 0;
}

static int read_elf(struct vmlinux *vmlinux, const struct meminspect_ident *ident)
{
	GElf_Ehdr header;
	int error;

	elf_version(EV_CURRENT);
	vmlinux->elf = elf_begin(vmlinux->fd, ELF_C_READ, NULL);
	if (!vmlinux->elf || elf_kind(vmlinux->elf) != ELF_K_ELF ||
	    !gelf_getehdr(vmlinux->elf, &header))
		return refuse(vmlinux, "no ELF file: expected a vmlinux with its symbols");
	if (header.e_machine != ident->machine || header.e_ident[EI_CLASS] != ELFCLASS64 ||
	    header.e_ident[EI_DATA] != ELFDATA2LSB)
		return refuse(vmlinux, "it is of another kind of machine");
	error = read_sections(vmlinux, ident);
	if (error)
		return error;
	if (!vmlinux->has_build_id)
		return refuse(vmlinux, "it has no build-id: nothing tells that it is of the kernel that died");
	return read_functions(vmlinux);
}

int vmlinux_open(struct meminspect_context *context, const char *path,
		 const struct meminspect_ident *ident, struct vmlinux **result)
{
	struct vmlinux *vmlinux = calloc(1, sizeof(*vmlinux));
	int error;

	if (!vmlinux)
		return fail(context, -ENOMEM, "%s: out of memory", path);
	vmlinux->context = context;
	vmlinux->path = path;
	vmlinux->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (vmlinux->fd < 0)
		error = fail(context, -errno, "%s: %s", path, strerror(errno));
	else
		error = read_elf(vmlinux, ident);
	if (error == -ENOMEM)
		fail(context, error, "%s: out of memory", path);
	if (error) {
		vmlinux_close(vmlinux);
		return error;
	}
	*result = vmlinux;
	return 0;
}

void vmlinux_close(struct vmlinux *vmlinux)
{
	if (!vmlinux)
		return;
	elf_end(vmlinux->elf);
	if (vmlinux->fd >= 0)
		close(vmlinux->fd);
	free(vmlinux->sections);
	free(vmlinux->functions);
	free(vmlinux->relocations);
	free(vmlinux);
}

int vmlinux_symbol(const struct vmlinux *vmlinux, const char *name, uint64_t *address,
		   uint64_t *size)
{
	GElf_Sym symbol;

	for (size_t i = 0; i < vmlinux->nr_symbols; i++) {
		const char *found;

		if (!gelf_getsym(vmlinux->symbols, (int)i, &symbol))
			continue;
		found = elf_strptr(vmlinux->elf, vmlinux->names, symbol.st_name);
		if (!found || strcmp(found, name))
			continue;
		*address = symbol.st_value;
		*size = symbol.st_size;
		return 0;
	}
	return -ENOENT;
}

bool vmlinux_function(const struct vmlinux *vmlinux, uint64_t address, uint64_t *start,
		      uint64_t *end)
{
	size_t low = sorted_up_to(vmlinux->functions, vmlinux->nr_functions,
				  sizeof(*vmlinux->functions), address);

	if (!low || address >= vmlinux->functions[low - 1].end)
		return false;
	*start = vmlinux->functions[low - 1].start;
	*end = vmlinux->functions[low - 1].end;
	return true;
}

const uint8_t *vmlinux_bytes_up_to(const struct vmlinux *vmlinux, uint64_t address,
				   uint64_t *length)
{
	for (size_t i = 0; i < vmlinux->nr_sections; i++) {
		const struct range *section = &vmlinux->sections[i];

		if (address < section->start || address >= section->end)
			continue;
		if (*length > section->end - address)
			*length = section->end - address;
		return section->bytes + (address - section->start);
	}
	return NULL;
}

const uint8_t *vmlinux_bytes(const struct vmlinux *vmlinux, uint64_t address, uint64_t length)
{
	uint64_t there = length;
	const uint8_t *bytes = vmlinux_bytes_up_to(vmlinux, address, &there);

	return there == length ? bytes : NULL;
}

uint64_t vmlinux_word(const struct vmlinux *vmlinux, uint64_t address, uint64_t kaslr_offset)
{
	const struct relocation key = { .address = address };
	const struct relocation *found = NULL;
	const uint8_t *bytes;
	uint64_t word;

	if (vmlinux->nr_relocations)
		found = bsearch(&key, vmlinux->relocations, vmlinux->nr_relocations, sizeof(key),
				sorted_compare);
	if (found)
		return found->value + kaslr_offset;
	bytes = vmlinux_bytes(vmlinux, address, sizeof(word));
	word = bytes ? get64(bytes) : 0;
	if (word >= vmlinux->image_start && word < vmlinux->image_end)
		return word + kaslr_offset;
	return word;
}
