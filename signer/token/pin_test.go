package token_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kyso/signer/token"
)

func TestAdmit(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		info    token.Info
		pin     []byte
		lastTry bool
		want    token.Kind
	}{
		"a PIN of a token that tells nothing":     {token.Info{}, []byte("1"), false, ""},
		"a PIN within the bounds":                 {token.Info{MinPIN: 4, MaxPIN: 8}, []byte("12345678"), false, ""},
		"a PIN that is too short":                 {token.Info{MinPIN: 4, MaxPIN: 8}, []byte("123"), false, token.KindPINFormat},
		"a PIN that is too long":                  {token.Info{MinPIN: 4, MaxPIN: 8}, []byte("123456789"), false, token.KindPINFormat},
		"bounds that contradict each other":       {token.Info{MinPIN: 8, MaxPIN: 4}, []byte("123456"), false, ""},
		"an empty PIN":                            {token.Info{}, []byte{}, false, token.KindPINFormat},
		"a PIN with a control character":          {token.Info{}, []byte("1234\n"), false, token.KindPINFormat},
		"a PIN that is no UTF-8":                  {token.Info{}, []byte("12\xff4"), false, token.KindPINFormat},
		"a PIN with Vietnamese letters":           {token.Info{}, []byte("mậtkhẩu"), false, ""},
		"a low counter":                           {token.Info{PIN: token.PINLow}, []byte("1234"), false, ""},
		"the last try":                            {token.Info{PIN: token.PINFinal}, []byte("1234"), false, token.KindPINFinal},
		"the last try, confirmed":                 {token.Info{PIN: token.PINFinal}, []byte("1234"), true, ""},
		"the last try on the reader":              {token.Info{PIN: token.PINFinal}, nil, false, token.KindPINFinal},
		"a locked token":                          {token.Info{PIN: token.PINLocked}, []byte("1234"), true, token.KindPINLocked},
		"a PIN on the reader":                     {token.Info{MinPIN: 4, MaxPIN: 8}, nil, false, ""},
		"a token that does not tell of its PIN":   {token.Info{PIN: token.PINUnset}, []byte("1234"), false, ""},
		"a confirmed last try with a wrong form":  {token.Info{PIN: token.PINFinal}, []byte{}, true, token.KindPINFormat},
		"a PIN of bytes where letters have three": {token.Info{MinPIN: 4, MaxPIN: 8}, []byte("mậtkhẩu"), false, token.KindPINFormat},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := token.Admit("login", tt.info, tt.pin, tt.lastTry)
			var e *token.Error
			if errors.As(err, &e); (tt.want == "") != (err == nil) || (e != nil && e.Kind != tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestWeaknesses(t *testing.T) {
	t.Parallel()
	info := token.Info{MinPIN: 4, MaxPIN: 12}
	for fresh, want := range map[string][]token.Weakness{
		"73920184":      nil,
		"Kx7-pq":        nil,
		"83920184":      nil,
		"7392":          {token.WeakShort},
		"":              {token.WeakShort},
		"7392018473920": {token.WeakLong},
		"mậtkhẩu":       {token.WeakCharacters},
		"73 920184":     {token.WeakCharacters},
		"58203947":      {token.WeakUnchanged},
		"000000":        {token.WeakSame},
		"AAAAAA":        {token.WeakSame},
		"123456":        {token.WeakSequence},
		"567890":        {token.WeakSequence},
		"8901234":       {token.WeakSequence},
		"987654":        {token.WeakSequence},
		"fedcba":        {token.WeakSequence},
		"Qwerty":        {token.WeakSequence},
		"121212":        {token.WeakRepeated, token.WeakDate},
		"739739":        {token.WeakRepeated},
		"230485":        {token.WeakDate},
		"850423":        {token.WeakDate},
		"23041985":      {token.WeakDate},
		"19850423":      {token.WeakDate},
		"04231985":      {token.WeakDate},
	} {
		t.Run(fresh, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, token.Weaknesses(info, []byte("58203947"), []byte(fresh))); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

func TestATokenWithShortPINsIsTakenAsItIs(t *testing.T) {
	t.Parallel()
	if got := token.Weaknesses(token.Info{MinPIN: 4, MaxPIN: 4}, nil, []byte("7392")); got != nil {
		t.Errorf("got %v, want none: the token takes no longer ones", got)
	}
}
