package contain

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// copySealed replaces the program's file by a copy in memory that nobody can
// change any more, ourselves included, and writes the same bytes to also.
func (p *Program) copySealed(from *os.File, also io.Writer) error {
	to, err := memfd(from.Name())
	if err != nil {
		return err
	}
	_, err = io.Copy(io.MultiWriter(to, also), from)
	_ = from.Close()
	p.file, p.sealed = to, true
	if err != nil {
		return err
	}
	seals := unix.F_SEAL_WRITE | unix.F_SEAL_GROW | unix.F_SEAL_SHRINK | unix.F_SEAL_SEAL
	if _, err := unix.FcntlInt(to.Fd(), unix.F_ADD_SEALS, seals); err != nil {
		return fmt.Errorf("seal the copy: %w", err)
	}
	return nil
}

// memfd opens a file in memory that can be sealed and executed.
func memfd(name string) (*os.File, error) {
	const executable = unix.MFD_EXEC // since 6.3; older kernels need no asking
	fd, err := unix.MemfdCreate("connector", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING|executable)
	if err == unix.EINVAL {
		fd, err = unix.MemfdCreate("connector", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	}
	if err != nil {
		return nil, fmt.Errorf("make a file in memory: %w", err)
	}
	if err := unix.Fchmod(fd, 0o555); err != nil {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("make a file in memory: %w", err)
	}
	return os.NewFile(uintptr(fd), name), nil
}
