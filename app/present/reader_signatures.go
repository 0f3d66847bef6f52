package present

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kyso/app/placement"
	"kyso/app/verdict"
	"kyso/signer/verify"
)

// Examiner judges the signatures that a file has already.
type Examiner interface {
	// Examine judges with what the file holds; with ask it asks CAs what the file
	// leaves open. A file without signatures is a report without any. The error is
	// that of reading.
	Examine(ctx context.Context, path string, password []byte, ask bool) (verify.Report, error)
}

// Signatures are the signatures that a document has, with the verdicts.
type Signatures struct {
	// Looking reports that they are being judged; Asking that the verdicts stand
	// on the file alone and CAs are being asked.
	Looking, Asking bool
	// Problem says why they could not be judged, nil when they were.
	Problem *Problem
	// Summary is one sentence about all of them.
	Summary Text
	Tone    Tone
	List    []Signed
	// Chosen is the signature whose places are framed, -1 for none.
	Chosen int
}

// Signed is one signature. What the words say is in the person's language.
type Signed struct {
	Name string
	// Post is the title and the unit as the certificate has them.
	Post string
	// At is when, Source how that is known.
	At, Source string
	// Word is the verdict, Reason why it is not better.
	Word, Reason string
	Tone         Tone
	Issuer       string
	// Purpose is what the signer's program wrote as the reason, Level the PAdES level.
	Purpose, Level string
	// Stamp reports a document time-stamp: no person signed.
	Stamp bool
	// Bytes says whether the document is as it was signed.
	Bytes string
	// After is what later revisions did, page by page; Warnings what needs a look.
	After    []Since
	Warnings []string
	// Places are where its marks stand; none for an invisible signature.
	Places []Spot
	// Open reports that the person wants to see all of it.
	Open bool
}

// Since is what came after a signature on some pages.
type Since struct {
	// Pages names them, such as "2" or "1–4, 7"; empty for the file as a whole.
	Pages string
	// What says it in words, once each; Permitted reports that all of it may be.
	What      []string
	Permitted bool
}

// Spot is a place on a page.
type Spot struct {
	Page int
	Rect placement.Rect
}

// examine judges the signatures of the document that is shown: with the file
// alone first, and with the CAs' answers where they are wanting.
func (r *Reader) examine() {
	if r.services.Examiner == nil {
		return
	}
	r.state.Signatures = Signatures{Looking: true, Chosen: -1, Summary: say("signatures.looking")}
	r.judge(false)
}

// judge is one round of it.
func (r *Reader) judge(ask bool) {
	serial, path, password := r.state.Serial, r.path, bytes.Clone(r.password)
	r.loop.Go(func(ctx context.Context) func() {
		defer clear(password)
		report, err := r.services.Examiner.Examine(ctx, path, password, ask)
		return func() {
			if serial != r.state.Serial {
				return
			}
			r.judged(report, err, ask)
		}
	})
}

// judged shows what came of a round.
func (r *Reader) judged(report verify.Report, err error, asked bool) {
	s := &r.state.Signatures
	s.Looking, s.Asking = false, false
	switch {
	case err != nil && asked: // what the file says stays
	case err != nil:
		s.Problem, s.Summary, s.Tone = r.services.problem(err), say("signatures.unknown"), Caution
	default:
		open := s.Chosen
		s.List = r.services.signed(report)
		s.Summary, s.Tone = summary(s.List)
		if open >= 0 && open < len(s.List) {
			s.List[open].Open = true
		}
		s.Asking = !asked && slices.ContainsFunc(report.Signatures, unanswered)
	}
	r.Changed(r.state)
	if s.Asking {
		r.judge(true)
	}
}

// unanswered reports a signature about which a CA may still say something.
func unanswered(s verify.Signature) bool {
	return s.Indication == verify.Indeterminate && s.SubIndication == verify.TryLater
}

// Choose frames the places of a signature and shows all of it; the one that is
// chosen already is let go. It gives the place to show, page 0 for none.
func (r *Reader) Choose(signature int) Spot {
	s := &r.state.Signatures
	if signature < 0 || signature >= len(s.List) {
		return Spot{}
	}
	s.List = slices.Clone(s.List) // states that were handed out stay as they are
	again := s.Chosen == signature
	for i := range s.List {
		s.List[i].Open = i == signature && !again
	}
	s.Chosen = signature
	if again {
		s.Chosen = -1
	}
	r.Changed(r.state)
	if again || len(s.List[signature].Places) == 0 {
		return Spot{}
	}
	return s.List[signature].Places[0]
}

