// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keys of VMCOREINFO: looking them up, and explaining every one of those that
 * the kernel documents. The list is taken from the kernel's document itself,
 * whose path is the argument; without one, from where it lies beside the
 * repository.
 */
#include "internal.h"
#include "tap.h"
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdlib.h>

#define DOCUMENT	"../shared/seeds/004_*.txt"
#define MAX_LINE	4096
/* A sentence of ours and the document may share a term, but not so many words in a row. */
#define COPIED_WORDS	7

static void test_values(void)
{
	static const char text[] = "OSRELEASE=6.12\nX=SYMBOL(a)=1\nSYMBOL(a)=ff\nSYMBOL(b)=\n"
				   "NUMBER(n)=-2\nNUMBER(h)=0x10\nNUMBER(s)= 1\nNUMBER(p)=+1\n"
				   "NUMBER(m)=--1\nNUMBER(t)=1x\nNUMBER(o)=18446744073709551616\n"
				   "NUMBER(u)=18446744073709551615\nSYMBOL(a)=aa\nNUMBER(cut)=12";
	uint64_t number = 0;
	const char *value;
	size_t length = 0;

	value = meminspect_vmcoreinfo_value(text, "OSRELEASE", &length);
	ok(value && length == 4 && !memcmp(value, "6.12", 4), "a value is found");
	value = meminspect_vmcoreinfo_value(text, "SYMBOL(a)", &length);
	ok(value && length == 2 && !memcmp(value, "ff", 2),
	   "a key counts at the start of a line only, and the first counts");
	value = meminspect_vmcoreinfo_value(text, "SYMBOL(b)", &length);
	ok(value && !length, "a value may be empty");
	ok(!meminspect_vmcoreinfo_value(text, "SYMBOL(", &length), "half a key is none");
	ok(!meminspect_vmcoreinfo_value(text, "", &length), "no key is none");
	ok(!meminspect_vmcoreinfo_value(text, "X=SYMBOL(a)", &length), "a key has no '='");
	ok(!meminspect_vmcoreinfo_value(text, "6.12\nX", &length), "a key has no line end");
	ok(!meminspect_vmcoreinfo_value(text, "NUMBER(cut)", &length),
	   "a line without an end was cut, and is not believed");
	ok(!meminspect_vmcoreinfo_value("", "X", &length), "no text has no key");

	ok(!meminspect_vmcoreinfo_number(text, "SYMBOL(a)", 16, &number) && number == 0xff,
	   "a hexadecimal number");
	ok(!meminspect_vmcoreinfo_number(text, "NUMBER(n)", 10, &number) && number == -2ULL,
	   "a negative number");
	ok(!meminspect_vmcoreinfo_number(text, "NUMBER(h)", 0, &number) && number == 16,
	   "a number whose prefix tells the base");
	ok(!meminspect_vmcoreinfo_number(text, "NUMBER(u)", 10, &number) && number == UINT64_MAX,
	   "the largest number");
	is_number(meminspect_vmcoreinfo_number(text, "NUMBER(gone)", 10, &number), -ENOENT,
		  "no such number");
	number = 42;
	for (const char *name = "bstpmo"; *name; name++) {
		char key[] = { 'N', 'U', 'M', 'B', 'E', 'R', '(', *name, ')', '\0' };

		if (*name == 'b')
			memcpy(key, "SYMBOL", 6);
		is_number(meminspect_vmcoreinfo_number(text, key, 10, &number), -EINVAL,
			  "%s is no number", key);
	}
	is_number(number, 42, "which left the result alone");
}

/* What the document has of a kind, so that the test sees when it stops to understand it. */
struct list {
	size_t nr;
	struct entry {
		char key[128];
		char architecture[16];	/* "all" for what is common */
	} entries[256];
};

