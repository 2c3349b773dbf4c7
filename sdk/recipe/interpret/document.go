package interpret

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"path"
	"strings"

	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/recipe"
)

const (
	maxDocument = 20 << 20
	maxHops     = 3
)

// Document returns a file of an invoice.
func (c *Connector) Document(ctx context.Context, s *sdk.Session, req sdk.DocumentRequest) (sdk.Document, error) {
	r := c.run(ctx, s, req.Administration)
	defer r.done()
	sc := r.scope
	bare, source := c.origin(req.Invoice)
	sc[recipe.VarID], sc[recipe.VarSource] = bare, source
	for i := range c.r.Documents {
		d := &c.r.Documents[i]
		if d.Format != string(req.Format) || d.Source != "" && d.Source != source {
			continue
		}
		file, err := r.document(d, &sc, bare)
		if err != nil {
			return sdk.Document{}, fmt.Errorf("download invoice %s: %w", req.Invoice, err)
		}
		return file, nil
	}
	return sdk.Document{}, fmt.Errorf("%w: %s has no %s of this invoice", sdk.ErrGone, c.title, strings.ToUpper(string(req.Format)))
}

// origin takes an invoice's id apart: the bare id and the name of its source.
func (c *Connector) origin(id string) (bare, source string) {
	if e := c.reader(id); e != nil {
		return strings.TrimPrefix(id, e.Value.Prefix), e.Name
	}
	return id, ""
}

func (r *run) document(d *recipe.Document, sc *recipe.Scope, id string) (sdk.Document, error) {
	gone := fmt.Errorf("%w: %s has no such file", sdk.ErrGone, r.c.title)
	if err := r.steps(d.Steps, sc, nil); err != nil {
		return sdk.Document{}, err
	}
	if missing, err := r.holds(d.Missing, sc, nil); err != nil || missing {
		return sdk.Document{}, errors.Join(err, gone)
	}
	var a *answer
	var content []byte
	var err error
	switch {
	case d.Link == nil && d.Base64 == nil:
		if a, err = r.download(&d.Call, sc, ""); err != nil {
			return sdk.Document{}, err
		}
		content = a.body
	default:
		a = &answer{header: http.Header{}, status: http.StatusOK}
		if !d.Request.Missing() {
			if a, err = r.do(&d.Call, sc, nil); err != nil {
				return sdk.Document{}, err
			}
			a.into(sc)
		}
		e := d.Link
		if e == nil {
			e = d.Base64
		}
		v, err := r.eval(e, sc, a.value)
		if err != nil {
			return sdk.Document{}, err
		}
		text, ok := v.(string)
		if !ok || text == "" {
			return sdk.Document{}, gone
		}
		if d.Link != nil {
			if a, err = r.download(&d.Call, sc, text); err != nil {
				return sdk.Document{}, err
			}
			content = a.body
		} else if content, err = unbase64(text); err != nil {
			return sdk.Document{}, fmt.Errorf("what came from %s is not base64: %w", r.c.title, err)
		}
	}
	file := sdk.Document{Name: fileName(a.header, id+extensions[d.Format]), Content: content, ContentType: "application/pdf"}
	if d.Format == "ubl" {
		file.ContentType = "application/xml"
	}
	if d.Name != nil {
		name, err := r.text(d.Name, sc, a.value)
		if err != nil {
			return sdk.Document{}, err
		}
		if name = path.Base(strings.ReplaceAll(name, `\`, "/")); name != "." && name != "/" {
			file.Name = name
		}
	}
	return file, r.recognise(file)
}

var extensions = map[string]string{"pdf": ".pdf", "ubl": ".xml"}

// download gets a file and follows up to maxHops redirects. Which hosts may be
// reached, and how, is the host's to judge.
func (r *run) download(c *recipe.Call, sc *recipe.Scope, address string) (*answer, error) {
	var req *http.Request
	var err error
	if address == "" {
		req, err = r.request(c, sc, nil, "")
	} else {
		req, err = http.NewRequestWithContext(r.ctx, http.MethodGet, address, nil)
	}
	if err != nil {
		return nil, err
	}
	if req.Header.Get("Accept") == "" || req.Header.Get("Accept") == "application/json" && c.Headers.Get("Accept") == nil {
		req.Header.Set("Accept", "*/*")
	}
	for range maxHops + 1 {
		if req.URL.Scheme != "https" && req.URL.Scheme != "http" {
			return nil, fmt.Errorf("the download link from %s is not one of the web", r.c.title)
		}
		a, err := r.send(req, maxDocument)
		if err != nil {
			return nil, err
		}
		if a.status < 300 || a.status >= 400 {
			if a.status == http.StatusOK {
				return a, nil
			}
			return r.judge(c, sc, a)
		}
		next, err := req.URL.Parse(a.header.Get("Location"))
		if err != nil || a.header.Get("Location") == "" {
			return nil, fmt.Errorf("the download link from %s cannot be read", r.c.title)
		}
		to, err := http.NewRequestWithContext(r.ctx, http.MethodGet, next.String(), nil)
		if err != nil {
			return nil, fmt.Errorf("the download link from %s cannot be read", r.c.title)
		}
		to.Header.Set("Accept", "*/*")
		req = to
	}
	return nil, fmt.Errorf("the download goes around in circles at %s", r.c.title)
}

// recognise refuses an error page that came under a good status.
func (r *run) recognise(d sdk.Document) error {
	head := d.Content[:min(len(d.Content), 1024)]
	switch {
	case len(d.Content) > maxDocument:
		return fmt.Errorf("the file of %s is larger than %d MiB", r.c.title, maxDocument>>20)
	case d.ContentType == "application/pdf" && !bytes.Contains(head, []byte("%PDF-")):
		return fmt.Errorf("what came from %s is not a PDF", r.c.title)
	case d.ContentType == "application/xml" && !bytes.Contains(head, []byte("<")):
		return fmt.Errorf("what came from %s is not a UBL file", r.c.title)
	}
	return nil
}

func unbase64(s string) ([]byte, error) {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '\n', '\r', ' ', '\t', '=':
			return -1
		case '-':
			return '+'
		case '_':
			return '/'
		}
		return r
	}, s)
	return base64.RawStdEncoding.DecodeString(s)
}

func fileName(h http.Header, otherwise string) string {
	if _, p, err := mime.ParseMediaType(h.Get("Content-Disposition")); err == nil {
		if n := path.Base(recipe.Clean(p["filename"])); n != "." && n != "/" {
			return n
		}
	}
	return recipe.Clean(path.Base(otherwise))
}
