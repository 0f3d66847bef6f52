package main

import (
	"context"
	"time"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/explain"
	"kyso/app/signing"
	"kyso/signer/cert"
	"kyso/signer/token"
)

// The lines that --json prints of modules and certificates.
type (
	moduleLine struct {
		Kind   string           `json:"kind"`
		Path   string           `json:"path"`
		Tokens int              `json:"tokens"`
		Error  *explain.Message `json:"error,omitempty"`
	}
	certificateLine struct {
		Kind    string       `json:"kind"`
		Module  string       `json:"module"`
		Token   token.Info   `json:"token"`
		Subject cert.Subject `json:"subject"`
		Fit     cert.Fitness `json:"fit"`
		// Usable is false where it may not be chosen; the first note says why.
		Usable   bool           `json:"usable"`
		Soft     bool           `json:"soft"` // a key in a file, not a token
		Use      signing.Use    `json:"use"`
		DaysLeft int            `json:"days_left"` // of a usable one
		Last     bool           `json:"last,omitempty"`
		Notes    []explain.Note `json:"notes,omitempty"`
	}
)

// runToken lists what is plugged in, or changes a PIN.
func runToken(ctx context.Context, c *console, args []string) int {
	if len(args) > 0 && args[0] == "change-pin" {
		return runChangePIN(ctx, c, args[1:])
	}
	if len(args) == 0 || args[0] != "list" {
		return c.bad("token list [--module PATH]... | token change-pin [--module PATH]... [--token TEXT]")
	}
	f := c.flags("token list")
	var modules list
	f.Var(&modules, "module", "PKCS#11 module; may be repeated")
	helper := f.String("helper", "", "the kyso-token program; beside this one without it")
	keyFile := f.String("p12", "", "key in a file (.p12, .pfx), where the administrator allows it")
	pinFile := f.String("pin-file", "", "file with its password; - is standard input")
	if f.Parse(args[1:]) != nil {
		return exitUsage
	}
	s, err := app.Start(ctx, app.Options{Helper: *helper, Modules: modules, OnlyModules: len(modules) > 0, NoOutbox: true})
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	defer s.Close() //nolint:errcheck // nothing is written any more
	if status := c.openKeyFile(s, *keyFile, *pinFile); status != exitDone {
		return status
	}
	found, err := s.Road.Keys(ctx)
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	c.listFound(found, s.Road.Offers(found, signing.OfferOptions{At: time.Now(), Last: s.Effective.LastCertificate}))
	return exitDone
}

// listFound prints modules, then certificates: those that may be chosen first,
// each with what a person should know of it.
func (c *console) listFound(found signing.Found, offers []signing.Offer) {
	for _, m := range found.Modules {
		line := moduleLine{Kind: "module", Path: m.Path, Tokens: m.Tokens}
		if m.Err != nil {
			e := explain.For(m.Err, c.lang)
			line.Error = &e
			c.say("%s: %s %s", m.Path, e.Title, e.Detail)
		} else {
			c.say("%s: %d %s", m.Path, m.Tokens, c.text("thiết bị", "tokens"))
		}
		c.object(line)
	}
	if len(found.Modules) == 0 {
		c.say("%s", explain.For(&token.Error{Kind: token.KindDriverMissing}, c.lang).Lines())
	}
	for _, o := range offers {
		k := o.Key
		notes := explain.Notes(o, c.lang)
		c.object(certificateLine{
			Kind: "certificate", Module: k.Module, Token: k.Token, Subject: k.Subject, Fit: k.Fit,
			Usable: o.Usable, Soft: o.Soft, Use: o.Use, DaysLeft: o.Expiry.Days, Last: o.Last, Notes: notes,
		})
		c.say("%s  %-13s %s · %s · %s (%s, %s %s)", k.Subject.SHA256[:min(16, len(k.Subject.SHA256))], k.Fit, k.Subject.Name, k.Subject.Unit, k.Subject.Title,
			k.Token.Label, c.text("đến", "until"), k.Subject.NotAfter.In(docsys.Hanoi()).Format("02/01/2006"))
		for _, n := range notes {
			c.say("    %s", n.Text)
		}
	}
}
