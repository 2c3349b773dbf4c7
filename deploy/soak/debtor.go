package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/arrangement"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach/inbound"
	"github.com/voldaan/voldaan/core/payment"
	"github.com/voldaan/voldaan/core/payment/mollie"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/core/sync"
	"github.com/voldaan/voldaan/sdk"
	"github.com/voldaan/voldaan/sdk/date"
	"github.com/voldaan/voldaan/sdk/money"
)

// manner is how a debtor behaves.
type manner string

// The manners, from easy to hard.
const (
	early     manner = "early"     // pays before the due day
	punctual  manner = "punctual"  // pays around the due day
	late      manner = "late"      // pays after a reminder
	slow      manner = "slow"      // pays after two
	last      manner = "last"      // pays after the final reminder
	stubborn  manner = "stubborn"  // pays when there is a case
	never     manner = "never"     // does not pay
	partly    manner = "partly"    // pays half, the rest later or never
	tooMuch   manner = "too much"  // rounds up
	twice     manner = "twice"     // pays by bank and online
	disputing manner = "disputing" // does not agree with part of it
	asking    manner = "asking"    // writes back, and pays when answered
	claiming  manner = "claiming"  // says that it was paid, and pays that day
	bouncing  manner = "bouncing"  // has a dead address
	moving    manner = "moving"    // moves within the year
	credited  manner = "credited"  // gets a credit note for part of it
	deferred  manner = "deferred"  // gets more time from the creditor
	withdrawn manner = "withdrawn" // the invoice was a mistake
	reversing manner = "reversing" // pays online and takes it back
	promising manner = "promising" // promises to pay, and does
	breaking  manner = "breaking"  // promises to pay, and does not
	spreading manner = "spreading" // pays in instalments
	giving    manner = "giving up" // agrees on instalments and pays the first
	arranged  manner = "arranged"  // gets instalments from the creditor, and pays them
	settling  manner = "settling"  // gets them when there is a case, with the costs waived at the end
	lapsing   manner = "lapsing"   // gets them, and pays the first
	noted     manner = "noted"     // gets a credit note that the bookkeeper matches weeks later
	bankrupt  manner = "bankrupt"  // goes bankrupt within the year

	collecting manner = "collecting" // gives a mandate, and everything is collected
	poor       manner = "poor"       // gives one, and every other debit bounces
	closing    manner = "closing"    // gives one, and closes the account
	refusing   manner = "refusing"   // gives one, and refuses debits
	regretting manner = "regretting" // gives one, and has debits given back
	revoking   manner = "revoking"   // gives one, and withdraws it here
	ending     manner = "ending"     // gives one, and withdraws it at the bank
)

// byDebit are the manners that begin with a mandate.
var byDebit = map[manner]bool{collecting: true, poor: true, closing: true, refusing: true, regretting: true, revoking: true, ending: true}

var manners = []weighed[manner]{
	{early, 150}, {punctual, 220}, {late, 190}, {slow, 90}, {last, 50}, {stubborn, 25}, {never, 35}, {partly, 45}, {tooMuch, 12}, {twice, 10},
	{disputing, 35}, {asking, 30}, {claiming, 20}, {bouncing, 20}, {moving, 10}, {credited, 25}, {deferred, 20}, {withdrawn, 5}, {reversing, 15},
	{promising, 30}, {breaking, 20}, {spreading, 20}, {giving, 15}, {bankrupt, 8},
	{arranged, 15}, {settling, 15}, {lapsing, 10}, {noted, 25},
	{collecting, 60}, {poor, 20}, {closing, 15}, {refusing, 15}, {regretting, 15}, {revoking, 10}, {ending, 10},
}

// debtor is somebody who gets invoices.
type debtor struct {
	name   string
	manner manner
	broke  date.Date // the day of its bankruptcy
	party  sdk.Party
	books  *books
	own    uuid.UUID // the id of somebody whom only the hub knows
	signed int       // how often it began to give a mandate
	dues   int       // invoices that it got
	limit  int64     // that the creditor trusts it with; 0 for none
}

