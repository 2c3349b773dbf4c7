package contain

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Of the machine, every program may read these.
var (
	dataFolders = []string{"/usr/share/zoneinfo"}
	// Libraries and interpreters, for programs that are not complete in themselves.
	systemFolders = []string{"/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/etc/ssl", "/etc/alternatives"}
	systemFiles   = []string{"/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/ld.so.conf"}
	devices       = []string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"}
)

// Rights of Landlock, see landlock(7).
const (
	readFile = unix.LANDLOCK_ACCESS_FS_READ_FILE
	readTree = readFile | unix.LANDLOCK_ACCESS_FS_READ_DIR
	runTree  = readTree | unix.LANDLOCK_ACCESS_FS_EXECUTE
	useFile  = readFile | unix.LANDLOCK_ACCESS_FS_WRITE_FILE
	ownTree  = readTree | useFile | unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR |
		unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_RESOLVE_UNIX
	onFiles = useFile | unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
)

// What each version of Landlock added.
var landlockAdded = []struct {
	abi            int
	fs, net, scope uint64
}{
	{abi: 1, fs: unix.LANDLOCK_ACCESS_FS_REFER - 1},
	{abi: 2, fs: unix.LANDLOCK_ACCESS_FS_REFER},
	{abi: 3, fs: unix.LANDLOCK_ACCESS_FS_TRUNCATE},
	{abi: 4, net: unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP},
	{abi: 5, fs: unix.LANDLOCK_ACCESS_FS_IOCTL_DEV},
	{abi: 6, scope: unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL},
	{abi: 9, fs: unix.LANDLOCK_ACCESS_FS_RESOLVE_UNIX},
	{abi: 10, net: unix.LANDLOCK_ACCESS_NET_BIND_UDP | unix.LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP},
}

// landlockABI returns the version that the kernel has.
func landlockABI() (int, error) {
	n, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e != 0 {
		return 0, fmt.Errorf("the kernel has none: %w", e)
	}
	return int(n), nil
}

// restrictFiles leaves the program its own folder and what every program needs,
// and keeps its signals, sockets and connections inside. It holds for this thread
// and what it becomes, so that no other need be reached.
func (o *order) restrictFiles() error {
	abi, err := landlockABI()
	if err != nil {
		return err
	}
	var attr unix.LandlockRulesetAttr
	for _, a := range landlockAdded {
		if a.abi <= abi {
			attr.Handled_access_fs |= a.fs
			attr.Handled_access_net |= a.net
			attr.Scoped |= a.scope
		}
	}
	fd, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if e != 0 {
		return fmt.Errorf("make rules: %w", e)
	}
	rules := rules{fd: int(fd), handled: attr.Handled_access_fs}
	defer func() { _ = unix.Close(rules.fd) }()
	if err := errors.Join(
		rules.allow(ownTree, o.Dir),
		rules.allow(readTree, dataFolders...),
		rules.allow(useFile, devices...),
		o.allowSystem(rules),
	); err != nil {
		return err
	}
	if _, _, e := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); e != 0 {
		return fmt.Errorf("follow rules: %w", e)
	}
	return nil
}

// allowSystem adds what the program's kind needs.
func (o *order) allowSystem(r rules) error {
	var err error
	if o.Kind != static {
		err = errors.Join(r.allow(runTree, systemFolders...), r.allow(readFile, systemFiles...), r.allow(readTree, "/proc/self"))
	}
	switch {
	case o.Kind == script:
		return errors.Join(err, r.allow(runTree, o.script()))
	case !o.Sealed:
		return errors.Join(err, r.allow(runTree, fmt.Sprintf("/proc/self/fd/%d", programFD)))
	}
	return err // files in memory are not looked at
}

// rules is a set of rules to be.
type rules struct {
	fd      int
	handled uint64
}

// allow gives rights on files or folders, where they exist.
func (r rules) allow(rights uint64, paths ...string) error {
	for _, path := range paths {
		fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("open %s: %w", path, err)
		}
		var st unix.Stat_t
		err = unix.Fstat(fd, &st)
		attr := unix.LandlockPathBeneathAttr{Allowed_access: rights & r.handled, Parent_fd: int32(fd)}
		if st.Mode&unix.S_IFMT != unix.S_IFDIR {
			attr.Allowed_access &= onFiles
		}
		if _, _, e := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(r.fd), unix.LANDLOCK_RULE_PATH_BENEATH, uintptr(unsafe.Pointer(&attr)), 0, 0, 0); e != 0 && err == nil {
			err = e
		}
		_ = unix.Close(fd)
		if err != nil {
			return fmt.Errorf("allow %s: %w", path, err)
		}
	}
	return nil
}
