package emulator

import (
	"net/http"
	"slices"
)

type noteRequest struct {
	Note struct {
		Text     string `json:"note"`
		Todo     flag   `json:"todo"`
		Assignee ident  `json:"assignee_id"`
	} `json:"note"`
}

func (c *change) newNote(in noteRequest) (note, error) {
	var bad invalid
	if in.Note.Text == "" {
		bad.add("note", "can't be blank", "blank")
		bad.add("todo_type", "can't be blank", "blank")
	}
	n := note{ID: c.b.nextID(), Text: in.Note.Text, Todo: bool(in.Note.Todo) || in.Note.Assignee != "", Assignee: string(in.Note.Assignee), At: c.now}
	return n, bad.err()
}

func (c *call) createInvoiceNote(l ledger) error {
	return c.createNote(func(ch *change, n note) (string, string, bool) {
		inv, err := c.find(ch.a, l)
		if err != nil {
			return map[bool]string{false: "SalesInvoice", true: "ExternalSalesInvoice"}[l.external], "", false
		}
		inv.Notes = append(inv.Notes, n)
		ch.touchInvoice(inv)
		return invoiceType(inv), inv.ID, true
	})
}

func (c *call) createContactNote() error {
	return c.createNote(func(ch *change, n note) (string, string, bool) {
		ct := ch.a.Contacts[c.r.PathValue("id")]
		if ct == nil {
			return "Contact", "", false
		}
		ct.Notes = append(ct.Notes, n)
		ch.touch(&ct.Version, &ct.UpdatedAt)
		return "Contact", ct.ID, true
	})
}

func (c *call) createNote(file func(*change, note) (kind, entity string, ok bool)) error {
	var in noteRequest
	if err := c.read(&in); err != nil {
		return err
	}
	var body object
	err := c.change(func(ch *change) error {
		n, err := ch.newNote(in)
		if err != nil {
			return err
		}
		kind, entity, ok := file(ch, n)
		if !ok {
			return symbolic(http.StatusBadRequest, "Entity is invalid; User has no permissions to notes for "+kind, "entity", "not_found", "user", "insufficient_permissions")
		}
		body = ch.a.noteObject(n, kind, entity)
		ch.announce("note_created", "Note", n.ID, "", func() any { return body })
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, body)
}

func (c *call) deleteInvoiceNote(l ledger) error {
	err := c.change(func(ch *change) error {
		inv, err := c.find(ch.a, l)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(inv.Notes, func(n note) bool { return n.ID == c.r.PathValue("note") })
		if i < 0 {
			return notFound("id")
		}
		inv.Notes = slices.Delete(inv.Notes, i, i+1)
		ch.touchInvoice(inv)
		return nil
	})
	if err != nil {
		return err
	}
	return c.empty()
}
