package emulator

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// call is a request that was let in.
type call struct {
	s     *Server
	w     http.ResponseWriter
	r     *http.Request
	kind  string
	grant emulator.Grant
}

type object = map[string]any

const allScopes = "oauth crm.objects.companies.read crm.objects.companies.write crm.objects.contacts.read crm.objects.contacts.write crm.objects.deals.read crm.objects.owners.read crm.schemas.companies.write"

// apiError is an answer that refuses.
type apiError struct {
	status         int
	category, text string
	extra          object
}

func (e *apiError) Error() string { return e.text }

func refuse(status int, category, format string, a ...any) error {
	return &apiError{status: status, category: category, text: fmt.Sprintf(format, a...)}
}

func invalid(format string, a ...any) error {
	return refuse(http.StatusBadRequest, "VALIDATION_ERROR", format, a...)
}

func (c *call) fail(err error) {
	var e *apiError
	if !errors.As(err, &e) {
		e = &apiError{status: http.StatusInternalServerError, category: "INTERNAL_ERROR", text: err.Error()}
	}
	body := object{"status": "error", "message": e.text, "correlationId": correlation(), "category": e.category}
	for k, v := range e.extra {
		body[k] = v
	}
	emulator.WriteJSON(c.w, e.status, body)
}

func correlation() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// problem is the body of an error that a fault asks for.
func problem(status int) (string, []byte) {
	body := object{"status": "error", "message": http.StatusText(status), "correlationId": correlation(), "category": "INTERNAL_ERROR"}
	if status == http.StatusTooManyRequests {
		body = limited("TEN_SECONDLY_ROLLING")
	}
	b, _ := json.Marshal(body)
	return "application/json;charset=utf-8", b
}

func limited(policy string) object {
	return object{
		"status": "error", "message": "You have reached your " + strings.ToLower(policy) + " limit.", "errorType": "RATE_LIMIT", "correlationId": correlation(),
		"policyName": policy, "category": "RATE_LIMITS",
	}
}

// enter authenticates, counts the call against the limits and checks the scope.
func (c *call) enter() (err error) {
	if c.grant, err = c.s.oauth.Authenticate(c.r); err != nil {
		if errors.Is(err, emulator.ErrExpiredToken) {
			return refuse(http.StatusUnauthorized, "EXPIRED_AUTHENTICATION", "The OAuth token used to make this call expired.")
		}
		return refuse(http.StatusUnauthorized, "INVALID_AUTHENTICATION", "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview")
	}
	key, wall := emulator.Bearer(c.r), c.s.kit.Wall()
	policy := ""
	if strings.HasSuffix(c.r.URL.Path, "/search") {
		if !c.s.searchs.Take(key, wall).OK {
			policy = "SECONDLY"
		}
	} else {
		policy = c.meter(key)
	}
	if policy != "" {
		b := limited(policy)
		return &apiError{status: http.StatusTooManyRequests, category: "RATE_LIMITS", text: b["message"].(string), extra: b}
	}
	if c.kind != "" {
		if _, ok := kinds[c.kind]; !ok {
			return refuse(http.StatusNotFound, "OBJECT_NOT_FOUND", "Unable to infer object type from: %s", c.kind)
		}
	}
	if need := c.needs(); need != "" && !c.grant.HasScope(need) {
		return &apiError{
			status: http.StatusForbidden, category: "MISSING_SCOPES", text: "This app hasn't been granted all required scopes to make this call.",
			extra: object{"errors": []object{{"message": "One or more of the following scopes are required.", "context": object{"requiredGranularScopes": []string{need}}}}},
		}
	}
	return nil
}

func (c *call) meter(key string) string {
	wall, h := c.s.kit.Wall(), c.w.Header()
	ten := c.s.ten.Take(key, wall)
	if ten.Limit > 0 {
		h.Set("X-HubSpot-RateLimit-Max", strconv.Itoa(ten.Limit))
		h.Set("X-HubSpot-RateLimit-Remaining", strconv.Itoa(ten.Remaining))
		h.Set("X-HubSpot-RateLimit-Interval-Milliseconds", "10000")
	}
	if !ten.OK {
		return "TEN_SECONDLY_ROLLING"
	}
	day := c.s.day.Take(key, wall)
	if day.Limit > 0 {
		h.Set("X-HubSpot-RateLimit-Daily", strconv.Itoa(day.Limit))
		h.Set("X-HubSpot-RateLimit-Daily-Remaining", strconv.Itoa(day.Remaining))
	}
	if !day.OK {
		return "DAILY"
	}
	return ""
}

// needs is the scope that a call asks for.
func (c *call) needs() string {
	path := c.r.URL.Path
	group := c.kind
	switch {
	case strings.Contains(path, "/owners"):
		return "crm.objects.owners.read"
	case group == "":
		return ""
	case group == "notes" || group == "tasks":
		group = "contacts"
	}
	reads := c.r.Method == http.MethodGet || strings.HasSuffix(path, "/search") || strings.HasSuffix(path, "/batch/read")
	switch {
	case strings.Contains(path, "/properties/") && !reads:
		return "crm.schemas." + group + ".write"
	case reads:
		return "crm.objects." + group + ".read"
	}
	return "crm.objects." + group + ".write"
}

func (c *call) read(v any) error {
	if err := json.NewDecoder(http.MaxBytesReader(c.w, c.r.Body, 8<<20)).Decode(v); err != nil {
		return invalid("Invalid input JSON: %v", err)
	}
	return nil
}

func (c *call) json(status int, body any) error {
	emulator.WriteJSON(c.w, status, body)
	return nil
}

func (c *call) base() string {
	if c.s.cfg.PublicURL != "" {
		return strings.TrimSuffix(c.s.cfg.PublicURL, "/")
	}
	return "http://" + c.r.Host
}
