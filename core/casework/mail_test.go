package casework_test

import (
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/bailiff"
	"github.com/voldaan/voldaan/core/casework"
	"github.com/voldaan/voldaan/core/dunning/dunningtest"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach/inbound"
	"github.com/voldaan/voldaan/core/outreach/token"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
	"github.com/voldaan/voldaan/sdk"
)

type pages struct{}

func (pages) Archive(token string) string { return "https://hub.test/archive/" + token }

const bailiffAddress = "zaken@dewit.test"

// byMail is a yard whose bailiff is reached by e-mail, and has the case when sent.
func byMail(t *testing.T, edit func(*db.PutBailiffParams)) *yard {
	t.Helper()
	y := newYard(t, sdk.Business, "2026-05-19 00:00")
	post := y.Steps.Post
	office := &bailiff.Office{Mail: post.Server, Log: y.Mail, Keys: post.Keys, Domain: post.Domain}
	y.desk.Ways, y.desk.Courier = office, office
	y.desk.Links = pages{}
	y.contract()
	to := y.bailiff(func(p *db.PutBailiffParams) {
		p.Transport, p.Email, p.PaysTo = "email", bailiffAddress, "bailiff"
		if edit != nil {
			edit(p)
		}
	})
	if err := y.desk.HandOver(context.Background(), y.Tenant, y.id, to, "anna"); err != nil {
		t.Fatal(err)
	}
	return y
}

func (y *yard) handover() (h db.HandoversRow) {
	y.In(func(tx store.Tx) error {
		list, err := tx.Handovers(context.Background(), y.id)
		h = list[len(list)-1]
		return err
	})
	return h
}

func (y *yard) notes() (out []db.BailiffNote) {
	y.In(func(tx store.Tx) (err error) {
		out, err = tx.BailiffNotes(context.Background(), y.id)
		return err
	})
	return out
}

// mailed are the e-mails that the bailiff got, and the parts of each by name.
func (y *yard) mailed(t *testing.T) (out []letterIn) {
	t.Helper()
	for _, m := range y.Mail.Received() {
		if m.To != bailiffAddress {
			continue
		}
		msg, err := mail.ReadMessage(strings.NewReader(string(m.Raw)))
		if err != nil {
			t.Fatal(err)
		}
		in := letterIn{header: msg.Header, files: map[string]int{}}
		in.read(t, msg.Header.Get("Content-Type"), msg.Body)
		out = append(out, in)
	}
	return out
}

type letterIn struct {
	header mail.Header
	text   string
	files  map[string]int
}

