package contain

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// programPath is where a script lies in a root folder of our own.
const programPath = "/program"

// rootFolder is where the root folder is made, in the program's own folder.
const rootFolder = ".root"

// enterRoot leaves the file system of the machine for one in memory that holds
// the program's own folder and, to read, what every program needs. What is not
// there cannot be opened, and no socket of the machine can be called.
func (o *order) enterRoot() error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("part with the mounts of the machine: %w", err)
	}
	root := filepath.Join(o.Dir, rootFolder)
	if err := os.Mkdir(root, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	if err := unix.Mount("tmpfs", root, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "size=256m,mode=755"); err != nil {
		return fmt.Errorf("mount a root folder: %w", err)
	}
	if err := o.furnish(root); err != nil {
		return err
	}
	if err := unix.Chdir(root); err != nil {
		return err
	}
	if err := unix.PivotRoot(".", "."); err != nil {
		return fmt.Errorf("enter the root folder: %w", err)
	}
	if err := unix.Unmount(".", unix.MNT_DETACH); err != nil {
		return fmt.Errorf("leave the file system of the machine: %w", err)
	}
	if err := unix.Mount("", "/", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_RDONLY|unix.MS_NOSUID|unix.MS_NODEV, ""); err != nil {
		return fmt.Errorf("close the root folder: %w", err)
	}
	return unix.Chdir(o.Dir)
}

// furnish fills the root folder.
func (o *order) furnish(root string) error {
	if err := bind(root, o.Dir, unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC); err != nil {
		return err
	}
	readOnly := uintptr(unix.MS_RDONLY | unix.MS_NOSUID | unix.MS_NODEV)
	folders, files := dataFolders, devices
	if o.Kind != static {
		folders = systemFolders
		for _, f := range systemFiles {
			if err := bind(root, f, readOnly); err != nil {
				return err
			}
		}
	}
	for _, f := range folders {
		if err := bind(root, f, readOnly); err != nil {
			return err
		}
	}
	for _, f := range files {
		if err := bind(root, f, unix.MS_NOSUID|unix.MS_NOEXEC); err != nil {
			return err
		}
	}
	if o.Kind == script {
		if err := copyProgram(filepath.Join(root, programPath)); err != nil {
			return err
		}
	}
	if o.does(ProcessNamespace) && o.Kind != static {
		// It shows the program itself. Some containers do not let us.
		if os.Mkdir(filepath.Join(root, "proc"), 0o755) == nil {
			_ = unix.Mount("proc", filepath.Join(root, "proc"), "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, "")
		}
	}
	return nil
}

// bind shows a file or folder of the machine at the same place in the root
// folder, if there is one. A symbolic link is made anew.
func bind(root, path string, flags uintptr) error {
	info, err := os.Lstat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	to := filepath.Join(root, path)
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	switch {
	case info.Mode()&os.ModeSymlink != 0:
		target, err := os.Readlink(path)
		if err != nil {
			return err
		}
		return os.Symlink(target, to)
	case info.IsDir():
		err = os.MkdirAll(to, 0o755)
	default:
		err = os.WriteFile(to, nil, 0o644)
	}
	if err != nil {
		return err
	}
	return mountOver(path, to, flags)
}

// mountOver binds one path on another and keeps the restrictions that the place
// has already, which a user namespace may not lift.
func mountOver(path, to string, flags uintptr) error {
	recursive := uintptr(unix.MS_REC)
	if flags&unix.MS_RDONLY == 0 {
		recursive = 0
	}
	if err := unix.Mount(path, to, "", unix.MS_BIND|recursive, ""); err != nil {
		return fmt.Errorf("show %s: %w", path, err)
	}
	var st unix.Statfs_t
	if err := unix.Statfs(to, &st); err != nil {
		return err
	}
	for has, flag := range map[int64]uintptr{
		unix.ST_RDONLY: unix.MS_RDONLY, unix.ST_NOSUID: unix.MS_NOSUID, unix.ST_NODEV: unix.MS_NODEV, unix.ST_NOEXEC: unix.MS_NOEXEC,
		unix.ST_NOATIME: unix.MS_NOATIME, unix.ST_NODIRATIME: unix.MS_NODIRATIME, unix.ST_RELATIME: unix.MS_RELATIME,
	} {
		if int64(st.Flags)&has != 0 {
			flags |= flag
		}
	}
	if strings.HasPrefix(path, "/dev/") {
		flags &^= unix.MS_NODEV
	}
	if err := unix.Mount("", to, "", unix.MS_REMOUNT|unix.MS_BIND|flags, ""); err != nil {
		return fmt.Errorf("show %s with restrictions: %w", path, err)
	}
	return nil
}

// copyProgram writes the verified program to a file that nobody else sees.
func copyProgram(to string) error {
	if _, err := unix.Seek(programFD, 0, io.SeekStart); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o555)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, os.NewFile(programFD, "program"))
	return errors.Join(err, f.Close())
}
