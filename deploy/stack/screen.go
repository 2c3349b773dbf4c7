package stack

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// screen writes status lines. On a terminal the part that is starting has a line that is replaced
// when it is up; elsewhere only finished lines are written.
type screen struct {
	mu       sync.Mutex
	out      io.Writer
	terminal bool
	pending  string // the unfinished line at the bottom
	still    bool   // no unfinished lines any more
	width    int    // of the longest name
}

func newScreen(out io.Writer) *screen {
	s := &screen{out: out}
	if file, ok := out.(*os.File); ok && os.Getenv("TERM") != "dumb" {
		if info, err := file.Stat(); err == nil {
			s.terminal = info.Mode()&os.ModeCharDevice != 0
		}
	}
	return s
}

const (
	green  = "32"
	red    = "31"
	yellow = "33"
	dim    = "2"
)

func (s *screen) paint(colour, text string) string {
	if !s.terminal || os.Getenv("NO_COLOR") != "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// line writes one finished line above the unfinished one.
func (s *screen) line(format string, args ...any) {
	s.write("  " + fmt.Sprintf(format, args...))
}

func (s *screen) write(lines ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending != "" {
		fmt.Fprint(s.out, "\r\x1b[K")
	}
	for _, line := range lines {
		fmt.Fprintln(s.out, line)
	}
	fmt.Fprint(s.out, s.pending)
}

// begin shows that a part is starting; finish replaces that.
func (s *screen) begin(name string) {
	if !s.terminal {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = s.paint(dim, "  ◌ "+name+" ...")
	fmt.Fprint(s.out, s.pending)
}

// progressEvery is how often progress is written where lines cannot be replaced.
const progressEvery = 15 * time.Second

// Progress returns a function that shows how far something is, in one line that
// the next call replaces; "" takes it away. Elsewhere than on a terminal a line
// is written now and then.
func (s *Stack) Progress() func(line string) {
	sc, shown := s.screen, time.Time{}
	return func(line string) {
		if sc.terminal {
			sc.replace(line, false)
		} else if line != "" && time.Since(shown) >= progressEvery {
			shown = time.Now()
			sc.line("  %s", line)
		}
	}
}

// replace puts another unfinished line at the bottom; after the last one there
// are no more.
func (s *screen) replace(line string, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.still {
		return
	}
	s.still = last
	if s.pending != "" {
		fmt.Fprint(s.out, "\r\x1b[K")
	}
	if s.pending = ""; line != "" {
		s.pending = s.paint(dim, "    "+line)
	}
	fmt.Fprint(s.out, s.pending)
}

func (s *screen) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.pending != "" {
		fmt.Fprint(s.out, "\r\x1b[K")
		s.pending = ""
	}
}

func (s *screen) up(name, address string, took time.Duration, remark string) {
	line := fmt.Sprintf("  %s %s  %s %s", s.paint(green, "✓"), s.pad(name, s.width), s.pad(address, 34), s.paint(dim, s.pad(duration(took), 6)))
	s.write(strings.TrimRight(line+" "+s.paint(dim, remark), " "))
}

// trouble says what went wrong with a part, with the end of its log and what to try.
func (s *screen) trouble(name, what string, log []string, path, hint string) {
	lines := []string{fmt.Sprintf("  %s %s  %s", s.paint(red, "✗"), s.pad(name, s.width), what)}
	for _, l := range log {
		lines = append(lines, s.paint(dim, "      | "+l))
	}
	if path != "" {
		lines = append(lines, "      The whole log: "+path)
	}
	if hint != "" {
		lines = append(lines, "      "+hint)
	}
	s.write(lines...)
}

func (s *screen) pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

func duration(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1fs", d.Seconds())
	}
	return fmt.Sprintf("%dm%02ds", int(d.Minutes()), int(d.Seconds())%60)
}

// Row is one line of the closing box.
type Row struct{ Label, Value string }

// Box shows where to look, once everything is up.
func (s *Stack) Box(title string, rows ...Row) {
	label, value := 0, utf8.RuneCountInString(title)
	for _, r := range rows {
		label = max(label, utf8.RuneCountInString(r.Label))
	}
	for _, r := range rows {
		value = max(value, label+2+utf8.RuneCountInString(r.Value))
	}
	sc := s.screen
	lines := []string{"", "  ╭" + strings.Repeat("─", value+2) + "╮", "  │ " + sc.pad(title, value) + " │", "  ├" + strings.Repeat("─", value+2) + "┤"}
	for _, r := range rows {
		lines = append(lines, "  │ "+sc.pad(sc.pad(r.Label, label)+"  "+r.Value, value)+" │")
	}
	sc.write(append(lines, "  ╰"+strings.Repeat("─", value+2)+"╯", "")...)
}
