package contain

import "golang.org/x/sys/unix"

// auditArch is how the kernel calls this processor, which has one calling
// convention.
const (
	auditArch = unix.AUDIT_ARCH_AARCH64
	maxNumber = 0
)

// refusedHere are system calls whose number differs here.
var refusedHere = []uint32{unix.SYS_KEXEC_FILE_LOAD}
