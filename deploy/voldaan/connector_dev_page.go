package main

import (
	_ "embed"
	"encoding/json"
	"net"
	"net/http"
	"strconv"
	"sync"
)

//go:embed connector_dev.html
var devHTML []byte

// devPage shows the last reading in a browser, on this machine only.
type devPage struct {
	mu      sync.Mutex // protects what follows
	turn    int
	reading *reading
}

func (p *devPage) set(r *reading) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.turn++
	p.reading = r
}

// ServeHTTP implements http.Handler.
func (p *devPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// What the package sent is data of people: no other site may ask for it.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'")
	w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case !local(r.Host):
		http.Error(w, "This page is for the machine that it is made on.", http.StatusForbidden)
	case r.URL.Path == "/":
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(devHTML)
	case r.URL.Path == "/reading":
		p.state(w, r)
	default:
		http.NotFound(w, r)
	}
}

// state answers with the reading, or with nothing when the page has it.
func (p *devPage) state(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reading == nil || r.FormValue("turn") == strconv.Itoa(p.turn) {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(struct {
		Turn int
		*reading
	}{p.turn, p.reading})
}

// local reports whether a page was asked for by a name of this machine, so that no
// name of somebody else's can lead here.
func local(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	ip := net.ParseIP(name)
	return name == "localhost" || ip != nil && ip.IsLoopback()
}
