package main

import (
	"context"
	"errors"
	"flag"
	"image"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"kyso/app"
	"kyso/app/docsys"
	"kyso/app/placement"
	"kyso/app/signing"
	"kyso/signer/cert"
	"kyso/signer/token"
)

// signOptions are the options of kysoctl sign.
type signOptions struct {
	modules list
	cert    string
	pinFile string
	// passwordFile holds the password of the documents.
	passwordFile string
	role         string
	place        string
	image        string
	diameter     float64
	capacity     string
	number       string
	form         string
	lasting      lasting
	pss          bool
	out          string
	helper       string
	// data is the program's folder.
	data string
	// keyFile is a PKCS #12 file.
	keyFile string
	lastTry bool
	wait    time.Duration
}

// define adds the options to a flag set.
func (o *signOptions) define(f *flag.FlagSet) {
	f.Var(&o.modules, "module", "PKCS#11 module; may be repeated")
	f.StringVar(&o.helper, "helper", "", "the kyso-token program; beside this one without it")
	f.StringVar(&o.cert, "cert", "", "certificate: SHA-256, or part of holder, unit or title")
	f.StringVar(&o.keyFile, "p12", "", "key in a file (.p12, .pfx), where the administrator allows it")
	f.BoolVar(&o.lastTry, "last-try", false, "spend the last try of the PIN; for one file")
	f.DurationVar(&o.wait, "wait", 0, "how long to wait for a token that was pulled; without a limit at a terminal")
	f.StringVar(&o.pinFile, "pin-file", "", "file with the PIN; - is standard input")
	f.StringVar(&o.passwordFile, "password-file", "", "file with the password of encrypted documents; - is standard input")
	f.StringVar(&o.role, "as", "approval", "approval, initials, seal, appendix or copy")
	f.StringVar(&o.place, "place", "auto", "auto, invisible, field:NAME or PAGE:X,Y,W,H")
	f.StringVar(&o.image, "image", "", "PNG of the signature or the seal")
	f.Float64Var(&o.diameter, "diameter", 0, "of the seal, in millimetres; without it as the agency wants, else 36")
	f.StringVar(&o.capacity, "capacity", "self", "self, KT, TM, TL or TUQ: which of the agency's templates an approval has")
	f.StringVar(&o.number, "number", "", "number and symbol of the document, for an appendix")
	f.StringVar(&o.form, "form", "SAO Y", "form of copy: SAO Y, SAO LỤC or TRÍCH SAO")
	o.lasting.define(f, "")
	f.BoolVar(&o.pss, "pss", false, "RSASSA-PSS, where the token lists it")
	f.StringVar(&o.data, "data", "", "the program's folder")
	f.StringVar(&o.out, "out", "", "file or folder for the result")
}

// runSign signs files under one login; several as a batch.
func runSign(ctx context.Context, c *console, args []string) int {
	var o signOptions
	f := c.flags("sign")
	o.define(f)
	if f.Parse(args) != nil {
		return exitUsage
	}
	p, status := o.check(c, f.Args())
	if status != exitDone {
		return status
	}
	s, err := app.Start(ctx, app.Options{
		Data: o.data, Helper: o.helper, Modules: o.modules, OnlyModules: len(o.modules) > 0, NoOutbox: true,
		Level: o.lasting.level, TimeStampServers: o.lasting.tsa, PSS: o.pss, Trust: o.lasting.trust,
	})
	if err != nil {
		c.fail("failed", "", err)
		return exitFailed
	}
	defer s.Close() //nolint:errcheck // nothing is written any more
	if status := c.openKeyFile(s, o.keyFile, o.pinFile); status != exitDone {
		return status
	}
	k, status := chooseKey(ctx, c, s.Road, o.cert)
	if status != exitDone {
		return status
	}
	password, err := c.documentPassword(o.passwordFile)
	if err != nil {
		return c.bad("--password-file: %v", err)
	}
	defer clear(password)
	r := &signRun{options: o, place: p, key: k, pages: s.Pages, password: password}
	if status := r.dress(c, s); status != exitDone {
		return status
	}
	if f.NArg() > 1 {
		return r.signMany(ctx, c, s.Road, f.Args())
	}
	if status := c.lastTry(&r.key, o.lastTry, f.Arg(0)); status != exitDone {
		return status
	}
	pin, err := c.pin(r.key, o.pinFile)
	if err != nil {
		return c.bad("PIN: %v", err)
	}
	return r.signOne(ctx, c, s.Road, pin, f.Arg(0))
}

