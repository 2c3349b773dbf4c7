package web

import (
	"net/http"

	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/tenant"
)

// refused puts on record that a member tried what the role does not include
// (R124). The refusal stands whether or not it can be written down.
func (s *site) refused(r *http.Request, m tenant.Member) {
	if err := s.Store.In(r.Context(), m.Tenant, func(tx store.Tx) error {
		return tx.AddAudit(r.Context(), db.AddAuditParams{TenantID: m.Tenant, At: s.Real.Now(), Actor: m.Name, Action: "refused " + route(r), Subject: "member/" + m.ID.String(), Detail: []byte("{}")})
	}); err != nil {
		s.log.ErrorContext(r.Context(), "refusal not recorded", "member", m.ID, "error", err)
	}
}

// onRecord puts on record what was refused in the middle of an act, such as a waiver
// that only owners give (R124).
func (v *visit) onRecord(err error) {
	if v.r.Method == http.MethodPost && fault.Is(err, fault.Denied) {
		v.refused(v.r, v.member)
	}
}