// summary is one sentence about all signatures; the worst decides.
func summary(list []Signed) (Text, Tone) {
	counts := map[Tone]int{}
	for _, s := range list {
		counts[s.Tone]++
	}
	switch {
	case len(list) == 0:
		return say("signatures.none"), Plain
	case counts[Bad] > 0:
		return say("signatures.bad", "Count", counts[Bad], "Of", len(list)), Bad
	case counts[Caution] > 0:
		return say("signatures.doubtful", "Count", counts[Caution], "Of", len(list)), Caution
	}
	return say("signatures.good", "Count", len(list)), Good
}

// signed puts a report into words.
func (s *Services) signed(report verify.Report) []Signed {
	l := s.Verdicts()
	var out []Signed
	for _, v := range verdict.New("", nil, report).Signatures {
		j := v.Judged
		one := Signed{
			Name: cmp.Or(v.Signer, v.Field), Post: post(j.Signer.Title, v.ManagingUnit),
			At: Moment(v.SigningTime.At), Source: l.Source(v.SigningTime),
			Word: l.Word(j.Indication), Reason: capital(l.Reason(j.SubIndication)), Tone: toneOf(j),
			Issuer: v.Issuer, Purpose: j.Reason, Level: j.Level, Stamp: j.SubFilter == "ETSI.RFC3161",
			Bytes: capital(v.Bytes(l)), After: since(l, j.Changes),
		}
		for _, w := range j.Warnings {
			text := capital(l.Warning(w))
			if w.Page > 0 {
				text += l.OnPage(w.Page)
			}
			one.Warnings = append(one.Warnings, text)
		}
		for _, p := range j.Places {
			one.Places = append(one.Places, Spot{p.Page, rectOf(p.Rect)})
		}
		if len(j.Places) == 0 && j.Page > 0 {
			one.Places = []Spot{{j.Page, rectOf(j.Rect)}}
		}
		out = append(out, one)
	}
	return out
}

// toneOf is the colour of a verdict: what needs a look is never green.
func toneOf(s verify.Signature) Tone {
	switch {
	case s.Indication == verify.TotalFailed:
		return Bad
	case s.Indication == verify.TotalPassed && len(s.Warnings) == 0:
		return Good
	}
	return Caution
}

// post joins a title and a unit.
func post(title, unit string) string {
	parts := slices.DeleteFunc([]string{title, unit}, func(s string) bool { return s == "" })
	return strings.Join(parts, " · ")
}

// rectOf gives a report's rectangle.
func rectOf(r [4]float64) placement.Rect { return placement.Rect{X: r[0], Y: r[1], W: r[2], H: r[3]} }

// capital gives a text with a capital letter at its beginning.
func capital(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// since sorts changes by page, joins pages on which the same was done, and says
// each thing once.
func since(l verdict.Language, changes []verify.Change) []Since {
	type done struct {
		what      []string
		permitted bool
	}
	pages := map[int]*done{}
	forbidden := func(c verify.Change) bool { return !c.Allowed }
	permitted := slices.DeleteFunc(slices.Clone(changes), forbidden)
	first := slices.DeleteFunc(slices.Clone(changes), func(c verify.Change) bool { return c.Allowed })
	for _, c := range append(first, permitted...) { // what is not permitted is told first
		d := pages[c.Page]
		if d == nil {
			d = &done{permitted: true}
			pages[c.Page] = d
		}
		d.permitted = d.permitted && c.Allowed
		if text := capital(l.Change(c)); !slices.Contains(d.what, text) {
			d.what = append(d.what, text)
		}
	}
	var out []Since
	var same []int // the pages of the last of out
	for _, page := range slices.Sorted(maps.Keys(pages)) {
		d := pages[page]
		if last := len(out) - 1; len(same) > 0 && slices.Equal(out[last].What, d.what) {
			same = append(same, page)
			out[last].Pages = Ranges(same)
			continue
		}
		one := Since{What: d.what, Permitted: d.permitted}
		if same = nil; page > 0 {
			same = []int{page}
			one.Pages = Ranges(same)
		}
		out = append(out, one)
	}
	return out
}

// Ranges writes sorted page numbers as people do: "1–4, 7".
func Ranges(pages []int) string {
	var parts []string
	for i := 0; i < len(pages); {
		j := i
		for j+1 < len(pages) && pages[j+1] == pages[j]+1 {
			j++
		}
		switch {
		case i == j:
			parts = append(parts, strconv.Itoa(pages[i]))
		case j == i+1:
			parts = append(parts, strconv.Itoa(pages[i]), strconv.Itoa(pages[j]))
		default:
			parts = append(parts, strconv.Itoa(pages[i])+"–"+strconv.Itoa(pages[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, ", ")
}
