#compdef meminspect
# SPDX-License-Identifier: GPL-2.0-only
# zsh completion for meminspect(1): install as _meminspect in a directory of $fpath

_meminspect()
{
	local -a commands
	commands=(
		'collect:read the marked regions of a dead machine into a core'
		'extract:make a core of a dump of all memory'
		'core:write a core anew, from a core or an image of RAM'
		'open:start crash, drgn or gdb on a core'
		'check:say what a core lacks'
		'report:show what a core tells\: why, when, CPUs, log, regions'
		'regions:list the regions in a core'
		"log:print the kernel's log"
		'vmcoreinfo:print and explain VMCOREINFO'
		'kinfo:decode a page for boot firmware, name addresses by it'
	)
	if ((CURRENT == 2)); then
		_describe -t commands command commands
		_arguments '--help[show help]' '--version[show the version]'
		return
	fi
	local command=$words[2]
	shift words
	((CURRENT--))
	case $command in
	collect)
		local sources='--qmp --ram --minidump --rawdump --sahara --pstore'
		_arguments "($sources)--qmp[QMP socket of a QEMU]:socket:_files" \
			"($sources)--ram[image of RAM]:file:_files" \
			"($sources)--minidump[folder of md_*.BIN]:folder:_files -/" \
			"($sources)--rawdump[copy of a partition rawdump]:file:_files" \
			"($sources)--pstore[folder of records of pstore]:folder:_files -/" \
			"($sources)--sahara[socket of a device in memory debug]:socket:_files" \
			'--vmlinux[add what it has and crash asks for]:vmlinux:_files' \
			'--level[how much is in it]:level:(small default rich)' \
			'--keep[new folder for its files]:folder:_files -/' \
			'--reset[restart it though something was not read]' \
			'(-o --output)'{-o,--output}'[file to write]:core:_files' '--help[show help]'
		;;
	extract)
		_arguments '(-o --output)'{-o,--output}'[file to write]:core:_files' \
			'--vmlinux[vmlinux of the kernel that died]:vmlinux:_files' \
			'--level[how much is in it]:level:(small default rich)' \
			'--help[show help]' ':vmcore:_files'
		;;
	core)
		_arguments '(-o --output)'{-o,--output}'[file to write]:core:_files' \
			'--format[format of the file]:format:(elf kdump)' \
			'--level[how much is in it]:level:(small default)' \
			'--vmlinux[add what it has and crash asks for]:vmlinux:_files' \
			'--help[show help]' ':input:_files'
		;;
	open)
		local tools='--crash --drgn --gdb'
		_arguments "($tools)--crash=-[start crash]::program:_command_names -e" \
			"($tools)--drgn=-[start drgn]::program:_command_names -e" \
			"($tools)--gdb=-[start gdb]::program:_command_names -e" \
			'--vmlinux[vmlinux, if it is not found]:vmlinux:_files' \
			'--debug-directory[instead of /usr/lib/debug]:folder:_files -/' \
			'--help[show help]' ':core:_files' '*:argument:_files'
		;;
	check)
		_arguments '--vmlinux[list objects shorter than their type]:vmlinux:_files' \
			'--help[show help]' ':core:_files'
		;;
	regions)
		_arguments '--json[all that the core knows, as JSON]' '--help[show help]' ':core:_files'
		;;
	log)
		_arguments \
			'(-l --level)'{-l,--level}'[least severe level]:level:(emerg alert crit err warn notice info debug)' \
			'(-n --last)'{-n,--last}'[number of messages]:count:' '--help[show help]' ':core:_files'
		;;
	vmcoreinfo)
		_arguments '(-e --explain)'{-e,--explain}'[say what each key means]' '--help[show help]' \
			':core:_files' '*:key:'
		;;
	kinfo)
		_arguments '--json[the same as JSON]' '--ram[image of RAM]:file:_files' \
			'--base[physical address of its first byte]:address:' \
			'--at[physical address of the page]:address:' '--symbolize[name addresses]' \
			'--text[virtual address of _text]:address:' '--help[show help]' '*:page:_files'
		;;
	*)
		_arguments '--help[show help]' ':core:_files'
		;;
	esac
}

_meminspect "$@"
