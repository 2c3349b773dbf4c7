package emulator

import (
	"fmt"
	"net/http"
	"time"
)

// download is a file that waits behind a short-lived link.
type download struct {
	name  string
	body  []byte
	until time.Time
}

// downloadPDF redirects to the link of the PDF. A draft has one too.
func (c *call) downloadPDF() error {
	var d download
	err := c.view(func(a *administration) error {
		inv, err := c.find(a, salesLedger)
		if err != nil {
			return err
		}
		body, err := a.pdf(inv)
		if err != nil {
			return fmt.Errorf("draw invoice %s: %w", inv.ID, err)
		}
		d = download{name: "invoice-" + inv.ID + ".pdf", body: body}
		return nil
	})
	if err != nil {
		return err
	}
	now := c.s.kit.Wall()
	d.until = now.Add(c.s.cfg.DownloadLife)
	c.s.downloads.Range(func(k, v any) bool {
		if v.(download).until.Before(now.Add(-time.Minute)) {
			c.s.downloads.Delete(k)
		}
		return true
	})
	token := randomText(32)
	c.s.downloads.Store(token, d)
	link := c.s.storage(c.r) + "/storage/" + token + "/" + d.name
	c.w.Header().Set("Location", link)
	c.w.Header().Set("Content-Type", "text/plain")
	c.w.WriteHeader(http.StatusFound)
	_, _ = fmt.Fprintf(c.w, "This resource has been moved temporarily to %s.", link)
	return nil
}

// download serves a link as a file store does: it knows no users, wants no
// Authorization header, and forgets.
func (s *Server) download(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, code string) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code></Error>`, code)
	}
	if r.Header.Get("Authorization") != "" {
		refuse(http.StatusBadRequest, "InvalidArgument")
		return
	}
	v, ok := s.downloads.Load(r.PathValue("token"))
	if !ok || v.(download).name != r.PathValue("name") {
		refuse(http.StatusNotFound, "NoSuchKey")
		return
	}
	d := v.(download)
	if s.kit.Wall().After(d.until) {
		refuse(http.StatusForbidden, "AccessDenied")
		return
	}
	w.Header().Set("Content-Type", "application/pdf")
	w.Header().Set("Content-Disposition", fmt.Sprintf("attachment; filename=%q", d.name))
	_, _ = w.Write(d.body)
}

// downloadUBL answers the invoice as UBL 2.1.
func (c *call) downloadUBL() error {
	var body []byte
	err := c.view(func(a *administration) error {
		inv, err := c.find(a, salesLedger)
		if err == nil {
			body, err = a.ubl(inv)
		}
		return err
	})
	if err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = c.w.Write(body)
	return nil
}
