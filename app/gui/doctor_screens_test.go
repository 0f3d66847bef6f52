package gui_test

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"kyso/app/docsys"
	"kyso/app/docsys/auditlog"
	"kyso/app/doctor"
	"kyso/app/explain"
	"kyso/app/gui/control"
	"kyso/app/present"
	"kyso/app/secrecy"
)

// ward is a clinic that finds what the scenario wants.
type ward struct {
	lang explain.Language
	all  []doctor.Finding
	fail error // of saving
}

func (c *ward) Check(context.Context, present.Screen, func(doctor.Progress)) doctor.Report {
	return doctor.Report{Began: now(), Version: "1.0", Findings: c.all}
}

func (c *ward) Save(doctor.Report) (string, error) {
	return "/home/khoi/Tài liệu/kyso-ho-tro-2026-11-25.zip", c.fail
}
func (c *ward) Language() explain.Language { return c.lang }

// of makes a finding from pairs of name and text.
func of(g doctor.Group, s doctor.State, code string, pairs ...string) doctor.Finding {
	f := doctor.Finding{Group: g, State: s, Code: code}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Values = append(f.Values, doctor.Value{Name: pairs[i], Sort: doctor.Plain, Text: pairs[i+1]})
	}
	return f
}

// well is what a machine is found like on which everything works.
func well() []doctor.Finding {
	return []doctor.Finding{
		of(doctor.Tokens, doctor.OK, "token-ready", "token", "Thiết bị của Trần Minh Khôi", "count", "2"),
		of(doctor.Drivers, doctor.OK, "driver-ok", "driver", "/usr/lib/libvendor_csp11_v1.so", "count", "1"),
		of(doctor.Certificate, doctor.OK, "cert-ok", "name", "Trần Minh Khôi", "to", "25/11/2028"),
		of(doctor.Outbox, doctor.OK, "outbox-empty"),
	}
}

// ill is what a machine is found like on which much does not.
func ill() []doctor.Finding {
	broken := of(doctor.Drivers, doctor.Bad, "driver-libraries", "driver", "/opt/hang-san-xuat/lib/libcryptoide_pkcs11.so", "libraries", "libpcsclite.so.1, libssl.so.1.0.0")
	broken.Details = []doctor.Value{{Name: "error", Sort: doctor.Plain, Text: "libpcsclite.so.1: cannot open shared object file: No such file or directory"}}
	return []doctor.Finding{
		of(doctor.Tokens, doctor.Warn, "token-final", "token", "Thiết bị của Nguyễn Thị Hoàng Ngọc Phương Thảo Anh"),
		broken,
		of(doctor.Drivers, doctor.OK, "driver-ok", "driver", "/usr/lib/libvendor_csp11_v1.so", "count", "1"),
		of(doctor.Certificate, doctor.Warn, "cert-30", "name", "Trần Minh Khôi", "days", "21", "to", "16/12/2026"),
		of(doctor.Server, doctor.Bad, "server-slow", "server", "https://vanban.kimlien.gov.vn"),
		of(doctor.Outbox, doctor.OK, "outbox-empty"),
	}
}

// doctorScenarios are the states of the check-up.
func doctorScenarios() []scenario {
	found := func(all []doctor.Finding, fail error) func(*office) {
		return func(o *office) { o.clinic = &ward{lang: explain.Language(o.lang), all: all, fail: fail} }
	}
	run := func(o *office) { o.desk.Go(present.PlaceDoctor) }
	visit := func(o *office) { run(o); o.settle() }
	tick := func(o *office) {
		for _, found := range test.LaidOutObjects(o.window.Canvas().Content()) {
			if c, ok := found.(*control.Check); ok && c.Visible() {
				c.SetChecked(true)
			}
		}
	}
	save := func(o *office) { visit(o); o.desk.Doctor.Save(); o.settle() }
	return []scenario{
		{"doctor", found(ill(), nil), visit},
		{"doctor-running", found(ill(), nil), run},
		{"doctor-details", found(ill(), nil), func(o *office) { visit(o); tick(o) }},
		{"doctor-well", found(well(), nil), visit},
		{"doctor-saved", found(well(), nil), save},
		{"doctor-unsaved", found(ill(), docsys.ErrOffline), save},
	}
}

// rewritten is the program's alarm about the server's history (app.AuditError).
type rewritten struct{ error }

func (rewritten) ExplainCode() string { return "audit-rewritten" }

// watchScenarios are what the program found that others did, or must not see.
func watchScenarios() []scenario {
	marked := func(sure bool) func(*office) {
		return func(o *office) {
			o.maySend = func(context.Context, *docsys.Document, string, []byte) error {
				return secrecy.Finding{Level: secrecy.Mat, Sure: sure, Page: 1}.Err(false)
			}
		}
	}
	open := func(o *office) { o.press(fyne.KeyReturn) }
	return []scenario{
		{"reader-secret", marked(true), open},
		{"reader-secret-doubtful", marked(false), open},
		{"queue-alarm", nil, func(o *office) { o.desk.Audited(rewritten{auditlog.ErrRewritten}) }},
	}
}
