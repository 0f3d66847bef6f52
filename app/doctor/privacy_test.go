package doctor_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"

	"kyso/app/doctor"
	"kyso/app/explain"
	"kyso/app/outbox"
	"kyso/app/settings"
	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/token/discover"
	"kyso/signer/token/provision"
	"kyso/signer/token/tokentest"
)

// What is planted: none of it may be in the support file.
const (
	plantedName    = "Nguyễn Thị Ánh Tuyết"
	plantedUnit    = "UBND xã Đông Hội"
	plantedTitle   = "Về việc bổ nhiệm bà Nguyễn Thị Ánh Tuyết"
	plantedCCCD    = "001185012345"
	plantedPIN     = "975310"
	plantedAccount = "anhtuyet.nt"
	plantedFile    = "QĐ bổ nhiệm mật.pdf"
	plantedMail    = "anh.tuyet@hanoi.example"
	plantedLabel   = "Token cá nhân Ánh Tuyết"
)

// plainForm drops the marks of Vietnamese letters: a name is a name without them.
func plainForm(s string) string {
	s = strings.NewReplacer("đ", "d", "Đ", "D").Replace(norm.NFD.String(s))
	return strings.Map(func(r rune) rune {
		if r >= 0x300 && r <= 0x36F {
			return -1
		}
		return r
	}, s)
}

// findPlanted gives what of the planted texts is in a body.
func findPlanted(body string, planted []string) []string {
	low := strings.ToLower(plainForm(body))
	var found []string
	for _, p := range planted {
		if strings.Contains(low, strings.ToLower(plainForm(p))) {
			found = append(found, p)
		}
	}
	return found
}

// entries reads a zip.
func entries(t *testing.T, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[f.Name] = string(body)
	}
	return out
}