static void add_key(struct list *list, const char *architecture, const char *form,
		    const char *name)
{
	struct entry *entry = &list->entries[list->nr];

	if (list->nr == ARRAY_SIZE(list->entries))
		return;
	list->nr++;
	if (!strcmp(form, "plain"))
		snprintf(entry->key, sizeof(entry->key), "%s", name);
	else if (!strcmp(form, "CONFIG"))
		snprintf(entry->key, sizeof(entry->key), "CONFIG_%s", name);
	else
		snprintf(entry->key, sizeof(entry->key), "%s(%s)", form, name);
	snprintf(entry->architecture, sizeof(entry->architecture), "%s", architecture);
}

/* "(structure, member|member)", or "(array, CONSTANT)" for the length of an array. */
static void add_pair(struct list *list, const char *architecture, const char *pair)
{
	char structure[64], members[512], name[600], *member, *rest;

	if (sscanf(pair, "(%63[^,], %511[^)])", structure, members) != 2)
		return;
	for (member = strtok_r(members, "|", &rest); member; member = strtok_r(NULL, "|", &rest)) {
		if (isupper((unsigned char)member[0])) {
			add_key(list, architecture, "LENGTH", structure);
			continue;
		}
		snprintf(name, sizeof(name), "%s.%s", structure, member);
		add_key(list, architecture, "OFFSET", name);
	}
}

static bool contains_word(const char *words, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = words; (at = strcasestr(at, word)); at++)
		if ((at == words || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[length]))
			return true;
	return false;
}

/*
 * A heading names no form. It follows from the name and from what the
 * description calls it.
 */
static const char *form_of(const char *name, const char *description)
{
	static const char *const numbers[] = {
		/* Variables by name, but values by what the kernel writes. */
		"phys_base", "pgtable_l5_enabled", "sme_mask", "kimage_voffset", "phys_ram_base",
		"va_kernel_pa_offset",
	};
	static const char *const options[] = { "X86_PAE", "ARM_LPAE", "X2TLB" };
	static const char *const plain[] = { "KERNELOFFSET", "OSRELEASE", "PAGESIZE" };

	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (!strcmp(name, options[i]))
			return "CONFIG";
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (!strcmp(name, plain[i]))
			return "plain";
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		if (!strcmp(name, numbers[i]))
			return "NUMBER";
	if (isupper((unsigned char)name[0]))
		return "NUMBER";
	if (contains_word(description, "size of a") || contains_word(description, "size of the"))
		return strstr(description, "The size of a page. Used") ? "SYMBOL" : "SIZE";
	return "SYMBOL";
}

/* One name of a heading: what stands between its bars. */
static void add_name(struct list *list, const char *architecture, const char *heading,
		     const char *name, const char *description)
{
	char tag[80];

	if (!strcmp(name, "init_uts_ns.name.release")) {
		add_key(list, architecture, "plain", "OSRELEASE");
	} else if (!strcmp(name, "PAGE_SIZE")) {
		add_key(list, architecture, "plain", "PAGESIZE");
	} else if (!strcmp(name, "TCR_EL1.T1SZ")) {
		add_key(list, architecture, "NUMBER", "TCR_EL1_T1SZ");
	} else if (!strncmp(name, "PAGE_", 5) && strchr(name, '(')) {
		/* PAGE_..._VALUE(~flag): the flag is what the value was made from. */
		snprintf(tag, sizeof(tag), "%.*s", (int)strcspn(name, "("), name);
		add_key(list, architecture, "NUMBER", tag);
	} else if (!strncmp(name, "PG_", 3)) {
		add_key(list, architecture, "NUMBER", name);
	} else if (strchr(heading, '(') && strcmp(heading, name)) {
		/* "x|(x, member)": a structure has a size, an array an address, or both. */
		bool structure = strstr(heading, "|(") && strstr(description, "struct");
		bool array = strstr(description, "array");

		if (array || !structure)
			add_key(list, architecture, "SYMBOL", name);
		if (structure || strstr(description, "structure size"))
			add_key(list, architecture, "SIZE", name);
	} else {
		add_key(list, architecture, form_of(name, description), name);
	}
}

