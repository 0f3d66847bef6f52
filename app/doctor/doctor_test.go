package doctor_test

import (
	"context"
	"encoding/binary"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kyso/app/docsys/refserver/refservertest"
	"kyso/app/doctor"
	"kyso/app/explain"
	"kyso/app/outbox"
	"kyso/app/settings"
	"kyso/signer"
	"kyso/signer/signertest"
	"kyso/signer/token"
	"kyso/signer/token/discover"
	"kyso/signer/token/provision"
	"kyso/signer/token/remote"
	"kyso/signer/token/tokentest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	tokentest.Cleanup()
	os.Exit(code)
}

// bare is a look at nothing: the test adds what it is about.
func bare(t *testing.T) doctor.Config {
	t.Helper()
	folders, err := settings.FindFolders(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return doctor.Config{
		Version: "0.0.0-test", Folders: folders, Client: &http.Client{Timeout: 10 * time.Second},
		Clock: func() time.Time { return time.Now().In(time.FixedZone("ICT", 7*3600)) },
	}
}

// run looks, and fails the test when a finding has no text in either language.
func run(t *testing.T, c doctor.Config) doctor.Report {
	t.Helper()
	r := doctor.Run(t.Context(), c, nil)
	for _, f := range r.Findings {
		for _, l := range []explain.Language{explain.Vietnamese, explain.English} {
			m := f.Say(l)
			if m.Title == "" || strings.ContainsAny(m.Title+m.Cause+m.Next, "{}") {
				t.Errorf("%s in %s: got %q, %q, %q", f.Code, l, m.Title, m.Cause, m.Next)
			}
			if f.State != doctor.OK && (m.Cause == "" || m.Next == "") {
				t.Errorf("%s in %s is %s and says neither why nor what next", f.Code, l, f.State)
			}
		}
	}
	return r
}

// codes lists the codes of a group with their states.
func codes(r doctor.Report, g doctor.Group) []string {
	var out []string
	for _, f := range r.Findings {
		if f.Group == g {
			out = append(out, f.Code+" "+string(f.State))
		}
	}
	return out
}

// want compares the findings of a group.
func want(t *testing.T, r doctor.Report, g doctor.Group, codesAndStates ...string) {
	t.Helper()
	if got := codes(r, g); !slices.Equal(got, codesAndStates) {
		t.Errorf("%s: got %q, want %q", g, got, codesAndStates)
	}
}

// driver joins a module to the look, through a real helper with short limits.
func driver(t *testing.T, c *doctor.Config, env []string, paths ...string) {
	t.Helper()
	helper := tokentest.Helper(t)
	c.Modules = func() []discover.Candidate { return discover.Named(paths) }
	c.Open = func(m discover.Candidate) (token.Provider, bool) {
		if m.Err != nil {
			return nil, false
		}
		p := remote.Start(remote.Options{Helper: helper, Module: m.Path, Env: env, Limits: remote.Limits{Start: 3 * time.Second, List: 3 * time.Second}})
		t.Cleanup(func() { _ = p.Close() })
		return p, true
	}
}

// pki is a throwaway authority on loopback.
func pki(t *testing.T, o signertest.Options) *signertest.Server {
	t.Helper()
	s, err := signertest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// holder writes a token with one certificate into SoftHSM.
func holder(t *testing.T, s *signertest.Server, spec signertest.IssueSpec) (module string, env []string, id signertest.Identity) {
	t.Helper()
	spec.Key = "P-256"
	id, err := s.Issue(spec)
	if err != nil {
		t.Fatal(err)
	}
	module, env = tokentest.SoftHSM(t, provision.Token{
		Label: "Thiết bị thử", SOPIN: []byte("87654321"), PIN: []byte("246810"), Chain: [][]byte{s.Issuing().Raw},
		Identities: []provision.Identity{{ID: []byte{1}, Label: "k", Key: id.Signer, Certificate: id.Certificate.Raw}},
	})
	return module, env, id
}

func TestAWellMachineIsWell(t *testing.T) {
	t.Parallel()
	s := pki(t, signertest.Options{})
	module, env, _ := holder(t, s, signertest.IssueSpec{Name: "Trần Minh Khôi", Unit: "UBND phường Kim Liên"})
	site := refservertest.Start(t, t.TempDir(), refservertest.NewClock(), refservertest.Options{})
	c := bare(t)
	driver(t, &c, env, module)
	c.Anchors = append(c.Anchors, s.Root())
	c.Stamps = []signer.TSA{{URL: s.BaseURL() + signertest.PathTSA}}
	c.Server, c.Level = site.URL, "B-T"
	c.Service = func(context.Context) doctor.ServiceState { return doctor.ServiceState{Code: "absent"} }
	r := run(t, c)
	want(t, r, doctor.Drivers, "driver-ok ok")
	want(t, r, doctor.Tokens, "token-ready ok")
	want(t, r, doctor.Service, "service-unneeded ok")
	want(t, r, doctor.Certificate, "cert-ok ok", "chain-ok ok", "status-ok ok")
	want(t, r, doctor.Stamps, "stamp-ok ok")
	want(t, r, doctor.Server, "server-ok ok")
	want(t, r, doctor.Clock, "clock-ok ok")
	if r.State() != doctor.OK {
		var b strings.Builder
		_ = r.WriteText(&b, explain.English, true)
		t.Errorf("got %s:\n%s", r.State(), b.String())
	}
}

func TestDrivers(t *testing.T) {
	t.Parallel()
	put := func(name string, content []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	module, env := tokentest.StandardSoftHSM(t)
	soft, err := os.ReadFile(module)
	if err != nil {
		t.Fatal(err)
	}
	other := slices.Clone(soft)
	binary.LittleEndian.PutUint16(other[18:], 3) // e_machine: 386
	faulty := func(rules ...string) (string, []string) {
		f := tokentest.Faulty(t, module, env, rules...)
		return f.Module, f.Env
	}
	hanging, hangingEnv := faulty("hang C_GetSlotList")
	crashing, crashingEnv := faulty("crash C_Initialize")
	final, finalEnv := faulty("pin-tries 1")
	lacking := put("lacking.so", []byte(strings.Replace(string(soft), "libcrypto.so", "libcrypta.so", 1)))
	for name, tt := range map[string]struct {
		path string
		env  []string
		want []string
	}{
		"SoftHSM with two tokens":   {module, env, []string{"driver-ok ok"}},
		"a file that is no driver":  {put("a.so", []byte("no driver")), nil, []string{"driver-not bad"}},
		"a missing file":            {filepath.Join(t.TempDir(), "b.so"), nil, []string{"driver-missing bad"}},
		"a driver of 32 bits":       {put("fptca_v4.so", other), nil, []string{"driver-machine bad"}},
		"a driver without library":  {lacking, nil, []string{"driver-libraries bad"}},
		"a driver that hangs":       {hanging, hangingEnv, []string{"driver-hung bad"}},
		"a driver that crashes":     {crashing, crashingEnv, []string{"driver-crashed bad"}},
		"a token with its last try": {final, finalEnv, []string{"driver-ok ok"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := bare(t)
			driver(t, &c, tt.env, tt.path)
			r := run(t, c)
			want(t, r, doctor.Drivers, tt.want...)
			if name == "SoftHSM with two tokens" {
				want(t, r, doctor.Tokens, "token-ready ok", "token-ready ok")
				if lines := r.Findings[0].Lines(explain.English); !slices.Contains(lines, [2]string{"firmware / hardware", "2.6 / 2.6"}) {
					t.Errorf("got %q, want SoftHSM's version", lines)
				}
			}
			if name == "a token with its last try" && !slices.Contains(codes(r, doctor.Tokens), "token-final bad") {
				t.Errorf("got %q", codes(r, doctor.Tokens))
			}
		})
	}
}

func TestOneBadDriverHidesNoOther(t *testing.T) {
	t.Parallel()
	module, env := tokentest.StandardSoftHSM(t)
	f := tokentest.Faulty(t, module, env, "crash C_GetSlotList")
	c := bare(t)
	driver(t, &c, f.Env, f.Module, module)
	r := run(t, c)
	want(t, r, doctor.Drivers, "driver-crashed bad", "driver-ok ok")
	want(t, r, doctor.Tokens, "token-ready ok", "token-ready ok")
}

func TestTheSameTokenThroughTwoDriversIsToldOnce(t *testing.T) {
	t.Parallel()
	module, env := tokentest.StandardSoftHSM(t)
	f := tokentest.Faulty(t, module, env)
	c := bare(t)
	driver(t, &c, f.Env, module, f.Module)
	r := run(t, c)
	want(t, r, doctor.Drivers, "driver-ok ok", "driver-ok ok")
	want(t, r, doctor.Tokens, "token-ready ok", "token-ready ok")
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	now := time.Now()
	in := func(days int) signertest.IssueSpec {
		return signertest.IssueSpec{Name: "Lê Thu Hà", NotBefore: now.AddDate(-1, 0, 0), NotAfter: now.Add(time.Duration(days)*24*time.Hour + time.Hour)}
	}
	for name, tt := range map[string]struct {
		spec signertest.IssueSpec
		want string
	}{
		"good for a year":   {in(365), "cert-ok ok"},
		"60 days":           {in(59), "cert-60 warn"},
		"30 days":           {in(29), "cert-30 warn"},
		"7 days":            {in(6), "cert-7 warn"},
		"expired":           {in(-1), "cert-expired bad"},
		"not yet valid":     {signertest.IssueSpec{Name: "Lê Thu Hà", NotBefore: now.Add(24 * time.Hour), NotAfter: now.AddDate(1, 0, 0)}, "cert-early bad"},
		"not for signature": {signertest.IssueSpec{Name: "Lê Thu Hà", KeyUsage: 1 << 2}, "cert-use warn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pki(t, signertest.Options{})
			module, env, _ := holder(t, s, tt.spec)
			c := bare(t)
			driver(t, &c, env, module)
			r := run(t, c)
			if got := codes(r, doctor.Certificate); len(got) == 0 || got[0] != tt.want {
				t.Errorf("got %q, want %q first", got, tt.want)
			}
		})
	}
}

func TestChains(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		set  func(t *testing.T, s *signertest.Server, c *doctor.Config)
		want string
	}{
		"to a trusted root":     {func(_ *testing.T, s *signertest.Server, c *doctor.Config) { c.Anchors = append(c.Anchors, s.Root()) }, "chain-ok ok"},
		"without trusted roots": {func(*testing.T, *signertest.Server, *doctor.Config) {}, "chain-unanchored ok"},
		"to a root of strangers": {func(t *testing.T, _ *signertest.Server, c *doctor.Config) {
			t.Helper()
			c.Anchors = append(c.Anchors, pki(t, signertest.Options{}).Root())
		}, "chain-untrusted warn"},
		"without the root's file": {func(_ *testing.T, s *signertest.Server, _ *doctor.Config) {
			s.Misbehave(signertest.PathRoot, signertest.Dead)
		}, "chain-missing warn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pki(t, signertest.Options{})
			module, env, _ := holder(t, s, signertest.IssueSpec{Name: "Lê Thu Hà"})
			c := bare(t)
			driver(t, &c, env, module)
			tt.set(t, s, &c)
			r := run(t, c)
			if got := codes(r, doctor.Certificate); !slices.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("a certificate that nobody issued", func(t *testing.T) {
		t.Parallel()
		module, env := tokentest.StandardSoftHSM(t)
		c := bare(t)
		driver(t, &c, env, module)
		if got := codes(run(t, c), doctor.Certificate); !slices.Contains(got, "chain-self warn") {
			t.Errorf("got %q", got)
		}
	})
}

func TestRevocationByEachWay(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		spoil func(*signertest.Server, signertest.Identity)
		want  string
	}{
		"both answer": {func(*signertest.Server, signertest.Identity) {}, "status-ok ok"},
		"revoked": {func(s *signertest.Server, id signertest.Identity) {
			s.Revoke(id.Certificate.SerialNumber, time.Now().Add(-time.Hour))
		}, "status-revoked bad"},
		"OCSP is dead": {func(s *signertest.Server, _ signertest.Identity) { s.Misbehave(signertest.PathOCSP, signertest.Dead) }, "status-part warn"},
		"OCSP lies": {func(s *signertest.Server, _ signertest.Identity) {
			s.Misbehave(signertest.PathOCSP, signertest.BadSignature)
		}, "status-part warn"},
		"OCSP is of another": {func(s *signertest.Server, _ signertest.Identity) {
			s.Misbehave(signertest.PathOCSP, signertest.OtherCertificate)
		}, "status-part warn"},
		"the list is stale":   {func(s *signertest.Server, _ signertest.Identity) { s.Misbehave(signertest.PathCRL, signertest.Stale) }, "status-part warn"},
		"the list is rubbish": {func(s *signertest.Server, _ signertest.Identity) { s.Misbehave(signertest.PathCRL, signertest.Garbage) }, "status-part warn"},
		"neither says anything": {func(s *signertest.Server, _ signertest.Identity) {
			s.Misbehave(signertest.PathCRL, signertest.HTTPError)
			s.Misbehave(signertest.PathOCSP, signertest.Stale)
		}, "status-none warn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pki(t, signertest.Options{})
			module, env, id := holder(t, s, signertest.IssueSpec{Name: "Lê Thu Hà"})
			tt.spoil(s, id)
			c := bare(t)
			driver(t, &c, env, module)
			r := run(t, c)
			if got := codes(r, doctor.Certificate); !slices.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTimeStampingServers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault signertest.Fault
		want  string
	}{
		"honest":                {"", "stamp-ok ok"},
		"dead":                  {signertest.Dead, "stamp-unreachable bad"},
		"too slow":              {signertest.Slow, "stamp-slow bad"},
		"refuses":               {signertest.Refused, "stamp-refused bad"},
		"a login page":          {signertest.Garbage, "stamp-odd bad"},
		"another type":          {signertest.WrongType, "stamp-odd bad"},
		"an error":              {signertest.HTTPError, "stamp-odd bad"},
		"another request":       {signertest.WrongNonce, "stamp-wrong bad"},
		"other data":            {signertest.WrongImprint, "stamp-wrong bad"},
		"not sure of its time":  {signertest.Inaccurate, "stamp-wrong bad"},
		"a false signature":     {signertest.BadSignature, "stamp-wrong bad"},
		"not for time stamps":   {signertest.WrongEKU, "stamp-wrong bad"},
		"an expired one":        {signertest.Expired, "stamp-wrong bad"},
		"without a certificate": {signertest.NoCertificate, "stamp-wrong bad"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := pki(t, signertest.Options{})
			s.Misbehave(signertest.PathTSA, tt.fault)
			c := bare(t)
			c.Limits.Network = 2 * time.Second
			c.Anchors = append(c.Anchors, s.Root())
			c.Stamps = []signer.TSA{{URL: s.BaseURL() + signertest.PathTSA}}
			want(t, run(t, c), doctor.Stamps, tt.want)
		})
	}
	t.Run("nobody trusts it", func(t *testing.T) {
		t.Parallel()
		s, stranger := pki(t, signertest.Options{}), pki(t, signertest.Options{})
		c := bare(t)
		c.Anchors = append(c.Anchors, stranger.Root())
		c.Stamps = []signer.TSA{{URL: s.BaseURL() + signertest.PathTSA}}
		want(t, run(t, c), doctor.Stamps, "stamp-untrusted bad")
	})
	t.Run("a level without a server", func(t *testing.T) {
		t.Parallel()
		c := bare(t)
		c.Level = "B-LTA"
		want(t, run(t, c), doctor.Stamps, "stamp-needed bad")
	})
}

// dated answers as the document server with another clock.
func dated(t *testing.T, off time.Duration) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", time.Now().Add(off).UTC().Format(http.TimeFormat))
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"interface":"1.0.0","max_single_put":1,"uploads":[],"formula":"R1"}`))
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestTheClock(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		server, stamp time.Duration
		stamps        bool
		want          string
	}{
		"right":                           {0, 0, true, "clock-ok ok"},
		"a minute":                        {time.Minute, 0, false, "clock-off warn"},
		"ours is behind":                  {10 * time.Minute, 10 * time.Minute, true, "clock-behind bad"},
		"ours is ahead":                   {-10 * time.Minute, 0, false, "clock-ahead bad"},
		"UTC taken for Vietnam's time":    {7*time.Hour + 3*time.Second, 0, false, "clock-zone bad"},
		"Vietnam's time taken for UTC":    {-7 * time.Hour, 0, false, "clock-zone bad"},
		"another zone":                    {time.Hour, time.Hour, true, "clock-hours bad"},
		"the server's is wrong, not ours": {-30 * time.Minute, 0, true, "clock-server warn"},
		"nobody agrees":                   {-30 * time.Minute, 30 * time.Minute, true, "clock-disagree warn"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := bare(t)
			c.Server = dated(t, tt.server)
			if tt.stamps {
				s := pki(t, signertest.Options{Clock: func() time.Time { return time.Now().Add(tt.stamp) }})
				c.Stamps = []signer.TSA{{URL: s.BaseURL() + signertest.PathTSA}}
			}
			want(t, run(t, c), doctor.Clock, tt.want)
		})
	}
	t.Run("nothing to compare with", func(t *testing.T) {
		t.Parallel()
		want(t, run(t, bare(t)), doctor.Clock, "clock-unknown unknown")
	})
	t.Run("a machine in another zone", func(t *testing.T) {
		t.Parallel()
		c := bare(t)
		c.Clock = func() time.Time { return time.Now().UTC() }
		want(t, run(t, c), doctor.Clock, "clock-unknown unknown", "zone warn")
	})
}

func TestServers(t *testing.T) {
	t.Parallel()
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	page := func(t *testing.T, h http.HandlerFunc) string {
		t.Helper()
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	secret := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(secret.Close)
	for name, tt := range map[string]struct{ url, want string }{
		"none":                 {"", "server-off ok"},
		"dead":                 {dead.URL, "server-down bad"},
		"no such name":         {"http://may-chu.khong-co.invalid", "server-name bad"},
		"a login page":         {page(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }), "server-odd bad"},
		"an error":             {page(t, func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusBadGateway) }), "server-refuses bad"},
		"an unknown authority": {secret.URL, "server-certificate bad"},
		"it does not answer":   {page(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }), "server-slow bad"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := bare(t)
			c.Server, c.Limits.Network = tt.url, 2*time.Second
			want(t, run(t, c), doctor.Server, tt.want)
		})
	}
}

func TestTheOutbox(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for name, tt := range map[string]struct {
		items []outbox.Item
		want  string
	}{
		"nothing":       {nil, "outbox-empty ok"},
		"all delivered": {[]outbox.Item{{State: outbox.Accepted, QueuedAt: now.AddDate(0, 0, -9)}}, "outbox-empty ok"},
		"one waits":     {[]outbox.Item{{State: outbox.Queued, QueuedAt: now}}, "outbox-waiting ok"},
		"waits long":    {[]outbox.Item{{State: outbox.Queued, QueuedAt: now.AddDate(0, 0, -4)}}, "outbox-old warn"},
		"wants a login": {[]outbox.Item{{State: outbox.NeedsLogin, QueuedAt: now}}, "outbox-login warn"},
		"one refused":   {[]outbox.Item{{State: outbox.Queued, QueuedAt: now}, {State: outbox.NeedsAction, QueuedAt: now}}, "outbox-stuck bad"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := bare(t)
			c.Outbox = func(context.Context) ([]outbox.Item, error) { return tt.items, nil }
			want(t, run(t, c), doctor.Outbox, tt.want)
		})
	}
}

func TestSettingsAndFolders(t *testing.T) {
	t.Parallel()
	c := bare(t)
	want(t, run(t, c), doctor.Settings, "settings-none ok")
	if err := os.WriteFile(filepath.Join(c.Folders.Data, "settings.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, c.SettingsErr = settings.Load(c.Folders)
	want(t, run(t, c), doctor.Settings, "settings-damaged bad")

	c = bare(t)
	c.Folders.Data = filepath.Join(c.Folders.Data, "gone")
	want(t, run(t, c), doctor.Folders, "folder-readonly bad")
	c.FolderErr = settings.ErrNoFolder
	want(t, run(t, c), doctor.Folders, "folder-none bad")
}

func TestADeviceWithoutItsDriverIsTold(t *testing.T) {
	t.Parallel()
	c := bare(t)
	c.Modules = func() []discover.Candidate { return nil }
	c.Devices = func() []discover.Device {
		return []discover.Device{{Vendor: 0x096E, Product: 0x0309, Name: "ePass2003", Makers: []string{"Feitian", "VNPT-CA"}}}
	}
	r := run(t, c)
	want(t, r, doctor.Tokens, "usb-unserved bad")
	want(t, r, doctor.Drivers, "driver-none bad")
}

func TestACheckThatDoesNotEndIsGivenUp(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	c := bare(t)
	c.Limits.Local = 100 * time.Millisecond
	c.Outbox = func(context.Context) ([]outbox.Item, error) { <-release; return nil, nil }
	want(t, run(t, c), doctor.Outbox, "no-answer unknown")
}

func TestProgressIsToldAsChecksComeIn(t *testing.T) {
	t.Parallel()
	module, env := tokentest.StandardSoftHSM(t)
	c := bare(t)
	driver(t, &c, env, module)
	var seen []doctor.Progress
	r := doctor.Run(t.Context(), c, func(p doctor.Progress) { seen = append(seen, p) })
	last := seen[len(seen)-1]
	if last.Done != last.All || len(seen) != last.All {
		t.Errorf("got %d of %d at the end, told %d times", last.Done, last.All, len(seen))
	}
	for i := 1; i < len(seen); i++ {
		if seen[i].Done != seen[i-1].Done+1 || len(seen[i].Findings) < len(seen[i-1].Findings) {
			t.Errorf("step %d: %d done after %d, %d findings after %d", i, seen[i].Done, seen[i-1].Done, len(seen[i].Findings), len(seen[i-1].Findings))
		}
	}
	if len(r.Findings) == 0 {
		t.Error("nothing was found")
	}
}
