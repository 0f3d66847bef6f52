package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"kyso/app/verdict"
	"kyso/signer/bundle"
	"kyso/signer/truststore"
)

// runEvidence lists, replays and destroys kept evidence.
func runEvidence(_ context.Context, c *console, args []string) int {
	f := c.flags("evidence")
	if f.Parse(args) != nil || f.NArg() == 0 {
		return c.bad("%s", "evidence list|replay|destroy DIR [NAME]...")
	}
	what := f.Arg(0)
	if f.Parse(f.Args()[1:]) != nil || f.NArg() == 0 {
		return c.bad("%s", "evidence list|replay|destroy DIR [NAME]...")
	}
	k, err := bundle.Open(f.Arg(0))
	if err != nil {
		return c.bad("%v", err)
	}
	names := f.Args()[1:]
	if len(names) == 0 && what != "destroy" {
		if names, err = k.Names(); err != nil {
			return c.bad("%v", err)
		}
	}
	return c.each(names, func(name string) error { return c.evidence(what, k, name) })
}

// An evidence line is what --json prints of a kept bundle.
type evidenceLine struct {
	Kind string `json:"kind"` // "kept", "replayed" or "destroyed"
	Name string `json:"name"`
	Word string `json:"word,omitempty"`
}

var errEvidenceCommand = errors.New("list, replay or destroy")

func (c *console) evidence(what string, k *bundle.Keeper, name string) error {
	switch what {
	case "list":
		c.object(evidenceLine{Kind: "kept", Name: name})
		c.say("%s", name)
	case "replay":
		b, err := k.Load(name)
		if err != nil {
			return err
		}
		r, err := b.Replay()
		if err != nil {
			return err
		}
		c.object(evidenceLine{Kind: "replayed", Name: name, Word: r.Indication.Word()})
		c.say("%s", verdict.New(name, b.SHA256[:], r).Text(c.language()))
	case "destroy":
		if err := k.Destroy(name); err != nil {
			return err
		}
		c.object(evidenceLine{Kind: "destroyed", Name: name})
		c.say("%s: %s", name, c.text("đã hủy", "destroyed"))
	default:
		return errEvidenceCommand
	}
	return nil
}

// A trusted line is what --json prints of a certificate in the trust store.
type trustedLine struct {
	Kind             string `json:"kind"`
	truststore.Entry        //nolint:embeddedstructfieldcheck // "kind" stands first in the line
}

// runTrust shows, adds and removes certificates of a trust store.
func runTrust(_ context.Context, c *console, args []string) int {
	f := c.flags("trust")
	pin := f.String("pin", "", "SHA-256 of the certificate as its owner published it")
	usage := "trust list DIR | trust add [--pin SHA256] DIR FILE... | trust remove DIR SHA256..."
	if f.Parse(args) != nil || f.NArg() == 0 {
		return c.bad("%s", usage)
	}
	what := f.Arg(0)
	if f.Parse(f.Args()[1:]) != nil || f.NArg() == 0 || what != "list" && f.NArg() < 2 {
		return c.bad("%s", usage)
	}
	s, err := truststore.Open(f.Arg(0))
	if err != nil {
		return c.bad("%v", err)
	}
	switch what {
	case "list":
		all, err := s.List()
		if err != nil {
			return c.bad("%v", err)
		}
		c.trusted("trusted", all)
		return exitDone
	case "add":
		return c.each(f.Args()[1:], func(path string) error {
			b, err := os.ReadFile(path)
			if err != nil {
				return fmt.Errorf("read the certificate: %w", err)
			}
			added, err := s.Add(b, *pin, time.Now())
			c.trusted("added", added)
			return err
		})
	case "remove":
		return c.each(f.Args()[1:], s.Remove)
	}
	return c.bad("%s", usage)
}

// each does something with every name and tells what failed.
func (c *console) each(names []string, do func(name string) error) int {
	status := exitDone
	for _, name := range names {
		if err := do(name); err != nil {
			c.fail("failed", name, err)
			status = exitFailed
		}
	}
	return status
}

// trusted prints certificates with their fingerprints, which the person compares
// with what the CA published.
func (c *console) trusted(kind string, all []truststore.Entry) {
	for _, e := range all {
		c.object(trustedLine{kind, e})
		root := c.text("trung gian", "intermediate")
		if e.Root {
			root = c.text("gốc", "root")
		}
		if e.Pinned {
			root += c.text(", đã ghim dấu vân tay", ", pinned")
		}
		c.say("%s (%s)\n  SHA-256 %s\n  %s – %s", e.Name, root, e.SHA256, e.NotBefore.Format(time.DateOnly), e.NotAfter.Format(time.DateOnly))
	}
}
