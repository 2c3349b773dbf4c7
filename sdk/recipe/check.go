package recipe

import (
	"net/url"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// check finds what is wrong between the parts of a recipe.
func (l *loader) check(n *yaml.Node, path string, r *Recipe) {
	at := func(parts ...string) string { return strings.Join(append([]string{path}, parts...), ".") }
	l.usesExist(path, r)
	l.inherit(at("pull"), r)
	l.pull(at("pull"), r)
	for i, e := range r.Lookups {
		v := e.Value
		if v.All && v.Batch > 0 {
			l.FailAt(e.Line, at("lookups", e.Name, "batch"), "all and batch exclude each other")
		}
		if v.Call.Request.Missing() {
			l.FailAt(e.Line, at("lookups", e.Name, "request"), "is missing; expected METHOD template")
		}
		if v.All || v.Batch > 0 {
			continue
		}
		if v.Key != nil || v.Many {
			l.FailAt(e.Line, at("lookups", r.Lookups[i].Name), "key and many need all or batch")
		}
	}
	if !r.Administrations.ok() {
		l.Fail(n, at("administrations"), "each and paging need a request")
	}
	for i, d := range r.Documents {
		if d.Source != "" && r.Pull.Get(d.Source) == nil {
			l.FailAt(n.Line, at("documents"), "entry %d: %q is not a source under pull%s", i+1, d.Source, meant(d.Source, r.Pull.Names()))
		}
		if d.Call.Request.Missing() && d.Base64 == nil && d.Link == nil {
			l.FailAt(n.Line, at("documents"), "entry %d needs a request, or url or base64 from its steps", i+1)
		}
		if d.Base64 != nil && d.Link != nil {
			l.FailAt(n.Line, at("documents"), "entry %d: url and base64 exclude each other", i+1)
		}
	}
	if r.Writes != nil {
		l.write(at("writes.payment"), n, r.Writes.Payment)
		l.write(at("writes.note"), n, r.Writes.Note)
		for kind, w := range r.Writes.Messages() {
			l.write(at("writes."+kind), n, w)
			if w != nil && (w.Report == nil || w.Report.Request.Missing()) {
				l.Fail(n, at("writes."+kind+".report"), "is missing; expected how to ask what became of a message")
			}
		}
	}
	if len(r.Pull) == 0 && !r.delivers() && r.Credit == nil {
		l.Fail(n, at("pull"), "is missing; expected names with source")
	}
	if c := r.Credit; c != nil {
		if c.Find != nil && c.Find.Request.Missing() {
			l.Fail(n, at("credit.find.request"), "is missing; expected METHOD template")
		}
		if c.Report != nil && c.Report.Request.Missing() {
			l.Fail(n, at("credit.report.request"), "is missing; expected METHOD template")
		}
	}
	if r.Webhook != nil {
		l.signature(at("webhook.signature"), n, r.Webhook.Signature)
		l.common(at("webhook"), n, r.Webhook)
	}
	l.capabilities(n, path, r)
	l.hosts(n, path, r)
}

func (a *Administrations) ok() bool {
	return a == nil || !a.Request.Missing() || a.Each == nil && a.Paging == nil && a.Per == nil
}

func (l *loader) usesExist(path string, r *Recipe) {
	for _, u := range l.uses {
		var names []string
		switch u.variable {
		case "$form":
			if known(l.head.Secret, u.field) {
				l.FailAt(u.line, u.path, "the answer %s is secret; the host adds credentials, a recipe never sees them", u.field)
				continue
			}
			names = l.head.Form
		case "$values":
			names = r.Values.Names()
		case "$write":
			names = WriteFields
		case "$company":
			names = CompanyFields
		case "$with":
			source, _, _ := strings.Cut(strings.TrimPrefix(u.path, path+".pull."), ".")
			if s := r.Pull.Get(source); s != nil {
				names = s.With.Names()
				if s.List != nil && strings.HasPrefix(u.path, path+".pull."+source+".list.") {
					names = s.List.With.Names()
				}
			}
		default:
			continue
		}
		if !known(names, u.field) {
			hint := meant(u.field, names)
			if hint == "" {
				hint = "; known are " + joined(names)
			}
			l.FailAt(u.line, u.path, "%s.%s is not known%s", u.variable, u.field, hint)
		}
	}
}

// pull checks the sources against one another.
func (l *loader) pull(path string, r *Recipe) {
	listed, whole := map[string]string{}, map[string]string{}
	readers := map[string]string{}
	invoices := false
	for i, e := range r.Pull {
		s, at := &r.Pull[i].Value, path+"."+e.Name
		fail := func(key, format string, args ...any) {
			l.FailAt(e.Line, strings.TrimSuffix(at+"."+key, "."), format, args...)
		}
		if s.Per != "" {
			j := slices.Index(r.Pull.Names(), s.Per)
			switch {
			case j < 0:
				fail("per", "%q is not a source under pull%s", s.Per, meant(s.Per, r.Pull.Names()))
			case j >= i:
				fail("per", "%q must come before the source that is made for its items", s.Per)
			}
			if s.List != nil || s.Since != nil || s.Sweep != nil {
				fail("", "per excludes list, since and sweep; they belong to %s", s.Per)
			}
		} else if s.PerWhen != nil {
			fail("when", "is for sources with per; use where")
		} else if s.PerKey != nil {
			fail("key", "is for sources with per")
		}
		if s.Request.Missing() && s.List == nil {
			fail("request", "is missing; expected METHOD template, such as GET /invoices")
		}
		lookups := func(key string, with Named[Expr]) {
			for _, w := range with {
				if r.Lookups.Get(w.Name) == nil {
					fail(key, "%q is not a lookup%s", w.Name, meant(w.Name, r.Lookups.Names()))
				}
			}
		}
		lookups("with", s.With)
		stream := s.Stream()
		if s.List != nil {
			if s.Since != nil {
				fail("since", "list and since exclude each other; the list already tells what changed")
			}
			if stream == "" {
				fail("", "a source with list needs party, invoice or payment")
			}
			if s.List.Request.Missing() {
				fail("list.request", "is missing; expected METHOD template")
			}
			lookups("list.with", s.List.With)
			if len(s.List.With) > 0 {
				s.List.Chosen, s.List.Where = s.List.Where, nil
			}
			if s.Request.Missing() && s.Invoice != nil && (s.Only == nil || s.Only.Request.Missing()) {
				fail("only", "needs a request, as the source has none")
			}
			listed[stream] = e.Name
		} else if s.Per == "" && stream != "" && (s.Completes == nil || known(*s.Completes, stream)) {
			whole[stream] = e.Name
		}
		if s.Since != nil && (s.Since.Value == nil) != s.Since.Clock {
			fail("since", "expected either value or clock: true")
		}
		if s.Since != nil && s.Since.Pages > 0 && (!s.Since.Ordered || s.Paging == nil) {
			fail("since.pages", "needs ordered: true and paging")
		}
		if s.Group != nil && (s.List != nil || s.Since != nil && s.Since.Ordered) {
			fail("group", "needs all pages first, and so excludes list and since.ordered")
		}
		if s.Sweep != nil && s.Sweep.Request.Missing() {
			fail("sweep.request", "is missing; expected METHOD template")
		}
		if s.Sweep != nil && s.Sweep.After != "" {
			if j := slices.Index(r.Pull.Names(), s.Sweep.After); j < 0 || j >= i {
				fail("sweep.after", "%q is not a source before this one%s", s.Sweep.After, meant(s.Sweep.After, r.Pull.Names()))
			}
		}
		if s.Completes != nil {
			for _, c := range *s.Completes {
				if s.Per != "" {
					fail("completes", "a source with per completes nothing (%s)", c)
				}
			}
		}
		if o := s.Only; o != nil && !o.Request.Missing() && o.Each == nil {
			o.Each = s.Each
		}
		if s.Invoice == nil {
			if s.Only != nil {
				fail("only", "is for sources with invoice")
			}
			continue
		}
		invoices = true
		if s.List == nil && s.Only == nil {
			continue
		}
		if other, twice := readers[s.Prefix]; twice {
			fail("only", "%s reads given invoices of the same prefix already", other)
		}
		readers[s.Prefix] = e.Name
	}
	for stream, name := range listed {
		if other, both := whole[stream]; both {
			l.FailAt(line(r, other), path+"."+other, "%s has a list of %s and this source has none, so that its records would be taken as deleted; give it list too, or completes: []", name, stream)
		}
	}
	if invoices && len(readers) == 0 {
		l.FailAt(r.Pull[0].Line, path, "no source with invoice says how to read given invoices, before a reminder is sent; give one of them only")
	}
}

func line(r *Recipe, source string) int {
	for _, e := range r.Pull {
		if e.Name == source {
			return e.Line
		}
	}
	return 1
}

// Stream returns the stream of the source's first record, "" when it has none.
func (s *Source) Stream() string {
	switch {
	case s.Invoice != nil:
		return "invoices"
	case s.Party != nil:
		return "parties"
	case s.Payment != nil:
		return "payments"
	}
	return ""
}

func (l *loader) write(path string, n *yaml.Node, w *WriteBack) {
	if w == nil {
		return
	}
	if w.Request.Missing() {
		l.Fail(n, path+".request", "is missing; expected METHOD template")
	}
	if (w.Look == nil) != w.Idempotent {
		l.Fail(n, path, "expected either look or idempotent: true; without them a write whose answer was lost could be made twice")
	}
	if w.Look != nil && w.Look.Request.Missing() {
		l.Fail(n, path+".look.request", "is missing; expected METHOD template")
	}
}

func (l *loader) signature(path string, n *yaml.Node, s *Signature) {
	if s == nil {
		return
	}
	switch {
	case s.Scheme == "none":
	case s.Header == "" && s.Given == nil:
		l.Fail(n, path+".header", "is missing; expected the header with the signature, or given")
	case strings.HasPrefix(s.Scheme, "rsa") && s.PublicKey == "":
		l.Fail(n, path+".public_key", "is missing; %s needs the package's key", s.Scheme)
	}
}

// common checks what a call to one address for all users can be judged by.
func (l *loader) common(path string, n *yaml.Node, w *Webhook) {
	if HintAccount >= len(w.Hint.Fields) || w.Hint.Fields[HintAccount] == nil {
		return
	}
	line := w.Hint.Fields[HintAccount].Line
	if w.Signature != nil && w.Signature.Scheme == "none" {
		l.FailAt(line, path+".hint.account", "expected a signature; anybody could call an address that all users have")
	}
	for _, v := range []Var{VarForm, VarValues, VarAdministration} {
		if Uses(w, v) {
			l.FailAt(line, path+".hint.account", "%s is used under webhook; it is not known for which connection a call to an address for all users is", Variables[v].Name)
		}
	}
}

// capabilities compares what the head claims with what there is.
func (l *loader) capabilities(n *yaml.Node, path string, r *Recipe) {
	for _, c := range []struct {
		name, where string
		has         bool
	}{
		{"documents", "documents", len(r.Documents) > 0},
		{"write_payments", "writes.payment", r.Writes != nil && r.Writes.Payment != nil},
		{"write_notes", "writes.note", r.Writes != nil && r.Writes.Note != nil},
		{"send_sms", "writes.sms", r.Writes.message("sms") != nil},
		{"send_voice", "writes.voice", r.Writes.message("voice") != nil},
		{"send_letter", "writes.letter", r.Writes.message("letter") != nil},
		{"send_document", "writes.document", r.Writes.message("document") != nil},
		{"credit_reports", "credit", r.Credit != nil},
		{"webhooks", "webhook", r.Webhook != nil},
		{"subscriptions", "subscriptions", r.Subscriptions != nil},
	} {
		switch claimed := known(l.head.Capabilities, c.name); {
		case claimed && !c.has:
			l.Fail(n, path+"."+c.where, "is missing; capabilities has %s", c.name)
		case !claimed && c.has:
			l.Fail(n, path+"."+c.where, "capabilities does not have %s", c.name)
		}
	}
}

// hosts checks the addresses that are known beforehand against the allow-lists.
func (l *loader) hosts(n *yaml.Node, path string, r *Recipe) {
	check := func(t *Template, at string) {
		text, all := t.Literal()
		if t.Empty() || text == "" {
			return
		}
		u, err := url.Parse(text)
		if !all && (text == "https://" || !strings.Contains(strings.TrimPrefix(text, "https://"), "/") && strings.HasPrefix(text, "https://")) {
			return // the host itself is computed; it is checked when it is called
		}
		if err != nil || u.Scheme != "https" || u.Host == "" {
			l.FailAt(t.Line, at, "expected an https URL, found %q", Clip(text, 80))
			return
		}
		if h := u.Hostname(); !slices.ContainsFunc(slices.Concat(l.head.Hosts, l.head.Downloads), func(p string) bool {
			suffix, wild := strings.CutPrefix(p, "*")
			return p == h || wild && strings.HasSuffix(h, suffix) && len(h) > len(suffix)
		}) {
			l.FailAt(t.Line, at, "the host %s is not among hosts%s", h, meant(h, l.head.Hosts))
		}
	}
	check(&r.Base, path+".base")
	r.EachCall(func(c *Call) {
		if c.Request.Missing() {
			return
		}
		if c.Request.Absolute() {
			check(&c.Request.Path, path)
		} else if text, _ := c.Request.Path.Literal(); r.Base.Empty() && strings.HasPrefix(text, "/") {
			l.FailAt(c.Request.Path.Line, path+".base", "is missing; the request %s %s starts with a slash", c.Request.Method, text)
		}
	})
}

// paging checks that a way of paging has what it needs.
func (l *loader) paging(n *yaml.Node, path string, p *Paging) {
	needs := p.By == ByToken || p.By == ByLast || p.By == ByURL
	switch {
	case needs && p.Next == nil:
		l.Fail(n, path+".next", "is missing; by: %s needs it", p.By)
	case !needs && p.Next != nil:
		l.Fail(n, path+".next", "by: %s does not use it", p.By)
	}
}

// Messages are the forms of message that can be handed over, by name; nil for
// those that cannot.
func (w *Writes) Messages() map[string]*WriteBack {
	if w == nil {
		return nil
	}
	return map[string]*WriteBack{"sms": w.SMS, "voice": w.Voice, "letter": w.Letter, "document": w.Document}
}

func (w *Writes) message(kind string) *WriteBack { return w.Messages()[kind] }

func (r *Recipe) delivers() bool {
	for _, w := range r.Writes.Messages() {
		if w != nil {
			return true
		}
	}
	return false
}
