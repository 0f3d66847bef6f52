package explain_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"kyso/app/explain"
	"kyso/app/settings"
	"kyso/app/signing"
	"kyso/signer/cert"
	"kyso/signer/token"
)

func offer(change func(*signing.Offer)) signing.Offer {
	until := time.Date(2027, 3, 1, 2, 0, 0, 0, time.UTC)
	o := signing.Offer{Usable: true, Counter: token.PINReady, Key: signing.Key{Subject: cert.Subject{NotBefore: until.AddDate(-1, 0, 0), NotAfter: until}}}
	change(&o)
	return o
}

func TestACertificateHasTheNotesThatItNeeds(t *testing.T) {
	for name, c := range map[string]struct {
		offer signing.Offer
		want  []string
	}{
		"a good one":      {offer(func(*signing.Offer) {}), nil},
		"a key in a file": {offer(func(o *signing.Offer) { o.Soft = true }), []string{"soft"}},
		"one try, 30 days": {offer(func(o *signing.Offer) {
			o.Counter, o.Expiry = token.PINFinal, signing.Expiry{Level: signing.ExpiryWarning, Days: 30}
		}), []string{"pin-final", "expiry-warning"}},
		"the last day":       {offer(func(o *signing.Offer) { o.Expiry = signing.Expiry{Level: signing.ExpiryUrgent} }), []string{"expiry-today"}},
		"an expired one":     {offer(func(o *signing.Offer) { o.Usable, o.WhyNot = false, cert.Expired }), []string{"why-expired"}},
		"a forbidden file":   {offer(func(o *signing.Offer) { o.Usable, o.WhyNot, o.Soft = false, signing.WhySoft, true }), []string{"why-soft-key-forbidden", "soft"}},
		"a counter not told": {offer(func(o *signing.Offer) { o.Counter = "" }), nil},
	} {
		t.Run(name, func(t *testing.T) {
			vi, en := explain.Notes(c.offer, explain.Vietnamese), explain.Notes(c.offer, explain.English)
			var got []string
			for i, n := range vi {
				got = append(got, n.Code)
				if n.Text == "" || n.Text == en[i].Text || n.Level == "" || strings.Contains(n.Text+en[i].Text, "{") {
					t.Errorf("%+v, %+v", n, en[i])
				}
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestEveryReasonNotToChooseACertificateHasWords(t *testing.T) {
	for _, why := range []cert.Fitness{cert.IsCA, cert.NoKey, cert.NotYetValid, cert.Expired, cert.WrongUse, cert.WeakKey, cert.Unreadable, cert.Revoked, signing.WhySoft} {
		if got := explain.Notes(offer(func(o *signing.Offer) { o.Usable, o.WhyNot = false, why }), explain.Vietnamese); len(got) != 1 {
			t.Errorf("%s: got %v", why, got)
		}
	}
	got := explain.Notes(offer(func(o *signing.Offer) { o.Usable, o.WhyNot = false, cert.Expired }), explain.Vietnamese)
	if want := "Đã hết hạn ngày 01/03/2027"; got[0].Text != want {
		t.Errorf("got %q, want %q", got[0].Text, want)
	}
}

func TestWhatIsWeakAboutAPINIsToldInWords(t *testing.T) {
	err := fmt.Errorf("change: %w", &signing.WeakPINError{Weaknesses: []token.Weakness{token.WeakSequence, token.WeakDate}})
	if got := explain.For(err, explain.Vietnamese); got.Code != "weak-pin" || !strings.Contains(got.Cause, "123456") || !strings.Contains(got.Cause, "ngày tháng") {
		t.Errorf("got %+v", got)
	}
	for _, w := range []token.Weakness{
		token.WeakShort, token.WeakLong, token.WeakCharacters, token.WeakUnchanged, token.WeakSame, token.WeakSequence, token.WeakRepeated, token.WeakDate,
	} {
		if vi, en := explain.Weakness(w, explain.Vietnamese), explain.Weakness(w, explain.English); vi == en || vi == string(w) {
			t.Errorf("%s: %q, %q", w, vi, en)
		}
	}
}

func TestErrorsOfBatchesAndOfTheAdministratorsFileAreExplained(t *testing.T) {
	for want, err := range map[string]error{
		"changed-file": signing.ErrChanged, "batch-busy": signing.ErrBusy, "no-documents": signing.ErrNoDocuments, "other-level": signing.ErrOtherLevel,
		"policy-owner": settings.ErrNotAdministrators, "policy": settings.ErrPolicy,
	} {
		vi, en := explain.For(fmt.Errorf("x: %w", err), explain.Vietnamese), explain.For(fmt.Errorf("x: %w", err), explain.English)
		if vi.Code != want || vi.Title == en.Title || strings.Contains(vi.Lines(), "{") {
			t.Errorf("got %+v, want %s", vi, want)
		}
	}
}