func (l *letterIn) read(t *testing.T, kind string, body io.Reader) {
	_, params, _ := mime.ParseMediaType(kind)
	r := multipart.NewReader(body, params["boundary"])
	for {
		p, err := r.NextPart()
		if err == io.EOF {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		inner, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		if strings.HasPrefix(inner, "multipart/") {
			l.read(t, p.Header.Get("Content-Type"), p)
			continue
		}
		raw, err := io.ReadAll(p)
		if err != nil {
			t.Fatal(err)
		}
		if p.FileName() != "" {
			l.files[p.FileName()] = len(raw)
		} else if inner == "text/plain" {
			l.text = string(raw)
		}
	}
}

// answer comes in as the mail of somebody to the address of the hand-over.
func (y *yard) answer(t *testing.T, from, subject, text string) {
	t.Helper()
	raw := "From: " + from + "\r\nTo: x\r\nSubject: " + subject + "\r\nMessage-ID: <" + uuid.NewString() + "@x>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + text
	_, r := inbound.Parse([]byte(raw), token.Reply, y.handover().ID, from, y.Clock.Now())
	box := casework.Letterbox{Desk: y.desk, Next: y.Inbound}
	for range 2 { // the same mail may come twice
		if err := box.Reply(context.Background(), *r); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMail(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	t.Run("R107 the archive goes along, and the case is sent once", func(t *testing.T) {
		t.Parallel()
		y := byMail(t, nil)
		for range 3 {
			y.wake(t)
		}
		got := y.mailed(t)
		if len(got) != 1 || got[0].files["dossier Z2026-0001 v1.zip"] == 0 || !strings.Contains(got[0].text, "SHA-256 of the archive") {
			t.Fatalf("the bailiff got %+v", got)
		}
		if reply, err := got[0].header.AddressList("Reply-To"); err != nil || !strings.HasPrefix(reply[0].Address, "reply+") {
			t.Errorf("answers go to %v %v", reply, err)
		}
		if row, _ := y.standing(); row.State != "bailiff" {
			t.Errorf("the case is %s", row.State)
		}
	})
	for name, how := range map[string]dunningtest.Answer{"kept": dunningtest.DieKept, "lost": dunningtest.DieLost} {
		t.Run("R9 of a bundle that may have left, the log decides: "+name, func(t *testing.T) {
			t.Parallel()
			y := byMail(t, nil)
			y.Mail.Answer(func(string) dunningtest.Answer { return how })
			y.wake(t)
			y.Mail.Answer(nil)
			y.Walk("2026-05-19 06:00")
			if got := y.mailed(t); len(got) != 1 {
				t.Errorf("the bailiff got %d messages", len(got))
			}
			if row, _ := y.standing(); row.State != "bailiff" {
				t.Errorf("the case is %s; tasks %v", row.State, y.tasks())
			}
		})
	}
	t.Run("R9 without a log a person says what became of it", func(t *testing.T) {
		t.Parallel()
		y := byMail(t, nil)
		y.desk.Ways.(*bailiff.Office).Log = nil
		y.Mail.Answer(func(string) dunningtest.Answer { return dunningtest.DieLost })
		y.wake(t)
		y.Mail.Answer(nil)
		y.wake(t)
		if got := y.mailed(t); len(got) != 0 || !slices.Contains(y.tasks(), "bailiff_trouble") {
			t.Fatalf("the bailiff got %d messages; tasks %v", len(got), y.tasks())
		}
		if err := y.desk.Settle(ctx, y.Tenant, y.id, false, "anna"); err != nil {
			t.Fatal(err)
		}
		y.wake(t)
		if row, _ := y.standing(); len(y.mailed(t)) != 1 || row.State != "bailiff" || slices.Contains(y.tasks(), "bailiff_trouble") {
			t.Errorf("the bailiff got %d messages, the case is %s; tasks %v", len(y.mailed(t)), row.State, y.tasks())
		}
	})
	t.Run("R112 an archive that is too large is fetched with a code", func(t *testing.T) {
		t.Parallel()
		y := byMail(t, nil)
		y.desk.Attachable = 1
		y.wake(t)
		got := y.mailed(t)
		if len(got) != 1 || len(got[0].files) != 0 {
			t.Fatalf("the bailiff got %+v", got)
		}
		link := regexp.MustCompile(`archive/([\w-]+)`).FindStringSubmatch(strings.ReplaceAll(got[0].text, "=\r\n", ""))
		if link == nil {
			t.Fatalf("no link in %s", got[0].text)
		}
		if s, err := y.desk.Find(ctx, link[1]); err != nil || s.Number != "Z2026-0001" || s.Creditor != "Bakkerij Voorbeeld B.V." {
			t.Fatalf("%+v %v", s, err)
		}
		if _, err := y.desk.Fetch(ctx, link[1], "123456"); !fault.Is(err, fault.Denied) {
			t.Errorf("without a code: %v", err)
		}
		if err := y.desk.SendCode(ctx, link[1]); err != nil {
			t.Fatal(err)
		}
		if err := y.desk.SendCode(ctx, link[1]); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second code at once: %v", err)
		}
		code := regexp.MustCompile(`: (\d{6})`).FindStringSubmatch(y.mailed(t)[1].text)
		if code == nil {
			t.Fatalf("no code in %s", y.mailed(t)[1].text)
		}
		doc, err := y.desk.Fetch(ctx, link[1], code[1])
		if err != nil || doc.ID != y.handover().ArchiveID.UUID || y.handover().FetchedAt == nil {
			t.Fatalf("%s %v", doc.Name, err)
		}
		if _, err := y.desk.Fetch(ctx, link[1], code[1]); !fault.Is(err, fault.Denied) {
			t.Errorf("a code twice: %v", err)
		}
		y.Clock.Set(dunningtest.At("2026-07-01 12:00"))
		if _, err := y.desk.Find(ctx, link[1]); !fault.Is(err, fault.NotFound) {
			t.Errorf("after its term: %v", err)
		}
	})
	t.Run("R109 answers are filed with the case, both ways", func(t *testing.T) {
		t.Parallel()
		y := byMail(t, nil)
		y.wake(t)
		y.answer(t, bailiffAddress, "Re: case Z2026-0001", "Where does the debtor work?")
		if err := y.desk.Write(ctx, y.Tenant, y.id, "answer", "At the harbour.", "anna"); err != nil {
			t.Fatal(err)
		}
		y.wake(t)
		y.answer(t, bailiffAddress, "Re: case Z2026-0001", "Kind: status\r\nThe writ was served.")
		notes := y.notes()
		if len(notes) != 3 || notes[0].Kind != "question" || notes[1].Direction != "out" || notes[2].Text != "The writ was served." {
			t.Fatalf("the notes are %+v", notes)
		}
		if got := y.mailed(t); len(got) != 2 || !strings.Contains(got[1].text, "At the harbour.") {
			t.Errorf("the bailiff got %+v", got)
		}
		if slices.Contains(y.tasks(), "bailiff_note") {
			t.Errorf("tasks %v", y.tasks())
		}
		y.answer(t, bailiffAddress, "Re: case Z2026-0001", "Soort: gesloten\r\nGeen verhaal.")
		if row, _ := y.standing(); row.State != "ready" || !slices.Contains(y.tasks(), "bailiff_note") {
			t.Errorf("the case is %s; tasks %v", row.State, y.tasks())
		}
	})
	t.Run("R109 who writes from elsewhere changes nothing by it", func(t *testing.T) {
		t.Parallel()
		y := byMail(t, nil)
		y.wake(t)
		y.answer(t, "eve@elsewhere.test", "case Z2026-0001", "Kind: closed\r\nGive up.")
		if row, _ := y.standing(); row.State != "bailiff" || !slices.Contains(y.tasks(), "bailiff_note") {
			t.Errorf("the case is %s; tasks %v", row.State, y.tasks())
		}
	})
	t.Run("a message that comes back is for a person", func(t *testing.T) {
		t.Parallel()
		y := byMail(t, nil)
		y.wake(t)
		box := casework.Letterbox{Desk: y.desk, Next: y.Inbound}
		if err := box.Bounce(ctx, inbound.Bounce{Message: y.handover().ID, Kind: inbound.Hard, Status: "5.1.1"}); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(y.tasks(), "bailiff_trouble") {
			t.Errorf("tasks %v", y.tasks())
		}
	})
}
