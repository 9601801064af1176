// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kinfo page: bytes of each layout, stores in an order that lets no half
 * page pass, policy, and what kallsyms is relative to. Where each field is was
 * read off the structures of Android's kernels, packed, and counted by hand.
 */
#include "kernel-policy.h"
#include "linux/files/kernel/meminspect/kinfo.h"

struct place {
	enum meminspect_kinfo_field field;
	unsigned int offset, size;
};

#define AT(field, offset, size) { MEMINSPECT_KINFO_##field, offset, size }
#define START								\
	AT(enabled_all, 8, 1), AT(enabled_base_relative, 9, 1),		\
	AT(enabled_absolute_percpu, 10, 1), AT(enabled_cfi, 11, 1),	\
	AT(num_syms, 12, 4), AT(name_len, 16, 2), AT(bits_per_long, 18, 2), \
	AT(module_name_len, 20, 2), AT(symbol_len, 22, 2)
/* All with addresses_pa in front have this, up to the markers. */
#define OLD								\
	AT(addresses_pa, 24, 8), AT(relative_pa, 32, 8), AT(stext_pa, 40, 8), \
	AT(etext_pa, 48, 8), AT(sinittext_pa, 56, 8), AT(einittext_pa, 64, 8), \
	AT(end_pa, 72, 8), AT(offsets_pa, 80, 8), AT(names_pa, 88, 8),	\
	AT(token_table_pa, 96, 8), AT(token_index_pa, 104, 8), AT(markers_pa, 112, 8)
#define OLD_REST							\
	AT(thread_size, 120, 4), AT(swapper_pg_dir_pa, 124, 8),		\
	AT(release, 132, 64), AT(build_info, 196, 256)
#define NEW								\
	AT(relative_pa, 24, 8), AT(text_pa, 32, 8), AT(stext_pa, 40, 8), \
	AT(etext_pa, 48, 8), AT(sinittext_pa, 56, 8), AT(einittext_pa, 64, 8), \
	AT(end_pa, 72, 8), AT(offsets_pa, 80, 8), AT(names_pa, 88, 8),	\
	AT(token_table_pa, 96, 8), AT(token_index_pa, 104, 8),		\
	AT(markers_pa, 112, 8), AT(seqs_of_names_pa, 120, 8),		\
	AT(thread_size, 128, 4), AT(swapper_pg_dir_pa, 132, 8), AT(release, 140, 64)

static const struct layout {
	const char *name;
	unsigned int size;
	struct place places[40];
} layouts[] = {
	{ "text", 472, { START, NEW, AT(build_info, 204, 256), AT(modules_tree_lookup, 460, 4),
		AT(mod_mem_offset, 464, 4), AT(mod_kallsyms_offset, 468, 4) } },
	{ "seqs", 472, { START, OLD, AT(seqs_of_names_pa, 120, 8), AT(thread_size, 128, 4),
		AT(swapper_pg_dir_pa, 132, 8), AT(release, 140, 64), AT(build_info, 204, 256),
		AT(modules_tree_lookup, 460, 4), AT(mod_mem_offset, 464, 4),
		AT(mod_kallsyms_offset, 468, 4) } },
	{ "mem", 464, { START, OLD, OLD_REST, AT(modules_tree_lookup, 452, 4),
		AT(mod_mem_offset, 456, 4), AT(mod_kallsyms_offset, 460, 4) } },
	{ "v2", 504, { START, OLD, OLD_REST, AT(modules_tree_lookup, 452, 4),
		AT(mod_mem_offset, 456, 4), AT(mod_kallsyms_offset, 460, 4),
		AT(v2_seqs_of_names_pa, 464, 8), AT(v2_reserved0, 472, 8),
		AT(v2_reserved1, 480, 8), AT(v2_reserved2, 488, 8), AT(v2_reserved3, 496, 8) } },
	{ "core", 484, { START, OLD, OLD_REST, AT(modules_tree_lookup, 452, 4),
		AT(mod_core_layout_offset, 456, 4), AT(mod_init_layout_offset, 460, 4),
		AT(mod_kallsyms_offset, 464, 4), AT(module_start_va, 468, 8),
		AT(module_end_va, 476, 8) } },
	{ "plt", 484, { START, OLD, OLD_REST, AT(modules_tree_lookup, 452, 4),
		AT(mod_kallsyms_offset, 456, 4), AT(module_start_va, 460, 8),
		AT(module_end_va, 468, 8), AT(module_plt_start_va, 476, 8) } },
	{ "first", 452, { START, OLD, OLD_REST } },
	{ "short", 216, { START, NEW, AT(modules_tree_lookup, 204, 4), AT(mod_mem_offset, 208, 4),
		AT(mod_kallsyms_offset, 212, 4) } },
};

