package mailsink

import (
	"embed"
	"encoding/json"
	"errors"
	"html/template"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed web
var web embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{
	"when": func(t time.Time) string { return t.Format("Mon 2 Jan 2006, 15:04") },
	"size": func(n int) string {
		if n < 10<<10 {
			return strconv.Itoa(n) + " B"
		}
		return strconv.Itoa(n>>10) + " kB"
	},
	"name": func(sender string) string {
		name, _, _ := strings.Cut(sender, "<")
		if name = strings.Trim(name, ` "`); name == "" {
			return sender
		}
		return name
	},
	"path": url.PathEscape,
}).ParseFS(web, "web/*.html"))

// own is the policy of the sink's pages; mailPolicy that of a message: it can
// load nothing and run nothing, and its links open elsewhere.
const (
	own        = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	mailPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)

func (s *Sink) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.listPage)
	mux.HandleFunc("GET /messages/{id}", s.messagePage)
	mux.HandleFunc("GET /messages/{id}/html", s.messageHTML)
	mux.HandleFunc("GET /messages/{id}/raw", s.messageRaw)
	mux.HandleFunc("GET /messages/{id}/attachments/{n}", s.attachment)
	mux.HandleFunc("POST /messages/{id}/reply", s.replyForm)
	mux.HandleFunc("GET /api/messages", s.apiList)
	mux.HandleFunc("GET /api/messages/{id}", s.apiMessage)
	mux.HandleFunc("POST /api/messages/{id}/reply", s.apiReply)
	mux.HandleFunc("DELETE /api/messages", s.apiClear)
	static, err := fs.Sub(web, "web/static")
	if err != nil {
		panic(err) // the folder is embedded
	}
	mux.Handle("GET /static/", http.StripPrefix("/static/", http.FileServerFS(static)))
	// A page elsewhere must not be able to send mail through a sink on this
	// machine.
	return headers(http.NewCrossOriginProtection().Handler(mux))
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", own)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

// filter returns the newest messages first that match the query: to, messageId,
// q (any text of the list).
func (s *Sink) filter(q url.Values) []Message {
	list := s.store.list()
	slices.Reverse(list)
	to, id, text := strings.ToLower(q.Get("to")), q.Get("messageId"), strings.ToLower(q.Get("q"))
	return slices.DeleteFunc(list, func(m Message) bool {
		return to != "" && strings.ToLower(m.To) != to || id != "" && m.MessageID != id ||
			text != "" && !strings.Contains(strings.ToLower(m.To+" "+m.Subject+" "+m.Sender), text)
	})
}

func (s *Sink) listPage(w http.ResponseWriter, r *http.Request) {
	list := s.filter(r.URL.Query())
	s.render(w, "list.html", map[string]any{"Messages": list[:min(len(list), 500)], "Total": len(list), "Query": r.URL.Query().Get("q")})
}

func (s *Sink) messagePage(w http.ResponseWriter, r *http.Request) {
	m, raw, ok := s.load(w, r)
	if !ok {
		return
	}
	c := open(raw)
	head, _, _ := strings.Cut(strings.ReplaceAll(string(raw), "\r\n", "\n"), "\n\n")
	to, _ := answerTo(c)
	s.render(w, "message.html", map[string]any{
		"M": m, "C": c, "Head": strings.ToValidUTF8(head, "\ufffd"), "AnswerTo": to, "CanReply": s.config.Inbound != "" && to != nil,
		"Sent": r.URL.Query().Has("sent"),
	})
}

func (s *Sink) messageHTML(w http.ResponseWriter, r *http.Request) {
	_, raw, ok := s.load(w, r)
	if !ok {
		return
	}
	w.Header().Set("Content-Security-Policy", mailPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte(withTarget(open(raw).HTML)))
}

// withTarget makes links open in a new tab: inside the frame they could not.
func withTarget(html string) string {
	const base = `<base target="_blank">`
	if i := strings.Index(strings.ToLower(html), "<head>"); i >= 0 {
		return html[:i+6] + base + html[i+6:]
	}
	return base + html
}

func (s *Sink) messageRaw(w http.ResponseWriter, r *http.Request) {
	if _, raw, ok := s.load(w, r); ok {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = w.Write(raw)
	}
}

func (s *Sink) attachment(w http.ResponseWriter, r *http.Request) {
	_, raw, ok := s.load(w, r)
	if !ok {
		return
	}
	list := open(raw).Attachments
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 0 || n >= len(list) {
		http.Error(w, "There is no such attachment.", http.StatusNotFound)
		return
	}
	a, disposition := list[n], "attachment"
	kind := "application/octet-stream"
	if a.Type == "application/pdf" {
		kind, disposition = a.Type, "inline"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": a.Name}))
	if disposition == "inline" {
		w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'")
	}
	_, _ = w.Write(a.Bytes)
}

func (s *Sink) replyForm(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	if err := s.Reply(r.PathValue("id"), r.FormValue("text")); err != nil {
		fail(w, err)
		return
	}
	http.Redirect(w, r, "/messages/"+url.PathEscape(r.PathValue("id"))+"?sent", http.StatusSeeOther)
}

func (s *Sink) apiReply(w http.ResponseWriter, r *http.Request) {
	var in struct{ Text string }
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&in); err != nil {
		http.Error(w, `Send JSON of the form {"text": "..."}.`, http.StatusUnprocessableEntity)
		return
	}
	if err := s.Reply(r.PathValue("id"), in.Text); err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// List is what GET /api/messages answers.
type List struct {
	Total    int       `json:"total"` // messages that match
	Messages []Message `json:"messages"`
}

func (s *Sink) apiList(w http.ResponseWriter, r *http.Request) {
	list := s.filter(r.URL.Query())
	total := len(list)
	if n, err := strconv.Atoi(r.URL.Query().Get("limit")); err == nil && n >= 0 {
		list = list[:min(n, total)]
	}
	writeJSON(w, List{total, list})
}

func (s *Sink) apiMessage(w http.ResponseWriter, r *http.Request) {
	m, raw, ok := s.load(w, r)
	if !ok {
		return
	}
	c := open(raw)
	writeJSON(w, struct {
		Message
		Text string `json:"text"`
		HTML string `json:"html"`
	}{m, c.Text, c.HTML})
}

func (s *Sink) apiClear(w http.ResponseWriter, _ *http.Request) {
	if err := s.store.clear(); err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (s *Sink) load(w http.ResponseWriter, r *http.Request) (Message, []byte, bool) {
	m, raw, err := s.store.find(r.PathValue("id"))
	if err != nil {
		fail(w, err)
		return m, nil, false
	}
	return m, raw, true
}

func (s *Sink) render(w http.ResponseWriter, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := pages.ExecuteTemplate(w, name, data); err != nil {
		s.config.Logger.Debug("mail sink page", "page", name, "error", err)
	}
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func fail(w http.ResponseWriter, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		http.Error(w, "There is no such message.", http.StatusNotFound)
		return
	}
	http.Error(w, err.Error(), http.StatusBadGateway)
}