// people makes the debtors and their invoices.
func (y *year) people() {
	luck := dice(y.seed, "people")
	for i := range y.Debtors {
		b := y.shops[0]
		d := &debtor{name: fmt.Sprintf("d%05d", i), manner: pick(luck, manners), books: b}
		if i < len(manners) { // however few there are, everybody is among them
			d.manner = manners[len(manners)-1-i].what
		}
		d.party = y.party(d.name, i, luck)
		if byDebit[d.manner] && y.land.creditor == "" {
			d.manner = punctual
		}
		b.parties = append(b.parties, d.party)
		y.debtors = append(y.debtors, d)
		if d.manner == bouncing {
			y.mail.kill(d.party.Email)
		}
		if d.manner == bankrupt {
			y.stop(d, first.AddDays(30+luck.IntN(max(1, y.Days-60))))
		}
		if d.manner == moving {
			y.move(d, len(b.parties)-1, first.AddDays(30+luck.IntN(max(1, y.Days-60))))
		}
	}
	var regulars []*debtor // who pay by debit get invoices all year round
	for _, d := range y.debtors {
		if byDebit[d.manner] {
			regulars = append(regulars, d)
		}
	}
	every := 5
	if y.Rough > 1 {
		every = 2
	}
	for i := range y.Invoices {
		d := y.debtors[luck.IntN(len(y.debtors))]
		if i%every == 0 && len(regulars) > 0 {
			d = regulars[i/every%len(regulars)]
		}
		y.invoice(d, fmt.Sprintf("%s2026-%05d", y.land.code, i+1), first.AddDays(luck.IntN(max(1, y.Days-20))))
	}
	for i := range max(1, y.Invoices/150) {
		y.oneOff(fmt.Sprintf("%s-LOS-%03d", y.land.code, i+1), first.AddDays(20+luck.IntN(max(1, y.Days-60))))
	}
}

// party is who a debtor is: one in twelve lives abroad, three in five have a
// telephone, and businesses have a number on the network of invoices.
func (y *year) party(name string, n int, luck *rand.Rand) sdk.Party {
	home, kind := y.land, sdk.Business
	if y.land.consumers && luck.IntN(5) < 2 {
		kind = sdk.Consumer
	} else if luck.IntN(12) == 0 {
		home = countries[luck.IntN(len(countries))]
	}
	language := home.language
	if home.code == "BE" && luck.IntN(2) == 0 {
		language = "fr"
	}
	p := sdk.Party{
		ID: name, Name: fmt.Sprintf("%c%c%c Debiteur %d", 'A'+n%26, 'a'+n/26%26, 'a'+n/676%26, n), Kind: kind, Email: name + "." + y.seed + "@debtor.test", Language: language, IBAN: home.iban(1_000_000 + n),
		Address: sdk.Address{Line1: fmt.Sprintf(home.street, n+1), PostalCode: home.postcode, City: home.city, Country: home.code},
	}
	if luck.IntN(5) < 3 {
		p.Phone = home.mobile + fmt.Sprintf("%08d", 40_000_000+n)
		switch home.code {
		case "BE":
			p.Phone = home.mobile + fmt.Sprintf("%07d", 4_000_000+n)
		case "GB":
			p.Phone = home.mobile + fmt.Sprintf("%09d", 400_000_000+n)
		}
	}
	if kind == sdk.Business && luck.IntN(3) > 0 {
		p.Registration, p.VATNumber = home.registration(n)
	}
	return p
}

// move gives a debtor another address; mail to the old one bounces.
func (y *year) move(d *debtor, at int, on date.Date) {
	y.diary.add(on.At(9, 0, y.zone), func(context.Context) error {
		y.mail.kill(d.party.Email)
		return nil
	})
	y.diary.add(on.AddDays(25).At(9, 0, y.zone), func(context.Context) error {
		p := &d.books.parties[at]
		p.Email, p.Address.Line1, p.Revision = d.name+"."+y.seed+"@new.test", "Nieuweweg 1", "moved"
		d.party, d.books.moved = *p, true
		return nil
	})
}

// invoice issues an invoice on a day, and lets the debtor behave.
func (y *year) invoice(d *debtor, number string, on date.Date) {
	luck := dice(y.seed, "invoice "+number)
	minor := int64(1_000 + luck.IntN(40_000))
	if luck.IntN(6) == 0 {
		minor = int64(50_000 + luck.IntN(700_000))
	}
	currency := d.books.currency
	if luck.IntN(30) == 0 && !byDebit[d.manner] {
		currency = y.land.foreign
	}
	d.dues++
	e := &entry{debtor: d, nth: d.dues, invoice: sdk.Invoice{
		ID: number, PartyID: d.party.ID, Number: number, Kind: sdk.SalesInvoice, Status: sdk.Open, Issued: on, Due: on.AddDays([]int{14, 14, 30}[luck.IntN(3)]),
		Total: money.Of(minor, currency), Open: money.Of(minor, currency), Document: true,
	}}
	y.diary.add(on.At(8+luck.IntN(9), luck.IntN(60), y.zone), func(context.Context) error {
		d.books.entries = append(d.books.entries, e)
		d.books.byID[sync.InvoiceID(d.books.id, number)] = e
		d.books.touch(e)
		return nil
	})
	y.behave(e, luck)
}

