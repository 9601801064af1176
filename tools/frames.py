# SPDX-License-Identifier: GPL-2.0-only
"""For gdb, which `meminspect open --gdb` gives it: finds callers where gdb by itself finds none in a kernel.

On arm64, return addresses on the stack are signed where the kernel uses pointer authentication. gdb 13 takes
the signature for what it is in user space, and an address of the kernel becomes one of no code. Here frame records
are followed, as the kernel itself and crash do.

On x86_64 the kernel's code in assembly has no unwind information that gdb knows, and where a function goes
to the stack of interrupts, what gdb knows is wrong. There the kernel's own is taken, ORC, as far as the core has it.
All other frames are left to gdb, which knows more registers of callers, and so more variables.

PAC_MASK is defined before: the bits of an address that a signature is in.
"""
import re
import struct

import gdb
import gdb.unwinder

MAX_FRAMES = 256
# As address of a caller it ends a backtrace, without an error
OUTERMOST = 0
# By which exceptions come from the kernel on arm64, in assembly
ENTRY = re.compile(r"el1[ht]_64_(?:sync|irq|fiq|error)")
X86_64_REGISTERS = [("r15", "r15"), ("r14", "r14"), ("r13", "r13"), ("r12", "r12"), ("rbp", "bp"), ("rbx", "bx"),
                    ("r11", "r11"), ("r10", "r10"), ("r9", "r9"), ("r8", "r8"), ("rax", "ax"), ("rcx", "cx"),
                    ("rdx", "dx"), ("rsi", "si"), ("rdi", "di"), ("rip", "ip"), ("rsp", "sp")]

# arch/x86/include/asm/orc_types.h
ORC_ENTRY = struct.Struct("<hhBB")
ORC_BLOCK = 256	# bytes of text for each word of orc_lookup
UNDEFINED, PREV_SP, DX, DI, BP, SP, R10, R13, BP_INDIRECT, SP_INDIRECT = range(10)
BASES = {DX: "rdx", DI: "rdi", BP: "rbp", SP: "rsp", R10: "r10", R13: "r13", BP_INDIRECT: "rbp", SP_INDIRECT: "rsp"}
TYPE_CALL, TYPE_REGS, TYPE_REGS_PARTIAL = 2, 3, 4
USER_MODE = 3	# in a code segment


class FrameId:
    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


def words(address, count):
    return struct.unpack(f"<{count}Q", gdb.selected_inferior().read_memory(address, 8 * count))


def register(frame, name):
    """Its value, or None: most are not known of callers."""
    try:
        return int(frame.read_register(name)) & (1 << 64) - 1
    except gdb.error:
        return None


def symbol(name):
    return int(gdb.parse_and_eval(f"(unsigned long)&{name}"))


def function_at(address):
    name = gdb.execute(f"info symbol {address:#x}", to_string=True)
    return "" if name.startswith("No symbol") else name.split()[0]


