package emulator

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"

	"github.com/voldaan/voldaan/sdk/emulator"
	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// call is a request that was let in.
type call struct {
	s   *Server
	w   http.ResponseWriter
	r   *http.Request
	adm string
}

type object = map[string]any

// apiError is an answer that refuses.
type apiError struct {
	Status         int
	Code, Property string
	Title          string
}

func (e *apiError) Error() string { return e.Title }

func (e *apiError) body() object {
	kind := "validation"
	switch e.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		kind = "security"
	case http.StatusInternalServerError:
		kind = "error"
	}
	return object{"type": kind, "code": e.Code, "title": e.Title, "message": e.Title, "propertyName": or(e.Property), "status": e.Status, "traceId": rand.Text(), "errors": []string{}}
}

var errUnauthenticated = &apiError{Status: http.StatusUnauthorized, Code: "SECURITY_010", Title: "Niet geauthenticeerd. Controleer de Authorization header."}

func invalid(code, property, title string) error {
	return &apiError{Status: http.StatusBadRequest, Code: code, Property: property, Title: title}
}

func notFound(code, title string) error {
	return &apiError{Status: http.StatusNotFound, Code: code, Property: "id", Title: title}
}

func fail(w http.ResponseWriter, err error) {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{Status: http.StatusInternalServerError, Code: "ERR_001", Title: "Er is iets misgegaan: " + err.Error()}
		if errors.Is(err, ledger.ErrRefused) {
			e.Status = http.StatusBadRequest
		}
	}
	emulator.WriteJSON(w, e.Status, e.body())
}

func (c *call) json(status int, body any) error {
	emulator.WriteJSON(c.w, status, body)
	return nil
}

func (c *call) read(v any) error {
	if err := json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, 4<<20)).Decode(v); err != nil {
		return invalid("DATA_01", "", "De content body is ongeldig: "+err.Error())
	}
	return nil
}

func (c *call) id() int64 {
	n, _ := strconv.ParseInt(c.r.PathValue("id"), 10, 64)
	return n
}

func (c *call) view(fn func(*ledger.Administration) error) error {
	err := c.s.View(c.adm, fn)
	if errors.Is(err, ledger.ErrNoAdministration) {
		return &apiError{Status: http.StatusForbidden, Code: "SECURITY_002", Title: "Geen administratie geopend in de huidige sessie."}
	}
	return err
}

// or is null for an empty text.
func or(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func number(minor int64, currency string) json.Number {
	return json.Number(ledger.Decimal(minor, currency))
}
