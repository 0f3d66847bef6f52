package main

import (
	"context"
	"image"
	"strings"
	"time"

	"kyso/app/explain"
	"kyso/signer"
)

// A planned line is what --json prints of a file that was looked at.
type plannedLine struct {
	Kind     string        `json:"kind"`
	File     string        `json:"file"`
	Field    string        `json:"field"`
	NewField bool          `json:"new_field"`
	Marks    []plannedMark `json:"marks"`
	Level    signer.Level  `json:"level"`
	Bytes    int64         `json:"bytes"`
	Claims   []string      `json:"claims"`
	Lost     []string      `json:"lost"`
	Earlier  []earlierLine `json:"earlier"`
	Refusals []foundLine   `json:"refusals"`
	Warnings []foundLine   `json:"warnings"`
}

type plannedMark struct {
	Page  int        `json:"page"`
	Rect  [4]float64 `json:"rect"`
	Stamp bool       `json:"stamp"`
}

type earlierLine struct {
	Field     string `json:"field"`
	Signer    string `json:"signer"`
	Time      string `json:"time"`
	Revision  int    `json:"revision"`
	Revisions int    `json:"revisions"`
	Stays     bool   `json:"stays"`
}

type foundLine struct {
	Page            int `json:"page,omitempty"`
	explain.Message     //nolint:embeddedstructfieldcheck // where it is stands first
}

// runPlan tells what signing would do to files. It needs no token.
func runPlan(ctx context.Context, c *console, args []string) int {
	f := c.flags("plan")
	where := f.String("place", "invisible", "invisible, field:NAME or PAGE:X,Y,W,H")
	passwordFile := f.String("password-file", "", "file with the password of encrypted documents; - is standard input")
	if f.Parse(args) != nil {
		return exitUsage
	}
	p, err := parsePlace(*where)
	switch {
	case err != nil:
		return c.bad("--place %s: %v", *where, err)
	case p.kind == "auto":
		return c.bad("--place: invisible, field:NAME, PAGE:X,Y,W,H")
	case f.NArg() == 0:
		return c.bad("%s", c.text("chưa nêu tệp nào", "no file is named"))
	}
	req := signer.Request{Time: time.Now()}
	if req.Password, err = c.documentPassword(*passwordFile); err != nil {
		return c.bad("--password-file: %v", err)
	}
	defer clear(req.Password)
	req.Field = p.field
	if p.kind == "at" {
		// Any picture will do: the plan tells where it would stand.
		req.Marks = []signer.Mark{{Page: p.page, Rect: signer.Rect(p.rect), Image: image.NewGray(image.Rect(0, 0, 1, 1))}}
	}
	status := exitDone
	for _, file := range f.Args() {
		plan, err := signer.PlanFile(ctx, file, req)
		if err != nil {
			c.fail("unreadable", file, err)
			status = exitUsage
			continue
		}
		if len(plan.Refusals) > 0 && status == exitDone {
			status = exitFailed
		}
		c.object(c.planned(file, plan))
		c.plan(file, plan)
	}
	return status
}

// planned is a plan as JSON shows it.
func (c *console) planned(file string, p signer.Plan) plannedLine {
	out := plannedLine{
		Kind: "planned", File: file, Field: p.Field, NewField: p.NewField, Level: p.Level, Bytes: p.Bytes,
		Marks: []plannedMark{}, Claims: append([]string{}, p.Claims...), Lost: append([]string{}, p.Lost...),
		Earlier: []earlierLine{}, Refusals: []foundLine{}, Warnings: []foundLine{},
	}
	for _, m := range p.Marks {
		out.Marks = append(out.Marks, plannedMark{m.Page, [4]float64{m.Rect.X, m.Rect.Y, m.Rect.W, m.Rect.H}, m.Stamp})
	}
	for _, e := range p.Earlier {
		out.Earlier = append(out.Earlier, earlierLine(e))
	}
	for _, r := range p.Refusals {
		out.Refusals = append(out.Refusals, foundLine{r.Page, explain.Refusal(r, c.lang)})
	}
	for _, w := range p.Warnings {
		out.Warnings = append(out.Warnings, foundLine{w.Page, explain.Warning(w, c.lang)})
	}
	return out
}

// plan prints a plan for people.
func (c *console) plan(file string, p signer.Plan) {
	if len(p.Refusals) > 0 {
		c.say("%s: %s", file, c.text("không ký được", "cannot be signed"))
	} else {
		c.say("%s: %s", file, c.text("ký được", "can be signed"))
		what := c.text("ô chữ ký có sẵn", "existing field")
		if p.NewField {
			what = c.text("ô chữ ký mới", "new field")
		}
		c.say("  %s %s, %s, %s %d %s", what, p.Field, p.Level, c.text("thêm khoảng", "about"), p.Bytes, c.text("byte", "bytes more"))
	}
	for _, m := range p.Marks {
		c.say("  %s %d: %.0f,%.0f %.0f×%.0f", c.text("trang", "page"), m.Page, m.Rect.X, m.Rect.Y, m.Rect.W, m.Rect.H)
	}
	if len(p.Claims) > 0 {
		c.say("  %s: %s", c.text("Chuẩn của tệp", "Standards"), strings.Join(p.Claims, ", "))
	}
	if len(p.Lost) > 0 {
		c.say("  %s: %s", c.text("Không còn giữ được", "Not kept"), strings.Join(p.Lost, ", "))
	}
	for _, e := range p.Earlier {
		stays := c.text("giữ nguyên", "stays as it is")
		if !e.Stays {
			stays = c.text("không được thêm chữ ký", "allows no further signature")
		}
		c.say("  %s %s (%s): %s %d/%d, %s", c.text("chữ ký", "signature"), e.Field, e.Signer,
			c.text("lần cập nhật", "revision"), e.Revision, e.Revisions, stays)
	}
	for _, r := range p.Refusals {
		c.found(c.text("Từ chối", "Refused"), r.Page, explain.Refusal(r, c.lang))
	}
	for _, w := range p.Warnings {
		c.found(c.text("Lưu ý", "Note"), w.Page, explain.Warning(w, c.lang))
	}
}

// found prints one finding: what it is, why and what to do.
func (c *console) found(kind string, page int, m explain.Message) {
	if page > 0 {
		c.say("  %s (%s %d): %s", kind, c.text("trang", "page"), page, m.Title)
	} else {
		c.say("  %s: %s", kind, m.Title)
	}
	c.say("    %s", m.Cause)
	c.say("    %s", m.Next)
}
