package web

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/cases"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/claim"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/law"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

const bailiffsPage = "/cases/bailiffs"

var (
	wayWords  = map[string]string{"email": "by e-mail", "api": "through their interface", "sftp": "by SFTP"}
	paysWords = map[string]string{"creditor": "The debtor pays us.", "bailiff": "The debtor pays them."}
)

func (v *visit) bailiffs() error {
	m := cases.BailiffsModel{}
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Cases, "Bailiffs and rules"); err != nil {
			return err
		}
		list, err := tx.Bailiffs(ctx)
		if err != nil {
			return err
		}
		for _, b := range list {
			row := cases.BailiffRow{
				ID: b.ID.String(), Name: b.Name, Kind: b.Kind, Way: wayWords[b.Transport], PaysTo: paysWords[b.PaysTo], Standard: b.Standard, NoCure: b.NoCureNoPay, Terms: bailiff.Terms(b), Key: b.PublicKey,
				Valid: casework.Registered(b, m.Frame.Today()) == nil,
			}
			if b.RegisterNumber != "" {
				row.Register = "Register " + b.RegisterNumber + ", through " + m.Frame.Date(b.RegisterUntil) + "."
			}
			m.Rows = append(m.Rows, row)
		}
		return v.caseRules(ctx, tx, &m)
	}); err != nil {
		return err
	}
	return v.show(cases.Bailiffs(m))
}

// caseRules are those of the administration that was asked for, else of the first.
func (v *visit) caseRules(ctx context.Context, tx store.Tx, m *cases.BailiffsModel) error {
	adms, err := tx.Administrations(ctx)
	if err != nil || len(adms) == 0 {
		return err
	}
	of := adms[0]
	for _, a := range adms {
		m.Adms = append(m.Adms, cases.Choice{ID: a.ID.String(), Label: a.Name})
		if a.ID.String() == v.r.URL.Query().Get("administration") {
			of = a
		}
	}
	m.Adm, m.AdmName = of.ID.String(), of.Name
	p, err := claim.PolicyOf(ctx, tx, of.ID)
	m.Policy = cases.Policy{
		Ordering: string(p.Ordering), CostsLeft: string(p.CostsLeft), WaiveAfter: p.WaiveAfterDays, Grace: p.GraceDays, Monitor: p.MonitorMonths, Automatic: p.Automatic, WatchAfter: p.WatchAfter,
	}
	if p.Bailiff != uuid.Nil {
		m.Policy.Bailiff = p.Bailiff.String()
	}
	return err
}

// told shows what a change came to on a page.
func (v *visit) told(to, said string, err error) error {
	if x := fault.Of(err); err != nil && (x.Kind == fault.Invalid || x.Kind == fault.Conflict) {
		return v.done(to, component.Flash{Tone: component.Red, Text: x.Message})
	}
	if err != nil {
		return err
	}
	return v.done(to, component.Flash{Tone: component.Green, Text: said})
}

// now is the tenant's moment and day.
func (v *visit) now(tx store.Tx) (time.Time, date.Date, error) {
	frame, err := v.frame(tx, component.Cases, "")
	return frame.Now, frame.Today(), err
}

func (v *visit) addBailiff() error {
	p := db.PutBailiffParams{
		ID: uuid.New(), Name: v.field("name"), Kind: v.field("kind"), Country: "NL", NoCureNoPay: v.field("no_cure") != "", Email: v.field("email"), Terms: v.field("terms"),
		RegisterNumber: v.field("register_number"), PaysTo: v.field("pays_to"), Transport: v.field("transport"), Endpoint: v.field("endpoint"), Folder: v.field("folder"),
		Username: v.field("username"), HostKey: v.field("host_key"), Standard: v.field("standard") != "",
	}
	var err error
	if until := v.field("register_until"); until != "" {
		if p.RegisterUntil, err = date.Parse(until); err != nil {
			return v.told(bailiffsPage, "", fault.New(fault.Invalid, "register_until", "Write the day as 2027-01-31."))
		}
	}
	if fee := strings.ReplaceAll(strings.TrimSuffix(v.field("fee"), "%"), ",", "."); fee != "" {
		a, err := money.Parse(strings.TrimSpace(fee), "EUR") // two decimals, as a percentage has
		if err != nil || a.Minor < 0 || a.Minor > 10000 {
			return v.told(bailiffsPage, "", fault.New(fault.Invalid, "bailiff_fee", "Write what they keep as 12.5, from 0 to 100."))
		}
		p.FeeBp = int32(a.Minor)
	}
	return v.told(bailiffsPage, p.Name+" is added.", v.write(func(ctx context.Context, tx store.Tx) error {
		now, today, err := v.now(tx)
		if err != nil {
			return err
		}
		return v.Bailiffs.Put(ctx, tx, p, v.r.FormValue("secret"), now, today, v.member.Name)
	}))
}