static struct kinfo_image image;

/* Each byte of each number is another one, as far as there are that many. */
static struct kinfo_facts some_facts(void)
{
	struct kinfo_facts facts = {
		.release = "6.12.117-android-test", .build_info = "Linux version 6.12\n",
	};
	unsigned int i, byte;

	for (i = 0; i < MEMINSPECT_KINFO_NR_FIELDS; i++)
		for (byte = 0; byte < 8; byte++)
			facts.number[i] |= (u64)(0x11 + (i * 5 + byte * 29) % 0xe0) << (8 * byte);
	return facts;
}

static u32 word_at(const void *page, unsigned int offset)
{
	u32 word;

	memcpy(&word, (const char *)page + offset, sizeof(word));
	return word;
}

static u32 xor_of(const void *page, unsigned int size)
{
	u32 sum = 0;
	unsigned int offset;

	for (offset = 8; offset < size; offset += 4)
		sum ^= word_at(page, offset);
	return sum;
}

static bool field_is_there(const u8 *page, const struct place *place,
			   const struct kinfo_facts *facts)
{
	const char *text = place->field == MEMINSPECT_KINFO_release ? facts->release :
			   place->field == MEMINSPECT_KINFO_build_info ? "Linux version 6.12" :
			   NULL;
	u8 wanted[256] = { };

	if (text)
		memcpy(wanted, text, strlen(text));
	else
		memcpy(wanted, &facts->number[place->field], place->size);
	return !memcmp(page + place->offset, wanted, place->size);
}

static void bytes_of_layout(const struct layout *layout)
{
	struct kinfo_facts facts = some_facts();
	const u8 *page = (u8 *)image.words;
	unsigned int at = 8, i, wrong = 0, gaps = 0;
	int number = meminspect_kinfo_find_layout(layout->name);

	if (number < 0)
		shim_die("there is no layout %s", layout->name);
	memset(&image, 0x77, sizeof(image));
	meminspect_kinfo_format(&image, number, &facts);
	for (i = 0; i < ARRAY_SIZE(layout->places) && layout->places[i].size; i++) {
		const struct place *place = &layout->places[i];

		gaps += place->offset != at;
		at = place->offset + place->size;
		if (!field_is_there(page, place, &facts)) {
			diag("field %u at %u", place->field, place->offset);
			wrong++;
		}
	}
	gaps += at != layout->size;
	is_number(gaps, 0, "%s: the test's table covers all bytes", layout->name);
	is_number(wrong, 0, "%s: each field is where it should be", layout->name);
	is_number(image.nr_words * 4, layout->size, "%s: size", layout->name);
	is_number(meminspect_kinfo_layout_size(number), layout->size, "%s: size is told", layout->name);
	is_string(meminspect_kinfo_layout_name(number), layout->name, "%s: name", layout->name);
	is_number(word_at(page, 0), 0xcceeddff, "%s: magic", layout->name);
	is_number(word_at(page, 4), xor_of(page, layout->size), "%s: checksum", layout->name);
	is_number(xor_of(page, sizeof(image.words)), xor_of(page, layout->size),
		  "%s: nothing is behind it", layout->name);
}