// plantedSettings have a person in every corner, also in keys nobody knows yet.
func plantedSettings(t *testing.T, f settings.Folders) {
	t.Helper()
	all := map[string]any{
		"language": "vi", "level": "B-LT", "server": "https://" + plantedAccount + ":" + plantedPIN + "@van-thu.hanoi.example/" + plantedAccount,
		"signature_image":  filepath.Join("/home", plantedAccount, "ảnh "+plantedName+".png"),
		"modules":          []string{filepath.Join("/home", plantedAccount, plantedName, "libeToken.so"), `C:\Users\` + plantedAccount + `\` + plantedName + `.dll`},
		"last_certificate": strings.Repeat("ab", 32), "profile": map[string]any{"name": plantedName, plantedName: plantedCCCD},
		"capacities": []any{plantedUnit, map[string]any{"cccd": plantedCCCD}}, plantedName: "x", "phone": 912345678,
	}
	b, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(f.Data, "settings.json"), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// plantedLog writes lines of this program, of others, and broken ones.
func plantedLog(t *testing.T, f settings.Folders) {
	t.Helper()
	l, err := doctor.OpenLog(f.Data, slog.DiscardHandler)
	if err != nil {
		t.Fatal(err)
	}
	own := slog.New(l)
	own.Warn("the settings were not kept", slog.String("error", "open /home/"+plantedAccount+"/"+plantedFile+": permission denied"),
		slog.String("title", plantedTitle), slog.Int("count", 7), slog.Int("cccd", 1185012345), slog.Any("person", map[string]string{plantedName: plantedPIN}))
	own.With(slog.String("who", plantedName)).WithGroup("g").Error("the outbox stopped", slog.String("pin", plantedPIN), slog.String("error", "CKR 0xA0 for "+plantedLabel))
	was, flags, out := slog.Default(), log.Flags(), log.Writer()
	slog.SetDefault(own)
	log.Printf("cannot draw %s of %s (%s)", plantedFile, plantedName, plantedMail)
	slog.SetDefault(was)
	log.SetFlags(flags)
	log.SetOutput(out)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(doctor.LogPath(f.Data), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(file, "panic: %s\n{\"time\":%q,\"level\":%q,\"msg\":%q}\n", plantedName, plantedName, plantedPIN, plantedTitle)
	fmt.Fprintf(file, "{\"time\":\"2026-11-25T09:00:00+07:00\",\"level\":\"WARN\",\"msg\":%q,\"at\":\"other/lib.F\",%q:%q}\n", plantedTitle, plantedName, plantedUnit)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
}

// plantedConfig is a look at a machine of that person, with a real token.
func plantedConfig(t *testing.T) (doctor.Config, []string) {
	t.Helper()
	tokentest.Helper(t) // built before the home folder is another
	s := pki(t, signertest.Options{})
	id, err := s.Issue(signertest.IssueSpec{Name: plantedName, Unit: plantedUnit, Title: "Chủ tịch", UID: "CCCD:" + plantedCCCD, Email: plantedMail, Key: "P-256"})
	if err != nil {
		t.Fatal(err)
	}
	module, env := tokentest.SoftHSM(t, provision.Token{
		Label: plantedLabel, SOPIN: []byte("87654321"), PIN: []byte(plantedPIN),
		Identities: []provision.Identity{{ID: []byte{1}, Label: plantedName, Key: id.Signer, Certificate: id.Certificate.Raw}},
	})
	c := bare(t)
	home := filepath.Join(t.TempDir(), "home", plantedAccount)
	t.Setenv("HOME", home)
	if c.Folders, err = settings.FindFolders(filepath.Join(home, plantedName)); err != nil {
		t.Fatal(err)
	}
	plantedSettings(t, c.Folders)
	plantedLog(t, c.Folders)
	missing := filepath.Join(home, plantedName+".so")
	driver(t, &c, env, module, missing, filepath.Join(c.Folders.Data, "settings.json"))
	c.Intermediates = append(c.Intermediates, s.Issuing())
	c.Stamps = []signer.TSA{{URL: s.BaseURL() + "/" + plantedAccount}}
	c.Server = "http://" + plantedAccount + ":" + plantedPIN + "@127.0.0.1:1/" + plantedName
	c.SettingsErr = errors.New("read /home/" + plantedAccount + "/" + plantedFile + ": permission denied")
	c.TrustErr = errors.New("read trust anchor " + plantedName + ".cer")
	c.Outbox = func(context.Context) ([]outbox.Item, error) {
		return []outbox.Item{{State: outbox.NeedsAction, Title: plantedTitle, Path: plantedFile, DocumentID: plantedCCCD, Problem: plantedName, QueuedAt: c.Clock()}}, nil
	}
	c.Devices = func() []discover.Device {
		return []discover.Device{{Vendor: 0x096E, Product: 1, Name: "Token " + plantedName, Makers: []string{"Feitian"}}, {Vendor: 0x096E, Product: 2, Name: "ePass" + plantedCCCD, Makers: []string{"Feitian"}}}
	}
	c.Service = func(context.Context) doctor.ServiceState {
		return doctor.ServiceState{Code: "denied", Detail: plantedName + ": permission denied", Readers: []doctor.Reader{{Name: "Reader of " + plantedName}, {Name: "Feitian ePass2003 00 00"}}}
	}
	planted := []string{
		plantedName, "Ánh Tuyết", plantedUnit, plantedTitle, plantedCCCD, plantedPIN, plantedAccount, plantedFile, plantedMail, plantedLabel,
		"1185012345", "912345678", strings.Repeat("ab", 32), home, id.Certificate.SerialNumber.String(), fmt.Sprintf("%x", id.Certificate.SerialNumber),
	}
	p, _ := c.Open(discover.Named([]string{module})[0])
	tokens, err := p.Tokens(t.Context())
	if err != nil || len(tokens) != 1 {
		t.Fatalf("got %v, %v", tokens, err)
	}
	return c, append(planted, tokens[0].Serial)
}

func TestTheSupportFileHasNoPersonalData(t *testing.T) {
	c, planted := plantedConfig(t)
	if u, err := user.Current(); err == nil && len(u.HomeDir) > 1 {
		planted = append(planted, u.HomeDir+"/")
	}
	r := doctor.Run(t.Context(), c, nil)

	// The person's own report names them, else the test would prove nothing.
	var own bytes.Buffer
	if err := r.WriteText(&own, explain.Vietnamese, true); err != nil {
		t.Fatal(err)
	}
	if got := findPlanted(own.String(), planted); len(got) < 4 {
		t.Fatalf("only %q is in the person's own report:\n%s", got, own.String())
	}
	for _, l := range []explain.Language{explain.Vietnamese, explain.English} {
		var b bytes.Buffer
		if err := r.WriteZip(&b, l); err != nil {
			t.Fatal(err)
		}
		all := entries(t, b.Bytes())
		if len(all) != 7 {
			t.Errorf("got %d files, want 7", len(all))
		}
		for name, body := range all {
			if got := findPlanted(name+"\n"+body, planted); len(got) > 0 {
				t.Errorf("%s has %q:\n%s", name, got, body)
			}
		}
	}
	var b bytes.Buffer
	if err := r.Redacted().WriteText(&b, explain.Vietnamese, true); err != nil {
		t.Fatal(err)
	}
	if got := findPlanted(b.String(), planted); len(got) > 0 {
		t.Errorf("the text to copy has %q", got)
	}
}

// What is taken out must leave something to help with.
func TestTheSupportFileStillHelps(t *testing.T) {
	c, _ := plantedConfig(t)
	r := doctor.Run(t.Context(), c, nil)
	var b bytes.Buffer
	if err := r.WriteZip(&b, explain.Vietnamese); err != nil {
		t.Fatal(err)
	}
	all := entries(t, b.Bytes())
	for name, needs := range map[string][]string{
		"report-vi.txt": {"libsofthsm2.so", "permission denied", "127.0.0.1", "ePass", "nonRepudiation", "connection refused"},
		"report.json":   {`"driver-ok"`, `"outbox-stuck"`, `"server-down"`, `"0.0.0-test"`},
		"versions.txt":  {"kyso 0.0.0-test", "go1."},
		"settings.json": {`"language": "vi"`, `"level": "B-LT"`, "https://van-thu.hanoi.example", "libeToken.so"},
		"log.txt":       {"the settings were not kept", "error=permission denied", "count=7", "the outbox stopped", "CKR 0xA0"},
	} {
		for _, need := range needs {
			if !strings.Contains(all[name], need) {
				t.Errorf("%s does not say %q:\n%s", name, need, all[name])
			}
		}
	}
}

func TestTheSupportFileReplacesNothing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.zip")
	r := doctor.Run(t.Context(), bare(t), nil)
	if err := r.SaveZip(path, explain.Vietnamese); err != nil {
		t.Fatal(err)
	}
	if err := r.SaveZip(path, explain.Vietnamese); !errors.Is(err, os.ErrExist) {
		t.Errorf("got %v, want %v", err, os.ErrExist)
	}
}

func TestTheLogMakesRoom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, err := doctor.OpenLog(dir, slog.DiscardHandler)
	if err != nil {
		t.Fatal(err)
	}
	own := slog.New(l)
	for range 20_000 {
		own.Info("a line of the log that is neither long nor short")
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	var total int64
	files, err := os.ReadDir(filepath.Dir(doctor.LogPath(dir)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if st, err := f.Info(); err == nil {
			total += st.Size()
			if st.Mode().Perm() != 0o600 {
				t.Errorf("%s: got mode %v", f.Name(), st.Mode())
			}
		}
	}
	if len(files) != 2 || total > 1<<20+1024 || total < 512<<10 {
		t.Errorf("got %d files of %d bytes", len(files), total)
	}
}
