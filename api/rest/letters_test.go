package rest_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/voldaan/voldaan/api/rest"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/store"
)

func TestChannelsAndLetters(t *testing.T) {
	t.Parallel()
	ten, p := open(t)
	channels := "/administrations/" + ten.Administration.String() + "/channels"
	t.Run("channels", func(t *testing.T) {
		if status, v := p.do("GET", channels, ""); status != 200 || len(v["items"].([]any)) != 0 {
			t.Fatal(status, v)
		}
		if status, v := p.do("GET", "/administrations/"+uuid.NewString()+"/channels", ""); status != 404 {
			t.Error(status, v)
		}
		for body, code := range map[string]string{
			`{"mode":"batch","enabled":true}`:    "Only letters",
			`{"mode":"provider","enabled":true}`: "Choose the connection",
		} {
			if status, v := p.do("PUT", channels+"/sms", body); status != 422 || !strings.Contains(v["detail"].(string), code) {
				t.Error(status, v)
			}
		}
		if status, v := p.do("PUT", channels+"/sms", `{"mode":"provider","enabled":true,"connection":"`+uuid.NewString()+`"}`); status != 404 {
			t.Error(status, v)
		}
		if status, v := p.do("PUT", channels+"/letter", `{"mode":"batch","enabled":true,"price_minor":105}`); status != 204 {
			t.Fatal(status, v)
		}
		_, v := p.do("GET", channels, "")
		c := v["items"].([]any)[0].(map[string]any)
		if c["channel"] != "letter" || c["mode"] != "batch" || c["enabled"] != true {
			t.Error(c)
		}
	})
	if err := ten.Services.Store.In(t.Context(), ten.ID, func(tx store.Tx) error {
		return dunning.Planner{Real: ten.Services.Real}.Object(t.Context(), tx, ten.DebtorID("koster"), "email", "unsubscribed")
	}); err != nil {
		t.Fatal(err)
	}
	ten.Take("3")
	var letter string
	t.Run("R59 who wants no e-mail gets a letter, which waits for the post", func(t *testing.T) {
		_, v := p.do("GET", "/letters", "")
		items := v["items"].([]any)
		if len(items) != 1 || items[0].(map[string]any)["debtor"] != ten.DebtorID("koster").String() || items[0].(map[string]any)["settled"] != false {
			t.Fatal(v)
		}
		letter = items[0].(map[string]any)["id"].(string)
	})
	var batch string
	t.Run("a batch is made, printed, posted and taken apart", func(t *testing.T) {
		if status, v := p.do("POST", "/letter-batches", `{"letters":["`+uuid.NewString()+`"]}`); status != 409 || v["code"] != "letters_gone" {
			t.Error(status, v)
		}
		status, v := p.do("POST", "/letter-batches", `{"letters":["`+letter+`"]}`)
		if status != 201 {
			t.Fatal(status, v)
		}
		batch = v["id"].(string)
		if status, v := p.do("POST", "/letter-batches", `{"letters":["`+letter+`"]}`); status != 409 {
			t.Error("a letter is in two batches", status, v)
		}
		a := p.Do("GET", rest.Prefix+"/v1/letter-batches/"+batch+"/pdf", "", map[string]string{"Authorization": "Bearer " + p.secret})
		if a.Status != 200 || !strings.HasPrefix(a.Body, "%PDF-") || a.Header.Get("Content-Type") != "application/pdf" {
			t.Errorf("%d %s", a.Status, a.Header.Get("Content-Type"))
		}
		if status, v := p.do("GET", "/letter-batches/"+uuid.NewString()+"/pdf", ""); status != 404 {
			t.Error(status, v)
		}
		if status, v := p.do("POST", "/letter-batches/"+batch+"/posted", `{"on":"2020-02-30"}`); status != 422 {
			t.Error(status, v)
		}
		_, made := p.do("GET", "/letter-batches", "")
		if b := made["items"].([]any)[0].(map[string]any); b["id"] != batch || b["letters"] != 1.0 || b["posted_on"] != nil {
			t.Error(b)
		}
		if status, v := p.do("POST", "/letter-batches/"+batch+"/undo", ""); status != 204 {
			t.Fatal(status, v)
		}
		if _, v := p.do("GET", "/letters", ""); len(v["items"].([]any)) != 1 {
			t.Error("it does not wait again", v)
		}
		if status, v := p.do("POST", "/letter-batches/"+batch+"/undo", ""); status != 409 || v["code"] != "batch_over" {
			t.Error(status, v)
		}
	})
	t.Run("R57 a letter that came back", func(t *testing.T) {
		if status, v := p.do("POST", "/letters/"+letter+"/returned", `{"reason":"moved"}`); status != 204 {
			t.Fatal(status, v)
		}
		if status, v := p.do("POST", "/letters/"+letter+"/returned", `{"reason":"moved"}`); status != 409 || v["code"] != "letter_over" {
			t.Error(status, v)
		}
		_, v := p.do("GET", "/messages/"+letter+"/events", "")
		found := false
		for _, e := range v["items"].([]any) {
			found = found || e.(map[string]any)["state"] == "returned" && e.(map[string]any)["detail"] == "moved"
		}
		if !found {
			t.Error(v)
		}
		if status, v := p.do("GET", "/messages/"+uuid.NewString()+"/events", ""); status != 404 {
			t.Error(status, v)
		}
		if _, v := p.do("GET", "/letters", ""); len(v["items"].([]any)) != 0 {
			t.Error("it waits for the post still", v)
		}
	})
}
