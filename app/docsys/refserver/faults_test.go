package refserver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"testing"
	"time"

	"kyso/app/docsys"
	"kyso/app/docsys/refserver"
	site "kyso/app/docsys/refserver/refservertest"
)

func numbered(n int) docsys.NewDocument {
	return docsys.NewDocument{
		Unit: refserver.KimLienUnit, Type: "Công văn", Subject: fmt.Sprint("Văn bản ", n), Secrecy: "none", Number: new(strconv.Itoa(n)), IssuedOn: new("2026-01-05"),
	}
}

// The clock of a machine may be set forward and back by days.
func TestAClockThatJumps(t *testing.T) {
	clock := site.NewClock()
	s := site.Start(t, t.TempDir(), clock, site.Options{NoYear: true})
	me := s.As(site.Chairman)
	r := rand.New(rand.NewPCG(3, 57))
	for n := range 40 {
		clock.Forward(time.Duration(r.IntN(240)-120) * time.Hour)
		d, err := me.Create(t.Context(), fmt.Sprintf("jump-create-%03d", n), numbered(n+1))
		if err != nil {
			t.Fatal(err)
		}
		file := site.Sign(t, []byte(fmt.Sprint("%PDF-1.7 ", n)), passed(s, site.Chairman))
		clock.Forward(time.Duration(r.IntN(240)-120) * time.Hour)
		v, err := me.Submit(t.Context(), submission(d, fmt.Sprintf("jump-commit-%03d", n), "signed", file))
		if err != nil {
			t.Fatal(err)
		}
		if got := settled(t, me, v.Version); got.State != "passed" {
			t.Errorf("version %d: %+v", n, got)
		}
	}
	f, err := s.Server.Check(t.Context())
	if err != nil || len(f.Wrong) > 0 {
		t.Errorf("%+v, %v", f, err)
	}
}

