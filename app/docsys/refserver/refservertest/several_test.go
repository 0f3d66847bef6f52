package refservertest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
	"kyso/signer/verify"
)

func TestMain(m *testing.M) { os.Exit(withCluster(m)) }

// cluster is the PostgreSQL of these tests.
var cluster *site.Cluster

func withCluster(m *testing.M) int {
	var err error
	cluster, err = site.StartCluster(context.Background(), site.Forgetful)
	if errors.Is(err, site.ErrNoPostgres) {
		fmt.Fprintln(os.Stderr, "PostgreSQL is not installed: its tests were left out")
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer cluster.Stop()
	return m.Run()
}

func submission(d docsys.Document, key, stage string, file []byte) docsys.Submission {
	sum := sha256.Sum256(file)
	return docsys.Submission{
		Key: key, DocumentID: d.ID, BaseVersion: d.Version, Stage: stage, SHA256: hex.EncodeToString(sum[:]), Size: int64(len(file)),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(file)), nil },
	}
}

func approval(s *site.Site) verify.Signature {
	return verify.Signature{
		Field: "Signature1", Indication: verify.TotalPassed, ClaimedTime: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC),
		Signer: verify.Certificate{SHA256: s.Certificates[site.Chairman], Holder: "Trần Minh Khôi"},
	}
}

func newDocument(n int) docsys.NewDocument {
	return docsys.NewDocument{
		Unit: refserver.KimLienUnit, Type: "Công văn", Subject: fmt.Sprint("Văn bản ", n), Secrecy: "none",
		Number: new(fmt.Sprint(n)), IssuedOn: new("2026-11-20"), SignerName: new("Trần Minh Khôi"),
	}
}

