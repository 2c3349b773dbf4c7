package rest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/core/store"
	"github.com/voldaan/voldaan/core/store/db"
)

func TestConversations(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	ten.Take("1")
	debtor := ten.DebtorID("noor")
	write := func(text string) {
		ten.In(ten.ID, func(tx store.Tx) error {
			now, err := tx.Now(t.Context(), ten.Services.Real)
			if err != nil {
				return err
			}
			return tx.AddCorrespondence(t.Context(), db.AddCorrespondenceParams{
				ID: uuid.New(), TenantID: ten.ID, DebtorID: debtor, InvoiceID: uuid.NullUUID{UUID: ten.Invoice("1"), Valid: true}, Direction: "in", Channel: "portal", Author: "Noor", Subject: "Question", Body: text, At: now.Add(-time.Hour),
			})
		})
	}
	do := func(code int, method, path, body string) map[string]any {
		t.Helper()
		status, v := p.do(method, path, body)
		if status != code {
			t.Fatalf("%s %s: %d, want %d: %v", method, path, status, code, v)
		}
		return v
	}
	waiting := func() int { return len(do(200, "GET", "/conversations", "")["items"].([]any)) }
	t.Run("R62 what a debtor wrote is listed, told, and answered", func(t *testing.T) {
		write("Can I pay on Friday?")
		if n := waiting(); n != 1 {
			t.Fatalf("%d conversations wait", n)
		}
		do(422, "POST", "/debtors/"+debtor.String()+"/conversation", `{"text":"Yes."}`)
		do(204, "POST", "/debtors/"+debtor.String()+"/conversation", fmt.Sprintf(`{"text":"Yes.","author":"Anna","invoice":%q}`, ten.Invoice("1")))
		said := do(200, "GET", "/debtors/"+debtor.String()+"/conversation", "")["items"].([]any)
		last := said[len(said)-1].(map[string]any)
		if len(said) != 2 || last["direction"] != "out" || last["author"] != "Anna" || last["text"] != "Yes." || said[0].(map[string]any)["handled_at"] == nil || waiting() != 0 {
			t.Errorf("said %v", said)
		}
		ten.In(ten.ID, func(tx store.Tx) error {
			var in, out int
			err := tx.QueryRow(t.Context(), "select count(*) filter (where type = 'message.received'), count(*) filter (where type = 'message.answered') from event where debtor_id = $1 and data::text not like '%Friday%'", debtor).Scan(&in, &out)
			if in != 1 || out != 1 {
				t.Errorf("%d and %d events", in, out)
			}
			return err
		})
	})
	t.Run("what needs no answer", func(t *testing.T) {
		write("Thanks!")
		do(204, "POST", "/debtors/"+debtor.String()+"/conversation/done", "")
		if waiting() != 0 || len(do(200, "GET", "/conversations?state=answered", "")["items"].([]any)) != 1 {
			t.Error("it waits on")
		}
		do(404, "POST", "/debtors/"+uuid.NewString()+"/conversation/done", "")
	})
	t.Run("work that waits for a person", func(t *testing.T) {
		do(201, "POST", "/disputes", fmt.Sprintf(`{"invoice":%q,"minor":1000,"reason":"price"}`, ten.Invoice("1")))
		list := do(200, "GET", "/tasks?kind=dispute&limit=1", "")["items"].([]any)
		if len(list) != 1 || list[0].(map[string]any)["title"] == "" || len(do(200, "GET", "/tasks?kind=nothing", "")["items"].([]any)) != 0 {
			t.Errorf("the list is %v", list)
		}
	})
}
