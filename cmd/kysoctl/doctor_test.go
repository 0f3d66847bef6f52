package main_test

import (
	"os"
	"strings"
	"testing"

	kysoctl "kyso/cmd/kysoctl"
)

func TestTheVersionAgreesWithTheWindows(t *testing.T) {
	b, err := os.ReadFile("../../FyneApp.toml")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(b), `Version = "`+kysoctl.ProgramVersion+`"`) {
		t.Errorf("FyneApp.toml has another version than %s", kysoctl.ProgramVersion)
	}
}