static void texts(void)
{
	struct kinfo_facts facts = some_facts();
	char longest[400];
	const char *page = (char *)image.words;

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	facts.release = longest;
	facts.build_info = longest;
	meminspect_kinfo_format(&image, MEMINSPECT_KINFO_LAYOUT_text, &facts);
	is_number(strnlen(page + 140, 64), 63, "a long release is cut, and ended");
	is_number(strnlen(page + 204, 256), 255, "a long text on the build is cut, and ended");
	facts.release = NULL;
	facts.build_info = "";
	meminspect_kinfo_format(&image, MEMINSPECT_KINFO_LAYOUT_text, &facts);
	ok(!page[140] && !page[204], "a text that is not told is empty");
	is_number(meminspect_kinfo_find_layout("tex"), -EINVAL, "a part of a name is no name");
	is_number(meminspect_kinfo_find_layout(""), -EINVAL, "nothing is no name");
	is_number(meminspect_kinfo_find_layout("text"), 0, "the default is Android's of today");
}

static u32 page[MEMINSPECT_KINFO_MAX_SIZE / 4];

/* As firmware looks at it, with each layout that it may know. */
static bool passes(const u32 *words)
{
	unsigned int i;

	if (words[0] != 0xcceeddff)
		return false;
	for (i = 0; i < ARRAY_SIZE(layouts); i++)
		if (words[1] == xor_of(words, layouts[i].size))
			return true;
	return false;
}

/* Stores since shim_record() on a copy of what was there, with a look after each. */
static void look_after_each_store(const u32 *before, bool ends_valid, const char *name)
{
	u32 copy[ARRAY_SIZE(page)];
	size_t i, stores = 0, passed = 0, orders = 0;
	bool magic_is_open = true;	/* no barrier since the store to the magic */

	memcpy(copy, before, sizeof(copy));
	for (i = 0; i < shim_nr_events; i++) {
		const struct shim_event *event = &shim_events[i];
		size_t word = (event->start - (const char *)page) / 4;

		if (event->type == SHIM_BARRIER) {
			magic_is_open = false;
			continue;
		}
		if (event->type != SHIM_STORE || event->size != 4 || word >= ARRAY_SIZE(page))
			shim_die("a store that is no word of the page");
		stores++;
		copy[word] = event->value;
		passed += passes(copy);
		/* What the magic vouches for must not be under way with it. */
		orders += word && (magic_is_open || copy[0]);
		if (!word)
			magic_is_open = true;
	}
	ok(stores && !memcmp(copy, page, sizeof(copy)), "%s: each store is seen (%zu)", name, stores);
	is_number(passed, ends_valid, "%s: only the last store makes a page that passes", name);
	is_number(passes(copy), ends_valid, "%s: which it %s", name, ends_valid ? "does" : "must not");
	is_number(orders, 0, "%s: nothing changes while the magic is there, or not yet gone", name);
	ok(shim_nr_events && shim_events[shim_nr_events - 1].type == SHIM_BARRIER,
	   "%s: a barrier ends it", name);
	ok(shim_events[0].type == SHIM_STORE && shim_events[0].start == (char *)page &&
	   !shim_events[0].value && shim_events[1].type == SHIM_BARRIER, "%s: the magic goes first",
	   name);
}

/* The checksum comes when all that it covers is there, and the magic after it. */
static void ends_in_order(const char *name)
{
	const struct shim_event *last = &shim_events[shim_nr_events - 5];

	ok(shim_nr_events > 5 && last[0].type == SHIM_BARRIER &&
	   last[1].type == SHIM_STORE && last[1].start == (char *)&page[1] &&
	   last[2].type == SHIM_BARRIER &&
	   last[3].type == SHIM_STORE && last[3].start == (char *)&page[0] &&
	   last[4].type == SHIM_BARRIER, "%s: barrier, checksum, barrier, magic, barrier", name);
}

