# SPDX-License-Identifier: GPL-2.0-only
# bash completion for meminspect(1)

_meminspect()
{
	local commands="collect extract core open check report regions log vmcoreinfo kinfo"
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
	local options=""

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		mapfile -t COMPREPLY < <(compgen -W "$commands --help --version" -- "$current")
		return
	fi
	if [ "$previous" = --level ] && [ "${COMP_WORDS[1]}" != log ]; then
		mapfile -t COMPREPLY < <(compgen -W "small default rich" -- "$current")
		return
	fi
	if [ "$previous" = --level ] || [ "$previous" = -l ]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"emerg alert crit err warn notice info debug" -- "$current")
		return
	fi
	case ${COMP_WORDS[1]} in
	collect) options="--qmp --ram --minidump --rawdump --sahara --pstore --vmlinux --level --keep --reset --output" ;;
	extract) options="--vmlinux --level --output" ;;
	core) options="--format --level --vmlinux --output" ;;
	open) options="--crash --drgn --gdb --vmlinux --debug-directory" ;;
	check) options="--vmlinux" ;;
	regions) options="--json" ;;
	log) options="--level --last" ;;
	vmcoreinfo) options="--explain" ;;
	kinfo) options="--json --ram --base --at --text --symbolize" ;;
	esac
	compopt -o filenames
	if [[ $current = -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$options --help" -- "$current")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
	fi
}
complete -F _meminspect meminspect