/* Splits a heading at the bars outside of parentheses. */
static void add_heading(struct list *list, const char *architecture, const char *heading,
			const char *description)
{
	const char *start = heading;
	int depth = 0;

	for (const char *at = heading;; at++) {
		char name[512];

		depth += *at == '(';
		depth -= *at == ')';
		if (*at && (*at != '|' || depth))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)(at - start), start);
		if (name[0] == '(')
			add_pair(list, architecture, name);
		else
			add_name(list, architecture, heading, name, description);
		if (!*at)
			return;
		start = at + 1;
	}
}

/* A heading is a line that is a name, or some, and no sentence. */
static bool is_heading(const char *line)
{
	int depth = 0;

	if (!isalpha((unsigned char)line[0]) && line[0] != '_' && line[0] != '(')
		return false;
	for (; *line; line++) {
		depth += *line == '(';
		depth -= *line == ')';
		if (*line == ' ' && !depth)
			return false;
	}
	return !depth;
}

/* The document's name of the architecture that a line opens the section of. */
static const char *section(const char *line)
{
	static const char *const sections[] = {
		"x86_64", "x86_32", "ARM64", "arm", "s390", "powerpc", "sh", "RISCV64",
	};

	if (!strcmp(line, "Common variables"))
		return "all";
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
		if (!strcmp(line, sections[i]))
			return sections[i];
	return NULL;
}

static void parse(FILE *document, struct list *list, size_t *sections, char **whole)
{
	char line[MAX_LINE], heading[MAX_LINE] = "", description[4 * MAX_LINE] = "";
	const char *architecture = NULL;
	size_t size = 0;
	FILE *copy = open_memstream(whole, &size);

	for (;;) {
		bool more = fgets(line, sizeof(line), document), title;
		const char *opened;

		line[more ? strcspn(line, "\r\n") : 0] = '\0';
		opened = section(line);
		title = *line && architecture && !opened && is_heading(line);
		if ((!more || opened || title) && *heading) {
			add_heading(list, architecture, heading, description);
			*heading = *description = '\0';
		}
		if (!more)
			break;
		if (opened) {
			architecture = opened;
			++*sections;
		} else if (title) {
			strcpy(heading, line);
		} else if (strlen(description) + strlen(line) + 2 < sizeof(description)) {
			strcat(strcat(description, line), "\n");
		}
		fprintf(copy, "%s ", line);
	}
	fclose(copy);
}

/* Words of a text, in lower case, with one space around each. */
static char *normalise(const char *text)
{
	char *words = calloc(2, strlen(text) + 2), *to = words;
	bool inside = false;

	*to++ = ' ';
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || *text == '_') {
			*to++ = (char)tolower((unsigned char)*text);
			inside = true;
		} else if (inside) {
			*to++ = ' ';
			inside = false;
		}
	}
	if (inside)
		*to++ = ' ';
	return words;
}

static bool is_copied(const char *sentence, const char *document)
{
	char *words = normalise(sentence), *start = words;
	bool copied = false;

	while (!copied) {
		char *end = start, saved;
		int nr;

		for (nr = 0; nr < COPIED_WORDS && (end = strchr(end + 1, ' ')); nr++)
			;
		if (!end)
			break;
		saved = end[1];
		end[1] = '\0';
		copied = strstr(document, start);
		end[1] = saved;
		start = strchr(start + 1, ' ');
	}
	free(words);
	return copied;
}

static bool has_key(const struct list *list, const char *key)
{
	for (size_t i = 0; i < list->nr; i++)
		if (!strcmp(list->entries[i].key, key))
			return true;
	return false;
}

