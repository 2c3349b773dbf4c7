package emulator

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator"
)

const perPage = 50

// window is the part of a list that a page shows.
type window struct{ page, size int }

// window reads page and per_page.
func (c *call) window() (window, error) {
	w := window{page: 1, size: perPage}
	q := c.r.URL.Query()
	if v := q.Get("per_page"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 100 {
			return w, &apiError{http.StatusBadRequest, map[string]string{"error": "per_page does not have a valid value"}}
		}
		w.size = n
	}
	if v := q.Get("page"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 1_000_000 {
			return w, &apiError{http.StatusBadRequest, map[string]string{"error": "page does not have a valid value"}}
		}
		w.page = n
	}
	w.page = max(1, w.page+emulator.PageShift(c.r))
	return w, nil
}

// cut returns the bounds of the page in a list of n.
func (w window) cut(n int) (from, to int) {
	from = min((w.page-1)*w.size, n)
	return from, min(from+w.size, n)
}

// link announces the pages around.
func (c *call) link(w window, n int) {
	var links []string
	add := func(page int, rel string) {
		u := url.URL{Path: c.r.URL.Path + ".json"}
		q := c.r.URL.Query()
		q.Set("page", strconv.Itoa(page))
		q.Set("per_page", strconv.Itoa(w.size))
		u.RawQuery = q.Encode()
		links = append(links, fmt.Sprintf(`<%s%s>; rel=%q`, c.s.public(c.r), u.String(), rel))
	}
	if w.page*w.size < n {
		add(w.page+1, "next")
	}
	if w.page > 1 {
		add(w.page-1, "prev")
	}
	if len(links) > 0 {
		c.w.Header().Set("Link", strings.Join(links, ", "))
	}
	c.w.Header().Set("X-Total-Count", strconv.Itoa(n))
}

// public is the address that others reach the emulator by.
func (s *Server) public(r *http.Request) string {
	if s.cfg.PublicURL != "" {
		return strings.TrimRight(s.cfg.PublicURL, "/")
	}
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + r.Host
}

// storage is the address that links to files point to.
func (s *Server) storage(r *http.Request) string {
	if s.cfg.DownloadURL != "" {
		return strings.TrimRight(s.cfg.DownloadURL, "/")
	}
	return s.public(r)
}

// array joins rendered records.
func array(items [][]byte) []byte {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(item)
	}
	b.WriteByte(']')
	return b.Bytes()
}

// pair is a line of a synchronization list.
type pair struct {
	ID      string `json:"id"`
	Version int64  `json:"version"`
}

// ids reads the body of a synchronization request: at most the first hundred
// count.
func (c *call) ids() ([]string, error) {
	var in struct {
		IDs *[]ident `json:"ids"`
	}
	if err := c.read(&in); err != nil {
		return nil, err
	}
	if in.IDs == nil {
		return nil, symbolic(http.StatusBadRequest, "Ids is required", "ids", "required")
	}
	var out []string
	for _, id := range *in.IDs {
		if len(out) == 100 {
			break
		}
		out = append(out, string(id))
	}
	return out, nil
}
