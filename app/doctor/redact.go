package doctor

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"os"
	"os/user"
	"path"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"kyso/signer/token/discover"
)

// hidden stands for what was taken out.
const hidden = "‹…›"

// A redactor keeps what is known to be harmless. Each sort of value has a rule
// that keeps little; then whatever is known of this person and this machine is
// taken out of what is left.
type redactor struct {
	home string
	// known are texts that must not leave: as they are and in the other forms of
	// Vietnamese letters.
	known *regexp.Regexp
}

// newRedactor gathers what is known: the person's account, the computer's name,
// every private value and serial number of the report.
func newRedactor(r Report) redactor {
	x := redactor{}
	var known []string
	if home, err := os.UserHomeDir(); err == nil {
		x.home = home
		known = append(known, home, path.Base(slashed(home)))
	}
	if u, err := user.Current(); err == nil {
		_, account, _ := strings.Cut(u.Username, `\`)
		known = append(known, u.Username, account, u.Name, u.HomeDir)
	}
	if name, err := os.Hostname(); err == nil {
		known = append(known, name)
	}
	for _, f := range r.Findings {
		for _, v := range slices.Concat(f.Values, f.Details) {
			if v.Sort == Private || v.Sort == Serial {
				known = append(known, v.Text)
			}
		}
	}
	x.known = oneOf(known)
	return x
}

// shortestKnown keeps texts that are a part of ordinary words.
const shortestKnown = 3

// oneOf matches any of the texts, in any case and either form of their letters.
func oneOf(all []string) *regexp.Regexp {
	var parts []string
	for _, k := range all {
		if k = strings.TrimSpace(k); len([]rune(k)) < shortestKnown {
			continue
		}
		for _, form := range []string{k, norm.NFC.String(k), norm.NFD.String(k)} {
			if q := regexp.QuoteMeta(form); !slices.Contains(parts, q) {
				parts = append(parts, q)
			}
		}
	}
	if len(parts) == 0 {
		return nil
	}
	// The longest first: a name must not be left behind by a part of it.
	slices.SortFunc(parts, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	return regexp.MustCompile("(?i)" + strings.Join(parts, "|"))
}

// personal are texts that name a person whoever it is: numbers of six digits or
// more (identity cards, PINs, telephones), and addresses of mail.
var personal = regexp.MustCompile(`\d{6,}|[\pL\pN._%+-]+@[\pL\pN.-]+\.\pL+`)

// scrub takes out what is known, and what names a person.
func (x redactor) scrub(s string) string {
	if x.known != nil {
		s = x.known.ReplaceAllString(s, hidden)
	}
	return personal.ReplaceAllString(s, hidden)
}

// value is what leaves of a value.
func (x redactor) value(v Value) Value {
	switch v.Sort {
	case Plain:
		v.Text = x.scrub(v.Text)
	case Word: // a name in the program's own table
	case Maker:
		v.Text = x.make(v.Text)
	case File:
		v.Text = x.path(v.Text)
	case Serial:
		v.Text = hashed(v.Text)
	case Address:
		v.Text = x.address(v.Text)
	case Failure:
		v.Text = harmless(v.Text)
	case Private:
		v.Text = hidden
	default:
		v.Text = hidden
	}
	if v.Sort != Word {
		v.Sort = Plain
	}
	return v
}

// hashed stands for a serial number: the same device gives the same text.
func hashed(s string) string {
	if s == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("kyso doctor\x00" + s))
	return "#" + hex.EncodeToString(sum[:4])
}

// make keeps what a device or a server says of its make, if it looks like one.
func (x redactor) make(s string) string {
	if len(s) > 80 || strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII || r < ' ' }) {
		return hidden
	}
	return x.scrub(s)
}

// address keeps scheme and host: user names and paths may name people.
func (x redactor) address(s string) string {
	if !strings.Contains(s, "://") {
		return x.scrub(s)
	}
	u, err := url.Parse(s)
	if err != nil {
		return hidden
	}
	return x.scrub(u.Scheme + "://" + u.Host)
}

// hostOf is the host of an address, for texts.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return hidden
	}
	return u.Host
}

// slashed writes a path of any system with slashes.
func slashed(p string) string { return strings.ReplaceAll(p, `\`, "/") }

// publicRoots are folders of the system, whose contents name nobody.
//
//nolint:gochecknoglobals // a constant table
var publicRoots = []string{"/usr/", "/lib/", "/lib64/", "/opt/", "/etc/", "/library/", "c:/windows/", "c:/program files/", "c:/program files (x86)/"}

// publicNames are names of folders that every home has.
//
//nolint:gochecknoglobals // a constant table
var publicNames = []string{".config", ".cache", ".local", "kyso", "cache", "appdata", "roaming", "local", "library", "caches", "application support"}

// path keeps a path of the system, and of any other one the known names in it.
func (x redactor) path(p string) string {
	s := slashed(p)
	if !strings.Contains(s, "/") {
		return x.base(s)
	}
	low := strings.ToLower(s)
	if slices.ContainsFunc(publicRoots, func(root string) bool { return strings.HasPrefix(low, root) }) {
		dir, base := path.Split(s)
		if slices.Contains(libraryEndings(), strings.ToLower(path.Ext(base))) {
			return x.make(dir + base) // an installed driver
		}
		return x.make(dir) + x.base(base)
	}
	lead := ""
	if home := slashed(x.home); home != "" && strings.HasPrefix(s, home+"/") {
		lead, s = "~", strings.TrimPrefix(s, home)
	}
	parts := strings.Split(strings.Trim(s, "/"), "/")
	for i, part := range parts[:len(parts)-1] {
		if !slices.Contains(publicNames, strings.ToLower(part)) {
			parts[i] = "…"
		}
	}
	parts[len(parts)-1] = x.base(parts[len(parts)-1])
	return lead + "/" + strings.Join(parts, "/")
}

func libraryEndings() []string { return []string{".so", ".dll", ".dylib"} }

// base keeps the name of a file that the program knows, else its kind.
func (redactor) base(name string) string {
	if slices.Contains(publicNames, strings.ToLower(name)) {
		return name
	}
	for _, system := range []string{"windows", "linux", "darwin", runtime.GOOS} {
		for _, n := range discover.Known(system) {
			if name == n.Maker || strings.EqualFold(path.Base(slashed(n.File)), name) {
				return name
			}
		}
	}
	ext := strings.ToLower(path.Ext(name))
	if slices.Contains(libraryEndings(), ext) {
		return hidden + ext
	}
	return hidden
}

// Redacted is the report without anything that names a person, an agency or a
// document.
func (r Report) Redacted() Report {
	x := newRedactor(r)
	out := r
	out.Findings = make([]Finding, len(r.Findings))
	for i, f := range r.Findings {
		out.Findings[i] = Finding{Group: f.Group, State: f.State, Code: f.Code, order: f.order}
		for _, v := range f.Values {
			out.Findings[i].Values = append(out.Findings[i].Values, x.value(v))
		}
		for _, v := range f.Details {
			out.Findings[i].Details = append(out.Findings[i].Details, x.value(v))
		}
	}
	return out
}