// after makes the debtor do something some days after the due day.
func (y *year) after(e *entry, luck *rand.Rand, days int, do func(context.Context) error) {
	at := date.Later(e.invoice.Due.AddDays(days), e.invoice.Issued).At(7+luck.IntN(15), luck.IntN(60), y.zone)
	if at.Before(e.invoice.Issued.At(18, 0, y.zone)) {
		at = e.invoice.Issued.At(19, luck.IntN(60), y.zone)
	}
	y.diary.add(at, do)
}

func (y *year) behave(e *entry, luck *rand.Rand) {
	pay := func(from, to int) {
		y.after(e, luck, from+luck.IntN(to-from+1), func(ctx context.Context) error { return y.pay(ctx, e, e.open()) })
	}
	half := e.invoice.Total.Minor / 2
	switch e.debtor.manner {
	case early:
		pay(-12, -2)
	case punctual, bouncing, moving:
		pay(-1, 1)
	case late:
		pay(4, 9)
	case slow:
		pay(11, 17)
	case last:
		pay(19, 35)
	case stubborn:
		pay(45, 80)
	case never:
		if luck.IntN(4) == 0 { // the creditor gives up
			y.after(e, luck, 120+luck.IntN(60), func(context.Context) error {
				e.debtor.books.writeOff(e)
				return nil
			})
		}
	case collecting, poor, closing, refusing, regretting, revoking, ending:
		y.mandated(e, luck)
		pay(35, 50)
	case partly:
		y.after(e, luck, 5, func(ctx context.Context) error { return y.pay(ctx, e, half) })
		if luck.IntN(3) > 0 {
			pay(15, 40)
		}
	case tooMuch:
		y.after(e, luck, 2, func(ctx context.Context) error { return y.pay(ctx, e, e.open()+500) })
	case twice:
		y.after(e, luck, 3, func(ctx context.Context) error {
			return y.online(ctx, e, func() { y.transfer(e, e.invoice.Total.Minor, false) })
		})
	case disputing:
		y.dispute(e, luck, half)
	case asking:
		y.after(e, luck, 5, func(ctx context.Context) error { return y.reply(ctx, e) })
		pay(8, 14)
	case claiming:
		y.after(e, luck, 6, func(ctx context.Context) error {
			if err := y.claim(ctx, e); err != nil {
				return err
			}
			return y.pay(ctx, e, e.open())
		})
	case promising:
		y.promise(e, luck)
		pay(14, 16)
	case breaking:
		y.promise(e, luck)
		if luck.IntN(2) == 0 {
			pay(35, 50)
		}
	case spreading:
		y.spread(e, luck, offer{after: 8, paid: 4, byDebtor: true})
	case giving:
		y.spread(e, luck, offer{after: 8, paid: 1, byDebtor: true})
	case arranged:
		y.spread(e, luck, offer{after: 9, paid: 4})
	case lapsing:
		y.spread(e, luck, offer{after: 9, paid: 1})
	case settling:
		y.spread(e, luck, offer{after: 52, paid: 4, waive: true})
	case noted:
		y.noted(e, luck, half)
	case bankrupt:
		pay(3, 20)
	case credited:
		y.after(e, luck, luck.IntN(20)-5, func(context.Context) error {
			e.debtor.books.credit(e, half)
			return nil
		})
		pay(4, 30)
	case deferred:
		y.after(e, luck, 2+luck.IntN(12), func(context.Context) error {
			e.invoice.Due = e.invoice.Due.AddDays(21)
			e.debtor.books.touch(e)
			return nil
		})
		pay(22, 35)
	case withdrawn:
		y.after(e, luck, luck.IntN(30)-5, func(context.Context) error {
			e.withdrawn, e.invoice.Status = true, sdk.Void
			e.invoice.Open.Minor = 0
			e.debtor.books.touch(e)
			return nil
		})
	case reversing:
		y.after(e, luck, 5, func(ctx context.Context) error { return y.online(ctx, e, nil) })
		y.after(e, luck, 20+luck.IntN(20), func(ctx context.Context) error { return y.takeBack(ctx, e) })
		pay(45, 60)
	}
}

// credit lowers an invoice in the books, by a credit note that names it.
func (b *books) credit(e *entry, minor int64) {
	if minor = min(minor, e.invoice.Open.Minor); minor > 0 {
		b.match(e, b.issue(e, minor, false))
	}
}