static void test_document(const char *path)
{
	/* One of each form: that the test understands the document. */
	static const char *const expected[] = {
		"OSRELEASE", "PAGESIZE", "SYMBOL(init_uts_ns)", "OFFSET(uts_namespace.name)",
		"SYMBOL(mem_section)", "SIZE(mem_section)", "LENGTH(mem_section)",
		"OFFSET(mem_section.section_mem_map)", "NUMBER(MAX_PHYSMEM_BITS)", "SIZE(page)",
		"SIZE(nodemask_t)", "OFFSET(page.compound_order)", "LENGTH(zone.free_area)",
		"SYMBOL(prb)", "SIZE(printk_ringbuffer)", "LENGTH(free_area.free_list)",
		"NUMBER(PG_slab)", "NUMBER(PAGE_OFFLINE_MAPCOUNT_VALUE)", "NUMBER(phys_base)",
		"SYMBOL(node_data)", "LENGTH(node_data)", "KERNELOFFSET", "NUMBER(sme_mask)",
		"CONFIG_X86_PAE", "NUMBER(VA_BITS)", "NUMBER(TCR_EL1_T1SZ)",
		"NUMBER(MODULES_VADDR)", "CONFIG_ARM_LPAE", "SYMBOL(lowcore_ptr)",
		"LENGTH(lowcore_ptr)", "SYMBOL(vmemmap_list)", "SYMBOL(mmu_vmemmap_psize)",
		"SIZE(vmemmap_backing)", "OFFSET(vmemmap_backing.virt_addr)",
		"SIZE(mmu_psize_def)", "CONFIG_X2TLB", "NUMBER(PAGE_OFFSET)",
		"NUMBER(va_kernel_pa_offset)",
	};
	static struct list list;
	FILE *document = fopen(path, "r");
	size_t sections = 0;
	char *whole, *words;

	if (!ok(document, "the document %s opens", path))
		return;
	parse(document, &list, &sections, &whole);
	fclose(document);
	words = normalise(whole);
	is_number(sections, 9, "the document has one part for all architectures, and eight");
	for (size_t i = 0; i < ARRAY_SIZE(expected); i++)
		if (!has_key(&list, expected[i]))
			ok(false, "the document's %s is understood by this test", expected[i]);
	for (size_t i = 0; i < list.nr; i++) {
		const struct entry *entry = &list.entries[i];
		const char *used_by = NULL;
		const char *meaning = meminspect_vmcoreinfo_explain(entry->key, &used_by);

		if (!ok(meaning && strlen(meaning) > 20, "%s, %s: is explained",
			entry->architecture, entry->key))
			continue;
		ok(!strcmp(used_by, "all") || contains_word(used_by, entry->architecture),
		   "%s, %s: belongs to %s", entry->architecture, entry->key, used_by);
		if (!ok(!is_copied(meaning, words), "%s: in our own words", entry->key))
			diag("%s", meaning);
		for (size_t j = 0; j < i; j++) {
			const char *other = meminspect_vmcoreinfo_explain(list.entries[j].key,
									  &used_by);

			if (other && !strcmp(other, meaning) &&
			    strcmp(list.entries[j].key, entry->key))
				ok(false, "%s: has a meaning of its own, not that of %s",
				   entry->key, list.entries[j].key);
		}
	}
	free(words);
	free(whole);
}

static void test_explain(void)
{
	const char *used_by;

	ok(!meminspect_vmcoreinfo_explain("SYMBOL(nothing_we_know)", &used_by),
	   "a key that nobody knows is not explained");
	ok(!meminspect_vmcoreinfo_explain("SYMBOL(prb", &used_by), "nor is half a key");
	ok(meminspect_vmcoreinfo_explain(MEMINSPECT_VMCOREINFO_KEY0, &used_by) &&
	   meminspect_vmcoreinfo_explain(MEMINSPECT_VMCOREINFO_KEY1, &used_by),
	   "the keys of the directory are");
}

int main(int argc, char **argv)
{
	glob_t found;

	test_values();
	test_explain();
	if (argc > 1) {
		test_document(argv[1]);
	} else if (!glob(DOCUMENT, 0, NULL, &found)) {
		test_document(found.gl_pathv[0]);
		globfree(&found);
	} else {
		skip("the kernel's list of keys is not at " DOCUMENT
		     "; give the path of it (vmcoreinfo.rst as text) as an argument");
	}
	return done_testing();
}
