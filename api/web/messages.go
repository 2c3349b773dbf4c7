package web

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

func (s *site) messageRoutes() {
	s.look("GET /settings/messages", (*visit).messagesPage)
	s.look("GET /settings/messages/{step}", (*visit).messagePage)
	s.own("POST /settings/messages/{step}", (*visit).saveMessage)
	s.own("POST /settings/messages/{step}/reset", (*visit).resetMessage)
	s.own("POST /settings/messages/{step}/restore", (*visit).restoreMessage)
	// They change nothing; the words that are tried come with the request.
	s.look("GET /settings/messages/{step}/preview", (*visit).tryMessage)
	s.look("POST /settings/messages/{step}/preview", (*visit).tryMessage)
	s.look("POST /settings/messages/{step}/letter.pdf", (*visit).tryLetter)
}

// messageKind is a group of messages on the page.
type messageKind struct {
	id, title, what string
	steps           []outreach.Step
}

var messageKinds = []messageKind{
	{"flow", "Invoices and reminders", "Sent by the steps of a flow.", []outreach.Step{
		outreach.Invoice, outreach.PreReminder, outreach.Reminder1, outreach.Reminder2, outreach.FinalReminder, outreach.FourteenDayLetter, outreach.StatutoryNotice,
	}},
	{"case", "Cases", "Sent while a case is open.", []outreach.Step{
		outreach.CaseOpened, outreach.SummonsReminder, outreach.PlanOffer, outreach.Summons2, outreach.PreJudicial, outreach.CaseStatement, outreach.CostsRemain, outreach.Interruption,
	}},
	{"deals", "Agreements and disputes", "Sent when something is agreed, asked or decided.", []outreach.Step{
		outreach.PromiseNoted, outreach.PaidNotFound, outreach.PlanStarted, outreach.PlanRefused, outreach.InstalmentDue, outreach.InstalmentWarning, outreach.PlanBroken, outreach.PlanCompleted,
		outreach.DisputeReceived, outreach.DisputeAnswered,
	}},
	{"money", "Payments and direct debit", "Sent when money comes, goes back or is collected.", []outreach.Step{
		outreach.PaymentReceived, outreach.PaymentReversed, outreach.DebitNotice, outreach.DebitRetry, outreach.DebitFailed, outreach.DebitReversed, outreach.MandateEnded,
	}},
	{"open", "What others may see", "The same for every step: it names you and a reference, never an amount or a debt (R119).", []outreach.Step{
		outreach.TextMessage, outreach.Call, outreach.PortalCode,
	}},
}

// messageWords are title and moment of each message.
var messageWords = map[outreach.Step][2]string{
	outreach.Invoice:           {"Invoice", "When Voldaan sends the invoice."},
	outreach.PreReminder:       {"Word before the due date", "A few days before, as a service."},
	outreach.Reminder1:         {"First reminder", "Friendly: it may have been forgotten."},
	outreach.Reminder2:         {"Second reminder", "Clear, with a day to pay by."},
	outreach.FinalReminder:     {"Final reminder", "To a business; it announces costs and interest."},
	outreach.FourteenDayLetter: {"14-day letter", "To a consumer in the Netherlands, before costs may be asked."},
	outreach.StatutoryNotice:   {"Notice that the law wants", "In other countries; the law of each gives its text."},
	outreach.CaseOpened:        {"Case opened", "The first summons, with costs and interest."},
	outreach.SummonsReminder:   {"Summons reminder", "Short, a week after the first summons."},
	outreach.PlanOffer:         {"Offer to pay in parts", "In a case, and from the flow."},
	outreach.Summons2:          {"Second summons", "Firm."},
	outreach.PreJudicial:       {"Last letter before a bailiff", "What comes next, and what it may cost."},
	outreach.CaseStatement:     {"New statement of a case", "After a payment, a credit note or a waiver changed what is owed."},
	outreach.CostsRemain:       {"Costs still to be paid", "The invoices are paid, costs and interest are not."},
	outreach.Interruption:      {"Interruption of limitation", "So that the claim does not lapse."},
	outreach.PromiseNoted:      {"Promise noted", "The debtor said when the money comes."},
	outreach.PaidNotFound:      {"Payment not found", "The debtor said to have paid, and the money is not there."},
	outreach.PlanStarted:       {"Payment plan agreed", "With all its instalments."},
	outreach.PlanRefused:       {"Payment plan refused", "With what you answered."},
	outreach.InstalmentDue:     {"Instalment", "Before, on and after its day."},
	outreach.InstalmentWarning: {"Instalment missed", "The last chance before the plan ends."},
	outreach.PlanBroken:        {"Payment plan ended", "An instalment was not paid in time."},
	outreach.PlanCompleted:     {"Payment plan completed", "All instalments are paid."},
	outreach.DisputeReceived:   {"Dispute received", "You look into it; nothing is asked meanwhile."},
	outreach.DisputeAnswered:   {"Dispute answered", "What was decided, and what stands."},
	outreach.PaymentReceived:   {"Payment received", "Thanks, and what is left."},
	outreach.PaymentReversed:   {"Payment reversed", "The bank took a payment back."},
	outreach.DebitNotice:       {"Direct debit announced", "In time before each collection (R84)."},
	outreach.DebitRetry:        {"Direct debit, once more", "There was not enough money; it is tried again."},
	outreach.DebitFailed:       {"Direct debit failed", "To be paid by transfer."},
	outreach.DebitReversed:     {"Direct debit taken back", "The debtor's bank gave the money back."},
	outreach.MandateEnded:      {"Mandate ended", "Nothing more is collected."},
	outreach.TextMessage:       {"Text message", "With every step that goes by SMS."},
	outreach.Call:              {"Call by a robot", "How it begins; what can be keyed in is fixed."},
	outreach.PortalCode:        {"Code for the debtor's page", "By e-mail, when somebody opens the page."},
}