// deliver registers a document and its signed file through two servers at once.
func deliver(ctx context.Context, servers []*site.Site, n int) error {
	docs, errs := make([]docsys.Document, len(servers)), make([]error, len(servers))
	var wg sync.WaitGroup
	for i, s := range servers {
		wg.Go(func() {
			docs[i], errs[i] = s.As(site.Chairman).Create(ctx, fmt.Sprintf("create-%04d", n), newDocument(n))
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if docs[0].ID != docs[1].ID {
		return fmt.Errorf("document %d twice: %s and %s", n, docs[0].ID, docs[1].ID)
	}
	file := []byte(fmt.Sprintf("%%PDF-1.7 %d\n%%SIGNED ", n))
	line, err := site.Line(approval(servers[0]))
	if err != nil {
		return err
	}
	file = append(file, line...)
	receipts := make([]docsys.Receipt, len(servers))
	for i, s := range servers {
		wg.Go(func() {
			receipts[i], errs[i] = s.As(site.Chairman).Submit(ctx, submission(docs[0], fmt.Sprintf("commit-%04d", n), "signed", file))
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if receipts[0] != receipts[1] {
		return fmt.Errorf("document %d: receipts %+v and %+v", n, receipts[0], receipts[1])
	}
	return nil
}

func TestServersShareOneDatabase(t *testing.T) {
	dir, url, clock := t.TempDir(), cluster.Make(t), site.NewClock()
	var judged [2]sync.Map
	var servers []*site.Site
	for i := range 2 {
		servers = append(servers, site.Start(t, dir, clock, site.Options{NoYear: true, Postgres: url, Verifier: func(ctx context.Context, r io.ReaderAt, size int64, at time.Time) (verify.Report, error) {
			raw := make([]byte, size)
			_, _ = r.ReadAt(raw, 0)
			if _, again := judged[i].LoadOrStore(string(raw), true); again {
				t.Errorf("server %d judges a file twice", i)
			}
			return site.Marked(ctx, r, size, at)
		}}))
	}
	const documents = 40
	var wg sync.WaitGroup
	errs := make([]error, documents)
	slots := make(chan struct{}, 8)
	for n := range documents {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			errs[n] = deliver(t.Context(), servers, n+1)
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	waitFulfilled(t, servers[1], documents)
	counts := [2]int{}
	for i := range judged {
		judged[i].Range(func(file, _ any) bool {
			counts[i]++
			if _, both := judged[1-i].Load(file); both {
				t.Errorf("both servers judged %q", file)
			}
			return true
		})
	}
	t.Logf("verified: %v", counts)
	if counts[0]+counts[1] != documents || counts[0] == 0 || counts[1] == 0 {
		t.Errorf("the servers verified %v of %d files: they did not share the work", counts, documents)
	}
	sound(t, servers[0].Server)
}

func waitFulfilled(t *testing.T, s *site.Site, want int) {
	t.Helper()
	got := 0
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 3000 {
		page, err := s.As(site.Chairman).Board(t.Context(), refserver.KimLienUnit, "2026")
		if err != nil {
			t.Fatal(err)
		}
		if got = page.Own.Fulfilled; got == want && page.Own.Required == want {
			return
		}
		<-tick.C
	}
	t.Fatalf("%d of %d are fulfilled", got, want)
}

func sound(t *testing.T, s *refserver.Server) {
	t.Helper()
	f, err := s.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range f.Wrong {
		t.Error(w)
	}
	if f.Entries == 0 || f.Files == 0 {
		t.Errorf("the check read %+v", f)
	}
}

func TestNumbersHaveNoGapsAndNoDoubles(t *testing.T) {
	dir, url, clock := t.TempDir(), cluster.Make(t), site.NewClock()
	servers := []*site.Site{
		site.Start(t, dir, clock, site.Options{NoYear: true, Postgres: url}), site.Start(t, dir, clock, site.Options{NoYear: true, Postgres: url}),
	}
	numbers := make([]string, 24)
	errs := make([]error, len(numbers))
	var wg sync.WaitGroup
	for i := range numbers {
		wg.Go(func() { numbers[i], errs[i] = servers[i%2].Number(t.Context(), i) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
	for n := range numbers {
		if !slices.Contains(numbers, fmt.Sprint(n+1)) {
			t.Errorf("number %d is missing in %v", n+1, numbers)
		}
	}
}

// used is a SQLite server with some documents, stopped.
func used(t *testing.T) (dir string, clock *site.Clock) {
	t.Helper()
	dir, clock = t.TempDir(), site.NewClock()
	s := site.Start(t, dir, clock, site.Options{})
	for n := range 5 {
		if err := deliver(t.Context(), []*site.Site{s, s}, 9000+n); err != nil {
			t.Fatal(err)
		}
	}
	waitBoard(t, s, 165, 175)
	s.Stop()
	return dir, clock
}

func waitBoard(t *testing.T, s *site.Site, fulfilled, required int) {
	t.Helper()
	var page docsys.BoardPage
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 3000 {
		var err error
		if page, err = s.As(site.Chairman).Board(t.Context(), refserver.KimLienUnit, "2026"); err != nil {
			t.Fatal(err)
		}
		if page.Own.Fulfilled == fulfilled && page.Own.Required == required {
			return
		}
		<-tick.C
	}
	t.Fatalf("the board shows %+v, want %d of %d", page.Own, fulfilled, required)
}

func TestMigrate(t *testing.T) {
	dir, clock := used(t)
	url := cluster.Make(t)
	rows, err := refserver.Migrate(t.Context(), dir, url, clock.Now)
	if err != nil || rows < 5000 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	s := site.Start(t, dir, clock, site.Options{Postgres: url})
	waitBoard(t, s, 165, 175)
	sound(t, s.Server)
	if err := deliver(t.Context(), []*site.Site{s, s}, 9100); err != nil {
		t.Fatal(err)
	}
	waitBoard(t, s, 166, 176)
	t.Run("a database in use is refused", func(t *testing.T) {
		if _, err := refserver.Migrate(t.Context(), dir, url, clock.Now); !errors.Is(err, refserver.ErrInUse) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("without data there is nothing to migrate", func(t *testing.T) {
		if _, err := refserver.Migrate(t.Context(), t.TempDir(), cluster.Make(t), clock.Now); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
}

func TestBackupAndRestore(t *testing.T) {
	dir, clock := used(t)
	url := cluster.Make(t)
	if _, err := refserver.Migrate(t.Context(), dir, url, clock.Now); err != nil {
		t.Fatal(err)
	}
	for name, from := range map[string]string{"from SQLite": "", "from PostgreSQL": url} {
		t.Run(name, func(t *testing.T) {
			backup := t.TempDir()
			s := site.Start(t, dir, clock, site.Options{Postgres: from})
			for range 2 { // the second renews the first
				if f, err := s.Server.Backup(t.Context(), dir, backup); err != nil || len(f.Wrong) > 0 || f.Files < 5 {
					t.Fatalf("%+v, %v", f, err)
				}
			}
			s.Stop()
			for name, to := range map[string]string{"to SQLite": "", "to PostgreSQL": cluster.Make(t)} {
				t.Run(name, func(t *testing.T) { restores(t, backup, to, clock) })
			}
		})
	}
}

func restores(t *testing.T, backup, postgres string, clock *site.Clock) {
	t.Helper()
	data := t.TempDir()
	cfg := refserver.Config{Data: data, Postgres: postgres, Verifier: site.Marked, Clock: clock.Now}
	f, err := refserver.Restore(t.Context(), backup, cfg)
	if err != nil || len(f.Wrong) > 0 {
		t.Fatalf("%+v, %v", f, err)
	}
	if _, err := refserver.Restore(t.Context(), backup, cfg); !errors.Is(err, refserver.ErrInUse) {
		t.Errorf("restored over data: %v", err)
	}
	s := site.Start(t, data, clock, site.Options{Postgres: postgres, Keep: true})
	waitBoard(t, s, 165, 175)
	docs, err := s.As(site.Chairman).Unsigned(t.Context(), refserver.KimLienUnit, "2026")
	if err != nil || len(docs) != 10 {
		t.Errorf("%d unsigned, %v", len(docs), err)
	}
	sound(t, s.Server)
}

func TestABackupThatIsNotWholeIsRefused(t *testing.T) {
	dir, clock := used(t)
	backup := t.TempDir()
	s := site.Start(t, dir, clock, site.Options{})
	if _, err := s.Server.Backup(t.Context(), dir, backup); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	cases := map[string]func(t *testing.T, dir string){
		"without its manifest": func(t *testing.T, dir string) {
			t.Helper()
			remove(t, filepath.Join(dir, "backup.json"))
		},
		"with a changed file": func(t *testing.T, dir string) {
			t.Helper()
			change(t, anyBlob(t, dir))
		},
		"with a file missing": func(t *testing.T, dir string) {
			t.Helper()
			remove(t, anyBlob(t, dir))
		},
		"with a manifest of another log": func(t *testing.T, dir string) {
			t.Helper()
			raw, err := os.ReadFile(filepath.Join(dir, "backup.json"))
			if err != nil {
				t.Fatal(err)
			}
			raw = bytes.Replace(raw, []byte("kyso-docserver\\n"), []byte("kyso-docserver\\n1"), 1)
			if err := os.WriteFile(filepath.Join(dir, "backup.json"), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	}
	for name, damage := range cases {
		t.Run(name, func(t *testing.T) {
			copied := filepath.Join(t.TempDir(), "backup")
			if err := os.CopyFS(copied, os.DirFS(backup)); err != nil {
				t.Fatal(err)
			}
			damage(t, copied)
			f, err := refserver.Restore(t.Context(), copied, refserver.Config{Data: t.TempDir(), Verifier: site.Marked, Clock: clock.Now})
			if err == nil && len(f.Wrong) == 0 {
				t.Error("restored")
			}
		})
	}
}

func anyBlob(t *testing.T, dir string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "blobs", "*", "*"))
	if err != nil || len(found) == 0 {
		t.Fatalf("no files: %v", err)
	}
	return found[0]
}

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
}

func change(t *testing.T, path string) {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)/2] ^= 1
	if err := os.WriteFile(path, raw, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestBothEnginesHaveTheSameTables(t *testing.T) {
	if err := refserver.SameTables(t.Context(), t.TempDir(), cluster.Make(t)); err != nil {
		t.Error(err)
	}
}
