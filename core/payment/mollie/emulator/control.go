package emulator

import (
	"errors"
	"net/http"

	"github.com/voldaan/voldaan/sdk/emulator"
)

// controls adds the routes that the package documentation lists.
func (s *Server) controls() {
	const at = "POST /_control/payments/{p}/"
	s.kit.Control("GET /_control/payments", func(w http.ResponseWriter, _ *http.Request) {
		emulator.WriteJSON(w, http.StatusOK, s.Payments())
	})
	control(s, at+"pay", func(r *http.Request, who PayerSeed) (any, error) { return nil, s.Pay(r.PathValue("p"), who) })
	control(s, at+"fail", func(r *http.Request, v struct {
		Reason string `json:"reason"`
	}) (any, error) {
		return nil, s.Fail(r.PathValue("p"), v.Reason)
	})
	for name, fn := range map[string]func(string) error{"cancel": s.Cancel, "expire": s.Expire, "pend": s.Pend, "authorize": s.Authorize, "webhook": s.Remind} {
		s.kit.Control(at+name, func(w http.ResponseWriter, r *http.Request) { answer(w, nil, fn(r.PathValue("p"))) })
	}
	control(s, at+"chargeback", func(r *http.Request, seed ChargebackSeed) (any, error) {
		id, err := s.ChargeBack(r.PathValue("p"), seed)
		return map[string]string{"id": id}, err
	})
	s.kit.Control("POST /_control/chargebacks/{id}/reverse", func(w http.ResponseWriter, r *http.Request) {
		answer(w, nil, s.ReverseChargeBack(r.PathValue("id")))
	})
	control(s, "POST /_control/debits/refuse", func(_ *http.Request, seed RefusalSeed) (any, error) { return nil, s.Refuse(seed) })
	s.kit.Control("POST /_control/mandates/{id}/confirm", func(w http.ResponseWriter, r *http.Request) { answer(w, nil, s.ConfirmMandate(r.PathValue("id"))) })
	s.kit.Control("POST /_control/mandates/{id}/end", func(w http.ResponseWriter, r *http.Request) { answer(w, nil, s.EndMandate(r.PathValue("id"))) })
	control(s, "POST /_control/refunds/{id}", func(r *http.Request, v struct {
		Status string `json:"status"`
	}) (any, error) {
		return nil, s.SetRefund(r.PathValue("id"), v.Status)
	})
	control(s, "POST /_control/webhooks/forge", func(_ *http.Request, v struct {
		URL string `json:"url"`
		ID  string `json:"id"`
	}) (any, error) {
		if !isURL(v.URL) {
			return nil, &problem{http.StatusUnprocessableEntity, "Give the url of the webhook", "url"}
		}
		s.Forge(v.URL, v.ID)
		return nil, nil
	})
}

// control adds a route that takes a document of T and answers what fn returns:
// 201 with it, or 204.
func control[T any](s *Server, pattern string, fn func(*http.Request, T) (any, error)) {
	s.kit.Control(pattern, func(w http.ResponseWriter, r *http.Request) {
		var v T
		if !emulator.ReadControl(w, r, &v) {
			return
		}
		out, err := fn(r, v)
		answer(w, out, err)
	})
}

func answer(w http.ResponseWriter, body any, err error) {
	var p *problem
	switch {
	case errors.As(err, &p):
		emulator.WriteJSON(w, p.status, map[string]string{"error": p.detail})
	case err != nil:
		emulator.WriteJSON(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
	case body == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		emulator.WriteJSON(w, http.StatusCreated, body)
	}
}