def modules():
    head = gdb.parse_and_eval("&modules")
    kind = gdb.lookup_type("struct module")
    node = head["next"]
    while node != head:
        yield gdb.Value(int(node) - kind["list"].bitpos // 8).cast(kind.pointer()).dereference()
        node = node["next"]


class Unwinder(gdb.unwinder.Unwinder):
    def __init__(self, architecture):
        super().__init__("meminspect " + architecture)
        self.architecture = architecture

    def __call__(self, frame):
        try:
            return self.unwind(frame) if frame.architecture().name() == self.architecture else None
        except (gdb.error, struct.error, ValueError, TypeError):
            return None	# The core does not have it

    def caller(self, frame, sp, pc, registers):
        """@sp tells the frame from others. gdb gives up where that of a caller is lower, as on another stack it may be."""
        word = frame.architecture().integer_type(64, False)
        info = frame.create_unwind_info(FrameId(gdb.Value(sp).cast(word), gdb.Value(pc).cast(word)))
        for name, value in registers.items():
            info.add_saved_register(name, gdb.Value(value).cast(word))
        return info

    def saved(self, address, names):
        """All registers of where an exception came from."""
        layout = gdb.lookup_type("struct pt_regs")
        value = gdb.Value(address).cast(layout.pointer())
        return {name: int(eval_member(value, member)) for name, member in names}


def eval_member(value, member):
    return value["regs"][member] if isinstance(member, int) else value[member]


class Arm64(Unwinder):
    REGISTERS = [(f"x{number}", number) for number in range(31)] + [("sp", "sp"), ("pc", "pc")]

    def __init__(self):
        super().__init__("aarch64")

    def unwind(self, frame):
        pc, fp, link = (register(frame, name) for name in ("pc", "x29", "x30"))
        if not fp or not pc:
            return None
        name = function_at(pc)
        next_fp, address = words(fp, 2)
        address = self.plain(address)
        if link is not None and self.called_by(link, name, address):
            # The function has made no record
            return self.caller(frame, frame.level(), pc, {"pc": self.plain(link), "x29": fp, "sp": fp})
        if ENTRY.fullmatch(name):
            record = gdb.lookup_type("struct pt_regs")["stackframe"].bitpos // 8
            return self.caller(frame, frame.level(), pc, self.saved(fp - record, self.REGISTERS))
        if not next_fp:
            return self.caller(frame, frame.level(), pc, {"pc": OUTERMOST, "sp": fp, "x29": 0, "x30": 0})
        return self.caller(frame, frame.level(), pc, {"pc": address, "x29": next_fp, "sp": next_fp})

    def plain(self, address):
        return address | PAC_MASK if address >> 55 & 1 else address

    def called_by(self, link, name, address):
        """Known of the innermost frame only: whether the link register is not that of an earlier call, nor in the record."""
        link = self.plain(link)
        return link != address and function_at(link - 4) not in ("", name)


class X86(Unwinder):
    def __init__(self):
        super().__init__("i386:x86-64")
        # Of the thread whose frames are asked for, by (sp, pc)
        self.seen, self.exact, self.inner = set(), set(), set()

    def orc(self, pc):
        places, entries, count = self.tables(pc)
        read = gdb.selected_inferior().read_memory
        offsets = struct.unpack(f"<{count}i", read(places, 4 * count))
        index = max(at for at, offset in enumerate(offsets) if places + 4 * at + offset <= pc)
        return ORC_ENTRY.unpack(read(entries + ORC_ENTRY.size * index, ORC_ENTRY.size))

    def tables(self, pc):
        """Where the words are that lead to functions around an address, where their entries, and how many."""
        if symbol("_stext") <= pc < symbol("_etext"):
            block = symbol("orc_lookup") + 4 * ((pc - symbol("_stext")) // ORC_BLOCK)
            first, last = struct.unpack("<2I", gdb.selected_inferior().read_memory(block, 8))
            return (symbol("__start_orc_unwind_ip") + 4 * first,
                    symbol("__start_orc_unwind") + ORC_ENTRY.size * first, last + 1 - first)
        for module in modules():
            arch, memory = module["arch"], module["mem"]
            parts = (memory[part] for part in range(memory.type.range()[1] + 1))
            if any(0 <= pc - int(part["base"]) < int(part["size"]) for part in parts):
                return int(arch["orc_unwind_ip"]), int(arch["orc_unwind"]), int(arch["num_orcs"])
        raise gdb.error("no code")

    def step(self, pc, stack, bp, exact, value):
        """The registers of the caller, and whether an exception came from there; @value gives others of this frame."""
        sp_offset, bp_offset, bases, kind = self.orc(pc if exact else pc - 1)
        base, kind = bases & 15, kind & 7
        end = {"rip": OUTERMOST, "rsp": stack, "rbp": 0}, False
        if kind not in (TYPE_CALL, TYPE_REGS, TYPE_REGS_PARTIAL):
            return end
        sp = {SP: stack, SP_INDIRECT: stack, BP: bp, BP_INDIRECT: bp}.get(base) or value(BASES.get(base))
        if base == SP_INDIRECT:
            sp = words(sp, 1)[0] + sp_offset
        else:
            sp += sp_offset
            if base == BP_INDIRECT:
                sp = words(sp, 1)[0]
        if kind == TYPE_CALL:
            registers = {"rip": words(sp - 8, 1)[0], "rsp": sp}
            if bases >> 4 == PREV_SP:
                registers["rbp"] = words(sp + bp_offset, 1)[0]
            elif bases >> 4 == BP:
                registers["rbp"] = words(bp + bp_offset, 1)[0]
            elif bp is not None:
                registers["rbp"] = bp
            return registers, False
        names = X86_64_REGISTERS
        if kind == TYPE_REGS_PARTIAL:
            sp -= gdb.lookup_type("struct pt_regs")["ip"].bitpos // 8
            names = names[-2:]
        if self.saved(sp, [("cs", "cs")])["cs"] & USER_MODE:
            return end
        registers = self.saved(sp, names)
        if kind == TYPE_REGS_PARTIAL and bp is not None:
            registers["rbp"] = bp
        return registers, True

    def walk(self, frame):
        """All frames from this one on: which are exact, and which come before the last change to a lower stack."""
        pc, stack, bp = (register(frame, name) for name in ("rip", "rsp", "rbp"))
        exact, seen, changed = frame.level() == 0, [], 0
        self.exact = {(stack, pc)} if exact else set()
        try:
            while pc and len(seen) < MAX_FRAMES:
                seen.append((stack, pc))
                caller, exact = self.step(pc, stack, bp, exact, lambda name: register(frame, name))
                if caller["rsp"] < stack:
                    changed = len(seen)
                pc, stack, bp = caller["rip"], caller["rsp"], caller.get("rbp")
                if exact:
                    self.exact.add((stack, pc))
        except (gdb.error, struct.error, ValueError, TypeError):
            pass	# As far as the core has it
        self.seen, self.inner = set(seen), set(seen[:changed])

    def unwind(self, frame):
        pc, stack = register(frame, "rip"), register(frame, "rsp")
        if not pc or not stack:
            return None
        # Where one has no tables, as in a module, gdb may know how to go on
        if frame.level() == 0 or (stack, pc) not in self.seen:
            self.walk(frame)
        exact, inner = ((stack, pc) in frames for frames in (self.exact, self.inner))
        source = gdb.find_pc_line(pc if exact else pc - 1).symtab
        caller, entry = self.step(pc, stack, register(frame, "rbp"), exact, lambda name: register(frame, name))
        # Macros of headers are in assembly as well
        assembly = not source or source.filename.endswith(".S") or entry or caller["rip"] == OUTERMOST
        if not assembly and not inner:
            return None
        return self.caller(frame, frame.level() if inner else stack, pc, caller)


for one in (Arm64(), X86()):
    gdb.unwinder.register_unwinder(None, one, replace=True)
