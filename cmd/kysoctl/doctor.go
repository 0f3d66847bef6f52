package main

import (
	"context"

	"kyso/app"
	"kyso/app/doctor"
)

// programVersion agrees with FyneApp.toml.
const programVersion = "0.1.0"

// A finding line is what --json prints of one thing that was looked at.
type findingLine struct {
	Kind    string            `json:"kind"`
	Group   doctor.Group      `json:"group"`
	State   doctor.State      `json:"state"`
	Code    string            `json:"code"`
	Title   string            `json:"title"`
	Cause   string            `json:"cause,omitempty"`
	Next    string            `json:"next,omitempty"`
	Details map[string]string `json:"details,omitempty"`
}

// A report line ends the JSON of the doctor.
type reportLine struct {
	Kind  string               `json:"kind"`
	State doctor.State         `json:"state"`
	Count map[doctor.State]int `json:"count"`
	TookM int64                `json:"took_ms"`
	Zip   string               `json:"zip,omitempty"`
}

// runDoctor says what is there and what is missing.
func runDoctor(ctx context.Context, c *console, args []string) int {
	f := c.flags("doctor")
	var modules, stamps list
	f.Var(&modules, "module", "PKCS#11 module; may be repeated")
	only := f.Bool("only", false, "look into the modules named and no others")
	f.Var(&stamps, "tsa", "time-stamping server; may be repeated")
	helper := f.String("helper", "", "the kyso-token program; beside this one without it")
	server := f.String("server", "", "base URL of the document server")
	data := f.String("data", "", "the program's folder")
	trust := f.String("trust", "", "folder of trust anchors")
	zip := f.String("zip", "", "write the file for the support desk, without personal data")
	details := f.Bool("details", false, "list the details, too")
	if f.Parse(args) != nil || f.NArg() > 0 {
		return exitUsage
	}
	a, config := app.NewCheckup(app.Options{
		Data: *data, Helper: *helper, Modules: modules, OnlyModules: *only, TimeStampServers: stamps, Trust: *trust,
	}, programVersion)
	defer a.Close() //nolint:errcheck // nothing was written
	if *server != "" {
		config.Server = *server
	}
	return c.report(doctor.Run(ctx, config, nil), *zip, *details)
}

// report prints what was found, writes the support file and gives the status.
func (c *console) report(r doctor.Report, zip string, details bool) int {
	if !c.json {
		if err := r.WriteText(c.out, c.lang, details); err != nil {
			return exitFailed
		}
	}
	for _, f := range r.Findings {
		m := f.Say(c.lang)
		line := findingLine{Kind: "finding", Group: f.Group, State: f.State, Code: f.Code, Title: m.Title, Cause: m.Cause, Next: m.Next, Details: map[string]string{}}
		for _, d := range f.Details {
			line.Details[d.Name] = d.Shown(c.lang)
		}
		c.object(line)
	}
	if zip != "" {
		if err := r.SaveZip(zip, c.lang); err != nil {
			c.fail("failed", zip, err)
			return exitFailed
		}
		c.say("\n%s %s", c.text("Đã lưu tệp hỗ trợ (không có mã PIN, không có dữ liệu cá nhân):", "The support file (no PIN, no personal data):"), zip)
	}
	c.object(reportLine{
		Kind: "report", State: r.State(), TookM: r.Took.Milliseconds(), Zip: zip,
		Count: map[doctor.State]int{doctor.OK: r.Count(doctor.OK), doctor.Unknown: r.Count(doctor.Unknown), doctor.Warn: r.Count(doctor.Warn), doctor.Bad: r.Count(doctor.Bad)},
	})
	if r.State() == doctor.Bad {
		return exitFailed
	}
	return exitDone
}
