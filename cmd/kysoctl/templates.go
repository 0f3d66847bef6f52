package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"

	"kyso/app/docsys"
)

// A templates line is what --json prints of the templates of marks.
type templatesLine struct {
	Kind                 string `json:"kind"`
	docsys.MarkTemplates        //nolint:embeddedstructfieldcheck // "kind" stands first in the line
}

// runTemplates shows how the agency wants marks to look, or sets it.
func runTemplates(ctx context.Context, c *console, args []string) int {
	var a account
	f := c.flags("templates")
	a.options(f)
	set := f.String("set", "", "file with the templates as --json shows them, to replace those of the server")
	check := f.String("check", "", "file with templates that are only to be judged; no server is asked")
	if f.Parse(args) != nil {
		return exitUsage
	}
	if f.NArg() != 0 || *set != "" && *check != "" {
		return c.bad("templates ACCOUNT [--set FILE] | templates --check FILE")
	}
	var wanted docsys.MarkTemplates
	if file := *set + *check; file != "" {
		var err error
		if wanted, err = readTemplates(file); err != nil {
			return c.bad("%s: %v", file, err)
		}
		if why := wanted.Check(); why != "" {
			return c.bad("%s: %s", file, why)
		}
	}
	if *check != "" {
		c.templates(wanted)
		return exitDone
	}
	l, status := a.connect(ctx, c)
	if status != exitDone {
		return status
	}
	m, _, err := l.client.Templates(ctx, "")
	if err == nil && *set != "" {
		m.MarkTemplates, err = replaceTemplates(ctx, l.client, m, wanted)
	}
	if err != nil {
		c.fail("failed", *set, err)
		return exitFailed
	}
	c.templates(m.MarkTemplates)
	return exitDone
}

// readTemplates reads what --json shows; a field that is unknown may be a
// misspelt one, and is refused.
func readTemplates(file string) (docsys.MarkTemplates, error) {
	f, err := os.Open(file)
	if err != nil {
		return docsys.MarkTemplates{}, fmt.Errorf("open the templates: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	var line templatesLine
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(&line); err != nil {
		return docsys.MarkTemplates{}, fmt.Errorf("read the templates: %w", err)
	}
	return line.MarkTemplates, nil
}

// replaceTemplates sets templates that were made from those of the server; older
// ones get the refusal that the server has for them.
func replaceTemplates(ctx context.Context, client *docsys.Client, now docsys.TaggedTemplates, wanted docsys.MarkTemplates) (docsys.MarkTemplates, error) {
	if wanted.Version != now.Version {
		return docsys.MarkTemplates{}, &docsys.Problem{
			Type: "/problems/newer-templates", Status: http.StatusPreconditionFailed, Title: "Người khác đã đặt mẫu mới hơn",
			Detail: fmt.Sprintf("bản trong tệp là %d, trên máy chủ là %d", wanted.Version, now.Version),
		}
	}
	return client.SetTemplates(ctx, wanted, now.Tag)
}

// templates prints templates.
func (c *console) templates(m docsys.MarkTemplates) {
	if m.Templates == nil {
		m.Templates = []docsys.MarkTemplate{}
	}
	c.object(templatesLine{"templates", m})
	c.say(c.text("Mẫu dấu, lần %d. Căn cứ: %s", "Templates of marks, version %d. Basis: %s"), m.Version, m.Basis)
	for _, t := range m.Templates {
		parts := []string{c.text("chữ", "text")}
		if t.Picture {
			parts[0] = c.text("ảnh", "picture")
		}
		if t.Opacity != 0 {
			parts = append(parts, fmt.Sprintf("%d %%", t.Opacity))
		}
		if t.Locked {
			parts = append(parts, c.text("bắt buộc", "fixed"))
		}
		if t.Text != "" {
			parts = append(parts, fmt.Sprintf("“%s”", t.Text))
		}
		c.say("  %-9s %4g × %-4g mm  %s", t.Role, t.Width, t.Height, strings.Join(append(parts, t.Lines...), ", "))
	}
}