func (v *visit) endBailiff() error {
	id, err := uuid.Parse(v.field("id"))
	if err != nil {
		return errNotHere
	}
	return v.told(bailiffsPage, "Removed. Cases that they have stay with them.", v.write(func(ctx context.Context, tx store.Tx) error {
		now, _, err := v.now(tx)
		if err != nil {
			return err
		}
		return bailiff.End(ctx, tx, id, now, v.member.Name)
	}))
}

func (v *visit) casePolicy() error {
	adm, err := uuid.Parse(v.field("administration"))
	if err != nil {
		return errNotHere
	}
	n := func(name string) int {
		i, err := strconv.Atoi(v.field(name))
		if err != nil {
			return -1
		}
		return i
	}
	p := claim.Policy{
		Ordering: law.Order(v.field("ordering")), CostsLeft: claim.CostsLeft(v.field("costs_left")), WaiveAfterDays: n("waive_after"), GraceDays: n("grace"), MonitorMonths: n("monitor"),
		Automatic: v.field("automatic") != "", WatchAfter: v.field("after_failed") == "watch",
	}
	if to := v.field("bailiff"); to != "" {
		if p.Bailiff, err = uuid.Parse(to); err != nil {
			return errNotHere
		}
	}
	return v.told(bailiffsPage+"?administration="+adm.String(), "Saved.", v.write(func(ctx context.Context, tx store.Tx) error {
		now, _, err := v.now(tx)
		if err != nil {
			return err
		}
		return claim.SetPolicy(ctx, tx, adm, p, now, v.member.Name)
	}))
}

// settleHandover says what became of a hand-over of which nobody could tell.
func (v *visit) settleHandover() error {
	return v.onCase("Noted.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		return v.Cases.Settle(ctx, tenant, id, v.field("arrived") == "yes", by)
	})
}

// chooseBailiff chooses who gets a case when it goes.
func (v *visit) chooseBailiff() error {
	return v.onCase("Chosen.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		to, err := uuid.Parse(v.field("bailiff"))
		if err != nil {
			return errNotHere
		}
		return v.Cases.Choose(ctx, tenant, id, to, by)
	})
}

// bailiffMoney decides on a payment that the bailiff reports.
func (v *visit) bailiffMoney() error {
	return v.onCase("Done.", func(ctx context.Context, tenant, id uuid.UUID, by string) error {
		note, err := uuid.Parse(v.field("note"))
		if err != nil {
			return errNotHere
		}
		switch v.field("do") {
		case "refuse":
			return v.Cases.Refuse(ctx, tenant, id, note, v.field("why"), by)
		case "take_back":
			return v.Cases.TakeBack(ctx, tenant, id, note, v.field("why"), by)
		}
		var q casework.Received
		if text := strings.ReplaceAll(v.field("amount"), ",", "."); text != "" {
			currency, err := v.currencyOf(id)
			if err != nil {
				return err
			}
			a, err := money.Parse(text, currency)
			if err != nil {
				return fault.New(fault.Invalid, "amount", "Write the amount as 250.00.")
			}
			q.Minor = a.Minor
		}
		if on := v.field("on"); on != "" {
			if q.On, err = date.Parse(on); err != nil {
				return fault.New(fault.Invalid, "day", "Choose the day on which they received it.")
			}
		}
		return v.Cases.Book(ctx, tenant, id, note, q, by)
	})
}