// openKeyFile opens a key in a file for this call; its password is the PIN.
func (c *console) openKeyFile(s *app.App, file, pinFile string) int {
	if file == "" {
		return exitDone
	}
	password, err := c.secret(pinFile, c.text("Mật khẩu của khóa tệp: ", "Password of the key file: "))
	if err != nil {
		return c.bad("PIN: %v", err)
	}
	defer clear(password)
	if err := s.OpenSoftKey(file, password); err != nil {
		c.fail("failed", file, err)
		return exitFailed
	}
	return exitDone
}

// pin reads the PIN of a key's token; it is nil where it is typed on the reader.
func (c *console) pin(k signing.Key, file string) ([]byte, error) {
	if k.Token.PINPad {
		c.say("%s", c.text("Nhập mã PIN trên bàn phím của đầu đọc.", "Type the PIN on the reader's own keys."))
		return nil, nil
	}
	return c.secret(file, c.text("Mã PIN: ", "PIN: "))
}

// lastTry asks for a second confirmation where the token has one PIN try left.
func (c *console) lastTry(k *signing.Key, confirmed bool, file string) int {
	if k.Token.PIN != token.PINFinal {
		return exitDone
	}
	if !confirmed {
		confirmed = c.confirmLastTry()
	}
	if !confirmed {
		c.fail("failed", file, token.ErrPINFinal)
		return exitFailed
	}
	k.LastTry = true
	return exitDone
}

// confirmLastTry asks for the word that spends the last try of a PIN.
func (c *console) confirmLastTry() bool {
	return c.confirm(c.text(
		"Thiết bị chỉ còn một lần thử mã PIN; sai là bị khóa. Gõ CO rồi Enter để dùng lần thử cuối: ",
		"The token has one PIN try left; a wrong PIN locks it. Type YES and Enter to spend the last try: "))
}

// A place is what --place says.
type place struct {
	kind  string // "auto", "invisible", "field", "at"
	field string
	page  int
	rect  placement.Rect
}

// check reads the options that can be wrong before anything is opened.
func (o *signOptions) check(c *console, files []string) (place, int) {
	var none place
	if status := o.lasting.check(c); status != exitDone {
		return none, status
	}
	if status := o.checkRole(c); status != exitDone {
		return none, status
	}
	p, err := parsePlace(o.place)
	if err != nil {
		return none, c.bad("--place %s: %v", o.place, err)
	}
	return p, checkOut(c, o.out, files)
}

// checkRole reads what the roles ask for.
func (o *signOptions) checkRole(c *console) int {
	if !slices.Contains([]string{"self", docsys.TemplateKT, docsys.TemplateTM, docsys.TemplateTL, docsys.TemplateTUQ}, o.capacity) {
		return c.bad("--capacity %s: self, KT, TM, TL, TUQ", o.capacity)
	}
	switch placement.Role(o.role) {
	case placement.Approval, placement.Initials:
	case placement.Seal:
		if o.image == "" {
			return c.bad("--as seal: %s", c.text("cần ảnh con dấu, --image", "it needs the picture of the seal, --image"))
		}
		if o.diameter != 0 && !(o.diameter >= signing.MinSealDiameter && o.diameter <= signing.MaxSealDiameter) {
			return c.bad("--diameter %g: %g–%g mm", o.diameter, signing.MinSealDiameter, signing.MaxSealDiameter)
		}
	case placement.Appendix, placement.Copy:
		return o.checkBlock(c)
	default:
		return c.bad("--as %s: approval, initials, seal, appendix, copy", o.role)
	}
	return exitDone
}

// checkBlock reads what the blocks in the corner ask for: they have no picture
// (NĐ 30/2020/NĐ-CP, Annex I).
func (o *signOptions) checkBlock(c *console) int {
	switch {
	case o.image != "":
		return c.bad("--as %s: %s", o.role, c.text("khối này không có ảnh", "this block has no picture"))
	case placement.Role(o.role) == placement.Appendix && o.number == "":
		return c.bad("--as appendix: %s", c.text("cần số và ký hiệu văn bản, --number", "it needs the document's number and symbol, --number"))
	case placement.Role(o.role) == placement.Copy && !slices.Contains([]string{"SAO Y", "SAO LỤC", "TRÍCH SAO"}, o.form):
		return c.bad("--form %s: SAO Y, SAO LỤC, TRÍCH SAO", o.form)
	}
	return exitDone
}

