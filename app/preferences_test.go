package app_test

import (
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"kyso/app"
	"kyso/app/settings"
	"kyso/signer/signertest"
)

func TestAChangeOfSettingsTakesEffectAtOnceAndIsThereAfterARestart(t *testing.T) {
	data := t.TempDir()
	a, err := app.Start(t.Context(), app.Options{Data: data, OnlyModules: true, NoOutbox: true, Policy: filepath.Join(data, "none.json")})
	if err != nil {
		t.Fatal(err)
	}
	before := a.Desk()
	if err := a.Change(settings.Settings{Level: "B-T", TimeStampServers: []string{"http://tsa.example"}}); err != nil {
		t.Fatal(err)
	}
	if a.Desk() == before {
		t.Error("the road is that of the settings before")
	}
	if err := a.Keep(func(s *settings.Settings) { s.LastCertificate = "aa" }); err != nil {
		t.Fatal(err)
	}
	if c := a.Checkup("1"); c.Level != "B-T" || len(c.Stamps) != 1 {
		t.Errorf("got %q and %d servers", c.Level, len(c.Stamps))
	}
	if err := a.Change(settings.Settings{Trust: filepath.Join(data, "nowhere")}); err == nil {
		t.Error("a folder that is not there was taken")
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	kept, err := settings.Load(a.Folders)
	if err != nil || kept.Level != "B-T" || kept.LastCertificate != "aa" {
		t.Errorf("got %+v, %v", kept, err)
	}
}

func TestCertificatesAreTrustedShownAndTakenOut(t *testing.T) {
	pki, err := signertest.New(signertest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a := start(t, "")
	path := write(t, "goc.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pki.Root().Raw}))
	shown, err := a.LookIntoCertificates(path)
	if err != nil || len(shown) != 1 || !shown[0].Root {
		t.Fatalf("got %+v, %v", shown, err)
	}
	if all, _, err := a.Trusted(); err != nil || len(all) != 0 {
		t.Fatalf("looking has trusted %d, %v", len(all), err)
	}
	if err := a.Trust(path, shown[0].SHA256); err != nil {
		t.Fatal(err)
	}
	all, fixed, err := a.Trusted()
	if err != nil || fixed || len(all) != 1 || all[0].SHA256 != shown[0].SHA256 {
		t.Fatalf("got %+v, %v, %v", all, fixed, err)
	}
	_, e := a.Now()
	if err := os.WriteFile(filepath.Join(e.Trust, "trung gian.cer"), pki.Issuing().Raw, 0o600); err != nil {
		t.Fatal(err)
	}
	all, _, err = a.Trusted()
	if err != nil || len(all) != 2 {
		t.Fatalf("got %+v, %v", all, err)
	}
	for _, c := range all {
		if err := a.Distrust(c.SHA256); err != nil {
			t.Error(err)
		}
	}
	if all, _, err := a.Trusted(); err != nil || len(all) != 0 {
		t.Errorf("%d are left, %v", len(all), err)
	}
}
