package yamldoc

// Kind is what a value must be.
type Kind string

// The kinds.
const (
	AText     Kind = "text"
	AFlag     Kind = "flag"
	ANumber   Kind = "number"
	AList     Kind = "list"
	ATextList Kind = "texts"
	ADict     Kind = "dict"
)

// Known is a key that a reader asked for. Its kind is empty when the reader takes
// the node itself.
type Known struct {
	Path     string
	Kind     Kind
	Required bool
	Allowed  []string
	Expected string
}

// Trace reports every key that is asked for while reading. A schema that is made
// of what the reader asks for cannot differ from it.
func (r *Reader) Trace(saw func(Known)) { r.trace = saw }

// Nearest returns the candidate that a mistyped word most likely meant, or "".
func Nearest(word string, candidates []string) string {
	best, found := min(3, 1+len(word)/3), ""
	for _, c := range candidates {
		if d := distance(word, c); d <= best && (found == "" || d < best) {
			best, found = d, c
		}
	}
	return found
}

// distance counts the letters to insert, delete, replace or swap.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	var prev, row [65]int
	before := prev
	for j := range len(b) + 1 {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev = prev, row
	}
	return prev[len(b)]
}
