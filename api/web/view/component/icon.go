package component

import (
	"context"
	"io"

	"github.com/a-h/templ"
)

// Icon draws an icon of the set in icon_gen.go in the colour of its text. It is
// decoration: the words beside it carry the meaning. An unknown name draws a
// circle.
func Icon(name string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		paths, ok := iconPaths[name]
		if !ok {
			paths = iconPaths["circle"]
		}
		_, err := io.WriteString(w, `<svg aria-hidden="true" width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.9" stroke-linecap="round" stroke-linejoin="round">`+paths+`</svg>`)
		return err
	})
}

// Mark draws the receipt stamp of Voldaan in the colour of its text; the same
// drawing is static/mark.svg.
func Mark() templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, `<svg aria-hidden="true" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round"><g transform="rotate(-8 12 12)"><rect x="2" y="4.5" width="20" height="15" rx="4" stroke-width="2.3"/><path d="m7.4 12.2 3.2 3.3 6-6.8" stroke-width="2.7"/></g></svg>`)
		return err
	})
}