var (
	languageTitles = map[outreach.Language]string{outreach.Dutch: "Dutch", outreach.English: "English", outreach.German: "German", outreach.French: "French"}
	formTitles     = map[outreach.Form]string{outreach.Formal: "formal", outreach.Informal: "informal"}
)

// waysOf are the forms a message can take.
func waysOf(s outreach.Step) []settings.Way {
	mail, letter := settings.Way{Icon: "mail", Label: "e-mail"}, settings.Way{Icon: "printer", Label: "letter"}
	sms, voice := settings.Way{Icon: "message-square", Label: "text message"}, settings.Way{Icon: "bell", Label: "call"}
	switch s {
	case outreach.TextMessage:
		return []settings.Way{sms}
	case outreach.Call:
		return []settings.Way{voice}
	case outreach.PortalCode:
		return []settings.Way{mail}
	case outreach.Reminder1, outreach.Reminder2, outreach.FinalReminder, outreach.CaseOpened, outreach.SummonsReminder, outreach.PlanOffer, outreach.Summons2:
		return []settings.Way{mail, letter, sms, voice}
	case outreach.Invoice:
		return []settings.Way{mail, letter, {Icon: "globe", Label: "Peppol (the electronic invoice of the books)"}}
	}
	return []settings.Way{mail, letter}
}

// wording is which words a page is about: those of the form, else what the first
// administration speaks.
type wording struct {
	dunning.TextOf
	adms []db.Administration
	to   db.Administration // whose name a preview bears; without an ID there are no books yet
}

func (w wording) query() string {
	q := url.Values{"language": {string(w.Language)}, "form": {string(w.Form)}}
	if w.Administration.Valid {
		q.Set("administration", w.Administration.UUID.String())
	}
	return q.Encode()
}

func (v *visit) wording(ctx context.Context, tx store.Tx) (w wording, err error) {
	if w.adms, err = tx.Administrations(ctx); err != nil {
		return w, err
	}
	if len(w.adms) > 0 {
		w.to = w.adms[0]
	}
	if said := v.r.FormValue("administration"); said != "" {
		i := slices.IndexFunc(w.adms, func(a db.Administration) bool { return a.ID.String() == said })
		if i < 0 {
			return w, errNotHere
		}
		w.to, w.Administration = w.adms[i], uuid.NullUUID{UUID: w.adms[i].ID, Valid: true}
	}
	w.Step = outreach.Step(v.r.PathValue("step"))
	w.Language, w.Form = outreach.Language(cmp.Or(v.r.FormValue("language"), w.to.Language, "nl")), outreach.Form(v.r.FormValue("form"))
	if !slices.Contains(outreach.Languages(), w.Language) {
		w.Language = outreach.English
	}
	if formTitles[w.Form] == "" {
		w.Form = outreach.Formal
		if w.to.ID != uuid.Nil && !w.to.Formal {
			w.Form = outreach.Informal
		}
	}
	if _, ok := messageWords[w.Step]; w.Step != "" && !ok {
		return w, errNotHere
	}
	return w, nil
}

// choose are the choices of language and tone, and of whose words on the page of
// one message.
func (w wording) choose(whose bool) (out []settings.TextChoice) {
	if whose && len(w.adms) > 1 {
		c := settings.TextChoice{Name: "administration", Label: "Whose words", Options: []component.Option{{Label: "Whole organisation", Selected: !w.Administration.Valid}}}
		for _, a := range w.adms {
			c.Options = append(c.Options, component.Option{Value: a.ID.String(), Label: a.Name, Selected: w.Administration.UUID == a.ID})
		}
		out = append(out, c)
	}
	language, tone := settings.TextChoice{Name: "language", Label: "Language"}, settings.TextChoice{Name: "form", Label: "Tone"}
	for _, l := range outreach.Languages() {
		language.Options = append(language.Options, component.Option{Value: string(l), Label: languageTitles[l], Selected: l == w.Language})
	}
	for _, f := range []outreach.Form{outreach.Formal, outreach.Informal} {
		tone.Options = append(tone.Options, component.Option{Value: string(f), Label: strings.ToUpper(formTitles[f][:1]) + formTitles[f][1:], Selected: f == w.Form})
	}
	return append(out, language, tone)
}