static void published(void)
{
	struct kinfo_facts facts = some_facts();
	u32 before[ARRAY_SIZE(page)];
	struct kinfo_image other;

	meminspect_kinfo_format(&image, MEMINSPECT_KINFO_LAYOUT_text, &facts);
	memset(before, 0xa5, sizeof(before));
	memcpy(page, before, sizeof(page));
	shim_record();
	meminspect_kinfo_publish(page, &image);
	shim_recording = false;
	look_after_each_store(before, true, "published in junk");
	ends_in_order("published in junk");
	ok(!memcmp(page, image.words, 472), "the page is what was published");
	is_number(page[472 / 4], 0xa5a5a5a5, "what is behind it is left alone");

	facts.number[MEMINSPECT_KINFO_text_pa] ^= 0x4000;
	facts.release = "7.3";
	meminspect_kinfo_format(&other, MEMINSPECT_KINFO_LAYOUT_v2, &facts);
	memcpy(before, page, sizeof(before));
	shim_record();
	meminspect_kinfo_publish(page, &other);
	shim_recording = false;
	look_after_each_store(before, true, "published over another one");
	ends_in_order("published over another one");

	memcpy(before, page, sizeof(before));
	shim_record();
	meminspect_kinfo_clear(page, other.nr_words);
	shim_recording = false;
	look_after_each_store(before, false, "cleared");
	ok(!page[0] && !xor_of(page, 504) && !page[1] && !page[125], "nothing is left of it");
}

#define NUMBER(field) facts.number[MEMINSPECT_KINFO_##field]

static struct kinfo_facts asked(void)
{
	struct kinfo_facts facts = some_facts();

	/* What is at these addresses has that many bytes. */
	NUMBER(names_pa) = 0x48000000;
	facts.size[MEMINSPECT_KINFO_names_pa] = 0x1000;
	NUMBER(stext_pa) = 0x48010000;
	facts.size[MEMINSPECT_KINFO_stext_pa] = 1;
	meminspect_kinfo_ask_policy(&facts);
	return facts;
}

/* The classes apart, which of these are told? */
static void told(const char *why, bool symbols, bool identity, bool tables, bool modules)
{
	struct kinfo_facts facts = asked();

	ok(!!NUMBER(num_syms) == symbols && !!NUMBER(relative_pa) == symbols &&
	   !!NUMBER(offsets_pa) == symbols && !!NUMBER(names_pa) == symbols &&
	   !!NUMBER(token_table_pa) == symbols && !!NUMBER(token_index_pa) == symbols &&
	   !!NUMBER(markers_pa) == symbols && !!NUMBER(seqs_of_names_pa) == symbols &&
	   !!NUMBER(v2_seqs_of_names_pa) == symbols, "%s: symbols %s told", why,
	   symbols ? "are" : "are not");
	ok(!!NUMBER(text_pa) == identity && !!NUMBER(stext_pa) == identity &&
	   !!NUMBER(etext_pa) == identity && !!NUMBER(sinittext_pa) == identity &&
	   !!NUMBER(einittext_pa) == identity && !!NUMBER(end_pa) == identity &&
	   !!facts.release == identity && !!facts.build_info == identity,
	   "%s: where and what the image is %s told", why, identity ? "is" : "is not");
	is_number(!!NUMBER(swapper_pg_dir_pa), tables, "%s: page tables", why);
	ok(!!NUMBER(mod_mem_offset) == modules && !!NUMBER(mod_kallsyms_offset) == modules &&
	   !!NUMBER(modules_tree_lookup) == modules, "%s: modules", why);
	ok(NUMBER(thread_size) && NUMBER(name_len), "%s: constants are told", why);
}

static void policy_default(void)
{
	settle(NULL, NULL, NULL);
	told("by default, with symbols off and modules turned off", true, true, true, false);
}

static void policy_off(void)
{
	settle("off", NULL, NULL);
	told("all is off", false, false, false, false);
}

static void policy_turned_off(void)
{
	settle("-symbols,-module", NULL, NULL);
	told("symbols and modules are turned off", false, true, true, false);
}

static void policy_on_again(void)
{
	settle("off,symbols,identity", NULL, NULL);
	told("off but for two", true, true, false, false);
}

