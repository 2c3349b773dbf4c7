package pack

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// checkIcon refuses an icon that could do more than be looked at.
func checkIcon(data []byte) error {
	d := xml.NewDecoder(bytes.NewReader(data))
	first := true
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) && !first {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s is not an SVG image: %w", Icon, err)
		}
		if _, ok := t.(xml.Directive); ok {
			return fmt.Errorf("%s has a document type; leave it out", Icon)
		}
		e, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		name := strings.ToLower(e.Name.Local)
		if first && name != "svg" {
			return fmt.Errorf("%s is not an SVG image: it begins with <%s>", Icon, name)
		}
		first = false
		switch name {
		case "script", "foreignobject", "iframe", "embed", "object", "animate", "set", "handler":
			return fmt.Errorf("%s may not have <%s>; make it of shapes alone", Icon, e.Name.Local)
		}
		for _, a := range e.Attr {
			key := strings.ToLower(a.Name.Local)
			if strings.HasPrefix(key, "on") || key == "href" && !strings.HasPrefix(a.Value, "#") {
				return fmt.Errorf("%s may not have %s=%q; make it of shapes alone", Icon, a.Name.Local, a.Value)
			}
		}
	}
}
