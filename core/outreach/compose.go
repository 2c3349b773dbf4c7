package outreach

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"text/template"
)

//go:embed templates
var templates embed.FS

// Compose makes the document of a message. It refuses content that would state
// something false or unlawful; the error is fault.Invalid and says what to
// change.
func Compose(c Content) (Document, error) {
	c = c.clean()
	w, err := WordsOf(c.Language)
	if err != nil {
		return Document{}, err
	}
	if err := c.check(); err != nil {
		return Document{}, err
	}
	t, version, err := templateOf(c.Language, c.Step)
	if err != nil {
		return Document{}, err
	}
	v, err := newView(c, w)
	if err != nil {
		return Document{}, err
	}
	part := map[string]string{}
	for _, name := range []string{"subject", "preview", "body"} {
		var b bytes.Buffer
		if err := t.Funcs(v.funcs()).ExecuteTemplate(&b, name, v); err != nil {
			return Document{}, fmt.Errorf("write %s of %s: %w", name, version, err)
		}
		part[name] = strings.TrimSpace(b.String())
	}
	if c.Own != nil {
		if err := c.Own.Check(c.Language, c.Step); err != nil {
			return Document{}, err
		}
		if part["subject"], part["body"], err = v.own(*c.Own, t); err != nil {
			return Document{}, err
		}
		version = c.Own.name(c.Language, c.Step)
	}
	d := Document{
		Language: c.Language,
		Subject:  flatten(part["subject"]),
		Preview:  flatten(part["preview"]),
		Version:  version,
	}
	if c.Step != PortalCode {
		d.Salutation = v.salutation()
	}
	if c.Language == French {
		part["body"] = frenchMarks.Replace(part["body"])
	}
	if d.Blocks, err = v.blocks(part["body"]); err != nil {
		return Document{}, fmt.Errorf("blocks of %s: %w", version, err)
	}
	d.Closing = []string{w.Label("closing"), c.Creditor.Name}
	return d, nil
}

// frenchMarks keeps the marks that French sets apart on the line of their word.
var frenchMarks = strings.NewReplacer(" ?", nbsp+"?", " !", nbsp+"!", " ;", nbsp+";", " :", nbsp+":", "« ", "«"+nbsp, " »", nbsp+"»")

type parsed struct {
	template *template.Template
	version  string
}

var cache sync.Map // "nl/reminder_1" -> parsed

// templateOf returns a copy of the step's template, ready to take functions,
// and its version.
func templateOf(l Language, s Step) (*template.Template, string, error) {
	name := string(l) + "/" + string(s)
	p, ok := cache.Load(name)
	if !ok {
		made, err := parse(l, name)
		if err != nil {
			return nil, "", err
		}
		p, _ = cache.LoadOrStore(name, made)
	}
	t, err := p.(parsed).template.Clone()
	return t, p.(parsed).version, err
}

func parse(l Language, name string) (parsed, error) {
	w, err := WordsOf(l)
	if err != nil {
		return parsed{}, err
	}
	hash := sha256.New()
	hash.Write(w.raw)
	t := template.New(name).Funcs((&view{}).funcs()).Option("missingkey=error")
	for _, file := range []string{string(l) + "/shared", name} {
		text, err := templates.ReadFile("templates/" + file + ".tmpl")
		if err != nil {
			return parsed{}, fmt.Errorf("there is no message %q", name)
		}
		hash.Write(text)
		if t, err = t.Parse(string(text)); err != nil {
			return parsed{}, fmt.Errorf("template %s: %w", file, err)
		}
	}
	return parsed{t, name + "@" + hex.EncodeToString(hash.Sum(nil))[:12]}, nil
}