// errPlace reports a --place of no known form.
var errPlace = errors.New("auto, invisible, field:NAME or PAGE:X,Y,W,H")

// parsePlace reads --place.
func parsePlace(s string) (place, error) {
	head, rest, colon := strings.Cut(s, ":")
	switch {
	case !colon && (s == "auto" || s == "invisible"):
		return place{kind: s}, nil
	case head == "field" && rest != "":
		return place{kind: "field", field: rest}, nil
	}
	page, err := strconv.Atoi(head)
	parts := strings.Split(rest, ",")
	if err != nil || len(parts) != 4 || page == 0 || page < -1 {
		return place{}, errPlace
	}
	var v [4]float64
	for i, p := range parts {
		if v[i], err = strconv.ParseFloat(p, 64); err != nil {
			return place{}, errPlace
		}
	}
	if v[2] <= 0 || v[3] <= 0 {
		return place{}, errPlace
	}
	return place{kind: "at", page: page, rect: placement.Rect{X: v[0], Y: v[1], W: v[2], H: v[3]}}, nil
}

// chooseKey finds the one certificate that is meant.
func chooseKey(ctx context.Context, c *console, r signing.Road, want string) (signing.Key, int) {
	found, err := r.Keys(ctx)
	if err != nil {
		c.fail("failed", "", err)
		return signing.Key{}, exitFailed
	}
	var fits []signing.Key
	for _, k := range found.Keys {
		if k.Fit != cert.IsCA && matches(k, want) {
			fits = append(fits, k)
		}
	}
	if usable := onlyFit(fits); len(usable) > 0 {
		fits = usable
	}
	switch len(fits) {
	case 1:
		return fits[0], exitDone
	case 0:
		c.fail("failed", "", noKey(found))
		return signing.Key{}, exitFailed
	}
	for _, k := range fits {
		c.say("%s  %s · %s · %s", k.Subject.SHA256[:16], k.Subject.Name, k.Subject.Unit, k.Subject.Title)
	}
	return signing.Key{}, c.bad("%s", c.text("có nhiều chứng thư số; chọn một bằng --cert", "several certificates fit; choose one with --cert"))
}

// onlyFit keeps the keys that may sign.
func onlyFit(keys []signing.Key) []signing.Key {
	var out []signing.Key
	for _, k := range keys {
		if k.Fit == cert.Fit {
			out = append(out, k)
		}
	}
	return out
}

// minFingerprint is how many digits of a fingerprint name a certificate.
const minFingerprint = 8

// matches reports whether a key is meant by --cert.
func matches(k signing.Key, want string) bool {
	if want == "" {
		return true
	}
	low := strings.ToLower(want)
	if len(low) >= minFingerprint && strings.HasPrefix(k.Subject.SHA256, low) {
		return true
	}
	for _, s := range []string{k.Subject.Name, k.Subject.Unit, k.Subject.Title} {
		if strings.Contains(strings.ToLower(s), low) {
			return true
		}
	}
	return false
}

// noKey says why no certificate was found: a driver's own error, else no driver, else no token.
func noKey(f signing.Found) error {
	tokens := 0
	for _, m := range f.Modules {
		if m.Err != nil {
			return m.Err
		}
		tokens += m.Tokens
	}
	switch {
	case len(f.Modules) == 0:
		return &token.Error{Kind: token.KindDriverMissing, Op: "search"}
	case tokens == 0:
		return signing.ErrNoToken
	}
	return signing.ErrNoCertificate
}

// readImage reads a PNG.
func readImage(path string) (image.Image, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // no picture is a mark with text
	}
	return signing.ReadPicture(path)
}

// output gives the place of the signed file: what --out says, else beside the original.
func output(out, file string) string {
	if out != "" {
		return out
	}
	return filepath.Dir(file)
}

// now is the claimed time of a signature, in whole seconds as /M has it.
func now() time.Time { return time.Now().Truncate(time.Second) }
