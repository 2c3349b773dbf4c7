package emulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

type object = map[string]any

// exception is a Python exception, as Odoo reports it.
type exception struct {
	name, text string
	status     int // of JSON-2
}

func (e *exception) Error() string { return e.text }

func raise(name string, status int, format string, a ...any) error {
	return &exception{name, fmt.Sprintf(format, a...), status}
}

func userError(format string, a ...any) error {
	return raise("odoo.exceptions.UserError", http.StatusUnprocessableEntity, format, a...)
}

var errDenied = raise("odoo.exceptions.AccessDenied", http.StatusUnauthorized, "Access Denied")

func asException(err error) *exception {
	var e *exception
	switch {
	case errors.As(err, &e):
		return e
	case errors.Is(err, ledger.ErrNotFound):
		return &exception{"odoo.exceptions.MissingError", "Record does not exist or has been deleted.", http.StatusNotFound}
	case errors.Is(err, ledger.ErrRefused):
		return &exception{"odoo.exceptions.UserError", err.Error(), http.StatusUnprocessableEntity}
	}
	return &exception{"builtins.ValueError", err.Error(), http.StatusInternalServerError}
}

func (e *exception) data() object {
	return object{"name": e.name, "message": e.text, "arguments": []any{e.text}, "context": object{}, "debug": "Traceback (most recent call last):\n  File \"emulator\"\n" + e.name + ": " + e.text + "\n"}
}

// request is a call of a method of a model.
type request struct {
	http    *http.Request
	model   *model
	method  string
	ids     []int64
	args    object // by name
	context object
	key     apiKey
}

// rpcCall is the body of JSON-RPC.
type rpcCall struct {
	ID     any `json:"id"`
	Params struct {
		Service string            `json:"service"`
		Method  string            `json:"method"`
		Args    []json.RawMessage `json:"args"`
	} `json:"params"`
}

func (s *Server) jsonRPC(w http.ResponseWriter, r *http.Request) {
	var in rpcCall
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<20)).Decode(&in); err != nil {
		emulator.WriteJSON(w, http.StatusBadRequest, object{"jsonrpc": "2.0", "id": nil, "error": object{"code": -32700, "message": "Invalid JSON data"}})
		return
	}
	if !s.limit.Take("rpc", s.kit.Wall()).OK {
		kind, body := problem(http.StatusTooManyRequests)
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write(body)
		return
	}
	result, err := s.rpc(r, in)
	out := object{"jsonrpc": "2.0", "id": in.ID}
	if err != nil {
		out["error"] = object{"code": 200, "message": "Odoo Server Error", "data": asException(err).data()}
	} else {
		out["result"] = result
	}
	emulator.WriteJSON(w, http.StatusOK, out)
}

func text(raw []json.RawMessage, i int) (s string) {
	if i < len(raw) {
		_ = json.Unmarshal(raw[i], &s)
	}
	return s
}

func (s *Server) rpc(r *http.Request, in rpcCall) (any, error) {
	p := in.Params
	switch p.Service + "." + p.Method {
	case "common.version":
		return s.version(), nil
	case "common.authenticate", "common.login":
		if err := s.database(text(p.Args, 0)); err != nil {
			return nil, err
		}
		if key, ok := s.key(text(p.Args, 2)); text(p.Args, 1) != login || !ok || key.Revoked {
			return false, nil
		}
		return uid, nil
	case "object.execute_kw":
	default:
		return nil, raise("builtins.KeyError", 404, "%s.%s", p.Service, p.Method)
	}
	if err := s.database(text(p.Args, 0)); err != nil {
		return nil, err
	}
	var user int
	if len(p.Args) > 1 {
		_ = json.Unmarshal(p.Args[1], &user)
	}
	key, ok := s.key(text(p.Args, 2))
	if user != uid || !ok || key.Revoked {
		return nil, errDenied
	}
	var positional []any
	named := object{}
	if len(p.Args) > 5 && decode(p.Args[5], &positional) != nil || len(p.Args) > 6 && decode(p.Args[6], &named) != nil {
		return nil, raise("builtins.TypeError", 422, "execute_kw takes a list and a dictionary of arguments")
	}
	m := s.models[text(p.Args, 3)]
	if m == nil {
		return nil, userError("Object %s doesn't exist", text(p.Args, 3))
	}
	q := &request{http: r, model: m, method: text(p.Args, 4), args: named, key: key}
	if err := q.bind(positional); err != nil {
		return nil, err
	}
	return s.run(q)
}

// decode keeps numbers as they were written.
func decode(raw []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return dec.Decode(v)
}

func (s *Server) database(name string) error {
	if name != s.cfg.Database {
		return raise("psycopg2.OperationalError", 500, "FATAL:  database %q does not exist", name)
	}
	return nil
}

func (s *Server) key(name string) (key apiKey, ok bool) {
	s.extra.View(func(e *extra) { key, ok = e.Keys[name] })
	return key, ok && name != ""
}

func (s *Server) json2(w http.ResponseWriter, r *http.Request) {
	result, err := s.call2(w, r)
	if err == nil {
		emulator.WriteJSON(w, http.StatusOK, result)
		return
	}
	e := asException(err)
	emulator.WriteJSON(w, e.status, e.data())
}

func (s *Server) call2(w http.ResponseWriter, r *http.Request) (any, error) {
	key, ok := s.key(emulator.Bearer(r))
	if !ok || key.Revoked {
		return nil, raise("werkzeug.exceptions.Unauthorized", http.StatusUnauthorized, "Invalid apikey")
	}
	if db := r.Header.Get("X-Odoo-Database"); db != "" && db != s.cfg.Database {
		return nil, raise("werkzeug.exceptions.NotFound", http.StatusNotFound, "The database %q does not exist", db)
	}
	if !s.limit.Take("rpc", s.kit.Wall()).OK {
		return nil, raise("werkzeug.exceptions.TooManyRequests", http.StatusTooManyRequests, "Too Many Requests")
	}
	m := s.models[r.PathValue("model")]
	if m == nil {
		return nil, raise("werkzeug.exceptions.NotFound", http.StatusNotFound, "the model %q does not exist", r.PathValue("model"))
	}
	named := object{}
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<20))
	dec.UseNumber()
	if err := dec.Decode(&named); err != nil {
		return nil, raise("werkzeug.exceptions.BadRequest", http.StatusBadRequest, "the body is not a JSON object: %v", err)
	}
	q := &request{http: r, model: m, method: r.PathValue("method"), args: named, key: key}
	if err := q.bind(nil); err != nil {
		return nil, err
	}
	return s.run(q)
}

// keyOf finds the key of a request of either protocol, and leaves its body whole.
func keyOf(r *http.Request) string {
	if key := emulator.Bearer(r); key != "" {
		return key
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 16<<20))
	if err != nil {
		return ""
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	var in rpcCall
	if json.NewDecoder(strings.NewReader(string(raw))).Decode(&in) != nil {
		return ""
	}
	return text(in.Params.Args, 2)
}
