package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fork makes a child that leaves the group and stays.
func fork(map[string]string) (string, error) {
	pid, _, e := syscall.RawSyscall6(syscall.SYS_CLONE, uintptr(syscall.SIGCHLD), 0, 0, 0, 0, 0)
	if e != 0 {
		return "", e
	}
	if pid == 0 {
		syscall.RawSyscall(syscall.SYS_SETSID, 0, 0, 0)
		for {
			syscall.RawSyscall6(unix.SYS_PPOLL, 0, 0, 0, 0, 0, 0)
		}
	}
	time.Sleep(50 * time.Millisecond) // it has left the group by then
	return fmt.Sprint("done ", pid), nil
}

// calls makes system calls that are refused, and names those that were not. Their
// arguments are such that nothing would come of them.
func calls(map[string]string) (string, error) {
	const none = ^uintptr(0)
	var passed []string
	for name, c := range map[string][4]uintptr{
		"ptrace": {unix.SYS_PTRACE, 0x4206, none, 0}, "mount": {unix.SYS_MOUNT, 0, 0, 0}, "umount": {unix.SYS_UMOUNT2, 0, none, 0},
		"keyctl": {unix.SYS_KEYCTL, none, 0, 0}, "add_key": {unix.SYS_ADD_KEY, 0, 0, 0}, "bpf": {unix.SYS_BPF, none, 0, 0},
		"kexec": {unix.SYS_KEXEC_LOAD, none, none, none}, "init_module": {unix.SYS_INIT_MODULE, 0, 0, 0},
		"finit_module": {unix.SYS_FINIT_MODULE, none, 0, 0}, "unshare": {unix.SYS_UNSHARE, 0, 0, 0},
		"unshare user": {unix.SYS_UNSHARE, unix.CLONE_NEWUSER, 0, 0}, "setns": {unix.SYS_SETNS, none, 0, 0},
		"io_uring": {unix.SYS_IO_URING_SETUP, 0, 0, 0}, "userfaultfd": {unix.SYS_USERFAULTFD, none, 0, 0},
		"perf": {unix.SYS_PERF_EVENT_OPEN, 0, 0, none}, "open_by_handle": {unix.SYS_OPEN_BY_HANDLE_AT, none, 0, 0},
		"chroot": {unix.SYS_CHROOT, 0, 0, 0}, "inet": {unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_STREAM, 0},
		"inet6": {unix.SYS_SOCKET, unix.AF_INET6, unix.SOCK_DGRAM, 0}, "raw": {unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_RAW, 1},
		"packet": {unix.SYS_SOCKET, unix.AF_PACKET, unix.SOCK_RAW, 0}, "netlink": {unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_RAW, 0},
		"vsock": {unix.SYS_SOCKET, unix.AF_VSOCK, unix.SOCK_STREAM, 0}, "alg": {unix.SYS_SOCKET, unix.AF_ALG, unix.SOCK_SEQPACKET, 0},
		"process_vm_readv": {unix.SYS_PROCESS_VM_READV, 1, 0, 0}, "shmget": {unix.SYS_SHMGET, 0, 4096, 0o1600},
		"personality": {unix.SYS_PERSONALITY, none, 0, 0}, "syslog": {unix.SYS_SYSLOG, none, 0, 0},
	} {
		if fd, _, e := unix.Syscall(c[0], c[1], c[2], c[3]); e != unix.EPERM {
			passed = append(passed, fmt.Sprintf("%s (%v)", name, e))
			if e == 0 && c[0] == unix.SYS_SOCKET {
				_ = unix.Close(int(fd))
			}
		}
	}
	var status [4]byte
	memfd, _, e := unix.Syscall(unix.SYS_MEMFD_CREATE, uintptr(unsafe.Pointer(&status[0])), 0, 0)
	if e != unix.EPERM {
		passed = append(passed, fmt.Sprintf("memfd (%v)", e))
		_ = unix.Close(int(memfd))
	}
	if len(passed) > 0 {
		return "done " + strings.Join(passed, ", "), nil
	}
	return "", unix.EPERM
}

// private and shared fill the memory that is ours, and that which could be shared.
func private(map[string]string) (string, error) {
	for {
		touch(make([]byte, 16<<20))
	}
}

func shared(map[string]string) (string, error) {
	for total := 0; total < 2<<30; total += 16 << 20 {
		b, err := unix.Mmap(-1, 0, 16<<20, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
		if err != nil {
			return "", err
		}
		for i := 0; i < len(b); i += os.Getpagesize() {
			b[i] = 1
		}
	}
	return "done", nil
}

var held [][]byte

func touch(b []byte) {
	for i := range b {
		b[i] = 1
	}
	held = append(held, b)
}
