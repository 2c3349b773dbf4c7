package web

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/voldaan/voldaan/api/web/assets"
	"github.com/voldaan/voldaan/api/web/view/component"
	"github.com/voldaan/voldaan/api/web/view/settings"
	"github.com/voldaan/voldaan/core/dunning"
	"github.com/voldaan/voldaan/core/fault"
	"github.com/voldaan/voldaan/core/outreach"
	"github.com/voldaan/voldaan/core/outreach/sms"
	"github.com/voldaan/voldaan/core/store"

	"github.com/google/uuid"
)

// textBytes is the most that is typed at once; Check says what is too long.
const textBytes = 20_000

// typedWords are the words of the form, nil when it holds none.
func (v *visit) typedWords(w wording) (*outreach.Own, error) {
	if err := v.r.ParseForm(); err != nil {
		return nil, fault.New(fault.Invalid, "form_unreadable", "The form could not be read. Send it again.").Because(err)
	}
	parts, ok := v.r.PostForm["part"]
	if !ok || w.Step.Fixed() != "" {
		return nil, nil
	}
	blocks, err := outreach.Blocks(w.Language, w.Step)
	if err != nil {
		return nil, errNotHere.Because(err)
	}
	for i := range parts {
		parts[i] = strings.ReplaceAll(cutText(parts[i], textBytes), "\r\n", "\n")
	}
	o := outreach.Joined(v.r.PostForm.Get("subject"), parts, blocks)
	return &o, nil
}

var errReworded = fault.New(fault.Conflict, "text_changed", "Somebody changed these words meanwhile. What you typed is still here; look at the newest version below before you save it.")

func (v *visit) saveMessage() error {
	var typed *outreach.Own
	var w wording
	err := v.write(func(ctx context.Context, tx store.Tx) (err error) {
		if w, err = v.wording(ctx, tx); err != nil {
			return err
		}
		if typed, err = v.typedWords(w); err != nil {
			return err
		}
		if typed == nil {
			return errNotHere
		}
		history, err := dunning.TextHistory(ctx, tx, w.TextOf)
		if err != nil {
			return err
		}
		now := 0
		if len(history) > 0 {
			now = history[0].Version
		}
		if base, err := strconv.Atoi(v.r.FormValue("base")); err == nil && base != now {
			return errReworded
		}
		_, err = v.Planner.Reword(ctx, tx, w.TextOf, *typed, v.member.Name)
		return err
	})
	if f := fault.Of(err); err != nil && (f.Code == "text_invalid" || f.Code == errReworded.Code) {
		problem := "This was not saved. Look at what is marked below."
		if f.Code == errReworded.Code {
			problem = f.Message
		}
		m, err := v.messageModel(typed, problem)
		if err != nil {
			return err
		}
		return v.again(settings.Message(m))
	}
	return v.reworded(w, err, "Saved. The next message reads like this.")
}

func (v *visit) resetMessage() error {
	var w wording
	err := v.write(func(ctx context.Context, tx store.Tx) (err error) {
		if w, err = v.wording(ctx, tx); err != nil {
			return err
		}
		return v.Planner.Unword(ctx, tx, w.TextOf, v.member.Name)
	})
	return v.reworded(w, err, "Back to the words above yours. Your own are kept below.")
}

func (v *visit) restoreMessage() error {
	version, err := strconv.Atoi(v.r.FormValue("version"))
	if err != nil {
		return errNotHere
	}
	var w wording
	err = v.write(func(ctx context.Context, tx store.Tx) (err error) {
		if w, err = v.wording(ctx, tx); err != nil {
			return err
		}
		_, err = v.Planner.Restore(ctx, tx, w.TextOf, version, v.member.Name)
		return err
	})
	return v.reworded(w, err, fmt.Sprintf("Version %d is back.", version))
}

func (v *visit) reworded(w wording, err error, said string) error {
	if err != nil {
		return err
	}
	return v.done("/settings/messages/"+string(w.Step)+"?"+w.query(), component.Flash{Tone: component.Green, Text: said})
}

// try writes the message that is asked for, in the words of the form or in those
// that hold now.
func (v *visit) try() (t dunning.Trial, w wording, err error) {
	err = v.read(func(ctx context.Context, tx store.Tx) error {
		if w, err = v.wording(ctx, tx); err != nil {
			return err
		}
		if w.to.ID == uuid.Nil {
			return fault.New(fault.Conflict, "no_books", "Connect your books first; a message is written in your name.")
		}
		typed, err := v.typedWords(w)
		if err != nil {
			return err
		}
		to := dunning.TrialOf{Administration: w.to.ID, Consumer: v.r.FormValue("debtor") == "consumer"}
		if id, err := uuid.Parse(v.r.FormValue("debtor")); err == nil {
			to.Invoice = id
		}
		t, err = v.Steps.Try(ctx, tx, w.TextOf, typed, to)
		return err
	})
	return t, w, err
}

// tryMessage shows it in the frame of the editor.
func (v *visit) tryMessage() error {
	t, w, err := v.try()
	if f := fault.Of(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return v.inFrame(settings.TrialModel{Problems: []string{f.Message}})
	}
	if err != nil {
		return err
	}
	way := v.r.FormValue("way")
	switch {
	case w.Step == outreach.TextMessage, way == "sms" && t.Text != "":
		return v.inFrame(settings.TrialModel{Sender: t.Sender, Text: t.Text, Facts: smsFacts(t.Count), Note: "Others may see it, so it names you and a reference only (R119). Characters that a telephone does not know are written plainly."})
	case w.Step == outreach.Call, way == "voice":
		m := settings.TrialModel{Sender: "Spoken (" + t.Script.Language + ")", Text: t.Script.Text, Thanks: t.Script.Thanks, Note: "At most two calls a day and three a week (R120)."}
		for _, k := range t.Script.Keys {
			m.Keys = append(m.Keys, k.Text)
		}
		return v.inFrame(m)
	case way == "text":
		return v.inFrame(settings.TrialModel{Sender: t.Message.Subject, Text: t.Message.Text})
	}
	v.w.Header().Set("Content-Security-Policy", assets.TrialPolicy)
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err = v.w.Write([]byte(t.Message.HTML))
	return ignoreGone(err)
}

func (v *visit) inFrame(m settings.TrialModel) error {
	v.w.Header().Set("Content-Security-Policy", assets.FramedPolicy())
	return v.show(settings.Trial(m))
}

func smsFacts(c sms.Count) []string {
	unit := "characters"
	room := "160 in one message, 153 in each part of a longer one"
	if c.Encoding == sms.UCS2 {
		room = "70 in one message, 67 in each part of a longer one, since a character is outside the alphabet of GSM"
	}
	parts := "1 message"
	if c.Segments > 1 {
		parts = fmt.Sprintf("%d messages, each is charged", c.Segments)
	}
	return []string{parts, fmt.Sprintf("%d %s in %s: %s", c.Units, unit, c.Encoding, room)}
}

func (v *visit) tryLetter() error {
	t, _, err := v.try()
	if f := fault.Of(err); err != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return v.show(settings.Trial(settings.TrialModel{Problems: []string{f.Message}}))
	}
	if err != nil {
		return err
	}
	if t.Letter == nil {
		return v.show(settings.Trial(settings.TrialModel{Problems: []string{"There is no postal address of this debtor, so there is no letter."}}))
	}
	v.w.Header().Set("Content-Type", "application/pdf")
	v.w.Header().Set("Content-Disposition", `inline; filename="letter.pdf"`)
	_, err = v.w.Write(t.Letter)
	return ignoreGone(err)
}
