package emulator

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/voldaan/voldaan/sdk/emulator/ledger"
)

// upload is a document or an attachment that was added over the API.
type upload struct {
	ID       string    `json:"id"`
	Document string    `json:"document,omitempty"` // of an attachment
	Subject  string    `json:"subject,omitempty"`
	Account  string    `json:"account,omitempty"`
	FileName string    `json:"file_name,omitempty"`
	Content  []byte    `json:"content,omitempty"`
	At       time.Time `json:"at"`
}

func (c *call) uploads(attachment bool) (out []upload) {
	c.s.extra.View(func(e *extra) {
		for _, u := range e.Uploads[c.adm] {
			if (u.Document != "") == attachment {
				out = append(out, u)
			}
		}
	})
	return out
}

func documents(c *call, a *ledger.Administration) (out []object) {
	for _, v := range a.Invoices {
		if id := documentID(v); id != nil {
			o := object{"ID": id, "Subject": "Factuur " + v.Number, "Type": 10, "SalesInvoiceNumber": entryNumber(v), "FinancialTransactionEntryID": v.UUID, "DocumentDate": day(v.Date), "Modified": local(a, v.Modified)}
			o["Account"], o["AccountName"] = party(a, v.Contact)
			out = append(out, o)
		}
	}
	for _, u := range c.uploads(false) {
		out = append(out, object{"ID": u.ID, "Subject": u.Subject, "Type": 55, "SalesInvoiceNumber": nil, "FinancialTransactionEntryID": nil, "DocumentDate": local(a, u.At), "Modified": local(a, u.At), "Account": null(u.Account), "AccountName": nil})
	}
	return out
}

func attachments(c *call, a *ledger.Administration) (out []object) {
	url := func(id string) string {
		return fmt.Sprintf("%s/docs/SysAttachment.aspx?ID=%s&_Division_=%s", c.s.base(c.r), id, a.ID)
	}
	for _, v := range a.Invoices {
		if doc := documentID(v); doc != nil {
			id := ledger.Derived(v.UUID, "attachment")
			out = append(out, object{"ID": id, "Document": doc, "FileName": v.Number + ".pdf", "FileSize": 2000, "Url": url(id)})
		}
	}
	for _, u := range c.uploads(true) {
		out = append(out, object{"ID": u.ID, "Document": u.Document, "FileName": u.FileName, "FileSize": len(u.Content), "Url": url(u.ID)})
	}
	return out
}

// attachment serves a file to those who carry a token.
func (s *Server) attachment(w http.ResponseWriter, r *http.Request) {
	c := &call{s: s, w: w, r: r, adm: r.URL.Query().Get("_Division_")}
	err := c.enter("SysAttachment")
	if err == nil {
		err = c.division()
	}
	var file []byte
	if err == nil {
		err = s.View(c.adm, func(a *ledger.Administration) (err error) {
			id := strings.Trim(r.URL.Query().Get("ID"), "{}")
			for _, v := range a.Invoices {
				if ledger.Derived(v.UUID, "attachment") == id && !v.Draft {
					file, err = a.PDF(v)
					return err
				}
			}
			for _, u := range c.uploads(true) {
				if u.ID == id {
					file = u.Content
					return nil
				}
			}
			return ledger.ErrNotFound
		})
	}
	if err != nil {
		c.fail(err)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(file)
}

func (c *call) keep(u upload) (upload, error) {
	u.At = c.s.kit.Now()
	err := c.s.extra.Update(func(e *extra) error {
		if e.Uploads == nil {
			e.Uploads = map[string][]upload{}
		}
		e.Seq++
		u.ID = ledger.Derived(c.adm, fmt.Sprint("upload", e.Seq))
		e.Uploads[c.adm] = append(e.Uploads[c.adm], u)
		return nil
	})
	return u, err
}

func (c *call) createDocument() error {
	var in struct {
		Subject, Account string
		Type             int
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Subject == "" || in.Type == 0 {
		return refuse(http.StatusBadRequest, "Mandatory: Subject, Type")
	}
	u, err := c.keep(upload{Subject: in.Subject, Account: in.Account})
	if err != nil {
		return err
	}
	made := object{"ID": u.ID, "Subject": u.Subject}
	return c.answer(http.StatusCreated, c.draw(made, made))
}

func (c *call) createAttachment() error {
	var in struct{ Document, FileName, Attachment string }
	if err := c.read(&in); err != nil {
		return err
	}
	content, err := base64.StdEncoding.DecodeString(in.Attachment)
	if err != nil || in.Document == "" || in.FileName == "" {
		return refuse(http.StatusBadRequest, "Mandatory: Document, FileName, Attachment (base64)")
	}
	u, err := c.keep(upload{Document: in.Document, FileName: in.FileName, Content: content})
	if err != nil {
		return err
	}
	made := object{"ID": u.ID, "Document": u.Document, "FileName": u.FileName}
	return c.answer(http.StatusCreated, c.draw(made, made))
}

func notes(_ *call, a *ledger.Administration) (out []object) {
	for _, n := range a.Notes {
		o := object{"ID": n.UUID, "Subject": null(n.Subject), "Notes": n.Text, "Date": local(a, n.Created), "Created": local(a, n.Created), "Modified": local(a, n.Modified)}
		o["Account"], o["AccountName"] = party(a, n.Contact)
		out = append(out, o)
	}
	return out
}

func (c *call) createNote() error {
	var in struct{ Subject, Notes, Account string }
	if err := c.read(&in); err != nil {
		return err
	}
	var made object
	err := c.s.Change(c.adm, func(t *ledger.Tx) error {
		ct, err := t.A.NamedContact(in.Account)
		if err != nil || in.Subject == "" {
			return refuse(http.StatusBadRequest, "Mandatory: Subject, Account")
		}
		n := t.AddNote(&ledger.Note{Contact: ct.No, Subject: in.Subject, Text: in.Notes})
		made = object{"ID": n.UUID, "Subject": n.Subject, "Notes": n.Text, "Account": ct.UUID}
		return nil
	})
	if err != nil {
		return err
	}
	return c.answer(http.StatusCreated, c.draw(made, made))
}