// writeOff gives up what is open in the books.
func (b *books) writeOff(e *entry) {
	rest := e.invoice.Open.Minor
	if rest <= 0 || e.withdrawn {
		return
	}
	e.writtenOff = append(e.writtenOff, writeDown{rest, b.y.clock.Now()})
	b.lower(e, rest)
}

func (b *books) lower(e *entry, minor int64) {
	e.invoice.Open.Minor -= minor
	if e.invoice.Open.Minor == 0 {
		e.invoice.Status = sdk.Paid
	}
	b.touch(e)
}

// pay pays by bank, or online.
func (y *year) pay(ctx context.Context, e *entry, minor int64) error {
	if minor <= 0 || e.withdrawn || !e.debtor.broke.IsZero() {
		return nil
	}
	luck := dice(y.seed, fmt.Sprintf("pay %s %d", e.invoice.ID, len(e.paid)))
	if minor == e.open() && luck.IntN(4) == 0 {
		return y.online(ctx, e, nil)
	}
	y.transfer(e, minor, luck.IntN(25) == 0)
	return nil
}

// online pays what the portal says is open, and does something in the middle.
func (y *year) online(ctx context.Context, e *entry, meanwhile func()) error {
	url, err := y.checkouts.Start(ctx, payment.NewCheckout{
		Tenant: y.tenant, Debtor: e.debtor.id(), Invoices: []uuid.UUID{e.id()}, Method: mollie.IDEAL, Locale: "nl_NL",
		Return: func(c uuid.UUID) string { return "https://hub.test/p/back/" + c.String() },
	})
	if meanwhile != nil {
		meanwhile()
	}
	if err != nil {
		if meanwhile == nil && e.own == uuid.Nil {
			y.transfer(e, e.open(), false) // the debtor takes the other way
		}
		return nil
	}
	provider := url[len("https://pay.test/"):]
	y.diary.add(y.clock.Now().Add(3*time.Minute), func(context.Context) error {
		p := y.till.payments[provider]
		if p.Status != mollie.Open {
			return nil
		}
		y.till.settle(provider)
		y.received(e, p)
		return nil
	})
	return nil
}

// received is money that a debtor paid at the provider, for one invoice.
func (y *year) received(e *entry, p *mollie.Payment) {
	e.paid = append(e.paid, movement{minor: p.Amount.Minor, value: date.Of(y.clock.Now().In(y.zone)), seen: y.clock.Now(), by: p.ID})
	y.writeBack(e, p.ID)
}

// writeBack lets the books book what was paid at the provider, as our connector
// tells them.
func (y *year) writeBack(e *entry, provider string) {
	if e.own != uuid.Nil {
		return
	}
	y.diary.add(y.clock.Now().Add(26*time.Hour), func(ctx context.Context) error {
		for i := range e.paid {
			if e.paid[i].by == provider {
				e.debtor.books.book(e, &e.paid[i], provider)
			}
		}
		return nil
	})
}

// takeBack charges back what was paid online.
func (y *year) takeBack(ctx context.Context, e *entry) error {
	for _, id := range y.till.order {
		p := y.till.payments[id]
		if p.Status != mollie.Paid || p.Description != e.invoice.Number || p.ChargedBack.Positive() {
			continue
		}
		y.faults.fire(checkoutBack)
		y.reversed(p)
		return nil
	}
	return nil
}

func (y *year) dispute(e *entry, luck *rand.Rand, half int64) {
	id := e.id()
	whole := luck.IntN(2) == 0
	right := luck.IntN(2) == 0
	y.after(e, luck, 4+luck.IntN(10), func(ctx context.Context) error {
		amount := half
		if whole {
			amount = e.open()
		}
		if amount <= 0 {
			return nil
		}
		return y.try(ctx, func(tx store.Tx) error {
			_, err := y.desk.Dispute(ctx, tx, arrangement.NewDispute{
				Invoice: id, Amount: money.Of(amount, e.invoice.Total.Currency), Reason: "price", Note: "Dit klopt niet.", By: arrangement.ByDebtor,
			})
			return err
		})
	})
	y.after(e, luck, 18+luck.IntN(6), func(ctx context.Context) error {
		var open []db.Dispute
		if err := y.in(ctx, func(tx store.Tx) (err error) {
			open, err = tx.DisputesOf(ctx, id)
			return err
		}); err != nil {
			return err
		}
		for _, d := range open {
			if d.State != "open" {
				continue
			}
			credit := money.Of(0, d.Currency)
			if right {
				credit.Minor = d.AmountMinor
			}
			if err := y.try(ctx, func(tx store.Tx) error {
				return y.desk.Resolve(ctx, tx, arrangement.Resolution{Dispute: d.ID, Credit: credit, Text: "Uitgezocht.", By: by})
			}); err != nil {
				return err
			}
			if right {
				e.debtor.books.credit(e, d.AmountMinor)
			}
		}
		return nil
	})
	y.after(e, luck, 26+luck.IntN(20), func(ctx context.Context) error { return y.pay(ctx, e, e.open()) })
}