func (v *visit) messagesPage() error {
	m := settings.MessagesModel{Look: !v.owner()}
	if err := v.read(func(ctx context.Context, tx store.Tx) (err error) {
		if m.Frame, err = v.frame(tx, component.Settings, "Messages"); err != nil {
			return err
		}
		w, err := v.wording(ctx, tx)
		if err != nil {
			return err
		}
		m.Choose = w.choose(false)
		if w.Administration.Valid {
			m.Scope = w.Administration.UUID.String()
		}
		tab := func(label, administration string) {
			q := url.Values{"language": {string(w.Language)}, "form": {string(w.Form)}}
			if administration != "" {
				q.Set("administration", administration)
			}
			m.Books = append(m.Books, component.Tab{Label: label, Href: "/settings/messages?" + q.Encode(), Active: m.Scope == administration})
		}
		tab("Whole organisation", "")
		for _, a := range w.adms {
			tab(a.Name, a.ID.String())
		}
		rows, err := tx.OwnTexts(ctx)
		if err != nil {
			return fmt.Errorf("list own texts: %w", err)
		}
		for _, k := range messageKinds {
			m.Groups = append(m.Groups, messageGroup(k, w, rows))
		}
		return nil
	}); err != nil {
		return err
	}
	return v.show(settings.Messages(m))
}

func messageGroup(k messageKind, w wording, rows []db.OwnText) settings.MessageGroup {
	g := settings.MessageGroup{ID: k.id, Title: k.title, What: k.what}
	for _, s := range k.steps {
		r := settings.MessageRow{Title: messageWords[s][0], When: messageWords[s][1], Step: string(s), Href: "/settings/messages/" + string(s) + "?" + w.query(), Ways: waysOf(s), Fixed: s.Fixed() != ""}
		for _, t := range rows {
			if t.Step == string(s) && t.Body != "" && t.AdministrationID == w.Administration {
				r.Own = append(r.Own, languageTitles[outreach.Language(t.Language)]+", "+formTitles[outreach.Form(t.Form)])
			}
		}
		g.Rows = append(g.Rows, r)
	}
	return g
}

// blockTitles name the protected blocks.
var blockTitles = map[string]string{
	"items": "Invoices and amounts", "apart": "What is not asked", "announced": "Announced costs and interest", "plan": "The instalments",
	"instalment": "How to pay the instalment", "pay": "Pay button", "bank": "Bank details", "links": "Links", "notice": "Text of the law", "debit": "Direct debit", "law": "Sentences of the law", "code": "The code",
}

// messageModel shows one message; typed are words that were not saved, with what
// is wrong in them.
func (v *visit) messageModel(typed *outreach.Own, problem string) (m settings.MessageModel, err error) {
	m.Look = !v.owner()
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		w, err := v.wording(ctx, tx)
		if err != nil {
			return err
		}
		words := messageWords[w.Step]
		m.Title, m.When, m.Error = words[0], words[1], problem
		if m.Frame, err = v.frame(tx, component.Settings, m.Title); err != nil {
			return err
		}
		m.Path, m.Query, m.Fixed, m.Open = "/settings/messages/"+string(w.Step), w.query(), w.Step.Fixed(), w.Step.Open()
		m.Choose, m.Letter = w.choose(true), !w.Step.Open() && w.Step != outreach.PortalCode && w.to.ID != uuid.Nil
		own, from, err := v.words(ctx, tx, w)
		if err != nil {
			return err
		}
		if err := versionsOf(ctx, tx, w, &m); err != nil {
			return err
		}
		m.State, m.Own = from, len(m.Versions) > 0 && !m.Versions[0].Reset
		m.Hidden = []component.Option{{Label: "language", Value: string(w.Language)}, {Label: "form", Value: string(w.Form)}, {Label: "base", Value: strconv.Itoa(versionNow(m.Versions))}}
		if w.Administration.Valid {
			m.Hidden = append(m.Hidden, component.Option{Label: "administration", Value: w.Administration.UUID.String()})
		}
		var flaws []outreach.Flaw
		if typed != nil {
			own, flaws = *typed, typed.Flaws(w.Language, w.Step)
		}
		if err := editorOf(&m, w, own, flaws); err != nil {
			return err
		}
		return trialChoices(ctx, tx, w, &m)
	})
	return m, err
}

