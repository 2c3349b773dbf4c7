package emulator

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

const twinfield = "http://www.twinfield.com/"

// call is a SOAP call that was let in.
type call struct {
	s    *Server
	r    *http.Request
	adm  string // "" without a company
	body *node  // the operation
}

// fault is a SOAP fault.
type fault struct {
	code, text string
}

func (f *fault) Error() string { return f.text }

// soap opens the envelope, checks the token and the company, and wraps the
// answer.
func (s *Server) soap(fn func(*call) (*node, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		kind, space := "text/xml; charset=utf-8", "http://schemas.xmlsoap.org/soap/envelope/"
		if strings.HasPrefix(r.Header.Get("Content-Type"), "application/soap+xml") {
			kind, space = "application/soap+xml; charset=utf-8", "http://www.w3.org/2003/05/soap-envelope"
		}
		answer, err := s.enter(w, r, fn)
		status := http.StatusOK
		if err != nil {
			status = http.StatusInternalServerError
			answer = faultNode(err)
		}
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		env := el("soap:Envelope", "", "xmlns:soap", space).add(el("soap:Body", "").add(answer))
		_, _ = io.WriteString(w, `<?xml version="1.0" encoding="utf-8"?>`+env.String())
	}
}

func faultNode(err error) *node {
	var f *fault
	if !errors.As(err, &f) {
		f = &fault{"1", "Internal server error: " + err.Error()}
	}
	return el("soap:Fault", "").add(
		el("faultcode", "soap:Client"), el("faultstring", f.text),
		el("detail", "").add(el("Message", f.text, "xmlns", twinfield), el("Code", f.code, "xmlns", twinfield), el("MessageType", "error", "xmlns", twinfield)),
	)
}

func (s *Server) enter(w http.ResponseWriter, r *http.Request, fn func(*call) (*node, error)) (*node, error) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20))
	if err != nil {
		return nil, &fault{"1", "The request is too large."}
	}
	env, err := parse(string(raw))
	if err != nil || env.name != "Envelope" || len(env.at("Body").kids) != 1 {
		return nil, &fault{"1", "The request is not a SOAP envelope."}
	}
	header := env.at("Header", "Header")
	g, err := s.oauth.Check(header.get("AccessToken"))
	switch {
	case errors.Is(err, emulator.ErrNoToken):
		return nil, &fault{"103", "Access denied. Please make sure you are logged in correctly."}
	case err != nil:
		return nil, &fault{"354", "Access denied. Token invalid."}
	case !g.HasScope("twf.organisationUser"):
		return nil, &fault{"103", "Access denied. Please make sure you are logged in correctly."}
	}
	if !s.limit.Take("organisation", s.kit.Wall()).OK {
		return nil, &fault{"429", "Too many requests."}
	}
	c := &call{s: s, r: r, adm: header.get("CompanyCode"), body: env.at("Body").kids[0]}
	if c.adm != "" && errors.Is(s.View(c.adm, func(*ledger.Administration) error { return nil }), ledger.ErrNoAdministration) {
		return nil, &fault{"103", "Access denied. You have no access to company " + c.adm + "."}
	}
	return fn(c)
}

// tokenOf finds the token of a call, and leaves its body whole.
func tokenOf(r *http.Request) string {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	if err != nil {
		return ""
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	env, err := parse(string(raw))
	if err != nil {
		return ""
	}
	return env.get("Header", "Header", "AccessToken")
}

// processXML takes a document as text or as nodes and answers in kind.
func (c *call) processXML() (*node, error) {
	in := c.body.at("xmlRequest")
	doc, asText := in, false
	switch {
	case len(in.kids) == 1:
		doc = in.kids[0]
	default:
		var err error
		if doc, err = parse(in.text); err != nil {
			return nil, &fault{"1", "The document is not XML: " + err.Error()}
		}
		asText = true
	}
	answer, err := c.document(doc)
	if err != nil {
		return nil, err
	}
	result := el(c.body.name+"Result", "")
	if asText {
		result.text = `<?xml version="1.0"?>` + answer.String()
	} else {
		result.add(answer.set("xmlns", ""))
	}
	return el(c.body.name+"Response", "", "xmlns", twinfield).add(result), nil
}

// document sorts out what a document asks for.
func (c *call) document(doc *node) (*node, error) {
	if doc.name == "list" && doc.get("type") == "offices" {
		return c.offices(), nil
	}
	if c.adm == "" {
		return nil, &fault{"103", "Access denied. The company code is missing in the header."}
	}
	if office := doc.get("office"); office != "" && office != c.adm {
		return doc.fail("The office " + office + " is not the company of the header."), nil
	}
	var out *node
	view := func(fn func(*ledger.Administration) *node) (*node, error) {
		err := c.s.View(c.adm, func(a *ledger.Administration) error { out = fn(a); return nil })
		return out, err
	}
	switch what := doc.name + " " + doc.get("type"); {
	case what == "list dimensions":
		return view(func(a *ledger.Administration) *node { return listDimensions(a, doc) })
	case what == "read dimensions":
		return view(func(a *ledger.Administration) *node { return readDimension(a, doc) })
	case what == "read transaction":
		return view(func(a *ledger.Administration) *node { return readTransaction(a, doc) })
	case what == "read salesinvoice":
		return view(func(a *ledger.Administration) *node { return readInvoice(a, doc) })
	case doc.name == "columns":
		return view(func(a *ledger.Administration) *node { return browse(a, doc) })
	case doc.name == "dimension":
		return c.writeDimension(doc), nil
	case doc.name == "dimensions":
		return each(doc, "dimension", c.writeDimension), nil
	case doc.name == "transaction":
		return c.writeTransaction(doc), nil
	case doc.name == "transactions":
		return each(doc, "transaction", c.writeTransaction), nil
	case doc.name == "match":
		return c.match(doc), nil
	}
	return doc.fail("This document is not known."), nil
}

// each processes the parts of a document; the whole failed when one did.
func each(doc *node, name string, fn func(*node) *node) *node {
	out, result := el(doc.name, ""), "1"
	for _, one := range doc.all(name) {
		n := fn(one)
		if n.attr("result") == "0" {
			result = "0"
		}
		out.add(n)
	}
	return out.set("result", result)
}

func (c *call) offices() *node {
	out := el("offices", "", "result", "1")
	c.s.All(func(a *ledger.Administration) {
		out.add(el("office", a.ID, "name", a.Seed.Name, "shortname", ""))
	})
	return out
}
