package emulator

import (
	"net/http"
	"slices"
	"time"

	"github.com/voldaan/voldaan/sdk/money"
)

// method is a way to pay that the emulator knows.
type method struct {
	id         string
	name       map[string]string // by language; "" is the rest
	min, max   int64             // minor units
	currencies []money.Currency  // nil: any
	life       time.Duration     // of a checkout with a person in front of it
	first      bool              // a first payment by it makes a mandate
	hidden     bool              // no person can choose it
}

var methods = []method{
	{"ideal", map[string]string{"": "iDEAL"}, 1, 5_000_000, []money.Currency{"EUR"}, 15 * time.Minute, true, false},
	{"creditcard", map[string]string{"": "Card", "nl": "Kaart", "de": "Karte", "fr": "Carte"}, 1, 1_000_000, nil, 30 * time.Minute, true, false},
	{"paypal", map[string]string{"": "PayPal"}, 1, 800_000, nil, 3 * time.Hour, true, false},
	{"bancontact", map[string]string{"": "Bancontact"}, 2, 5_000_000, []money.Currency{"EUR"}, time.Hour, true, false},
	{"banktransfer", map[string]string{"": "Bank transfer", "nl": "Overboeking", "de": "Überweisung", "fr": "Virement bancaire"}, 1, 100_000_000, []money.Currency{"EUR"}, 0, false, false},
	{"directdebit", map[string]string{"": "SEPA Direct Debit", "nl": "SEPA-incasso", "de": "SEPA-Lastschrift", "fr": "Prélèvement SEPA"}, 1, 100_000_000, []money.Currency{"EUR"}, 0, false, true},
}

func methodOf(id string) *method {
	for i := range methods {
		if methods[i].id == id {
			return &methods[i]
		}
	}
	return nil
}

// takes reports whether the method can carry an amount.
func (m *method) takes(a money.Amount) bool {
	return a.Minor >= m.min && a.Minor <= m.max && (m.currencies == nil || slices.Contains(m.currencies, a.Currency))
}

// offered reports whether the method is on the list for a sequence.
func (m *method) offered(sequence string) bool {
	switch sequence {
	case "first":
		return m.first
	case "recurring":
		return m.hidden || m.id == "creditcard" || m.id == "paypal"
	}
	return !m.hidden
}

func (m *method) title(locale string) string {
	if len(locale) >= 2 {
		if s := m.name[locale[:2]]; s != "" {
			return s
		}
	}
	return m.name[""]
}

func (m *method) render(base, locale string) object {
	icon := "https://www.mollie.com/external/icons/payment-methods/" + m.id
	return object{
		"resource": "method", "id": m.id, "description": m.title(locale), "minimumAmount": amount(money.EUR(m.min)), "maximumAmount": amount(money.EUR(m.max)),
		"image": object{"size1x": icon + ".png", "size2x": icon + "%402x.png", "svg": icon + ".svg"}, "status": "activated",
		"_links": object{"self": link(base+"/v2/methods/"+m.id, hal)},
	}
}

var locales = []string{
	"ca_ES", "cs_CZ", "da_DK", "de_AT", "de_CH", "de_DE", "de_LU", "en_BE", "en_GB", "en_NL", "en_US", "es_ES", "fi_FI", "fr_BE", "fr_FR", "fr_LU", "hu_HU",
	"is_IS", "it_IT", "lt_LT", "lv_LV", "nb_NO", "nl_BE", "nl_NL", "pl_PL", "pt_PT", "sk_SK", "sv_SE",
}

func (c *call) listMethods() (int, any, error) {
	q := c.r.URL.Query()
	if s := q.Get("sequenceType"); s != "" && !slices.Contains([]string{"oneoff", "first", "recurring"}, s) {
		return 0, nil, &problem{http.StatusBadRequest, "The sequence type is invalid", "sequenceType"}
	}
	if l := q.Get("locale"); l != "" && !slices.Contains(locales, l) {
		return 0, nil, &problem{http.StatusBadRequest, "The locale is invalid", "locale"}
	}
	var want *money.Amount
	if v := q.Get("amount[value]"); v != "" {
		a, err := readAmount(&amountRequest{q.Get("amount[currency]"), v})
		if err != nil {
			return 0, nil, &problem{http.StatusBadRequest, "The amount is invalid", "amount"}
		}
		want = &a
	}
	list := []object{}
	for i := range methods {
		if methods[i].offered(q.Get("sequenceType")) && (want == nil || methods[i].takes(*want)) {
			list = append(list, methods[i].render(c.base, q.Get("locale")))
		}
	}
	return http.StatusOK, object{
		"count": len(list), "_embedded": object{"methods": list},
		"_links": object{"self": link(c.base+c.r.URL.RequestURI(), hal), "documentation": documentation()},
	}, nil
}

func (c *call) getMethod() (int, any, error) {
	m := methodOf(c.r.PathValue("id"))
	if m == nil {
		return 0, nil, noEntity("method", c.r.PathValue("id"))
	}
	return http.StatusOK, m.render(c.base, c.r.URL.Query().Get("locale")), nil
}
