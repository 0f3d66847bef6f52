// Package explain turns an error into what a person reads: a title that says
// what happened, the cause, and the next step, in Vietnamese or English.
//
// It is the one place where such texts are made; window, command line and
// bridge show the same words. It is not a translation of the program's labels.
package explain

import (
	"context"
	"errors"
	"io/fs"
	"strings"

	"kyso/app/docsys"
	"kyso/app/signing"
	"kyso/signer"
)

// Language of a message.
type Language string

// The languages of the program.
const (
	Vietnamese Language = "vi"
	English    Language = "en"
)

// Message is an error in three lines.
type Message struct {
	Title string `json:"title"` // what happened
	Cause string `json:"cause"` // why
	Next  string `json:"next"`  // what to do now
	// Code names the message in both languages; the support desk asks for it.
	Code string `json:"code"`
	// Detail is the error's own text, for the support desk.
	Detail string `json:"detail"`
}

// Lines gives the three lines as one text.
func (m Message) Lines() string {
	return strings.Join([]string{m.Title, m.Cause, m.Next}, "\n")
}

// For explains err. Every error has an answer; one that nobody foresaw says so
// and gives its own text as the cause.
func For(err error, lang Language) Message {
	if err == nil {
		return Message{}
	}
	code := codeOf(err)
	t := texts[code].in(lang)
	m := Message{Title: t[0], Cause: t[1], Next: t[2], Code: code, Detail: err.Error()}
	m.Cause = strings.NewReplacer("{detail}", detailOf(err), "{path}", pathOf(err),
		"{servers}", serversOf(err, lang), "{certificate}", certificateOf(err),
		"{weaknesses}", weaknessesOf(err, lang)).Replace(m.Cause)
	return m
}

// codeOf names the message for err: the first rule that fits, in order.
func codeOf(err error) string {
	if n, ok := errors.AsType[Named](err); ok {
		return known(n.ExplainCode(), codeUnknown)
	}
	if r, ok := errors.AsType[*signer.RefusalError](err); ok {
		return known("refused-"+r.Code, "refused")
	}
	if u, ok := errors.AsType[*signing.UnfitError](err); ok {
		return known("unfit-"+string(u.Fit), "unfit")
	}
	if m, ok := errors.AsType[*signer.MaterialError](err); ok {
		return known("material-"+m.Code, "material")
	}
	for _, r := range rules {
		if r.fits(err) {
			return r.code
		}
	}
	return codeUnknown
}

// Named is an error of a part that this package must not link; it names its
// own message.
type Named interface {
	error
	ExplainCode() string
}

// known gives code when it has a text of its own, else the general one.
func known(code, general string) string {
	if _, ok := texts[code]; ok {
		return code
	}
	return general
}

// A rule joins errors to a message.
type rule struct {
	code string
	fits func(error) bool
}

// is makes a rule's test from a sentinel.
func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// cancelled reports an end that the person asked for.
func cancelled(err error) bool { return errors.Is(err, context.Canceled) }

// replaceDetail puts the engine's own words into a cause.
func replaceDetail(cause, detail string) string {
	return strings.ReplaceAll(cause, "{detail}", detail)
}

// detailOf gives the innermost words worth showing: a server's own, else the error's.
func detailOf(err error) string {
	p, ok := errors.AsType[*docsys.Problem](err)
	switch {
	case ok && p.Detail != "":
		return p.Detail
	case ok:
		return p.Title
	}
	return err.Error()
}

// pathOf finds the file that an error names, or "".
func pathOf(err error) string {
	if l, ok := errors.AsType[*fs.PathError](err); ok {
		return l.Path
	}
	return ""
}