// try does what a debtor or a clerk asks for at the desk; that the desk refuses
// it, as when nothing is open any more, is no fault.
func (y *year) try(ctx context.Context, do func(store.Tx) error) error {
	err := y.in(ctx, do)
	if k := fault.Of(err).Kind; err != nil && (k == fault.Conflict || k == fault.Invalid) {
		return nil
	}
	return err
}

// claim says that it was paid.
func (y *year) claim(ctx context.Context, e *entry) error {
	return y.try(ctx, func(tx store.Tx) error {
		_, err := y.desk.PaidAlready(ctx, tx, arrangement.NewPaidClaim{
			Invoice: e.id(), PaidOn: date.Of(y.clock.Now().In(y.zone)), By: arrangement.ByDebtor,
		})
		return err
	})
}

// promise promises to pay two weeks after the due day.
func (y *year) promise(e *entry, luck *rand.Rand) {
	y.after(e, luck, 6, func(ctx context.Context) error {
		return y.try(ctx, func(tx store.Tx) error {
			_, err := y.desk.Promise(ctx, tx, arrangement.NewPromise{
				Invoice: e.id(), PayOn: e.invoice.Due.AddDays(15), Channel: "portal", By: arrangement.ByDebtor, Tell: true,
			})
			return err
		})
	})
}

// offer is how instalments come about.
type offer struct {
	after    int // days after the due day
	paid     int // how many of them are paid
	byDebtor bool
	waive    bool // of a case, whose costs fall away when all is paid (R82)
}

// spread agrees on three instalments, and pays so many of them.
func (y *year) spread(e *entry, luck *rand.Rand, o offer) {
	id := e.id()
	begin := e.invoice.Due.AddDays(o.after + 12)
	y.after(e, luck, o.after, func(ctx context.Context) error {
		return y.try(ctx, func(tx store.Tx) error {
			q := arrangement.NewPlan{
				Debtor: e.debtor.id(), Invoices: []uuid.UUID{id}, Number: 3, First: begin, Every: arrangement.Monthly, By: by, WaiveCosts: o.waive,
			}
			if o.byDebtor {
				q.By, q.ByDebtor = arrangement.ByDebtor, true
			}
			_, _, err := y.desk.Propose(ctx, tx, q)
			return err
		})
	})
	third := e.invoice.Total.Minor / 3
	for i := range o.paid {
		y.after(e, luck, o.after+11+30*i, func(ctx context.Context) error {
			minor := min(third, e.open())
			if i >= 2 {
				minor = e.open()
			}
			if minor > 0 {
				y.transfer(e, minor, false)
			}
			return nil
		})
	}
}

// stop makes a debtor go bankrupt.
func (y *year) stop(d *debtor, on date.Date) {
	y.diary.add(on.At(11, 0, y.zone), func(ctx context.Context) error {
		d.broke = on
		return y.try(ctx, func(tx store.Tx) error {
			_, err := y.desk.Stop(ctx, tx, arrangement.NewStop{
				Debtor: d.id(), Kind: arrangement.Bankruptcy, EffectiveOn: on, Source: "insolventies.rechtspraak.nl", By: by,
			})
			return err
		})
	})
}

// reply answers the last mail about an invoice.
func (y *year) reply(ctx context.Context, e *entry) error {
	id := e.id()
	var message uuid.UUID
	if err := y.in(ctx, func(tx store.Tx) error {
		list, err := tx.MessagesOfInvoice(ctx, id)
		for _, m := range list {
			if m.Channel == "email" && m.State == "sent" {
				message = m.ID
			}
		}
		return err
	}); err != nil || message == uuid.Nil {
		return err
	}
	return y.inbound.Reply(ctx, inbound.Reply{
		ID: fmt.Sprintf("reply-%s-%d", e.invoice.ID, y.clock.Now().Unix()), Message: message, Subject: "Re: factuur", Text: "Wanneer was dit?", Received: y.clock.Now(), Raw: []byte("-"),
	})
}
