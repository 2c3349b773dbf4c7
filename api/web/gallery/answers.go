package gallery

import (
	"net/http"
	"sync/atomic"

	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/market"
)

// answers serves what pages ask for after they are shown.
func answers(mux *http.ServeMux) {
	mux.HandleFunc("GET /search", func(w http.ResponseWriter, r *http.Request) {
		m := found()
		m.Query = r.FormValue("q")
		if m.Query != "gouden" {
			m.Groups = nil
		}
		if r.Header.Get("HX-Request") != "" {
			_ = component.Results(m.Query, m.Groups).Render(r.Context(), w)
			return
		}
		_ = component.Search(m).Render(r.Context(), w)
	})
	var asked atomic.Int32
	mux.HandleFunc("GET /connections/1/sync/status", func(w http.ResponseWriter, r *http.Request) {
		m := market.SyncModel{Frame: frame(component.Marketplace, "First sync"), ID: "1", Connector: "Moneybird", First: true, Phase: market.Running, Doing: "Reading invoices", Done: 4100, Total: 8312}
		if asked.Add(1)%2 == 0 {
			m.Phase, m.Report = market.Finished, &market.SyncReport{Read: 8312, New: 8312, Took: "3 min 2 s"}
		}
		_ = market.SyncStatus(m).Render(r.Context(), w)
	})
}
