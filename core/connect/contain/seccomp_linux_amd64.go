package contain

import "golang.org/x/sys/unix"

// auditArch is how the kernel calls this processor; numbers from maxNumber on are
// those of the x32 convention.
const (
	auditArch = unix.AUDIT_ARCH_X86_64
	maxNumber = 0x40000000
)

// refusedHere are system calls that only this processor has.
var refusedHere = []uint32{
	unix.SYS_FORK, unix.SYS_VFORK, unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_MODIFY_LDT, unix.SYS_KEXEC_FILE_LOAD,
	unix.SYS_CREATE_MODULE, unix.SYS_GET_KERNEL_SYMS, unix.SYS_QUERY_MODULE, unix.SYS_USELIB, unix.SYS_USTAT, unix.SYS__SYSCTL,
}
