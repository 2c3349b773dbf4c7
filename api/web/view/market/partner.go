package market

import (
	"strconv"
	"time"

	"github.com/voldaan/voldaan/api/web/view/component"
)

// PartnerModel is GET /partner: how the connectors do that the reader's
// organisation publishes.
type PartnerModel struct {
	Frame      component.Frame
	Title      string
	Verified   bool
	Connectors []PartnerConnector
}

// PartnerConnector is one of them.
type PartnerConnector struct {
	Name     string
	Installs int64
	Versions []PartnerVersion
}

// PartnerVersion is one version.
type PartnerVersion struct {
	Number          string
	Published       time.Time
	Level           Level
	Installs        int64
	Calls, Failures int64
	Rate            string // "0.4%"
	High            bool   // the rate is worth a look
	State           string // "For 10% so far", "Withdrawn"
	Why             string // "loses payments"
	Tone            component.Tone
}

func installs(n int64) string {
	if n == 1 {
		return "1 organisation"
	}
	return strconv.FormatInt(n, 10) + " organisations"
}
