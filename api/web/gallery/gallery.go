// Package gallery shows every page in every state with made-up data, for
// development and for the tests of the look.
package gallery

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"github.com/voldaan/voldaan/api/web/assets"
)

// Exhibit is one page in one state.
type Exhibit struct {
	Name string // of the URL and of the screenshot
	What string // the state in words
	View templ.Component
}

// Exhibits returns all pages in all states.
func Exhibits() []Exhibit {
	var all []Exhibit
	for _, room := range []func() []Exhibit{
		doors,
		dashboards,
		invoices,
		inboxes,
		banks,
		debits,
		caseRooms,
		insights,
		credits,
		markets,
		connectionRooms,
		flowRooms,
		settingRooms,
		webhookRooms,
		arrangementRooms,
		lawRooms,
		messageRooms,
		portals,
		channelRooms,
		debtorRooms,
		agreements,
		failures,
	} {
		all = append(all, room()...)
	}
	return all
}

// Prefix is where Handler is mounted.
const Prefix = "/gallery/"

// Handler serves the exhibits under Prefix with the policy of the real pages,
// and the assets they need, and answers the requests that the pages make by themselves:
// a search and the progress of a sync.
func Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET "+assets.Prefix, assets.Handler())
	var index strings.Builder
	for _, e := range Exhibits() {
		fmt.Fprintf(&index, `<li><a href="%s%s">%s</a> %s</li>`, Prefix, e.Name, e.Name, templ.EscapeString(e.What))
		mux.HandleFunc("GET "+Prefix+e.Name, func(w http.ResponseWriter, r *http.Request) {
			policy(w, assets.PagePolicy())
			_ = e.View.Render(r.Context(), w)
		})
	}
	page := `<!doctype html><html lang="en"><meta charset="utf-8"><title>Gallery</title><h1>Gallery</h1><ul>` + index.String() + `</ul></html>`
	mux.HandleFunc("GET "+Prefix+"{$}", func(w http.ResponseWriter, _ *http.Request) {
		policy(w, assets.PagePolicy())
		_, _ = w.Write([]byte(page))
	})
	answers(mux)
	mux.HandleFunc("GET "+messagePath+"/preview", func(w http.ResponseWriter, _ *http.Request) {
		policy(w, assets.TrialPolicy)
		_, _ = w.Write([]byte(mailHTML))
	})
	mux.HandleFunc("GET "+mailCopy, func(w http.ResponseWriter, _ *http.Request) {
		policy(w, assets.CopyPolicy)
		_, _ = w.Write([]byte(mailHTML))
	})
	return mux
}

func policy(w http.ResponseWriter, p string) {
	w.Header().Set("Content-Security-Policy", p)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
}
