//go:build linux && (amd64 || arm64)

package contain

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// refused are system calls that no connector needs, and that reach beyond what it
// is or have a history of holes.
var refused = []uint32{
	// Other processes and the kernel's innards.
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE, unix.SYS_PIDFD_GETFD, unix.SYS_KCMP,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_SYSLOG, unix.SYS_LOOKUP_DCOOKIE,
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_KEXEC_LOAD, unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE,
	unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
	// Memory that counts towards no limit.
	unix.SYS_MEMFD_CREATE, unix.SYS_MEMFD_SECRET, unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_MSGGET, unix.SYS_SEMGET, unix.SYS_MQ_OPEN,
	// Namespaces and mounts.
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT,
	unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR,
	unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_FANOTIFY_INIT, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD,
	// The machine.
	unix.SYS_REBOOT, unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_ACCT, unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_ADJTIMEX,
	unix.SYS_CLOCK_ADJTIME, unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME, unix.SYS_VHANGUP, unix.SYS_PERSONALITY, unix.SYS_NFSSERVCTL,
}

// Offsets in struct seccomp_data; arguments are read by their lower half.
const (
	offsetNumber   = 0
	offsetArch     = 4
	offsetArgument = 16
)

const (
	load   = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	equal  = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
	least  = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
	anyBit = unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K
	answer = unix.BPF_RET | unix.BPF_K
)

func refuse(errno unix.Errno) unix.SockFilter {
	return unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ERRNO | uint32(errno)}
}

var (
	allow = unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_ALLOW}
	kill  = unix.SockFilter{Code: answer, K: unix.SECCOMP_RET_KILL_PROCESS}
)

// filter returns the program: everything is allowed but what is refused, sockets
// other than unix ones, and new processes (threads are not processes).
func filter() []unix.SockFilter {
	f := []unix.SockFilter{
		{Code: load, K: offsetArch},
		{Code: equal, K: auditArch, Jt: 1},
		kill,
		{Code: load, K: offsetNumber},
	}
	if maxNumber > 0 {
		// Numbers of another calling convention would pass by the list.
		f = append(f, unix.SockFilter{Code: least, K: maxNumber, Jf: 1}, refuse(unix.ENOSYS))
	}
	for _, n := range append(refused, refusedHere...) {
		f = append(f, unix.SockFilter{Code: equal, K: n, Jf: 1}, refuse(unix.EPERM))
	}
	// The C library falls back to clone, whose flags can be looked at.
	f = append(f, unix.SockFilter{Code: equal, K: unix.SYS_CLONE3, Jf: 1}, refuse(unix.ENOSYS))
	f = append(f, when(unix.SYS_CLONE, anyBit, unix.CLONE_THREAD)...)
	f = append(f, sharedMemory()...)
	f = append(f, when(unix.SYS_SOCKET, equal, unix.AF_UNIX)...)
	f = append(f, sharedMemory()...)
	f = append(f, when(unix.SYS_SOCKETPAIR, equal, unix.AF_UNIX)...)
	return append(f, allow)
}

// when allows a system call only if its first argument passes a test.
func when(number uint32, test uint16, value uint32) []unix.SockFilter {
	return []unix.SockFilter{
		{Code: equal, K: number, Jf: 4},
		{Code: load, K: offsetArgument},
		{Code: test, K: value, Jf: 1},
		allow,
		refuse(unix.EPERM),
	}
}

// sharedMemory refuses mappings that are both shared and of no file: they count
// towards no limit of the process.
func sharedMemory() []unix.SockFilter {
	const flags = offsetArgument + 3*8
	return []unix.SockFilter{
		{Code: equal, K: unix.SYS_MMAP, Jf: 5},
		{Code: load, K: flags},
		{Code: anyBit, K: unix.MAP_ANONYMOUS, Jf: 2},
		{Code: anyBit, K: unix.MAP_SHARED, Jf: 1},
		refuse(unix.EPERM),
		allow,
	}
}

// filterCalls puts the filter on this thread and what it becomes. No new
// privileges may be possible any more.
func filterCalls() error {
	f := filter()
	prog := unix.SockFprog{Len: uint16(len(f)), Filter: &f[0]}
	if _, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog))); e != 0 {
		return fmt.Errorf("filter system calls: %w", e)
	}
	return nil
}
