package cms_test

import (
	"bytes"
	"encoding/asn1"
	"testing"

	"kyso/signer/internal/cms"
)

// der is one value: a tag and what its parts add up to.
func der(tag byte, parts ...[]byte) []byte {
	body := bytes.Join(parts, nil)
	length := []byte{byte(len(body))}
	if len(body) > 127 { // no test makes more than 255 bytes
		length = []byte{0x81, byte(len(body))}
	}
	return append(append([]byte{tag}, length...), body...)
}

func oidOf(t *testing.T, arcs ...int) []byte {
	t.Helper()
	b, err := asn1.Marshal(asn1.ObjectIdentifier(arcs))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestTheAnswersThatAnOldSignatureBringsAreFound(t *testing.T) {
	list, answer := der(0x30, []byte{2, 1, 1}), der(0x30, []byte{10, 1, 0})
	for name, c := range map[string]struct {
		archival       []byte
		lists, answers int
	}{
		"a list and two answers": {der(0x30, der(0xa0, der(0x30, list)), der(0xa1, der(0x30, answer, answer))), 1, 2},
		"answers alone":          {der(0x30, der(0xa1, der(0x30, answer))), 0, 1},
		"nothing":                {der(0x30), 0, 0},
		"no sequence":            {der(4, []byte("x")), 0, 0},
		"rubbish in the list":    {der(0x30, der(0xa0, der(0x30, list, der(4, []byte("x"))))), 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			data, sha256 := oidOf(t, 1, 2, 840, 113549, 1, 7, 1), der(0x30, oidOf(t, 2, 16, 840, 1, 101, 3, 4, 2, 1))
			attribute := der(0x30, oidOf(t, 1, 2, 840, 113583, 1, 1, 8), der(0x31, c.archival))
			signer := der(0x30, []byte{2, 1, 1}, der(0x30, der(0x30), []byte{2, 1, 5}), sha256, der(0xa0, attribute), sha256, der(4, []byte("value")))
			signed := der(0x30, []byte{2, 1, 1}, der(0x31, sha256), der(0x30, data), der(0x31, signer))
			parsed, err := cms.Parse(der(0x30, oidOf(t, 1, 2, 840, 113549, 1, 7, 2), der(0xa0, signed)))
			if err != nil {
				t.Fatal(err)
			}
			lists, answers := parsed.Signers[0].Archived()
			if len(lists) != c.lists || len(answers) != c.answers {
				t.Fatalf("%d lists and %d answers, want %d and %d", len(lists), len(answers), c.lists, c.answers)
			}
			if c.lists > 0 && !bytes.Equal(lists[0], list) || c.answers > 0 && !bytes.Equal(answers[0], answer) {
				t.Errorf("got %x and %x", lists, answers)
			}
		})
	}
}