// words are those that hold now, and where they come from.
func (v *visit) words(ctx context.Context, tx store.Tx, w wording) (outreach.Own, string, error) {
	own, err := dunning.OwnText(ctx, tx, w.TextOf)
	if err != nil {
		return outreach.Own{}, "", err
	}
	if own == nil {
		ours, err := outreach.Shipped(w.Language, w.Step, w.Form)
		return ours, "Our words", err
	}
	history, err := dunning.TextHistory(ctx, tx, w.TextOf)
	if err != nil {
		return outreach.Own{}, "", err
	}
	if len(history) == 0 || history[0].Body == "" {
		return *own, "Words of the whole organisation", nil
	}
	return *own, fmt.Sprintf("Yours, version %d", own.Version), nil
}

func versionsOf(ctx context.Context, tx store.Tx, w wording, m *settings.MessageModel) error {
	history, err := dunning.TextHistory(ctx, tx, w.TextOf)
	for i, h := range history {
		excerpt := []rune(strings.Join(strings.Fields(strings.Join(h.Parts(), " ")), " "))
		if len(excerpt) > 140 {
			excerpt = append(excerpt[:140], '…')
		}
		m.Versions = append(m.Versions, settings.TextVersion{Number: h.Version, By: h.By, At: h.At, Reset: h.Body == "", Now: i == 0, Excerpt: string(excerpt)})
	}
	return err
}

func versionNow(list []settings.TextVersion) int {
	if len(list) == 0 {
		return 0
	}
	return list[0].Number
}

// editorOf lays the words out around the protected blocks.
func editorOf(m *settings.MessageModel, w wording, own outreach.Own, flaws []outreach.Flaw) error {
	blocks, err := outreach.Blocks(w.Language, w.Step)
	if err != nil {
		return fmt.Errorf("read the blocks of %s: %w", w.Step, err)
	}
	m.Subject = own.Subject
	for i, text := range own.Parts() {
		p := settings.TextPart{ID: "part-" + strconv.Itoa(i), Label: "Text at the beginning", Value: text, Rows: max(2, strings.Count(text, "\n")+len(text)/60+1)}
		if i > 0 && i <= len(blocks) {
			p.Label = "Text after: " + blockTitles[blocks[i-1]]
		}
		if i < len(blocks) {
			p.Block = &settings.TextBlock{Name: blocks[i], Title: blockTitles[blocks[i]], What: outreach.BlockWords(blocks[i])}
		}
		m.Parts = append(m.Parts, p)
	}
	for _, f := range flaws {
		switch {
		case f.Part < 0:
			m.SubjectWhy = append(m.SubjectWhy, f.Text)
		case f.Part < len(m.Parts) && f.Part > 0:
			m.Parts[f.Part].Wrong = append(m.Parts[f.Part].Wrong, f.Text)
		default:
			m.Needed = append(m.Needed, f.Text)
		}
	}
	for _, f := range outreach.Variables(w.Step) {
		m.Fields = append(m.Fields, settings.TextField{Name: f.Name, What: f.What, Whole: f.Whole, Needed: f.Needed})
	}
	return nil
}

// trialChoices are the debtors and the forms of a preview.
func trialChoices(ctx context.Context, tx store.Tx, w wording, m *settings.MessageModel) error {
	m.Debtors = []component.Option{{Value: "business", Label: "An example: a business"}, {Value: "consumer", Label: "An example: a consumer"}}
	if w.to.ID != uuid.Nil {
		rows, err := tx.InvoicesToTry(ctx, w.to.ID)
		if err != nil {
			return fmt.Errorf("list invoices to try: %w", err)
		}
		for _, r := range rows {
			m.Debtors = append(m.Debtors, component.Option{Value: r.ID.String(), Label: r.DebtorName + ", " + r.Number})
		}
	}
	for _, way := range []component.Option{{Value: "email", Label: "E-mail"}, {Value: "text", Label: "E-mail without styles"}, {Value: "sms", Label: "Text message"}, {Value: "voice", Label: "Call"}} {
		open := way.Value == "sms" && w.Step != outreach.Call || way.Value == "voice" && w.Step != outreach.TextMessage
		if w.Step.Open() && open || !w.Step.Open() && (way.Value == "email" || way.Value == "text" || slices.ContainsFunc(waysOf(w.Step), func(x settings.Way) bool {
			return x.Label == "text message" && way.Value == "sms" || x.Label == "call" && way.Value == "voice"
		})) {
			m.Ways = append(m.Ways, way)
		}
	}
	return nil
}

func (v *visit) messagePage() error {
	m, err := v.messageModel(nil, "")
	if err != nil {
		return err
	}
	return v.show(settings.Message(m))
}
