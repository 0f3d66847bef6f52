package main

import (
	"context"

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
	}
)

// runToken lists what is plugged in.
func runToken(ctx context.Context, c *console, args []string) int {
	if len(args) == 0 || args[0] != "list" {
		return c.bad("token list [--module PATH]...")
	}
	f := c.flags("token list")
	var modules list
	f.Var(&modules, "module", "PKCS#11 module; may be repeated")
	helper := f.String("helper", "", "the kyso-token program; beside this one without it")
	if f.Parse(args[1:]) != nil {
		return exitUsage
	}
	s, err := app.Start(ctx, app.Options{Helper: *helper, Modules: modules, OnlyModules: len(modules) > 0, NoOutbox: true})
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	defer s.Close() //nolint:errcheck // nothing is written any more
	found, err := s.Road.Keys(ctx)
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	c.listFound(found)
	return exitDone
}

// listFound prints modules, then certificates.
func (c *console) listFound(found signing.Found) {
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
	for _, k := range found.Keys {
		c.object(certificateLine{Kind: "certificate", Module: k.Module, Token: k.Token, Subject: k.Subject, Fit: k.Fit})
		c.say("%s  %-13s %s · %s · %s (%s, %s %s)", k.Subject.SHA256[:16], k.Fit, k.Subject.Name, k.Subject.Unit, k.Subject.Title,
			k.Token.Label, c.text("đến", "until"), k.Subject.NotAfter.In(docsys.Hanoi()).Format("02/01/2006"))
	}
}
