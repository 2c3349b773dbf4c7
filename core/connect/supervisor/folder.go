package supervisor

import (
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

// folderPause is how often the size of a process's folder is looked at.
const folderPause = 2 * time.Second

// watchFolder ends a process that fills the disk.
func (p *process) watchFolder(most int64) {
	tick := time.NewTicker(folderPause)
	defer tick.Stop()
	for {
		select {
		case <-p.runner.exited:
			return
		case <-tick.C:
		}
		if sizeOf(p.dir) > most {
			p.kill(fmt.Sprintf("it wrote more than %d MiB of files", most>>20))
			return
		}
	}
}

// sizeOf adds up the files below a folder.
func sizeOf(dir string) (total int64) {
	_ = filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return nil // it has just gone
		}
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			total += info.Size()
		}
		return nil
	})
	return total
}