static void policy_denied_class(void)
{
	settle("all", "class:identity,class:pagetable", NULL);
	told("denied by class", true, false, false, true);
}

static void policy_nonsense(void)
{
	settle(NULL, "nonsense", NULL);
	told("a list that can't be understood", false, false, false, false);
}

static void policy_names(void)
{
	struct kinfo_facts facts;

	settle(NULL, "name:kallsyms_n*,name:linux_banner,name:_text", NULL);
	facts = asked();
	ok(!NUMBER(names_pa) && !NUMBER(num_syms) && !NUMBER(text_pa) && !facts.build_info,
	   "what is denied by name is not told");
	ok(NUMBER(offsets_pa) && NUMBER(markers_pa) && NUMBER(stext_pa) && facts.release,
	   "the rest is");
}

static void policy_ranges(void)
{
	struct kinfo_facts facts;

	settle(NULL, "range:0x48000fff-0x48001000,range:0x48010001-0x48010002", NULL);
	facts = asked();
	ok(!NUMBER(names_pa), "a table of which the last byte is in a range is not told");
	ok(NUMBER(stext_pa), "an address next to a range is");
}

static void policy_range_of_address(void)
{
	struct kinfo_facts facts;

	settle(NULL, "range:0x48001000-0x48010001", NULL);
	facts = asked();
	ok(NUMBER(names_pa), "a table next to a range is told");
	ok(!NUMBER(stext_pa), "an address in it is not");
}

static int offsets[4];
static unsigned long addresses[4];

static unsigned long address_of(int index)
{
	return addresses[index];
}

static void bases(void)
{
	unsigned long text = 0xffffffc008000000, base = 0;
	bool percpu = true;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		offsets[i] = (int)(i * 0x40000001);
		addresses[i] = text + (u32)offsets[i];
	}
	ok(meminspect_kinfo_find_base(4, offsets, address_of, &base, &percpu) && base == text &&
	   !percpu, "offsets without a sign, to one base");
	ok(meminspect_kinfo_find_base(1, offsets, address_of, &base, &percpu) && base == text &&
	   !percpu, "and of one symbol only");

	for (i = 0; i < 4; i++) {
		offsets[i] = i < 2 ? (int)i * 0x1000 : -1 - (int)i * 0x1000;
		addresses[i] = i < 2 ? i * 0x1000 : text + i * 0x1000;
	}
	ok(meminspect_kinfo_find_base(4, offsets, address_of, &base, &percpu) && base == text &&
	   percpu, "negative offsets to a base, others absolute");
	addresses[3] += 8;
	ok(!meminspect_kinfo_find_base(4, offsets, address_of, &base, &percpu) && !percpu,
	   "one symbol that does not fit, and there is no base");

	for (i = 0; i < 4; i++) {
		offsets[i] = -0x100000 + (int)i * 0x2000;
		addresses[i] = (unsigned long)&offsets[i] + offsets[i];
	}
	ok(!meminspect_kinfo_find_base(4, offsets, address_of, &base, &percpu) && !percpu,
	   "each relative to its own place: no base");
	for (i = 0; i < 4; i++)
		addresses[i] = offsets[i] = (int)i * 0x2000;
	ok(!meminspect_kinfo_find_base(4, offsets, address_of, &base, &percpu) && !percpu,
	   "absolute addresses: no base");
	ok(!meminspect_kinfo_find_base(0, offsets, address_of, &base, &percpu) && !percpu,
	   "no symbols: no base");
}

int main(void)
{
	static void (*const policies[])(void) = {
		policy_default, policy_off, policy_turned_off, policy_on_again, policy_denied_class,
		policy_nonsense, policy_names, policy_ranges, policy_range_of_address,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(layouts); i++)
		bytes_of_layout(&layouts[i]);
	is_number(ARRAY_SIZE(layouts), MEMINSPECT_KINFO_NR_LAYOUTS, "each layout was looked at");
	texts();
	published();
	for (i = 0; i < ARRAY_SIZE(policies); i++)
		in_child(policies[i]);
	bases();
	return done_testing();
}
