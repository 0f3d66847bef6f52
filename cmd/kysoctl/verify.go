package main

import (
	"context"
	"time"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/signer"
	"kyso/signer/verify"
)

// A verified line is what --json prints of a judged file.
type verifiedLine struct {
	Kind          string `json:"kind"`
	File          string `json:"file"`
	Word          string `json:"word"`
	verify.Report        //nolint:embeddedstructfieldcheck // "kind" stands first in the line
}

// runVerify judges the signatures of files.
func runVerify(ctx context.Context, c *console, args []string) int {
	o := signer.VerifyOptions{At: time.Now()}
	f := c.flags("verify")
	trust := f.String("trust", "", "folder of trust anchors")
	passwordFile := f.String("password-file", "", "file with the password of encrypted files; - is standard input")
	f.BoolVar(&o.Offline, "offline", false, "ask no server for revocation")
	f.Func("at", "time of judgement, RFC 3339", func(s string) (err error) {
		o.At, err = time.Parse(time.RFC3339, s)
		return err //nolint:wrapcheck // the flag package prints it with the option's name
	})
	if f.Parse(args) != nil {
		return exitUsage
	}
	if f.NArg() == 0 {
		return c.bad("%s", c.text("chưa nêu tệp nào", "no file is named"))
	}
	anchors, intermediates, err := app.ReadTrust(*trust)
	if err != nil {
		return c.bad("--trust: %v", err)
	}
	if o.Password, err = c.documentPassword(*passwordFile); err != nil {
		return c.bad("--password-file: %v", err)
	}
	defer clear(o.Password)
	o.Anchors, o.Intermediates, o.Client = anchors, intermediates, app.HTTPClient()
	status := exitDone
	for _, file := range f.Args() {
		r, err := signer.VerifyFile(ctx, file, o)
		if err != nil {
			c.fail("unreadable", file, err)
			status = exitUsage
			continue
		}
		if r.Indication != verify.TotalPassed && status == exitDone {
			status = exitFailed
		}
		c.object(verifiedLine{Kind: "verified", File: file, Word: r.Indication.Word(), Report: r})
		c.report(file, r)
	}
	return status
}

// report prints a verdict for people: one line a file, and the seven things of
// TT 15/2025/TT-BKHCN, Đ6.4 for each signature.
func (c *console) report(file string, r verify.Report) {
	c.say("%s: %s (%s %s)", file, c.word(r.Indication), r.Indication, r.SubIndication)
	if len(r.Signatures) == 0 {
		c.say("  %s", c.text("Tệp không có chữ ký số.", "The file has no digital signature."))
	}
	for i, s := range r.Signatures {
		c.say("  %d. %s: %s %s %s", i+1, s.Field, c.word(s.Indication), s.SubIndication, s.Why)
		c.say("     %s: %s", c.text("Người ký", "Signer"), s.Signer.Holder)
		c.say("     %s: %s", c.text("Đơn vị", "Unit"), s.Signer.Unit)
		c.say("     %s: %s", c.text("Nơi cấp chứng thư số", "Issuer"), s.Signer.Issuer)
		c.say("     %s: %s (%s)", c.text("Thời điểm ký", "Signing time"), clock(s.ClaimedTime), c.source(s.TimeSource))
		c.say("     %s: %s, %s", c.text("Tính toàn vẹn", "Integrity"), c.integrity(s.Integrity), c.coverage(s.Coverage))
		c.say("     %s: %s", c.text("Tình trạng thu hồi", "Revocation"), c.revocation(s.Revocation))
		c.say("     %s: %s – %s", c.text("Hiệu lực chứng thư số", "Certificate valid"), clock(s.Signer.NotBefore), clock(s.Signer.NotAfter))
		for _, ch := range s.Changes {
			c.say("     %s: %s %s", c.text("Thay đổi sau khi ký", "Changed since"), ch.Kind, ch.Detail)
		}
	}
}

// word is the plain word of an indication.
func (c *console) word(i verify.Indication) string {
	en := map[verify.Indication]string{verify.TotalPassed: "valid", verify.TotalFailed: "not valid", verify.Indeterminate: "not enough evidence"}
	return c.text(i.Word(), en[i])
}

// source says where the time of a signature comes from.
func (c *console) source(s string) string {
	if s == "timestamp" {
		return c.text("theo dấu thời gian", "by its time-stamp")
	}
	return c.text("theo máy của người ký, không có dấu thời gian", "by the signer's computer, without a time-stamp")
}

// integrity is the word for the verdict on the signed bytes.
func (c *console) integrity(i verify.Integrity) string {
	switch i {
	case verify.Intact:
		return c.text("nguyên vẹn", "intact")
	case verify.Altered:
		return c.text("nội dung đã bị thay đổi", "the content was changed")
	case verify.Broken:
		return c.text("chữ ký sai hoặc hỏng", "wrong or broken signature")
	case verify.Unchecked:
	}
	return c.text("chưa kiểm tra được", "could not be checked")
}

// coverage is the word for how much of the file is signed.
func (c *console) coverage(v verify.Coverage) string {
	switch v {
	case verify.CoversFile:
		return c.text("bao trùm toàn bộ tệp", "covers the whole file")
	case verify.CoversRevision:
		return c.text("bao trùm bản tại thời điểm ký", "covers the revision that was signed")
	case verify.CoversPart:
	}
	return c.text("chỉ bao trùm một phần tệp", "covers only a part of the file")
}

// revocation is the word for what is known of a certificate's revocation.
func (c *console) revocation(s string) string {
	switch s {
	case "good":
		return c.text("không bị thu hồi", "not revoked")
	case "revoked":
		return c.text("đã bị thu hồi", "revoked")
	case "unknown":
		return c.text("chưa xác định được", "not known")
	}
	return c.text("chưa kiểm tra", "not checked")
}

// clock writes a time as Vietnam's officials do.
func clock(t time.Time) string {
	if t.IsZero() {
		return "—"
	}
	return t.In(docsys.Hanoi()).Format("02/01/2006 15:04:05")
}
