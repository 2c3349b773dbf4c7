package catalog

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/voldaan/voldaan/core/clock"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/sdk/manifest"
	"github.com/voldaan/voldaan/sdk/pack"
)

// Problem says why something in the folder is not offered.
type Problem struct {
	Folder string // name of the file or folder
	Err    error
}

// Catalog is what was found at the last scan. It is safe for concurrent use.
type Catalog struct {
	dir   string
	cache string
	clock clock.Clock
	scan  sync.Mutex // one scan at a time; protects known and trust

	known map[string]found // by file, of the last scan
	trust string           // what known was checked against

	mu       sync.RWMutex // protects what follows
	packages map[string][]*Package
	problems []Problem
}

// found is what a scan found in a file, to be found again while the file stays
// as it is.
type found struct {
	size  int64
	mtime time.Time
	id    uint64 // of the file, where the system has it
	pkg   *Package
	err   error
}

// Option changes how a catalogue is opened.
type Option func(*Catalog)

// WithCache keeps unpacked programs in another folder, for catalogues that
// cannot be written to.
func WithCache(dir string) Option { return func(c *Catalog) { c.cache = dir } }

// WithClock checks signatures by another clock than the machine's.
func WithClock(now clock.Clock) Option { return func(c *Catalog) { c.clock = now } }

// Open scans a folder. A package that is not in order is a problem of its own
// and hides no other; only a folder that cannot be read is an error.
func Open(dir string, options ...Option) (*Catalog, error) {
	c := &Catalog{dir: dir, clock: clock.Func(time.Now)}
	for _, o := range options {
		o(c)
	}
	if err := c.makeCache(); err != nil {
		return nil, err
	}
	return c, c.Scan()
}

// Scan reads the folder again. What has not changed is not read twice.
func (c *Catalog) Scan() error {
	c.scan.Lock()
	defer c.scan.Unlock()
	files, err := os.ReadDir(c.dir)
	if err != nil {
		return fmt.Errorf("read catalogue: %w", err)
	}
	publishers, problems := readPublishers(c.dir)
	ring, mark := publishers.ring(), publishers.mark()
	if mark != c.trust {
		c.known = nil
	}
	var names []string
	for _, f := range files {
		if strings.HasSuffix(f.Name(), pack.Extension) {
			names = append(names, f.Name())
		}
	}
	results := make([]found, len(names))
	var all sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := range next {
				results[i] = c.look(names[i], ring)
			}
		})
	}
	for i := range names {
		next <- i
	}
	close(next)
	all.Wait()

	packages, known := map[string][]*Package{}, make(map[string]found, len(names))
	for i, r := range results {
		known[names[i]] = r
		if r.err != nil {
			problems = append(problems, Problem{Folder: names[i], Err: r.err})
			continue
		}
		packages[r.pkg.Name()] = append(packages[r.pkg.Name()], r.pkg)
	}
	for name, versions := range packages {
		var refused []Problem
		packages[name], refused = publishers.sift(name, versions)
		problems = append(problems, refused...)
		if len(packages[name]) == 0 {
			delete(packages, name)
		}
	}
	problems = append(problems, c.loose(files, packages)...)
	slices.SortFunc(problems, func(a, b Problem) int { return strings.Compare(a.Folder, b.Folder) })
	c.known, c.trust = known, mark
	c.mu.Lock()
	c.packages, c.problems = packages, problems
	c.mu.Unlock()
	c.prune(packages)
	return nil
}

// look reads one package, unless the last scan has and it is still the same.
func (c *Catalog) look(name string, ring pack.Ring) found {
	info, err := os.Stat(filepath.Join(c.dir, name))
	if err != nil {
		return found{err: fmt.Errorf("read package: %w", err)}
	}
	f := found{size: info.Size(), mtime: info.ModTime(), id: fileID(info)}
	if k, ok := c.known[name]; ok && k.size == f.size && k.mtime.Equal(f.mtime) && k.id == f.id {
		return k
	}
	f.pkg, f.err = c.read(name, ring)
	return f
}

// loose finds connectors that lie in the folder without being packed.
func (c *Catalog) loose(files []os.DirEntry, packages map[string][]*Package) (problems []Problem) {
	for _, f := range files {
		if !f.IsDir() || strings.HasPrefix(f.Name(), ".") || strings.HasSuffix(f.Name(), pack.Extension) || f.Name() == publishersFolder {
			continue
		}
		m, err := manifest.Load(filepath.Join(c.dir, f.Name()))
		if err == nil && len(packages[m.Name]) > 0 {
			continue
		}
		if err == nil {
			err = fmt.Errorf("it is not packed; make a package of it with: voldaan connector pack %s", filepath.Join(c.dir, f.Name()))
		}
		problems = append(problems, Problem{Folder: f.Name(), Err: err})
	}
	return problems
}

// Get returns a version of a connector, the newest when version is empty. The
// error is a fault of kind NotFound.
func (c *Catalog) Get(name, version string) (*Package, error) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	for _, p := range c.packages[name] {
		if version == "" || p.Manifest.Version == version {
			return p, nil
		}
	}
	if version != "" && len(c.packages[name]) > 0 {
		return nil, fault.New(fault.NotFound, "connector_version_unknown", "Version %s of the connector %s is not installed.", version, name)
	}
	return nil, fault.New(fault.NotFound, "connector_unknown", "There is no connector called %s here.", name)
}

// List returns the newest version of every connector, by title.
func (c *Catalog) List() []*Package {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]*Package, 0, len(c.packages))
	for _, versions := range c.packages {
		out = append(out, versions[0])
	}
	slices.SortFunc(out, func(a, b *Package) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.Manifest.Title), strings.ToLower(b.Manifest.Title)), strings.Compare(a.Name(), b.Name()))
	})
	return out
}

// Versions returns all versions of a connector, the newest first.
func (c *Catalog) Versions(name string) []*Package {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Clone(c.packages[name])
}

// Problems returns why packages and folders are not offered.
func (c *Catalog) Problems() []Problem {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return slices.Clone(c.problems)
}

// compare orders versions that the manifest has found to be of the form
// MAJOR.MINOR.PATCH.
func compare(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, _ := strconv.Atoi(as[i])
		y, _ := strconv.Atoi(bs[i])
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
	}
	return 0
}
