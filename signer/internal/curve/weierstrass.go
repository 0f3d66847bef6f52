// Package curve verifies signatures on elliptic curves that the standard
// library leaves out: ECDSA over the brainpool and other prime curves, and Ed448.
//
// It only verifies: all its input is public, so nothing runs in constant time.
// New signatures are never made here.
package curve

import (
	"errors"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	casn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// ErrKey reports bytes that are no public key of the curve.
var ErrKey = errors.New("no public key of the curve")

// PublicKey is a point on a short Weierstrass curve.
type PublicKey struct {
	curve *prime
	x, y  *big.Int
}

// prime is y² = x³ + ax + b over the field of p elements; g has the order n.
type prime struct {
	name               string
	p, a, b, gx, gy, n *big.Int
}

// NewPublicKey reads a point in the form of SEC 1, 2.3.3, compressed or not. It
// is false for a curve that is not known; the error wraps ErrKey.
func NewPublicKey(oid string, point []byte) (key *PublicKey, known bool, err error) {
	d, ok := domainOf(oid)
	if !ok {
		return nil, false, nil
	}
	c := &prime{name: d.name}
	for _, v := range []struct {
		to   **big.Int
		from string
	}{{&c.p, d.p}, {&c.a, d.a}, {&c.b, d.b}, {&c.gx, d.gx}, {&c.gy, d.gy}, {&c.n, d.n}} {
		n, ok := new(big.Int).SetString(v.from, 16)
		if !ok {
			return nil, true, fmt.Errorf("%w: the table of %s", ErrKey, d.name)
		}
		*v.to = n
	}
	key, err = c.read(point)
	return key, true, err
}

func (c *prime) read(point []byte) (*PublicKey, error) {
	size := (c.p.BitLen() + 7) / 8
	k := &PublicKey{curve: c}
	switch {
	case len(point) == 1+2*size && point[0] == 4:
		k.x, k.y = new(big.Int).SetBytes(point[1:1+size]), new(big.Int).SetBytes(point[1+size:])
	case len(point) == 1+size && (point[0] == 2 || point[0] == 3):
		k.x = new(big.Int).SetBytes(point[1:])
		if k.y = new(big.Int).ModSqrt(c.right(k.x), c.p); k.y == nil {
			return nil, fmt.Errorf("%w: %s", ErrKey, c.name)
		}
		if k.y.Bit(0) != uint(point[0]&1) {
			k.y.Sub(c.p, k.y)
		}
	default:
		return nil, fmt.Errorf("%w: %d bytes for %s", ErrKey, len(point), c.name)
	}
	left := new(big.Int).Mul(k.y, k.y)
	if k.x.Cmp(c.p) >= 0 || k.y.Cmp(c.p) >= 0 || left.Mod(left, c.p).Cmp(c.right(k.x)) != 0 {
		return nil, fmt.Errorf("%w: the point is not on %s", ErrKey, c.name)
	}
	return k, nil
}

// right is x³ + ax + b.
func (c *prime) right(x *big.Int) *big.Int {
	r := new(big.Int).Mul(x, x)
	r.Add(r, c.a).Mul(r, x).Add(r, c.b)
	return r.Mod(r, c.p)
}

// Name is the name of the curve.
func (k *PublicKey) Name() string { return k.curve.name }

// BitSize is the size of the curve's field in bits.
func (k *PublicKey) BitSize() int { return k.curve.p.BitLen() }

// Equal reports that two keys are the same point of the same curve.
func (k *PublicKey) Equal(other *PublicKey) bool {
	return k.curve.name == other.curve.name && k.x.Cmp(other.x) == 0 && k.y.Cmp(other.y) == 0
}

// Verify checks an ECDSA signature, SEQUENCE { r, s } in DER, over a digest
// (SEC 1, 4.1.4).
func (k *PublicKey) Verify(digest, signature []byte) bool {
	r, s := new(big.Int), new(big.Int)
	in := cryptobyte.String(signature)
	var body cryptobyte.String
	if !in.ReadASN1(&body, casn1.SEQUENCE) || !in.Empty() || !body.ReadASN1Integer(r) || !body.ReadASN1Integer(s) || !body.Empty() {
		return false
	}
	c := k.curve
	if r.Sign() <= 0 || s.Sign() <= 0 || r.Cmp(c.n) >= 0 || s.Cmp(c.n) >= 0 {
		return false
	}
	e := new(big.Int).SetBytes(digest)
	if over := len(digest)*8 - c.n.BitLen(); over > 0 {
		e.Rsh(e, uint(over))
	}
	w := new(big.Int).ModInverse(s, c.n)
	u1 := new(big.Int).Mul(e, w)
	u2 := new(big.Int).Mul(r, w)
	sum := c.sum(u1.Mod(u1, c.n), u2.Mod(u2, c.n), k)
	if sum.z.Sign() == 0 {
		return false
	}
	// x of the sum is X/Z².
	z := new(big.Int).ModInverse(sum.z, c.p)
	x := new(big.Int).Mul(sum.x, z)
	x.Mul(x, z).Mod(x, c.p)
	return x.Mod(x, c.n).Cmp(r) == 0
}

// jacobian is the point (x/z², y/z³); z = 0 is infinity.
type jacobian struct{ x, y, z *big.Int }

// sum is u1·G + u2·K, both together from the highest bit down.
func (c *prime) sum(u1, u2 *big.Int, k *PublicKey) jacobian {
	one := big.NewInt(1)
	g := jacobian{c.gx, c.gy, one}
	q := jacobian{k.x, k.y, one}
	both := c.add(g, q)
	sum := jacobian{big.NewInt(1), big.NewInt(1), new(big.Int)}
	for i := max(u1.BitLen(), u2.BitLen()) - 1; i >= 0; i-- {
		sum = c.double(sum)
		switch u1.Bit(i) | u2.Bit(i)<<1 {
		case 1:
			sum = c.add(sum, g)
		case 2:
			sum = c.add(sum, q)
		case 3:
			sum = c.add(sum, both)
		}
	}
	return sum
}

func (c *prime) mul(a, b *big.Int) *big.Int {
	r := new(big.Int).Mul(a, b)
	return r.Mod(r, c.p)
}

func (c *prime) double(u jacobian) jacobian {
	if u.z.Sign() == 0 || u.y.Sign() == 0 {
		return jacobian{big.NewInt(1), big.NewInt(1), new(big.Int)}
	}
	yy := c.mul(u.y, u.y)
	s := c.mul(u.x, yy)
	s.Lsh(s, 2)
	zz := c.mul(u.z, u.z)
	m := c.mul(u.x, u.x)
	m.Mul(m, big.NewInt(3)).Add(m, c.mul(c.a, c.mul(zz, zz)))
	x := new(big.Int).Mul(m, m)
	x.Sub(x, s).Sub(x, s).Mod(x, c.p)
	y := new(big.Int).Sub(s, x)
	y4 := c.mul(yy, yy)
	y.Mul(y, m).Sub(y, y4.Lsh(y4, 3)).Mod(y, c.p)
	z := c.mul(u.y, u.z)
	z.Lsh(z, 1).Mod(z, c.p)
	return jacobian{x, y, z}
}

func (c *prime) add(u, v jacobian) jacobian {
	if u.z.Sign() == 0 {
		return v
	}
	if v.z.Sign() == 0 {
		return u
	}
	zu, zv := c.mul(u.z, u.z), c.mul(v.z, v.z)
	u1, u2 := c.mul(u.x, zv), c.mul(v.x, zu)
	s1, s2 := c.mul(u.y, c.mul(zv, v.z)), c.mul(v.y, c.mul(zu, u.z))
	h := new(big.Int).Sub(u2, u1)
	h.Mod(h, c.p)
	r := new(big.Int).Sub(s2, s1)
	r.Mod(r, c.p)
	if h.Sign() == 0 {
		if r.Sign() == 0 {
			return c.double(u)
		}
		return jacobian{big.NewInt(1), big.NewInt(1), new(big.Int)}
	}
	hh := c.mul(h, h)
	hhh := c.mul(hh, h)
	t := c.mul(u1, hh)
	x := new(big.Int).Mul(r, r)
	x.Sub(x, hhh).Sub(x, t).Sub(x, t).Mod(x, c.p)
	y := new(big.Int).Sub(t, x)
	y.Mul(y, r).Sub(y, c.mul(s1, hhh)).Mod(y, c.p)
	return jacobian{x, y, c.mul(h, c.mul(u.z, v.z))}
}