// A full disk refuses and loses nothing; when there is room again the server
// goes on without a restart.
func TestAFullDisk(t *testing.T) {
	dir := t.TempDir()
	mount(t, dir, "6m")
	clock := site.NewClock()
	s := site.Start(t, dir, clock, site.Options{NoYear: true, Postgres: site.SQLite})
	me := s.As(site.Chairman)
	var kept []docsys.Receipt
	send := func(n int) error {
		d, err := me.Create(t.Context(), fmt.Sprintf("full-create-%03d", n), numbered(n+1))
		if err != nil {
			return err
		}
		file := site.Sign(t, bytes.Repeat([]byte(fmt.Sprint(n, " ")), 60_000), passed(s, site.Chairman))
		v, err := me.Submit(t.Context(), submission(d, fmt.Sprintf("full-commit-%03d", n), "signed", file))
		if err == nil {
			kept = append(kept, v)
		}
		return err
	}
	refused := 0
	for n := range 60 {
		err := send(n)
		if p, ok := errors.AsType[*docsys.Problem](err); ok {
			refused++
			if p.Status != http.StatusInsufficientStorage || !p.Retryable {
				t.Fatalf("document %d: %+v", n, p)
			}
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if refused == 0 || len(kept) == 0 {
		t.Fatalf("%d kept, %d refused: the disk was not full", len(kept), refused)
	}
	remount(t, dir, "64m")
	clock.Forward(time.Hour) // a verification that could not be written down is begun again once its lease is over
	if err := send(60); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	for _, v := range kept {
		if got := settled(t, me, v.Version); got.State != "passed" {
			t.Errorf("%+v", got)
		}
	}
	f, err := s.Server.Check(t.Context())
	if err != nil || len(f.Wrong) > 0 {
		t.Errorf("%+v, %v", f, err)
	}
	t.Logf("%d kept, %d refused", len(kept), refused)
}

// mount puts a small file system in memory at dir; only root can.
func mount(t *testing.T, dir, size string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size="+size, "kyso-test", dir).CombinedOutput(); err != nil {
		t.Skipf("only root mounts a small disk: %s", out)
	}
	t.Cleanup(func() {
		_ = exec.CommandContext(context.WithoutCancel(t.Context()), "umount", "-l", dir).Run()
	})
}

func remount(t *testing.T, dir, size string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "mount", "-o", "remount,size="+size, dir).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func TestImports(t *testing.T) {
	m := ward(t, site.NewClock())
	post := func(kind string, dry bool, table []byte) (int, importReport) {
		t.Helper()
		var report importReport
		resp, body := m.send(t, "admin-2", http.MethodPost, fmt.Sprintf("/imports/%s?dry_run=%v", kind, dry), string(table))
		report.read(t, body)
		return resp.StatusCode, report
	}
	people := []byte("Họ và tên,Chức vụ,Mã đơn vị,Tên đăng nhập,Vai trò,Thẩm quyền,Hình thức,Căn cứ\n" +
		"Nguyễn Văn Tám,Phó Chủ tịch,H26.13.25,tam,signer,\"approve initial\",KT,QĐ 15/QĐ-UBND\nLê Thị Chín,Chuyên viên,H26.13.25,chin,secretary,,,\n")
	documents := []byte("Mã đơn vị,Số,Ký hiệu,Loại văn bản,Trích yếu,Ngày ban hành,Người ký\n" +
		"H26.13.25,901,UBND-VP,Công văn,V/v nhập từ bảng,2026-10-05,Trần Minh Khôi\nH26.13.25,902,UBND-VP,Công văn,V/v nhập từ bảng 2,2026-10-06,Trần Minh Khôi\n")
	t.Run("a dry run stores nothing", func(t *testing.T) {
		for range 2 {
			if status, r := post("people", true, people); status != http.StatusOK || r.Stored || r.Rows != 2 || r.Bad != 0 {
				t.Errorf("%d %+v", status, r)
			}
		}
	})
	t.Run("one bad row stores nothing", func(t *testing.T) {
		bad := append(bytes.Clone(documents), "H26.13.99,903,UBND,Công văn,Đơn vị không có,2026-10-07,\nH26.13.25,901,UBND-VP,Công văn,Trùng số,2026-10-07,\nH26.13.25,904,UBND-VP,Công văn,Ngày sai,7/10/2026,\n"...)
		status, r := post("documents", false, bad)
		if status != http.StatusOK || r.Stored || r.Rows != 5 || r.Bad != 3 || !slices.Equal(r.lines(), []int{4, 5, 6}) {
			t.Errorf("%d %+v", status, r)
		}
	})
	t.Run("a good table is stored once", func(t *testing.T) {
		if status, r := post("people", false, people); status != http.StatusOK || !r.Stored {
			t.Errorf("%d %+v", status, r)
		}
		if status, r := post("documents", false, xlsx(t, documents)); status != http.StatusOK || !r.Stored || r.Rows != 2 {
			t.Errorf("%d %+v", status, r)
		}
		if status, r := post("documents", false, documents); status != http.StatusOK || r.Stored || r.Bad != 2 {
			t.Errorf("again: %d %+v", status, r)
		}
		page, err := m.site.As(site.Chairman).Board(t.Context(), refserver.KimLienUnit, year)
		if err != nil || page.Own.Required != 2 || page.Own.Fulfilled != 0 {
			t.Errorf("imported documents count as %+v, %v", page.Own, err)
		}
	})
	t.Run("tables that are none", func(t *testing.T) {
		for name, table := range map[string]string{
			"empty": "", "an unknown column": "code,name,kind,valid_from,colour\n", "a missing column": "code,name\n", "not UTF-8": "code,name,kind,valid_from\n\xff,x,y,2026-01-01\n",
			"half a zip": "PK\x03\x04half", "a doubled column": "code,code,name,kind,valid_from\n",
		} {
			if status, _ := post("units", true, []byte(table)); status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", name, status)
			}
		}
	})
	noDiscrepancy(t, m.site.Server)
}
