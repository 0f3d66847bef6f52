package curve

import (
	"crypto/sha3"
	"math/big"
	"slices"
)

const (
	ed448Size = 57
	ed448D    = -39081
)

// Ed448PublicKey is a public key of Ed448 in its encoding (RFC 8032, 5.2.5).
type Ed448PublicKey []byte

// NewEd448PublicKey takes 57 bytes; the error wraps ErrKey.
func NewEd448PublicKey(b []byte) (Ed448PublicKey, error) {
	f := newEdwards()
	if _, ok := f.decode(b); !ok {
		return nil, ErrKey
	}
	return Ed448PublicKey(slices.Clone(b)), nil
}

// Verify checks an Ed448 signature without a context over a message (RFC 8032, 5.2.7).
func (k Ed448PublicKey) Verify(message, signature []byte) bool {
	if len(signature) != 2*ed448Size {
		return false
	}
	f := newEdwards()
	a, ok1 := f.decode(k)
	r, ok2 := f.decode(signature[:ed448Size])
	s := littleEndian(signature[ed448Size:])
	if !ok1 || !ok2 || s.Cmp(f.order) >= 0 {
		return false
	}
	h := sha3.NewSHAKE256()
	_, _ = h.Write([]byte("SigEd448\x00\x00")) // dom4(0, "")
	_, _ = h.Write(signature[:ed448Size])
	_, _ = h.Write(k)
	_, _ = h.Write(message)
	var sum [114]byte
	_, _ = h.Read(sum[:])
	challenge := littleEndian(sum[:])
	challenge.Mod(challenge, f.order)
	// [4][S]B = [4]R + [4][k]A
	left := f.times(s, f.generator)
	right := f.add(r, f.times(challenge, a))
	for range 2 {
		left, right = f.add(left, left), f.add(right, right)
	}
	return f.same(left, right)
}

// edwards is x² + y² = 1 + d·x²y² over the field of p elements (RFC 8032, 5.2).
type edwards struct {
	p, d, order *big.Int
	generator   projective
}

// projective is the point (x/z, y/z).
type projective struct{ x, y, z *big.Int }

func newEdwards() *edwards {
	one := big.NewInt(1)
	f := &edwards{p: new(big.Int).Lsh(one, 448)}
	f.p.Sub(f.p, new(big.Int).Lsh(one, 224)).Sub(f.p, one)
	f.d = new(big.Int).Add(f.p, big.NewInt(ed448D))
	hex := func(s string) *big.Int {
		n, _ := new(big.Int).SetString(s, 16) // the constants below are right: a test multiplies them
		return n
	}
	f.order = new(big.Int).Lsh(one, 446)
	f.order.Sub(f.order, hex("8335dc163bb124b65129c96fde933d8d723a70aadc873d6d54a7bb0d"))
	f.generator = projective{
		x: hex("4f1970c66bed0ded221d15a622bf36da9e146570470f1767ea6de324a3d3a46412ae1af72ab66511433b80e18b00938e2626a82bc70cc05e"),
		y: hex("693f46716eb6bc248876203756c9c7624bea73736ca3984087789c1e05a0c2d73ad3ff1ce67c39c4fdbd132c4ed7c8ad9808795bf230fa14"),
		z: one,
	}
	return f
}

func littleEndian(b []byte) *big.Int {
	b = slices.Clone(b)
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

// decode reads a point (RFC 8032, 5.2.3).
func (f *edwards) decode(b []byte) (projective, bool) {
	if len(b) != ed448Size || b[ed448Size-1]&0x7f != 0 {
		return projective{}, false
	}
	y := littleEndian(b[:ed448Size-1])
	if y.Cmp(f.p) >= 0 {
		return projective{}, false
	}
	yy := f.mul(y, y)
	u := new(big.Int).Sub(yy, big.NewInt(1))
	v := f.mul(f.d, yy)
	v.Sub(v, big.NewInt(1)).Mod(v, f.p)
	inverse := new(big.Int).ModInverse(v, f.p)
	if inverse == nil {
		return projective{}, false
	}
	x := new(big.Int).ModSqrt(f.mul(u.Mod(u, f.p), inverse), f.p)
	odd := uint(b[ed448Size-1] >> 7)
	if x == nil || x.Sign() == 0 && odd == 1 {
		return projective{}, false
	}
	if x.Bit(0) != odd {
		x.Sub(f.p, x)
	}
	return projective{x, y, big.NewInt(1)}, true
}

func (f *edwards) mul(a, b *big.Int) *big.Int {
	r := new(big.Int).Mul(a, b)
	return r.Mod(r, f.p)
}

// add is complete: it doubles as well (RFC 8032, 5.2.4).
func (f *edwards) add(u, v projective) projective {
	a := f.mul(u.z, v.z)
	b := f.mul(a, a)
	c := f.mul(u.x, v.x)
	d := f.mul(u.y, v.y)
	e := f.mul(f.d, f.mul(c, d))
	minus, plus := new(big.Int).Sub(b, e), new(big.Int).Add(b, e)
	cross := new(big.Int).Mul(new(big.Int).Add(u.x, u.y), new(big.Int).Add(v.x, v.y))
	cross.Sub(cross, c).Sub(cross, d).Mod(cross, f.p)
	return projective{
		x: f.mul(f.mul(a, minus), cross),
		y: f.mul(f.mul(a, plus), new(big.Int).Sub(d, c)),
		z: f.mul(minus, plus),
	}
}

func (f *edwards) times(n *big.Int, u projective) projective {
	sum := projective{new(big.Int), big.NewInt(1), big.NewInt(1)}
	for i := n.BitLen() - 1; i >= 0; i-- {
		sum = f.add(sum, sum)
		if n.Bit(i) == 1 {
			sum = f.add(sum, u)
		}
	}
	return sum
}

func (f *edwards) same(u, v projective) bool {
	return f.mul(u.x, v.z).Cmp(f.mul(v.x, u.z)) == 0 && f.mul(u.y, v.z).Cmp(f.mul(v.y, u.z)) == 0
}
