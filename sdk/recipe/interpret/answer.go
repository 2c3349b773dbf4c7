package interpret

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/voldaan/voldaan/sdk/charset"
	"github.com/voldaan/voldaan/sdk/recipe"
)

// answer is what came back, read whole.
type answer struct {
	status int
	header http.Header
	url    *url.URL
	body   []byte
	value  any // the decoded body
	text   string
	clock  string
	empty  bool // a rule takes it for an empty list
	// applied is set when a rule calls the write done.
	applied bool
}

// into sets the variables of an answer.
func (a *answer) into(sc *recipe.Scope) {
	sc[recipe.VarStatus] = a.status
	sc[recipe.VarHeaders] = headers(a.header)
	sc[recipe.VarText] = a.text
	sc[recipe.VarClock] = a.clock
}

func headers(h http.Header) map[string]any {
	m := make(map[string]any, len(h))
	for name, values := range h {
		m[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	return m
}

// decode reads the body in the format of the request.
func (a *answer) decode(c *recipe.Call) (any, error) {
	switch c.Decode {
	case recipe.Nothing:
		return nil, nil
	case recipe.Plain:
		s, _ := charset.Decode(a.body)
		return s, nil
	case recipe.AForm:
		values, err := url.ParseQuery(string(a.body))
		m := make(map[string]any, len(values))
		for name, list := range values {
			m[name] = strings.Join(list, "")
		}
		return m, err
	case recipe.AnXML:
		if len(bytes.TrimSpace(a.body)) == 0 {
			return nil, nil
		}
		return recipe.XML(a.body)
	case recipe.CSV:
		return decodeCSV(a.body, c.Separator)
	}
	if len(bytes.TrimSpace(a.body)) == 0 {
		return nil, nil
	}
	return decodeJSON(a.body)
}

// decodeCSV returns an object per row, by the names in the first one.
func decodeCSV(body []byte, separator string) (any, error) {
	text, _ := charset.Decode(body)
	x := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
	x.FieldsPerRecord, x.LazyQuotes, x.ReuseRecord = -1, true, true
	if separator != "" {
		x.Comma = []rune(separator)[0]
	}
	list := []any{}
	first, err := x.Read()
	if errors.Is(err, io.EOF) {
		return list, nil
	}
	if err != nil {
		return nil, fmt.Errorf("not CSV: %w", err)
	}
	columns := make([]string, len(first))
	for i, name := range first {
		columns[i] = strings.TrimSpace(name)
	}
	for {
		row, err := x.Read()
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, fmt.Errorf("not CSV: %w", err)
		}
		m := make(map[string]any, len(columns))
		for i, name := range columns {
			if i < len(row) {
				m[name] = row[i]
			}
		}
		list = append(list, m)
	}
}
