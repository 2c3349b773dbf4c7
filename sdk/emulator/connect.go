package emulator

import "net/http"

// Connect gives an application tokens as if a user had just agreed on the
// consent page; it returns the answer of the token endpoint.
func (o *OAuth) Connect(client, scope, subject string) (map[string]any, error) {
	if scope == "" {
		scope = o.cfg.DefaultScope
	}
	var answer map[string]any
	err := o.state.Update(func(s *oauthState) error {
		answer = o.grant(s, Grant{Client: client, Scope: scope, Subject: subject, Family: secret()})
		return nil
	})
	if err == nil && o.cfg.Answer != nil {
		o.cfg.Answer(answer)
	}
	return answer, err
}

// Controls adds the control routes for tokens.
func (o *OAuth) Controls() {
	o.kit.Control("POST /_control/tokens", func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Client  string `json:"client"`
			Scope   string `json:"scope"`
			Subject string `json:"subject"`
		}
		if !ReadControl(w, r, &in) {
			return
		}
		answer, err := o.Connect(in.Client, in.Scope, in.Subject)
		if err != nil {
			WriteJSON(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
			return
		}
		WriteJSON(w, http.StatusCreated, answer)
	})
	o.kit.Control("DELETE /_control/tokens", func(w http.ResponseWriter, _ *http.Request) {
		o.RevokeAll()
		w.WriteHeader(http.StatusNoContent)
	})
}
