# SPDX-License-Identifier: GPL-2.0-only
# fish completion for meminspect(1)

set -l commands collect extract core open check report regions log vmcoreinfo kinfo
set -l none "not __fish_seen_subcommand_from $commands"

complete -c meminspect -n $none -f
complete -c meminspect -n $none -a collect -d 'read the marked regions of a dead machine into a core'
complete -c meminspect -n $none -a extract -d 'make a core of a dump of all memory'
complete -c meminspect -n $none -a core -d 'write a core anew, from a core or an image of RAM'
complete -c meminspect -n $none -a open -d 'start crash, drgn or gdb on a core'
complete -c meminspect -n $none -a check -d 'say what a core lacks'
complete -c meminspect -n $none -a report -d 'show what a core tells: why, when, CPUs, log, regions'
complete -c meminspect -n $none -a regions -d 'list the regions in a core'
complete -c meminspect -n $none -a log -d 'print the log of the kernel'
complete -c meminspect -n $none -a vmcoreinfo -d 'print and explain VMCOREINFO'
complete -c meminspect -n $none -a kinfo -d 'decode a page for boot firmware, name addresses by it'
complete -c meminspect -n $none -l version -d 'show the version'
complete -c meminspect -l help -d 'show help'

complete -c meminspect -n '__fish_seen_subcommand_from collect' -l qmp -r -F -d 'QMP socket of a QEMU'
complete -c meminspect -n '__fish_seen_subcommand_from collect' -l ram -r -F -d 'image of RAM'
complete -c meminspect -n '__fish_seen_subcommand_from collect' -l minidump -r -F -d 'folder of md_*.BIN'
complete -c meminspect -n '__fish_seen_subcommand_from collect' -l rawdump -r -F -d 'copy of a partition rawdump'
complete -c meminspect -n '__fish_seen_subcommand_from collect' -l sahara -r -F -d 'socket of a device in memory debug'
complete -c meminspect -n '__fish_seen_subcommand_from collect' -l keep -r -F -d 'new folder for its files'
complete -c meminspect -n '__fish_seen_subcommand_from collect' -l reset -d 'restart it though something was not read'
complete -c meminspect -n '__fish_seen_subcommand_from collect' -l pstore -r -F -d 'folder of records of pstore'
complete -c meminspect -n '__fish_seen_subcommand_from collect extract core' -l vmlinux -r -F -d 'add what it has and crash asks for'
complete -c meminspect -n '__fish_seen_subcommand_from collect extract core' -s o -l output -r -F -d 'file to write'
complete -c meminspect -n '__fish_seen_subcommand_from collect extract core' -l level -x -d 'how much is in it' -a 'small default rich'
complete -c meminspect -n '__fish_seen_subcommand_from core' -l format -x -d 'format of the file' -a 'elf kdump'
complete -c meminspect -n '__fish_seen_subcommand_from check' -l vmlinux -r -F -d 'list objects shorter than their type'
complete -c meminspect -n '__fish_seen_subcommand_from open' -l crash -d 'start crash'
complete -c meminspect -n '__fish_seen_subcommand_from open' -l drgn -d 'start drgn'
complete -c meminspect -n '__fish_seen_subcommand_from open' -l gdb -d 'start gdb'
complete -c meminspect -n '__fish_seen_subcommand_from open' -l vmlinux -r -F -d 'vmlinux, if it is not found'
complete -c meminspect -n '__fish_seen_subcommand_from open' -l debug-directory -r -F -d 'instead of /usr/lib/debug'
complete -c meminspect -n '__fish_seen_subcommand_from regions' -l json -d 'all that the core knows, as JSON'
complete -c meminspect -n '__fish_seen_subcommand_from log' -s l -l level -x -d 'least severe level' \
	-a 'emerg alert crit err warn notice info debug'
complete -c meminspect -n '__fish_seen_subcommand_from log' -s n -l last -x -d 'number of messages'
complete -c meminspect -n '__fish_seen_subcommand_from vmcoreinfo' -s e -l explain -d 'say what each key means'
complete -c meminspect -n '__fish_seen_subcommand_from kinfo' -l json -d 'the same as JSON'
complete -c meminspect -n '__fish_seen_subcommand_from kinfo' -l ram -r -F -d 'image of RAM'
complete -c meminspect -n '__fish_seen_subcommand_from kinfo' -l base -x -d 'physical address of its first byte'
complete -c meminspect -n '__fish_seen_subcommand_from kinfo' -l at -x -d 'physical address of the page'
complete -c meminspect -n '__fish_seen_subcommand_from kinfo' -l symbolize -d 'name addresses'
complete -c meminspect -n '__fish_seen_subcommand_from kinfo' -l text -x -d 'virtual address of _text'
