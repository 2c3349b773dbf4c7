package recipe

// Entry is a value with the name it has in YAML.
type Entry[T any] struct {
	Name  string
	Line  int
	Value T
}

// Named is a mapping in the order of the file.
type Named[T any] []Entry[T]

// Get returns the value of a name, or nil.
func (n Named[T]) Get(name string) *T {
	for i := range n {
		if n[i].Name == name {
			return &n[i].Value
		}
	}
	return nil
}

// Names returns the names in the order of the file.
func (n Named[T]) Names() []string {
	names := make([]string, len(n))
	for i := range n {
		names[i] = n[i].Name
	}
	return names
}

// Class is a status such as 404, or a class of statuses such as 4xx.
type Class string

// Fits reports whether a status belongs to the class.
func (c Class) Fits(status int) bool {
	if len(c) != 3 || status < 100 || status > 999 {
		return false
	}
	if c[1:] == "xx" {
		return int(c[0]-'0') == status/100
	}
	return c[0] == byte('0'+status/100) && c[1] == byte('0'+status/10%10) && c[2] == byte('0'+status%10)
}

// Definitions are the functions of a recipe, as text.
type Definitions string
