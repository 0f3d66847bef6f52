package pdf_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"testing"

	"kyso/signer/internal/pdf"
	"kyso/signer/signertest/seeds"
)

// trailers are what qpdf writes for an empty user's password and the owner's
// "owner", revisions 2 to 6.
func trailers() []string {
	const id = "/ID[<31415926535897932384626433832795><31415926535897932384626433832795>]"
	return []string{
		"/Encrypt<</Filter/Standard/Length 40/O<c92422687facee686e373f10b5c7d04738053152f7e2ee30e11c69ec442576ab>/P -4/R 2/U<b3d9fa366906ef42f354c6deb74c59075eaf334eb7c04356ba0d7f3dd8b51d0a>/V 1>>" + id,
		"/Encrypt<</Filter/Standard/Length 128/O<566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5>/P -4/R 3/U<e21cc3d13b0faa9934db7d20f11e333e0122456a91bae5134273a6db134c87c4>/V 2>>" + id,
		"/Encrypt<</CF<</StdCF<</AuthEvent/DocOpen/CFM/AESV2/Length 16>>>>/Filter/Standard/Length 128/O<566fa873ee33c797cd3b904fdadf814afa34df9a38f6ed41b984e2c6da2aa6f5>/P -4/R 4/StmF/StdCF/StrF/StdCF/U<e21cc3d13b0faa9934db7d20f11e333e0122456a91bae5134273a6db134c87c4>/V 4>>" + id,
		"/Encrypt<</CF<</StdCF<</AuthEvent/DocOpen/CFM/AESV3/Length 32>>>>/Filter/Standard/Length 256/O<177d6c5351743eb3e6ad6c7a19328fecbaabeaf6db85fc8e793a156d5d468368b848b48e0e6209ec723b14ca1fa0c32a>" +
			"/OE<eae0e22fbbdb7dc8a7663e4cbf2bfebb5afca93b9c2de2c0bd8c2c6e93b9eb50>/P -4/Perms<5a6a88c1384e2b1aab99d58c3774de1d>/R 5/StmF/StdCF/StrF/StdCF" +
			"/U<d80c80a98c3ed26d1393479fad3c584bed3cc3e2c8ddb3c205e075b39a8ce6cbb711651b38598df4c4a03fe661fdb1fd>/UE<62c81f10f44a2f68c18ca616413d4a6ce71a418376810f46f2ba74d60f218c0e>/V 5>>" + id,
		"/Encrypt<</CF<</StdCF<</AuthEvent/DocOpen/CFM/AESV3/Length 32>>>>/Filter/Standard/Length 256/O<e38091fac0db6d49c59f24ad55d3798337b917d88f711192d93e92305144cf1534cbc8e36cd3498dee8817cc43d10fd7>" +
			"/OE<7cb1fa9239c9a1db4f53fe63b6f9879ba047d37694628aa67762cf24aac9cb57>/P -4/Perms<dba7f51a842aa38f69a3381c18428b56>/R 6/StmF/StdCF/StrF/StdCF" +
			"/U<2e23aff47d7a4bd66d4bd4fb6aad395cd8d8bdd556019f90e7dc845bfb87e193eceafde86b7d891dc8b267a6c83ea796>/UE<0adcb854689032a78e8ad5055789c2f2c5f921673cdf42b826b39bdcc1d174de>/V 5>>" + id,
	}
}

// FuzzEncryption opens a file with an encryption dictionary, a password, a
// string and a stream. Where it opens, nothing grows by deciphering, and what an update
// writes, enciphered, is read back as it was: new strings and streams, and old
// strings that stand beside them.
func FuzzEncryption(f *testing.F) {
	for _, s := range trailers() {
		f.Add([]byte(s), []byte("owner"), []byte("a string of the file, or its cipher"), []byte("a stream of the file, or its cipher"))
		f.Add([]byte(s), []byte(nil), []byte("text"), []byte("data"))
	}
	for _, b := range seeds.Corpus(f, seeds.Encryption, 4<<10) {
		f.Add(b, []byte(nil), []byte("text"), []byte("data"))
		f.Add(b, []byte("owner"), []byte("text"), []byte("data"))
	}
	f.Fuzz(func(t *testing.T, trailer, password, text, data []byte) {
		if len(trailer)+len(text)+len(data) > 8<<10 {
			t.Skip("too long to be quick")
		}
		b := enciphered(trailer, text, data)
		file, err := pdf.OpenWith(bytes.NewReader(b), int64(len(b)), password)
		if err != nil {
			if !errors.Is(err, pdf.ErrEncrypted) && !errors.Is(err, pdf.ErrDamaged) {
				t.Errorf("error %v", err)
			}
			return
		}
		// The pieces may close objects and open others: it need not be the string or the stream.
		old := file.Resolve(pdf.Ref{Number: 5})
		if s, ok := old.(pdf.String); ok && len(s.Bytes()) > len(b) {
			t.Errorf("%d bytes in %d", len(s.Bytes()), len(b))
		}
		if _, ok := old.(*pdf.Stream); ok {
			return
		}
		if s, ok := file.Resolve(pdf.Ref{Number: 6}).(*pdf.Stream); ok && s.Dict.Get("Filter") == nil {
			if got, err := file.StreamData(s); err == nil && len(got) > len(b) {
				t.Errorf("%d bytes of a stream in %d", len(got), len(b))
			}
		}
		u := file.Update()
		u.Set(pdf.Ref{Number: 5}, pdf.Array{old, pdf.NewString(text)})
		stream := u.Add(&pdf.NewStream{Dict: pdf.NewDict("Note", pdf.NewString(text)), Data: data})
		more, err := u.Bytes()
		if err != nil {
			if file.Encrypted() && errors.Is(err, pdf.ErrEncrypted) {
				return // an unknown crypt filter
			}
			t.Fatal(err)
		}
		b = append(b, more...)
		again, err := pdf.OpenWith(bytes.NewReader(b), int64(len(b)), password)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := again.Resolve(pdf.Ref{Number: 5}), (pdf.Array{old, pdf.NewString(text)}); !pdf.Equal(got, want) {
			t.Errorf("strings %#v, want %#v", got, want)
		}
		s, ok := again.Resolve(stream).(*pdf.Stream)
		if !ok {
			t.Fatalf("the stream is %#v", again.Resolve(stream))
		}
		if got, err := again.StreamData(s); err != nil || !bytes.Equal(got, data) {
			t.Errorf("the stream is %q, %v, want %q", got, err, data)
		}
		if got := again.Bytes(s.Dict.Get("Note")); !bytes.Equal(got, text) {
			t.Errorf("its string is %q, want %q", got, text)
		}
	})
}

// enciphered is a file whose object 5 is a string and object 6 a stream.
func enciphered(trailer, text, data []byte) []byte {
	var b bytes.Buffer
	var rows bytes.Buffer
	b.WriteString("%PDF-1.7\n")
	for i, body := range []string{
		"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>", "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", "null",
		"<" + hex.EncodeToString(text) + ">", fmt.Sprintf("<</Length %d>>stream\n%s\nendstream", len(data), data),
	} {
		fmt.Fprintf(&rows, "%010d 00000 n\r\n", b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, body)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 7\n0000000000 65535 f\r\n%strailer\n<</Root 1 0 R/Size 7%s>>\nstartxref\n%d\n%%%%EOF\n", rows.Bytes(), trailer, at)
	return b.Bytes()
}
